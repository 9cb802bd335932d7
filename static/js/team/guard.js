/* On every page from which a member can sign out: asks first when records wait, and locks the outbox, so that whoever
   holds the phone next reads nothing. */
(function () {
  'use strict';
  const LEAVING = /^\/(sign-out|account\/sessions\/end-all|oauth\/end-session\/confirm)$/;
  const outbox = self.team.outbox, dialog = document.getElementById('unsent-dialog');
  if (!dialog) return;
  const said = dialog.querySelector('[data-failed]');

  /* Of the member whose outbox is open here; of all while none is. */
  async function unsent() {
    const owner = await outbox.owner(), numbers = await outbox.count(owner);
    return owner ? numbers.own : numbers.others;
  }

  async function leave(form, button) {
    await outbox.close().catch(() => {});
    form.dataset.asked = '1';
    form.requestSubmit(button);
  }

  async function answered(form, button) {
    if (dialog.returnValue === 'leave') { leave(form, button); return; }
    if (dialog.returnValue !== 'send') return;
    const end = await self.team.send().catch(() => 'failed');
    if ((end === 'sent' || end === 'left') && !await unsent()) { leave(form, button); return; }
    said.hidden = false;
    ask(form, button);
  }

  async function ask(form, button) {
    const number = await unsent(), words = dialog.querySelector('[data-unsent]');
    words.textContent = words.dataset.unsent.replace('%(n)s', number);
    dialog.returnValue = '';
    dialog.showModal();
    dialog.onclose = () => answered(form, button);
  }

  document.addEventListener('submit', async function (event) {
    const form = event.target, button = event.submitter;
    const address = new URL(form.getAttribute('action') || '', location.href);
    if (address.origin !== location.origin || !LEAVING.test(address.pathname)) return;
    if (form.dataset.asked) { delete form.dataset.asked; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    said.hidden = true;
    const owner = await outbox.owner().catch(() => null);
    if (owner && await unsent().catch(() => 0)) ask(form, button);
    else leave(form, button);
  }, true);

  /* Somebody else sits here: what is open is not theirs. */
  outbox.owner().then(owner => (owner && owner !== dialog.dataset.owner ? outbox.close() : null)).catch(() => {});
  self.team.unsent = unsent;
})();
