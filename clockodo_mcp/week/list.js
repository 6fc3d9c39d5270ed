// The week as a list: for the width of a phone, and of a chat bubble.

function drawList() {
  $('list').replaceChildren(...days().map(listedDay));
}

function listedDay(day) {
  const head = element('h2', {}, ...dayHead(day));
  const special = specialOf(day);
  const rows = [];
  const start = midnight(day.day);
  for (const entry of state.week.entries) {
    const [since, until] = drawnSpan(entry);
    // What goes on after midnight stands with the day on which it began; before the week, with the first one.
    const begins = Math.max(since, midnight(state.week.first));
    if (dayOf(begins) === day.day) rows.push([since, listedEntry(entry, since, until)]);
  }
  for (const gap of gapsOf(day)) {
    const button = element(
      'button',
      { type: 'button', className: 'gap', 'data-gap': gap.since, 'aria-label': gapWords(gap) },
      sizeOfGap(gap),
    );
    button.addEventListener('click', () => logGap(gap));
    rows.push([wall(gap.since), button]);
  }
  rows.sort((one, other) => one[0] - other[0]);
  const items = rows.map(([, row]) => element('li', {}, row));
  const log = element(
    'button',
    { type: 'button', className: 'add', 'data-add': day.day, 'aria-label': words('logOn', { day: dayWords(start) }) },
    '+',
  );
  log.addEventListener('click', () => logFrom(start, null, { wholeDay: true, from: `[data-add="${day.day}"]` }));
  return element(
    'li',
    { className: day.day === state.week.today ? 'today' : '' },
    element('div', { className: 'dayhead' }, head, canChange() && !day.locked ? log : null),
    special.length ? element('p', { className: 'special' }, special.join(', ')) : null,
    items.length ? element('ul', {}, ...items) : element('p', { className: 'empty' }, words('nothing')),
  );
}

function listedEntry(entry, since, until) {
  const button = element(
    'button',
    { type: 'button', className: classesOf(entry).join(' '), ...namesOf(entry, since, until) },
    ...blockOf(entry, since, until),
  );
  button.addEventListener('click', () => openEntry(entry));
  return button;
}
