"""What a person reads without a model between follows the language of the account; what models read stays English."""

import ast
from pathlib import Path
from typing import Any

import pytest

from clockodo_mcp.doctor import examination
from clockodo_mcp.domain.exportrows import COLUMNS, headings
from clockodo_mcp.environment import REASONS
from clockodo_mcp.german import GERMAN
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.serve import listening
from clockodo_mcp.speech import in_language, joined, say
from tests.conftest import NOW, Person, facts, office_of, said, settings
from tests.processes import started
from tests.test_machines import environment  # noqa: F401 - a fixture

pytestmark = pytest.mark.anyio

PACKAGE = Path(__file__).parent.parent / "clockodo_mcp"


@pytest.fixture
def german(store: Store) -> Store:
    store.update("users", 101, {"language": "de"})
    return store


def test_every_sentence_has_its_german_and_every_german_its_place() -> None:
    texts = {
        node.value
        for path in PACKAGE.rglob("*.py")
        if path.name != "german.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    said = {
        node.args[0].value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "say"
        and isinstance(node.args[0], ast.Constant)
    }
    assert said <= GERMAN.keys()
    assert {*REASONS.values()} <= GERMAN.keys()
    said_of_kinds = {f"Which {kind} is meant by {{word}}?" for kind in KINDS}
    from_names = {"not_billable", "billed", "lumpsum", "hourly rate", "text", "lumpsum service"}
    assert GERMAN.keys() - said_of_kinds - from_names - {*COLUMNS} <= texts
    assert len(set(headings("de"))) == len(COLUMNS)


KINDS = ("customer", "project", "subproject", "service", "lumpsum service", "user")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_object_can_be_asked_about(kind: str) -> None:
    assert say(f"Which {kind} is meant by {{word}}?", word="'x {y}'").german.endswith("ist mit 'x {y}' gemeint?")


def test_a_sentence_of_sentences_has_the_german_of_its_parts() -> None:
    entry = joined(": ", (say("{count} entry", count=1), say("billed"), "Acme"))
    sentence = say("This would delete {entry}.", entry=entry)
    assert sentence == "This would delete 1 entry: billed: Acme."
    assert in_language(sentence, "de_AT") == "Gelöscht wird 1 Eintrag: abgerechnet: Acme."
    assert in_language(sentence, "fr") == sentence
    assert in_language("Acme", "de") == "Acme"


ASKED: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "delete_entry", {"id": 10}, "Ja",
        "Gelöscht wird Eintrag 10: 2026-11-24 11:15–12:15, 1:00 h, Stadtwerke Süd › Störungskarte, Projektleitung, ",
    ),
    ("split_entry", {"id": 10, "at": "11:45"}, "Ja", "Geteilt wird Eintrag 10: "),
    ("update_entries", {"ids": [10, 12], "set_billable": "billed"}, "Ja", "Geändert werden 2 Einträge, "),
    ("stop_clock", {}, "Ja", "Eintrag 1 läuft seit 15:38: Acme GmbH › Relaunch Website, "),
    ("create_lumpsum_entry", {"customer": "1003", "service": "501", "lumpsum": 5}, "Ja", "Neuer Eintrag: "),
    ("log_entries", {"entries": [{"customer": "1003", "service": "501", "duration": "5m"}]}, "Ja", "Neuer Eintrag: "),
    ("create_time_entry", {"customer": "Acme", "service": "501", "duration": "5m"}, "", "Welcher Kunde ist mit 'Acme'"),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "arguments", "answer", "begins"), ASKED)
async def test_questions_are_in_the_language_of_the_account(
    german: Store, tool: str, arguments: dict[str, Any], answer: str, begins: str
) -> None:
    person = Person(answer)
    always = settings().model_copy(update={"confirm": "always"})
    async with office_of(german, account=always, elicitation_callback=person) as office:
        result = await office.call(tool, **arguments)
    assert person.asked[0].startswith(begins), person.asked
    if "Welcher" not in begins:
        assert "entry" not in said(result) or "eintrag" not in said(result).lower()
        assert not result.is_error, said(result)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_choice_is_made_and_agreed_to_in_german(german: Store, mode: str) -> None:
    id = german.add_entry(
        users_id=101, customers_id=1001, services_id=501, duration=3600, billable=2, hourly_rate=100.0,
        text="Tests ergänzt", time_since="2026-11-24T05:00:00Z", time_until="2026-11-24T06:00:00Z",
    )  # fmt: skip
    label = f"Eintrag {id}: Di 2026-11-24 06:00–07:00, Acme GmbH, Tests ergänzt"

    class Both(Person):
        async def __call__(self, about: Any, params: Any) -> Any:
            self.answer = label if "gemeint" in params.message else "Ja"
            return await super().__call__(about, params)

    person = Both("")
    async with office_of(german, elicitation_callback=person, mode=mode) as office:
        deleted = await office.call("delete_entry", which="Tests ergänzt")
    assert person.asked[0] == "Welcher Eintrag ist mit 'Tests ergänzt' gemeint?"
    assert person.asked[1].endswith("abgerechnet, Tests ergänzt. Der Eintrag ist schon abgerechnet.")
    assert facts(deleted)["done"] == "deleted"
    assert "Deleted entry" in said(deleted)
    assert "It was already billed." in said(deleted)


