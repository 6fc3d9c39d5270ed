// The week as a grid, drawn by the vendored calendar; what it lacks for keyboards and screen readers is added here.

let calendar = null;

/** The calendar: made empty while the week is on its way, since that takes longer than to draw the week in it. */
function makeGrid(options = {}) {
  calendar ??= EventCalendar.create($('grid'), {
    view: 'timeGridWeek',
    headerToolbar: { start: '', center: '', end: '' },
    slotDuration: '00:30',
    snapDuration: '00:15',
    slotHeight: 22,
    slotEventOverlap: false,
    // Formats as functions: of the others, the calendar makes one anew for each language and each label, which takes long.
    slotLabelFormat: (date) => clockOf(wallOf(date)),
    titleFormat: () => '',
    dayHeaderFormat: () => '',
    nowIndicator: true,
    allDayContent: ' ',
    longPressDelay: 350,
    selectMinDistance: 4,
    eventTimeFormat: () => '', // blocks say their times themselves
    eventOrder: (one, other) => one.start - other.start || Number(one.id) - Number(other.id),
    dayHeaderAriaLabelFormat: () => '',
    eventContent: ({ event }) => contentOf(event),
    eventAllUpdated: () => {
      unname();
      giveFocusBack();
    },
    eventDrop: dropped,
    eventResize: resized,
    dateClick: logAt,
    select: logOver,
    ...options,
  });
}

function drawGrid() {
  const [from, to] = drawnHours();
  const shown = days();
  const clock = (hour) => `${String(hour).padStart(2, '0')}:00:00`;
  const options = {
    date: state.week.first,
    firstDay: weekday(state.week.first),
    timeZone: state.week.offset,
    hiddenDays: shown.length === 5 ? [0, 6] : [],
    slotMinTime: clock(from),
    slotMaxTime: clock(to),
    allDaySlot: shown.some((day) => specialOf(day).length) || state.week.entries.some((one) => !isTime(one)),
    locale: language(),
    dayHeaderFormat: header(),
    editable: canChange(),
    selectable: canChange(),
    events: [...bands(shown), ...gapBands(shown, [from, to]), ...blocks()],
  };
  const { events, ...rest } = options;
  if (!calendar) {
    makeGrid(rest);
    calendar.setOption('events', events);
  } else for (const [name, value] of Object.entries(options)) calendar.setOption(name, value);
}

/** What the calendar hands out as a moment of this machine, back on the wall. */
const wallOf = (date) =>
  Date.UTC(date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds());

// A new function each time: the same one would leave the heads as they are.
const header = () => (date) => {
  const day = state.week.days.find((one) => one.day === dayOf(wallOf(date)));
  return { domNodes: day ? dayHead(day) : [] };
};

// The calendar asks an event itself for both; `editable` alone it takes for yes.
const moves = (start, end = start) => ({ startEditable: start, durationEditable: end });

/** Where the calendar draws an entry: a short one as long as a quarter of an hour, so that it can be read and held. */
function boundsOf(entry) {
  const [since, until] = drawnSpan(entry);
  return { start: exactly(since), end: exactly(isTime(entry) ? Math.max(until, since + 15 * MINUTE) : since) };
}

function blocks() {
  return state.week.entries.map((entry) => {
    const free = isOpen(entry) && isTime(entry) && !entry.running;
    return {
      id: String(entry.id),
      allDay: !isTime(entry),
      ...boundsOf(entry),
      ...moves(free, free && !isShort(entry) && !isBent(entry)), // a short one has no room for an edge
      classNames: classesOf(entry),
      extendedProps: { entry },
    };
  });
}

/** A day's gaps, as one band over its hours with a place for each: events of their own would take as long as entries. */
function gapBands(shown, [from, to]) {
  return shown
    .filter((day) => gapsOf(day).length)
    .map((day) => {
      const start = midnight(day.day) + from * HOUR,
        end = midnight(day.day) + to * HOUR;
      const share = (time) => (100 * (Math.min(Math.max(time, start), end) - start)) / (end - start);
      const places = gapsOf(day).map((gap) => {
        const [from, to] = spanOfGap(gap).map(share);
        return { gap, from, to };
      });
      return {
        id: `gaps ${day.day}`,
        start: exactly(start),
        end: exactly(end),
        display: 'background',
        classNames: ['gaps'],
        extendedProps: { places: places.filter((place) => place.to > place.from) },
      };
    });
}

function gapAt({ gap, from, to }) {
  const place = element('div', { role: 'button', tabindex: '0', className: 'gap', 'data-gap': gap.since });
  place.setAttribute('aria-label', gapWords(gap));
  place.style.top = `${from}%`;
  place.style.bottom = `${100 - to}%`;
  place.append(sizeOfGap(gap));
  // By mouse and touch it is the grid that is clicked, or dragged on; this one is for keys and screen readers.
  place.addEventListener('click', (event) => event.detail === 0 && logGap(gap));
  return place;
}

const holds = ({ left, right, top, bottom }, { clientX: x, clientY: y }) =>
  left <= x && x < right && top <= y && y < bottom;
const placeUnder = (point) =>
  [...document.querySelectorAll('#grid .gap')].find((one) => holds(one.getBoundingClientRect(), point));

