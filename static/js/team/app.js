/* The outbox page: write a record, see what became of each, mend what the server returned. No HTML is made from
   strings (Trusted Types); every sentence stands in the page's templates. */
(function () {
  'use strict';
  const outbox = self.team.outbox, DAY = 86400000, REMIND_DAYS = 7, RETRY = [5, 15, 60, 300];
  const root = document.getElementById('outbox'), form = root.querySelector('form');
  const at = id => document.getElementById(id);
  const words = key => at('words').content.querySelector('[data-key="' + key + '"]').textContent;
  const mark = key => at('marks').content.querySelector('[data-key="' + key + '"]').firstElementChild.cloneNode(true);
  const paper = self.team.recordForm(form, at, words);
  const time = new Intl.DateTimeFormat(document.documentElement.lang, {hour: '2-digit', minute: '2-digit',
    day: '2-digit', month: '2-digit', timeZone: 'Asia/Ho_Chi_Minh'});
  const when = value => time.format(new Date(value));
  let owner = null, isMember = true, offset = 0, records = [], editing = null;
  let retries = 0, timer = 0, state = '', isDrawn = false;

  async function save(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.busy) return;
    const entry = paper.written(editing, offset), found = paper.problems(entry, offset);
    paper.showProblems(found);
    if (found.length) return;
    form.dataset.busy = '1';
    at('full').hidden = true;
    try {
      await outbox.learnLists(owner, {village: entry.village_id}).catch(() => {}); // first: the next form offers it
      await outbox.keep(owner, entry.id, 'waiting', {entry: entry, written: editing && editing.written || Date.now()});
      editing = null;
      location.hash = '';
      say('kept');
      attempt();
    } catch (error) {
      at('full').hidden = false; // nothing was saved; what was typed stays
      at('full').scrollIntoView();
    } finally {
      delete form.dataset.busy;
    }
  }

  /* ---------- the list ---------- */

  function button(key, act) {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'text-button';
    made.append(Object.assign(document.createElement('span'), {textContent: words(key)}));
    made.addEventListener('click', act);
    return made;
  }

  function describe(entry) {
    return [entry.happened_at && when(entry.happened_at), entry.sex && words('sex-' + entry.sex),
      entry.age_band && words('age-' + entry.age_band),
      entry.minutes && words('minutes').replace('%(n)s', entry.minutes)].filter(Boolean).join(' · ');
  }

  /* A row that says the same stays the node it is: a tap begun on one of its buttons, and the focus, survive a redraw. */
  function fillList(id, wanted) {
    const list = at(id), held = new Map(Array.from(list.children, row => [row.dataset.version, row]));
    const rows = wanted.map(record => held.get(versionOf(record)) || rowOf(record));
    Array.from(list.children).filter(row => !rows.includes(row)).forEach(row => row.remove());
    rows.forEach((row, place) => { if (list.children[place] !== row) list.insertBefore(row, list.children[place]); });
    at(id + '-section').hidden = !rows.length;
  }

  const versionOf = record => [record.id, record.state, record.mark].join(' ');

  function rowOf(record) {
    const row = at('row').content.firstElementChild.cloneNode(true), entry = record.entry;
    const put = (name, said) => { row.querySelector('[data-' + name + ']').textContent = said || ''; };
    row.dataset.id = record.id;
    row.dataset.version = versionOf(record);
    row.dataset.state = record.state;
    put('task', record.damaged ? words('damaged') : words('task-' + entry.task));
    row.querySelector('[data-mark]').replaceWith(mark(record.held ? 'held' : record.state));
    put('facts', describe(entry) + (record.received_at ? ' · ' + words('received').replace('%(t)s',
      when(record.received_at)) : ''));
    const doings = row.querySelector('[data-doings]');
    if (record.state === 'waiting' && !record.damaged) doings.append(button('change', () => change(record)));
    if (record.state === 'fix') {
      put('reason', words('returned') + ' ' + record.reason);
      doings.append(button('mend', () => change(record)));
    }
    if (record.state === 'conflict') {
      put('reason', record.stored ? words('conflict').replace('%(t)s', words('task-' + record.stored.task) + ', ' +
        describe(record.stored)) : words('conflict-hidden'));
      if (record.stored) doings.append(button('keep-theirs', () => outbox.drop(record.id)));
      doings.append(button('keep-mine', () => sendMine(record)));
    }
    if (record.state === 'sent') doings.append(button('correct', () => correct(record)));
    else doings.append(button('delete', () => remove(record)));
    return row;
  }

  function change(record) {
    editing = {id: record.id, written: record.written, entry: record.entry, supersedes: record.entry.supersedes};
    goToForm(record.entry, record.field && record.reason ? [[fieldOf(record.field), record.reason]] : []);
  }

  const fieldOf = name => (name === 'happened_at' ? 'happened' : name);

  /* A correction of what the server has: a new record that takes the old one's place. */
  function correct(record) {
    editing = {id: crypto.randomUUID(), supersedes: record.id, entry: record.entry};
    goToForm(record.entry, []);
  }

  /* Mine instead of the server's: as a correction of it; where the name is somebody else's, under a new one. */
  async function sendMine(record) {
    const entry = Object.assign({}, record.entry, {id: crypto.randomUUID()});
    if (record.stored) entry.supersedes = record.id;
    await outbox.keep(owner, entry.id, 'waiting', {entry: entry, written: Date.now()});
    await outbox.drop(record.id);
    attempt();
  }

  function remove(record) {
    const dialog = at('delete-dialog');
    dialog.showModal();
    dialog.onclose = () => { if (dialog.returnValue === 'delete') outbox.drop(record.id); };
  }

  /* However many changes come at once, the list is drawn once at a time and shows the last of them. */
  let drawing = null, drawAgain = false;

  function refresh() {
    drawAgain = true;
    drawing = drawing || (async function () {
      try {
        while (drawAgain) { drawAgain = false; await draw(); }
      } finally { drawing = null; }
    })();
    return drawing;
  }

  async function draw() {
    owner = await outbox.fact('owner') || null;
    isMember = await outbox.fact('is_member') !== false;
    offset = await outbox.fact('offset') || 0;
    records = owner ? await outbox.list(owner) : [];
    paper.learn(owner ? await outbox.lists(owner).catch(() => ({})) : {}, isDrawn && writing());
    isDrawn = true;
    const numbers = await outbox.count(owner), unsent = records.filter(record => outbox.UNSENT.includes(record.state));
    at('count').textContent = numbers.own;
    fillList('waiting', unsent);
    fillList('sent', records.filter(record => record.state === 'sent'));
    at('nobody').hidden = Boolean(owner);
    at('write').hidden = !owner || !isMember;
    at('left').hidden = !(owner && !isMember);
    at('export').hidden = !unsent.length;
    at('others').hidden = !numbers.others;
    at('others').querySelector('[data-words]').textContent = words('others').replace('%(n)s', numbers.others);
    const oldest = Math.min(...unsent.map(record => record.written));
    at('old').hidden = !(Date.now() - oldest >= REMIND_DAYS * DAY);
    at('clock').hidden = Math.abs(offset) < 120000;
    at('sign-in').hidden = state !== 'sign-in' || !owner;
    at('offline').hidden = navigator.onLine && state !== 'offline';
    self.team.showUnsent();
  }

  /* What could not be sent, for the coordinator; without help codes. */
  function download() {
    const unsent = records.filter(record => outbox.UNSENT.includes(record.state) && !record.damaged);
    const content = unsent.map(record => Object.assign({}, record.entry, {help_code: undefined,
      state: record.state, reason: record.reason}));
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([JSON.stringify({owner: owner, records: content}, null, 1)],
      {type: 'application/json'}));
    link.download = 'records-' + new Date().toISOString().slice(0, 10) + '.json';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  /* ---------- sending ---------- */

  function say(key) { at('status').textContent = words(key); }

  async function attempt(asked) {
    clearTimeout(timer);
    let end;
    try { end = await self.team.send(); } catch (error) { end = 'failed'; }
    if (end === 'busy') { timer = setTimeout(() => attempt(asked), 2000); return; }
    state = end;
    await refresh();
    const left = records.some(record => record.state === 'waiting');
    if (end === 'sent' || end === 'left') retries = 0;
    else if (left || asked) {
      if (asked) say('end-' + end);
      if (end !== 'sign-in') timer = setTimeout(attempt, RETRY[Math.min(retries++, RETRY.length - 1)] * 1000);
    }
    if (end === 'sent' && asked) say(left ? 'end-later' : 'end-sent');
  }

  /* ---------- pages of this page ---------- */

  function goToForm(entry, found) {
    paper.fill(entry, true);
    if (location.hash === '#new') view(); else location.hash = 'new';
    setTimeout(() => paper.showProblems(found));
  }

  const writing = () => location.hash === '#new' && Boolean(owner) && isMember;

  function view() {
    at('writing').hidden = !writing();
    at('listing').hidden = writing();
    at('heading').textContent = words(editing && editing.supersedes ? 'heading-correct' : 'heading-new');
    if (!writing()) { editing = null; paper.showProblems([]); paper.fill({}); }
    window.scrollTo(0, 0);
  }

  async function start() {
    self.addEventListener('submit', event => { if (event.target === form) save(event); }, true);
    self.addEventListener('hashchange', view);
    self.addEventListener('outbox', refresh);
    self.addEventListener('online', () => attempt());
    self.addEventListener('offline', refresh);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) attempt(); });
    at('send').addEventListener('click', () => { say('sending'); attempt(true); });
    at('cancel').addEventListener('click', () => { location.hash = ''; });
    at('export').addEventListener('click', download);
    watchUpdates();
    await refresh();
    view();
    root.dataset.ready = '1';
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
    attempt();
  }

  /* A new version waits until the member takes it, or until the app is opened next. Records are not touched. */
  function watchUpdates() {
    if (!navigator.serviceWorker) return;
    const offer = worker => {
      if (worker.state !== 'installed' || !navigator.serviceWorker.controller) return;
      at('update').hidden = false;
      at('update').querySelector('button').onclick = () => worker.postMessage('go');
    };
    const follow = worker => {
      if (!worker) return;
      offer(worker);
      worker.addEventListener('statechange', () => offer(worker));
    };
    const watch = function () { // however far the new version has come by now
      const registration = self.team.registration;
      follow(registration.waiting);
      follow(registration.installing);
      registration.addEventListener('updatefound', () => follow(registration.installing));
    };
    let controlled = Boolean(navigator.serviceWorker.controller);
    if (self.team.registration) watch();
    else self.addEventListener('installed', watch);
    navigator.serviceWorker.addEventListener('controllerchange', function () {
      if (controlled && location.hash !== '#new') location.reload();
      controlled = true;
    });
  }

  if (/(^|; )text_size=big/.test(document.cookie)) document.documentElement.dataset.textSize = 'big';
  start();
})();
