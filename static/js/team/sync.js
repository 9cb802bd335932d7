/* Sends the outbox of the member who is signed in. Flapping networks, repeats and lost answers do no harm: the server
   knows each record by its name. `send()` resolves with how it ended: sent, offline, sign-in, left, busy, failed. */
(function () {
  'use strict';
  const outbox = self.team.outbox, BATCH = 50, PATIENCE = 20000;
  const ADDRESS = '/team/sync';
  let token = null;

  async function ask(options) {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      return await fetch(ADDRESS, Object.assign({
        credentials: 'same-origin', redirect: 'manual', cache: 'no-store', signal: stop.signal,
        headers: {Accept: 'application/json, application/problem+json'}
      }, options));
    } finally {
      clearTimeout(timer);
    }
  }

  /* Who is signed in, the form token, the server's time; or the reason why not. */
  async function greet() {
    let answer;
    try { answer = await ask({}); } catch (error) { return {stop: 'offline'}; }
    if (answer.status === 401 || answer.type === 'opaqueredirect') return {stop: 'sign-in'};
    if (answer.status === 403) return {stop: 'sign-in'};
    if (!answer.ok) return {stop: 'failed'};
    const hello = await answer.json();
    token = hello.token;
    await outbox.learn('owner', hello.owner);
    await outbox.learn('offset', Date.parse(hello.server_time) - Date.now());
    await outbox.learn('is_member', hello.is_member);
    await outbox.learnLists(hello.owner, {villages: hello.villages, receipts: hello.receipts});
    return hello;
  }

  async function post(hello, records) {
    const body = {owner: hello.owner, sent_at: new Date().toISOString(), records: records.map(record => record.entry)};
    const headers = {'Accept': 'application/json, application/problem+json', 'Content-Type': 'application/json',
      'X-CSRF-Token': token};
    let answer;
    try { answer = await ask({method: 'POST', headers: headers, body: JSON.stringify(body)}); }
    catch (error) { return {stop: 'offline'}; }
    if (answer.status === 401 || answer.type === 'opaqueredirect') return {stop: 'sign-in'};
    if (!answer.ok) return {stop: 'failed'};
    try { return await answer.json(); } catch (error) { return {stop: 'offline'}; }
  }

  const STATES = {saved: 'sent', known: 'sent', held: 'sent', refused: 'fix', conflict: 'conflict'};

  /* What the phone keeps of an answered record: a receipt without help code and note, or what has to be mended. */
  function answered(record, answer) {
    const content = {entry: record.entry, written: record.written};
    if (STATES[answer.state] === 'sent') {
      content.entry = Object.assign({}, record.entry, {help_code: '', note: ''});
      content.received_at = answer.received_at;
      content.held = answer.state === 'held';
    } else {
      Object.assign(content, {reason: answer.reason, field: answer.field, stored: answer.stored || null});
    }
    return content;
  }

  async function take(hello, records, answer) {
    const byId = new Map(records.map(record => [record.id, record]));
    for (const each of answer.records || []) {
      const record = byId.get(each.id), state = STATES[each.state];
      if (record && state) await outbox.settle(hello.owner, record, state, answered(record, each));
    }
  }

  async function run() {
    const hello = await greet();
    if (hello.stop) return hello.stop;
    await outbox.forgetOld(hello.owner);
    const waiting = (await outbox.list(hello.owner)).filter(record => record.state === 'waiting' && !record.damaged);
    waiting.reverse(); // the oldest first
    for (let start = 0; start < waiting.length; start += BATCH) {
      const batch = waiting.slice(start, start + BATCH);
      let answer = await post(hello, batch);
      if (answer.stop === 'failed') { // an old form token: once more with a fresh one
        const again = await greet();
        if (again.stop || again.owner !== hello.owner) return again.stop || 'failed';
        answer = await post(again, batch);
      }
      if (answer.stop) return answer.stop;
      await take(hello, batch, answer);
    }
    return hello.is_member ? 'sent' : 'left';
  }

  /* One sending at a time, whatever the number of open pages. */
  async function send() {
    if (!navigator.locks) return run();
    return navigator.locks.request('eid-team-sync', {ifAvailable: true}, lock => (lock ? run() : 'busy'));
  }

  self.team.send = send;
})();
