"""Where an entry is booked: customer, project, subproject."""

from dataclasses import dataclass, field

from clockodo_mcp.api.models import Customer, Project, Subproject


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

    def on(self, project: Project) -> None:
        """On a project, and so on its customer."""
        self.project = project
        self.projects_id, self.customers_id = project.id, project.customers_id
