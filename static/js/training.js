/* On every page of the trainer: ticks by number that this device has not sent yet. A tick holds a number of the printed
   list and a moment, no name. They stay until the server has them; what a screen prepared goes when it is over. */
(function () {
  'use strict';
  var TICKS = 'eid-ticks:', SCREEN = 'eid-screen:', busy = false, again = false, memory = {};
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
  training.ticks = function (session) { return training.read(TICKS + session) || {}; };
  training.tick = function (session, number, at) {
    var ticks = training.ticks(session);
    if (at) ticks[number] = at;
    else delete ticks[number];
    if (Object.keys(ticks).length) return training.keep(TICKS + session, ticks);
    drop(TICKS + session);
    return true;
  };

  /* Whether whoever prepared this screen has not signed out since: signing out takes the mark away, on any page. */
  training.owns = function (kept) {
    return !!kept.owner && document.cookie.split('; ').indexOf('screen_of=' + kept.owner) >= 0;
  };
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

  /* Send the ticks of one session; those that the server has taken go from here, unless they were ticked anew. */
  function sendOne(session) {
    var ticks = training.ticks(session);
    if (!Object.keys(ticks).length) return Promise.resolve();
    return ask(session + '/present.json').then(function (greeting) {
      return greeting && ask(session + '/ticks', {method: 'POST', body: JSON.stringify({ticks: ticks}),
        headers: {Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': greeting.form}});
    }).then(function (answer) {
      if (!answer) return;
      answer.taken.forEach(function (number) {
        if (training.ticks(session)[number] === ticks[number]) training.tick(session, number, 0);
      });
      training.changed();
    });
  }
  training.send = function () {
    if (busy) { again = true; return; }
    busy = true;
    keys(TICKS).reduce(function (before, key) {
      return before.then(function () { return sendOne(key.slice(TICKS.length)); });
    }, Promise.resolve()).then(function () {
      busy = false;
      if (again) { again = false; training.send(); }
    });
  };

  keys(SCREEN).forEach(function (key) {
    var kept = training.read(key);
    if (!kept || !training.owns(kept) || kept.closes < Date.now() + (kept.ahead || 0)) drop(key);
  });
  document.addEventListener('submit', function (event) {
    if (/\/sign-out$/.test(event.target.getAttribute('action') || '')) {
      keys(SCREEN).forEach(drop);
    }
  });
  window.addEventListener('online', training.send);
  training.send();
})();
