// Gestures by mouse, touch and keyboard. Keys move a draft, which Enter stores and Escape takes back.

let pending = null; // { entry, since, until }

const isCopy = (event) => Boolean(event && (event.altKey || event.ctrlKey || event.metaKey));
const passed = ({ days: byDays, seconds }) => byDays * DAY + seconds * 1000;

function clicked({ entry, gap }, el) {
  if (gap) logFrom(wall(gap.since), wall(gap.until));
  else if (entry) openEntry(entry, el);
}

async function dropped({ event, delta, revert, jsEvent }) {
  const { entry } = event.extendedProps;
  const [since, until] = [wall(entry.since) + passed(delta), wall(entry.until) + passed(delta)];
  if (state.busy) return revert();
  if (isCopy(jsEvent)) {
    revert();
    await copyTo(entry, since, until);
  } else {
    await moveTo(entry, since, until);
  }
}

async function resized({ event, endDelta, revert }) {
  const { entry } = event.extendedProps;
  if (state.busy) return revert();
  await endAt(entry, wall(entry.until) + passed(endDelta));
}

function dropPending() {
  if (!pending) return;
  pending = null;
  draw();
}

/** Move the draft of an entry; the week stays as it is until Enter. There is one draft at a time. */
function draft(entry, move, stretch) {
  if (pending && pending.entry.id !== entry.id) {
    const before = pending.entry;
    pending = null;
    redraft(before, ...spanOf(before), []);
  }
  const [since, until] = pending ? [pending.since, pending.until] : [wall(entry.since), wall(entry.until)];
  const next = { entry, since: since + move, until: until + move + stretch };
  if (next.until - next.since < 15 * MINUTE || next.until - next.since > DAY) return say(words('tooFar'), 'wrong');
  if (!days().some((one) => one.day === dayOf(next.since))) return say(words('outside'), 'wrong');
  pending = next;
  state.focus = entry.id;
  redraft(entry, next.since, next.until, ['draft']);
  say(words('draft', { to: spokenSpan(next.since, next.until) }));
}

/** Draw one block elsewhere, and nothing else anew. */
function redraft(entry, since, until, classes) {
  const text = (number) => new Date(number).toISOString().slice(0, 19);
  const drawn = calendar.getEventById(String(entry.id));
  if (drawn) calendar.updateEvent({ ...drawn, start: text(since), end: text(until), classNames: [...classesOf(entry), ...classes] });
  for (const one of document.querySelectorAll(`#list [data-entry="${entry.id}"]`)) {
    one.className = [...classesOf(entry), ...classes].join(' ');
    one.replaceChildren(...blockOf(entry, since, until));
  }
}

async function store(copy) {
  const { entry, since, until } = pending;
  pending = null;
  if (copy) {
    draw();
    return copyTo(entry, since, until);
  }
  return since === wall(entry.since) ? endAt(entry, until) : moveTo(entry, since, until);
}

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function keyed(event) {
  if (!state.week || event.target.closest('#form, #asked')) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') {
    event.preventDefault();
    return undo();
  }
  // While a draft is drawn anew, the focus is nowhere for a moment; quick fingers still mean it.
  const nowhere = event.target === document.body || event.target === document.documentElement;
  const entry = entryOf(event.target.closest('[data-entry]')?.dataset.entry) ?? (nowhere ? pending?.entry : undefined);
  const gap = event.target.closest('#grid [data-gap]');
  if (gap && (event.key === 'Enter' || event.key === ' ')) {
    stop(event);
    return gap.click();
  }
  const handled = entry ? keyedOn(entry, event) : false;
  if (handled || !keyedAnywhere(event)) {
    if (handled) stop(event);
    return;
  }
  stop(event);
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

function keyedOn(entry, event) {
  const arrow = ARROWS[event.key];
  if (arrow) {
    if (!isOpen(entry) || !isTime(entry) || entry.running) {
      say(words(entry.running ? 'runs' : 'fixed'), 'wrong');
      return true;
    }
    const [byDays, steps] = arrow;
    if (event.shiftKey && byDays) return true;
    draft(entry, event.shiftKey ? 0 : byDays * DAY + steps * 15 * MINUTE, event.shiftKey ? steps * 15 * MINUTE : 0);
    return true;
  }
  if (event.key === 'Enter' || event.key === ' ') {
    if (pending?.entry.id === entry.id) store(isCopy(event));
    else openEntry(entry, event.target);
    return true;
  }
  if ((event.key === 'Delete' || event.key === 'Backspace') && isOpen(entry)) {
    pending = null;
    remove(entry);
    return true;
  }
  return false;
}

function keyedAnywhere(event) {
  if (event.key === 'Escape' && pending) {
    const { entry } = pending;
    state.focus = entry.id;
    dropPending();
    say(words('takenBack'));
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === 'n' && canChange()) {
    const day = event.target.closest('[data-entry]') ? dayOf(wall(entryOf(event.target.closest('[data-entry]').dataset.entry).since)) : null;
    logFrom(day ? midnight(day) : null, null, true);
    return true;
  }
  if (event.key === 'PageUp' || event.key === 'PageDown') {
    turnTo(event.key === 'PageUp' ? state.week.before : state.week.after);
    return true;
  }
  return false;
}

async function turnTo(week) {
  if (state.busy || !calls('show_week')) return;
  pending = null;
  closeForm();
  if (await read(week)) say(words('weekShown', { title: $('title').textContent }));
}
