"""Words as they are compared: without case, accents, punctuation; and how far one may be from another.

Apart from `names`, which knows objects: here are only texts.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

K = TypeVar("K")

LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
"""Letters that Unicode does not take apart into a base and an accent."""

JOINERS = {"und", "and", "et", "u"}
"""Words that stand for `&`."""

LEGAL_FORMS = {"gmbh", "mbh", "ag", "kg", "eg", "ug", "ek", "ev", "co", "inc", "ltd", "llc"}
"""Words that many companies share, and that mean none of them."""

UMLAUT = re.compile("(?<=[aou])e")
"""The `e` of `ae`, `oe`, `ue`: dropped on both sides, so that `Müller`, `Mueller` and `Muller` are near each other."""

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

WRAPS = {
    "'": "'",
    '"': '"',
    "`": "`",
    "<": ">",
    "[": "]",
    "(": ")",
    "„": "“",
    "“": "”",
    "‚": "‘",
    "‘": "’",
    "»": "«",
    "«": "»",
}
"""What people and models put around a value."""

LAST_SIGN = re.compile(r"\w[-+#*/!?]$")
"""A sign that ends a name, such as `O2+`."""

SIGNS = re.compile(r"(?<!\w)\.(?=\w)|(?<=[^\W\d_])#+|\++(?!\w)")
"""Signs that are a part of a name: `.NET`, `C#`, `C++`."""

JOINS = re.compile(r"&|(?<!\w)(?:und|and|et|u)(?!\w)")
WEAK = re.compile(r"(?<=\w)[-/.:*](?=\w)")
"""What joins two parts of a word, and where it stands in place of another sign makes another name: `1-1`, `1+1`."""

PLUS_THAT_JOINS = re.compile(r"(?<=[^\W\d_]{3})\+(?=[^\W\d_]{3})")
"""Between whole words: `Müller+Söhne`, and not `R+D`."""

LONE_SIGN = re.compile(r"(?:^|(?<=\s))[+#*]|[+#*](?=\s|$)")
"""A sign that joins nothing."""

APART = "\x1f"
"""What keeps digits apart that have something between them: `3.11` is not `31.1`."""

BETWEEN_DIGITS = re.compile(r"(?<=\d)[^\w+#]+(?=\d)")
POINTS = re.compile(r"(?<=\d)[.,:]+(?=\d)")
"""What makes other numbers of digits also in a number, where spaces and strokes do not."""

PART = re.compile(r"[^\W_]+")

GROUPS = re.compile(r"\d[-/]+\d")
"""A number whose groups are said."""

OF = re.compile(r"\s*›\s*")
"""What stands in our labels between something and what it belongs to."""

OTHER = re.compile(r"(?:[^\w+#]|_|[+#]+(?=\w))+")
"""What stands between words. A plus and a hash behind a word are its own: `C++`, `C#`, `O2+`."""

DIGITS = re.compile(r"\d{1,15}", re.ASCII)
"""An id, or a number, or a name; no longer than what JSON carries without loss."""

ID = re.compile(r"(?:#|id\b[ :=#]*) ?(\d{1,15})", re.IGNORECASE | re.ASCII)
"""An id that says that it is one."""

LABEL = re.compile(r"(.*\S) ?\(id (\d{1,15})(?:, number .*?)?(?:, \w+)*\)", re.IGNORECASE | re.ASCII | re.DOTALL)
"""A label of ours: what something is called, perhaps with what it belongs to, its id, its number and its state."""

PLACEHOLDERS = {
    "na",
    "none",
    "null",
    "nil",
    "tbd",
    "tba",
    "todo",
    "unknown",
    "unbekannt",
    "kein",
    "keine",
    "keiner",
    "keins",
    "ka",
    "keineangabe",
    "nichts",
    "nothing",
    "no",
    "nix",
    "ohne",
    "without",
    "undefined",
    "nan",
    "empty",
    "leer",
    "void",
    "default",
    "any",
    "anything",
    "other",
    "all",
    "alle",
    "true",
    "false",
    "not",
    "some",
    "misc",
    "egal",
    "beliebig",
    "andere",
    "anderes",
    "another",
    "whatever",
}
"""What people, and programs, write where they mean nothing. Only what is called exactly so is meant by it."""

KINDS = {"customer", "client", "kunde", "project", "projekt", "subproject", "service", "leistung", "user"}
"""Words of a kind of object: `no project`, `kein Kunde`."""

LONG = 8
"""Letters from which on two may be wrong, and a wrong one leaves no doubt."""


def spaced(text: str) -> str:
    """A text with nothing but its spacing made equal."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def plain(text: str) -> str:
    """A text with nothing but case and spacing made equal."""
    return spaced(text).casefold()


