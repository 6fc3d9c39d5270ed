"""`export_entries`: a period's entries as a file of this machine."""

from typing import Annotated, Literal

from pydantic import Field

from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.rows import TotalsOut, totals_line, totals_out
from clockodo_mcp.asking import find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.cells import readable
from clockodo_mcp.domain.filenames import wanted_file
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.reading.exports import Exported, ExportRequest
from clockodo_mcp.resolving import filters
from clockodo_mcp.resolving.times import of_period

MIME_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Format = Literal["", "csv", "json", "xlsx"]


class ExportedFile(Facts):
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


@tool(
    title="Export entries",
    writes=False,
    writes_files=True,
    destructive=True,
    idempotent=True,
    search_hint="export csv, Excel, xlsx, json file, download timesheet; "
    "exportieren, Datei, Tabelle, Stundenzettel, herunterladen",
)
async def export_entries(
    call: Call,
    period: take.Period = "",
    format: Annotated[Format, Field(description="Default: by path, else csv")] = "",
    path: Annotated[str, take.Text, Field(description="In the export folder, e.g. 'acme/october.csv'")] = "",
    overwrite: Annotated[bool, Field(description="Replace an existing file")] = False,
    excel: Annotated[bool, Field(description="csv as Excel reads it in the account's language")] = False,
    user: take.AnyUser = "me",
    customer: take.NameOrId = "",
    project: take.NameOrId = "",
    subproject: take.NameOrId = "",
    service: take.NameOrId = "",
    lumpsum_service: take.NameOrId = "",
    billable: take.BillableFilter = "",
    text: take.OnlyText = "",
    budget_type: take.Budget = "",
) -> Answer[ExportedFile]:
    """Write a period's entries (default this_month), however many, to a csv, json or xlsx file on this machine.
    Use it when the person wants a file; to read entries, use list_entries. Clockodo is not changed.
    Example: {"period": "2026-10", "format": "xlsx", "user": "all"}.
    """
    file = wanted_file(path, format or None)
    wanted = filters.entries(
        user=user, customer=customer, project=project, subproject=subproject, service=service,
        lumpsum_service=lumpsum_service, billable=billable, text=text, budget_type=budget_type,
    )  # fmt: skip
    span = await find_or_ask(call, of_period(period or "this_month"), wanted)
    selection = wanted.found.value.over(span)
    request = ExportRequest(
        selection, file.parts_for(span), file.format, call.zone, excel=excel, overwrite=overwrite,
        language=call.caller.user.language,
    )  # fmt: skip
    made = await call.app.exports.write(request, lambda written, of: call.report(written, of, "entries written"))
    notes = [*map(str, call.notes)]
    facts = ExportedFile(
        period=span.dates,
        timezone=call.zone.key,
        totals=totals_out(made.totals),
        running_entries=made.running,
        path=readable(made.path),
        format=file.format,
        size=made.size,
        columns=list(request.columns),
        notes=[*notes, *_notes(made, excel=excel and file.format != "csv")],
    )
    return Answer(_words(facts, made), facts, (made.path, MIME_TYPES[file.format], made.size))


def _words(facts: ExportedFile, made: Exported) -> str:
    about = f"{facts.format}, {size_in_words(facts.size)}"
    return "\n".join(
        [
            f"{facts.period} ({facts.timezone}): {totals_line(made.totals)}.",
            f"Saved as {facts.path} on the machine where this server runs ({about}).",
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
