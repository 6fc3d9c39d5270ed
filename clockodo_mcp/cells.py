"""Texts and names that people typed, made harmless on their way to the model: the one place for it."""

MARKS = {"|": "\\|", "`": "'", "<": "‹", ">": "›", "[": "(", "]": ")"}
CELL_LENGTH = 200


def line(text: str, length: int = CELL_LENGTH) -> str:
    r"""What people typed, as one line: control, bidirectional and other invisible characters become spaces.

    Cut with a mark where it is longer than `length`.

    >>> line("a\x1b\n  b"), line("abcdef", 4)
    ('a b', 'abc…')
    """
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def cell(text: str, length: int = CELL_LENGTH) -> str:
    r"""What people typed, as data in one place: one `line`, without what Markdown or a terminal would act upon.

    >>> print(cell("a | b\n```"))
    a \| b '''
    """
    return "".join(MARKS.get(c, c) for c in line(text, length))


def lines_of(text: str) -> str:
    r"""What people pasted, as data of several lines: nothing invisible, and no fence that could end the one around it.

    >>> print(lines_of("a\x07\n```\nb"))
    a
    '''
    b
    """
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in text.replace("\r\n", "\n").replace("\t", "    "))
    return kept.replace("`", "'").strip()


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
