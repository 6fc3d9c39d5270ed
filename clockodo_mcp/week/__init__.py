"""The page of a week: one HTML document made of the readable parts beside it, and of a vendored calendar."""

import re
from functools import cache
from importlib.resources import files

URI = "ui://clockodo/week"
"""Where hosts read the page."""

PART = re.compile(r"\{\{([\w./-]+)\}\}")

SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
"""A file that is not vendored, and that a browser's tools would look for."""


@cache
def document() -> str:
    """The whole document: styles and scripts inline, nothing loaded from elsewhere."""
    return PART.sub(lambda part: SOURCE_MAP.sub("", _part(part[1])), _part("document.html"))


@cache
def browser() -> str:
    """The frame in which a plain browser shows the document: a host that is only that."""
    return _part("browser.html")


def _part(path: str) -> str:
    return files(__package__).joinpath(path).read_text(encoding="utf-8")
