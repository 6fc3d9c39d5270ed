"""Numbers as people write them: with a point or a comma, and with signs between thousands."""

import re

DECIMAL = re.compile(r"(\d{1,15})(?:([.,])(\d{1,6}))?")
THOUSANDS = re.compile(r"(\d{1,3}(?:([.,' ’])\d{3})(?:\2\d{3})*)(?:([.,])(\d{1,6}))?")


def parse_amount(text: str) -> float:
    """A number that is not negative.

    Raises:
        ValueError: not a number, or one that has two readings; with what to write instead.

    >>> [parse_amount(text) for text in ("1234,50", "1.234,50", "1,234.50", "1.5", "0,125", "12'000", "1.234.567")]
    [1234.5, 1234.5, 1234.5, 1.5, 0.125, 12000.0, 1234567.0]
    """
    plain = text.strip()
    grouped = THOUSANDS.fullmatch(plain)
    if grouped and grouped[3] != grouped[2]:
        whole = re.sub(r"\D", "", grouped[1])
        if grouped[3] or grouped[2] not in (".", ",") or plain.count(grouped[2]) > 1:
            return float(f"{whole}.{grouped[4] or 0}")
        if not plain.startswith("0"):
            raise ValueError(f"may be {whole} or {plain.replace(',', '.')}0; write it in one of these ways.")
    if match := DECIMAL.fullmatch(plain):
        return float(f"{match[1]}.{match[3] or 0}")
    raise ValueError("must be a number such as 1234.50.")
