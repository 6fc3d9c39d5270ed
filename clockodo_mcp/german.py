"""The German of what a person reads without a model between, by its English. Data; `speech` puts it into sentences.

Words are Clockodo's own where it has them. Source: Clockodo's German interface and help.
"""

GERMAN = {
    # Questions and their choices
    "Which customer is meant by {word}?": "Welcher Kunde ist mit {word} gemeint?",
    "Which project is meant by {word}?": "Welches Projekt ist mit {word} gemeint?",
    "Which subproject is meant by {word}?": "Welches Teilprojekt ist mit {word} gemeint?",
    "Which service is meant by {word}?": "Welche Leistung ist mit {word} gemeint?",
    "Which lumpsum service is meant by {word}?": "Welche Pauschale ist mit {word} gemeint?",
    "Which user is meant by {word}?": "Welche Person ist mit {word} gemeint?",
    "Which entry is meant by {word}?": "Welcher Eintrag ist mit {word} gemeint?",
    "Which service (kind of work) is it?": "Welche Leistung (Art der Arbeit) ist es?",
    "({more} more are not listed; decline to name it better.)": (
        "({more} weitere stehen nicht in der Liste; wer ablehnt, kann es genauer sagen.)"
    ),
    "Entry {number}": "Eintrag {number}",
    "All of them": "Alle davon",
    "Yes": "Ja",
    "No": "Nein",
    "number {number}": "Nummer {number}",
    "inactive": "inaktiv",
    "completed": "abgeschlossen",
    # What would be done
    "This would create: {entry}.": "Neuer Eintrag: {entry}.",
    "This would change {entry}.": "Geändert wird {entry}.",
    "This would delete {entry}.": "Gelöscht wird {entry}.",
    "This would create {entries}, {much}:": "{entries} neu, {much}:",
    "This would change {entries}, {much}:": "Geändert werden {entries}, {much}:",
    "- and {count} more": "- und {count} weitere",
    "This would start the clock {when} on {entry}.": "Die Stoppuhr startet {when} auf {entry}.",
    "{runs}. This would stop it {when} and start the clock on {entry}.": (
        "{runs}. Er wird {when} gestoppt, und die Stoppuhr startet auf {entry}."
    ),
    "{runs}. This would stop it {when} with the text {text}.": "{runs}. Er wird {when} gestoppt, mit dem Text {text}.",
    "{runs}. This would stop it {when}.": "{runs}. Er wird {when} gestoppt.",
    "{runs}. This would move its start to {start}.": "{runs}. Sein Beginn wird auf {start} verschoben.",
    "Entry {id} runs since {since}: {on}": "Eintrag {id} läuft seit {since}: {on}",
    "at {time}": "um {time}",
    "now": "jetzt",
    "This would split {entry} at {time}, with a new entry for the rest: {rest}.": (
        "Geteilt wird {entry}, und zwar um {time}; neuer Eintrag für den Rest: {rest}."
    ),
    "This would undo change {id}: delete {what}.": "Änderung {id} wird rückgängig gemacht: gelöscht wird {what}.",
    "This would undo change {id}: give its old values to {what}.": (
        "Änderung {id} wird rückgängig gemacht: die alten Werte bekommt {what}."
    ),
    "This would undo change {id}: move back the start of {what}.": (
        "Änderung {id} wird rückgängig gemacht: den alten Beginn bekommt {what}."
    ),
    "This would undo change {id}: create again {what}.": (
        "Änderung {id} wird rückgängig gemacht: neu angelegt wird {what}."
    ),
    "{entries}, such as {entry}": "{entries}, etwa {entry}",
    "It is already billed.": "Der Eintrag ist schon abgerechnet.",
    "It belongs to another person.": "Der Eintrag gehört einer anderen Person.",
    "{count} of {all}: {reason}": "{count} von {all}: {reason}",
    "Entry {id} was changed elsewhere since ({fields}), and is left as it is.": (
        "Eintrag {id} wurde inzwischen anderswo geändert ({fields}) und bleibt, wie er ist."
    ),
    # An entry
    "entry {id}: ": "Eintrag {id}: ",
    "{count} entry": "{count} Eintrag",
    "{count} entries": "{count} Einträge",
    "{start}–running": "{start}–läuft",
    "lump sum {money}": "Pauschale {money}",
    "lump sums {money}": "Pauschalen {money}",
    "user {id}": "Person {id}",
    "billable": "abrechenbar",
    "not_billable": "nicht abrechenbar",
    "billed": "abgerechnet",
    "nothing": "nichts",
    "Mon": "Mo",
    "Tue": "Di",
    "Wed": "Mi",
    "Thu": "Do",
    "Fri": "Fr",
    "Sat": "Sa",
    "Sun": "So",
    # Headings of a file
    "Entries": "Einträge",
    "id": "Eintrag",
    "type": "Art",
    "date": "Datum",
    "start_offset": "Beginn UTC",
    "end_offset": "Ende UTC",
    "seconds": "Sekunden",
    "quantity": "Anzahl",
    "revenue": "Umsatz",
    "customer_id": "Kunde-ID",
    "project_id": "Projekt-ID",
    "subproject_id": "Teilprojekt-ID",
    "service_id": "Leistung-ID",
    "lumpsum_service_id": "Pauschale-ID",
    "user_id": "Person-ID",
    "text_id": "Text-ID",
    # Fields of an entry
    "customer": "Kunde",
    "project": "Projekt",
    "subproject": "Teilprojekt",
    "service": "Leistung",
    "lump sum service": "Pauschale",
    "user": "Person",
    "start": "Beginn",
    "end": "Ende",
    "hours": "Stunden",
    "amount": "Menge",
    "text": "Text",
    "hourly rate": "Stundensatz",
    "lumpsum": "Betrag",
}
