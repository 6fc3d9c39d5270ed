"""How tools, prompts and resources meet MCP."""
