"""The `clockodo-mcp` command, also as `python -m clockodo_mcp`."""

import gc

gc.disable()  # until everything is loaded: `garbage` says why

from clockodo_mcp.cli import main  # noqa: E402 - after the line above, or it would be in vain
from clockodo_mcp.garbage import settle  # noqa: E402 - as above


def start() -> None:
    """Run the command line."""
    settle()
    main()


if __name__ == "__main__":
    start()
