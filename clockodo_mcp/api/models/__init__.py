"""Clockodo's objects, with Clockodo's names.

Tolerant of what they do not know: unknown fields are ignored, and what may be absent is `None`, never zero.
Moments are aware and in UTC.
"""

from clockodo_mcp.api.models.base import ClockodoObject, Paging, UtcMoment
from clockodo_mcp.api.models.catalogue import (
    Budget,
    CatalogPage,
    Completable,
    Customer,
    LumpsumService,
    Me,
    Named,
    Project,
    Service,
    Subproject,
    User,
)
from clockodo_mcp.api.models.entries import (
    Billable,
    Deleted,
    Entry,
    EntryBase,
    EntryGroup,
    EntryGroups,
    EntryPage,
    LabelledEntry,
    LumpsumServiceEntry,
    LumpsumValue,
    OneEntry,
    TimeEntry,
)
from clockodo_mcp.api.models.sent import (
    BILLABLE_OR_BILLED,
    BudgetType,
    EntryChange,
    EntryQuery,
    NewEntry,
    NewEntryBase,
    NewLumpsumServiceEntry,
    NewLumpsumValue,
    NewTimeEntry,
)

__all__ = [
    "BILLABLE_OR_BILLED",
    "Billable",
    "Budget",
    "BudgetType",
    "CatalogPage",
    "ClockodoObject",
    "Completable",
    "Customer",
    "Deleted",
    "Entry",
    "EntryBase",
    "EntryChange",
    "EntryGroup",
    "EntryGroups",
    "EntryPage",
    "EntryQuery",
    "LabelledEntry",
    "LumpsumService",
    "LumpsumServiceEntry",
    "LumpsumValue",
    "Me",
    "Named",
    "NewEntry",
    "NewEntryBase",
    "NewLumpsumServiceEntry",
    "NewLumpsumValue",
    "NewTimeEntry",
    "OneEntry",
    "Paging",
    "Project",
    "Service",
    "Subproject",
    "TimeEntry",
    "User",
    "UtcMoment",
]
