/* A wall loads itself again, but only after a sign of life: without network its last figures stay, and say so. */
(function () {
  'use strict';
  var wall = document.querySelector('[data-again]'), warning = document.querySelector('[data-lost]');
  if (!wall || !warning || !window.fetch) return;
  var every = Number(wall.getAttribute('data-again')) * 1000;

  function again() {
    fetch('/healthz', { method: 'HEAD', cache: 'no-store' }).then(function (answer) {
      if (!answer.ok) throw new Error('no life');
      window.location.reload();
    }).catch(function () {
      warning.hidden = false;
      window.setTimeout(again, every);
    });
  }
  window.setTimeout(again, every);
}());
