/* Finds numbers, addresses, secrets and names in a note before it leaves the phone; by the rules
   of onboarding/free_text.py, which asks again on the server and also knows names by their given name. `lists` are its words, by kind. */
(function () {
  'use strict';
  const NUMBER = /\+?\p{Nd}(?:[\s.,\-–/()]{0,3}\p{Nd}){5,}/u;
  const PROCEDURE = /(?<![\p{Nd}.])[1-3]\.\p{Nd}{6}(?:\.\p{Nd}{3}\.\p{Nd}{2}\.\p{Nd}{2})?(?!\p{Nd})/gu;
  const PLATE = new RegExp('(?<![\\p{L}\\p{Nd}])\\p{Nd}{2}-?(?:[A-ZĐ][A-ZĐ\\p{Nd}]?[ .-]{0,3}|[a-zđ][a-zđ\\p{Nd}]?[.-])' +
    '\\p{Nd}{3}\\.?\\p{Nd}{2}(?!\\p{Nd})', 'u');
  const E_MAIL = /[^ \t\n@()<>,;]+@[^ \t\n@.()<>,;]+\.[^ \t\n@()<>,;]+/u;
  const SECRET = new RegExp('(?:mật khẩu|mat khau|password|passcode|(?:mã )?(?:pin|otp)(?=[ \\t]*(?:là|la|is|[:=])))' +
    '[ \\t]*(?:là|la|is|[:=])?[ \\t]*(?=[^ \\t\\n]{0,40}[\\p{Nd}@#$%&*!])([^ \\t\\n]{4,40})', 'iu');
  const KINDS = ['family', 'before_name', 'before_place', 'products'];
  const MIDDLE = {'văn': ['phòng', 'hoá', 'hóa', 'bản'], 'thị': ['trấn', 'xã', 'trường']};
  const WORD = /\p{L}+(?:['’]\p{L}+)*/gu;
  const GAP = /^[ \t-]{1,3}$/;

  function fold(text) {
    return text.normalize('NFKC').toLowerCase().normalize('NFKD').replace(/[\u0300-\u036f]/g, '').replace(/đ/g, 'd');
  }

  /* Capitalised words in a row, and the word before them ('' at the start of a sentence). */
  function runs(text) {
    const found = [];
    let words = [], before = '', previous = '', end = 0;
    function close() { if (words.length) found.push({before: before, words: words}); words = []; }
    for (const match of text.matchAll(WORD)) {
      const joined = GAP.test(text.slice(end, match.index));
      if (!joined) { close(); previous = ''; }
      if (/^\p{Lu}/u.test(match[0])) {
        if (!words.length) before = previous;
        words.push(match[0]);
      } else {
        close();
      }
      previous = match[0];
      end = match.index + match[0].length;
    }
    close();
    return found;
  }

  function nameIn(run, lists) {
    let words = run.words.slice(), before = fold(run.before), atStart = !run.before;
    const is = (list, word) => lists[list].has(fold(word));
    while (words.length && is('before_name', words[0])) { before = fold(words.shift()); atStart = false; }
    if (lists.before_place.has(before)) return '';
    if (words.length && is('before_place', words[0]) && !is('family', words[0])) return '';
    if (atStart && words.length && !is('family', words[0])) words = words.slice(1);
    words = words.filter(word => !is('products', word));
    const named = words.length >= 2 || (words.length === 1 && lists.before_name.has(before));
    return named ? words.join(' ') : '';
  }

  /* A name that is known by its middle: nguyễn thị lan. */
  function smallNameIn(text, lists) {
    const words = Array.from(text.matchAll(WORD)), end = match => match.index + match[0].length;
    for (let place = 2; place < words.length; place++) {
      const [family, middle, given] = words.slice(place - 2, place + 1);
      const others = MIDDLE[middle[0].toLowerCase()];
      if (!others || others.includes(given[0].toLowerCase()) || !lists.family.has(fold(family[0]))) continue;
      const gaps = [text.slice(end(family), middle.index), text.slice(end(middle), given.index)];
      if (gaps.every(gap => GAP.test(gap))) return text.slice(family.index, end(given));
    }
    return '';
  }

  /* The words of each kind, from the page's sentences. */
  function wordLists(words) {
    const lists = {};
    KINDS.forEach(kind => { lists[kind] = new Set(words('list-' + kind).split(' ')); });
    return lists;
  }

  /* {kind, words} of the first number, address, secret or name; null when there is none. */
  function personalWords(text, lists) {
    text = text.normalize('NFC');
    const number = NUMBER.exec(text.replace(PROCEDURE, '|')) || PLATE.exec(text);
    if (number) return {kind: 'number', words: number[0].trim()};
    for (const [kind, rule] of [['address', E_MAIL], ['secret', SECRET]]) {
      const found = rule.exec(text);
      if (found) return {kind: kind, words: found[0]};
    }
    const name = runs(text).map(run => nameIn(run, lists)).find(Boolean) || smallNameIn(text, lists);
    return name ? {kind: 'name', words: name} : null;
  }

  self.team = self.team || {};
  self.team.personalWords = personalWords;
  self.team.wordLists = wordLists;
})();
