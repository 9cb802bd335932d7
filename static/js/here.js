/* Checking in without network: keeps what was scanned or typed on this phone, without a name, and sends it when there is
   network and somebody is signed in. Nothing goes from here before the server has counted it or the person removes it. */
(function () {
  'use strict';
  var KEY = 'eid-here', CLOCK = 'eid-here-clock', WORKER = '/learn/worker.js', STEP_MS = 15000, MARGIN_MS = 2000;
  var scan = /^\/learn\/check-in\/([0-9a-f-]{36})\/(([0-9a-f]{1,8})-[a-z2-7]{16})$/.exec(location.pathname);
  var typed = /^\/learn\/sessions\/([0-9a-f-]{36})\/code$/.exec(location.pathname), memory = {};
  var isShell = !!part('changed'), busy = false, field = document.querySelector('main form [name=code]');
  var form = typed && field ? field.form : null;

  function part(name) { return document.querySelector('[data-' + name + ']'); }
  function read(key) {
    if (key in memory) return memory[key];
    try { return JSON.parse(localStorage.getItem(key)); } catch (error) { return null; }
  }
  function keep(key, value) {
    memory[key] = value; // a browser that keeps nothing, or is full, has it until the page is closed
    try { localStorage.setItem(key, JSON.stringify(value)); delete memory[key]; } catch (error) { /* see above */ }
  }
  function all() { return read(KEY) || []; }
  function now() { return Date.now() + (read(CLOCK) || 0); }
  function same(one, other) { return one.session === other.session && one.code === other.code; }
  function put(proof) {
    if (!all().some(function (one) { return same(one, proof); })) keep(KEY, all().concat([proof]));
    show();
  }
  function take(proof, state) {
    keep(KEY, all().map(function (one) { return same(one, proof) ? Object.assign(one, state) : one; })
      .filter(function (one) { return one.state !== 'counted'; }));
    show();
  }
  function element(name, text, inside) {
    var made = document.createElement(name);
    made.textContent = text;
    inside.append(made);
    return made;
  }
  function show() {
    var list = part('list'), kept = all(), words = list.dataset;
    part('kept').hidden = !kept.length;
    part('unsent').textContent = String(kept.length);
    list.replaceChildren();
    kept.forEach(function (one) {
      var row = element('li', '', list), time = new Date(one.at).toLocaleTimeString(document.documentElement.lang,
        {hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Ho_Chi_Minh'});
      element('b', (one.is_spoken ? words.spoken : words.scan).replace('{time}', time), row);
      element('small', one.why || words.waits, row);
      var button = element('button', words.remove, row);
      button.type = 'button';
      button.className = 'text-button';
      button.addEventListener('click', function () { take(one, {state: 'counted'}); });
    });
  }

  function ask(options) {
    var stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, 20000);
    return fetch('/learn/kept.json', Object.assign({credentials: 'same-origin', redirect: 'error', signal: stop.signal,
      headers: {Accept: 'application/json'}}, options))
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .catch(function () { return null; })
      .then(function (content) { clearTimeout(timer); return content; });
  }
  function sendOne(proof, greeting) {
    return ask({method: 'POST', headers: {Accept: 'application/json', 'Content-Type': 'application/json',
      'X-CSRF-Token': greeting.form}, body: JSON.stringify(
      {session: proof.session, code: proof.code, is_spoken: proof.is_spoken, at: proof.at})}).then(function (answer) {
      if (!answer) return;
      if (answer.state === 'counted') part('counted').hidden = false;
      take(proof, answer);
    });
  }
  function send() {
    var asked = Date.now();
    if (busy) return;
    busy = true;
    ask().then(function (greeting) {
      if (!greeting) return null;
      keep(CLOCK, greeting.now - (asked + Date.now()) / 2);
      part('sign-in').hidden = greeting.is_resident || !all().length;
      if (!greeting.is_resident) return null;
      return all().filter(function (one) { return one.state !== 'refused'; }).reduce(function (before, one) {
        return before.then(function () { return sendOne(one, greeting); });
      }, Promise.resolve());
    }).then(function () { busy = false; });
  }

  /* Trusted Types: this one address and no other may become a worker. */
  function workerAddress() {
    if (!self.trustedTypes) return WORKER;
    return trustedTypes.createPolicy('here-worker', {createScriptURL: function (address) {
      if (address !== WORKER) throw new TypeError(address);
      return address;
    }}).createScriptURL(WORKER);
  }

  if (isShell && scan) {
    var begins = parseInt(scan[3], 16) * STEP_MS, moment = now();
    var fits = moment >= begins - MARGIN_MS && moment < begins + STEP_MS + MARGIN_MS;
    if (read(CLOCK) !== null && !fits) part('changed').hidden = false;
    else put({session: scan[1], code: scan[2], is_spoken: false, at: Math.round(moment)});
  }
  if (isShell && form) form.hidden = false;
  window.addEventListener('submit', function (event) {
    var digits = form ? field.value.replace(/\D/g, '') : '';
    if (event.target !== form || !form || !isShell && navigator.onLine) return;
    if (isShell) part('six').hidden = digits.length === 6;
    if (!isShell && digits.length !== 6) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (digits.length !== 6) { field.focus(); return; }
    put({session: typed[1], code: digits, is_spoken: true, at: Math.round(now())});
    form.reset();
    part('kept').scrollIntoView();
    send();
  }, true);
  if ('serviceWorker' in navigator) {
    navigator.serviceWorker.register(workerAddress(), {scope: '/learn/'}).catch(function () { /* without network */ });
    navigator.serviceWorker.ready.then(function (found) {
      found.active.postMessage(document.documentElement.lang);
      document.documentElement.setAttribute('data-prepared', '');
    });
  }
  show();
  window.addEventListener('online', send);
  send();
})();
