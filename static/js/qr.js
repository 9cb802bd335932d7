/* The picture to scan, kept fresh, and onward when the phone has said yes. Without it, the links and the button do. */
(function () {
  'use strict';
  var frame = document.querySelector('[data-qr]');
  var form = document.querySelector('[data-qr-finish]');
  if (!frame || !form) return;
  var picture = frame.querySelector('img');
  var every = Number(frame.dataset.every) * 1000;

  function renew() {
    picture.src = frame.dataset.picture + '?at=' + Math.floor(Date.now() / every);
  }

  function look() {
    if (document.hidden) return;
    fetch(frame.dataset.state, { credentials: 'same-origin', headers: { Accept: 'application/json' } })
      .then(function (answer) { return answer.json(); })
      .then(function (found) {
        if (found.state === 'waiting') return;
        clearInterval(looking);
        clearInterval(renewing);
        if (found.state === 'approved') form.requestSubmit();
        else window.location.reload();
      }, function () { /* no network for a moment: the next look tells */ });
  }

  var renewing = setInterval(renew, every / 2);
  var looking = setInterval(look, 2000);
})();
