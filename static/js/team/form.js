/* The form of one record on the phone: what it says, the server's rules that need no server, and its lists. */
(function () {
  'use strict';
  const OWN_HAND = /^(setup|activation)/, SEARCH_FROM = 8;
  const fold = text => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase();

  /* `words(key)` gives a sentence, `at(id)` an element of the page. */
  self.team.recordForm = function (form, at, words) {
    let given = {};

    const radios = name => Array.from(form.querySelectorAll('input[name="' + name + '"]'));
    const value = name => {
      const field = form.elements[name];
      return field ? (field instanceof RadioNodeList ? field.value : field.value.trim()) : '';
    };
    const ticked = name => radios(name).filter(box => box.checked).map(box => box.value);

    const inVietnam = moment => new Date(Date.parse(moment) + 7 * 3600000).toISOString().slice(0, 16);

    function happenedAt(editing, offset) {
      const own = value('happened'), was = editing && editing.entry.happened_at;
      if (was && own === inVietnam(was)) return new Date(was).toISOString(); // to the second
      return own ? new Date(own + '+07:00').toISOString() : new Date(editing && editing.entry.happened_at ||
        Date.now() + offset).toISOString();
    }

    /* The record as it stands; `editing` is what is being changed or corrected, `offset` how far the clock is off. */
    function written(editing, offset) {
      const task = value('task'), step = value('step'), note = value('note').normalize('NFC');
      return {
        id: editing ? editing.id : crypto.randomUUID(), happened_at: happenedAt(editing, offset),
        task: task === 'activation' && step ? 'activation-' + step : task,
        mode: value('mode'), result: value('result'), minutes: Number(value('minutes')),
        obstacle: value('result') === 'blocked' ? value('obstacle') : '',
        procedure: value('procedure').normalize('NFC'),
        authorised: value('mode') === 'on-behalf' && Boolean(value('delegation_id')),
        delegation_id: value('mode') === 'on-behalf' && value('delegation_id') || null,
        village_id: value('village_id') || null,
        age_band: value('age_band'), sex: value('sex'), traits: ticked('traits'), note: note,
        help_code: value('help_code').replace(/\D/g, ''), supersedes: editing && editing.supersedes || null,
        drops_note: dropsNote(editing, note)
      };
    }

    /* A correction without a note keeps the server's, unless that stood here and was taken out. */
    function dropsNote(editing, note) {
      if (!editing || !editing.supersedes || note) return false;
      return Boolean(editing.entry.drops_note || editing.noteKnown && editing.entry.note);
    }

    /* [field, sentence] of each rule that is broken. */
    function problems(entry, offset) {
      const found = [];
      ['task', 'result', 'mode'].forEach(name => entry[name] || found.push([name, words('missing-' + name)]));
      if (!(entry.minutes >= 1)) found.push(['minutes', words('missing-minutes')]);
      if (entry.result === 'blocked' && !entry.obstacle) found.push(['obstacle', words('assistance-obstacle')]);
      if ((entry.mode === 'referred') !== (entry.result === 'referred')) {
        if (entry.mode && entry.result) found.push(['mode', words('assistance-referred')]);
      }
      if (entry.mode === 'on-behalf' && OWN_HAND.test(entry.task)) found.push(['mode', words('assistance-own-hand')]);
      else if (entry.mode === 'on-behalf' && !entry.delegation_id) {
        found.push(['delegation_id', words('assistance-not-authorised')]);
      }
      if (entry.help_code && entry.help_code.length !== 8) found.push(['help_code', words('help-code-digits')]);
      if (Date.parse(entry.happened_at) > Date.now() + offset + 600000) {
        found.push(['happened', words('assistance-in-future')]);
      }
      ['procedure', 'note'].forEach(function (name) {
        const personal = self.team.personalWords(entry[name]);
        if (personal) found.push([name, words('note-has-' + personal.kind).replace('%(words)s', personal.words)]);
      });
      return found;
    }

    function anchor(name) {
      const field = form.elements[name];
      return field instanceof RadioNodeList ? field[0] : field;
    }

    const nameOf = name => anchor(name).closest('.field').querySelector('legend, label').firstChild.textContent.trim();

    /* What an answer is called in the form. */
    function wordOf(name, answer) {
      const field = form.elements[name];
      const chosen = field instanceof HTMLSelectElement ? Array.from(field.options).find(each => each.value === answer)
        : radios(name).filter(each => each.value === answer).map(each => each.closest('label'))[0];
      return chosen ? chosen.textContent.trim() : words('no-longer-offered');
    }

    function showProblems(found) {
      form.querySelectorAll('.error').forEach(node => node.remove());
      form.querySelectorAll('.field--bad').forEach(node => node.classList.remove('field--bad'));
      const summary = at('problems'), list = summary.querySelector('ul');
      list.replaceChildren();
      summary.hidden = !found.length;
      document.title = (found.length ? words('error') + ' ' : '') + words('title');
      found.forEach(function (each) {
        const control = anchor(each[0]) || form, item = document.createElement('li'), link = document.createElement('a');
        link.href = '#' + control.id;
        link.textContent = each[1];
        link.addEventListener('click', function (event) { event.preventDefault(); open(control); control.focus(); });
        item.append(link);
        list.append(item);
        const box = control.closest('.field');
        if (!box) return;
        const error = at('field-error').content.firstElementChild.cloneNode(true);
        error.querySelector('[data-words]').textContent = each[1];
        box.classList.add('field--bad');
        (box.querySelector('legend, label') || box.firstElementChild).after(error);
        open(control);
      });
      if (found.length) summary.focus();
    }

    function open(control) {
      const panel = control.closest('details');
      if (panel) panel.open = true;
    }

    /* Fields that only some answers need; a referral is one in both places. */
    function follow(event) {
      if (event && event.target.name === 'mode' && event.target.value === 'referred') choose('result', 'referred');
      if (event && event.target.name === 'result' && event.target.value === 'referred') choose('mode', 'referred');
      at('for-obstacle').hidden = value('result') !== 'blocked';
      at('for-delegation').hidden = value('mode') !== 'on-behalf';
      at('for-step').hidden = value('task') !== 'activation';
    }

    /* The entries of a list, and the one that is chosen; what was chosen stays, also when it is no longer offered. */
    function offer(name, entries, wanted) {
      const list = form.elements[name], none = list.options[0], known = (entries || []).slice();
      if (wanted && !known.some(each => each[0] === wanted)) known.push([wanted, '…']);
      list.replaceChildren(none, ...known.map(each => new Option(each[1], each[0])));
      list.value = wanted || '';
    }

    /* What a record may name; a record that is being written keeps its choices. */
    function learn(known, keep) {
      given = known;
      offer('delegation_id', given.receipts, keep ? value('delegation_id') : '');
      offerVillages(keep ? value('village_id') : given.village);
      at('for-village').hidden = !(given.villages || []).length;
      at('for-village-search').hidden = (given.villages || []).length < SEARCH_FROM;
    }

    /* Those that match what is being searched, also when the list is learned again meanwhile. */
    function offerVillages(chosen) {
      const wanted = fold(at('village-search').value).split(' ').filter(Boolean);
      offer('village_id', (given.villages || []).filter(each => each[0] === chosen ||
        wanted.every(word => fold(each[1]).includes(word))), chosen);
    }

    function choose(name, wanted) {
      radios(name).forEach(function (box) { box.checked = box.value === wanted; });
    }

    function fill(entry, own) {
      form.reset();
      const step = /^activation-(.+)/.exec(entry.task || '');
      if (entry.task) choose('task', step ? 'activation' : entry.task);
      form.elements.step.value = step ? step[1] : '';
      ['mode', 'result', 'age_band', 'sex'].forEach(name => entry[name] && choose(name, entry[name]));
      if (entry.minutes) choose('minutes', String(entry.minutes));
      offer('delegation_id', given.receipts, entry.delegation_id);
      offerVillages(own ? entry.village_id : given.village);
      ['obstacle', 'procedure', 'note', 'help_code'].forEach(function (name) {
        form.elements[name].value = entry[name] || '';
      });
      radios('traits').forEach(function (box) { box.checked = (entry.traits || []).includes(box.value); });
      if (own && entry.happened_at) {
        form.elements.happened.value = inVietnam(entry.happened_at);
      }
      form.querySelector('details').open = Boolean(entry.note || entry.procedure || (entry.traits || []).length);
      follow();
    }

    form.addEventListener('change', follow);
    at('village-search').addEventListener('input', () => offerVillages(value('village_id')));
    return {written: written, problems: problems, showProblems: showProblems, fill: fill, learn: learn, nameOf: nameOf,
      wordOf: wordOf};
  };
})();
