"""What the sandbox remembers, in SQLite: a file, or memory.

Moments are stored as Clockodo writes them (`2021-06-30T12:34:56Z`), which sort as text.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, number TEXT, email TEXT UNIQUE, key TEXT,
  role TEXT NOT NULL DEFAULT 'worker', active INTEGER NOT NULL DEFAULT 1,
  timezone TEXT NOT NULL DEFAULT 'Europe/Berlin', language TEXT NOT NULL DEFAULT 'de',
  weekstart_monday INTEGER NOT NULL DEFAULT 1,
  timeformat_12h INTEGER NOT NULL DEFAULT 0, edit_lock TEXT);
CREATE TABLE IF NOT EXISTS customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, number TEXT,
  active INTEGER NOT NULL DEFAULT 1, billable_default INTEGER NOT NULL DEFAULT 1, hourly_rate REAL);
CREATE TABLE IF NOT EXISTS projects (id INTEGER PRIMARY KEY, customers_id INTEGER NOT NULL, name TEXT NOT NULL,
  number TEXT, active INTEGER NOT NULL DEFAULT 1, billable_default INTEGER NOT NULL DEFAULT 1,
  completed INTEGER NOT NULL DEFAULT 0, deadline TEXT, budget_amount REAL, budget_hard INTEGER NOT NULL DEFAULT 0,
  budget_monetary INTEGER NOT NULL DEFAULT 0, hourly_rate REAL);
CREATE TABLE IF NOT EXISTS subprojects (id INTEGER PRIMARY KEY, projects_id INTEGER NOT NULL, name TEXT NOT NULL,
  number TEXT, active INTEGER NOT NULL DEFAULT 1, billable_default INTEGER NOT NULL DEFAULT 1,
  completed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS services (id INTEGER PRIMARY KEY, name TEXT NOT NULL, number TEXT,
  active INTEGER NOT NULL DEFAULT 1, hourly_rate REAL);
CREATE TABLE IF NOT EXISTS lumpsum_services (id INTEGER PRIMARY KEY, name TEXT NOT NULL, number TEXT,
  active INTEGER NOT NULL DEFAULT 1, price REAL NOT NULL, unit TEXT);
CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY AUTOINCREMENT, type INTEGER NOT NULL,
  users_id INTEGER NOT NULL, customers_id INTEGER NOT NULL, projects_id INTEGER, subprojects_id INTEGER,
  services_id INTEGER, lumpsum_services_id INTEGER, billable INTEGER NOT NULL, texts_id INTEGER,
  time_since TEXT NOT NULL, time_until TEXT, duration INTEGER, lumpsum REAL, lumpsum_services_amount REAL,
  hourly_rate REAL, clocked INTEGER NOT NULL DEFAULT 0, time_clocked_since TEXT, time_insert TEXT NOT NULL,
  time_last_change TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entries_by_time ON entries (time_since, id);
CREATE INDEX IF NOT EXISTS entries_by_user ON entries (users_id, time_since, id);
CREATE INDEX IF NOT EXISTS entries_running ON entries (users_id) WHERE type = 1 AND time_until IS NULL;
CREATE TABLE IF NOT EXISTS target_hours (id INTEGER PRIMARY KEY, users_id INTEGER NOT NULL, date_since TEXT NOT NULL,
  date_until TEXT, monday REAL NOT NULL DEFAULT 0, tuesday REAL NOT NULL DEFAULT 0, wednesday REAL NOT NULL DEFAULT 0,
  thursday REAL NOT NULL DEFAULT 0, friday REAL NOT NULL DEFAULT 0, saturday REAL NOT NULL DEFAULT 0,
  sunday REAL NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS absences (id INTEGER PRIMARY KEY, users_id INTEGER NOT NULL, date_since TEXT NOT NULL,
  date_until TEXT NOT NULL, type INTEGER NOT NULL DEFAULT 1, status INTEGER NOT NULL DEFAULT 1, note TEXT,
  public_note TEXT, sick_note INTEGER, count_days REAL, count_hours REAL, date_enquired TEXT, date_approved TEXT,
  approved_by INTEGER);
"""

Row = dict[str, Any]
"""One row, by column. `Any`, since a row holds whatever SQLite holds."""

ENTRY_COLUMNS = (
    "type", "users_id", "customers_id", "projects_id", "subprojects_id", "services_id", "lumpsum_services_id",
    "billable", "texts_id", "time_since", "time_until", "duration", "lumpsum", "lumpsum_services_amount",
    "hourly_rate", "clocked", "time_clocked_since", "time_insert", "time_last_change",
)  # fmt: skip

FIRST_IDS = {
    "users": 101, "customers": 1001, "projects": 2001, "subprojects": 3001, "services": 501, "lumpsum_services": 601,
    "absences": 701, "target_hours": 801,
}  # fmt: skip
"""Ranges that do not touch, so that a mixed-up id is seen."""