async def test_a_german_no_is_a_no(german: Store) -> None:
    person = Person("Nein")
    async with office_of(german, elicitation_callback=person) as office:
        told = said(await office.call("delete_entry", id=10))
    assert told.startswith("The person did not agree")
    assert german.entries() == german.entries()


async def test_a_preview_for_a_model_stays_english(german: Store) -> None:
    always = settings().model_copy(update={"confirm": "always"})
    async with office_of(german, account=always) as office:
        told = said(await office.call("delete_entry", id=10))
    assert "This would delete entry 10: " in told


@pytest.mark.parametrize(
    ("machine", "begins"), [("de_DE.UTF-8", b"gut      Einstellungen"), ("C", b"ok       settings")]
)
@pytest.mark.slow
def test_doctor_speaks_the_language_of_the_machine_where_no_account_tells_another(machine: str, begins: bytes) -> None:
    with started("doctor", "--demo", env={"LC_ALL": machine}) as it:
        told, _ = it.communicate(timeout=30)
    assert told.startswith(begins), told


async def test_doctor_speaks_the_language_of_the_account(
    german: Store, environment: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    async with listening(create_app(german, now=lambda: NOW)) as address:
        environment.setenv("CLOCKODO_BASE_URL", address)
        found, language = await examination(now=lambda: NOW)
    assert language == "de"
    assert {one.about: in_language(one.said, language) for one in found}["address"] == f"{address} antwortet."
    environment.setenv("CLOCKODO_BASE_URL", f"{address}s")
    environment.setenv("LC_ALL", "de_DE.UTF-8")
    found, language = await examination(now=lambda: NOW)
    [wrong] = [in_language(one.said, language) for one in found if one.state == "wrong"]
    assert wrong.startswith("Clockodo war nicht zu erreichen")


WHY: list[tuple[str, dict[str, Any], str]] = [
    (
        "create_time_entry",
        {"project": "Nirgendwo"},
        "'Nirgendwo': unter diesem Namen, dieser Nummer oder ID",
    ),
    (
        "create_time_entry",
        {"project": "Wartung"},
        "'Wartung': passt auf 2. Möglich ist: Acme GmbH › Wartung",
    ),
    ("create_time_entry", {"project": "#2015"}, "(id 2015, inaktiv) nimmt keine neuen Einträge auf"),
    ("create_time_entry", {"customer": "Intern"}, "keine Leistung ist genannt, und deine Einträge auf"),
    (
        "create_time_entry",
        {"project": "#2001", "time_until": "2026-11-24T05:00"},
        "das Ende muss nach dem Beginn liegen",
    ),
    ("update_entry", {"id": 99999, "text": "x"}, "'99999': diesen Eintrag gibt es in Clockodo nicht"),
    ("undo_change", {"change_id": 9999}, "Eine Änderung 9999 gibt es nicht."),
    ("copy_entries", {"period": "2026-W10", "to": "2026-W48"}, "'2026-W10': es gibt nichts zu kopieren."),
]


@pytest.mark.parametrize(("tool", "arguments", "why"), WHY)
async def test_a_page_says_why_not_in_both_languages(
    store: Store, tool: str, arguments: dict[str, Any], why: str
) -> None:
    times = {"time_since": "2026-11-24T06:00", "time_until": "2026-11-24T07:00"}
    async with office_of(store) as office:
        refused = await office.call(tool, **((times if tool == "create_time_entry" else {}) | arguments))
    assert refused.is_error
    assert refused.meta
    told = refused.meta["clockodo-mcp/page"]["why"]
    assert why in told["de"]
    assert why not in told["en"]
