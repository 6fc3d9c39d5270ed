"""Which objects a word means: names, parts of names, numbers and slips of the pen.

A word is compared without case, accents, punctuation and word order, and `ae`, `oe`, `ue` count as `ä`, `ö`, `ü`.
The closest kind of match decides (`Fit`), then what is open before what is closed. What is left may be several: to
choose among them is not ours. Everything here is pure; a list of objects is indexed once, in `Names`.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from itertools import takewhile
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from clockodo_mcp.api.models import Named
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.choices import SHOWN
from clockodo_mcp.domain.words import (
    LAST_SIGN,
    LONE_SIGN,
    OF,
    SIGNS,
    alike,
    begin,
    by_length,
    digits_in,
    ends_of,
    goes_on,
    groups_alike,
    has_digit,
    has_other_signs,
    id_in,
    id_perhaps,
    joined,
    letters_only,
    plain,
    says_little,
    spaced,
    spellings,
    squeezed,
    surely,
    unwrapped,
    with_its_signs,
    words_of,
)

N = TypeVar("N", bound=Named)

PART_FROM = 3
"""Letters that a part from the middle of a name has at least."""

NEAREST_FROM = 55.0
"""How similar, of 100, a name is that an error lists among the nearest."""


class Fit(IntEnum):
    """How a word fits a name; the smaller the closer. `EXACT` is to the letter, or its id or number; `DOUBTED` is a
    slip, or else another name.
    """

    EXACT = 0
    SAME_WORDS = 1
    BEGINS = 2
    WORDS_BEGIN = 3
    PART = 4
    WITH_OWNER = 5
    INITIALS = 6
    TYPO = 7
    DOUBTED = 8


@dataclass(frozen=True)
class Match(Generic[N]):
    """What fits a word best, best first, all of them alike in kind; `fit` is None where nothing does."""

    items: list[N]
    fit: Fit | None

    @property
    def misread(self) -> bool:
        """Whether it takes a slip of the pen to find something here, or there is nothing."""
        return self.fit is None or self.fit >= Fit.TYPO

    @property
    def deserves_a_note(self) -> bool:
        """Whether the person should hear how the word was read."""
        return self.fit is not None and self.fit >= Fit.INITIALS


class Names(Generic[N]):
    """A list of objects, ready for words to be looked up in.

    `owner` gives the name of what an object belongs to (a project's customer), so that `Acme Relaunch` finds the
    project Relaunch Website of Acme GmbH.
    """

    def __init__(self, items: Sequence[N], owner: Callable[[N], str] = lambda _: "") -> None:
        self.items = items
        self._owner = owner
        self._ids = {item.id: row for row, item in enumerate(items)}
        self._words = [words_of(item.name) for item in items]
        self._squeezed = [joined(words) for words in self._words]
        self._texts = [" ".join(words) for words in self._words]
        self._labels: dict[str, set[int]] = defaultdict(set)
        self._signed: dict[str, set[int]] = defaultdict(set)
        self._owners = self._words_of_owners(owner)
        pairs = enumerate(zip(self._texts, self._owners, strict=True))
        self._owned = {row: " ".join((text, *owners)) for row, (text, owners) in pairs if owners}
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._numbers: dict[str, set[int]] = defaultdict(set)
        self._initials: dict[str, set[int]] = defaultdict(set)
        self._by_word: dict[str, set[int]] = defaultdict(set)
        self._by_owner: dict[str, set[int]] = defaultdict(set)
        for row, item in enumerate(items):
            self._exact[plain(item.name)].add(row)
            if any(sign in item.name for sign in "+#"):
                self._signed[with_its_signs(item.name)].add(row)
            if of := owner(item):
                self._labels[plain(f"{cell(of)} › {cell(item.name)}")].add(row)
            if item.number:
                self._exact[plain(item.number)].add(row)
                self._numbers[squeezed(item.number)].add(row)
            if len(self._words[row]) > 1 and all(word[0].isalpha() for word in self._words[row]):
                self._initials["".join(word[0] for word in self._words[row])].add(row)
            for word in self._words[row]:
                self._by_word[word].add(row)
            for word in self._owners[row]:
                self._by_owner[word].add(row)
        self._exact.pop("", None)
        self._numbers.pop("", None)
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
        return self.items[self._ids[id]] if id in self._ids else None

    def matches(self, word: str, among: Callable[[N], bool] | None = None) -> Match[N]:
        """The objects that a word fits best: by id, name, number or part of a name, with its owner, or with typos.

        `among` limits what is looked at. Scraps such as `GmbH` mean only what is named exactly so. Digits may be an id,
        a number and a name, of several objects; `#7` and `id 7` are an id only; and where a label has the id of
        something that is called otherwise, both are meant.

        >>> names = Names([Named(id=1, name="Relaunch Website"), Named(id=2, name="Wartung")])
        >>> [one.name for one in names.matches("relanch").items], [one.id for one in names.matches("2").items]
        (['Relaunch Website'], [2])
        """
        words = words_of(word)
        exact = self._exactly(word, words)
        if Fit.EXACT not in exact.values() and (bare := unwrapped(word)) != word.strip():
            return self.matches(bare, among)
        if (given := id_in(word)) is not None:
            return self._labelled(*given, exact, among)
        if len(label := OF.split(word.strip())) > 1 and not exact and (owned := self._of(label, among)) is not None:
            return owned
        if digits := digits_in(word):
            rows = dict(exact)
            if (own := self._ids.get(int(digits))) is not None and not digits.startswith("0"):
                rows |= {own: Fit.EXACT}
            found = {row: fit for row, fit in rows.items() if among is None or among(self.items[row])}
            if found:
                return Match([self.items[row] for row in sorted(found)], Fit.EXACT)
        slips = partial(self._with_typos, among=among)
        looks = (self._exactly,) if says_little(words) else (self._by_name, self._with_owner, slips)
        for look in looks:
            found = look(word, words)
            if among is not None:
                found = {row: fit for row, fit in found.items() if among(self.items[row])}
            if found:
                return self._sure(self._best(found), word, words, among)
        return Match([], None)

    def _of(self, label: list[str], among: Callable[[N], bool] | None) -> Match[N] | None:
        """What a label without an id means, `Acme › Relaunch`: what is called so, else among what belongs to it."""
        rows = self._labels.get(plain(" › ".join(label)), set())
        if named := [self.items[row] for row in sorted(rows) if among is None or among(self.items[row])]:
            return Match(named, Fit.EXACT)
        whose = words_of(" ".join(label[:-1]))
        own = {row for row, owners in enumerate(self._owners) if whose and begin(whose, owners)}
        if not own:
            return None
        ids = {self.items[row].id for row in own}
        return self.matches(label[-1], lambda one: one.id in ids and (among is None or among(one)))

    def _labelled(self, id: int, label: str, exact: dict[int, Fit], among: Callable[[N], bool] | None) -> Match[N]:
        """What an id means; and what is called so or what the name beside it means, where that is something else."""
        own = [one for one in [self.by_id(id)] if one is not None and (among is None or among(one))]
        by_name = [self.items[row] for row, fit in exact.items() if fit is Fit.EXACT]
        called = [one for one in by_name if among is None or among(one)]
        ends = [words_of(end) for end in ends_of(label)]
        if called or not label or any(words_of(cell(one.name)) in ends for one in own):
            both = [*own, *(one for one in called if one not in own)]
            return Match(both, Fit.EXACT if both else None)
        other = [one for one in self.matches(ends_of(label)[-1], among).items if one not in own]
        return Match([*own, *other], Fit.EXACT if own and other else Fit.DOUBTED if own or other else None)

    def _sure(self, match: Match[N], word: str, words: tuple[str, ...], among: Callable[[N], bool] | None) -> Match[N]:
        """The same; in doubt, with all that it may be, where a word only begins one of a name, and is another's or a
        slip away from that.

        What is alike only where an `e` is dropped (`Baur`, `Bauer`) is a slip itself; but for a sign, another name.
        """
        if match.fit is None or match.fit is Fit.EXACT:
            return match
        if not any(self._has_its_signs(one, word) for one in match.items):
            return Match(match.items, Fit.DOUBTED)
        if match.fit > Fit.PART:
            return match
        if not any(self._is_spelt_so(one, word) for one in match.items):
            return Match(match.items, Fit.TYPO)
        if match.fit is Fit.SAME_WORDS or len(match.items) != 1:
            return match
        whole = words_of(match.items[0].name)
        if all(one in whole for one in words):
            return match
        said = joined(words)
        slips = self._all_of([self._near(one) for one in words])
        slips |= {row for row in alike(said, self._whole) if OSA.distance(said, self._squeezed[row]) == 1}
        begun = {row for row in slips if all(any(goes_on(one, p) for p in self._words[row]) for one in words)}
        others = (slips - begun) | set[int].intersection(*(self._by_word.get(one, set()) for one in words))
        near = [
            one
            for one in (self.items[row] for row in sorted(others))
            if one is not match.items[0] and (among is None or among(one)) and not one.closed
        ]
        return Match([*match.items, *near], Fit.DOUBTED) if near else match

    def _has_its_signs(self, item: N, word: str) -> bool:
        """Whether the signs of a word that a name may have are those of this one, its number, or its owner."""
        there = plain(f"{self._owner(item)} {item.name} {item.number or ''}")
        sign = LAST_SIGN.search(plain(word))
        alone = {one.strip() for one in LONE_SIGN.findall(word)}
        inside = {*SIGNS.findall(word)} - {*SIGNS.findall(there)}
        return not ((sign and sign[0] not in there) or alone - {*there} or inside or has_other_signs(word, there))

    @staticmethod
    def _is_spelt_so(item: N, word: str) -> bool:
        """Whether a word is a name, or a part of it, with each umlaut as one letter or two."""
        if item.number and squeezed(item.number) == squeezed(word):
            return True
        names = [joined(words) for words in spellings(item.name)], [*spellings(item.name)]
        return any(
            joined(said) in whole or begin(said, parts)
            for said in spellings(word)
            for whole, parts in zip(*names, strict=True)
        )

    def search(self, word: str, among: Callable[[N], bool] | None = None) -> list[tuple[Fit | None, N]]:
        """Everything that a word fits, closest first; all for an empty word; what is near (None) where nothing fits.

        An id that says that it is one is nothing else; digits may be one, beside what they are a part of.
        """
        allowed = among or (lambda _: True)
        if not word.strip():
            return [(Fit.BEGINS, item) for item in self.items if allowed(item)]
        if id_in(word) is not None:
            match = self.matches(word, among)
            return [(match.fit, item) for item in match.items]
        words = words_of(word)
        found = self._with_owner(word, words) | self._by_name(word, words) if words else self._exactly(word, words)
        if (own := self._ids.get(id_perhaps(word) or 0)) is not None:
            found[own] = Fit.EXACT
        found = {row: fit for row, fit in found.items() if allowed(self.items[row])}
        if not found and words:
            found = self._with_typos(word, words, among)
        if found:
            return [(found[row], self.items[row]) for row in sorted(found, key=lambda row: (found[row], row))]
        return [(None, near) for near in self.nearest(word, among)]

    def nearest(self, word: str, among: Callable[[N], bool] | None = None, limit: int = SHOWN) -> list[N]:
        """The objects whose names, alone or with their owner's, are the most similar to a word that fits none of them.

        The open ones before the closed, the most similar first.
        """
        text = " ".join(words_of(word))
        likeness: dict[int, float] = {}
        for names in (dict(enumerate(self._texts)), self._owned):
            for _, like, row in process.extract(
                text, names, scorer=fuzz.token_set_ratio, score_cutoff=NEAREST_FROM, limit=None
            ):
                likeness[row] = max(like, likeness.get(row, 0.0))
        near = [row for row in likeness if among is None or among(self.items[row])]
        near.sort(key=lambda row: (bool(self.items[row].closed), -likeness[row]))
        return [self.items[row] for row in near[:limit]]

    def _best(self, found: dict[int, Fit]) -> Match[N]:
        """The closest fit, of those what is open, if any is; the shorter name first."""
        closest = min(found.values())
        alike = [row for row, fit in found.items() if fit == closest]
        usable = [row for row in alike if not self.items[row].closed] or alike
        usable.sort(key=lambda row: (len(self._squeezed[row]), self._squeezed[row], self.items[row].id))
        return Match([self.items[row] for row in usable], closest)

    def _exactly(self, word: str, _: tuple[str, ...]) -> dict[int, Fit]:
        """To the letter, or a number but for its spaces and signs."""
        numbers = {
            row for row in self._numbers.get(squeezed(word), ()) if groups_alike(word, self.items[row].number or "")
        } | self._signed.get(with_its_signs(word), set())
        names = self._exact.get(plain(word), set())
        for same in (spaced, _lower):
            wanted = same(word)
            closest = {
                row for row in names if wanted in (same(self.items[row].name), same(self.items[row].number or ""))
            }
            if closest:
                names = closest
                break
        return dict.fromkeys(numbers, Fit.SAME_WORDS) | dict.fromkeys(names, Fit.EXACT)

    def _by_name(self, word: str, words: tuple[str, ...]) -> dict[int, Fit]:
        said = joined(words)
        if letters_only(words):
            # Letters are initials, or the whole name: they begin too many words to mean one.
            same = (row for row, name in enumerate(self._squeezed) if name == said)
            return dict.fromkeys(same, Fit.SAME_WORDS) | self._exactly(word, words)
        inside = {row for row, name in enumerate(self._squeezed) if said in name}
        begun = set[int].intersection(*(self._rows(self._begun_by(one), self._by_word) for one in set(words)))
        fits = {row: self._fit(words, said, row) for row in inside | begun}
        return {row: fit for row, fit in fits.items() if fit is not None} | self._exactly(word, words)

    def _fit(self, words: tuple[str, ...], said: str, row: int) -> Fit | None:
        whole = self._squeezed[row]
        if said == whole or sorted(words) == sorted(self._words[row]):
            return Fit.SAME_WORDS
        if goes_on(said, whole):
            return Fit.BEGINS
        if begin(words, self._words[row]):
            return Fit.WORDS_BEGIN
        at = whole.find(said, 1)
        part = len(said) >= PART_FROM and at > 0 and goes_on(said, whole[at:])
        return Fit.PART if part and not (said[0].isdigit() and whole[at - 1].isdigit()) else None

    def _with_owner(self, _: str, words: tuple[str, ...]) -> dict[int, Fit]:
        """`Acme Relaunch` for the project Relaunch Website of Acme GmbH; and `BMS` for Bäckerei Müller & Söhne."""
        found = dict.fromkeys(self._initials.get("".join(words), ()), Fit.INITIALS)
        if len(words) > 1 and not letters_only(words):
            for row in self._all_of([self._begun_by(word) for word in set(words)]):
                if begin(words, self._words[row] + self._owners[row]):
                    found[row] = Fit.WITH_OWNER
        return found

    def _with_typos(self, _: str, words: tuple[str, ...], among: Callable[[N], bool] | None = None) -> dict[int, Fit]:
        """Every word is a word of the name or its owner but for a slip; or the whole name is, a space aside.

        Of those that `among` allows only the nearest; where several are as near, nobody knows which of them was meant.
        """
        if letters_only(words):
            return {}
        near = {word: self._near(word) for word in words}
        sure = [{one for one in meant if surely(word, one)} for word, meant in near.items()]
        doubted, surer = self._all_of(near.values()), self._all_of(sure)
        letters = {row: self._letters(words, row) for row in doubted | surer}
        if not letters and len(words) == 1:
            whole = {row: OSA.distance(words[0], self._squeezed[row]) for row in alike(words[0], self._whole)}
            letters = {row: distance for row, distance in whole.items() if distance == 1}
            surer = {row for row in letters if surely(words[0], self._squeezed[row])}
        letters = {row: distance for row, distance in letters.items() if among is None or among(self.items[row])}
        closest = min(letters.values(), default=0)
        best = [row for row in letters if letters[row] == closest]
        if len(best) == 1 and best[0] in surer:
            return {best[0]: Fit.TYPO}
        return dict.fromkeys(best if len(best) > 1 else letters, Fit.DOUBTED)

    def _letters(self, words: tuple[str, ...], row: int) -> int:
        """How many letters words are away from those of a name or its owner, together."""
        there = self._words[row] + self._owners[row]
        return sum(min(0 if one.startswith(word) else OSA.distance(word, one) for one in there) for word in words)

    def _all_of(self, meant: Collection[set[str]]) -> set[int]:
        """The rows where every one of `meant` is a word of the name or the owner, and one at least of the name."""
        own = [self._rows(words, self._by_word) for words in meant]
        either = [mine | self._rows(words, self._by_owner) for mine, words in zip(own, meant, strict=True)]
        return set[int].intersection(*either) & set[int].union(*own)

    @staticmethod
    def _rows(words: Iterable[str], of: dict[str, set[int]]) -> set[int]:
        return set[int]().union(*(of[word] for word in words if word in of))

    def _begun_by(self, word: str) -> set[str]:
        start = bisect_left(self._vocabulary, word)
        begun = takewhile(lambda one: one.startswith(word), self._vocabulary[start:])
        return {one for one in begun if goes_on(word, one)}

    def _near(self, word: str) -> set[str]:
        """The words that begin with this one, or differ from it by a slip or two."""
        begun = self._begun_by(word)
        begun.update(one for one in alike(word, self._words_by_length) if not has_digit(one))
        return begun


def _lower(text: str) -> str:
    return spaced(text).lower()