class Store:
    """Tables of the sandbox. `path` names a file; None keeps everything in memory."""

    def __init__(self, path: str | None = None) -> None:
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(SCHEMA)
        self._counts: dict[tuple[object, ...], int] = {}
        self._counted_at = self._db.total_changes

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def all(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Every row of a query."""
        return [dict(row) for row in self._db.execute(sql, values)]

    def one(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """The first row of a query, if there is one."""
        row = self._db.execute(sql, values).fetchone()
        return None if row is None else dict(row)

    def tuples(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Every row of a query as a tuple: for many rows."""
        cursor = self._db.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, values).fetchall()

    def counted(self, sql: str, values: Sequence[object]) -> int:
        """The answer of a counting query, remembered until something is written: every page of a list asks it."""
        if self._counted_at != self._db.total_changes:
            self._counts.clear()
            self._counted_at = self._db.total_changes
        key = (sql, *values)
        if key not in self._counts:
            self._counts[key] = int(self._db.execute(sql, values).fetchone()[0])
        return self._counts[key]

    def insert(self, table: str, row: Row) -> int:
        """Add a row and return its id. Tables of the catalogue begin at ids of their own."""
        if "id" not in row and table in FIRST_IDS:
            highest = self._db.execute(f"SELECT max(id) FROM {table}").fetchone()[0]  # noqa: S608 - our own table names
            row = {"id": max(FIRST_IDS[table], (highest or 0) + 1), **row}
        marks = ", ".join("?" * len(row))
        sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608 - our own column names
        return self._db.execute(sql, list(row.values())).lastrowid or 0

    def update(self, table: str, id: int, row: Row) -> None:
        """Change columns of one row."""
        sets = ", ".join(f"{column} = ?" for column in row)
        self._db.execute(f"UPDATE {table} SET {sets} WHERE id = ?", [*row.values(), id])  # noqa: S608 - as above

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of several changes or none."""
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def delete_entry(self, id: int) -> None:
        """Remove one entry."""
        self._db.execute("DELETE FROM entries WHERE id = ?", (id,))

    def insert_entries(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Add many entries in one transaction; tuples in the order of `ENTRY_COLUMNS`."""
        marks = ", ".join("?" * len(ENTRY_COLUMNS))
        self._db.execute("BEGIN")
        self._db.executemany(f"INSERT INTO entries ({', '.join(ENTRY_COLUMNS)}) VALUES ({marks})", rows)  # noqa: S608
        self._db.execute("COMMIT")

    def texts_id(self, text: str | None) -> int | None:
        """The id of a text; equal texts share one."""
        if not text:
            return None
        self._db.execute("INSERT OR IGNORE INTO texts (text) VALUES (?)", (text,))
        return int(self._db.execute("SELECT id FROM texts WHERE text = ?", (text,)).fetchone()[0])

    # What tests put in and look at

    def add_customer(self, name: str, **fields: object) -> int:
        """A customer; its id."""
        return self.insert("customers", {"name": name, **fields})

    def add_project(self, customers_id: int, name: str, **fields: object) -> int:
        """A project of a customer; its id."""
        return self.insert("projects", {"customers_id": customers_id, "name": name, **fields})

    def add_subproject(self, projects_id: int, name: str, **fields: object) -> int:
        """A subproject of a project; its id."""
        return self.insert("subprojects", {"projects_id": projects_id, "name": name, **fields})

    def add_service(self, name: str, **fields: object) -> int:
        """A service; its id."""
        return self.insert("services", {"name": name, **fields})

    def add_lumpsum_service(self, name: str, price: float, **fields: object) -> int:
        """A lump sum service; its id."""
        return self.insert("lumpsum_services", {"name": name, "price": price, **fields})

    def add_user(self, name: str, **fields: object) -> int:
        """A co-worker; the id."""
        return self.insert("users", {"name": name, **fields})

    def add_target_hours(self, users_id: int, date_since: str, **fields: object) -> int:
        """Hours of each weekday from a day on, by default none; the id."""
        return self.insert("target_hours", {"users_id": users_id, "date_since": date_since, **fields})

    def add_absence(self, users_id: int, date_since: str, date_until: str, **fields: object) -> int:
        """An absence, by default approved vacation; its id."""
        row = {"users_id": users_id, "date_since": date_since, "date_until": date_until}
        return self.insert("absences", {**row, **fields})

    def add_entry(self, *, text: str | None = None, **columns: object) -> int:
        """An entry as it stands, unchecked; its id. `time_insert` defaults to its start."""
        row = {
            "type": 1,
            "billable": 1,
            "time_insert": columns["time_since"],
            "time_last_change": columns["time_since"],
        }
        return self.insert("entries", {**row, **columns, "texts_id": self.texts_id(text)})

    def entries(self) -> list[Row]:
        """Every entry with its text, by id."""
        return self.all("SELECT e.*, t.text FROM entries e LEFT JOIN texts t ON t.id = e.texts_id ORDER BY e.id")
