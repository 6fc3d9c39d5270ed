"""Which objects a word means: names, parts of names, numbers and slips of the pen.

A word is compared without case, accents, punctuation and word order, and `ae`, `oe`, `ue` count as `ä`, `ö`, `ü`.
The closest kind of match decides (`Fit`), then what is open before what is closed. What is left may be several: to
choose among them is not ours. Everything here is pure; a list of objects is indexed once, in `Names`.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import takewhile
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from clockodo_mcp.api.models import Named
from clockodo_mcp.domain.cells import cell
from clockodo_mcp.domain.errors import call_again, shown
from clockodo_mcp.errors import ClockodoMcpError

N = TypeVar("N", bound=Named)
K = TypeVar("K")

SHOWN = 10
"""How many choices are listed at most."""

PART_FROM = 3
"""Letters that a part from the middle of a name has at least."""

NEAREST_FROM = 55.0
"""How similar, of 100, a name is that an error offers as the nearest."""

LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
"""Letters that Unicode does not take apart into a base and an accent."""

JOINERS = {"und", "and", "et", "u"}
"""Words that stand for `&`."""

UMLAUT = re.compile("(?<=[aou])e")
"""The `e` of `ae`, `oe`, `ue`: dropped on both sides, so that `Müller`, `Mueller` and `Muller` are one."""


OTHER = re.compile(r"[\W_]+")
"""What stands between words."""


class Fit(IntEnum):
    """How a word fits a name; the smaller the closer."""

    EXACT = 0
    SAME_WORDS = 1
    BEGINS = 2
    WORDS_BEGIN = 3
    PART = 4
    WITH_OWNER = 5
    INITIALS = 6
    TYPO = 7


@dataclass(frozen=True)
class Match(Generic[N]):
    """What fits a word best, best first, all of them alike in kind; `fit` is None where nothing does."""

    items: list[N]
    fit: Fit | None


def plain(text: str) -> str:
    """A text with nothing but case and spacing made equal."""
    return " ".join(text.split()).casefold()


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared.

    >>> words_of("Bäckerei Müller & Söhne"), words_of("baeckerei MUELLER und Soehne")
    (('backerei', 'muller', 'sohne'), ('backerei', 'muller', 'sohne'))
    """
    flat = text.casefold()
    if not flat.isascii():
        apart = unicodedata.normalize("NFKD", flat.translate(LETTERS))
        flat = "".join(letter for letter in apart if not unicodedata.combining(letter))
    words = UMLAUT.sub("", OTHER.sub(" ", flat)).split()
    return tuple(word for word in words if word not in JOINERS) or tuple(words)


