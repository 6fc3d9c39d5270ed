"""What entries are booked on, and the people who book: customers, projects, services, users.

Source: OpenAPI schemas of the same names.
"""

from datetime import date
from typing import Generic, TypeVar

from clockodo_mcp.api.models.base import ClockodoObject, Paging

T = TypeVar("T")


class Named(ClockodoObject):
    """What every object of the catalogue has."""

    id: int
    name: str
    number: str | None = None
    active: bool = True

    @property
    def closed(self) -> str:
        """Why nothing new may be booked on it: `inactive`, `completed`, or an empty string."""
        return "" if self.active else "inactive"


class Customer(Named):
    """`GET /v3/customers`."""

    billable_default: bool = True


class Budget(ClockodoObject):
    """A project's budget; `amount` is money where `monetary`, else hours.

    With an `interval` (0 weekly, 1 monthly, 2 quarterly, 3 yearly) the amount is there again in each of them. Source:
    OpenAPI `BudgetInterval`. A budget `from_subprojects` has no amount of its own.
    """

    monetary: bool = False
    hard: bool = False
    amount: float | None = None
    interval: int | None = None
    from_subprojects: bool = False


class Completable(Named):
    """What can be completed, and is then closed."""

    billable_default: bool = True
    completed: bool = False

    @property
    def closed(self) -> str:
        """As of any object, and `completed`."""
        return super().closed or ("completed" if self.completed else "")


class Project(Completable):
    """`GET /v4/projects`. It belongs to one customer."""

    customers_id: int
    budget: Budget | None = None


class Subproject(Completable):
    """`GET /v3/subprojects`. It belongs to one project."""

    projects_id: int


class Service(Named):
    """`GET /v4/services`: the kind of work."""


class LumpsumService(Named):
    """`GET /v4/lumpSumServices`: something sold by the piece; `price` per `unit`."""

    price: float | None = None
    unit: str | None = None


class User(Named):
    """`GET /v3/users`, and as the caller `GET /v4/users/me`."""

    email: str | None = None
    role: str | None = None
    timezone: str = "UTC"
    language: str = "en"
    weekstart_monday: bool = True
    edit_lock: date | None = None


class Me(ClockodoObject):
    """The answer of `GET /v4/users/me`."""

    data: User


class CatalogPage(ClockodoObject, Generic[T]):
    """One page of a list of the catalogue. `paging` is absent where a list comes whole."""

    data: list[T]
    paging: Paging | None = None
