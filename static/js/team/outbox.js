/* The outbox: records of help on this phone until the server has them.

   Each record is encrypted for one member with a key that cannot leave the browser, and that is not there once the
   member has signed out; only its name (a random UUID), the outbox's name and its state stand in clear. A record goes
   only when the server has it or the member deletes it. */
(function () {
  'use strict';
  const NAME = 'eid-team', SCHEMA = 1, KEPT_DAYS = 7, DAY = 86400000;
  const UNSENT = ['waiting', 'fix', 'conflict'];
  const channel = 'BroadcastChannel' in self ? new BroadcastChannel(NAME) : null;
  const text = new TextEncoder(), plain = new TextDecoder();
  let opening = null;

  function open() {
    opening = opening || new Promise(function (resolve, reject) {
      const request = indexedDB.open(NAME, SCHEMA);
      request.onupgradeneeded = function () {
        const db = request.result;
        if (db.objectStoreNames.contains('records')) return;
        db.createObjectStore('records', {keyPath: 'id'}).createIndex('owner', 'owner');
        db.createObjectStore('keys', {keyPath: 'owner'});
        db.createObjectStore('facts', {keyPath: 'name'});
      };
      request.onsuccess = function () {
        request.result.onversionchange = function () { request.result.close(); opening = null; };
        resolve(request.result);
      };
      request.onerror = function () { opening = null; reject(request.error); };
    });
    return opening;
  }

  /* One transaction; resolves with what `act` returned (a request's result) when it is on the disk. */
  async function transact(store, mode, act) {
    const db = await open();
    return new Promise(function (resolve, reject) {
      const work = db.transaction(store, mode, {durability: 'strict'});
      const request = act(work.objectStore(store));
      work.oncomplete = function () { resolve(request && request.result); };
      work.onabort = work.onerror = function () { reject(work.error || new Error('aborted')); };
    });
  }

  const get = (store, key) => transact(store, 'readonly', rows => rows.get(key));
  const rowsOf = owner => transact('records', 'readonly', rows => rows.index('owner').getAll(owner));
  const everything = () => transact('records', 'readonly', rows => rows.getAll());

  /* ---------- keys: a member's key lies here while the member is signed in. A copy that only the server's half opens
     stays, so that the records are there again when the same member signs in. ---------- */

  async function keyOf(owner) {
    const row = await get('keys', owner);
    if (!row || !row.key) throw new Error('closed');
    return row.key;
  }

  const random = () => crypto.getRandomValues(new Uint8Array(12));
  const wrapping = (owner, iv) => ({name: 'AES-GCM', iv: iv, additionalData: text.encode(owner)});
  const unwrap = (owner, half, row) => crypto.subtle.unwrapKey('raw', row.sealed, half, wrapping(owner, row.iv),
    'AES-GCM', false, ['encrypt', 'decrypt']);
  const keepKey = row => transact('keys', 'readwrite', rows => rows.put(row));

  /* The member is signed in: the outbox opens, those of others close. `was`: its names in earlier releases. */
  async function enter(owner, half, was) {
    const bytes = Uint8Array.from(atob(half), sign => sign.charCodeAt(0));
    const server = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['wrapKey', 'unwrapKey']);
    await close(owner);
    const row = await get('keys', owner), key = row && row.sealed && await unwrap(owner, server, row).catch(() => null);
    if (key && !row.key) await keepKey(Object.assign({}, row, {key: key}));
    if (!row || !key && !row.key) await makeKey(owner, server);
    for (const name of was || []) await adopt(owner, name);
    if (await fact('owner') === owner) return;
    await learn('owner', owner);
    changed();
  }

  async function makeKey(owner, server) {
    const made = await crypto.subtle.generateKey({name: 'AES-GCM', length: 256}, true, ['encrypt', 'decrypt']);
    const row = {owner: owner, iv: random()};
    row.sealed = await crypto.subtle.wrapKey('raw', made, server, wrapping(owner, row.iv));
    row.key = await unwrap(owner, server, row);
    await keepKey(row);
  }

  /* What lies here under another name of the same member. */
  async function adopt(owner, name) {
    if (name === owner || !await get('keys', name)) return;
    for (const record of (await list(name)).filter(each => !each.damaged)) {
      const content = Object.assign({}, record, {id: undefined, state: undefined, mark: undefined});
      await keep(owner, record.id, record.state, content);
    }
    if (!(await rowsOf(name)).length) await transact('keys', 'readwrite', rows => rows.delete(name));
  }

  /* Signed out: the keys go, and with them everything that could be read, but of `but`, who is signed in. */
  async function close(but) {
    const open = (await transact('keys', 'readonly', rows => rows.getAll())).filter(row =>
      row.owner !== but && row.key && row.sealed);
    for (const row of open) await keepKey({owner: row.owner, iv: row.iv, sealed: row.sealed});
    if (but || !await fact('owner')) return;
    await learn('owner', null);
    changed();
  }

  /* Whose outbox is open. The server leaves a mark when it signs this phone out, which is read also without network. */
  async function owner() {
    if (/(^|; )team_closed=1/.test(document.cookie)) {
      await close();
      document.cookie = 'team_closed=; path=/; max-age=0; SameSite=Lax';
    }
    return await fact('owner') || null;
  }

  const sealing = (owner, id, iv) => ({name: 'AES-GCM', iv: iv, additionalData: text.encode(owner + ':' + id)});

  async function seal(owner, id, state, content) {
    const iv = random();
    const box = await crypto.subtle.encrypt(sealing(owner, id, iv), await keyOf(owner),
      text.encode(JSON.stringify(content)));
    return {id: id, owner: owner, state: state, iv: iv, box: box};
  }

  const openWith = (row, sealed) => keyOf(row.owner).then(key =>
    crypto.subtle.decrypt(sealing(row.owner, row.id, sealed.iv), key, sealed.box)).then(box =>
    JSON.parse(plain.decode(box)));

  const unseal = row => openWith(row, row).then(content =>
    Object.assign(content, {id: row.id, state: row.state, mark: String(row.iv)}));

  function changed() {
    if (channel) channel.postMessage('changed');
    self.dispatchEvent(new Event('outbox'));
  }

  /* `content` is {entry, written, …}. When the phone is full, receipts of sent records make room first. */
  async function keep(owner, id, state, content) {
    const row = await seal(owner, id, state, content);
    const put = () => transact('records', 'readwrite', rows => rows.put(row));
    try {
      await put();
    } catch (error) {
      if (!/quota/i.test(error.name)) throw error;
      await forgetSent(owner, Infinity);
      await put();
    }
    changed();
  }

  /* Change a record only while it is still the one that was read: what was edited meanwhile stays as edited. What the
     server has waits here no more, on a full phone either. */
  async function settle(owner, read, state, content) {
    const row = await seal(owner, read.id, state, content);
    let done = false;
    const write = act => transact('records', 'readwrite', function (rows) {
      const request = rows.get(read.id);
      request.onsuccess = function () {
        done = Boolean(request.result) && String(request.result.iv) === read.mark;
        if (done) act(rows);
      };
    });
    try { await write(rows => rows.put(row)); } catch (error) { // a full phone has no room for the receipt
      if (state !== 'sent') throw error;
      await write(rows => rows.delete(read.id));
    }
    changed();
    return done;
  }

  /* One for another, both or neither. */
  async function replace(owner, id, next, state, content) {
    const row = await seal(owner, next, state, content);
    await transact('records', 'readwrite', function (rows) { if (next !== id) rows.delete(id); return rows.put(row); });
    changed();
  }

  async function drop(id) {
    await transact('records', 'readwrite', rows => rows.delete(id));
    changed();
  }

  /* The member's records, the newest first; one that cannot be opened is shown as damaged, not left out. */
  async function list(owner) {
    const rows = await rowsOf(owner);
    const opened = await Promise.all(rows.map(row => unseal(row).catch(() => (
      {id: row.id, state: row.state, damaged: true, entry: {}, written: 0, mark: String(row.iv)}))));
    return opened.sort((one, other) => other.written - one.written);
  }

  /* How many are not yet on the server, of this member and of others who used this phone; `held` are there, undecided. */
  async function count(owner) {
    const all = await everything(), unsent = all.filter(row => UNSENT.includes(row.state));
    const own = unsent.filter(row => row.owner === owner).length;
    const held = all.filter(row => row.owner === owner && row.state === 'held').length;
    return {own: own, others: unsent.length - own, held: held};
  }

  async function forgetSent(owner, olderThan) {
    const sentAt = record => Date.parse(record.received_at) || record.written; // it may have waited for weeks before
    const old = (await list(owner)).filter(record => record.state === 'sent' && !(sentAt(record) >= olderThan));
    for (const record of old) await drop(record.id);
  }

  const fact = name => get('facts', name).then(row => row && row.value);
  const learn = (name, value) => transact('facts', 'readwrite', rows => rows.put({name: name, value: value}));

  /* What a record may name (villages, receipts) and the village chosen last; sealed like the records. */
  async function lists(owner) {
    const row = await get('facts', 'lists:' + owner);
    if (!row) return {};
    return openWith({owner: owner, id: 'lists'}, row);
  }

  async function learnLists(owner, news) {
    const content = Object.assign(await lists(owner).catch(() => ({})), news);
    const sealed = await seal(owner, 'lists', '', content);
    await transact('facts', 'readwrite', rows => rows.put({name: 'lists:' + owner, iv: sealed.iv, box: sealed.box}));
  }

  if (channel) channel.onmessage = () => self.dispatchEvent(new Event('outbox'));
  self.team = self.team || {};
  self.team.outbox = {
    UNSENT: UNSENT, keep: keep, settle: settle, replace: replace, drop: drop, list: list, count: count,
    fact: fact, learn: learn, owner: owner, enter: enter, close: close,
    lists: lists, learnLists: learnLists,
    forgetOld: owner => forgetSent(owner, Date.now() - KEPT_DAYS * DAY)
  };
})();
