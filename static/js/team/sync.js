/* Sends the outbox of the member who is signed in. Flapping networks, repeats and lost answers do no harm: the server
   knows each record by its name. `send()` resolves with how it ended: sent, offline, sign-in, left, busy, later or
   failed. */
(function () {
  'use strict';
  const outbox = self.team.outbox, BATCH = 50, PATIENCE = 20000, LOOK = 8000, LEASE = 300000, LONGEST_WAIT = 3600;
  const ADDRESS = '/team/sync', LOCK = 'eid-team-sync', NAP = 15;
  let token = null, running = false;
  const note = (name, value) => outbox.learn(name, value).catch(() => {}); // sending makes room on a full phone

  /* {status, after, text} within the limit, which holds until the last byte: an answer may stall in its middle. */
  async function ask(address, options, patience) {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), patience || PATIENCE);
    try {
      const answer = await fetch(address, Object.assign({
        credentials: 'same-origin', redirect: 'manual', cache: 'no-store', signal: stop.signal,
        headers: {Accept: 'application/json, application/problem+json'}
      }, options));
      return {status: answer.type === 'opaqueredirect' ? 401 : answer.status,
        after: answer.headers.get('Retry-After'), text: await answer.text()};
    } finally {
      clearTimeout(timer);
    }
  }

  /* The content of a good answer, or {stop} with the reason why there is none. */
  async function read(address, options, patience) {
    let answer, content = null;
    try { answer = await ask(address, options, patience); } catch (error) { return {stop: 'offline'}; }
    try { content = JSON.parse(answer.text); } catch (error) { /* a page of whoever stands between */ }
    if (answer.status === 401) {
      if (content && content.error === 'signed-out') await outbox.close();
      return {stop: 'sign-in'};
    }
    if (answer.status === 429 || answer.status === 503) { later(answer.after); return {stop: 'later'}; }
    if (answer.status >= 400) return {stop: answer.status < 500 ? 'refused' : 'failed'};
    return content || {stop: 'offline'};
  }

  /* For how long the server wants to be left alone: seconds or a date (RFC 9110 section 10.2.3). */
  function later(after) {
    const seconds = /^\d+$/.test(after || '') ? Number(after) : (Date.parse(after) - Date.now()) / 1000;
    self.team.pause = Math.min(Math.max(Math.ceil(seconds) || NAP, 1), LONGEST_WAIT);
  }

  /* Who is signed in, the form token, the server's time; or the reason why not. */
  async function greet() {
    const hello = await read(ADDRESS);
    if (hello.stop) return hello.stop === 'refused' ? {stop: 'sign-in'} : hello;
    token = hello.token;
    const leaving = await outbox.fact('leaving');
    if (leaving && Date.parse(hello.signed_in_at) < leaving) return signOut();
    if (leaving) await note('leaving', null); // somebody signed in since
    await outbox.enter(hello.owner, hello.key, hello.was);
    await note('offset', Date.parse(hello.server_time) - Date.now());
    await note('is_member', hello.is_member);
    await outbox.learnLists(hello.owner, {villages: hello.villages, receipts: hello.receipts}).catch(() => {});
    return hello;
  }

  /* The member signed out here when the server could not hear of it. */
  async function signOut() {
    const answer = await ask('/sign-out', {method: 'POST',
      headers: {'Accept': 'application/json', 'X-CSRF-Token': token}}).catch(() => null);
    if (!answer || answer.status !== 401) return {stop: 'failed'}; // a redirection reads as 401
    await outbox.learn('leaving', null);
    await outbox.close();
    self.dispatchEvent(new Event('signed-out'));
    return {stop: 'sign-in'};
  }

  function post(hello, records) {
    const body = {owner: hello.owner, sent_at: new Date().toISOString(), records: records.map(record => record.entry)};
    const headers = {'Accept': 'application/json, application/problem+json', 'Content-Type': 'application/json',
      'X-CSRF-Token': token};
    return read(ADDRESS, {method: 'POST', headers: headers, body: JSON.stringify(body)});
  }

  const STATES = {saved: 'sent', known: 'sent', held: 'held', refused: 'fix', conflict: 'conflict'};
  /* Behind these refusals another version counts by now: both are shown. Where the member chose the server's version,
     it stands as the server says of that. */
  function stateOf(answer, record) {
    const state = answer.state === 'refused' && answer.stored ? 'conflict' : STATES[answer.state];
    if (!record || !record.theirs || state !== 'conflict') return state;
    return !answer.stored ? 'fix' : answer.stored.is_held ? 'held' : 'sent';
  }

  /* What the phone keeps of an answered record: a receipt without help code and note once the server has it for good;
     else all of it, with what has to be done. */
  function answered(record, answer) {
    const content = {entry: record.entry, written: record.written, noteKnown: record.noteKnown, of: record.of};
    if (stateOf(answer, record) === 'sent') {
      content.entry = Object.assign({}, record.entry, {help_code: '', note: '', drops_note: false});
      content.received_at = answer.received_at;
      return content;
    }
    return Object.assign(content, {reason: answer.reason, field: answer.field, code: answer.code,
      received_at: answer.received_at, stored: answer.stored || null});
  }

  /* Whether the server put any off. What is held already and still is stays as it stands. */
  async function take(hello, records, answer) {
    const byId = new Map(records.map(record => [record.id, record]));
    let putOff = false;
    for (const each of answer.records || []) {
      const record = byId.get(each.id), state = stateOf(each, record);
      putOff = putOff || each.state === 'later';
      if (!record || !state || state === 'held' && record.state === 'held') continue;
      await outbox.settle(hello.owner, record, state, answered(record, each));
    }
    return putOff;
  }

  /* What waits goes; what is held goes again, because only the answer says when it counts or was turned away. */
  async function run() {
    const hello = await greet(), began = Date.now();
    if (hello.stop) return hello.stop;
    await outbox.forgetOld(hello.owner);
    const going = (await outbox.list(hello.owner)).filter(record =>
      !record.damaged && (record.state === 'waiting' || record.state === 'held'));
    going.reverse(); // the oldest first
    let putOff = false;
    for (let start = 0; start < going.length; start += BATCH) {
      if (Date.now() - began > LEASE) return 'failed'; // another page may be sending by now
      const batch = going.slice(start, start + BATCH);
      let answer = await post(hello, batch);
      if (answer.stop === 'refused') { // an old form token: once more with a fresh one
        const again = await greet();
        if (again.stop || again.owner !== hello.owner) return again.stop || 'failed';
        answer = await post(again, batch);
      }
      if (answer.stop) return answer.stop === 'refused' ? 'failed' : answer.stop;
      putOff = await take(hello, batch, answer) || putOff;
    }
    if (putOff) { later(''); return 'later'; }
    return hello.is_member ? 'sent' : 'left';
  }

  /* One sending at a time, whatever the number of open pages. A page that sleeps while it sends (browsers stop what is
     out of sight) loses its turn after the lease; what then goes twice does no harm, the server knows the names. */
  async function send() {
    if (!navigator.locks) return alone();
    const since = await outbox.fact('sending_since'), age = Date.now() - since;
    const how = since && !(age >= 0 && age < LEASE) ? {steal: true} : {ifAvailable: true};
    return navigator.locks.request(LOCK, how, async function (lock) {
      if (!lock) return 'busy';
      const mine = Date.now();
      await note('sending_since', mine);
      try {
        return await run();
      } finally {
        if (await outbox.fact('sending_since') === mine) await note('sending_since', 0);
      }
    });
  }

  async function alone() {
    if (running) return 'busy';
    running = true;
    try { return await run(); } finally { running = false; }
  }

  /* What the server holds of a record that it has, with its note; null when it cannot be asked. */
  async function newest(id) {
    if (!navigator.onLine) return null;
    return (await read(ADDRESS + '/' + id, {}, LOOK)).record || null;
  }

  self.team.pause = NAP;
  self.team.send = send;
  self.team.newest = newest;
})();
