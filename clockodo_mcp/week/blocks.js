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

const heard = (text) => element('span', { className: 'heard' }, `${text} `);

/** The inside of a block; what only colours and places tell is there to be heard. */
function blockOf(entry, since, until) {
  const times = isTime(entry) ? timesOf(since, until, entry.running) : clockOf(since);
  const more = [entry.service, words(KINDS[entry.billable] ?? '')];
  if (entry.pause) more.push(words('pause', { hours: hours(entry.pause) }));
  if (entry.locked) more.push(words('locked'));
  return [
    element(
      'span',
      { className: 'line' },
      element('span', { 'aria-hidden': 'true' }, SIGNS[entry.billable] ?? ''),
      heard(dayWords(since)),
      element('span', { className: 'times' }, times),
      ' ',
      element('span', { className: 'size' }, sizeOf(entry)),
      ' ',
      entry.locked ? element('span', { 'aria-hidden': 'true' }, '🔒') : null,
    ),
    element('span', { className: 'place' }, placeOf(entry)),
    ' ',
    entry.text ? element('span', { className: 'text' }, entry.text) : '',
    heard(` ${more.filter(Boolean).join(', ')}`),
  ];
}

const gapWords = ({ since, until }) =>
  words('gap', { day: dayWords(wall(since)), since: clockOf(wall(since)), until: clockOf(wall(until)) });

/** The head of a day: its name, its hours against the target, and what is odd. */
function dayHead(day) {
  const due = day.target === undefined ? '' : ` / ${hours(day.target)}`;
  const done = element('span', { className: 'done' }, `${hours(day.seconds)}${due}`);
  const share = day.target ? Math.min(100, Math.round((100 * day.seconds) / day.target)) : 0;
  const bar = element('span', { className: 'bar', 'aria-hidden': 'true' });
  bar.style.setProperty('--share', `${share}%`);
  const odd = day.odd
    .map((rule) => words(rule))
    .filter(Boolean)
    .join(', ');
  const name = element('span', { className: 'name' }, dayShort(midnight(day.day)));
  return [
    name,
    done,
    day.target ? bar : null,
    odd ? element('span', { className: 'odd', title: odd }, odd) : null,
  ].filter(Boolean);
}

const specialOf = (day) => [day.holiday, ...day.absences.map((one) => one[language()])].filter(Boolean);
