"""Exports: entries streamed to a file, which has its name only when it is complete.

Apart from the tools, which know no files. Rows are made and written in threads, so that other calls go on meanwhile.
"""

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, TypeVar
from zoneinfo import ZoneInfo

from anyio import to_thread

from clockodo_mcp.account.catalogue import Catalog
from clockodo_mcp.api.client import READINGS, Clockodo
from clockodo_mcp.api.failures import ShiftedWhileReading
from clockodo_mcp.api.models import Entry, LumpsumServiceEntry, TimeEntry
from clockodo_mcp.cells import quoted, readable
from clockodo_mcp.domain.exportrows import COLUMNS, LocalTimes, headings, row_of
from clockodo_mcp.domain.filenames import ExportFormat, wanted_file
from clockodo_mcp.domain.totals import Totals, totals_of
from clockodo_mcp.errors import ClockodoMcpError, Unreadable
from clockodo_mcp.reading.entries import Selection
from clockodo_mcp.reading.export_files import Sheet, sheet_for

Progress = Callable[[int, int], Awaitable[None]]
"""Is told how many entries are read, of how many; the first number only grows."""

T = TypeVar("T")


class NotWritten(ClockodoMcpError):
    """No file was written, and an existing one is as it was."""


@dataclass(frozen=True)
class Exported:
    """A complete file: where it is, its size in bytes, exact totals of its rows, and how many of them still run."""

    path: Path
    size: int
    totals: Totals
    running: int


@dataclass(frozen=True)
class ExportRequest:
    """What is to be written: the entries of a selection to the file that `parts` name, with the times of `zone`.

    Workbooks, and csv where it is for `excel`, are as a person reads them in `language`; without `overwrite` an
    existing file is left alone.
    """

    selection: Selection
    parts: tuple[str, ...]
    format: ExportFormat
    zone: ZoneInfo
    excel: bool = False
    language: str = "en"
    overwrite: bool = False

    @property
    def columns(self) -> Sequence[str]:
        """The columns as they are named in the file: in the language of the person who opens it, else for programs."""
        is_for_people = self.format == "xlsx" or (self.format == "csv" and self.excel)
        return headings(self.language) if is_for_people else COLUMNS


class Exports:
    """Writes entries to files of one folder."""

    def __init__(self, clockodo: Clockodo, catalog: Catalog, folder: Path) -> None:
        self._clockodo = clockodo
        self._catalog = catalog
        self._folder = folder

    async def write(self, request: ExportRequest, progress: Progress) -> Exported:
        """Write every entry of the request.

        Where entries shift between pages, the draft is dropped and all is read again. Whatever fails, and where the
        call is cancelled, nothing is left behind.

        Raises:
            NotWritten: there is such a file already, the path leads out of the folder, or the disk does not take it.
            ShiftedWhileReading: entries went on shifting.
            ClockodoError: a page could not be read.
        """
        target = await self._on_disk(partial(target_in, self._folder, request.parts, overwrite=request.overwrite))
        told = 0

        async def tell(written: int, of: int) -> None:
            nonlocal told
            if written > told:
                told = written
                await progress(written, of)

        for attempt in range(1, READINGS + 1):
            try:
                return await self._write(Draft(target, request), tell)
            except ShiftedWhileReading:
                if attempt == READINGS:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _write(self, draft: "Draft", tell: Progress) -> Exported:
        names: dict[int, str] = {}
        try:
            await self._on_disk(draft.open)
            # Writing a page takes longer than fetching one, so what is read ahead waits and only takes memory.
            selection, read = draft.request.selection, 0
            async with self._clockodo.entry_pages(selection.asked, ahead=1) as pages:
                async for page in pages:
                    entries = selection.among(page.entries)
                    await self._learn(names, entries)
                    await self._on_disk(partial(draft.add, entries, names))
                    read += len(page.entries)
                    await tell(read, page.paging.count_items)
            size = await self._on_disk(draft.keep)
        finally:
            draft.drop()
        return Exported(draft.path, size, draft.totals, draft.running)

    async def _learn(self, names: dict[int, str], entries: list[Entry]) -> None:
        """The names of lump sum services, which no list of entries carries."""
        for entry in entries:
            if isinstance(entry, LumpsumServiceEntry) and not entry.services_name:
                id = entry.lumpsum_services_id
                if id not in names:
                    found = await self._catalog.lumpsum_services.by_id(id)
                    names[id] = found.name if found else ""

    async def _on_disk(self, work: Callable[[], T]) -> T:
        """Do file work in a thread. It is not abandoned on cancellation, so that nobody writes after the end.

        Raises:
            NotWritten: the system refused; in its words.
        """
        try:
            return await to_thread.run_sync(work)
        except OSError as error:
            why = error.strerror or "the system refused"
            raise NotWritten(
                f"The file could not be written to {readable(self._folder)} ({why}). "
                "Nothing was left behind. Call again with another path, or set CLOCKODO_EXPORT_DIR to a folder that "
                "can be written and restart the server."
            ) from error


