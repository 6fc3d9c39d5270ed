"""Kinds of work under the names that people give them in German, English and French.

Used only where a word fits nothing there is, and means exactly one of it. Data, and no translation: a kind of work that
is not here is asked about.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from clockodo_mcp.domain.words import words_of

KINDS_OF_WORK = (
    "Entwicklung, Softwareentwicklung, Programmierung, development, software development, programming, développement",
    "Beratung, Consulting, advice, conseil",
    "Gestaltung, Entwurf, Design, conception graphique",
    "Projektleitung, Projektmanagement, project management, project lead, gestion de projet",
    "Reisezeit, Fahrzeit, Anfahrt, Reise, travel, travel time, driving, déplacement, trajet",
    "Besprechung, Meeting, Sitzung, réunion",
    "Betreuung, Kundendienst, Support, Helpdesk, assistance",
    "Wartung, Instandhaltung, maintenance, entretien",
    "Test, Tests, Testen, Qualitätssicherung, testing, quality assurance, QA, assurance qualité",
    "Schulung, Weiterbildung, Training, Workshop, formation",
    "Verwaltung, Büro, Büroarbeit, administration, office work, back office",
    "Vertrieb, Verkauf, Akquise, sales, vente",
    "Buchhaltung, accounting, bookkeeping, comptabilité",
    "Dokumentation, documentation",
    "Übersetzung, translation, traduction",
    "Recherche, Forschung, research",
    "Planung, Konzeption, planning, conception, planification",
    "Installation, Montage, Einbau, setup",
    "Fehlerbehebung, Fehlersuche, bug fixing, debugging, troubleshooting, dépannage",
    "Analyse, analysis",
    "Intern, Internes, internal, interne",
)
"""Each line one kind of work."""


@cache
def _by_words() -> Mapping[tuple[str, ...], Sequence[str]]:
    """By the words of each name, what else the kind of work is called. Made when a word is first asked for."""
    return {
        words_of(name): [other for other in line.split(", ") if other != name]
        for line in KINDS_OF_WORK
        for name in line.split(", ")
    }


def other_names(word: str) -> Sequence[str]:
    """What else a kind of work is called; nothing for a word that is none.

    >>> "Entwicklung" in other_names("Development"), list(other_names("Acme"))
    (True, [])
    """
    return _by_words().get(words_of(word), ())
