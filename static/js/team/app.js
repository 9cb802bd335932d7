/* The outbox page: write a record, see what became of each, mend what the server returned. No HTML is made from
   strings (Trusted Types); every sentence stands in the page's templates. */
(function () {
  'use strict';
  const outbox = self.team.outbox, DAY = 86400000, REMIND_DAYS = 7, RETRY = [5, 15, 60, 300];
  const root = document.getElementById('outbox'), form = root.querySelector('form');
  const at = id => document.getElementById(id);
  const words = key => at('words').content.querySelector('[data-key="' + key + '"]').textContent;
  const paper = self.team.recordForm(form, at, words);
  const rows = self.team.recordRows(at, words, paper, {change: change, correct: correct, remove: remove, theirs: theirs,
    mine: mine, both: both, mayWrite: () => isMember});
  let owner = null, isMember = true, offset = 0, records = [], editing = null;
  let retries = 0, timer = 0, state = '', isDrawn = false, isOpening = false;

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
      await outbox.keep(owner, entry.id, 'waiting', {entry: entry, written: editing && editing.written || Date.now(),
        noteKnown: Boolean(editing && editing.noteKnown), of: editing && editing.of});
      editing = null;
      location.hash = '';
      say('kept');
      attempt();
    } catch (error) { // nothing was saved; what was typed stays
      const told = at(owner && error.message !== 'closed' ? 'full' : 'nobody');
      told.hidden = false;
      told.scrollIntoView();
    } finally {
      delete form.dataset.busy;
    }
  }

  /* ---------- what the rows' buttons do ---------- */

  function change(record) {
    const isOwn = record.code === 'assistance-not-yours'; // what it wanted to correct is somebody else's
    editing = {id: record.id, written: record.written, entry: record.entry, noteKnown: record.noteKnown,
      of: isOwn ? null : record.of, supersedes: isOwn ? null : record.entry.supersedes};
    goToForm(record.entry, record.field && record.reason ? [[fieldOf(record.field), record.reason]] : []);
  }

  const fieldOf = name => (name === 'happened_at' ? 'happened' : name);

  /* A correction is a new record that takes the old one's place. It starts from what the server holds by now; where the
     server cannot be asked, from what the phone kept, and the page says what stays. */
  async function correct(record) {
    if (isOpening) return;
    isOpening = true;
    say('opening');
    const held = record.state === 'held' ? record.entry : await self.team.newest(record.id).catch(() => null);
    isOpening = false;
    say('');
    if (location.hash === '#new') return;
    editing = {id: crypto.randomUUID(), supersedes: held ? held.id : record.id, entry: held || record.entry,
      of: record.id, noteKnown: Boolean(held)};
    goToForm(editing.entry, []);
  }

  /* The record on this phone that it takes the place of, also when it corrects a version that only the server has. */
  const placeOf = record => record.of || record.entry.supersedes;

  const instead = (record, changes) => Object.assign({}, record.entry, {id: crypto.randomUUID()}, changes);

  async function sendInstead(record, entry) {
    await outbox.replace(owner, record.id, entry.id, 'waiting',
      {entry: entry, written: Date.now(), noteKnown: true, of: placeOf(record)});
    attempt();
  }

  /* Mine instead of the server's: as a correction of it; where the name is somebody else's, under a new one. */
  function mine(record) {
    const stored = record.stored, hasNone = !record.entry.note && !self.team.keepsNote(record.entry);
    return sendInstead(record, instead(record, stored ? {supersedes: stored.id, drops_note: hasNone} : {}));
  }

  function theirs(record) {
    const stored = record.stored, entry = Object.assign({}, stored, {note: '', help_code: ''});
    ['has_code', 'is_held', 'received_at'].forEach(name => delete entry[name]); // no part of a record that is sent
    return outbox.replace(owner, record.id, stored.id, stored.is_held ? 'held' : 'sent', {entry: entry, theirs: true,
      written: Date.now(), received_at: stored.received_at, reason: record.reason, of: placeOf(record)});
  }

  function both(record) { return sendInstead(record, instead(record, {})); }

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
    owner = await outbox.owner();
    isMember = await outbox.fact('is_member') !== false;
    offset = await outbox.fact('offset') || 0;
    records = owner ? await outbox.list(owner) : [];
    paper.learn(owner ? await outbox.lists(owner).catch(() => ({})) : {}, isDrawn && writing());
    isDrawn = true;
    const numbers = await outbox.count(owner), unsent = records.filter(record => outbox.UNSENT.includes(record.state));
    at('count').textContent = owner ? numbers.own : numbers.others; // of whoever must sign in, when nobody is
    at('undecided').hidden = !numbers.held;
    at('undecided').textContent = words('undecided').replace('%(n)s', numbers.held);
    rows.fill('waiting', unsent, records);
    rows.fill('sent', records.filter(record => !unsent.includes(record)), records);
    at('nobody').hidden = Boolean(owner);
    at('write').hidden = !owner || !isMember;
    at('left').hidden = !(owner && !isMember);
    at('export').hidden = !unsent.length;
    at('others').hidden = !numbers.others;
    at('others').querySelector('[data-words]').textContent =
      words((owner ? 'others' : 'closed') + (numbers.others === 1 ? '-one' : '')).replace('%(n)s', numbers.others);
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

  function say(key) { at('status').textContent = key && words(key); }

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
      const pause = end === 'later' ? self.team.pause : RETRY[Math.min(retries++, RETRY.length - 1)];
      if (end !== 'sign-in') timer = setTimeout(attempt, pause * 1000);
    }
    if (end === 'sent' && asked) say('end-sent');
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
    const correcting = Boolean(editing && editing.supersedes);
    at('heading').textContent = words(correcting ? 'heading-correct' : 'heading-new');
    at('correcting').hidden = !correcting;
    if (correcting) at('correcting').textContent = words(editing.noteKnown ? 'starts-there' : 'starts-here');
    if (!writing()) { editing = null; at('full').hidden = true; paper.showProblems([]); paper.fill({}); }
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
