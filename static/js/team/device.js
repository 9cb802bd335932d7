/* On every page of the member: keeps the app for use without network and shows what is not yet on the server. */
(function () {
  'use strict';
  const outbox = self.team.outbox, app = document.querySelector('[data-app]').dataset.app;
  const WORKER = '/team/worker.js';

  /* Trusted Types: this one address and no other may become a worker. */
  function workerAddress() {
    if (!self.trustedTypes) return WORKER;
    return trustedTypes.createPolicy('team-worker', {
      createScriptURL: function (address) {
        if (address !== WORKER) throw new TypeError(address);
        return address;
      }
    }).createScriptURL(WORKER);
  }

  async function install() {
    if (!('serviceWorker' in navigator)) return;
    const registration = await navigator.serviceWorker.register(workerAddress(), {scope: '/team/'});
    self.team.registration = registration;
    self.dispatchEvent(new Event('installed'));
  }

  async function show() {
    const owner = await outbox.owner(), numbers = await outbox.count(owner);
    const number = owner ? numbers.own : numbers.others; // of whoever must sign in, while it is not known who does
    document.querySelectorAll('.tab-bar [data-unsent]').forEach(function (place) {
      place.textContent = place.dataset.unsent.replace('%(n)s', number);
      place.hidden = number === 0;
    });
  }

  /* With scripts the record is written on the phone, with or without network. */
  document.querySelectorAll('a[data-on-phone]').forEach(function (link) { link.href = app + link.dataset.onPhone; });

  /* The badge changes every half minute. */
  document.querySelectorAll('img[data-refresh]').forEach(function (image) {
    const address = image.getAttribute('src');
    setInterval(function () { image.src = address + '?at=' + Date.now(); }, image.dataset.refresh * 1000);
  });

  self.addEventListener('outbox', show);
  self.team.showUnsent = show;
  install().catch(() => {});
  show().catch(() => {});
  async function send() {
    const end = await self.team.send();
    await show();
    if (end === 'later') setTimeout(() => send().catch(() => {}), self.team.pause * 1000);
  }
  if (navigator.onLine && !document.getElementById('outbox')) send().catch(() => {});
})();
