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

const classesOf = (entry) =>
  ['block', KINDS[entry.billable] ?? '', `hue${entry.customers_id % 6}`, entry.running ? 'running' : '', entry.locked ? 'locked' : '']
    .filter(Boolean);

/** "09:00–11:00", "09:00–…" while it runs. */
const timesOf = (since, until, running) => `${clockOf(since)}–${running ? '…' : clockOf(until)}`;

function sizeOf(entry) {
  if (entry.quantity) return entry.quantity[language()];
  return entry.running ? words('soFar', { hours: hours(secondsOf(entry)) }) : hours(entry.seconds ?? 0);
}

/** The inside of a block. */
function blockOf(entry, since, until) {
  const top = element('span', { className: 'times' }, isTime(entry) ? timesOf(since, until, entry.running) : clockOf(since));
  const size = element('span', { className: 'size' }, sizeOf(entry));
  const sign = element('span', { className: 'sign', 'aria-hidden': 'true', title: words(KINDS[entry.billable] ?? '') }, SIGNS[entry.billable] ?? '');
  const lock = entry.locked ? element('span', { 'aria-hidden': 'true' }, '🔒') : null;
  return [
    element('span', { className: 'line' }, sign, top, size, lock),
    element('span', { className: 'place' }, placeOf(entry)),
    entry.text ? element('span', { className: 'text' }, entry.text) : null,
  ].filter(Boolean);
}

/** A block in words, for those who hear it. */
function spokenOf(entry, [since, until] = spanOf(entry)) {
  const parts = [placeOf(entry), entry.text, entry.service, dayWords(since)];
  parts.push(isTime(entry) ? words('fromTo', { since: clockOf(since), until: entry.running ? words('running') : clockOf(until) }) : clockOf(since));
  parts.push(sizeOf(entry), words(KINDS[entry.billable] ?? ''));
  if (entry.pause) parts.push(words('pause', { hours: hours(entry.pause) }));
  if (entry.locked) parts.push(words('locked'));
  return parts.filter(Boolean).join(', ');
}

/** The head of a day: its name, its hours against the target, and what is odd. */
function dayHead(day) {
  const due = day.target === undefined ? '' : ` / ${hours(day.target)}`;
  const done = element('span', { className: 'done' }, `${hours(day.seconds)}${due}`);
  const share = day.target ? Math.min(100, Math.round((100 * day.seconds) / day.target)) : 0;
  const bar = element('span', { className: `bar${share >= 100 ? ' full' : ''}`, 'aria-hidden': 'true' });
  bar.style.setProperty('--share', `${share}%`);
  const odd = day.odd.map((rule) => words(rule)).filter(Boolean).join(', ');
  const name = element('span', { className: 'name' }, dayShort(midnight(day.day)));
  return [name, done, day.target ? bar : null, odd ? element('span', { className: 'odd', title: odd }, odd) : null].filter(Boolean);
}

const specialOf = (day) => [day.holiday, ...day.absences.map((one) => one[language()])].filter(Boolean);
