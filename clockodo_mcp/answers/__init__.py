"""Words for the model: rows, tables, one receipt for every write, refusals. Nothing else writes them."""
