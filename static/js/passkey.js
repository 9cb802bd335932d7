/* Signing in with a device's own lock, and adding a device. Pages work without it: the panels stay hidden. */
(function () {
  'use strict';
  var library = window.SimpleWebAuthnBrowser;
  if (!library || !library.browserSupportsWebAuthn()) {
    document.querySelectorAll('[data-no-passkey]').forEach(function (said) { said.hidden = false; });
    document.querySelectorAll('[data-passkey="sign-in"]').forEach(function (panel) { panel.remove(); });
    return;
  }

  function options(panel) {
    return fetch(panel.dataset.options, { credentials: 'same-origin', headers: { Accept: 'application/json' } })
      .then(function (answer) {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      });
  }

  function send(panel, answer) {
    var form = panel.querySelector('form');
    form.elements.answer.value = answer ? JSON.stringify(answer) : '';
    form.submit();
  }

  function tell(panel, failed) {
    panel.querySelector('[data-failed]').hidden = !failed;
  }

  function ask(panel, start) {
    var button = panel.querySelector('button');
    tell(panel, false);
    button.setAttribute('aria-disabled', 'true');
    return options(panel).then(start).then(function (answer) { send(panel, answer); }, function () {
      if (panel.hasAttribute('data-report')) return send(panel, null);  /* the portal notes it, and says what helps */
      button.removeAttribute('aria-disabled');
      tell(panel, true);
    });
  }

  function wire(name, start) {
    var panel = document.querySelector('[data-passkey="' + name + '"]');
    if (!panel) return null;
    panel.hidden = false;
    panel.querySelector('form').addEventListener('submit', function (event) {
      if (event.submitter && event.submitter.name === 'in_language') return;
      event.preventDefault();
      if (panel.querySelector('button').getAttribute('aria-disabled') !== 'true') ask(panel, start);
    });
    return panel;
  }

  wire('add', function (found) { return library.startRegistration({ optionsJSON: found }); });
  var panel = wire('sign-in', function (found) { return library.startAuthentication({ optionsJSON: found }); });

  /* The browser offers its passkeys in the list under the field, beside saved passwords; not again after a failure. */
  if (panel && panel.hasAttribute('data-offer')) {
    library.browserSupportsWebAuthnAutofill().then(function (supported) {
      if (!supported) return;
      options(panel).then(function (found) {
        return library.startAuthentication({ optionsJSON: found, useBrowserAutofill: true });
      }).then(function (answer) { send(panel, answer); }, function () { /* nobody chose one: the form is there */ });
    });
  }
})();
