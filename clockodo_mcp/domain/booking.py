"""What an entry is booked as: its place, and the three states of `billable`."""

from dataclasses import dataclass, field

from clockodo_mcp.api.models import BILLABLE_OR_BILLED, Billable, Customer, Project, Subproject
from clockodo_mcp.domain.choices import labelled
from clockodo_mcp.errors import Unreadable
from clockodo_mcp.speech import say


@dataclass
class Place:
    """Ids that words were resolved to, the objects as far as they were looked at, and what deserves a note.

    With ids alone nothing is looked up, and only the ids are here.
    """

    customers_id: int | None = None
    projects_id: int | None = None
    subprojects_id: int | None = None
    customer: Customer | None = None
    project: Project | None = None
    subproject: Subproject | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What it is called, as far as it was looked at."""
        parts = (one for one in (self.customer, self.project, self.subproject) if one is not None)
        return " › ".join(map(labelled, parts))

    def on(self, project: Project) -> None:
        """On a project, and so on its customer."""
        self.project = project
        self.projects_id, self.customers_id = project.id, project.customers_id


WORDS = {
    "not_billable": 0, "billable": 1, "billed": 2, "0": 0, "1": 1, "2": 2, "true": 1, "false": 0, "yes": 1, "no": 0,
    "ja": 1, "nein": 0, "not billable": 0, "nicht abrechenbar": 0, "abrechenbar": 1, "abgerechnet": 2,
}  # fmt: skip


def billable_of(word: str) -> int | None:
    """0, 1 or 2 for a word, None for an empty one.

    Raises:
        Unreadable: another word.

    >>> billable_of("Billed"), billable_of("")
    (2, None)
    """
    plain = word.strip().lower()
    if plain and plain not in WORDS:
        raise Unreadable("use 'billable', 'not_billable' or 'billed'.", argument="billable", value=word)
    return WORDS.get(plain)


def billable_filter(word: str) -> int | None:
    """As `billable_of`, and also `billable_or_billed`."""
    return BILLABLE_OR_BILLED if word.strip().lower() in ("billable_or_billed", "12") else billable_of(word)


def billable_word(value: int) -> str:
    """`not_billable`, `billable` or `billed`: the word that the argument takes."""
    return next((say(one.name.lower()) for one in Billable if one == value), str(value))
