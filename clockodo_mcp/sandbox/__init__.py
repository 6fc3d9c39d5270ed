"""A small Clockodo of our own, for trying things without an account and for tests.

It stands apart: it imports nothing from the rest of the package, so that a mistake of the client cannot hide in it.
"""

from clockodo_mcp.sandbox.app import create_app
from clockodo_mcp.sandbox.seed import fill
from clockodo_mcp.sandbox.store import Store

__all__ = ["Store", "create_app", "fill"]
