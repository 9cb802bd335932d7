/* Rows of the outbox: what a record says, what became of it and of its correction, and two versions side by side. */
(function () {
  'use strict';
  const FIELDS = ['happened_at', 'task', 'result', 'obstacle', 'mode', 'delegation_id', 'minutes', 'age_band', 'sex',
    'help_code', 'village_id', 'traits', 'procedure', 'note'];
  const FOR_GOOD = ['held-refused'];
  const UNTIL_THEN = ['waiting', 'fix', 'held']; // in these states a correction does not count, and its original does

  /* A correction without a note keeps the note of what it corrects. */
  const keepsNote = entry => Boolean(entry.supersedes && !entry.note && !entry.drops_note);

  /* `act` has what each button does. */
  self.team.recordRows = function (at, words, paper, act) {
    const language = document.documentElement.lang.replace(/^en$/, 'en-GB'); // the day before the month
    const time = new Intl.DateTimeFormat(language, {hour: '2-digit', minute: '2-digit',
      day: '2-digit', month: '2-digit', timeZone: 'Asia/Ho_Chi_Minh'});
    const when = value => time.format(new Date(value));
    const mark = key => at('marks').content.querySelector('[data-key="' + key + '"]').firstElementChild.cloneNode(true);
    const make = (name, said) => Object.assign(document.createElement(name), {textContent: said || ''});

    const READ = {
      happened_at: entry => when(entry.happened_at),
      task: entry => (/^activation-/.test(entry.task) ? words('task-' + entry.task) : paper.wordOf('task', entry.task)),
      minutes: entry => words('minutes').replace('%(n)s', entry.minutes),
      help_code: entry => words(entry.help_code || entry.has_code ? 'code-given' : 'code-none'),
      traits: entry => (entry.traits || []).map(trait => paper.wordOf('traits', trait)).join(', '),
      procedure: entry => entry.procedure,
      note: entry => entry.note
    };

    function told(name, entry) {
      const said = READ[name] ? READ[name](entry) : entry[name] && paper.wordOf(name, entry[name]);
      return said || words('nothing');
    }

    /* [field, the server's, the phone's] of each that differs in words; what a correction keeps does not. */
    function differing(mine, theirs) {
      const kept = Object.assign({}, mine, {has_code: Boolean(mine.help_code || theirs.has_code)});
      if (keepsNote(mine)) kept.note = theirs.note;
      return FIELDS.map(name => [name, told(name, theirs), told(name, kept)]).filter(each => each[1] !== each[2]);
    }

    const nameOf = name => (name === 'happened_at' ? words('when') : paper.nameOf(name));

    function versions(record) {
      const table = at('versions').content.firstElementChild.cloneNode(true), body = table.querySelector('tbody');
      const found = differing(record.entry, record.stored);
      found.forEach(function (each) {
        const line = make('tr'), head = make('th', nameOf(each[0]));
        head.scope = 'row';
        line.append(head, make('td', each[1]), make('td', each[2]));
        body.append(line);
      });
      if (!found.length) return make('p', words('versions-same'));
      return table;
    }

    const describe = entry => [entry.happened_at && when(entry.happened_at), entry.sex && told('sex', entry),
      entry.age_band && told('age_band', entry), entry.minutes && READ.minutes(entry)].filter(Boolean).join(' · ');

    function button(key, run) {
      const made = make('button');
      made.type = 'button';
      made.className = 'text-button';
      made.append(make('span', words(key)));
      made.addEventListener('click', run);
      return made;
    }

    /* Two visits may both be true; two versions of a correction, or of one moment, may not. */
    const bothMayCount = record => !record.entry.supersedes && record.stored.id === record.id &&
      when(record.entry.happened_at) !== when(record.stored.happened_at);

    const DOINGS = {
      waiting: record => (record.damaged ? [] : [button('change', () => act.change(record))]),
      fix: record => (FOR_GOOD.includes(record.code) ? [] : [button('mend', () => act.change(record))]),
      conflict: function (record) {
        if (!record.stored) return [button('send-new', () => act.mine(record))];
        const ways = [button('keep-theirs', () => act.theirs(record)), button('keep-mine', () => act.mine(record))];
        return bothMayCount(record) ? ways.concat(button('keep-both', () => act.both(record))) : ways;
      },
      held: record => (act.mayWrite() ? [button('correct', () => act.correct(record))] : []),
      sent: (record, later) => (later || !act.mayWrite() ? [] : [button('correct', () => act.correct(record))])
    };

    function reasonOf(record) {
      if (record.state === 'fix') return words('returned') + ' ' + record.reason;
      if (record.state === 'held') return record.reason;
      if (record.state !== 'conflict') return '';
      if (!record.stored) return record.reason || words('conflict-hidden');
      return words(record.stored.id === record.id ? 'conflict' : 'conflict-newer');
    }

    function rowOf(record, later, earlier) {
      const row = at('row').content.firstElementChild.cloneNode(true), entry = record.entry;
      const put = (name, said) => { row.querySelector('[data-' + name + ']').textContent = said || ''; };
      row.dataset.id = record.id;
      row.dataset.version = versionOf(record, later);
      row.dataset.state = record.state;
      put('task', record.damaged ? words('damaged') : READ.task(entry));
      row.querySelector('[data-mark]').replaceWith(mark(later && later.state === 'sent' ? 'replaced' : record.state));
      const received = record.state !== 'conflict' && record.received_at;
      put('facts', [describe(entry), received && words('received').replace('%(t)s', when(received))]
        .filter(Boolean).join(' · '));
      if (entry.supersedes) {
        const of = earlier && when(earlier.entry.happened_at);
        put('chain', of ? words('corrects').replace('%(t)s', of) : words('corrects-one'));
      }
      put('reason', reasonOf(record));
      if (later) {
        row.querySelector('[data-later]').append(make('span', words('its-correction') + ' '), mark(later.state),
          make('span', UNTIL_THEN.includes(later.state) ? ' ' + words('until-then') : ''));
      }
      if (record.state === 'conflict' && record.stored) row.querySelector('[data-versions]').append(versions(record));
      const doings = row.querySelector('[data-doings]');
      doings.append(...DOINGS[record.state](record, later));
      if (record.state !== 'sent' && record.state !== 'held') doings.append(button('delete', () => act.remove(record)));
      return row;
    }

    const versionOf = (record, later) => [record.id, record.state, record.mark, later && later.state,
      act.mayWrite()].join(' ');

    /* A row that says the same stays the node it is: a tap begun on one of its buttons, and the focus, survive. */
    function fill(id, wanted, all) {
      const list = at(id), held = new Map(Array.from(list.children, row => [row.dataset.version, row]));
      const laterOf = record => all.find(each => each.entry.supersedes === record.id || each.of === record.id);
      const earlierOf = record => all.find(each => each.id === record.entry.supersedes || each.id === record.of);
      const rows = wanted.map(record => held.get(versionOf(record, laterOf(record))) ||
        rowOf(record, laterOf(record), earlierOf(record)));
      Array.from(list.children).filter(row => !rows.includes(row)).forEach(row => row.remove());
      rows.forEach((row, place) => { if (list.children[place] !== row) list.insertBefore(row, list.children[place]); });
      at(id + '-section').hidden = !rows.length;
    }

    return {fill: fill};
  };

  self.team.keepsNote = keepsNote;
})();
