"""Sample data: a small agency with its customers, projects and people. The same seed and time give the same data."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clockodo_mcp.sandbox.rules import MOMENT
from clockodo_mcp.sandbox.seed_days import fill_days
from clockodo_mcp.sandbox.store import Store

SANDBOX_USER = "mara.lindner@example.com"
SANDBOX_KEY = "sandbox-key"
WORKER_USER = "jonas.wolf@example.com"
WORKER_KEY = "sandbox-key-worker"

ZONE = ZoneInfo("Europe/Berlin")

SERVICES = (
    ("Beratung", 120.0),
    ("Entwicklung", 95.0),
    ("Design", 90.0),
    ("Projektleitung", 110.0),
    ("Reisezeit", 45.0),
)
CUSTOMERS: tuple[tuple[str, str | None, dict[str, object], tuple[tuple[str, dict[str, object]], ...]], ...] = (
    ("Acme GmbH", "K-100", {}, (("Relaunch Website", {"number": "P-7", "budget_amount": 20000.0, "budget_monetary": 1}),
        ("Wartung", {}), ("Newsletter 2024", {"completed": 1}))),
    ("Acme Retail AG", "K-101", {}, (("Kassensystem", {"budget_amount": 300.0, "budget_hard": 1}), ("Wartung", {}))),
    ("Hotel Bergblick", "K-102", {}, (("Buchungsportal", {}), ("Fotos", {"billable_default": 0}))),
    ("Bäckerei Müller & Söhne", "K-103", {}, (("Bestell-App", {}),)),
    ("Nordlicht Energie eG", "K-104", {}, (("Kundenportal", {"budget_amount": 800.0}), ("Zählerdaten", {}))),
    ("Żółw Logistics Sp. z o.o.", "K-105", {}, (("Sendungsverfolgung", {}),)),
    ("Café Ångström", None, {}, ()),
    ("Pipe | Partners", "K-107", {}, (("Due `Diligence`", {}),)),
    ("Stadtwerke Süd", "K-108", {}, (("Störungskarte", {}), ("Archiv", {"active": 0}))),
    ("Ehemals & Co.", "K-109", {"active": 0}, (("Altprojekt", {"active": 0}),)),
    ("Dr. Özdemir Zahnärzte", "K-110", {}, ()),
    ("Intern", None, {"billable_default": 0},
        (("Weiterbildung", {"billable_default": 0}), ("Vertrieb", {"billable_default": 0}))),
)  # fmt: skip
TEXTS = (
    "Abstimmung mit dem Kunden", "Code review", "Startseite gestaltet", "Bugfix im Checkout", "Sprint planning",
    "Angebot geschrieben", "Daily", "Datenmigration vorbereitet", "Tests ergänzt", "Deployment", "Workshop Tag 1",
    "Telefonat wegen Zertifikat", "Texte eingepflegt", "API documentation", "Fehleranalyse", "Retro & Kaffee ☕",
    "Rechnung geprüft", "Formular umgebaut", "Prototype", "Schulung\nTeil 2", None,
)  # fmt: skip
BLOCKS = ((8, 30, 90), (10, 0, 75), (11, 15, 60), (13, 0, 120), (15, 0, 60), (16, 0, 90))
"""Start hour, minute and length in minutes of the pieces of a working day."""


def fill(store: Store, *, seed: int = 1, entries: int = 400, now: datetime, language: str = "de") -> None:
    """Fill an empty store. `now` is aware; no entry lies after it. `entries` is how many there are in all, `language`
    that of its owner.
    """
    chance = random.Random(seed)
    users = _people(store, language)
    places = _catalog(store)
    if entries > 0:
        _work(store, chance, entries, users, places, now)
    fill_days(store, users[0], users[1], now.astimezone(ZONE).date())


def _work(
    store: Store,
    chance: random.Random,
    entries: int,
    users: list[int],
    places: list[tuple[int, int | None]],
    now: datetime,
) -> None:
    services = [row["id"] for row in store.all("SELECT id FROM services WHERE active ORDER BY id")]
    texts = [store.texts_id(text) for text in TEXTS]
    running = max(now.replace(microsecond=0) - timedelta(minutes=52), _midnight(now))
    customer, project = places[0]
    store.add_entry(
        users_id=users[0], customers_id=customer, projects_id=project, services_id=services[1], text="Startseite",
        time_since=running.astimezone(UTC).strftime(MOMENT), clocked=1, hourly_rate=95.0,
        time_clocked_since=running.astimezone(UTC).strftime(MOMENT),
    )  # fmt: skip
    store.insert_entries(_entries(chance, entries - 1, users, places, services, texts, running))


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(ZONE).date(), time.min, tzinfo=ZONE)


def _people(store: Store, language: str) -> list[int]:
    people: tuple[tuple[str, dict[str, object]], ...] = (
        ("Mara Lindner", {"email": SANDBOX_USER, "key": SANDBOX_KEY, "role": "owner", "language": language}),
        ("Jonas Wolf", {"email": WORKER_USER, "key": WORKER_KEY}),
        ("Jonas Adler", {"email": "jonas.adler@example.com"}),
        ("Zoë Ünal", {"email": "zoe.uenal@example.com"}),
        ("Ines Früher", {"email": "ines.frueher@example.com", "active": 0}),
    )
    return [store.add_user(name, **fields) for name, fields in people]


def _catalog(store: Store) -> list[tuple[int, int | None]]:
    """Everything that is booked on; returns the places that are open for entries."""
    for name, rate in SERVICES:
        store.add_service(name, hourly_rate=rate)
    store.add_service("Fax", active=0)
    store.add_lumpsum_service("Anfahrt", 35.0, unit="km")
    store.add_lumpsum_service("Hosting-Paket", 19.9, unit="Mon.")
    store.add_lumpsum_service("Diskette", 1.0, active=0)
    open_places: list[tuple[int, int | None]] = []
    for name, number, fields, projects in CUSTOMERS:
        customer = store.add_customer(name, number=number, **fields)
        for project_name, more in projects:
            project = store.add_project(customer, project_name, **more)
            if project_name == "Relaunch Website":
                store.add_subproject(project, "Konzept")
                store.add_subproject(project, "Umsetzung")
            if more.get("active", 1) and not more.get("completed"):
                open_places.append((customer, project))
        if not projects and fields.get("active", 1):
            open_places.append((customer, None))
    return open_places


def _entries(
    chance: random.Random,
    count: int,
    users: list[int],
    places: list[tuple[int, int | None]],
    services: list[int],
    texts: list[int | None],
    before: datetime,
) -> Iterator[tuple[object, ...]]:
    """`count` rows, from today backwards; with very many, several rounds over the same three years."""
    made, day, oldest = 0, before.astimezone(ZONE).date(), before.astimezone(ZONE).date() - timedelta(days=3 * 365)
    first = day
    while made < count:
        if day.weekday() < 5 or day == first:
            for user in users[:4]:
                if user != users[0] and chance.random() < 0.6:
                    continue
                for hour, minute, length in BLOCKS:
                    if made >= count or chance.random() < 0.15:
                        continue
                    row = _entry(
                        chance,
                        datetime.combine(day, time(hour, minute), tzinfo=ZONE),
                        length,
                        user,
                        places,
                        services,
                        texts,
                        before,
                    )
                    if row is not None:
                        made += 1
                        yield row
        day -= timedelta(days=1)
        if day < oldest:
            day = first


def _entry(
    chance: random.Random,
    start: datetime,
    minutes: int,
    user: int,
    places: list[tuple[int, int | None]],
    services: list[int],
    texts: list[int | None],
    before: datetime,
) -> tuple[object, ...] | None:
    """One row in the order of the store's columns; None where it would reach past `before`."""
    end = start + timedelta(minutes=minutes)
    if end.timestamp() > before.timestamp():
        return None
    since, until = start.astimezone(UTC).strftime(MOMENT), end.astimezone(UTC).strftime(MOMENT)
    customer, project = chance.choice(places)
    old = (before - start).days > 45
    billable = 0 if chance.random() < 0.2 else 2 if old else 1
    text = chance.choice(texts)
    common = (user, customer, project, None)
    kind = chance.random()
    if kind < 0.01:
        return (
            2,
            *common,
            services[0],
            None,
            billable,
            text,
            since,
            None,
            None,
            250.0,
            None,
            None,
            0,
            None,
            until,
            until,
        )
    if kind < 0.02:
        return (
            3,
            *common,
            None,
            601,
            billable,
            text,
            since,
            None,
            None,
            None,
            float(chance.randint(1, 40)),
            None,
            0,
            None,
            until,
            until,
        )
    service = chance.choice(services)
    rate = dict(zip(services, (price for _, price in SERVICES), strict=True))[service]
    return (
        1,
        *common,
        service,
        None,
        billable,
        text,
        since,
        until,
        minutes * 60,
        None,
        None,
        rate,
        0,
        None,
        until,
        until,
    )
