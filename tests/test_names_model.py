"""Names from a grammar, not from memory, against a slow and obvious model: nothing wrong is taken without a question.

Names are numbers, others' ids, umlauts beside their spellings, signs, single letters, duplicates, legal forms, prefixes
of each other, emoji, other scripts; words are names, parts of them, slips, spellings, placeholders.
"""

import random
import re
import unicodedata

import pytest

from clockodo_mcp.api.models import Named
from clockodo_mcp.domain.names import Fit, Match, Names

FIRST = """
Acme Kohler Köhler Koehler C C++ C# O2 O2+ 2026 1003 777 Hotel Müller Mueller Muller Schmidt Schmitt Schmitz Süd Sud
Sund Süden Ost West N H Bauer Baur Möller Müllerei #77 #1003 IT It Groß Gross Neu
Version1.2 Nr.3.11 Haus1 Haus12 O2 Wartung+
Relaunch Wartung Wart Café Straße Strasse 日本 株式会社 Ремонт 🙂 🙂🙂 Ångström İstanbul A B Neue Nord
"""
SECOND = "|||GmbH|AG|Holding|Website|2024|2025|Anlage|K|Anlagen|(alt)|& Söhne|und Söhne"
PLACEHOLDERS = ["N/A", "n.a.", "na", "none", "TBD", "null", "-", "?", "keine", "unbekannt", ""]


def catalogue(chance: random.Random) -> list[Named]:
    items = []
    for id in chance.sample([*range(1, 30), 777, 1003, 2024, 2026], chance.randint(1, 9)):
        name = f"{chance.choice(FIRST.split())} {chance.choice(SECOND.split('|'))}".strip()
        number = chance.choice([None, None, str(chance.randint(1, 40)), "2026", "K-7", name])
        items.append(Named(id=id, name=name, number=number, active=chance.random() < 0.8))
    return items


def word_for(items: list[Named], chance: random.Random) -> str:
    """A name, a part of it, a slip of it, another spelling, a number, an id, a label, a placeholder, or anything."""
    one = chance.choice(items)
    name, letters = one.name, list(one.name)
    at = chance.randrange(len(letters))
    return chance.choice(
        [
            name, name.upper(), name.lower(), name[: at + 1], name.split()[-1], " ".join(reversed(name.split())),
            "".join(letters[:at] + letters[at + 1 :]), "".join([*letters[:at], "x", *letters[at:]]),
            "".join([*letters[:at], *reversed(letters[at : at + 2]), *letters[at + 2 :]]),
            name.replace("ö", "oe").replace("ü", "ue").replace("ß", "ss"), unicodedata.normalize("NFD", name),
            "".join(part[0] for part in name.split()), ".".join(part[0] for part in name.split()) + ".",
            str(one.id), one.number or name, f"#{one.id}", f"{name} (id {one.id})", f"Other › {name} (id {one.id})",
            f"'{one.id}'", f"<#{one.id}>", f"'{name}'", f"{one.id}.", " ".join(str(one.id)), f"{one.number or one.id}.",
            f"{name} (id {chance.choice(items).id})",
            chance.choice(PLACEHOLDERS), f"{chance.choice(FIRST.split())} {chance.choice(SECOND.split('|'))}".strip(),
        ]
    )  # fmt: skip


def letter_for_letter(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def called(items: list[Named], said: str) -> list[Named]:
    """What has exactly this name or number: by case, else without; `ß` is `ss` only where nothing else fits."""
    for same in (str, str.lower, str.casefold):
        found = [
            one
            for one in items
            if said and same(letter_for_letter(said)) in map(same, map(letter_for_letter, (one.name, one.number or "")))
        ]
        if found:
            return found
    return []


def bare(said: str) -> str:
    """Without quotes or brackets around it."""
    while len(said) > 2 and said[0] + said[-1] in ("''", "<>", "()"):
        said = said[1:-1].strip()
    return said


def folded(text: str) -> list[str]:
    """Words without case, accents and legal signs, an `e` behind a vowel dropped; a plus or hash at their end stays."""
    flat = "".join(
        one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one)
    ).replace("ı", "i")
    for vowel in "aou":
        flat = flat.replace(f"{vowel}e", vowel)
    words = re.findall(r"[^\W_]+[+#]*(?![^\W_])|[^\W_]+", flat)
    return [word for word in words if word not in ("und", "and", "et", "u")]