# A file under way. Everything below is for threads.


class Draft:
    """An export in a file beside its target. Unless it is kept, nothing of it stays."""

    def __init__(self, target: "Destination", request: ExportRequest) -> None:
        self.request = request
        self.path = target.path
        self.totals = totals_of([])
        self.running = 0
        self._target = target
        self._part = target.path.with_name(f".clockodo-mcp-{token_hex(8)}.part")
        self._local = LocalTimes(request.zone)
        self._folders: list[Path] = []
        self._file: BinaryIO | None = None
        self._sheet: Sheet | None = None

    def open(self) -> None:
        """Begin the file, in folders that are made where they are missing.

        Raises:
            OSError: the disk does not take it.
        """
        for folder in reversed([one for one in self.path.parents if not one.exists()]):
            folder.mkdir(exist_ok=True)
            self._folders.append(folder)
        self._file = self._part.open("xb")
        self._sheet = sheet_for(
            self.request.format, self._file, self.request.columns, excel=self.request.excel,
            language=self.request.language,
        )  # fmt: skip

    def add(self, entries: list[Entry], lumpsum_services: Mapping[int, str]) -> None:
        """Write entries and add them up.

        Raises:
            OSError: the disk does not take them.
        """
        assert self._sheet is not None, "open first"
        local = self._local
        self._sheet.add(row_of(entry, local, lumpsum_services) for entry in entries)
        self.totals += totals_of(entries)
        self.running += sum(isinstance(entry, TimeEntry) and entry.running for entry in entries)

    def keep(self) -> int:
        """End the file, and give it its name once it is safe on the disk; its size in bytes.

        Raises:
            NotWritten: a file of that name has appeared meanwhile, and the request is not to overwrite one.
            OSError: the disk does not take it.
        """
        assert self._sheet is not None
        assert self._file is not None, "open first"
        self._sheet.finish()
        self._file.flush()
        os.fsync(self._file.fileno())
        size = os.fstat(self._file.fileno()).st_size
        self.drop_sheet()
        if self.request.overwrite:
            self._part.replace(self.path)
            return size
        try:
            # Taken in one step, so that no file that appeared meanwhile is replaced.
            self.path.open("xb").close()
        except FileExistsError:
            raise self._target.taken() from None
        try:
            self._part.replace(self.path)
        except OSError:
            self.path.unlink()
            raise
        return size

    def drop_sheet(self) -> None:
        """Close the file and let go of what was held for it."""
        if self._sheet is not None:
            self._sheet.drop()
        if self._file is not None:
            with suppress(OSError):  # what is not kept need not reach the disk, and what is kept has reached it
                self._file.close()

    def drop(self) -> None:
        """Remove what was not kept."""
        self.drop_sheet()
        if self._file is not None:
            self._part.unlink(missing_ok=True)
        for folder in reversed(self._folders):
            with suppress(OSError):  # a file is in it
                folder.rmdir()


@dataclass(frozen=True)
class Destination:
    """Where a file is to be, and how its path reads in the argument `path`."""

    path: Path
    relative: str

    def taken(self) -> NotWritten:
        """The refusal of a file that exists, with a name that is free."""
        free = next(
            name for n in range(2, 10_000) if not os.path.lexists(self.path.with_name(name := self._numbered(n)))
        )
        instead = "/".join((*self.relative.split("/")[:-1], free))
        try:
            wanted_file(instead, None)
        except Unreadable:  # with the number it is too long
            call = "overwrite=true to replace it"
        else:
            call = f"path={instead!r}, or with overwrite=true to replace it"
        return NotWritten(
            f"path={quoted(self.relative)}: this file exists already and was left as it is. Call again with {call}."
        )

    def _numbered(self, number: int) -> str:
        return f"{self.path.stem}-{number}{self.path.suffix}"


def target_in(folder: Path, parts: tuple[str, ...], *, overwrite: bool) -> Destination:
    """The file that `parts` (from `wanted_file`) name in a folder.

    Raises:
        NotWritten: a link on the way leads out of the folder, or there is something already that is not to be replaced.
        OSError: the system cannot tell.
    """
    relative = "/".join(parts)
    try:
        root, parent = folder.resolve(), folder.joinpath(*parts[:-1]).resolve()
    except RuntimeError as error:  # how Python before 3.13 says that links lead in a circle
        raise OSError(0, "links lead in a circle") from error
    if not parent.is_relative_to(root):
        raise NotWritten(
            f"path={quoted(relative)}: a link in it leads out of the export folder. Nothing was written. Call again "
            f"with path={parts[-1]!r}."
        )
    target = Destination(parent / parts[-1], relative)
    if target.path.is_dir() and not target.path.is_symlink():
        raise NotWritten(
            f"path={quoted(relative)}: there is a folder of this name. Nothing was written. Call again with "
            f"path={relative + '/' + parts[-1]!r}."
        )
    if os.path.lexists(target.path) and not overwrite:
        raise target.taken()
    return target
