// The form in which an entry is logged or edited.

let editing = null; // the entry, or null for a new one
let opener = null; // what the focus returns to
let offered = null; // rows of search_catalog, once fetched
const field = (name) => $('form').querySelector(`[name=${name}]`);
const controls = () => $('form').querySelectorAll('input, select, textarea, button');

/** Log from a moment on; of a day alone, after what is there. */
function logFrom(since, until, wholeDay = false) {
  if (!canChange()) return;
  const day = since === null ? dayToLog() : dayOf(since);
  const start = since === null || wholeDay ? afterLast(day) : since;
  editing = null;
  open({
    title: words('logTitle'), day, since: clockOf(start), until: clockOf(until ?? Math.min(start + HOUR, midnight(day) + DAY - MINUTE)),
    place: '', service: '', text: '', billable: '',
  });
}

const dayToLog = () => (state.week.days.some((one) => one.day === state.week.today) ? state.week.today : state.week.first);

function afterLast(day) {
  const ends = state.week.entries.filter((one) => isTime(one) && dayOf(spanOf(one)[0]) === day).map((one) => spanOf(one)[1]);
  const last = Math.max(midnight(day) + 9 * HOUR, ...ends);
  return dayOf(last) === day ? last : midnight(day) + 9 * HOUR;
}

function openEntry(entry, el) {
  if (pending) return;
  editing = entry;
  const [since] = spanOf(entry);
  open({
    title: words(isOpen(entry) ? 'editTitle' : 'seeTitle'), day: dayOf(since), since: clockOf(since),
    until: entry.until && isTime(entry) ? clockOf(wall(entry.until)) : '',
    place: placeOf(entry), service: entry.service, text: entry.text, billable: KINDS[entry.billable],
  }, el);
}

function open(values, el = document.activeElement) {
  opener = el?.closest?.('[data-entry]') ? Number(el.closest('[data-entry]').dataset.entry) : 'log';
  const form = $('form');
  $('formtitle').textContent = values.title;
  field('billable').replaceChildren(...billables());
  for (const name of ['place', 'service', 'day', 'since', 'until', 'text', 'billable']) field(name).value = values[name];
  form.dataset.was = JSON.stringify(said());
  const closed = editing !== null && !isOpen(editing);
  for (const one of controls()) one.disabled = closed && one.id !== 'close';
  field('until').disabled = closed || (editing !== null && (!isTime(editing) || editing.running));
  field('service').disabled = closed || editing?.kind === 'service';
  $('remove').hidden = $('saveas').hidden = editing === null || closed;
  $('saveas').hidden ||= !isTime(editing) || editing.running;
  $('save').hidden = closed;
  wrong('');
  form.hidden = false;
  beside(el);
  (closed ? $('close') : field(editing ? 'text' : 'place')).focus({ preventScroll: true });
  form.scrollIntoView({ block: 'nearest' });
  if (!closed) complete('');
}

/** Near what it is about, inside the page: the host's window is taller than what can be seen of it. */
function beside(el) {
  const form = $('form'), page = $('week').getBoundingClientRect();
  const at = el?.getBoundingClientRect?.() ?? page;
  const top = Math.max(0, Math.min(at.bottom - page.top + 4, Math.max(0, page.height - form.offsetHeight - 8)));
  const left = Math.max(0, Math.min(at.left - page.left, page.width - form.offsetWidth - 8));
  form.style.top = `${top}px`;
  form.style.left = `${left}px`;
}

function billables() {
  const names = editing ? KINDS : ['', 'billable', 'not_billable'];
  return names.map((name) => element('option', { value: name }, words(name || 'byDefault')));
}

const said = () => Object.fromEntries(['place', 'service', 'day', 'since', 'until', 'text', 'billable'].map((name) => [name, field(name).value.trim()]));

function wrong(text) {
  $('wrong').textContent = text;
}

function closeForm() {
  if ($('form').hidden) return;
  $('form').hidden = true;
  editing = null;
  state.focus = opener;
  giveFocusBack();
}

/** Both ends on the wall; an end before the start is on the next day. */
function span({ day, since, until }) {
  const start = wall(`${day}T${since}:00`);
  if (!until) return [start, null];
  const end = wall(`${day}T${until}:00`);
  return [start, end > start ? end : end + DAY];
}

