"""Texts and names that people typed, made harmless on their way to the model: the one place for it."""

import os
import re
import unicodedata
from pathlib import Path

MARKS = {"`": "'", "<": "‹", ">": "›", "[": "(", "]": ")"}
CELL_LENGTH = 200

PIPE = re.compile(r"(\\*)\|")
"""A pipe with the backslashes before it: for some readers those escape each other, and not the pipe."""

BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Letters and marks that show nothing. Source: Unicode, `Default_Ignorable_Code_Point`; and the empty Braille pattern.
"""

FORMATS = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
"""Characters that only format. Source: Unicode, category Cf."""

UNSEEN = rf"\s\x00-\x1f\x7f-\x9f{FORMATS}{BLANKS}"
"""Inside the brackets of a pattern: all that shows nothing, spaces among it."""

BLANK = re.compile(f"[{BLANKS}]")

EMOJI_STYLE, JOINER, NON_JOINER, KEYCAP = "\ufe0f", "\u200d", "\u200c", "\u20e3"
"""What makes a sign an emoji, what joins two signs or letters into one or keeps them apart, and what frames a digit."""

FLAG = re.compile(
    "\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
"""The flags of England, Scotland and Wales. Source: Unicode, `emoji-sequences.txt`."""

LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029\x0b\x0c\x85]")
"""Line ends but for the plain one."""


def seen(text: str, *, keeps: str = "") -> str:
    r"""A text of which nothing is invisible: what shows nothing becomes a space, but for what an emoji needs.

    `keeps` are characters that stay all the same.

    >>> seen("a\u200bb"), seen("\u2764\ufe0f") == "\u2764\ufe0f"
    ('a b', True)
    """
    if text.isprintable() and not BLANK.search(text):
        return text
    flags = {at for flag in FLAG.finditer(text) for at in range(*flag.span())}
    kept = []
    for at, (before, one, after) in enumerate(zip(f" {text}", text, f"{text[1:]} ", strict=False)):
        needed = at in flags or _needs(before, one, after)
        shown = one in keeps or needed or (one.isprintable() and not BLANK.match(one))
        kept.append(one if shown else " ")
    return "".join(kept)


def _needs(before: str, one: str, after: str) -> bool:
    """Whether what shows nothing by itself makes another sign of its neighbours."""
    if one == EMOJI_STYLE:
        return _is_sign(before) or (before in "0123456789#*" and after == KEYCAP)
    if one == JOINER and (_is_sign(before) or before == EMOJI_STYLE):
        return _is_sign(after)
    return one in (JOINER, NON_JOINER) and _is_joined(before) and _is_joined(after)


def _is_sign(letter: str) -> bool:
    return unicodedata.category(letter) == "So" or "\U0001f3fb" <= letter <= "\U0001f3ff"


def _is_joined(letter: str) -> bool:
    """Whether a letter or mark is of a script that joins its letters, from Arabic to the scripts of India."""
    return "\u0600" <= letter <= "\u0dff" and unicodedata.category(letter)[0] in "LM"


def line(text: str, length: int = CELL_LENGTH) -> str:
    r"""What people typed, as one line: control, bidirectional and other invisible characters become spaces.

    Cut with a mark where it is longer than `length`.

    >>> line("a\x1b\n  b"), line("abcdef", 4)
    ('a b', 'abc…')
    """
    flat = " ".join(seen(text).split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def cell(text: str, length: int = CELL_LENGTH) -> str:
    r"""What people typed, as data in one place: one `line`, without what Markdown or a terminal would act upon.

    >>> print(cell("a | b\n```"))
    a \| b '''
    """
    shown = "".join(MARKS.get(c, c) for c in line(text, length))
    return PIPE.sub(lambda pipe: rf"{pipe[1]}{pipe[1]}\|", shown)


def whole(text: str) -> str:
    r"""A text of several lines to the letter; every line end is a plain one, and what is invisible is a space.

    >>> whole("a\r\nb\u200bc")
    'a\nb c'
    """
    return seen(LINE_ENDS.sub("\n", text), keeps="\n\t")


def shows_all_of(text: str) -> bool:
    r"""Whether a text is stored as it is shown when `whole`: sent back, it would be the same.

    >>> shows_all_of("a\nb"), shows_all_of("a\r\nb")
    (True, False)
    """
    return whole(text) == text


def fenced(text: str) -> str:
    r"""A `whole` text in a fence that it cannot end.

    >>> print(fenced("a\nb"))
    ```text
    a
    b
    ```
    """
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{fence}text\n{whole(text)}\n{fence}"


def lines_of(text: str) -> str:
    r"""What people pasted, as data of several lines: nothing invisible, and no fence that could end the one around it.

    >>> print(lines_of("a\x07\n```\nb"))
    a
    '''
    b
    """
    kept = seen(text.replace("\r\n", "\n").replace("\t", "    "), keeps="\n")
    return kept.replace("`", "'").strip()


def readable(path: Path) -> str:
    """A path as text that can be sent: where the system's code page is small, Python has half characters in it."""
    return os.fsencode(path).decode(errors="replace")


def quoted(value: object) -> str:
    """What was said, as an error repeats it: in quotes, at most 60 characters of a cell.

    >>> quoted("a  b"), quoted(7)
    ("'a b'", "'7'")
    """
    return f"'{cell(str(value), 60)}'"


def repeatable(value: object) -> object:
    """A value as a call may offer it again: plain, harmless to show, and not as Markdown.

    >>> repeatable("a | `b`"), repeatable([1, "two"])
    ("a | 'b'", [1, 'two'])
    """
    if isinstance(value, int | float):
        return value
    if isinstance(value, list):
        return [repeatable(one) for one in value[:10]]
    return line(str(value), 60).replace("`", "'")


def spelled_out(**arguments: object) -> str:
    """Arguments as a model writes them.

    >>> spelled_out(project="2003", limit=10)
    "project='2003', limit=10"
    """
    return ", ".join(f"{name}={repeatable(value)!r}" for name, value in arguments.items())
