"""What words of a call mean, looked up once: a value, with what deserves a note.

A `Finding` waits for others that it depends on, and keeps what is wrong with it instead of raising it, so that all that
is wrong with a call can be said at once, and a choice can be put to the person and looked up again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import anyio

from clockodo_mcp.api.client import at_once
from clockodo_mcp.call import Call
from clockodo_mcp.domain.choices import SeveralObjects
from clockodo_mcp.errors import Refusal, Refusals

T_co = TypeVar("T_co", covariant=True)
Words = Mapping[str, str]
"""Arguments of a call and what was said for them."""


@dataclass(frozen=True)
class Found(Generic[T_co]):
    """What was found, notes about how it was read, and what it is in words, for somebody who is refused."""

    value: T_co
    notes: Sequence[str] = ()
    said: str = ""


class _NotYet(Exception):
    pass


class Finding(Generic[T_co]):
    """What some words mean, by `look`. `parts` are the findings that `look` puts together.

    `label` says which part of the call this is about, as `Entry 3`; `renamed` are arguments that have another name in
    this tool.
    """

    def __init__(
        self,
        look: Callable[[Call, Words], Awaitable[Found[T_co]]],
        words: Words | None = None,
        *,
        parts: Sequence["Finding[Any]"] = (),
    ) -> None:
        self.parts = tuple(parts)
        self.label = ""
        self.renamed: Mapping[str, str] = {}
        self._look = look
        self._words = dict(words or {})
        self._lock = anyio.Lock()
        self._found: Found[T_co] | None = None
        self._refused: Refusal | None = None

    @property
    def found(self) -> Found[T_co]:
        """What was found; only after `asking.find`, which raises where it was not."""
        assert self._found is not None, "found first"
        return self._found

    @property
    def is_settled(self) -> bool:
        """Whether it was found."""
        return self._found is not None

    @property
    def refusals(self) -> list[Refusal]:
        """What is wrong with it, the choices that are the person's among them."""
        if self._refused is None:
            return []
        return list(self._refused.parts) if isinstance(self._refused, Refusals) else [self._refused]

    @property
    def said(self) -> str:
        """What of it was understood, in words."""
        if self._found is not None:
            return self._found.said
        return "; ".join(self._refused.understood) if self._refused else ""

    @property
    def choice(self) -> SeveralObjects | None:
        """The choice that it waits for."""
        return self._refused if isinstance(self._refused, SeveralObjects) else None

    def everything(self) -> "list[Finding[Any]]":
        """Its parts, theirs, and itself."""
        return [one for part in self.parts for one in part.everything()] + [self]

    def named(self, label: str = "", renamed: Mapping[str, str] | None = None) -> "Finding[T_co]":
        """The same, as a part of the call that has a name, or with arguments that are named otherwise."""
        for one in self.everything():
            one.label, one.renamed = label or one.label, renamed or one.renamed
        return self

    def settle_choice(self, words: Words) -> None:
        """Go on with the words that the person has chosen."""
        self._words |= words
        self._refused = None

    async def look_up(self, call: Call) -> None:
        """Look, at most once. What is wrong is kept; what cannot be asked of Clockodo is raised."""
        async with self._lock:
            if self._found is not None or self._refused is not None:
                return
            try:
                self._found = await self._look(call, self._words)
            except Refusal as refused:
                for one in refused.parts if isinstance(refused, Refusals) else (refused,):
                    one.rename(self.label, self.renamed)
                self._refused = refused
            except _NotYet:
                return

    async def value(self, call: Call) -> T_co:
        """What was found, for a finding that depends on it."""
        await self.look_up(call)
        if self._found is None:
            raise _NotYet
        return self._found.value


def together(parts: Sequence[Finding[Any]], make: Callable[[Call], Awaitable[T_co]], said: str = "") -> Finding[T_co]:
    """A finding that is put together from others, once all of them are found."""

    async def look(call: Call, _: Words) -> Found[T_co]:
        await at_once(*((lambda one=one: one.look_up(call)) for one in parts))
        if not all(one.is_settled for one in parts):
            raise _NotYet
        return Found(await make(call), said=said)

    return Finding(look, parts=parts)