def squeezed(number: str) -> str:
    """A number without spaces and signs: `P-7`, `p 7` and `P7` are one.

    >>> squeezed("P-7")
    'p7'
    """
    apart = POINTS.sub(APART, plain(number))
    return "".join(letter for letter in apart if letter.isalnum() or letter in f"+#{APART}")


def signs_of(text: str) -> set[str]:
    """The signs of a text that may be a part of a name; words that join count as `&`.

    >>> sorted(signs_of("R&D @Net 5 %")), signs_of("H und K"), signs_of("Müller-Lüdenscheidt GmbH.")
    (['%', '&', '@'], {'&'}, set())
    """
    flat = unicodedata.normalize("NFKC", plain(text))
    found = {
        one for one in flat if one in "#%@&*^§" or (unicodedata.category(one) in ("Sm", "Sc", "So") and one != "|")
    }
    return found | ({"&"} if JOINS.search(flat) else set())


def has_other_signs(word: str, name: str) -> bool:
    """Whether a word has signs that a name has not, or other ones in their place.

    >>> has_other_signs("1-1", "1+1"), has_other_signs("Net$", "Net"), has_other_signs("Bestell-App", "Bestell App")
    (True, True, False)
    """
    said, there = signs_of(PLUS_THAT_JOINS.sub("&", word)), signs_of(name)
    # Whole names may be written with or without what joins them; letters may not: `H&K`, `H/K`.
    parts = [one for one in PART.findall(plain(word)) if one not in JOINERS]
    joins = {"&"} if not there and not letters_only(tuple(parts[:2])) else set()
    if said - there - joins:
        return True
    others = {*WEAK.findall(plain(word))} - {*WEAK.findall(plain(name))}
    if all(one.isalpha() for one in parts):
        others -= {"."}  # initials: `B.M.S.`
    is_of_signs = there - {"&"} or (there and letters_only(tuple(parts)))
    return bool(others and is_of_signs and not said)


def with_its_signs(name: str) -> str:
    """A name whose plus or hash stands beside its word: `Wartung +` is `Wartung+`."""
    return re.sub(r"\s*([+#]+)\s*", r"\1", plain(name))


def groups_alike(word: str, number: str) -> bool:
    """Whether a number's digits are grouped as a word groups them, if it does.

    >>> groups_alike("RE-20260-011", "RE-2026-0011"), groups_alike("RE20260011", "RE-2026-0011")
    (False, True)
    """
    return not GROUPS.search(word) or PART.findall(plain(word)) == PART.findall(plain(number))


def joined(words: Iterable[str]) -> str:
    """Words without the spaces between them; digits that stood apart stay so.

    >>> joined(("bestell", "app")), joined(("version", "1", "2")) == joined(("version", "12"))
    ('bestellapp', False)
    """
    return BETWEEN_DIGITS.sub(APART, " ".join(words)).replace(" ", "")


def goes_on(word: str, whole: str) -> bool:
    """Whether a text begins with a word, whose last number is whole: `Haus 1` does not begin `Haus 12`."""
    return whole.startswith(word) and not (word[-1:].isdigit() and whole[len(word) : len(word) + 1].isdigit())


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared.

    >>> words_of("Bäckerei Müller & Söhne"), words_of("baeckerei MUELLER und Soehne")
    (('backerei', 'muller', 'sohne'), ('backerei', 'muller', 'sohne'))
    """
    return _words(text.casefold(), UMLAUT)


def _words(flat: str, dropped: "re.Pattern[str] | None" = None) -> tuple[str, ...]:
    if not flat.isascii():
        apart = unicodedata.normalize("NFKD", flat.translate(LETTERS))
        flat = "".join(letter for letter in apart if not unicodedata.combining(letter))
    bare = OTHER.sub(" ", flat)
    words = [word for word in (dropped.sub("", bare) if dropped else bare).split() if word.strip("+#")]
    return tuple(word for word in words if word not in JOINERS) or tuple(words)


def unwrapped(text: str) -> str:
    """A text without quotes or brackets around all of it.

    >>> unwrapped("'<#8000>'"), unwrapped("Anlage (alt)")
    ('#8000', 'Anlage (alt)')
    """
    bare = text.strip()
    while len(bare) > 2 and WRAPS.get(bare[0]) == bare[-1] and _is_around_all(bare):
        bare = bare[1:-1].strip()
    return bare


def _is_around_all(text: str) -> bool:
    """Whether the bracket that a text begins with ends at its end: not in `(Intern) Website (alt)`."""
    begin, end = text[0], text[-1]
    if begin == end:
        return True
    depth = 0
    for letter in text[:-1]:
        depth += (letter == begin) - (letter == end)
        if depth == 0:
            return False
    return True


def digits_in(word: str) -> str:
    """The digits of a word that may be an id, a number, and a name; empty where it has anything else but signs.

    >>> digits_in("8000"), digits_in("'8 000.'"), digits_in("K-8000"), digits_in("#8000")
    ('8000', '8000', '', '')
    """
    bare = squeezed("".join(unwrapped(word).split()))
    return bare if DIGITS.fullmatch(bare) else ""


def id_in(word: str) -> tuple[int, str] | None:
    """The id that a word says to be one, with the label beside it where it has one; None for anything else.

    >>> id_in("#1003"), id_in("Acme GmbH › Wartung (id 2002)"), id_in("1003")
    ((1003, ''), (2002, 'Acme GmbH › Wartung'), None)
    """
    text = unwrapped(word)
    if match := ID.fullmatch(text):
        return int(match[1]), ""
    if match := LABEL.fullmatch(text):
        return int(match[2]), match[1]
    return None


def id_perhaps(word: str) -> int | None:
    """The id that a word says to be one, or whose digits may be one.

    >>> id_perhaps("#1003"), id_perhaps("1003"), id_perhaps("Acme 3")
    (1003, 1003, None)
    """
    given, digits = id_in(word), digits_in(word)
    return given[0] if given else int(digits) if digits else None


def ends_of(label: str) -> list[str]:
    """What a label may name: all of it, or what comes after what it belongs to; the shortest last.

    >>> ends_of("Acme › Nord › Wartung")
    ['Acme › Nord › Wartung', 'Nord › Wartung', 'Wartung']
    """
    parts = [part.strip() for part in label.split("›")]
    return [" › ".join(parts[at:]) for at in range(len(parts))]


def spellings(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of a text with umlauts as bare letters, and as two; nothing is dropped.

    >>> spellings("Müller"), spellings("Bauer")
    ((('muller',), ('mueller',)), (('bauer',), ('bauer',)))
    """
    return _words(text.casefold()), _words(unicodedata.normalize("NFC", text).casefold().translate(UMLAUTS))