def numbers_in(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def a_slip(said: str, name: str) -> bool:
    """Whether a letter was left out, added or replaced, in names of four letters and more."""
    one, other = "".join(folded(said)), "".join(folded(name))
    if (
        one == other
        or len(folded(said)) != len(folded(name))
        or min(len(one), len(other)) < 4
        or any(letter.isdigit() for letter in one + other)
    ):
        return False
    short, long = sorted((one, other), key=len)
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[at:] == long[at + 1 :] or (len(short) == len(long) and short[at + 1 :] == long[at + 1 :])


def says_all(said: str, name: str) -> bool:
    """Whether each word is a whole one of the name."""
    return set(folded(said)) <= set(folded(name))


def taken(match: Match[Named]) -> Named | None:
    """What is taken without a question."""
    return match.items[0] if len(match.items) == 1 and match.fit is not Fit.DOUBTED else None


def wrong(items: list[Named], word: str, match: Match[Named]) -> str:  # noqa: PLR0912 - a rule each
    """What is wrong with a match by the obvious rules; empty where nothing is."""
    said, one = word.strip(), taken(match)
    exact = called(items, said)
    said = said if exact else bare(said)
    exact = exact or called(items, said)
    digits = re.sub(r"[^\w+#]", "", said)
    digits = digits if digits.isascii() and digits.isdigit() and not re.search(r"\d[.,:]+\d", said) else ""
    if digits and not exact:
        exact = [item for item in items if re.sub(r"[^\w+#]", "", item.number or "") == digits]
    ids = {digits} if digits and not digits.startswith("0") else set()
    ids |= {said[1:]} if exact and re.fullmatch(r"#\d+", said) else set()
    means = exact + [item for item in items if str(item.id) in ids and item not in exact]
    if means:
        usable = means if ids else [item for item in means if not item.closed] or means
        if {item.id for item in match.items} != {item.id for item in usable}:
            return f"means {[item.id for item in usable]}"
        return ""
    if one is None:
        return ""
    if one.number and re.sub(r"[^\w+#]", "", one.number).casefold() == re.sub(r"[^\w+#]", "", said).casefold():
        return ""
    if said.casefold() in {sign.casefold() for sign in PLACEHOLDERS} or not said:
        return "a placeholder means nothing"
    if explicit := re.fullmatch(r"(?:#|(.*) \(id )(\d+)\)?", said):
        if one.id != int(explicit[2]):
            return "another id was said"
        label = (explicit[1] or "").split(" › ")[-1]
        return "the label is another's" if label and folded(one.name) != folded(label) else ""
    same = [item for item in items if folded(item.name) == folded(said) and folded(said)]
    usable = [item for item in same if not item.closed] or same
    if usable and one not in usable:
        return f"has the words of {[item.id for item in usable]}"
    if usable and len(usable) > 1:
        return "has the words of several"
    letters = folded(said)
    joined = "".join(one.name.split()).casefold() == "".join(said.split()).casefold()
    if len(letters) > 1 and all(len(part) == 1 and part.isalpha() for part in letters) and not usable and not joined:
        initials = [item for item in items if [part[0] for part in folded(item.name)] == folded(said)]
        if one not in initials or not match.deserves_a_note:
            return "letters are initials only, and said"
    if not usable and said[-1:] in "+#-" and said[-1:] not in one.name and not match.deserves_a_note:
        return "a sign that the name has not is not said"
    if numbers_in(said) and one.id != int(numbers_in(said)[0]) and not {*numbers_in(said)} <= {*numbers_in(one.name)}:
        return "its numbers are others"
    others = [item for item in items if item is not one and not item.closed and a_slip(said, item.name)]
    if others and not usable and not joined and not match.deserves_a_note and not says_all(said, one.name):
        return f"is a slip of {[item.id for item in others]}, and only begins this one"
    if match.misread and not match.deserves_a_note:
        return "a slip is not said"
    return ""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "pairs" in metafunc.fixturenames:
        seeds = range(2, 7) if metafunc.config.getoption("thorough") else range(2, 3)
        more = [pytest.param(seed, 10_000, marks=pytest.mark.slow) for seed in seeds]
        metafunc.parametrize(("seed", "pairs"), [(1, 2_000), *more])


def test_no_wrong_object_is_taken_without_a_question(seed: int, pairs: int) -> None:
    chance, checked = random.Random(seed), 0
    while checked < pairs:
        items = catalogue(chance)
        names = Names(items)
        for _ in range(25):
            word = word_for(items, chance)
            match = names.matches(word)
            why = wrong(items, word, match)
            listed = [(one.id, one.name, one.number, one.active) for one in items]
            assert not why, f"{word!r} in {listed}: {match.fit!r} {[one.id for one in match.items]}, {why}"
            checked += 1
