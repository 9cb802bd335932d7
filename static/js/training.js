/* On every page of the trainer: ticks by number that this device has not sent yet. A tick holds a number of the printed
   list and a moment, no name. They stay until the server has them from whoever made them, and show to nobody else; what a
   screen prepared goes when it is over, or when one signs out (static/js/portal.js). */
(function () {
  'use strict';
  var TICKS = 'eid-ticks:', SCREEN = 'eid-screen:', busy = null, again = false, memory = {};
  var training = self.training = {changed: function () {}, signIn: function () {}};

  training.read = function (key) {
    if (key in memory) return memory[key];
    try { return JSON.parse(localStorage.getItem(key)); } catch (error) { return null; }
  };
  training.keep = function (key, value) {
    memory[key] = value; // a browser that keeps nothing, or is full, has it until the page is closed
    try { localStorage.setItem(key, JSON.stringify(value)); } catch (error) { return false; }
    delete memory[key];
    return true;
  };
  training.ticks = function (session) { return ticksIn(TICKS + owner() + session); };
  training.tick = function (session, number, at) { return tickIn(TICKS + owner() + session, number, at); };
  function ticksIn(key) { return training.read(key) || {}; }
  function tickIn(key, number, at) {
    var ticks = ticksIn(key);
    if (at) ticks[number] = at;
    else delete ticks[number];
    if (Object.keys(ticks).length) return training.keep(key, ticks);
    drop(key);
    return true;
  }

  /* Who opened a screen here and has not signed out since: signing out takes the mark away, on any page. */
  function owner() { return (/(?:^|; )screen_of=(\w+)/.exec(document.cookie) || ['', ''])[1]; }
  training.owns = function (kept) { return !!kept.owner && kept.owner === owner(); };
  function drop(key) {
    delete memory[key];
    try { localStorage.removeItem(key); } catch (error) { /* it is not there either */ }
  }
  function keys(prefix) {
    var found = Object.keys(memory).filter(function (key) { return key.indexOf(prefix) === 0; }), index, name;
    try {
      for (index = 0; index < localStorage.length; index += 1) {
        name = localStorage.key(index);
        if (name.indexOf(prefix) === 0 && !(name in memory)) found.push(name);
      }
    } catch (error) { /* a browser that keeps nothing */ }
    return found;
  }
  function ask(address, options) {
    var stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, 20000);
    var all = Object.assign({credentials: 'same-origin', redirect: 'manual', signal: stop.signal,
      headers: {Accept: 'application/json'}}, options);
    return fetch(address, all).then(function (answer) {
      if (answer.type === 'opaqueredirect' || answer.status === 401) training.signIn();
      return answer.ok ? answer.json() : null;
    }).catch(function () { return null; }).then(function (content) { clearTimeout(timer); return content; });
  }
  training.ask = ask;

  /* Send the ticks of one member in one session, while it is that member who is signed in; those that the server has taken
     go from here, unless they were ticked anew. */
  function sendOne(key) {
    var ticks = ticksIn(key), at = key.indexOf('/'), session = key.slice(at), by = key.slice(TICKS.length, at);
    if (!Object.keys(ticks).length) return Promise.resolve();
    return ask(session + '/present.json').then(function (greeting) {
      return greeting && greeting.owner === by && ask(session + '/ticks', {method: 'POST',
        body: JSON.stringify({ticks: ticks, owner: by}),
        headers: {Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': greeting.form}});
    }).then(function (answer) {
      if (!answer) return;
      answer.taken.forEach(function (number) {
        if (ticksIn(key)[number] === ticks[number]) tickIn(key, number, 0);
      });
      training.changed();
    });
  }
  training.send = function () {
    if (busy) { again = true; return busy; }
    busy = keys(TICKS).reduce(function (before, key) {
      return before.then(function () { return sendOne(key); });
    }, Promise.resolve()).then(function () {
      busy = null;
      if (again) { again = false; return training.send(); }
    });
    return busy;
  };

  keys(SCREEN).forEach(function (key) {
    var kept = training.read(key);
    if (!kept || !training.owns(kept) || kept.closes < Date.now() + (kept.ahead || 0)) drop(key);
  });
  window.addEventListener('online', training.send);
  training.send();
})();
