"""Texts and names that people typed, made harmless on their way to the model: the one place for it."""

MARKS = {"|": "\\|", "`": "'", "<": "‹", ">": "›", "[": "(", "]": ")"}
CELL_LENGTH = 200


def cell(text: str) -> str:
    r"""What people typed, as data in one place: one line, nothing that Markdown or a terminal would act upon.

    Control, bidirectional and other invisible characters become spaces, and long texts are cut with a mark.

    >>> print(cell("a | b\n```"))
    a \| b '''
    """
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    flat = flat if len(flat) <= CELL_LENGTH else flat[: CELL_LENGTH - 1] + "…"
    return "".join(MARKS.get(c, c) for c in flat)


def lines_of(text: str) -> str:
    r"""What people pasted, as data of several lines: nothing invisible, and no fence that could end the one around it.

    >>> print(lines_of("a\x07\n```\nb"))
    a
    '''
    b
    """
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in text.replace("\r\n", "\n").replace("\t", "    "))
    return kept.replace("`", "'").strip()
