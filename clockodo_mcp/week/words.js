// What the page says, in English and in German. What people typed comes from elsewhere, and never through here.

const WORDS = {
  en: {
    week: 'Week {number}',
    thisWeek: 'This week',
    weekBefore: 'Week before',
    weekAfter: 'Week after',
    ofHours: '{hours} h{due, of }',
    more: '{hours} h more than due until yesterday',
    fewer: '{hours} h fewer than due until yesterday',
    log: '+ Log',
    copyLast: 'Copy last week',
    allHours: '0–24 h',
    larger: 'Larger',
    smaller: 'Smaller',
    byCustomer: 'Hours by customer',
    soFar: '{hours} so far',
    billable: 'billable',
    not_billable: 'not billable',
    billed: 'billed',
    byDefault: 'as the project has it',
    fromTo: '{since} to {until}',
    pause: 'with {hours} h that do not count',
    locked: 'locked',
    gap: 'Log in the gap: {day}, {since} to {until}',
    logOn: 'Log on {day}',
    nothing: 'Nothing logged',
    short: 'hours missing',
    overlap: 'overlap',
    text: 'text missing',
    clock: 'clock runs long',
    sunday: 'Sunday',
    holiday: 'holiday',
    long_day: 'over ten hours',
    break: 'break missing',
    rest: 'rest too short',
    completed: 'project completed',
    logTitle: 'Log time',
    editTitle: 'Edit entry',
    seeTitle: 'Entry',
    lockedTitle: 'Entry, locked',
    place: 'Customer or project',
    service: 'Service',
    day: 'Day',
    since: 'From',
    until: 'Until',
    billableLabel: 'Billable',
    textLabel: 'Text',
    save: 'Save',
    saveAs: 'Save as copy',
    remove: 'Delete',
    close: 'Close',
    agree: 'Do it',
    decline: 'Cancel',
    needsTimes: 'Give a day, a start and an end.',
    needsPlace: 'Name a customer or a project.',
    tooLong: 'A text has at most {most} characters.',
    isStored: 'It is stored.',
    onlyTimes: 'A copy keeps place, service, text and billable; change its times only, and the rest in the copy.',
    moved: 'Moved to {to}.',
    resized: 'Ends at {until} now.',
    resizedOn: 'Ends on {day} at {until} now.',
    deleted: 'Deleted: {what}.',
    copied: 'Copied to {to}.',
    logged: 'Logged {to}.',
    saved: 'Saved: {what}.',
    undo: 'Undo',
    redo: 'Redo',
    undone: 'Taken back.',
    redone: 'Done again.',
    draft: '{to}. Enter stores it, Ctrl+Enter stores a copy, Escape takes it back.',
    takenBack: 'As it was.',
    nothingToUndo: 'Nothing was changed here that could be taken back.',
    notDone: 'Nothing was changed.',
    refused: 'Not done.',
    elsewhere: 'It was changed elsewhere meanwhile. Nothing was done.',
    lost: 'No answer came through, so it is unknown whether it was done. {why}',
    drawnNow: 'Drawn is what is stored now.',
    unread: 'The week could not be read.',
    stale: 'The week could not be read since; what is drawn may be old.',
    runs: 'It is running: its times follow the clock.',
    fixed: 'This one cannot be moved.',
    tooFar: 'By keys it gets no shorter than a quarter of an hour, and no longer than a day.',
    outside: 'That is outside of the days that are shown.',
    outsideHours: 'That is outside of the days and hours that are shown.',
    endsTwice: 'It ends in the hour that comes twice; tell the assistant, or change it in Clockodo.',
    noCopyOfPause: 'It has a time that does not count; copy it in Clockodo.',
    copyWeek: 'Copy what the week before has into this one? Entries: {entries}, {hours} h.',
    copyWeekButFor:
      'Copy what the week before has into this one? Entries: {entries}, {hours} h. Left out, since they are there already or cannot be: {skipped}.',
    nothingToCopy: 'There is nothing of the week before that is not here.',
    copiedWeek: 'Copied. Entries: {entries}.',
    busy: 'Something is still under way. Try again in a moment.',
    draftGone: 'The draft was given up.',
    lookFirst: 'Look whether it is there before you save again.',
    saveAgain: 'Save again',
    copyAgain: 'Copy again',
    notShown: 'It is not in the week that is shown.',
    asItWas: 'Nothing is different.',
    answerFirst: 'Answer the question first.',
    slow: 'Still waiting for the host …',
    formOpen: 'Save or close the form first.',
    needsService: 'An entry has a service; choose another one.',
    endsBefore: 'The end has to come after the start; over midnight, at most twelve hours after it.',
    several: 'Several have this name: {names}. Choose one with its id.',
    dayLocked: '{day} is locked.',
    deleteRunning: 'The clock runs on this entry. Deleted, it cannot be brought back. Delete it?',
    weekShown: '{title} is shown.',
    emptyWeek: 'Nothing is logged in this week.',
    zone: 'Times are those of {zone}; this device is in {here}.',
    picture:
      'This host lets the page change nothing. To change something, tell the assistant, for example: “Move the kick-off on Tuesday to ten.”',
    readOnly: 'This account is set up for reading only.',
    unknown: 'Not looked at: {what}.',
    cancelled: 'The call was cancelled. Ask for the week again.',
    noWeek: 'No week was told.',
    noHost: 'The host does not answer, so there is no week to show. Open it again.',
    tryAgain: 'Try again',
    keys: 'Keyboard',
  },
  de: {
    week: 'Woche {number}',
    thisWeek: 'Diese Woche',
    weekBefore: 'Woche davor',
    weekAfter: 'Woche danach',
    ofHours: '{hours} h{due, von }',
    more: '{hours} h mehr als fällig bis gestern',
    fewer: '{hours} h weniger als fällig bis gestern',
    log: '+ Erfassen',
    copyLast: 'Letzte Woche kopieren',
    allHours: '0–24 Uhr',
    larger: 'Größer',
    smaller: 'Kleiner',
    byCustomer: 'Stunden nach Kunde',
    soFar: '{hours} bisher',
    billable: 'abrechenbar',
    not_billable: 'nicht abrechenbar',
    billed: 'abgerechnet',
    byDefault: 'wie im Projekt',
    fromTo: '{since} bis {until}',
    pause: 'davon zählen {hours} h nicht',
    locked: 'gesperrt',
    gap: 'In der Lücke erfassen: {day}, {since} bis {until}',
    logOn: 'Erfassen am {day}',
    nothing: 'Nichts erfasst',
    short: 'Stunden fehlen',
    overlap: 'Überschneidung',
    text: 'Text fehlt',
    clock: 'Stoppuhr läuft lange',
    sunday: 'Sonntag',
    holiday: 'Feiertag',
    long_day: 'über zehn Stunden',
    break: 'Pause fehlt',
    rest: 'Ruhezeit zu kurz',
    completed: 'Projekt abgeschlossen',
    logTitle: 'Zeit erfassen',
    editTitle: 'Eintrag bearbeiten',
    seeTitle: 'Eintrag',
    lockedTitle: 'Eintrag, gesperrt',
    place: 'Kunde oder Projekt',
    service: 'Leistung',
    day: 'Tag',
    since: 'Von',
    until: 'Bis',
    billableLabel: 'Abrechenbar',
    textLabel: 'Text',
    save: 'Speichern',
    saveAs: 'Als Kopie speichern',
    remove: 'Löschen',
    close: 'Schließen',
    agree: 'Ausführen',
    decline: 'Abbrechen',
    needsTimes: 'Tag, Beginn und Ende angeben.',
    needsPlace: 'Kunde oder Projekt angeben.',
    tooLong: 'Ein Text hat höchstens {most} Zeichen.',
    isStored: 'Er ist gespeichert.',
    onlyTimes:
      'Eine Kopie behält Ort, Leistung, Text und Abrechenbarkeit; nur die Zeiten ändern, den Rest in der Kopie.',
    moved: 'Verschoben auf {to}.',
    resized: 'Endet jetzt um {until}.',
    resizedOn: 'Endet jetzt am {day} um {until}.',
    deleted: 'Gelöscht: {what}.',
    copied: 'Kopiert auf {to}.',
    logged: 'Erfasst: {to}.',
    saved: 'Gespeichert: {what}.',
    undo: 'Rückgängig',
    redo: 'Wiederholen',
    undone: 'Zurückgenommen.',
    redone: 'Wiederholt.',
    draft: '{to}. Enter speichert, Strg+Enter speichert eine Kopie, Escape nimmt es zurück.',
    takenBack: 'Wie vorher.',
    nothingToUndo: 'Hier wurde nichts geändert, das sich zurücknehmen ließe.',
    notDone: 'Nichts wurde geändert.',
    refused: 'Nicht ausgeführt.',
    elsewhere: 'Der Eintrag wurde inzwischen anderswo geändert. Nichts wurde getan.',
    lost: 'Es kam keine Antwort an; ob es ausgeführt wurde, ist nicht bekannt. {why}',
    drawnNow: 'Gezeichnet ist, was jetzt gespeichert ist.',
    unread: 'Die Woche ließ sich nicht lesen.',
    stale: 'Die Woche ließ sich seitdem nicht lesen; was hier steht, ist vielleicht alt.',
    runs: 'Er läuft: Seine Zeiten folgen der Stoppuhr.',
    fixed: 'Dieser lässt sich nicht verschieben.',
    tooFar: 'Mit Tasten wird er nicht kürzer als eine Viertelstunde und nicht länger als ein Tag.',
    outside: 'Das liegt außerhalb der gezeigten Tage.',
    outsideHours: 'Das liegt außerhalb der gezeigten Tage und Stunden.',
    endsTwice: 'Er endet in der Stunde, die zweimal kommt; sag es dem Assistenten, oder ändere ihn in Clockodo.',
    noCopyOfPause: 'Er enthält Zeit, die nicht zählt; in Clockodo kopieren.',
    copyWeek: 'Die Woche davor in diese kopieren? Einträge: {entries}, {hours} h.',
    copyWeekButFor:
      'Die Woche davor in diese kopieren? Einträge: {entries}, {hours} h. Ausgelassen, weil schon da oder nicht möglich: {skipped}.',
    nothingToCopy: 'Aus der Woche davor fehlt hier nichts.',
    copiedWeek: 'Kopiert. Einträge: {entries}.',
    busy: 'Es läuft noch etwas. Gleich noch einmal versuchen.',
    draftGone: 'Der Entwurf wurde aufgegeben.',
    lookFirst: 'Erst nachsehen, ob er da ist, dann noch einmal speichern.',
    saveAgain: 'Noch einmal speichern',
    copyAgain: 'Noch einmal kopieren',
    notShown: 'Er ist nicht in der Woche, die gezeigt wird.',
    asItWas: 'Nichts ist anders.',
    answerFirst: 'Erst die Frage beantworten.',
    slow: 'Es wird noch gewartet …',
    formOpen: 'Erst das Formular speichern oder schließen.',
    needsService: 'Ein Eintrag hat eine Leistung; eine andere wählen.',
    endsBefore: 'Das Ende muss nach dem Beginn liegen, über Mitternacht höchstens zwölf Stunden danach.',
    several: 'Mehrere heißen so: {names}. Einen davon mit seiner Id wählen.',
    dayLocked: '{day} ist gesperrt.',
    deleteRunning: 'Auf diesem Eintrag läuft die Stoppuhr. Gelöscht kommt er nicht zurück. Löschen?',
    weekShown: '{title} wird gezeigt.',
    emptyWeek: 'In dieser Woche ist nichts erfasst.',
    zone: 'Die Zeiten sind die von {zone}; dieses Gerät ist in {here}.',
    picture:
      'Hier kann die Seite nichts ändern. Zum Ändern dem Assistenten sagen, zum Beispiel: „Verschiebe den Kick-off am Dienstag auf zehn.“',
    readOnly: 'Dieser Zugang ist nur zum Lesen eingerichtet.',
    unknown: 'Nicht geprüft: {what}.',
    cancelled: 'Der Aufruf wurde abgebrochen. Bitte noch einmal nach der Woche fragen.',
    noWeek: 'Es kam keine Woche.',
    noHost: 'Der Host antwortet nicht, deshalb ist keine Woche zu sehen. Bitte neu öffnen.',
    tryAgain: 'Noch einmal',
    keys: 'Tastatur',
  },
};

