// What is drawn, and what the host allows.

const $ = (id) => document.getElementById(id);

const state = {
  week: null, // the last WeekPage
  arrived: 0, // performance.now() when it came
  host: {}, // hostContext
  able: {}, // hostCapabilities
  shown: {}, // arguments of the call that showed the page
  allHours: false,
  busy: false,
  changing: null, // the entry, by id, that a change is under way on
  focus: null, // the selector of what the focus is to return to
};

const calls = (name) => 'serverTools' in state.able && state.week.can.includes(name);
const canChange = () => calls('update_entry') && calls('delete_entry') && calls('create_time_entry');
const entryOf = (id) => state.week.entries.find((one) => one.id === Number(id));
const isTime = (entry) => entry.kind === 'time';
const isOpen = (entry) => canChange() && !entry.locked;
/** A gap's whole minutes: with the seconds beside them, what is logged there would overlap its neighbours. */
const spanOfGap = (gap) => [
  Math.ceil(wall(gap.since) / MINUTE) * MINUTE,
  Math.floor(wall(gap.until) / MINUTE) * MINUTE,
];

/** Places to log, for whom may; none in an hour that comes twice, which no form can tell apart. */
const gapsOf = (day) => (canChange() && !day.locked ? day.gaps.filter((one) => lengthOf(spanOfGap(one)) > 0) : []);
const lengthOf = ([since, until]) => until - since;
const placeOf = (entry) => [entry.customer, entry.project, entry.subproject].filter(Boolean).join(' › ');

const weekday = (day) => new Date(midnight(day)).getUTCDay();

/** Seven days, or five where nothing is on the weekend. */
function days() {
  const isEmpty = (day) => {
    const end = midnight(day.day) + DAY;
    const touched = state.week.entries.some((one) => spanOf(one)[0] < end && spanOf(one)[1] >= end - DAY);
    return !touched && !day.target && !day.holiday && !day.absences.length && day.day !== state.week.today;
  };
  const all = state.week.days;
  const weekend = all.filter((one) => weekday(one.day) % 6 === 0);
  return weekend.every(isEmpty) ? all.filter((one) => !weekend.includes(one)) : all;
}

/** Hours of the day that are drawn: eight to six, and whatever somebody worked beyond. */
function drawnHours() {
  if (state.allHours) return [0, 24];
  let [from, to] = [8, 18];
  const first = midnight(state.week.first),
    last = midnight(state.week.last) + DAY;
  const spans = state.week.entries.filter(isTime).map(spanOf);
  for (const [since, until] of spans) {
    if (since >= first) from = Math.min(from, new Date(since).getUTCHours());
    if (dayOf(since) !== dayOf(until - 1)) return [0, 24];
    if (until <= last) to = Math.max(to, Math.ceil(((until - 1) % DAY) / HOUR));
  }
  return [from, to];
}
