// The form in which an entry is logged or edited.

const FIELDS = ['place', 'service', 'day', 'since', 'until', 'text', 'billable'];
const LONG = 12 * HOUR; // an end before the start means the day after, for a night's work, and no more

let editing = null; // the entry, or null for a new one
let opener = null; // what the focus returns to
let was = {}; // what the fields held when the form was opened
let offered = []; // rows of search_catalog
let offering = null; // the first search, under way
const field = (name) => $('form').querySelector(`[name=${name}]`);
const controls = () => [...$('form').querySelectorAll('input, select, textarea, button')];
const said = () => Object.fromEntries(FIELDS.map((name) => [name, field(name).value.trim()]));
const isDirty = () => !$('form').hidden && FIELDS.some((name) => said()[name] !== was[name]);

/** Log from a moment on; of a day alone, after what is there. */
function logFrom(since, until, wholeDay = false) {
  if (!canChange() || !leaveForm()) return;
  const day = since === null ? dayToLog() : dayOf(since);
  if (state.week.days.find((one) => one.day === day)?.locked)
    return say(words('dayLocked', { day: dayWords(midnight(day)) }), 'wrong');
  const start = since === null || wholeDay ? afterLast(day) : since;
  const end = wholeDay || until === null ? start + HOUR : until;
  editing = null;
  open(
    words('logTitle'),
    { day, since: clockOf(start), until: clockOf(end), place: '', service: '', text: '', billable: '' },
    'log',
  );
}

const dayToLog = () =>
  state.week.days.some((one) => one.day === state.week.today) ? state.week.today : state.week.first;

function afterLast(day) {
  const nine = midnight(day) + 9 * HOUR;
  const ends = state.week.entries
    .filter((one) => isTime(one) && dayOf(spanOf(one)[0]) === day)
    .map((one) => spanOf(one)[1]);
  const last = ends.length ? Math.max(...ends) : nine;
  return dayOf(last) === day ? last : nine;
}

function openEntry(entry) {
  if (!leaveForm()) return;
  if (pending) dropPending();
  editing = entry;
  open(words(isOpen(entry) ? 'editTitle' : entry.locked ? 'lockedTitle' : 'seeTitle'), valuesOf(entry), entry.id);
}

const valuesOf = (entry) => ({
  day: dayOf(wall(entry.since)),
  since: clockOf(wall(entry.since)),
  until: entry.until && isTime(entry) ? clockOf(wall(entry.until)) : '',
  place: placeOf(entry),
  service: entry.service,
  text: entry.text,
  billable: KINDS[entry.billable],
});

function open(title, values, from) {
  const at =
    from === 'log'
      ? document.activeElement
      : [...document.querySelectorAll(`#week [data-entry="${from}"]`)].find((one) => one.offsetParent);
  opener = from;
  $('formtitle').textContent = title;
  field('billable').replaceChildren(
    ...(editing ? KINDS : ['', 'billable', 'not_billable']).map((name) =>
      element('option', { value: name }, words(name || 'byDefault')),
    ),
  );
  for (const name of FIELDS) field(name).value = values[name];
  was = said();
  const closed = editing !== null && !isOpen(editing);
  for (const one of controls()) one.disabled = closed && one.id !== 'close';
  field('until').disabled ||= editing !== null && (!isTime(editing) || editing.running);
  field('service').disabled ||= editing?.kind === 'service';
  $('remove').hidden = editing === null || closed;
  $('saveas').hidden = $('remove').hidden || !isTime(editing) || editing.running;
  $('save').hidden = closed;
  wrong('');
  $('form').hidden = false;
  $('week').dataset.form = 'open';
  beside(at);
  (closed ? $('close') : field(editing ? 'text' : 'place')).focus({ preventScroll: true });
  $('form').scrollIntoView({ block: 'nearest' });
  if (!closed) offering ??= complete('');
}

/** Near what it is about, inside the page: the host's window is taller than what can be seen of it. */
function beside(el) {
  const form = $('form'),
    page = $('week').getBoundingClientRect();
  const at = el?.getBoundingClientRect?.() ?? page;
  const top = Math.max(0, Math.min(at.bottom - page.top + 4, Math.max(0, page.height - form.offsetHeight - 8)));
  const left = Math.max(0, Math.min(at.left - page.left, page.width - form.offsetWidth - 8));
  form.style.top = `${top}px`;
  form.style.left = `${left}px`;
}

