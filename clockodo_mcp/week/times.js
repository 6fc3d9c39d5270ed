// Times as they hang on the wall of the account: "2026-11-24T09:15:00", reckoned in UTC, so that the clock of the machine
// that shows the page, and its own clock changes, move nothing.

const MINUTE = 60_000,
  HOUR = 60 * MINUTE,
  DAY = 24 * HOUR;

/** A wall time as a number to reckon with; an offset behind it is left out. */
const wall = (text) => Date.parse(`${text.slice(0, 19)}Z`);

/** A number as a wall time. */
const exactly = (number) => new Date(number).toISOString().slice(0, 19);

/** The same as an argument takes it, with seconds only where there are some. */
const written = (number) => exactly(number).replace(/:00$/, '');

const dayOf = (number) => exactly(number).slice(0, 10);
const clockOf = (number) => exactly(number).slice(11, 16);
const midnight = (day) => Date.parse(`${day}T00:00:00Z`);

/** "7:30" of seconds; "−0:45" with its sign. Rounded to the minute, as in the words of each answer. */
function hours(seconds) {
  const minutes = Math.floor((Math.abs(seconds) + 30) / 60);
  return `${seconds < 0 && minutes ? '−' : ''}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

/** Both ends of an entry on the wall. What runs, or ends earlier on the wall than it began, is as long as it lasts. */
function spanOf(entry) {
  const since = wall(entry.since);
  if (entry.running) return [since, Math.max(since + MINUTE, now())];
  if (!entry.until) return [since, since];
  const until = wall(entry.until);
  return [since, until > since ? until : since + (Date.parse(entry.until) - Date.parse(entry.since))];
}

/** Whether an entry ends earlier on the wall than it began, in the hour that comes twice: its end is drawn elsewhere. */
const isBent = (entry) => Boolean(entry.until) && wall(entry.until) < wall(entry.since);

/** The present moment on the wall of the account: the server's, and what has passed since it was told. */
const now = () => wall(state.week.now) + performance.now() - state.arrived;
