// The page begins: the handshake, what the host tells, and drawing.

const STALE = 2 * MINUTE; // a week that was told earlier is read again

/** Take a week that was told, and draw it. */
function take(week) {
  if (drag.held) drag.letGo = true; // what is held is drawn no longer
  state.week = week;
  for (const entry of week.entries) entry.of = week;
  // A draft stays as long as what it is of does.
  const before = pending;
  const drafted = pending && entryOf(pending.entry.id);
  pending = drafted?.state === pending?.entry.state ? pending && { ...pending, entry: drafted } : null;
  state.arrived = performance.now();
  draw();
  if (before && !pending) say(words('draftGone'));
}

function draw() {
  const { week } = state;
  state.focus ??= selectorOf(document.activeElement);
  document.documentElement.lang = language();
  $('week').dataset.state = 'drawn';
  $('message').hidden = $('waiting').hidden = $('name').hidden = true;
  $('head').hidden = false;
  drawHead();
  const narrow = innerWidth < 480;
  $('grid').hidden = narrow;
  $('list').hidden = !narrow;
  $('list').replaceChildren();
  if (narrow) drawList();
  else drawGrid();
  drawCustomers();
  drawNotes();
  if (narrow) giveFocusBack();
  $('keys').hidden = !canChange() || narrow;
  document.title = $('title').textContent;
  if (week.entries.length === 0 && !$('says').textContent) say(words('emptyWeek'));
}

function drawHead() {
  const { week } = state;
  const number = week.week.includes('W') ? words('week', { number: Number(week.week.slice(-2)) }) : '';
  $('title').textContent = [number, rangeWords(midnight(week.first), midnight(week.last)), week.person]
    .filter(Boolean)
    .join(' · ');
  const standing = [
    words('ofHours', { hours: hours(week.seconds), due: week.target === undefined ? '' : hours(week.target) }),
  ];
  if (week.balance) standing.push(words(week.balance > 0 ? 'more' : 'fewer', { hours: hours(Math.abs(week.balance)) }));
  $('standing').textContent = standing.join(' · ');
  for (const [id, key] of [
    ['before', 'weekBefore'],
    ['after', 'weekAfter'],
  ])
    $(id).setAttribute('aria-label', words(key));
  $('today').textContent = words('thisWeek');
  const turns = calls('show_week');
  for (const id of ['before', 'after', 'today']) $(id).hidden = !turns;
  $('today').hidden ||= week.first <= week.today && week.today <= week.last;
  $('log').textContent = words('log');
  $('copy').textContent = words('copyLast');
  $('log').hidden = !canChange();
  $('copy').hidden = !canChange() || !calls('copy_entries') || week.days.every((day) => day.locked);
  $('hours').textContent = words('allHours');
  $('hours').hidden = innerWidth < 480;
  $('hours').setAttribute('aria-pressed', state.allHours);
  const modes = state.host.availableDisplayModes ?? [];
  $('larger').hidden = !modes.includes('fullscreen');
  $('larger').textContent = words(state.host.displayMode === 'fullscreen' ? 'smaller' : 'larger');
}

function drawCustomers() {
  const { customers } = state.week;
  $('customers').hidden = !customers.length;
  $('week').toggleAttribute('data-customers', customers.length > 0);
  $('bycustomer').textContent = words('byCustomer');
  const most = Math.max(...customers.map((one) => one.seconds), 1);
  $('customers')
    .querySelector('ul')
    .replaceChildren(
      ...customers.map((one) => {
        const row = element(
          'li',
          {},
          element('span', { className: 'name' }, one.name),
          element('span', { className: 'done' }, hours(one.seconds)),
        );
        row.style.setProperty('--share', `${Math.round((100 * one.seconds) / most)}%`);
        return row;
      }),
    );
}

function drawNotes() {
  const { week, host } = state;
  const notes = [];
  if (host.timeZone && host.timeZone !== week.timezone)
    notes.push(words('zone', { zone: week.timezone, here: host.timeZone }));
  if (!('serverTools' in state.able)) notes.push(words('picture'));
  else if (!canChange()) notes.push(words('readOnly'));
  for (const one of week.unknown) notes.push(words('unknown', { what: one }));
  $('notes').replaceChildren(...notes.map((one) => element('li', {}, one)));
}

/** Whether nothing has come yet: no week, and no reason why there is none. */
const isWaiting = () => $('week').dataset.state === 'waiting';

/** In place of a week: why there is none. Where the week that was named is wrong, the present one is offered. */
function message(text, again = false) {
  $('week').dataset.state = 'message';
  $('waiting').hidden = true;
  $('message').hidden = false;
  $('message').querySelector('p').textContent = text;
  $('again').hidden = !again || !('serverTools' in state.able);
  $('again').textContent = words('tryAgain');
}

/** The week that was called for, or why there is none. */
function arrive({ refused = null, told = {}, words: said }) {
  if (told.days) return take(told);
  message((refused ? whyOf(refused) : said) || words('noWeek'), true);
  if (!refused?.argument) return;
  state.shown = {};
  $('again').textContent = words('thisWeek');
}