function wrong(text) {
  $('wrong').textContent = text;
}

/** Whether the page may do something else: what was typed is not thrown away. */
function leaveForm() {
  if (isDirty()) {
    say(words('formOpen'), 'wrong');
    wrong(words('formOpen'));
    field(FIELDS.find((name) => said()[name] !== was[name])).focus();
    return false;
  }
  closeForm();
  return true;
}

function closeForm() {
  if ($('form').hidden) return;
  hideForm();
  state.focus = opener;
  giveFocusBack();
}

function hideForm() {
  $('form').hidden = true;
  delete $('week').dataset.form;
  editing = null;
}

const clockIn = (text) => Date.parse(`1970-01-01T${text}:00Z`);

/** The end at a time of day after a start; null where it would have to be that of a very long night, or is the start. */
function endAfter(since, clock) {
  const end = midnight(dayOf(since)) + clockIn(clock);
  if (end > since) return end;
  return end < since && end + DAY - since <= LONG ? end + DAY : null;
}

/** The times of a correction, only as far as they were changed; null where the end is not after the start. */
function timesOfEdit(entry, now) {
  const byDays = midnight(now.day) - midnight(was.day);
  const [start, end] = [wall(entry.since), isTime(entry) && entry.until ? spanOf(entry)[1] : null];
  const since = now.since === was.since ? start + byDays : midnight(now.day) + clockIn(now.since);
  if (end === null) return since === start ? {} : { time_since: written(since) };
  const until = now.until === was.until ? end + byDays : endAfter(since, now.until);
  if (until === null || (until <= since && since !== start + byDays)) return null;
  return {
    ...(since !== start ? { time_since: written(since) } : {}),
    ...(until !== end ? { time_until: written(until) } : {}),
  };
}

/** The place that was typed or chosen. A name of the list goes by its id, anything else as it stands. */
function placed(typed, entry = null) {
  const rows = offered.filter((one) => one.kind !== 'services' && one.label.toLowerCase() === typed.toLowerCase());
  if (rows.length !== 1) return { project: typed };
  const [{ kind, id }] = rows;
  if (kind === 'projects')
    return {
      project: `#${id}`,
      ...(entry?.subprojects_id && entry.projects_id === id ? { clear: ['subproject'] } : {}),
    };
  return {
    ...(entry?.customers_id === id ? {} : { customer: `#${id}` }),
    ...(entry?.projects_id ? { clear: ['project'] } : {}),
  };
}

function served(typed) {
  const row = offered.find((one) => one.kind === 'services' && one.label.toLowerCase() === typed.toLowerCase());
  return { service: row ? `#${row.id}` : typed };
}

/** Frames of hosts submit no forms: what is stored goes by calls, and Enter is ours to hear. */
function keyedInForm(event) {
  if (event.key === 'Escape') closeForm();
  else if (
    event.key === 'Enter' &&
    (event.target.matches('input') || (event.ctrlKey && event.target.matches('textarea')))
  )
    submit();
  else return;
  event.preventDefault();
}

async function submit(asCopy = false) {
  wrong('');
  const now = said();
  if (state.busy) return wrong(words('busy'));
  if (!now.day || !now.since || (!now.until && !field('until').disabled)) return wrong(words('needsTimes'));
  if (!now.place) return wrong(words('needsPlace'));
  await offering;
  const twins = offered.filter((one) => one.kind !== 'services' && one.name.toLowerCase() === now.place.toLowerCase());
  if (twins.length > 1 && now.place !== was.place)
    return wrong(words('several', { names: twins.map((one) => one.label).join(', ') }));
  if (editing === null) return log(now);
  return asCopy ? copyOf(editing, now) : edit(editing, now);
}

