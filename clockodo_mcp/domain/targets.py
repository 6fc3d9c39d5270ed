"""How much somebody was to work on a day: target hours, less public holidays and absences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clockodo_mcp.api.models.clock import Absence, AbsenceStatus, NonbusinessDay, TargetHours
from clockodo_mcp.domain.moments import WEEKDAYS

OVERTIME_REDUCTION = 3
AT_WORK = (8, 9)
"""Home office and work elsewhere: absent from the office, and at work. Source: OpenAPI `AbsenceType`."""

LONGEST_COUNTED = 366
"""Days up to which an absence is looked through for half days."""


@dataclass(frozen=True)
class Target:
    """The seconds that are due on a day; None where nobody knows. `why` says what lowered them."""

    seconds: int | None
    why: str = ""
    asked_for: bool = False
    """Whether an absence on that day is asked for and not approved: it lowers nothing."""


class Targets:
    """The target of any day of one person."""

    def __init__(
        self, hours: Sequence[TargetHours], absences: Sequence[Absence], holidays: Mapping[date, NonbusinessDay]
    ) -> None:
        self._hours = sorted(hours, key=lambda one: one.date_since)
        self._holidays = holidays
        self._asked = [one for one in absences if one.status == AbsenceStatus.REQUESTED]
        self._away = [
            (one, self._share(one))
            for one in absences
            if one.status == AbsenceStatus.APPROVED and one.type is not None and one.type not in AT_WORK
        ]
        self._at_work = [one for one in absences if one.status == AbsenceStatus.APPROVED and one.type in AT_WORK]
        self._hidden = [one for one in absences if one.status == AbsenceStatus.APPROVED and one.type is None]

    @property
    def hides(self) -> bool:
        """Whether there are approved absences whose kind this key does not see."""
        return bool(self._hidden)

    def holiday(self, day: date) -> str:
        """The name of a whole public holiday; empty on other days. Half ones are a company's own, and no holidays."""
        found = self._holidays.get(day)
        return found.name if found and not found.half_day else ""

    def any_holiday(self, day: date) -> str:
        """The name of a public holiday, half ones among them; empty on other days."""
        found = self._holidays.get(day)
        return found.name if found else ""

    @property
    def absences(self) -> Sequence[Absence]:
        """The absences that are approved or asked for, by start."""
        there = [*(one for one, _ in self._away), *self._at_work, *self._hidden, *self._asked]
        return sorted(there, key=lambda one: (one.date_since, one.id))

    def of(self, day: date) -> Target:
        """The target of a day.

        Without any target hours it is not known, nor with those of a month, which name no day, nor beside an absence
        whose kind is hidden: it may be work elsewhere. Before the first and after the last of them nothing is due.
        """
        seconds = self._before_absences(day)
        if not seconds:
            return Target(seconds)
        if any(one.date_since <= day <= one.date_until for one in self._hidden):
            return Target(None)
        off = min(1.0, sum(share for one, share in self._away if one.date_since <= day <= one.date_until))
        half = "on half a holiday" if day in self._holidays else ""
        away = "" if not off else "beside an absence"
        asked = any(one.date_since <= day <= one.date_until for one in self._asked)
        return Target(round(seconds * (1 - off)), away or half, asked)

    def _before_absences(self, day: date) -> int | None:
        rows = [one for one in self._hours if one.date_since <= day <= (one.date_until or day)]
        if not rows:
            return 0 if self._hours else None
        if rows[-1].type == "monthly":
            return None
        seconds = (getattr(rows[-1], WEEKDAYS[day.weekday()]) or 0.0) * 3600
        return round(seconds * (0.0 if self.holiday(day) else 0.5 if day in self._holidays else 1.0))

    def _share(self, absence: Absence) -> float:
        """How much of each of its days an absence takes: all, half, or its hours of overtime.

        Clockodo names the days that it counts, halves included: no more than half of its working days are half days.
        """
        long = (absence.date_until - absence.date_since).days + 1
        if long > LONGEST_COUNTED:
            return 1.0
        days = [absence.date_since + timedelta(days=n) for n in range(long)]
        if absence.type == OVERTIME_REDUCTION and absence.count_hours is not None:
            due = sum(self._before_absences(day) or 0 for day in days)
            return min(1.0, absence.count_hours * 3600 / due) if due else 1.0
        if absence.count_days is None:
            return 1.0
        working = sum(0.5 if day in self._holidays else 1.0 for day in days if self._before_absences(day))
        return 0.5 if 2 * absence.count_days <= working else 1.0
