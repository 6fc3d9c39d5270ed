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
    "Broke off: {entries} done. {why}": "Abgebrochen: {entries} erledigt. {why}",
    # Absences
    "absence": "Abwesenheit",
    "{kind}, asked for": "{kind}, beantragt",
    "vacation": "Urlaub",
    "special leave": "Sonderurlaub",
    "overtime taken off": "Überstundenabbau",
    "sick": "krank",
    "child sick": "Kind krank",
    "education": "Fortbildung",
    "maternity leave": "Mutterschutz",
    "home office": "Homeoffice",
    "work out of office": "Arbeit außer Haus",
    "unpaid special leave": "Sonderurlaub, unbezahlt",
    "sick, unpaid": "krank, unbezahlt",
    "child sick, unpaid": "Kind krank, unbezahlt",
    "quarantine": "Quarantäne",
    "military or alternative service": "Wehr- oder Ersatzdienst",
    "sick, sickness benefit": "krank, Krankengeld",
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
    # doctor
    "ok": "gut",
    "wrong": "falsch",
    "untried": "offen",
    "settings": "Einstellungen",
    "time zone": "Zeitzone",
    "proxy": "Proxy",
    "certificate": "Zertifikat",
    "address": "Adresse",
    "key": "Schlüssel",
    "rights": "Rechte",
    "clock": "Uhr",
    "journal": "Journal",
    "tools": "Werkzeuge",
    "Owner.": "Inhaberin oder Inhaber.",
    "Manager.": "Management.",
    "Worker.": "Mitarbeit.",
    "Samples.": "Beispieldaten.",
    "First this has to be right: {about}.": "Erst muss das stimmen: {about}.",
    "{count} are offered": "{count} werden angeboten",
    "of the toolsets {names}": "aus den Toolsets {names}",
    "and none that writes": "und keines, das schreibt",
    "Account {name} of the keychain.": "Konto {name} aus dem Schlüsselbund.",
    "From the environment: {names}.": "Aus der Umgebung: {names}.",
    "Everything else has its default.": "Alles andere hat seinen Standardwert.",
    "The host did not fill in these, which count as not set: {names}.": (
        "Das hat der Host nicht ausgefüllt, es gilt als nicht gesetzt: {names}."
    ),
    "{zone}, as CLOCKODO_TIMEZONE says.": "{zone}, laut CLOCKODO_TIMEZONE.",
    "{zone}, as the account says.": "{zone}, laut Konto.",
    "the system": "dem System",
    "The way is through the proxy of {name}.": "Der Weg führt durch den Proxy von {name}.",
    "None is in the way.": "Keiner ist dazwischen.",
    "Trusted, by {whom}.": "Vertraut, von {whom}.",
    "None is needed to this machine.": "Zu diesem Rechner ist keines nötig.",
    "{address} answers.": "{address} antwortet.",
    "Nobody answered.": "Niemand hat geantwortet.",
    "Accepted: {user}.": "Angenommen: {user}.",
    "Accepted: {name}, user {id} ({user}).": "Angenommen: {name}, Person {id} ({user}).",
    "Not known.": "Nicht bekannt.",
    "Entries of others, and revenue, may be hidden.": "Einträge anderer und Umsätze können verborgen sein.",
    "Nothing up to {day} can be changed.": "Bis {day} kann nichts geändert werden.",
    "Within {seconds} s of Clockodo's.": "Höchstens {seconds} s neben der von Clockodo.",
    "This machine is {minutes} minutes ahead of Clockodo. Set its clock.": (
        "Dieser Rechner geht gegenüber Clockodo {minutes} Minuten vor. Stelle seine Uhr."
    ),
    "This machine is {minutes} minutes behind Clockodo. Set its clock.": (
        "Dieser Rechner geht gegenüber Clockodo {minutes} Minuten nach. Stelle seine Uhr."
    ),
    "Switched off, so nothing can be undone.": "Abgeschaltet, also kann nichts rückgängig gemacht werden.",
    "memory": "Speicher",
    "{count} changes, {left} open, in {folder}.": "{count} Änderungen, {left} offen, in {folder}.",
    "Clockodo answered {status}": "Clockodo hat mit {status} geantwortet",
    "Clockodo could not be reached": "Clockodo war nicht zu erreichen",
    "Try again in a minute; check the network if it goes on.": (
        "Versuche es in einer Minute wieder; prüfe das Netz, wenn es so bleibt."
    ),
    "The account lacks the right for this; somebody with more rights in Clockodo has to do it.": (
        "Dem Konto fehlt das Recht dazu; das muss jemand mit mehr Rechten in Clockodo tun."
    ),
    "Clockodo does not accept the credentials. Log in again with `clockodo-mcp login`, or, where the environment has "
    "the account, check CLOCKODO_API_USER (the e-mail address) and CLOCKODO_API_KEY (from 'My account' in Clockodo). "
    "Then restart the server.": (
        "Clockodo nimmt die Zugangsdaten nicht an. Melde dich neu an mit `clockodo-mcp login`, oder prüfe, wo das "
        "Konto in der Umgebung steht, CLOCKODO_API_USER (die E-Mail-Adresse) und CLOCKODO_API_KEY (aus 'Mein Konto' in "
        "Clockodo). Starte dann den Server neu."
    ),
    "{reason}, so nothing was sent. Mend it where the server is started, then restart the server.": (
        "{reason}: also wurde nichts gesendet. Ändere das dort, wo der Server gestartet wird, und starte ihn neu."
    ),
    "The certificate of the Clockodo address is not trusted here ({reason}); often a company's proxy stands in "
    "between. Nothing was sent. Set SSL_CERT_FILE to a file with the company's certificate where the server is "
    "started, then restart the server.": (
        "Dem Zertifikat der Clockodo-Adresse wird hier nicht vertraut ({reason}); oft steht der Proxy einer Firma "
        "dazwischen. Nichts wurde gesendet. Setze dort, wo der Server gestartet wird, SSL_CERT_FILE auf eine Datei mit "
        "dem Zertifikat der Firma und starte den Server neu."
    ),
    "The Clockodo API does not answer at {address}. Check CLOCKODO_BASE_URL (by default {default}), then restart the "
    "server.": (
        "Die API von Clockodo antwortet nicht unter {address}. Prüfe CLOCKODO_BASE_URL (Standard: {default}) und "
        "starte den Server neu."
    ),
    "The account's time zone": "Die Zeitzone des Kontos",
    "{whose} is {name}, which is unknown here. Set CLOCKODO_TIMEZONE, for example to Europe/Berlin, and restart the "
    "server.": (
        "{whose} ist {name}, und das ist hier unbekannt. Setze CLOCKODO_TIMEZONE, zum Beispiel auf Europe/Berlin, und "
        "starte den Server neu."
    ),
    "The journal of changes cannot be used ({why}), so nothing was written to Clockodo: a change must be noted before "
    "it is made. Free the disk or point CLOCKODO_MCP_DATA_DIR to a folder that can be written, or switch journal and "
    "undo off with CLOCKODO_JOURNAL=off, then start the server again.": (
        "Das Journal der Änderungen ist nicht zu gebrauchen ({why}), also wurde nichts nach Clockodo geschrieben: eine "
        "Änderung muss notiert sein, bevor sie geschieht. Mache Platz auf der Platte, setze CLOCKODO_MCP_DATA_DIR auf "
        "einen Ordner, in den geschrieben werden kann, oder schalte Journal und Rückgängig mit CLOCKODO_JOURNAL=off "
        "ab, und starte den Server neu."
    ),
    "The journal of changes ({name}) was written by a newer clockodo-mcp, so nothing was written to Clockodo. Update "
    "clockodo-mcp, or point CLOCKODO_MCP_DATA_DIR to another folder.": (
        "Das Journal der Änderungen ({name}) stammt von einem neueren clockodo-mcp, also wurde nichts nach Clockodo "
        "geschrieben. Aktualisiere clockodo-mcp, oder setze CLOCKODO_MCP_DATA_DIR auf einen anderen Ordner."
    ),
    # Settings and accounts
    "{wrong}. Set the variables and start again.": "{wrong}. Setze die Variablen und starte neu.",
    "{wrong}. Set the variables and start again, or keep an account with `clockodo-mcp login`, or try `clockodo-mcp "
    "--demo` without an account.": (
        "{wrong}. Setze die Variablen und starte neu, oder melde ein Konto mit `clockodo-mcp login` an, oder probiere "
        "`clockodo-mcp --demo` ohne Konto."
    ),
    "is not set": "ist nicht gesetzt",
    "still is a placeholder, {name}, that the host did not fill in": (
        "ist noch ein Platzhalter, {name}, den der Host nicht ausgefüllt hat"
    ),
    "must be one of: {choices}": "muss eines sein von: {choices}",
    "must be true or false": "muss true oder false sein",
    "must be a number of seconds, from 0.1 to 300": "muss eine Zahl von Sekunden sein, von 0.1 bis 300",
    "must be the API key from 'My account' in Clockodo": "muss der API-Schlüssel aus 'Mein Konto' in Clockodo sein",
    "must be the e-mail address of a Clockodo user": "muss die E-Mail-Adresse einer Person in Clockodo sein",
    "must be a web address such as https://my.clockodo.com/api": (
        "muss eine Webadresse sein wie https://my.clockodo.com/api"
    ),
    "must have no user, password, query or fragment; the key goes into CLOCKODO_API_KEY": (
        "darf weder Benutzer noch Passwort, Abfrage oder Fragment haben; der Schlüssel gehört in CLOCKODO_API_KEY"
    ),
    "must begin with https:// (plain http is allowed to this machine only)": (
        "muss mit https:// beginnen (http allein ist nur zu diesem Rechner erlaubt)"
    ),
    "must be plain ASCII, such as my-tool;me@example.com": "muss reines ASCII sein, etwa my-tool;me@example.com",
    "must be a folder; the home folder that it names is unknown": (
        "muss ein Ordner sein; das Benutzerverzeichnis darin ist unbekannt"
    ),
    "none": "keines",
    "There is no account {name}. Kept are: {names}.": "Ein Konto {name} gibt es nicht. Angemeldet: {names}.",
    "Keep it with `clockodo-mcp login --account {name}`.": "Anmelden: `clockodo-mcp login --account {name}`.",
    "Several accounts are kept: {names}. Name one by CLOCKODO_ACCOUNT or --account.": (
        "Mehrere Konten sind angemeldet: {names}. Nenne eines mit CLOCKODO_ACCOUNT oder --account."
    ),
    "The account {name} is asked for, and the environment has another one ({variables}). Take one of them away.": (
        "Verlangt ist das Konto {name}, und in der Umgebung steht ein anderes ({variables}). Nimm eines davon weg."
    ),
    "The key of the account {name} is for {address}, and CLOCKODO_BASE_URL says another address. Take it away, or log "
    "in there with `clockodo-mcp login`.": (
        "Der Schlüssel des Kontos {name} ist für {address}, und CLOCKODO_BASE_URL sagt eine andere Adresse. Nimm sie "
        "weg, oder melde dich dort an mit `clockodo-mcp login`."
    ),
    "The keychain of this system cannot be used ({why}). Set CLOCKODO_API_USER and CLOCKODO_API_KEY in the "
    "environment of the server instead.": (
        "Der Schlüsselbund dieses Systems ist nicht zu gebrauchen ({why}). Setze stattdessen CLOCKODO_API_USER und "
        "CLOCKODO_API_KEY in der Umgebung des Servers."
    ),
    "it keeps nothing": "er bewahrt nichts auf",
    "The only keychain here keeps keys in a file in plain text, so nothing was kept. Set CLOCKODO_API_USER and "
    "CLOCKODO_API_KEY in the environment of the server instead.": (
        "Der einzige Schlüsselbund hier bewahrt Schlüssel lesbar in einer Datei auf, also wurde nichts gespeichert. "
        "Setze stattdessen CLOCKODO_API_USER und CLOCKODO_API_KEY in der Umgebung des Servers."
    ),
    "The keychain has no key for {user} any more. Log in again with `clockodo-mcp login --account {name}`.": (
        "Der Schlüsselbund hat keinen Schlüssel mehr für {user}. Melde dich neu an: `clockodo-mcp login --account "
        "{name}`."
    ),
    "{name} cannot be the name of an account; take up to 20 letters from A to Z, digits and dashes.": (
        "{name} kann kein Konto heißen; nimm bis zu 20 Buchstaben von A bis Z, Ziffern und Striche."
    ),
    "The list of accounts, {file}, cannot be read ({why}). Move it away and log in again with `clockodo-mcp login`.": (
        "Die Liste der Konten, {file}, ist nicht zu lesen ({why}). Schiebe sie beiseite und melde dich neu an: "
        "`clockodo-mcp login`."
    ),
    "The list of accounts, {file}, cannot be written ({why}). Free the disk, or point CLOCKODO_MCP_DATA_DIR to a "
    "folder that can be written.": (
        "Die Liste der Konten, {file}, ist nicht zu schreiben ({why}). Mache Platz auf der Platte, oder setze "
        "CLOCKODO_MCP_DATA_DIR auf einen Ordner, in den geschrieben werden kann."
    ),
    "E-mail address of the Clockodo user": "E-Mail-Adresse in Clockodo",
    "API key, from 'My account' in Clockodo (it is not shown)": (
        "API-Schlüssel, aus 'Mein Konto' in Clockodo (er wird nicht angezeigt)"
    ),
    "An e-mail address and an API key are needed. Nothing was kept.": (
        "Nötig sind eine E-Mail-Adresse und ein API-Schlüssel. Nichts wurde gespeichert."
    ),
    "Accepted: {name} ({user}).": "Angenommen: {name} ({user}).",
    "Kept as account {name}; the key is in the keychain of this system.": (
        "Angemeldet als Konto {name}; der Schlüssel liegt im Schlüsselbund dieses Systems."
    ),
    "Next: `clockodo-mcp install` writes it into the configuration of your host.": (
        "Als Nächstes: `clockodo-mcp install` trägt den Server in die Einstellungen deines Hosts ein."
    ),
    "A server that finds {names} in its environment uses those instead. Take them away there.": (
        "Ein Server, der {names} in seiner Umgebung findet, nimmt das stattdessen. Nimm es dort weg."
    ),
    "A server that finds {names} in its environment as well does not start. Take them away there.": (
        "Ein Server, der außerdem {names} in seiner Umgebung findet, startet nicht. Nimm es dort weg."
    ),
    "The key still stands in {file}, in a comment or elsewhere. Take it out there.": (
        "Der Schlüssel steht noch in {file}, in einem Kommentar oder anderswo. Nimm ihn dort heraus."
    ),
    "it has arguments that the server does not take; install it again.": (
        "er hat Argumente, die der Server nicht kennt; installiere neu."
    ),
    "No account is kept.": "Kein Konto ist angemeldet.",
    "No account is kept. Keep one with `clockodo-mcp login`.": "Kein Konto ist angemeldet: `clockodo-mcp login`.",
    "Account {name} ({user}) is not kept any more, nor is its key.": (
        "Konto {name} ({user}) ist abgemeldet, sein Schlüssel gelöscht."
    ),
    "Servers that run already have it until they end. The journal of changes stays.": (
        "Server, die schon laufen, haben ihn bis zu ihrem Ende. Das Journal der Änderungen bleibt."
    ),
    "{name}: {user} at {address}; {key}": "{name}: {user} bei {address}; {key}",
    "its key is in the keychain.": "der Schlüssel liegt im Schlüsselbund.",
    "The environment has one, which counts where none is named.": (
        "In der Umgebung steht eines; es gilt, wo keines genannt ist."
    ),
    "Account {name} ({user}) is not kept any more. Its key stays in the keychain, since it is also that of: {names}.": (
        "Konto {name} ({user}) ist abgemeldet. Sein Schlüssel bleibt im Schlüsselbund, denn er gilt auch für: {names}."
    ),
    "Clockodo does not accept {user} with this key. Nothing was kept. The key stands under 'My account' in Clockodo; "
    "try again.": (
        "Clockodo nimmt {user} mit diesem Schlüssel nicht an. Nichts wurde angemeldet. Der Schlüssel steht in Clockodo "
        "unter 'Mein Konto'; versuche es noch einmal."
    ),
    "{wrong}. Nothing was kept. Try again.": "{wrong}. Nichts wurde angemeldet. Versuche es noch einmal.",
    "What was typed as the e-mail address": "Was als E-Mail-Adresse getippt ist,",
    "What was typed as the key": "Was als Schlüssel getippt ist,",
    "Account {name} is another one. Choose another name, or take it away first with `clockodo-mcp logout --account "
    "{name}`.": (
        "Konto {name} ist ein anderes. Wähle einen anderen Namen, oder melde es erst ab: `clockodo-mcp logout "
        "--account {name}`."
    ),
    "Other accounts are kept already ({names}). Give this one a name by --account.": (
        "Andere Konten sind schon angemeldet ({names}). Gib diesem mit --account einen Namen."
    ),
    # Hosts
    "{file} cannot be written ({why}). Nothing was changed.": (
        "{file} ist nicht zu schreiben ({why}). Nichts wurde geändert."
    ),
    "{file} cannot be read ({why}). Nothing was changed.": (
        "{file} ist nicht zu lesen ({why}). Nichts wurde geändert."
    ),
    "{file} is read-only. Nothing was changed. Allow writing to it, and try again.": (
        "{file} ist schreibgeschützt. Nichts wurde geändert. Erlaube das Schreiben und versuche es wieder."
    ),
    "{file} cannot be understood ({why}), and is left as it is. Mend it, and try again.": (
        "{file} ist nicht zu verstehen ({why}) und bleibt, wie es ist. Bringe es in Ordnung und versuche es wieder."
    ),
    "{file} is written in a way that cannot be changed from here without touching the rest, and is left as it is. "
    "Change it yourself.": (
        "{file} ist so geschrieben, dass sich hier nichts ändern lässt, ohne den Rest zu berühren, und bleibt, wie es "
        "ist. Ändere es selbst."
    ),
    "{file} has an entry {name} that starts another server, and is left as it is. Give that entry another name, or "
    "take it away.": (
        "{file} hat einen Eintrag {name}, der einen anderen Server startet, und bleibt, wie es ist. Gib dem Eintrag "
        "einen anderen Namen, oder nimm ihn weg."
    ),
    "{file} was changed meanwhile, and is left as it is. Try again.": (
        "{file} wurde inzwischen geändert und bleibt, wie es ist. Versuche es noch einmal."
    ),
    "Sample data have no account: give --demo or --account.": (
        "Beispieldaten haben kein Konto: nimm --demo oder --account."
    ),
    "The entry would be:": "Der Eintrag wäre:",
    "Written: {file}.": "Geschrieben: {file}.",
    "Gone: {file}.": "Gelöscht: {file}.",
    "What was there before: {file}.": "Was vorher da war: {file}.",
    "{file} needs no change.": "{file} braucht keine Änderung.",
    "Write this? [Y/n]": "So schreiben? [J/n]",
    "Quit it and start it again to see the server.": "Beende es und starte es neu, dann ist der Server da.",
    "Start a new session to see the server; `/mcp` lists it.": (
        "In einer neuen Sitzung ist der Server da; `/mcp` zeigt ihn."
    ),
    "Start the server there with 'MCP: List Servers'.": "Starte den Server dort mit 'MCP: List Servers'.",
    "The account stays in the keychain until `clockodo-mcp logout`.": (
        "Das Konto bleibt im Schlüsselbund, bis `clockodo-mcp logout` es abmeldet."
    ),
    "{host}: `clockodo-mcp install {name}`.": "{host}: `clockodo-mcp install {name}`.",
    "None is found here. `clockodo-mcp install` lists those that it knows.": (
        "Keiner ist hier zu finden. `clockodo-mcp install` nennt die bekannten."
    ),
    "{path} has a name that cannot be written into a configuration. Take another.": (
        "{path} hat einen Namen, den eine Konfiguration nicht aufnehmen kann. Nimm einen anderen."
    ),
    "{command} is not there any more; install it again.": "{command} ist nicht mehr da; installiere neu.",
    "the key stands there in plain text; log in, and install it again.": (
        "der Schlüssel steht dort lesbar; melde dich an und installiere neu."
    ),
    "starts {command}.": "startet {command}.",
    "hosts": "Hosts",
    "{name}: {title}, {file}": "{name}: {title}, {file}",
    "There is no host {name} here. Known are: {names}.": "Einen Host {name} gibt es hier nicht. Bekannt: {names}.",
    "It serves sample data. Install it again without --demo for your own.": (
        "Der Server hat Beispieldaten. Für die eigenen installiere ihn noch einmal ohne --demo."
    ),
    "It serves {user}, account {name} of the keychain.": "Der Server hat {user}, Konto {name} im Schlüsselbund.",
    "Left to do: the key stands there in plain text. Keep it with `{command}`, and install it again.": (
        "Noch zu tun: der Schlüssel steht dort lesbar. Melde dich an mit `{command}` und installiere neu."
    ),
    "Left to do: the keychain does not give its key; `{command}` keeps it anew.": (
        "Noch zu tun: der Schlüsselbund gibt den Schlüssel nicht her; `{command}` meldet ihn neu an."
    ),
    "No copy is kept of what was there before, since a key of Clockodo may stand in it.": (
        "Was vorher da war, ist nicht aufgehoben, denn darin kann ein Schlüssel für Clockodo stehen."
    ),
    "Its account stands elsewhere: in a file, or in the environment of the host.": (
        "Sein Konto steht anderswo: in einer Datei oder in der Umgebung des Hosts."
    ),
    "an account that it does not name": "ein Konto, das er nicht nennt",
    "sample data": "Beispieldaten",
    "nobody yet": "noch niemanden",
    "Nothing was written.": "Nichts wurde geschrieben.",
    "Another one of these is at work. Nothing was changed. Try again.": (
        "Ein anderer dieser Befehle ist gerade dabei. Nichts wurde geändert. Versuche es noch einmal."
    ),
    "Still there: {names}.": "Noch da: {names}.",
    "another one": "ein anderes",
    "{entry}: serves nobody any more. Install it again.": "{entry}: hat niemanden mehr. Installiere neu.",
    "{entry}: serves {user} from now on.": "{entry}: hat von nun an {user}.",
    "The accounts stay in the keychain until `clockodo-mcp logout --account NAME`.": (
        "Die Konten bleiben im Schlüsselbund, bis `clockodo-mcp logout --account NAME` sie abmeldet."
    ),
    "{file} is no file. Nothing was changed.": "{file} ist keine Datei. Nichts wurde geändert.",
    "line {number}": "Zeile {number}",
    "The entry that is there serves {before}, this one would serve {after}. Nothing was changed. Keep both: "
    "`clockodo-mcp login --account NAME` for a name of its own, then `clockodo-mcp install {host} --account NAME`. Or "
    "take that entry out first: `clockodo-mcp uninstall {host}{option}`.": (
        "Der vorhandene Eintrag gilt für {before}, dieser gälte für {after}. Nichts wurde geändert. Beide behalten: "
        "`clockodo-mcp login --account NAME` mit eigenem Namen, dann `clockodo-mcp install {host} --account NAME`. "
        "Oder nimm erst den Eintrag weg: `clockodo-mcp uninstall {host}{option}`."
    ),
    "Left to do: the account stands in this environment only. Keep it with `clockodo-mcp login`, or see that the host "
    "has CLOCKODO_API_USER and CLOCKODO_API_KEY in its own.": (
        "Noch zu tun: das Konto steht nur in dieser Umgebung. Melde es an mit `clockodo-mcp login`, oder sorge dafür, "
        "dass der Host CLOCKODO_API_USER und CLOCKODO_API_KEY in seiner hat."
    ),
    "Left to do: `{command}` asks for your account, and keeps it in the keychain.": (
        "Noch zu tun: `{command}` fragt nach deinem Konto und meldet es im Schlüsselbund an."
    ),
    # demo
    "A sandbox listens at {address}; the server runs as a host would start it.": (
        "Eine Sandbox hört auf {address}; der Server läuft, wie ein Host ihn startet."
    ),
    "What did I do this week?": "Was habe ich diese Woche gemacht?",
    "Log two hours of development on the relaunch, yesterday from six: kick-off.": (
        "Buche zwei Stunden Entwicklung auf den Relaunch, gestern ab sechs: Kick-off."
    ),
    "And a flat fee of 250 for the setup.": "Und eine Pauschale von 250 für die Einrichtung.",
    "It was only an hour and a half.": "Es waren nur anderthalb Stunden.",
    "Drop the flat fee again.": "Nimm die Pauschale wieder weg.",
    "And what is there of yesterday now?": "Und was steht jetzt bei gestern?",
    "Connect your own host": "Mit dem eigenen Host verbinden",
    "Get your API key in Clockodo under *My account*. Then:": (
        "Den API-Schlüssel gibt es in Clockodo unter *Mein Konto*. Dann:"
    ),
    "In place of claude-code: {names}.": "Anstelle von claude-code: {names}.",
    "No account at hand? `clockodo-mcp install claude-code --demo`.": (
        "Kein Konto zur Hand? `clockodo-mcp install claude-code --demo`."
    ),
    # Why something cannot be done
    "no {kind} has this name, number or id.": (
        "unter diesem Namen, dieser Nummer oder ID ist nichts zu finden ({kind})."
    ),
    "no {kind} of {of} has this name, number or id.": (
        "bei {of} ist unter diesem Namen, dieser Nummer oder ID nichts zu finden ({kind})."
    ),
    "no {kind} there has this name, number or id.": (
        "dort ist unter diesem Namen, dieser Nummer oder ID nichts zu finden ({kind})."
    ),
    "The nearest": "Am nächsten kommt",
    "There are": "Es gibt",
    "There is": "Es gibt",
    "It can be": "Möglich ist",
    "{listed} and {more} more": "{listed} und {more} weitere",
    "fits {count}.": "passt auf {count}.",
    "fits {count} entries.": "passt auf {count} Einträge.",
    "fits no customer, but {count} projects.": "ist kein Kunde, passt aber auf {count} Projekte.",
    "{place} takes no new entries, since it is {state} in Clockodo.": (
        "{place} nimmt keine neuen Einträge auf: in Clockodo {state}."
    ),
    "on this project": "auf diesem Projekt",
    "on this customer": "auf diesem Kunden",
    "none is named, and your entries {on} differ in the last {days} days.": (
        "keine Leistung ist genannt, und deine Einträge {on} in den letzten {days} Tagen sind verschieden."
    ),
    "none is named, and you have no entries {on} in the last {days} days.": (
        "keine Leistung ist genannt, und {on} hast du in den letzten {days} Tagen keine Einträge."
    ),
    "entry {id} was changed since it was drawn.": "Eintrag {id} wurde geändert, seit er gezeichnet wurde.",
    "there is no such entry in Clockodo, or this account may not see it (404).": (
        "diesen Eintrag gibt es in Clockodo nicht, oder dieses Konto darf ihn nicht sehen (404)."
    ),
    "an entry lasts 24 hours at most; log several.": "ein Eintrag dauert höchstens 24 Stunden; lege mehrere an.",
    "the end must lie after the start, {start}.": "das Ende muss nach dem Beginn liegen, {start}.",
    "If the next day is meant, write {end}.": "Ist der nächste Tag gemeint, schreibe {end}.",
    "the clocks skip this time in {zone} on that day; use a time outside it.": (
        "diese Zeit überspringen die Uhren an dem Tag in {zone}; nimm eine andere."
    ),
    "this time comes twice on that day; tell the assistant which of the two, or take another.": (
        "diese Zeit gibt es an dem Tag zweimal; sage dem Assistenten, welche der beiden, oder nimm eine andere."
    ),
    "this time comes twice in {zone} on that day; say which, with its offset.": (
        "diese Zeit gibt es an dem Tag in {zone} zweimal; sage, welche gemeint ist, mit ihrem Abstand zu UTC."
    ),
    "There is no change {id}.": "Eine Änderung {id} gibt es nicht.",
    "There is nothing to undo.": "Es gibt nichts rückgängig zu machen.",
    "there is nothing to copy.": "es gibt nichts zu kopieren.",
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
    "lumpsum service": "Pauschale",
    "user": "Person",
    "start": "Beginn",
    "end": "Ende",
    "hours": "Stunden",
    "amount": "Menge",
    "text": "Text",
    "hourly rate": "Stundensatz",
    "lumpsum": "Betrag",
}
