// How one entry, one gap, one day look and sound, in the grid and in the list.

const SIGNS = ['○', '●', '✓']; // not billable, billable, billed: told apart without colour, too
const KINDS = ['not_billable', 'billable', 'billed'];

function element(name, options = {}, ...inside) {
  const { className, ...attributes } = options;
  const made = document.createElement(name);
  if (className) made.className = className;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside.filter((one) => one !== null && one !== ''));
  return made;
}

const isShort = (entry) => isTime(entry) && drawnSpan(entry)[1] - drawnSpan(entry)[0] < 25 * MINUTE;

const classesOf = (entry) =>
  [
    'block',
    KINDS[entry.billable] ?? '',
    `hue${entry.customers_id % 6}`,
    entry.running ? 'running' : '',
    entry.locked ? 'locked' : '',
    isDraft(entry) ? 'draft' : '',
    isShort(entry) ? 'short' : '',
  ].filter(Boolean);

/** "09:00–11:00", "09:00–…" while it runs. */
const timesOf = (since, until, running) => `${clockOf(since)}–${running ? '…' : clockOf(until)}`;

function sizeOf(entry) {
  if (entry.quantity) return entry.quantity[language()];
  if (entry.running) return words('soFar', { hours: hours((now() - wall(entry.since)) / 1000) });
  const [since, until] = drawnSpan(entry);
  return hours(isDraft(entry) ? (until - since) / 1000 - entry.pause : (entry.seconds ?? 0));
}

const clockTimesOf = (entry, since, until) => (isTime(entry) ? timesOf(since, until, entry.running) : clockOf(since));

/** What a block is known by: its id, and all of it as it is heard, what only colours and places tell as well. */
function namesOf(entry, since, until) {
  const heard = [
    `${dayWords(since)} ${clockTimesOf(entry, since, until)} ${sizeOf(entry)}`,
    placeOf(entry),
    entry.text,
    oddWords(entry),
    entry.service,
    words(KINDS[entry.billable] ?? ''),
    entry.pause && words('pause', { hours: hours(entry.pause) }),
    entry.locked && words('locked'),
  ];
  return { 'data-entry': entry.id, 'aria-label': heard.filter(Boolean).join(', ') };
}

/** The inside of a block, as it is seen; few elements, since a week may have many of it. */
function blockOf(entry, since, until) {
  return [
    `${SIGNS[entry.billable] ?? ''} ${clockTimesOf(entry, since, until)} `,
    element('span', { className: 'size' }, sizeOf(entry)),
    `${entry.locked ? ' 🔒' : ''}${entry.odd.length ? ' ⚠' : ''} `,
    element('span', { className: 'place' }, placeOf(entry)),
    ' ',
    entry.text ? element('span', { className: 'text' }, entry.text) : null,
    ' ',
    entry.odd.length ? element('span', { className: 'odd' }, oddWords(entry)) : null,
  ];
}

/** How long a gap's whole minutes are; the clocks may change in it. */
function sizeOfGap(gap) {
  const trimmed = wall(gap.until) - wall(gap.since) - lengthOf(spanOfGap(gap));
  return `+ ${hours((Date.parse(gap.until) - Date.parse(gap.since) - trimmed) / 1000)}`;
}

/** What a gap is heard as: what is seen, first, for those who speak to click. */
function gapWords(gap) {
  const [since, until] = spanOfGap(gap);
  const where = words('gap', { day: dayWords(since), since: clockOf(since), until: clockOf(until) });
  return `${sizeOfGap(gap)} ${where}`;
}

/** What is odd about a day or an entry. */
const oddWords = ({ odd }) =>
  odd
    .map((rule) => words(rule))
    .filter(Boolean)
    .join(', ');

/** The head of a day: its name, its hours against the target, and what is odd. */
function dayHead(day) {
  const due = day.target === undefined ? '' : ` / ${hours(day.target)}`;
  const done = element('span', { className: 'done' }, `${hours(day.seconds)}${due}`);
  const share = day.target ? Math.min(100, Math.round((100 * day.seconds) / day.target)) : 0;
  const bar = element('span', { className: 'bar', 'aria-hidden': 'true' });
  bar.style.setProperty('--share', `${share}%`);
  const odd = oddWords(day);
  const name = element('span', { className: 'name' }, dayShort(midnight(day.day)));
  return [
    name,
    done,
    day.target ? bar : null,
    odd ? element('span', { className: 'odd', title: odd }, odd) : null,
  ].filter(Boolean);
}

const specialOf = (day) => [day.holiday, ...day.absences.map((one) => one[language()])].filter(Boolean);