class Names(Generic[N]):
    """A list of objects, ready for words to be looked up in.

    `owner` gives the name of what an object belongs to (a project's customer), so that `Acme Relaunch` finds the
    project Relaunch Website of Acme GmbH.
    """

    def __init__(self, items: Sequence[N], owner: Callable[[N], str] = lambda _: "") -> None:
        self.items = items
        self._ids = {item.id: item for item in items}
        self._words = [words_of(item.name) for item in items]
        self._squeezed = ["".join(words) for words in self._words]
        self._texts = [" ".join(words) for words in self._words]
        self._owners = self._words_of_owners(owner)
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._initials: dict[str, set[int]] = defaultdict(set)
        self._by_word: dict[str, set[int]] = defaultdict(set)
        self._by_owner: dict[str, set[int]] = defaultdict(set)
        for row, item in enumerate(items):
            self._exact[plain(item.name)].add(row)
            if item.number:
                self._exact["".join(words_of(item.number))].add(row)
            if len(self._words[row]) > 1:
                self._initials["".join(word[0] for word in self._words[row])].add(row)
            for word in self._words[row]:
                self._by_word[word].add(row)
            for word in self._owners[row]:
                self._by_owner[word].add(row)
        self._vocabulary = sorted(self._by_word.keys() | self._by_owner.keys())
        self._whole = by_length(enumerate(self._squeezed))
        self._words_by_length = by_length((word, word) for word in self._vocabulary)

    def _words_of_owners(self, owner: Callable[[N], str]) -> list[tuple[str, ...]]:
        known: dict[str, tuple[str, ...]] = {}
        for name in map(owner, self.items):
            if name not in known:
                known[name] = words_of(name)
        return [known[owner(item)] for item in self.items]

    def by_id(self, id: int) -> N | None:
        """The object with this id."""
        return self._ids.get(id)

    def matches(self, word: str, among: Callable[[N], bool] | None = None) -> Match[N]:
        """The objects that a word fits best: by name, number or part of a name, with its owner, or with typos.

        `among` limits what is looked at.

        >>> names = Names([Named(id=1, name="Relaunch Website"), Named(id=2, name="Wartung")])
        >>> [one.name for one in names.matches("relanch").items]
        ['Relaunch Website']
        """
        words = words_of(word)
        if not words:
            return Match([], None)
        for look in (self._by_name, self._with_owner, self._with_typos):
            found = look(word, words)
            if among is not None:
                found = {row: fit for row, fit in found.items() if among(self.items[row])}
            if found:
                return self._best(found)
        return Match([], None)

    def search(self, word: str, among: Callable[[N], bool] | None = None) -> list[tuple[Fit | None, N]]:
        """Everything that a word fits, closest first; all for an empty word; what is near (None) where nothing fits."""
        allowed = among or (lambda _: True)
        words = words_of(word)
        if not words:
            return [(Fit.BEGINS, item) for item in self.items if allowed(item)]
        found = self._with_owner(word, words) | self._by_name(word, words)
        found = {row: fit for row, fit in found.items() if allowed(self.items[row])}
        if not found:
            found = {row: fit for row, fit in self._with_typos(word, words).items() if allowed(self.items[row])}
        if found:
            return [(found[row], self.items[row]) for row in sorted(found, key=lambda row: (found[row], row))]
        return [(None, item) for item in self.nearest(word, among)]

    def nearest(self, word: str, among: Callable[[N], bool] | None = None, limit: int = SHOWN) -> list[N]:
        """The objects whose names are the most similar to a word that fits none of them, most similar first."""
        near = process.extract(
            " ".join(words_of(word)),
            self._texts,
            scorer=fuzz.token_set_ratio,
            score_cutoff=NEAREST_FROM,
            limit=None if among else limit,
        )
        items = [self.items[row] for _, _, row in near]
        return [item for item in items if among is None or among(item)][:limit]

    def _best(self, found: dict[int, Fit]) -> Match[N]:
        """The closest fit, of those what is open, if any is; the shorter name first."""
        closest = min(found.values())
        alike = [row for row, fit in found.items() if fit == closest]
        usable = [row for row in alike if not self.items[row].closed] or alike
        usable.sort(key=lambda row: (len(self._squeezed[row]), self._squeezed[row], self.items[row].id))
        return Match([self.items[row] for row in usable], closest)

    def _by_name(self, word: str, words: tuple[str, ...]) -> dict[int, Fit]:
        squeezed = "".join(words)
        exact = self._exact.get(plain(word), set()) | self._exact.get(squeezed, set())
        inside = {row for row, name in enumerate(self._squeezed) if squeezed in name}
        begun = set[int].intersection(*(self._rows(self._begun_by(one), self._by_word) for one in words))
        fits = {row: self._fit(words, squeezed, row) for row in inside | begun}
        return {row: fit for row, fit in fits.items() if fit is not None} | dict.fromkeys(exact, Fit.EXACT)

    def _fit(self, words: tuple[str, ...], squeezed: str, row: int) -> Fit | None:
        if squeezed == self._squeezed[row] or sorted(words) == sorted(self._words[row]):
            return Fit.SAME_WORDS
        if self._squeezed[row].startswith(squeezed):
            return Fit.BEGINS
        if begin(words, self._words[row]):
            return Fit.WORDS_BEGIN
        return Fit.PART if len(squeezed) >= PART_FROM and squeezed in self._squeezed[row] else None

    def _with_owner(self, _: str, words: tuple[str, ...]) -> dict[int, Fit]:
        """`Acme Relaunch` for the project Relaunch Website of Acme GmbH; and `BMS` for Bäckerei Müller & Söhne."""
        found = dict.fromkeys(self._initials.get("".join(words), ()), Fit.INITIALS)
        if len(words) > 1:
            for row in self._all_of([self._begun_by(word) for word in words]):
                if begin(words, self._words[row] + self._owners[row]):
                    found[row] = Fit.WITH_OWNER
        return found

    def _with_typos(self, _: str, words: tuple[str, ...]) -> dict[int, Fit]:
        """Every word is a word of the name or its owner but for a slip; or the whole name is, spaces aside."""
        found = self._all_of([self._near(word) for word in words])
        squeezed = "".join(words)
        if not found:
            found = set(alike(squeezed, self._whole))
        return dict.fromkeys(found, Fit.TYPO)

    def _all_of(self, meant: list[set[str]]) -> set[int]:
        """The rows where every one of `meant` is a word of the name or the owner, and one at least of the name."""
        own = [self._rows(words, self._by_word) for words in meant]
        either = [mine | self._rows(words, self._by_owner) for mine, words in zip(own, meant, strict=True)]
        return set[int].intersection(*either) & set[int].union(*own)

    @staticmethod
    def _rows(words: Iterable[str], of: dict[str, set[int]]) -> set[int]:
        return set[int]().union(*(of[word] for word in words if word in of))

    def _begun_by(self, word: str) -> set[str]:
        start = bisect_left(self._vocabulary, word)
        return set(takewhile(lambda one: one.startswith(word), self._vocabulary[start:]))

    def _near(self, word: str) -> set[str]:
        """The words that begin with this one, or differ from it by a slip or two."""
        begun = self._begun_by(word)
        begun.update(one for one in alike(word, self._words_by_length) if not has_digit(one))
        return begun


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
        begun = next((one for one in left if one.startswith(word)), None)
        if begun is None:
            return False
        left.remove(begun)
    return True


