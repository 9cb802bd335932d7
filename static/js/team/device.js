/* On every page of the member: keeps the app for use without network, shows what is not yet on the server, and asks
   before signing out with records unsent. */
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
    const owner = await outbox.fact('owner'), number = owner ? (await outbox.count(owner)).own : 0;
    document.querySelectorAll('[data-unsent]').forEach(function (place) {
      place.textContent = place.dataset.unsent.replace('%(n)s', number);
      place.hidden = number === 0;
    });
    return number;
  }

  /* With scripts the record is written on the phone, with or without network. */
  document.querySelectorAll('a[data-on-phone]').forEach(function (link) { link.href = app + link.dataset.onPhone; });

  const dialog = document.getElementById('unsent-dialog');
  document.addEventListener('submit', async function (event) {
    const form = event.target;
    if (!dialog || form.dataset.asked || !/\/sign-out$/.test(form.getAttribute('action') || '')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const number = await show().catch(() => 0);
    form.dataset.asked = '1';
    if (!number) { await outbox.learn('owner', null).catch(() => {}); form.requestSubmit(); return; }
    dialog.showModal();
    dialog.onclose = async function () {
      delete form.dataset.asked;
      if (dialog.returnValue === 'stay' || !dialog.returnValue) return;
      if (dialog.returnValue === 'send' && await self.team.send() !== 'sent') { dialog.showModal(); return; }
      form.dataset.asked = '1';
      await outbox.learn('owner', null); // nobody logs help on this phone until a member signs in
      form.requestSubmit();
    };
  }, true);

  /* The badge changes every half minute. */
  document.querySelectorAll('img[data-refresh]').forEach(function (image) {
    const address = image.getAttribute('src');
    setInterval(function () { image.src = address + '?at=' + Date.now(); }, image.dataset.refresh * 1000);
  });

  self.addEventListener('outbox', show);
  self.team.showUnsent = show;
  install().catch(() => {});
  show().catch(() => {});
  if (self.team.send && navigator.onLine && !document.getElementById('outbox')) self.team.send().then(show, () => {});
})();
