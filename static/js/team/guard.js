/* On every page from which a member can sign out: asks first when records wait, and locks the outbox, so that whoever
   holds the phone next reads nothing. */
(function () {
  'use strict';
  const LEAVING = /^\/(sign-out|account\/sessions\/end-all|oauth\/end-session\/confirm)$/;
  const outbox = self.team.outbox, dialog = document.getElementById('unsent-dialog');
  if (!dialog) return;
  const said = dialog.querySelector('[data-failed]'), sending = dialog.querySelector('[data-sending]');
  const RETRY = 15000;
  let going = null, timer = 0; // the form that was asked about and goes

  /* Of the member whose outbox is open here; of all while none is. */
  async function unsent() {
    const owner = await outbox.owner(), numbers = await outbox.count(owner);
    return owner ? numbers.own : numbers.others;
  }

  /* Locked at once, with or without network; signed out when the server hears of it. */
  async function leave(form, button) {
    await outbox.close().catch(() => {});
    const offset = await outbox.fact('offset').catch(() => 0) || 0;
    await outbox.learn('leaving', Date.now() + offset).catch(() => {});
    going = form;
    form.requestSubmit(button);
  }

  /* No network: it is said, and done as soon as there is one. */
  document.addEventListener('unreached', function (event) {
    if (event.target !== going) return;
    event.preventDefault();
    going = null;
    document.getElementById('locked-dialog').showModal();
    later();
  });

  async function finish() {
    if (!await outbox.fact('leaving')) return;
    const end = await self.team.send();
    if (end !== 'sign-in') later();
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => finish().catch(() => {}), RETRY);
  }

  /* While it is being sent the dialog stays and says so; leaving it then is staying. */
  async function send(form, button) {
    show(true);
    const end = await self.team.send().catch(() => 'failed');
    if (!dialog.open) return;
    dialog.onclose = null;
    dialog.close();
    if ((end === 'sent' || end === 'left') && !await unsent()) { leave(form, button); return; }
    said.hidden = false;
    ask(form, button);
  }

  function show(busy) {
    sending.hidden = !busy;
    dialog.querySelectorAll('button').forEach(each => { each.disabled = busy && each.value !== 'stay'; });
    dialog.returnValue = '';
    dialog.showModal();
  }

  function answered(form, button) {
    if (dialog.returnValue === 'leave') leave(form, button);
    else if (dialog.returnValue === 'send') { said.hidden = true; dialog.onclose = null; send(form, button); }
  }

  async function ask(form, button) {
    const number = await unsent(), words = dialog.querySelector('[data-unsent]');
    words.textContent = number === 1 ? words.dataset.one : words.dataset.unsent.replace('%(n)s', number);
    show(false);
    dialog.onclose = () => answered(form, button);
  }

  /* Before the portal looks for a network: here it is not needed. */
  self.addEventListener('submit', async function (event) {
    const form = event.target, button = event.submitter;
    const address = new URL(form.getAttribute('action') || '', location.href);
    if (address.origin !== location.origin || !LEAVING.test(address.pathname) || form === going) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    said.hidden = true;
    const owner = await outbox.owner().catch(() => null);
    if (owner && await unsent().catch(() => 0)) ask(form, button);
    else leave(form, button);
  }, true);

  self.addEventListener('pageshow', () => { going = null; });
  self.addEventListener('online', () => finish().catch(() => {}));
  self.addEventListener('signed-out', () => location.replace('/'));
  finish().catch(() => {});

  /* Somebody else sits here: what is open is not theirs. */
  outbox.owner().then(owner => (owner && owner !== dialog.dataset.owner ? outbox.close() : null)).catch(() => {});
  self.team.unsent = unsent;
})();
