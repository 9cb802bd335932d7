/* Checking in without network: keeps what was scanned or typed on this phone, without a name. It is sent when there is
   network and the session that kept it is still signed in; anybody else is asked first whether it was them. Nothing goes
   from here before the server has counted it or somebody has removed it, and said so twice. */
(function () {
  'use strict';
  var KEY = 'eid-here', CLOCK = 'eid-here-clock', OWNER = 'eid-here-owner', WORKER = '/learn/worker.js';
  var STEP_MS = 15000, MARGIN_MS = 2000, AGAIN_MS = 15000;
  var scan = /^\/learn\/check-in\/([0-9a-f-]{36})\/(([0-9a-f]{1,8})-[a-z2-7]{16})$/.exec(location.pathname);
  var typed = /^\/learn\/sessions\/([0-9a-f-]{36})\/code$/.exec(location.pathname), memory = {};
  var isShell = !!part('changed'), busy = false, again = false, field = document.querySelector('main form [name=code]');
  var form = typed && field ? field.form : null, greeting = null, going = null, drawn = '';

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
  function same(one, other) {
    return one.session === other.session && one.code === other.code && one.whose === other.whose;
  }
  function put(proof) {
    if (all().some(function (one) { return one.session === proof.session; })) offer(proof);
    proof.owner = read(OWNER);
    if (!all().some(function (one) { return one.session === proof.session && one.code === proof.code; })) add(proof);
    show();
  }
  function add(proof) { keep(KEY, all().concat([proof])); }
  /* Two people may check in with one phone, also by one code. */
  function offer(proof) {
    part('again').hidden = false;
    part('again').querySelector('button').onclick = function () {
      keep(KEY, all().filter(function (one) { return !same(one, proof) || one.at !== proof.at; }));
      add(Object.assign({}, proof, {owner: null, whose: proof.at}));
      part('again').hidden = true;
      show();
      part('kept').focus({preventScroll: true});
    };
  }
  function take(proof, state) {
    if (going && same(going, proof)) going = null;
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
  function press(text, inside, named, act) {
    var button = element('button', text, inside);
    button.type = 'button';
    button.className = 'text-button';
    button.setAttribute('aria-describedby', named.id);
    button.addEventListener('click', function () { act(); part('kept').focus({preventScroll: true}); });
  }
  /* Whether somebody is signed in who may not be the one who kept it. */
  function isDoubtful(one) { return !!greeting && !!greeting.owner && one.owner !== greeting.owner; }
  function go(one) { going = one; show(); }
  function row(one, number) {
    var words = part('list').dataset, made = element('li', '', part('list')), at = new Date(one.at);
    var language = document.documentElement.lang, zone = 'Asia/Ho_Chi_Minh';
    var head = element('b', (one.is_spoken ? words.spoken : words.scan)
      .replace('{time}', at.toLocaleTimeString(language, {hour: '2-digit', minute: '2-digit', timeZone: zone}))
      .replace('{day}', at.toLocaleDateString(language, {day: 'numeric', month: 'long', timeZone: zone})), made);
    var asks = isDoubtful(one) && one.state !== 'refused', line = one.why || (greeting ? '' : words.waits);
    head.id = 'kept-' + number;
    if (going && same(one, going)) {
      element('small', words.sure, made);
      press(words.gone, made, head, function () { take(one, {state: 'counted'}); });
      press(words.stay, made, head, function () { go(null); });
      return;
    }
    if (asks) line = words.whose;
    if (line) element('small', line, made);
    if (asks) press(words.mine, made, head, function () { take(one, {owner: greeting.owner}); send(); });
    press(asks ? words.other : words.remove, made, head, function () { go(one); });
  }
  /* Drawn anew only when something has changed: whoever is about to press a button finds it where it was. */
  function show() {
    var kept = all(), owner = greeting && greeting.owner, now = JSON.stringify([kept, going, !greeting, owner]);
    if (now === drawn) return;
    drawn = now;
    part('kept').hidden = !kept.length;
    part('unsent').textContent = String(kept.length);
    part('list').replaceChildren();
    kept.forEach(row);
    part('sign-in').hidden = !greeting || !!owner || !kept.length;
    if (isShell) part('away').hidden = !!greeting;
  }

  function ask(options) {
    var stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, 20000);
    return fetch('/learn/kept.json', Object.assign({credentials: 'same-origin', redirect: 'error', signal: stop.signal,
      headers: {Accept: 'application/json'}}, options))
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .catch(function () { return null; })
      .then(function (content) { clearTimeout(timer); return content; });
  }
  function sendOne(proof) {
    return ask({method: 'POST', headers: {Accept: 'application/json', 'Content-Type': 'application/json',
      'X-CSRF-Token': greeting.form}, body: JSON.stringify({session: proof.session, code: proof.code,
      is_spoken: proof.is_spoken, at: proof.at, owner: proof.owner})}).then(function (answer) {
      if (!answer) return;
      if (answer.state === 'counted') part('counted').hidden = false;
      take(proof, answer);
    });
  }
  function send() {
    var asked = Date.now();
    if (busy) { again = true; return; }
    busy = true;
    ask().then(function (answer) {
      greeting = answer;
      if (answer) {
        keep(CLOCK, answer.now - (asked + Date.now()) / 2);
        keep(OWNER, answer.owner);
      }
      show();
      if (!answer || !answer.owner) return null;
      return all().filter(function (one) { return one.state !== 'refused' && !isDoubtful(one); })
        .reduce(function (before, one) {
          return before.then(function () { return greeting && sendOne(one); });
        }, Promise.resolve());
    }).then(function () {
      busy = false;
      if (again) { again = false; send(); }
    });
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
    if (event.submitter && event.submitter.name === 'in_language') return;
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
  window.addEventListener('offline', function () { greeting = null; show(); });
  if (isShell) window.setInterval(send, AGAIN_MS); // a network that answers nothing comes back without a word
  send();
})();
