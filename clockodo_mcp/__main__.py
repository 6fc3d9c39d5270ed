"""`python -m clockodo_mcp` is the same as the `clockodo-mcp` command."""

from clockodo_mcp.cli import main

main()
