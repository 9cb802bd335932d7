/* Conveniences only: every page works with this file missing. No HTML is ever made from strings (Trusted Types). */
(function () {
  'use strict';
  var root = document.documentElement;

  function each(selector, act, inside) {
    Array.prototype.forEach.call((inside || document).querySelectorAll(selector), act);
  }

  /* An answer to a form that could not wait at an address of its own (portal/answers.py): going back looks there. */
  if (root.dataset.answeredAt) history.replaceState(history.state, '', root.dataset.answeredAt);

  /* Text size: the server sets the attribute from the cookie; this only saves the round trip. */
  function pressed(button) {
    var big = root.hasAttribute('data-text-size');
    button.setAttribute('aria-pressed', String(big));
    button.value = big ? 'normal' : 'big';
  }
  each('[data-text-size-switch]', function (button) {
    if (button.href) {  /* without scripts a link to the button behind the form */
      button.setAttribute('role', 'button');
      pressed(button);
      button.addEventListener('keydown', function (event) {
        if (event.key === ' ') { event.preventDefault(); button.click(); }
      });
    }
    button.addEventListener('click', function (event) {
      var big = !root.hasAttribute('data-text-size');
      event.preventDefault();
      if (big) root.setAttribute('data-text-size', 'big');
      else root.removeAttribute('data-text-size');
      each('[data-text-size-switch]', pressed);
      document.cookie = 'text_size=' + (big ? 'big' : 'normal') + ';path=/;max-age=31536000;SameSite=Lax' +
        (location.protocol === 'https:' ? ';Secure' : '');
    });
  });

  /* The error summary takes focus, so that a screen reader starts there. */
  var summary = document.querySelector('.error-summary');
  if (summary) summary.focus();

  /* Another language takes along what was typed: on a page of several forms, in the one that was typed into. */
  function isTypedInto(form) {
    return Array.prototype.some.call(form.elements, function (field) {
      if (field.type === 'hidden' || field.disabled) return false;
      if (field.type === 'radio' || field.type === 'checkbox') return field.checked !== field.defaultChecked;
      if (field.options) return Array.prototype.some.call(field.options, function (one) { return one.selected !== one.defaultSelected; });
      return field.defaultValue !== undefined && field.value !== field.defaultValue;
    });
  }
  each('button[name="in_language"]', function (button) {
    button.addEventListener('click', function () {
      each('main form[method="post"]', function (form) {
        if (isTypedInto(button.form) || !isTypedInto(form)) return;
        form.id = form.id || 'typed-into';
        button.setAttribute('form', form.id);
        button.formNoValidate = true;
        button.formEnctype = 'application/x-www-form-urlencoded';
      });
    });
  });

  /* Filter panels start closed on narrow screens. */
  if (window.matchMedia('(max-width:63.99rem)').matches) {
    each('details[data-open-when-wide]', function (panel) { panel.open = false; });
  }

  /* Signing out leaves no codes of a training session on this device, also where nobody hears of it. */
  document.addEventListener('submit', function (event) {
    if (!/\/(sign-out|end-all|end-session\/confirm)$/.test(event.target.getAttribute('action') || '')) return;
    document.cookie = 'screen_of=;path=/;max-age=0;SameSite=Lax';
    try {
      Object.keys(localStorage).forEach(function (key) { if (/^eid-screen:/.test(key)) localStorage.removeItem(key); });
    } catch (error) { /* a browser that keeps nothing */ }
  }, true);

  /* Without network a form stays where it is: the browser's own page would take away what was typed. A device that
     counts as online may still reach nobody, so the portal is asked for a sign of life before anything is sent. */
  var PATIENCE = 10000, away = document.getElementById('no-network'), asking = false, reached = null;

  function leavesTyping(form) {
    var target = new URL(form.getAttribute('action') || '', location.href);
    return form.getAttribute('method') === 'post' && target.origin === location.origin &&
      !form.closest('[data-passkey]') && typeof form.requestSubmit === 'function';
  }

  function signOfLife() {
    var stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, PATIENCE);
    return fetch('/healthz', {method: 'HEAD', cache: 'no-store', credentials: 'omit', redirect: 'error', signal: stop.signal})
      .then(function (answer) { return answer.ok; }, function () { return false; })
      .then(function (alive) { clearTimeout(timer); return alive; });
  }

  /* Unless the page says by itself what becomes of this form (static/js/team/guard.js). */
  function stay(form) {
    if (!form.dispatchEvent(new Event('unreached', {bubbles: true, cancelable: true}))) return;
    away.hidden = false;
    away.scrollIntoView();
  }

  function busy(form, is) {
    each('button', function (button) {
      if (is) button.setAttribute('aria-disabled', 'true');
      else button.removeAttribute('aria-disabled');
    }, form);
  }

  document.addEventListener('submit', function (event) {
    var form = event.target, button = event.submitter;
    if (event.defaultPrevented || form.getAttribute('method') === 'dialog') return;
    if (navigator.onLine && (reached === form || !leavesTyping(form))) { reached = null; return; }
    event.preventDefault();
    if (!navigator.onLine) { event.stopPropagation(); stay(form); return; }
    event.stopImmediatePropagation();
    if (asking || form.dataset.sent) return;
    asking = true;
    away.hidden = true;
    busy(form, true);
    signOfLife().then(function (alive) {
      asking = false;
      busy(form, false);
      if (!alive) { stay(form); return; }
      reached = form;
      form.requestSubmit(button);
      reached = null;
    });
  }, true);
  window.addEventListener('online', function () { away.hidden = true; });

  /* A form is sent once. The flag goes when the page comes back from the browser's memory (back button). */
  each('form[data-once]', function (form) {
    form.addEventListener('submit', function (event) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = '1';
      busy(form, true);
    });
  });
  window.addEventListener('pageshow', function (event) {
    if (!event.persisted) return;
    each('form[data-once]', function (form) {
      delete form.dataset.sent;
      busy(form, false);
    });
  });

  /* Show and hide a password; hidden again before it is sent, so that browsers know it for a password. */
  each('.password', function (box) {
    var input = box.querySelector('input'), button = box.querySelector('button');
    function set(shown) {
      input.type = shown ? 'text' : 'password';
      button.textContent = shown ? button.dataset.hide : button.dataset.show;
      button.setAttribute('aria-pressed', String(shown));
    }
    button.hidden = false;
    button.addEventListener('click', function () { set(input.type === 'password'); });
    if (input.form) input.form.addEventListener('submit', function () { set(false); });
  });

  each('[data-print]', function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });
})();
