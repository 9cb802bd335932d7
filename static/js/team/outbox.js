/* The outbox: records of help on this phone until the server has them.

   Each record is encrypted for one member with a key that cannot leave the browser; only its name (a random UUID), the
   outbox's name and its state stand in clear. A record goes only when the server has it or the member deletes it. */
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

  async function keyOf(owner) {
    const held = await get('keys', owner);
    if (held) return held.key;
    const key = await crypto.subtle.generateKey({name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']);
    try {
      await transact('keys', 'readwrite', rows => rows.add({owner: owner, key: key}));
      return key;
    } catch (error) {
      const other = await get('keys', owner); // another tab was quicker
      if (other) return other.key;
      throw error;
    }
  }

  const sealing = (owner, id, iv) => ({name: 'AES-GCM', iv: iv, additionalData: text.encode(owner + ':' + id)});

  async function seal(owner, id, state, content) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const box = await crypto.subtle.encrypt(sealing(owner, id, iv), await keyOf(owner),
      text.encode(JSON.stringify(content)));
    return {id: id, owner: owner, state: state, iv: iv, box: box};
  }

  async function unseal(row) {
    const key = await keyOf(row.owner);
    const box = await crypto.subtle.decrypt(sealing(row.owner, row.id, row.iv), key, row.box);
    return Object.assign(JSON.parse(plain.decode(box)), {id: row.id, state: row.state, mark: String(row.iv)});
  }

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

  /* Change a record only while it is still the one that was read: what was edited meanwhile stays as edited. */
  async function settle(owner, read, state, content) {
    const row = await seal(owner, read.id, state, content);
    let done = false;
    await transact('records', 'readwrite', function (rows) {
      const request = rows.get(read.id);
      request.onsuccess = function () {
        done = Boolean(request.result) && String(request.result.iv) === read.mark;
        if (done) rows.put(row);
      };
    });
    changed();
    return done;
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

  /* How many are not yet on the server: of this member, and of others who used this phone. */
  async function count(owner) {
    const unsent = (await everything()).filter(row => UNSENT.includes(row.state));
    const own = unsent.filter(row => row.owner === owner).length;
    return {own: own, others: unsent.length - own};
  }

  async function forgetSent(owner, olderThan) {
    const old = (await list(owner)).filter(record =>
      record.state === 'sent' && (olderThan === Infinity || record.written < olderThan));
    for (const record of old) await drop(record.id);
  }

  const fact = name => get('facts', name).then(row => row && row.value);
  const learn = (name, value) => transact('facts', 'readwrite', rows => rows.put({name: name, value: value}));

  /* What a record may name (villages, receipts) and the village chosen last; sealed like the records. */
  async function lists(owner) {
    const row = await get('facts', 'lists:' + owner);
    if (!row) return {};
    const box = await crypto.subtle.decrypt(sealing(owner, 'lists', row.iv), await keyOf(owner), row.box);
    return JSON.parse(plain.decode(box));
  }

  async function learnLists(owner, news) {
    const content = Object.assign(await lists(owner).catch(() => ({})), news);
    const sealed = await seal(owner, 'lists', '', content);
    await transact('facts', 'readwrite', rows => rows.put({name: 'lists:' + owner, iv: sealed.iv, box: sealed.box}));
  }

  if (channel) channel.onmessage = () => self.dispatchEvent(new Event('outbox'));
  self.team = self.team || {};
  self.team.outbox = {
    UNSENT: UNSENT, keep: keep, settle: settle, drop: drop, list: list, count: count, fact: fact, learn: learn,
    lists: lists, learnLists: learnLists,
    forgetOld: owner => forgetSent(owner, Date.now() - KEPT_DAYS * DAY)
  };
})();
