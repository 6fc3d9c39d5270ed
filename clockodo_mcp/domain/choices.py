"""What is said where a name means nothing or several things: the labels to choose from."""

from collections.abc import Callable, Sequence
from typing import Self, TypeVar

from clockodo_mcp import steps
from clockodo_mcp.api.models import Named
from clockodo_mcp.cells import cell, quoted, repeatable
from clockodo_mcp.errors import Refusal
from clockodo_mcp.speech import Said, joined, say

N = TypeVar("N", bound=Named)

FEW = 15
"""How many choices an error lists at most."""

SHOWN = 10
"""How many choices a form has, and how many names are near."""


def labelled(item: Named, within: str = "", *, number: bool = False) -> Said:
    """`Acme GmbH › Wartung (id 2003)`; what is closed says so, and its number where that is of interest."""
    name = f"{cell(within)} › {cell(item.name)}" if within else cell(item.name)
    of_number = say("number {number}", number=cell(item.number)) if number and item.number else ""
    about = joined(", ", (f"id {item.id}", of_number, say(item.closed) if item.closed else ""))
    return joined("", (f"{name} (", about, ")"))


class NoSuchObject(Refusal):
    """Nothing has this name, or the id is not visible. `choices` are the nearest, or all there are where they are few.

    `argument` is the kind, `of` the name of what it would belong to, `there` where something else was named for that.
    """

    def __init__(
        self,
        argument: str,
        word: str,
        near: Sequence[N],
        within: Callable[[N], str] = lambda _: "",
        *,
        of: str = "",
        lead: str = "The nearest",
        understood: Sequence[str] = (),
        there: bool = False,
    ) -> None:
        self.lead = lead
        kind = say(argument.replace("_", " "))
        if of:
            why = say("no {kind} of {of} has this name, number or id.", kind=kind, of=quoted(of))
        elif there:
            why = say("no {kind} there has this name, number or id.", kind=kind)
        else:
            why = say("no {kind} has this name, number or id.", kind=kind)
        labels = [labelled(one, within(one)) for one in near]
        super().__init__(
            why, argument=argument, value=word, choices=labels[:FEW], more=len(labels[FEW:]),
            understood=understood, next=(steps.search(f"{argument}s"),),
        )  # fmt: skip


class NoSuchEntry(Refusal):
    """No entry of the caller's in a period fits what was said for `argument`; `there` are those that it has."""

    lead = "There are"

    def __init__(self, argument: str, value: str, *, why: str, there: Sequence[str]) -> None:
        self.lead = "There are" if len(there) > 1 else "There is"
        further = () if there else (steps.list_entries("last_30_days"),)
        choices, more = there[:FEW], len(there[FEW:])
        super().__init__(why, argument=argument, value=value, choices=choices, more=more, next=further)


class SeveralObjects(Refusal):
    """A choice that is the person's.

    `options` are the labels to choose from, best first, each with the arguments that mean it; `asks` is the question,
    `nobody_chose` is set where it was put and not answered, and `of_all` is the word for all of them, where it may be
    said: where the value `is_one_name` that all of them have.
    """

    def __init__(
        self,
        why: str,
        asks: str,
        options: dict[str, dict[str, str]],
        *,
        argument: str,
        value: str = "",
        is_one_name: bool = False,
    ) -> None:
        self.asks = asks
        self.options = options
        self.nobody_chose = False
        self.of_all = ""
        self._word = value if is_one_name else ""
        labels = list(options)
        super().__init__(why, argument=argument, value=value, choices=labels[:FEW], more=len(labels[FEW:]))

    def or_all(self) -> Self:
        """The same choice, with all of them as one more, where one word means them."""
        word = f"all {self._word}"
        if self._word and repeatable(word) == word:
            first, rest = [*self.options.items()][: SHOWN - 1], [*self.options.items()][SHOWN - 1 :]
            self.of_all, self.options = word, {**dict(first), say("All of them"): {self.argument: word}, **dict(rest)}
        return self

    @property
    def needs_sign(self) -> bool:
        """Whether an id has to say that it is one, as `#1003`: its digits are another's number or name."""
        return any(value.startswith("#") for given in self.options.values() for value in given.values())

    @property
    def drops(self) -> list[str]:
        """The arguments that are empty in every option: what was named was another kind of thing."""
        return [
            name for name in next(iter(self.options.values())) if not any(one[name] for one in self.options.values())
        ]
