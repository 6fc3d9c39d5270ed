"""Failures that were foreseen, as data: what is wrong, what it can be, and the calls that would help.

ClockodoMcpError     a sentence, and the steps that would help
├── Refusal          the call was not carried out as it was said; nothing was done
│   ├── Unreadable     grammar: an argument has no form that is known, or is missing
│   ├── Contradiction  what was said excludes each other
│   ├── WrongState     what is stored does not allow it
│   └── Refusals       several of these at once
└── (each room's own: what Clockodo answers, the journal, an export, …)

Which tools are offered is not known here, so no sentence names one: `next` has them as `Step`s, and `answers.refusals`
puts them into words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from clockodo_mcp.cells import quoted
from clockodo_mcp.speech import joined


@dataclass(frozen=True)
class Step:
    """A call that would help: `tool` with `arguments`.

    `asks` are arguments that only the person can give; `to` says what the call is for, as `to see what there is`.
    """

    tool: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    asks: tuple[str, ...] = ()
    to: str = ""


class ClockodoMcpError(Exception):
    """A failure with a sentence for the person and the model.

    `str(error)` is always safe to show: no key, no header, no raw body. `next` are the steps that would help.
    """

    def __init__(self, sentence: str, *, next: Iterable[Step] = ()) -> None:
        self.next = tuple(next)
        self.sentence = sentence
        """As `str` of it, with its German where a person may read it without a model between."""
        super().__init__(sentence)

    @property
    def plainly(self) -> str:
        """The sentence for who looks at a page: no argument of a call, and no call."""
        return self.sentence

    @property
    def what_happened(self) -> str:
        """What happened, without what to do about it: for where other advice follows."""
        return str(self)


class Refusal(ClockodoMcpError):
    """A call that is not carried out as it was said. Nothing was done.

    `argument` and `value` are what it is about, empty where it is about the call as a whole; `why` is the reason;
    `choices` are labels of what it can be, of which `more` are not listed; `again` are arguments that follow from what
    was said, and with which the same call works; `understood` is what was found all the same, in words. `lead`
    introduces the choices.
    """

    lead = "It can be"

    def __init__(
        self,
        why: str,
        *,
        argument: str = "",
        value: object = "",
        choices: Sequence[str] = (),
        more: int = 0,
        again: Mapping[str, object] | None = None,
        understood: Sequence[str] = (),
        next: Iterable[Step] = (),
    ) -> None:
        self.argument = argument
        self.why = why
        self.choices = tuple(choices)
        self.more = more
        self.again = dict(again or {})
        self.understood = tuple(understood)
        self.about = ""
        self.renamed: Mapping[str, str] = {}
        self._value = value
        super().__init__(why, next=next)

    def rename(self, about: str, arguments: Mapping[str, str]) -> None:
        """Say which part of the call it is about, as `Entry 3`, with the names that this tool has for arguments."""
        self.about, self.renamed = self.about or about, arguments
        self.argument = arguments.get(self.argument, self.argument)
        self.again = {arguments.get(name, name): value for name, value in self.again.items()}

    @property
    def plainly(self) -> str:
        """What was said and why it cannot be, for who does not know the arguments."""
        return self.why if self._value == "" else joined(": ", (quoted(self._value), self.why))

    def __str__(self) -> str:
        about = f"{self.about}: " if self.about else ""
        if not self.argument:
            return f"{about}{self.why}"
        if self._value == "":
            return f"{about}{self.argument}: {self.why}"
        value = f"{self._value:g}" if isinstance(self._value, float) else self._value
        return f"{about}{self.argument}={value if isinstance(self._value, int | float) else quoted(value)}: {self.why}"


class Unreadable(Refusal):
    """An argument that has no form that is known, or that is missing."""


class Contradiction(Refusal):
    """Arguments of which only one can be meant."""


class WrongState(Refusal):
    """What is stored does not allow it."""


class NotThere(WrongState):
    """An entry by its id that Clockodo does not have any more, or does not show to this account."""


class Refusals(Refusal):
    """Everything that is wrong with a call at once, and what of it was understood."""

    def __init__(self, parts: Sequence[Refusal], understood: Sequence[str] = ()) -> None:
        self.parts = tuple(parts)
        super().__init__("Several things are wrong.", understood=understood)

    def __str__(self) -> str:
        return "\n".join(str(part) for part in self.parts)