async function readAgain() {
  $('again').hidden = true;
  arrive(await attempt('show_week', state.shown));
}

/** The host's looks: its theme, its variables, its insets. */
function wear(context) {
  const { styles, theme, safeAreaInsets: insets } = context;
  const root = document.documentElement;
  if (theme) root.dataset.theme = theme;
  for (const [name, value] of Object.entries(styles?.variables ?? {})) if (value) root.style.setProperty(name, value);
  if (insets)
    document.body.style.padding = ['top', 'right', 'bottom', 'left'].map((side) => `${insets[side]}px`).join(' ');
}

wire.hears['ui/notifications/host-context-changed'] = (context) => {
  state.host = { ...state.host, ...context };
  wear(context);
  dress();
  if (state.week) draw();
};
wire.hears['ui/notifications/tool-input'] = (params) => {
  state.shown = params.arguments ?? {};
};
wire.hears['ui/notifications/tool-result'] = (result) => {
  const answer = answerOf(result);
  arrive(answer);
  // A chat that is opened again brings the week as it was told then.
  const isOld = answer.told?.days && Math.abs(Date.now() - Date.parse(answer.told.now)) > STALE;
  if (isOld && !state.busy && calls('show_week')) busily(() => read(state.week.week));
};
wire.hears['ui/notifications/tool-cancelled'] = () => isWaiting() && message(words('cancelled'), true);

/** Words that do not depend on the week. */
function dress() {
  const labels = {
    place: 'place',
    service: 'service',
    day: 'day',
    since: 'since',
    until: 'until',
    text: 'textLabel',
    billable: 'billableLabel',
  };
  for (const [name, key] of Object.entries(labels))
    field(name).parentElement.firstElementChild.textContent = words(key);
  for (const [id, key] of Object.entries({
    remove: 'remove',
    close: 'close',
    agree: 'agree',
    decline: 'decline',
  }))
    $(id).textContent = words(key);
  nameForm();
  $('keys').querySelector('summary').textContent = words('keys');
  $('keys')
    .querySelector('dl')
    .replaceChildren(...keyWords().flatMap(([key, does]) => [element('dt', {}, key), element('dd', {}, does)]));
}

async function begin() {
  document.addEventListener('keydown', keyed, true);
  $('before').onclick = () => turnTo(state.week.before);
  $('after').onclick = () => turnTo(state.week.after);
  $('today').onclick = () => turnTo('this_week');
  $('log').onclick = () => logFrom(null, null);
  // Where somebody has gone meanwhile, the focus stays: nothing takes it back to where it was.
  $('week').addEventListener('focusin', ({ target }) => {
    if (selectorOf(target)) state.focus = null;
  });
  followGaps();
  $('grid').addEventListener('click', clicked);
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, dragStops);
  $('copy').onclick = () => leaveForm() && copyLastWeek();
  $('undo').onclick = undo;
  $('again').onclick = readAgain;
  $('hours').onclick = () => {
    state.allHours = !state.allHours;
    draw();
  };
  $('larger').onclick = () => {
    const mode = state.host.displayMode === 'fullscreen' ? 'inline' : 'fullscreen';
    wire.request('ui/request-display-mode', { mode }).catch(() => {});
  };
  $('save').onclick = () => submit();
  $('saveas').onclick = () => submit(true);
  $('remove').onclick = () => {
    const entry = editing;
    finish(entry, 'remove', () => remove(entry));
  };
  $('close').onclick = closeForm;
  $('form').addEventListener('keydown', keyedInForm);
  field('place').addEventListener('input', typed);
  field('service').addEventListener('input', typed);
  let wide = innerWidth < 480;
  addEventListener('resize', () => {
    if (state.week && wide !== innerWidth < 480) draw();
    wide = innerWidth < 480;
    if (!$('form').hidden) beside(shown(opener));
  });
  setInterval(() => {
    if (
      state.week?.entries.some((one) => one.running) &&
      !state.busy &&
      !pending &&
      !drag.held &&
      $('form').hidden &&
      !document.hidden
    )
      draw();
  }, 30_000);
  const unheard = () => isWaiting() && message(words('noHost'));
  const silent = setTimeout(unheard, 20_000);
  const host = await introduced.catch(unheard).finally(() => clearTimeout(silent));
  if (!host) return;
  const { hostContext, hostCapabilities } = host;
  state.host = hostContext ?? {};
  state.able = hostCapabilities ?? {};
  wear(state.host);
  dress();
  if (state.week) draw();
  wire.notify('ui/notifications/initialized', {});
  new ResizeObserver(() =>
    wire.notify('ui/notifications/size-changed', {
      width: document.documentElement.scrollWidth,
      height: $('week').offsetHeight,
    }),
  ).observe($('week'));
  // A host that opens the page with the week at hand sends it at once: then both are one drawing.
  setTimeout(() => makeGrid(), 25);
}

begin();