def letters_only(words: tuple[str, ...]) -> bool:
    """Whether words are single letters, as initials are."""
    return all(len(word) == 1 for word in words)


def says_little(words: tuple[str, ...]) -> bool:
    """Whether words are scraps, which many names share: a single letter, joiners, legal forms, placeholders.

    >>> says_little(("gmbh",)), says_little(("a", "gmbh")), says_little(("b", "m", "s")), says_little(("n", "a"))
    (True, True, False, True)
    """
    squeezed = "".join(words)
    nothing = "".join(word for word in words if word not in KINDS)
    own = [word for word in words if word not in JOINERS | LEGAL_FORMS]
    return (
        len(squeezed) < 2
        or squeezed in LEGAL_FORMS
        or nothing in PLACEHOLDERS
        or not own
        or (len(own) == 1 < len(words) and len(own[0]) == 1)
    )


def by_length(texts: Iterable[tuple[K, str]]) -> dict[int, dict[K, str]]:
    """Texts by their length, each under its key: a slip changes a length by one letter at most."""
    found: dict[int, dict[K, str]] = defaultdict(dict)
    for key, text in texts:
        found[len(text)][key] = text
    return dict(found)


def alike(word: str, among: dict[int, dict[K, str]]) -> Iterator[K]:
    """The keys of the texts that differ from a word by no more than its `slips`."""
    allowed = slips(word)
    if not allowed:
        return
    for length in range(len(word) - allowed, len(word) + allowed + 1):
        texts = among.get(length, {})
        for _, _, key in process.extract(word, texts, scorer=OSA.distance, score_cutoff=allowed, limit=None):
            yield key


def begin(words: Iterable[str], of: tuple[str, ...]) -> bool:
    """Whether every word begins a word of a name, each another one."""
    left = list(of)
    for word in sorted(words, key=len, reverse=True):
        begun = next((one for one in left if goes_on(word, one)), None)
        if begun is None:
            return False
        left.remove(begun)
    return True


def slips(word: str) -> int:
    """How many letters may be wrong: one from four letters on, two from eight on; none where there are digits."""
    return 0 if len(word) < 4 or has_digit(word) else 1 if len(word) < LONG else 2


def has_digit(word: str) -> bool:
    """Whether a word has a digit: `2024` is no slip of `2025`."""
    return any(letter.isdigit() for letter in word)


def surely(word: str, meant: str) -> bool:
    """Whether a slip of the pen turned `meant` into `word`, and not another name: it keeps the first letter, and a
    short word has a letter too many or too few, or two that swapped places, but none replaced.

    >>> surely("relanch", "relaunch"), surely("moller", "muller"), surely("logistik", "logistics")
    (True, False, True)
    """
    replaced = len(word) == len(meant) and sorted(word) != sorted(meant)
    return word[0] == meant[0] and (len(word) >= LONG or not replaced)