function gapUnder(point) {
  const place = point && placeUnder(point);
  return place && state.week.days.flatMap(gapsOf).find((gap) => gap.since === place.dataset.gap);
}

let pressed = null; // where the pointer went down in the grid

/** The calendar lies over the gaps, and says on which quarter of an hour it was clicked: on which gap is seen here. */
function followGaps() {
  const grid = $('grid');
  const follow = (event) => {
    const under = event.type === 'pointermove' && !event.buttons && placeUnder(event);
    for (const one of grid.querySelectorAll('.gap')) one.classList.toggle('under', one === under);
    grid.style.cursor = under ? 'pointer' : '';
  };
  grid.addEventListener('pointermove', follow);
  grid.addEventListener('pointerleave', follow);
  grid.addEventListener(
    'pointerdown',
    (event) => {
      pressed = event;
      if (event.isPrimary && event.button === 0) dragStarts();
    },
    true,
  );
}

/** Where the form opens for what was done by the pointer. */
const atPointer = ({ clientX: left, clientY: bottom }) => ({ getBoundingClientRect: () => ({ left, bottom }) });

/** A click on an empty place: the gap that is there, or an hour from that quarter on. */
function logAt({ allDay, dateStr, jsEvent }) {
  if (wasLetGo()) return;
  if (allDay) return logFrom(midnight(dateStr.slice(0, 10)), null, { wholeDay: true });
  const gap = gapUnder(pressed);
  return gap ? logGap(gap) : logFrom(wall(dateStr), null, { near: atPointer(jsEvent) });
}

/** A drag over an empty place. One that began in a gap stays in it; over a quarter of an hour it is a click that slipped. */
function logOver({ allDay, startStr, endStr, jsEvent }) {
  calendar.unselect();
  if (wasLetGo() || (!allDay && wasOutside(jsEvent))) return;
  const [since, until] = [wall(startStr), wall(endStr)];
  if (allDay) return logFrom(midnight(startStr.slice(0, 10)), null, { wholeDay: true });
  const gap = gapUnder(pressed);
  if (gap && until - since <= 15 * MINUTE) return logGap(gap);
  const [from, to] = gap ? spanOfGap(gap) : [since, until];
  const isOneDay = dayOf(since) === dayOf(until - 1);
  logFrom(Math.max(since, from), isOneDay ? Math.min(until, to) : null, { near: atPointer(jsEvent) });
}

/** Holidays and absences: a band over the day, and their name above it. */
function bands(shown) {
  return shown
    .filter((day) => specialOf(day).length)
    .flatMap((day) => {
      const start = `${day.day}T00:00:00`,
        end = exactly(midnight(day.day) + DAY);
      return [
        { id: `band ${day.day}`, start, end, display: 'background', classNames: ['band'] },
        {
          id: `special ${day.day}`,
          start,
          end,
          allDay: true,
          ...moves(false),
          classNames: ['special'],
          extendedProps: { special: specialOf(day) },
        },
      ];
    });
}

/** What stands in an event: a button to reach it by, since the calendar has none. */
function contentOf(event) {
  const { entry, places = [], special } = event.extendedProps;
  if (event.display === 'background') return { domNodes: places.map(gapAt) };
  if (special) {
    const heard = element('span', { className: 'heard' }, `${dayWords(wallOf(event.start))}: `);
    return { domNodes: [heard, element('span', {}, special.join(', '))] };
  }
  const reached = event.display === 'auto' ? { role: 'button', tabindex: '0' } : {};
  // While it is dragged, the calendar alone knows where it is; else its moments may be bent by this machine's zone.
  const held = [wallOf(event.start), wallOf(event.end)];
  const [since, until] = event.display === 'auto' && entry ? drawnSpan(entry) : held;
  if (!entry) return { domNodes: [element('span', { className: 'times' }, timesOf(since, until))] };
  return {
    domNodes: [element('div', { ...reached, ...namesOf(entry, since, until) }, ...blockOf(entry, since, until))],
  };
}

/** The calendar says that it is a table of cells; to whom hears it, it is none. */
function unname() {
  for (const one of document.querySelectorAll('#grid [role]:not([data-entry], [data-gap])'))
    one.setAttribute('role', 'presentation');
  for (const one of document.querySelectorAll('#grid [aria-colindex]')) one.removeAttribute('aria-colindex');
  for (const one of document.querySelectorAll('#grid time[aria-label]')) one.removeAttribute('aria-label');
}

const blockOfId = (id) => `[data-entry="${id}"]`;

/** How something is found again that is drawn anew: a block, a gap, the button of a day; null for anything else. */
function selectorOf(el) {
  const name = ['entry', 'gap', 'add'].find((one) => el?.dataset?.[one]);
  return name ? `[data-${name}="${el.dataset[name]}"]` : null;
}

/** What can be seen of it; an entry that goes over midnight has several blocks. */
const shown = (selector) => [...document.querySelectorAll(`#week ${selector}`)].find((one) => one.offsetParent);

/** The focus returns to what it was on, once that is drawn anew; not out of a form or a question. */
function giveFocusBack() {
  const of = state.focus;
  if (of === null || !$('form').hidden || !$('asked').hidden) return;
  const there = shown(of);
  if (!there) return;
  state.focus = null;
  there.focus({ preventScroll: true });
}