def slips(word: str) -> int:
    """How many letters may be wrong: one from four letters on, two from eight on; none where there are digits."""
    return 0 if len(word) < 4 or has_digit(word) else 1 if len(word) < 8 else 2


def has_digit(word: str) -> bool:
    """Whether a word has a digit: `2024` is no slip of `2025`."""
    return any(letter.isdigit() for letter in word)


def labelled(item: Named, within: str = "") -> str:
    """`Acme GmbH › Wartung (id 2003)`; what is closed says so."""
    state = f", {item.closed}" if item.closed else ""
    return (
        f"{cell(within)} › {cell(item.name)} (id {item.id}{state})"
        if within
        else f"{cell(item.name)} (id {item.id}{state})"
    )


def listed(labels: Sequence[str]) -> str:
    """`Acme GmbH (id 1042), Acme Retail AG (id 2210)`, at most ten, the rest counted."""
    rest = f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    return ", ".join(labels[:SHOWN]) + rest


class NoSuchObject(ClockodoMcpError):
    """Nothing has this name, or the id is not visible. Nothing was done."""

    def __init__(
        self,
        argument: str,
        word: str,
        near: Sequence[N],
        within: Callable[[N], str] = lambda _: "",
        *,
        of: str = "",
        **again: str,
    ) -> None:
        at = f" of {shown(of)}" if of else ""
        nearest = f" The nearest: {listed([labelled(one, within(one)) for one in near])}." if near else ""
        again = again or ({argument: str(near[0].id)} if near else {})
        search = f" To look around, call search_catalog with kinds=['{argument}s']."
        super().__init__(
            f"{argument}={shown(word)}: no {argument.replace('_', ' ')}{at} has this name, number or id.{nearest}"
            f"{call_again(**again) or search}"
        )


class SeveralObjects(ClockodoMcpError):
    """A choice that is the person's. Nothing was done.

    `options` are the labels to choose from, best first, each with the arguments that mean it; `asks` is the question.
    """

    def __init__(self, problem: str, asks: str, options: dict[str, dict[str, str]]) -> None:
        self.asks = asks
        self.options = options
        first = next(iter(options.values()))
        super().__init__(
            f"{problem}: {listed(list(options))}. Nothing was done.{call_again(**first)[:-1]}, or another of these ids."
        )
