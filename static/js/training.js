/* The trainer's screen: shows the code of each step. Codes for twenty minutes are fetched ahead, so that the screen
   goes on without network. The server's clock counts, not this device's. */
(function () {
  'use strict';
  var screen = document.querySelector('[data-codes]');
  if (!screen || !window.fetch) return;
  var path = screen.querySelector('path'), spoken = screen.querySelector('[data-spoken]');
  var present = screen.querySelector('[data-present]'), ended = screen.querySelector('[data-ended]');
  var AGAIN_MS = 300000, COUNT_MS = 15000;
  var codes = [], ahead = 0;

  function draw(rows) {
    var size = rows.length, parts = [];
    rows.forEach(function (row, y) {
      var x;
      for (x = 0; x < size; x += 1) {
        if (row.charAt(x) === '1') parts.push('M' + x + ' ' + y + 'h1v1h-1z');
      }
    });
    path.setAttribute('d', parts.join(''));
  }
  function unpack(packed) {
    var rows = packed.split('.'), size = rows.length;
    return rows.map(function (row) {
      var bits = row.split('').map(function (digit) { return ('000' + parseInt(digit, 16).toString(2)).slice(-4); });
      return ('0'.repeat(size) + bits.join('')).slice(-size);
    });
  }
  function show() {
    var moment = Date.now() + ahead, current = null;
    codes.forEach(function (code) { if (code.at <= moment) current = code; });
    var over = !current || moment - current.at > 17000;
    ended.hidden = !over;
    if (over || current === show.last) return;
    show.last = current;
    draw(unpack(current.rows));
    spoken.textContent = current.spoken;
  }
  function take(answer) {
    codes = answer.codes;
    ahead = answer.now - Date.now();
    present.textContent = String(answer.present);
    show();
  }
  function ask(address, use) {
    fetch(address, {credentials: 'same-origin', headers: {Accept: 'application/json'}})
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (answer) { if (answer) use(answer); })
      .catch(function () { /* no network: the codes that are here go on */ });
  }
  function renew() { ask(screen.dataset.codes, take); }

  renew();
  window.setInterval(renew, AGAIN_MS);
  window.addEventListener('online', renew);
  window.setInterval(show, 500);
  window.setInterval(function () {
    ask(screen.dataset.count, function (answer) { present.textContent = String(answer.present); });
  }, COUNT_MS);
})();
