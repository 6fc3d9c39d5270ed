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
    eventClick: ({ event }) => clicked(event.extendedProps),
    eventDrop: dropped,
    eventResize: resized,
    dateClick: logAt,
    select: (info) => {
      calendar.unselect();
      if (info.allDay) logFrom(midnight(info.startStr.slice(0, 10)), null, true);
      else logFrom(wall(info.startStr), wall(info.endStr));
    },
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
      ...moves(free, free && !isShort(entry)), // a short one has no room for an edge
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
      const share = (time) => (100 * (Math.min(Math.max(wall(time), start), end) - start)) / (end - start);
      const places = gapsOf(day).map((gap) => ({ gap, from: share(gap.since), to: share(gap.until) }));
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

/** A click on an empty place: the gap that is there, or that quarter of an hour. */
function logAt({ allDay, dateStr }) {
  const day = state.week.days.find((one) => one.day === dateStr.slice(0, 10));
  if (allDay) return logFrom(midnight(day.day), null, true);
  const at = wall(dateStr);
  const gap = gapsOf(day).find((one) => wall(one.since) - 15 * MINUTE < at && at < wall(one.until));
  return gap ? logGap(gap) : logFrom(at, null);
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
  if (special) return { domNodes: [element('span', {}, special.join(', '))] };
  const reached = event.display === 'auto' ? { role: 'button', tabindex: '0' } : {};
  // While it is dragged, the calendar alone knows where it is; else its moments may be bent by this machine's zone.
  const held = [wallOf(event.start), wallOf(event.end)];
  const [since, until] = event.display === 'auto' && entry ? drawnSpan(entry) : held;
  if (!entry) return { domNodes: [element('span', { className: 'times' }, timesOf(since, until))] };
  return {
    domNodes: [element('div', { ...reached, ...namesOf(entry, since, until) }, ...blockOf(entry, since, until))],
  };
}

/** The calendar says that it is a table of cells and that its articles are buttons; to whom hears it, it is neither. */
function unname() {
  for (const one of document.querySelectorAll('#grid [role]:not([data-entry], [data-gap])'))
    one.setAttribute('role', 'presentation');
  for (const one of document.querySelectorAll('#grid [aria-colindex]')) one.removeAttribute('aria-colindex');
  for (const one of document.querySelectorAll('#grid time[aria-label]')) one.removeAttribute('aria-label');
  for (const one of document.querySelectorAll('#grid article')) {
    one.removeAttribute('role');
    one.removeAttribute('tabindex');
  }
}

/** The block of an entry that can be seen; one that goes over midnight has several. */
const shownBlock = (id) => [...document.querySelectorAll(`#week [data-entry="${id}"]`)].find((one) => one.offsetParent);

/** The focus returns to what it was on, once that is drawn anew; not out of a form or a question. */
function giveFocusBack() {
  const of = state.focus;
  if (of === null || !$('form').hidden || !$('asked').hidden) return;
  const there = of === 'log' ? $('log') : shownBlock(of);
  if (!there) return;
  state.focus = null;
  there.focus({ preventScroll: true });
}