const KEYS = {
  en: [
    ['↑ ↓', '15 minutes earlier, later'],
    ['← →', 'a day earlier, later'],
    ['Shift ↑ ↓', 'end 15 minutes earlier, later'],
    ['Enter', 'store; without a change: edit'],
    ['Ctrl Enter', 'store as a copy'],
    ['Esc', 'take back, close'],
    ['Del', 'delete'],
    ['N', 'log'],
    ['Ctrl Z', 'undo; once more: redo'],
    ['PgUp PgDn', 'week before, after'],
  ],
  de: [
    ['↑ ↓', '15 Minuten früher, später'],
    ['← →', 'einen Tag früher, später'],
    ['Umschalt ↑ ↓', 'Ende 15 Minuten früher, später'],
    ['Enter', 'speichern; ohne Änderung: bearbeiten'],
    ['Strg Enter', 'als Kopie speichern'],
    ['Esc', 'zurücknehmen, schließen'],
    ['Entf', 'löschen'],
    ['N', 'erfassen'],
    ['Strg Z', 'rückgängig; noch einmal: wiederholen'],
    ['Bild ↑ ↓', 'Woche davor, danach'],
  ],
};

const keyWords = () => KEYS[language()];

/** The host's way of writing; before it is known, the account's. */
const locale = () => [state.host.locale, state.week?.language, navigator.language].find(Boolean) ?? 'en';

