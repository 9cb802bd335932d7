/* The trainer's screen: shows the code of each step. The codes of the whole session are fetched once and kept in this
   browser, so that the screen goes on, and opens again, without network. The server's clock counts, not the device's.
   A code is made out of the first one: each bit in which their texts differ changes modules that are known. */
(function () {
  'use strict';
  var screen = document.querySelector('[data-screen]'), training = self.training, WORKER = '/training/worker.js';
  var session = location.pathname.replace(/\/screen$/, ''), key = 'eid-screen:' + session;
  if (!screen || !window.fetch || !/\/screen$/.test(location.pathname)) return;
  var BITS = [0, 1, 2, 3, 4, 6], QUIET = 4, COUNT_MS = 15000, AWAY_MS = 60000;
  var svg = screen.querySelector('svg'), path = svg.querySelector('path'), list = part('list');
  var numbers = part('numbers'), ready = part('ready');
  var kept = null, shown = -1, drawn = null, changes = null, isKept = true, tried = false, reached = Date.now(), there = {};

  function part(name) { return document.querySelector('[data-' + name + ']'); }
  function now() { return Date.now() + (kept ? kept.ahead : 0); }
  function bytes(text) {
    return Uint8Array.from(atob(text), function (letter) { return letter.charCodeAt(0); });
  }
  function modulesOf(text) {
    var made = drawn.slice(), first = kept.codes[0][0], letter, bit, differs, from, index;
    for (letter = 0; letter < text.length; letter += 1) {
      differs = text.charCodeAt(letter) ^ first.charCodeAt(letter);
      for (bit = 0; bit < BITS.length; bit += 1) {
        if (differs >> BITS[bit] & 1) {
          from = (letter * BITS.length + bit) * made.length;
          for (index = 0; index < made.length; index += 1) made[index] ^= changes[from + index];
        }
      }
    }
    return made;
  }
  function draw(text) {
    var modules = modulesOf(text), side = kept.side, parts = [], at;
    for (at = 0; at < side * side; at += 1) {
      if (modules[at >> 3] >> 7 - (at & 7) & 1) {
        parts.push('M' + (at % side + QUIET) + ' ' + (Math.floor(at / side) + QUIET) + 'h1v1h-1z');
      }
    }
    svg.setAttribute('viewBox', '0 0 ' + (side + 2 * QUIET) + ' ' + (side + 2 * QUIET));
    path.setAttribute('d', parts.join(''));
  }
  function show() {
    if (kept && !training.owns(kept)) { // signed out, on this page or another
      kept.codes = [];
      list.hidden = true;
    }
    if (!kept && !tried) return; // what the server drew stands until its codes have come
    var has = kept && kept.codes.length, number = has ? Math.floor((now() - kept.first) / kept.step) : 0;
    var isOver = !has || number >= kept.codes.length, isEarly = has && number < 0;
    part('ended').hidden = !isOver;
    screen.hidden = isOver;
    screen.setAttribute('data-code', isOver || isEarly ? '' : kept.codes[number][0]);
    if (isOver || isEarly || number === shown) return;
    shown = number;
    draw(kept.codes[number][0]);
    part('spoken').textContent = kept.codes[number][1];
  }
  function say() {
    var isAway = Date.now() - reached > COUNT_MS * 1.5 || !navigator.onLine;
    var until = new Date(kept.first + kept.codes.length * kept.step).toLocaleTimeString(
      document.documentElement.lang, {hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Ho_Chi_Minh'});
    ready.hidden = !kept.codes.length;
    ready.textContent = (isKept ? isAway ? ready.dataset.away : ready.dataset.until : ready.dataset.full)
      .replace('{time}', until);
  }
  function use(content) {
    kept = content;
    drawn = bytes(content.drawn || '');
    changes = bytes(content.changes || '');
    shown = -1;
    if (part('course')) part('course').textContent = content.course || '';
    fill(content);
    show();
    say();
  }

  /* Who is here, as the server says, and who was ticked since. */
  function fill(content) {
    part('present').textContent = String(content.present);
    list.hidden = !content.people.length;
    there = {};
    content.people.forEach(function (one) {
      there[one[0]] = one[1];
      if (numbers.querySelector('[data-number="' + one[0] + '"]')) return;
      var button = document.createElement('button');
      button.type = 'button';
      button.className = 'numbers__one';
      button.dataset.number = one[0];
      button.textContent = one[0];
      numbers.append(button);
    });
    mark();
  }
  function mark() {
    var ticks = training.ticks(session);
    Array.prototype.forEach.call(numbers.children, function (button) {
      var number = button.dataset.number;
      button.disabled = !!there[number];
      button.setAttribute('aria-pressed', String(!!there[number] || number in ticks));
    });
    part('unsent').textContent = String(Object.keys(ticks).length);
  }
  numbers.addEventListener('click', function (event) {
    var number = event.target.dataset.number;
    if (!number || event.target.disabled) return;
    isKept = training.tick(session, number, number in training.ticks(session) ? 0 : Math.max(1, now())) && isKept;
    if (kept) say();
    mark();
    training.send();
  });
  training.changed = function () { mark(); count(); };
  training.signIn = function () {
    part('sign-in').hidden = false;
    part('sign-in').querySelector('a').search = '?next=' + encodeURIComponent(location.pathname);
  };

  function count() {
    training.ask(session + '/present.json').then(function (answer) {
      if (!answer) { if (kept) say(); return; }
      if (Date.now() - reached > AWAY_MS && !answer.late_proof && kept && kept.codes.length) part('late').hidden = false;
      if (answer.late_proof) part('late').hidden = true;
      reached = Date.now();
      part('sign-in').hidden = true;
      if (!kept) { prepare(); return; }
      Object.assign(kept, {ahead: answer.now - Date.now(), present: answer.present, people: answer.people});
      isKept = training.keep(key, kept);
      fill(answer);
      say();
      training.send();
    });
  }
  function prepare() {
    training.ask(session + '/codes.json').then(function (answer) {
      tried = true;
      if (!answer) { show(); return; }
      reached = Date.now();
      answer.ahead = answer.now - Date.now();
      isKept = training.keep(key, answer);
      use(answer);
      if ('serviceWorker' in navigator) navigator.serviceWorker.ready.then(function (found) {
        found.active.postMessage(document.documentElement.lang);
        document.documentElement.setAttribute('data-prepared', '');
      });
    });
  }
  /* Trusted Types: this one address and no other may become a worker. */
  function workerAddress() {
    if (!self.trustedTypes) return WORKER;
    return trustedTypes.createPolicy('screen-worker', {createScriptURL: function (address) {
      if (address !== WORKER) throw new TypeError(address);
      return address;
    }}).createScriptURL(WORKER);
  }

  if ('serviceWorker' in navigator) {
    navigator.serviceWorker.register(workerAddress(), {scope: '/training/'}).catch(function () { /* without network */ });
  }
  var before = training.read(key);
  if (before) { reached = 0; use(before); reached = Date.now(); }
  prepare();
  window.addEventListener('online', count);
  window.setInterval(show, 500);
  window.setInterval(count, COUNT_MS);
})();
