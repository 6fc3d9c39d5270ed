// What the person changes: each by the tool that the model would call, then the week is read anew, and the model is told.

const done = []; // { change, model, person }: what can be taken back, the last one last
const told = []; // lines for the model, of which each message overwrites the last

const guardOf = (entry) => ({ id: entry.id, drawn: entry.state });
const whose = () => (state.week.user ? { user: `#${state.week.user}` } : {});

/** Carry out one change, one at a time. `person` is what is said of it, `model` what the model is told. */
async function change(name, args, about) {
  if (state.busy) return false;
  state.busy = true;
  $('week').dataset.busy = 'true';
  state.focus = about.focus ?? state.focus;
  try {
    return await changed(name, args, about);
  } finally {
    state.busy = false;
    delete $('week').dataset.busy;
  }
}

async function changed(name, args, { person, model, undoes = null }) {
  let result = await attempt(name, args);
  if (result.refused?.confirm) {
    if (!(await agreed(result.refused))) {
      draw();
      say(words('notDone'));
      return false;
    }
    result = await attempt(name, { ...args, confirm: result.refused.confirm });
  }
  if (result.refused) {
    await read(state.week.week);
    say(refusalOf(result.refused), 'wrong');
    return false;
  }
  const id = result.told.entry?.id;
  if (name !== 'delete_entry' && id) state.focus = id;
  if (undoes) done.pop();
  if (result.told.change) done.push({ change: result.told.change, redo: undoes !== null && !undoes.redo });
  tellModel(model(result.told));
  const seen = await read(state.week.week);
  say([person, ...(result.told.warnings ?? []), seen ? '' : words('stale')].filter(Boolean).join(' '));
  return true;
}

/** A call whose failure, of whatever kind, is one with words. Where the host fails, nobody knows what became of it. */
const attempt = (name, args) => tool(name, args).catch(() => ({ refused: { words: words('lost') } }));

function refusalOf(refused) {
  if (refused.argument === 'drawn') return words('elsewhere');
  return [refused.nothing_done ? words('refused') : '', whyOf(refused)].filter(Boolean).join(' ');
}

const whyOf = (refused) => refused.why?.[language()] ?? refused.words;

/** Read a week, and draw it; false where it could not be read, and the old one stays. */
async function read(week) {
  const result = await attempt('show_week', { week, ...whose() });
  if (result.refused) say(`${words('unread')} ${whyOf(result.refused)}`, 'wrong');
  else take(result.told);
  return !result.refused;
}

/** Where every write is confirmed: show what would happen, and wait for the person. */
function agreed({ preview }) {
  $('question').textContent = preview[language()];
  $('asked').hidden = false;
  $('agree').focus();
  return new Promise((resolve) => {
    const answer = (yes) => {
      $('asked').hidden = true;
      resolve(yes);
    };
    $('agree').onclick = () => answer(true);
    $('decline').onclick = () => answer(false);
    $('asked').onkeydown = (event) => {
      if (event.key === 'Escape') answer(false);
    };
  });
}

/** One line about all that was changed here, for the model's next turn. */
function tellModel(line) {
  told.push(line);
  if (!('updateModelContext' in state.able)) return;
  const text = `In the page of ${state.week.week} the person has: ${told.slice(-20).join('; ')}. It is stored.`;
  wire.request('ui/update-model-context', { content: [{ type: 'text', text }] }).catch(() => {});
}

function say(text, kind = '') {
  $('says').textContent = text;
  $('says').className = kind;
  const last = done.at(-1);
  $('undo').hidden = !last || !calls('undo_change');
  $('undo').textContent = words(last?.redo ? 'redo' : 'undo');
}

async function undo() {
  const last = done.at(-1);
  if (!last || !calls('undo_change')) return say(words('nothingToUndo'));
  const failed = !(await change('undo_change', { change_id: last.change }, {
    person: words(last.redo ? 'redone' : 'undone'),
    model: () => `taken back change ${last.change}`,
    undoes: last,
  }));
  // What was changed elsewhere since cannot be taken back here any more.
  if (failed) done.pop();
}

const named = (entry) => `entry ${entry.id} (${[placeOf(entry), entry.text].filter(Boolean).join(', ')})`;
const spanWords = (since, until) => `${dayOf(since)} ${clockOf(since)}–${clockOf(until)}`;

const moveTo = (entry, since, until) =>
  change('update_entry', { ...guardOf(entry), time_since: written(since), time_until: written(until) }, {
    person: words('moved', { to: spokenSpan(since, until) }),
    model: () => `moved ${named(entry)} to ${spanWords(since, until)}`,
    focus: entry.id,
  });

const endAt = (entry, until) =>
  change('update_entry', { ...guardOf(entry), time_until: written(until) }, {
    person: words('resized', { until: clockOf(until) }),
    model: () => `let ${named(entry)} end at ${clockOf(until)}`,
    focus: entry.id,
  });

const remove = (entry) =>
  change('delete_entry', guardOf(entry), {
    person: words('deleted', { what: placeOf(entry) }),
    model: () => `deleted ${named(entry)}`,
    focus: 'log',
  });

/** The same booking at another time. What only Clockodo sets (the rate), and that it was billed, is not copied. */
function copyTo(entry, since, until) {
  if (entry.pause) return say(words('noCopyOfPause'), 'wrong');
  const ids = { customer: entry.customers_id, project: entry.projects_id, subproject: entry.subprojects_id, service: entry.services_id };
  const place = Object.fromEntries(Object.entries(ids).filter(([, id]) => id).map(([name, id]) => [name, `#${id}`]));
  const args = { ...place, ...whose(), text: entry.text, billable: KINDS[Math.min(entry.billable, 1)], time_since: written(since), time_until: written(until) };
  return create(args, 'copied', spokenSpan(since, until));
}

const create = (args, said, to) =>
  change('create_time_entry', args, {
    person: words(said, { to }),
    model: ({ entry }) => `${said === 'copied' ? 'copied to' : 'logged'} entry ${entry.id} (${entry.booked_on}), ${entry.date} ${entry.start}–${entry.end ?? ''}`,
  });

/** Copy the week before into this one: shown first, done when the person agrees. */
async function copyLastWeek() {
  if (state.busy) return;
  const args = { period: state.week.before, to: state.week.week, ...whose() };
  const plan = await attempt('copy_entries', { ...args, dry_run: true });
  if (plan.refused) return say(refusalOf(plan.refused), 'wrong');
  const { entries, hours: long } = plan.told.totals;
  if (!entries) return say(words('nothingToCopy'));
  const preview = Object.fromEntries(['en', 'de'].map((one) => [one, words('copyWeek', { entries, hours: long, skipped: plan.told.skipped.length }, one)]));
  if (!(await agreed({ preview }))) return say(words('notDone'));
  await change('copy_entries', args, {
    person: words('copiedWeek', { entries }),
    model: ({ totals }) => `copied ${totals.entries} entries of ${state.week.before} into this week`,
    focus: 'log',
  });
}