/** What was chosen from the list goes by its id, what was typed as it stands: the same words as everywhere. */
function placed(typed) {
  const row = offered?.find((one) => one.name === typed && one.kind !== 'services');
  if (row) return { [row.kind === 'projects' ? 'project' : 'customer']: `#${row.id}` };
  return { project: typed };
}

function served(typed) {
  const row = offered?.find((one) => one.name === typed && one.kind === 'services');
  return { service: row ? `#${row.id}` : typed };
}

/** Frames of hosts submit no forms: what is stored goes by calls, and Enter is ours to hear. */
function keyedInForm(event) {
  if (event.key === 'Escape') closeForm();
  else if (event.key === 'Enter' && (event.target.matches('input') || (event.ctrlKey && event.target.matches('textarea')))) submit();
  else return;
  event.preventDefault();
}

async function submit(asCopy = false) {
  const now = said(), was = JSON.parse($('form').dataset.was);
  const differs = (...names) => names.some((name) => now[name] !== was[name]);
  if (!now.day || !now.since) return wrong(words('needsTimes'));
  const [since, until] = span(now);
  if (editing === null) {
    if (!now.place) return wrong(words('needsPlace'));
    if (until === null) return wrong(words('needsTimes'));
    const args = { ...placed(now.place), ...(now.service ? served(now.service) : {}), ...whose(), time_since: written(since), time_until: written(until) };
    if (now.text) args.text = now.text;
    if (now.billable) args.billable = now.billable;
    return finish(() => create(args, 'logged', spokenSpan(since, until)));
  }
  const entry = editing;
  if (asCopy) {
    if (differs('place', 'service', 'text', 'billable')) return wrong(words('onlyTimes'));
    return finish(() => copyTo(entry, since, until));
  }
  const args = guardOf(entry);
  if (differs('day', 'since', 'until')) {
    args.time_since = written(since);
    if (until !== null && isTime(entry) && !entry.running) args.time_until = written(until);
  }
  if (differs('place')) Object.assign(args, placed(now.place));
  if (differs('service')) Object.assign(args, served(now.service));
  if (differs('billable')) args.billable = now.billable;
  if (differs('text')) Object.assign(args, now.text ? { text: now.text } : { clear: ['text'] });
  if (Object.keys(args).length === 2) return closeForm();
  await finish(() => change('update_entry', args, {
    person: words('saved', { what: placeOf(entry) }),
    model: () => `edited ${named(entry)}: ${Object.entries(args).filter(([name]) => name !== 'id' && name !== 'drawn').map(([name, value]) => `${name} ${value}`).join(', ')}`,
    focus: entry.id,
  }));
}

/** Close where it was stored; where it was refused, what was typed stays, with the reason. */
async function finish(doing) {
  for (const one of controls()) one.disabled = true;
  const good = await doing();
  for (const one of controls()) one.disabled = false;
  if (good) {
    $('form').hidden = true;
    editing = null;
    giveFocusBack();
    return;
  }
  if (editing) {
    const there = entryOf(editing.id);
    if (!there) return closeForm();
    editing = there;
  }
  wrong($('says').textContent);
  field('text').focus();
}

/** Names to choose from, often used ones first. */
async function complete(query) {
  if (!calls('search_catalog') || (offered && !query)) return;
  try {
    const { told } = await tool('search_catalog', { query, kinds: ['projects', 'customers', 'services'], limit: 100 });
    const known = new Set((offered ?? []).map((one) => `${one.kind} ${one.id}`));
    offered = [...(offered ?? []), ...(told?.rows ?? []).filter((one) => !known.has(`${one.kind} ${one.id}`))];
  } catch {
    return; // the names can be typed all the same
  }
  const options = (test) => offered.filter(test).map((one) => element('option', { value: one.name }));
  $('places').replaceChildren(...options((one) => one.kind !== 'services'));
  $('services').replaceChildren(...options((one) => one.kind === 'services'));
}

let typing = 0;

function typed({ target }) {
  clearTimeout(typing);
  const value = target.value.trim();
  if (value.length > 1 && !offered?.some((one) => one.name.toLowerCase().includes(value.toLowerCase()))) typing = setTimeout(() => complete(value), 250);
}
