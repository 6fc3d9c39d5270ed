"""Words into ids and moments. No MCP, no words for the model."""
