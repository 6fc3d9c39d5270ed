// Gestures by mouse, touch and keyboard. Keys move a draft, which Enter stores and Escape takes back.

let pending = null; // the draft: { entry, since, until }; there is one at a time, and it is drawn until it is stored

const isCopy = (event) => Boolean(event && (event.altKey || event.ctrlKey || event.metaKey));
const passed = ({ days: byDays, seconds }) => byDays * DAY + seconds * 1000;
const isDraft = (entry) => pending?.entry.id === entry.id;

/** Where an entry is drawn: where it is stored, or where its draft is. */
const drawnSpan = (entry) => (isDraft(entry) ? [pending.since, pending.until] : spanOf(entry));

const logGap = (gap) => logFrom(...spanOfGap(gap), { from: `[data-gap="${gap.since}"]` });

const drag = { held: false, letGo: false }; // Escape lets go of what is held, and nothing is done where it drops

const dragStarts = () => Object.assign(drag, { held: true, letGo: false });
const dragStops = ({ isPrimary }) => isPrimary && Object.assign(drag, { held: false });

/** Whether what the pointer held was let go of, which is said. */
function wasLetGo() {
  if (drag.letGo) say(words('takenBack'));
  return drag.letGo;
}

/** A click on a block; where it was dragged, another element lies under the pointer, and none is clicked. */
function clicked({ target, detail }) {
  if (detail && wasLetGo()) return;
  const entry = entryOf(target.closest('.ec-event')?.querySelector('[data-entry]')?.dataset.entry);
  if (entry) openEntry(entry);
}

/** Whether the pointer was let go of beside the days or their hours: what the calendar reckons from there was not seen. */
function wasOutside(point) {
  const days = [...document.querySelectorAll('#grid .ec-body .ec-day')];
  const outside = !days.some((day) => holds(day.getBoundingClientRect(), point));
  if (outside) say(words('outsideHours'), 'wrong');
  return outside;
}

/** A drop goes on from where the block was drawn, which may be its draft. */
function released(entry, revert, jsEvent, bySince, byUntil) {
  const [since, until] = drawnSpan(entry);
  const [start, end] = [since + bySince, until + byUntil];
  if (wasLetGo() || wasOutside(jsEvent)) return revert();
  if (!bySince && !byUntil) return revert();
  if (state.busy) {
    revert();
    return say(words('busy'), 'wrong');
  }
  if (isDraft(entry)) pending = null;
  if (!isCopy(jsEvent) || !bySince) return busily(() => retime(entry, start, end));
  revert();
  return busily(() => copyTo(entry, start, end));
}

const dropped = ({ event, delta, revert, jsEvent }) =>
  released(event.extendedProps.entry, revert, jsEvent, passed(delta), passed(delta));
const resized = ({ event, endDelta, revert, jsEvent }) =>
  released(event.extendedProps.entry, revert, jsEvent, 0, passed(endDelta));

/** The draft is given up, and what is stored is drawn. */
function dropPending() {
  state.focus = blockOfId(pending.entry.id);
  pending = null;
  draw();
  say(words('takenBack'));
}

/** Move the draft of an entry; the week stays as it is until Enter. */
function draft(entry, move, stretch) {
  const [since, until] = drawnSpan(entry);
  const next = { entry, since: since + move, until: until + move + stretch };
  const long = next.until - next.since;
  if ((stretch < 0 && long < 15 * MINUTE) || (stretch > 0 && long > DAY)) return say(words('tooFar'), 'wrong');
  if (stretch && isBent(entry)) return say(words('endsTwice'), 'wrong');
  if (state.changing === entry.id) return say(words('busy'), 'wrong');
  const touches = ({ day }) => next.since < midnight(day) + DAY && next.until > midnight(day);
  if (!days().some(touches)) return say(words('outside'), 'wrong');
  const other = pending && !isDraft(entry) ? pending.entry : null;
  pending = next;
  state.focus = blockOfId(entry.id);
  if (other) redraft(other);
  redraft(entry);
  say(words('draft', { to: spokenSpan(next.since, next.until) }));
}

