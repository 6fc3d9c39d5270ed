"""`export_entries`: a period's entries as a file of this machine."""

from typing import Annotated, Literal

from mcp.server.mcpserver.resolve import Resolve
from mcp.types import CallToolResult, ResourceLink
from pydantic import BaseModel, Field

from clockodo_mcp.domain.exportrows import COLUMNS
from clockodo_mcp.domain.filenames import WantedFile, wanted_file
from clockodo_mcp.domain.periods import parse_period
from clockodo_mcp.reading.exports import Exported, Order
from clockodo_mcp.tools import arguments as take
from clockodo_mcp.tools.answers import TotalsOut, answer, totals_line, totals_out
from clockodo_mcp.tools.asking import Ctx, desk_of
from clockodo_mcp.tools.entries import unknown_ids
from clockodo_mcp.tools.filters import EntriesWanted
from clockodo_mcp.tools.speaking import tool

MIME_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Format = Literal["", "csv", "json", "xlsx"]
NameOrId = Annotated[str, take.Name, Field(description="Name or id")]


class ExportedFile(BaseModel):
    """The answer of `export_entries`: local dates of the period, exact totals, and the complete file."""

    period: str
    timezone: str
    totals: TotalsOut
    running_entries: int = Field(description="In the file without end and hours; in no sum")
    path: str = Field(description="On the machine where this server runs")
    format: str
    size: int = Field(description="Bytes")
    columns: list[str]
    notes: list[str]


async def file_of_call(path: str, format: Format) -> WantedFile:
    """The file that `path` and `format` name. It is refused before anything is sent.

    Raises:
        Unreadable: there can be no such file in the export folder.
    """
    return wanted_file(path, format or None)


@tool(title="Export entries", writes_files=True, destructive=True, idempotent=True)
async def export_entries(
    ctx: Ctx,
    file: Annotated[WantedFile, Resolve(file_of_call)],
    wanted: EntriesWanted,
    period: take.Period = "",
    format: Annotated[Format, Field(description="Default: by path, else csv")] = "",
    path: Annotated[str, take.Text, Field(description="In the export folder, e.g. 'acme/october.csv'")] = "",
    overwrite: Annotated[bool, Field(description="Replace an existing file")] = False,
    excel: Annotated[bool, Field(description="csv with a BOM, for Excel")] = False,
    user: Annotated[str, take.Name, Field(description="'me', 'all', name or id")] = "me",
    customer: NameOrId = "",
    project: NameOrId = "",
    subproject: NameOrId = "",
    service: NameOrId = "",
    lumpsum_service: NameOrId = "",
    billable: Annotated[str, take.Text, Field(description="not_billable, billable, billed or billable_or_billed")] = "",
    text: Annotated[str, take.Text, Field(description="Only entries with this text")] = "",
    budget_type: Annotated[str, take.Text, Field(description="Budget, e.g. strict")] = "",
) -> Annotated[CallToolResult, ExportedFile]:
    """Write a period's entries (default this_month), however many, to a csv, json or xlsx file on this machine.
    Use it when the person wants a file; to read entries, use list_entries. Clockodo is not changed.
    Example: {"period": "2026-10", "format": "xlsx", "user": "all"}.
    """
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    span = parse_period(
        period or "this_month",
        zone=caller.zone,
        today=caller.today(desk.now()),
        weekstart_monday=caller.user.weekstart_monday,
    )
    order = Order(wanted.query(span), file.parts_for(span), file.format, caller.zone, excel=excel, overwrite=overwrite)
    made = await desk.exports.write(order, lambda written, of: ctx.report_progress(written, of, "entries written"))
    unknown = () if made.totals.count else await unknown_ids(desk, order.asked)
    facts = ExportedFile(
        period=span.dates,
        timezone=caller.zone.key,
        totals=totals_out(made.totals),
        running_entries=made.running,
        path=str(made.path),
        format=file.format,
        size=made.size,
        columns=list(COLUMNS),
        notes=[*wanted.notes, *unknown, *_notes(made, excel=excel and file.format != "csv")],
    )
    said = answer(_words(facts, made), facts)
    said.content.append(
        ResourceLink(name=made.path.name, uri=made.path.as_uri(), mime_type=MIME_TYPES[file.format], size=made.size)
    )
    return said


def _words(facts: ExportedFile, made: Exported) -> str:
    return "\n".join(
        [
            f"{facts.period} ({facts.timezone}): {totals_line(made.totals)}.",
            f"Saved as {made.path} on the machine where this server runs ({facts.format}, {size_in_words(made.size)}).",
            *(f"Note: {note}" for note in facts.notes),
        ]
    )


def _notes(made: Exported, *, excel: bool) -> list[str]:
    notes = []
    if made.running:
        is_or_are = (
            "1 entry still runs: it has" if made.running == 1 else f"{made.running} entries still run: they have"
        )
        notes.append(f"{is_or_are} no end and no hours in the file.")
    if excel:
        notes.append("excel is for csv only and changed nothing.")
    return notes


def size_in_words(size: int) -> str:
    """Bytes as people read them.

    >>> size_in_words(812), size_in_words(20_480), size_in_words(5_000_000)
    ('812 bytes', '20 KiB', '4.8 MiB')
    """
    if size < 1024:
        return f"{size} bytes"
    return f"{size / 1024:.0f} KiB" if size < 1024**2 else f"{size / 1024**2:,.1f} MiB"
