"""Writing exactly once: commands, the writer, its journal, batches, undo. No MCP, no words for the model."""