/** The language of that; English where it is none of ours. */
const language = () => (locale().toLowerCase().startsWith('de') ? 'de' : 'en');

/** A sentence with its parts filled in; "{due, of }" is left out where there is no `due`. */
function words(key, parts = {}, of = language()) {
  return (WORDS[of][key] ?? '').replace(/\{(\w+)(?:,([^}]*))?\}/g, (_, name, before = '') =>
    parts[name] === '' || parts[name] === undefined ? '' : `${before}${parts[name]}`,
  );
}

// Our own names of days and months: the browser's, asked for the first time, take longer than ten blocks to draw.
const DAYS = {
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  de: ['So', 'Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa'],
};
const MONTHS = {
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  de: ['Jan.', 'Feb.', 'März', 'Apr.', 'Mai', 'Juni', 'Juli', 'Aug.', 'Sept.', 'Okt.', 'Nov.', 'Dez.'],
};

function partsOf(number) {
  const date = new Date(number);
  const of = language();
  return {
    weekday: DAYS[of][date.getUTCDay()],
    date: of === 'de' ? `${date.getUTCDate()}.` : `${date.getUTCDate()}`,
    month: MONTHS[of][date.getUTCMonth()],
    year: date.getUTCFullYear(),
  };
}

/** "Tue 15". */
const dayShort = (number) => `${partsOf(number).weekday} ${new Date(number).getUTCDate()}`;

/** "Tue 15 Dec", "Di., 15. Dez.". */
function dayWords(number) {
  const { weekday, date, month } = partsOf(number);
  return `${weekday}${language() === 'de' ? '.,' : ''} ${date} ${month}`;
}

/** "14–20 Dec 2026", "28 Dec 2026 – 3 Jan 2027". */
function rangeWords(first, last) {
  const [from, to] = [partsOf(first), partsOf(last)];
  const end = `${to.date} ${to.month} ${to.year}`;
  if (from.year !== to.year) return `${from.date} ${from.month} ${from.year} – ${end}`;
  if (from.month !== to.month) return `${from.date} ${from.month} – ${end}`;
  return first === last ? end : `${from.date}–${end}`;
}

/** "Tue 15 Dec, 22:00 to 02:00"; with the day of the end where that is another one. */
function spokenSpan(since, until) {
  const end = dayOf(since) === dayOf(until - 1) ? clockOf(until) : `${dayWords(until)}, ${clockOf(until)}`;
  return `${dayWords(since)}, ${words('fromTo', { since: clockOf(since), until: end })}`;
}