/** Draw one block anew, and nothing else. */
function redraft(entry) {
  const drawn = calendar.getEventById(String(entry.id));
  if (drawn) calendar.updateEvent({ ...drawn, ...boundsOf(entry), classNames: classesOf(entry) });
  if (!$('list').hidden) {
    drawList();
    giveFocusBack();
  }
}

function store(copy) {
  if (state.busy) return say(words('busy'), 'wrong');
  const { entry, since, until } = pending;
  const [was, ended] = spanOf(entry);
  if (since === was && until === ended) return dropPending();
  pending = null;
  if (!copy) return busily(() => retime(entry, since, until));
  draw();
  return busily(() => copyTo(entry, since, until));
}

const isComingBack = (drafted) => drafted !== null && state.focus === blockOfId(drafted.entry.id);

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

let acted = ''; // the key that something was done by, until another one or its next stroke
let struck = null; // where a key was struck

/** Whether a key that is held would do a second thing: what moves a draft goes on, and what is typed where it was struck. */
function isHeld({ key, repeat, target }) {
  if (!repeat) [acted, struck] = ['', target];
  if (!repeat || key === 'Tab' || key in ARROWS) return false;
  return key === acted || target !== struck || (key === 'Enter' && !target.matches('textarea')) || key === 'Escape';
}

function keyed(event) {
  if (isHeld(event)) return stop(event);
  if (event.key === 'Escape' && !$('asked').hidden) {
    stop(event);
    return $('decline').click();
  }
  if (event.key === 'Escape' && drag.held) {
    drag.letGo = true;
    return stop(event);
  }
  if (drag.held) return;
  if (!state.week || event.target.closest('#form, #asked')) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') {
    stop(event);
    return undo();
  }
  const gap = event.target.closest('#grid [data-gap]');
  if (gap && (event.key === 'Enter' || event.key === ' ')) {
    stop(event);
    return gap.click();
  }
  // While a draft is drawn anew, the focus is nowhere for a moment; quick fingers still mean it, but to delete it.
  const nowhere = event.target === document.body || event.target === document.documentElement;
  const entry = entryOf(event.target.closest('[data-entry]')?.dataset.entry);
  const means =
    entry ??
    (nowhere && isComingBack(pending) && (event.key in ARROWS || event.key === 'Enter') ? pending.entry : undefined);
  if ((means && keyedOn(means, event)) || keyedAnywhere(entry, event)) stop(event);
}

function stop(event) {
  acted = event.key;
  event.preventDefault();
  event.stopPropagation();
}

function keyedOn(entry, event) {
  if (event.key in ARROWS) {
    if (!isOpen(entry) || !isTime(entry) || entry.running) {
      say(words(entry.running ? 'runs' : 'fixed'), 'wrong');
      return true;
    }
    const [byDays, steps] = ARROWS[event.key];
    if (!event.shiftKey) draft(entry, byDays * DAY + steps * 15 * MINUTE, 0);
    else if (steps) draft(entry, 0, steps * 15 * MINUTE);
    return true;
  }
  if (event.key === 'Enter' || event.key === ' ') {
    if (isDraft(entry)) store(isCopy(event));
    else openEntry(entry);
    return true;
  }
  if ((event.key === 'Delete' || event.key === 'Backspace') && isOpen(entry)) {
    if (leaveForm()) busily(() => remove(entry));
    return true;
  }
  return false;
}

function keyedAnywhere(entry, event) {
  if (event.key === 'Escape' && pending) {
    dropPending();
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === 'n' && canChange()) {
    logFrom(entry ? midnight(dayOf(spanOf(entry)[0])) : null, null, { wholeDay: true });
    return true;
  }
  if (event.key === 'PageUp' || event.key === 'PageDown') {
    turnTo(event.key === 'PageUp' ? state.week.before : state.week.after);
    return true;
  }
  return false;
}

async function turnTo(week) {
  if (!calls('show_week') || !leaveForm()) return;
  const seen = await busily(() => read(week));
  state.focus = null; // what had the focus is not in this week
  if (seen) say(words('weekShown', { title: $('title').textContent }));
}
