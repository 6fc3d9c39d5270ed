// The form in which an entry is logged or edited.

const FIELDS = ['place', 'service', 'day', 'since', 'until', 'text', 'billable'];
const LONGEST_TEXT = 1000;
const LONG = 12 * HOUR; // an end before the start means the day after, for a night's work, and no more

let editing = null; // the entry, or null for a new one
let opener = null; // what the focus returns to
let titled = 'logTitle'; // what the form is called, by its words
let openedIn = null; // the week that it was opened in, and so for whom it logs, whatever is shown meanwhile
let was = {}; // what the fields held when the form was opened
let again = ''; // the button whose answer was lost: only that can be tried again
let saving = false; // the form is being stored, and stays until that has ended
let offered = []; // rows of search_catalog
let offering = null; // the first search, under way
let partial = false; // there are more than it has brought
const field = (name) => $('form').querySelector(`[name=${name}]`);
const controls = () => [...$('form').querySelectorAll('input, select, textarea, button')];
const said = () => Object.fromEntries(FIELDS.map((name) => [name, field(name).value.trim()]));
const isDirty = () => !$('form').hidden && FIELDS.some((name) => said()[name] !== was[name]);

/** Log from a moment on; of a day alone, after what is there. The form opens near `near`, and the focus returns to `from`. */
function logFrom(since, until, { wholeDay = false, from = '#log', near = shown(from) } = {}) {
  if (!canChange() || !leaveForm()) return;
  const day = since === null ? dayToLog() : dayOf(since);
  if (state.week.days.find((one) => one.day === day)?.locked)
    return say(words('dayLocked', { day: dayWords(midnight(day)) }), 'wrong');
  const start = since === null || wholeDay ? afterLast(day) : since;
  const end = wholeDay || until === null ? start + HOUR : until;
  editing = null;
  open(
    'logTitle',
    { day, since: clockOf(start), until: clockOf(end), place: '', service: '', text: '', billable: '' },
    from,
    near,
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
  open(isOpen(entry) ? 'editTitle' : entry.locked ? 'lockedTitle' : 'seeTitle', valuesOf(entry), blockOfId(entry.id));
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

function open(title, values, from, near = shown(from)) {
  [opener, titled, again, openedIn] = [from, title, '', state.week];
  field('billable').replaceChildren(
    ...(editing ? KINDS : ['', 'billable', 'not_billable']).map((value) => element('option', { value })),
  );
  nameForm();
  for (const name of FIELDS) field(name).value = values[name];
  was = said();
  const closed = editing !== null && !isOpen(editing);
  for (const one of controls()) one.disabled = closed && one.id !== 'close';
  field('until').disabled ||= editing !== null && (!isTime(editing) || editing.running);
  field('service').disabled ||= editing?.kind === 'service';
  showSaves();
  wrong('');
  $('form').hidden = false;
  $('week').dataset.form = 'open';
  beside(near);
  (closed ? $('close') : field(editing ? 'text' : 'place')).focus({ preventScroll: true });
  $('form').scrollIntoView({ block: 'nearest' });
  if (!closed) offering ??= complete('');
}

/** The words of the form that depend on what it is open for. */
function nameForm() {
  $('formtitle').textContent = words(titled);
  $('save').textContent = words(again === 'save' ? 'saveAgain' : 'save');
  $('saveas').textContent = words(again === 'saveas' ? 'copyAgain' : 'saveAs');
  for (const one of field('billable').options) one.textContent = words(one.value || 'byDefault');
}

/** What can be done with it. Where an answer was lost, only what was tried may come again. */
function showSaves() {
  const isNew = editing === null,
    closed = !isNew && !isOpen(editing);
  $('save').hidden = closed || again === 'saveas';
  $('saveas').hidden = closed || isNew || !isTime(editing) || editing.running || again === 'save';
  $('remove').hidden = closed || isNew || again === 'save' || again === 'saveas';
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
  if (saving || isDirty()) {
    const why = words(saving ? 'busy' : 'formOpen');
    say(why, 'wrong');
    wrong(why);
    field(FIELDS.find((name) => said()[name] !== was[name]) ?? 'text').focus();
    return false;
  }
  closeForm();
  return true;
}

function closeForm() {
  if ($('form').hidden) return;
  if (saving) return wrong(words('busy'));
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

/** Whether what lasts so long may be meant: no night of over twelve hours, and no more than a day, unless it was before. */
const isLikely = (since, end, [start, ended]) =>
  end > since && (!isLongNight(since, end) || isLongNight(start, ended)) && (end - since <= DAY || ended - start > DAY);

/** The end at a time of day after a start: of those that are likely the nearest to where it ended, or null. */
function endAfter(since, clock, span = [since, since], byDays = 0) {
  const ended = span[1] + byDays,
    own = midnight(dayOf(ended));
  return (
    [midnight(dayOf(since)), own - DAY, own, own + DAY]
      .map((day) => day + clockIn(clock))
      .filter((end) => isLikely(since, end, span))
      .sort((one, other) => Math.abs(one - ended) - Math.abs(other - ended))[0] ?? null
  );
}

const isLongNight = (since, until) => dayOf(since) !== dayOf(until - 1) && until - since > LONG;

const TIMES = ['day', 'since', 'until'];

/** The times of a correction, only as far as they were changed; null where the end is not after the start. */
function timesOfEdit(entry, now) {
  const byDays = midnight(now.day) - midnight(was.day);
  const [start, end] = [wall(entry.since), isTime(entry) && entry.until ? spanOf(entry)[1] : null];
  const since = now.since === was.since ? start + byDays : midnight(now.day) + clockIn(now.since);
  if (end === null) return since === start ? {} : { time_since: written(since) };
  const stays = now.until === was.until && isLikely(since, end + byDays, [start, end]);
  const until = stays ? end + byDays : endAfter(since, now.until, [start, end], byDays);
  if (until === null) return null;
  return {
    ...(since !== start ? { time_since: written(since) } : {}),
    // A start on another day alone would move the whole entry.
    ...(until !== end || dayOf(since) !== dayOf(start) ? { time_until: written(until) } : {}),
  };
}

const isService = (row) => row.kind === 'services';
const same = (one, other) => one.toLowerCase() === other.toLowerCase();

/** The rows that a typed name may mean: those with this label; else those that are called so, under whomever. */
function meant(typed, ofServices) {
  const rows = offered.filter((one) => isService(one) === ofServices);
  const labelled = rows.filter((one) => same(one.label, typed));
  return labelled.length
    ? labelled
    : rows.filter((one) => same(one.name, typed) || same(one.name.split(' › ').at(-1), typed));
}

/** The same, looked for where the list does not have it; `{ row }`, `{ typed }` where nothing is called so, or `{ why }`. */
async function chosen(typed, ofServices) {
  if (partial || !meant(typed, ofServices).length) await complete(typed);
  const rows = meant(typed, ofServices);
  if (rows.length > 1) return { why: words('several', { names: rows.map((one) => one.label).join(', ') }) };
  return rows.length ? { row: rows[0] } : { typed };
}

/** The arguments for a place. A name of the list goes by its id, anything else as it stands. */
function placed({ row, typed }, entry = null) {
  if (!row) return { project: typed };
  const { kind, id } = row;
  if (kind === 'subprojects') {
    return { project: `#${row.projects_id}`, subproject: `#${id}` };
  }
  if (kind === 'projects') {
    return {
      project: `#${id}`,
      ...(entry?.subprojects_id && entry.projects_id === id ? { clear: ['subproject'] } : {}),
    };
  }
  return {
    ...(entry?.customers_id === id ? {} : { customer: `#${id}` }),
    ...(entry?.projects_id ? { clear: ['project'] } : {}),
  };
}

const served = ({ row, typed }) => ({ service: row ? `#${row.id}` : typed });

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

/** Store what the form holds at this moment, whatever happens to it meanwhile. */
function submit(asCopy = again === 'saveas') {
  wrong('');
  const now = said(),
    before = was,
    entry = editing;
  if (state.busy) return wrong(whyBusy());
  if (!/^\d{4}-/.test(now.day) || !now.since || (!now.until && !field('until').disabled))
    return wrong(words('needsTimes'));
  if (!now.place) return wrong(words('needsPlace'));
  const differs = (name) => now[name] !== before[name];
  if (entry && differs('service') && !now.service) return wrong(words('needsService'));
  if ([...now.text].length > LONGEST_TEXT) return wrong(words('tooLong', { most: LONGEST_TEXT }));
  if (entry && !asCopy && !FIELDS.some(differs)) {
    if (again) say(words('isStored'));
    return closeForm();
  }
  return finish(entry, asCopy ? 'saveas' : 'save', async () => {
    await offering;
    const place = differs('place') ? await chosen(now.place, false) : null;
    const service = differs('service') && now.service ? await chosen(now.service, true) : null;
    const why = place?.why ?? service?.why;
    if (why) return { good: false, why };
    if (!entry) return log(now, place, service);
    return asCopy ? copyOf(entry, now, differs) : edit(entry, now, differs, place, service);
  });
}

const notSo = (key) => ({ good: false, why: words(key) });

function log(now, place, service) {
  const since = midnight(now.day) + clockIn(now.since),
    until = endAfter(since, now.until);
  if (until === null) return notSo('endsBefore');
  const times = { time_since: written(since), time_until: written(until) };
  const args = { ...placed(place), ...(service ? served(service) : {}), ...whose(openedIn), ...times };
  if (now.text) args.text = now.text;
  if (now.billable) args.billable = now.billable;
  return create(args, 'logged', since, until, openedIn);
}

function copyOf(entry, now, differs) {
  if (['place', 'service', 'text', 'billable'].some(differs)) return notSo('onlyTimes');
  const times = timesOfEdit(entry, now);
  if (times === null) return notSo('endsBefore');
  const until = times.time_until ? wall(times.time_until) : spanOf(entry)[1];
  return copyTo(entry, wall(times.time_since ?? entry.since), until);
}

function edit(entry, now, differs, chosenPlace, chosenService) {
  const times = timesOfEdit(entry, now);
  if (times === null) return notSo(isBent(entry) ? 'endsTwice' : 'endsBefore');
  const { clear = [], ...place } = chosenPlace ? placed(chosenPlace, entry) : {};
  const args = { ...guardOf(entry), ...times, ...place, ...(chosenService ? served(chosenService) : {}) };
  if (differs('billable')) args.billable = now.billable;
  if (differs('text') && now.text) args.text = now.text;
  if (differs('text') && !now.text) clear.push('text');
  if (clear.length) args.clear = clear;
  const changes = Object.entries(args).filter(([name]) => name !== 'id' && name !== 'drawn');
  if (!changes.length) return notSo('asItWas');
  return changed('update_entry', args, {
    person: ({ entry: stored }) => words('saved', { what: stored?.booked_on ?? placeOf(entry) }),
    of: entry.of,
    model: () =>
      `edited ${named(entry)}: ${changes.map(([name, value]) => `${name} ${quote(String(value))}`).join(', ')}`,
    focus: blockOfId(entry.id),
  });
}

/** Close where it was stored. Else what was typed stays, with the reason; where nobody knows, its `button` has to be meant. */
async function finish(entry, button, doing) {
  if (state.busy) return wrong(whyBusy());
  const able = controls().filter((one) => !one.disabled);
  for (const one of able) one.disabled = true;
  saving = true;
  let result = null;
  try {
    result = await busily(doing);
  } finally {
    saving = false;
    for (const one of able) one.disabled = false;
  }
  const { good, lost = false, gone = false, seen, why } = result;
  const isDeleted = lost && button === 'remove' && seen && !entryOf(entry.id);
  if (good || isDeleted) {
    hideForm();
    return giveFocusBack();
  }
  const there = entry === null || renew(entry, gone);
  const looks = lost && button !== 'remove' ? words('lookFirst') : '';
  wrong([why, there ? '' : words('notShown'), looks].filter(Boolean).join(' '));
  again = lost ? button : gone ? '' : again;
  showSaves();
  nameForm();
  // Nowhere that a second Enter would do something.
  (lost ? $('formtitle') : field('text')).focus();
}

/** What the person did not touch is now as it is stored. Where the entry is gone, what was typed may be logged anew.

False where neither is known, since the entry is not in the week that is shown. */
function renew(entry, gone) {
  const there = entryOf(entry.id),
    now = said();
  if (!there && !gone) return false;
  editing = there ?? null;
  const values = there ? valuesOf(there) : was;
  const stays = (name) => now[name] === was[name];
  const isStored = (name) => (TIMES.includes(name) ? TIMES.every(stays) : stays(name));
  for (const name of FIELDS.filter(isStored)) field(name).value = values[name];
  was = { ...values };
  if (!there) {
    titled = 'logTitle';
    was = { ...was, place: '', service: '' };
  }
  return true;
}

/** Names to choose from, often used ones first. Those of the same name have their id beside it. */
async function complete(query) {
  if (!calls('search_catalog')) return;
  const { told: found } = await attempt('search_catalog', {
    query,
    kinds: ['projects', 'customers', 'subprojects', 'services'],
    limit: 100,
  });
  if (!query) partial = !found || found.found > found.rows.length;
  const known = new Set(offered.map((one) => `${one.kind} ${one.id}`));
  const rows = [...offered, ...(found?.rows ?? []).filter((one) => !known.has(`${one.kind} ${one.id}`))];
  const isTwin = (row) =>
    rows.filter((one) => same(one.name, row.name) && isService(one) === isService(row)).length > 1;
  offered = rows.map((row) => ({ ...row, label: isTwin(row) ? `${row.name} (id ${row.id})` : row.name }));
  const options = (test) => offered.filter(test).map((one) => element('option', { value: one.label }));
  $('places').replaceChildren(...options((one) => !isService(one)));
  $('services').replaceChildren(...options(isService));
}

let typing = 0;

function typed({ target }) {
  clearTimeout(typing);
  const value = target.value.trim();
  if (value.length > 1 && !offered.some((one) => one.name.toLowerCase().includes(value.toLowerCase())))
    typing = setTimeout(() => complete(value), 250);
}
