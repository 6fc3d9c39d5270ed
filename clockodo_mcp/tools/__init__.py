"""What the model sees: one module per family of tools, their arguments and their answers."""