function log(now) {
  const since = midnight(now.day) + clockIn(now.since),
    until = endAfter(since, now.until);
  if (until === null) return wrong(words('endsBefore'));
  const args = {
    ...placed(now.place),
    ...(now.service ? served(now.service) : {}),
    ...whose(),
    time_since: written(since),
    time_until: written(until),
  };
  if (now.text) args.text = now.text;
  if (now.billable) args.billable = now.billable;
  return finish(() => create(args, 'logged', since, until));
}

function copyOf(entry, now) {
  if (['place', 'service', 'text', 'billable'].some((name) => now[name] !== was[name]))
    return wrong(words('onlyTimes'));
  const times = timesOfEdit(entry, now);
  if (times === null) return wrong(words('endsBefore'));
  const [since, until] = [
    wall(times.time_since ?? entry.since),
    times.time_until ? wall(times.time_until) : spanOf(entry)[1],
  ];
  return finish(() => copyTo(entry, since, until));
}

function edit(entry, now) {
  const differs = (name) => now[name] !== was[name];
  const times = timesOfEdit(entry, now);
  if (times === null) return wrong(words('endsBefore'));
  if (differs('service') && !now.service) return wrong(words('needsService'));
  const { clear = [], ...place } = differs('place') ? placed(now.place, entry) : {};
  const args = { ...guardOf(entry), ...times, ...place, ...(differs('service') ? served(now.service) : {}) };
  if (differs('billable')) args.billable = now.billable;
  if (differs('text') && now.text) args.text = now.text;
  if (differs('text') && !now.text) clear.push('text');
  if (clear.length) args.clear = clear;
  const changes = Object.entries(args).filter(([name]) => name !== 'id' && name !== 'drawn');
  if (!changes.length) return closeForm();
  return finish(() =>
    change('update_entry', args, {
      person: words('saved', { what: placeOf(entry) }),
      model: () =>
        `edited ${named(entry)}: ${changes.map(([name, value]) => `${name} ${quote(String(value))}`).join(', ')}`,
      focus: entry.id,
    }),
  );
}

/** Close where it was stored, or where nobody knows: Save again would book twice. Else what was typed stays. */
async function finish(doing) {
  const able = controls().filter((one) => !one.disabled);
  for (const one of able) one.disabled = true;
  const result = await doing();
  for (const one of able) one.disabled = false;
  if (result?.good || result?.lost) {
    hideForm();
    return giveFocusBack();
  }
  if (editing && !renewed()) return closeForm();
  wrong(result?.why ?? words('busy'));
  field('text').focus();
}

/** What the person did not touch is now as it is stored; false where the entry is gone. */
function renewed() {
  const there = entryOf(editing.id);
  if (!there) return false;
  const now = said();
  editing = there;
  for (const [name, value] of Object.entries(valuesOf(there))) if (now[name] === was[name]) field(name).value = value;
  const typedIn = said();
  was = Object.fromEntries(
    FIELDS.map((name) => [name, now[name] === was[name] ? typedIn[name] : valuesOf(there)[name]]),
  );
  return true;
}

/** Names to choose from, often used ones first. Those of the same name have their id beside it. */
async function complete(query) {
  if (!calls('search_catalog')) return;
  const { told: found } = await attempt('search_catalog', {
    query,
    kinds: ['projects', 'customers', 'services'],
    limit: 100,
  });
  const known = new Set(offered.map((one) => `${one.kind} ${one.id}`));
  const rows = [...offered, ...(found?.rows ?? []).filter((one) => !known.has(`${one.kind} ${one.id}`))];
  const isTwin = (row) =>
    rows.filter((one) => one.name === row.name && (one.kind === 'services') === (row.kind === 'services')).length > 1;
  offered = rows.map((row) => ({ ...row, label: isTwin(row) ? `${row.name} (id ${row.id})` : row.name }));
  const options = (test) => offered.filter(test).map((one) => element('option', { value: one.label }));
  $('places').replaceChildren(...options((one) => one.kind !== 'services'));
  $('services').replaceChildren(...options((one) => one.kind === 'services'));
}

let typing = 0;

function typed({ target }) {
  clearTimeout(typing);
  const value = target.value.trim();
  if (value.length > 1 && !offered.some((one) => one.name.toLowerCase().includes(value.toLowerCase())))
    typing = setTimeout(() => complete(value), 250);
}
