/* Finds numbers, addresses, secrets and names in a note before it leaves the phone, by the rules and the words of
   onboarding/free_text/plain.py. The server asks again and knows more. The words stand before this text
   (portal/team/scripts.py). */
(function () {
  'use strict';
  const NUMBER = /\+?\p{Nd}(?:[\s.,\-–/()]{0,3}\p{Nd}){5,}/u;
  const PROCEDURE = /(?<![\p{Nd}.])[1-3]\.\p{Nd}{6}(?:\.\p{Nd}{3}\.\p{Nd}{2}\.\p{Nd}{2})?(?!\p{Nd})/gu;
  const PLATE = new RegExp('(?<![\\p{L}\\p{Nd}])\\p{Nd}{2}-?(?:[A-ZĐ][A-ZĐ\\p{Nd}]?[ .-]{0,3}|[a-zđ][a-zđ\\p{Nd}]?[.-])' +
    '\\p{Nd}{3}\\.?\\p{Nd}{2}(?!\\p{Nd})', 'u');
  const E_MAIL = /[^ \t\n@()<>,;]+@[^ \t\n@.()<>,;]+\.[^ \t\n@()<>,;]+/u;
  const SECRET = new RegExp('(?:mật khẩu|mat khau|password|passcode|(?:mã )?(?:pin|otp)(?=[ \\t]*(?:là|la|is|[:=])))' +
    '[ \\t]*(?:là|la|is|[:=])?[ \\t]*(?=[^ \\t\\n]{0,40}[\\p{Nd}@#$%&*!])([^ \\t\\n]{4,40})', 'iu');
  const KINDS = new Map(Object.entries(NAME_WORDS).map(each => [each[0], new Set(each[1].split(' '))]));
  const MIDDLE = {'văn': ['phòng', 'hoá', 'hóa', 'bản'], 'thị': ['trấn', 'xã', 'trường']};
  const WORD = /\p{L}+(?:['’]\p{L}+)*/gu;
  const GAP = /^[ \t-]{1,3}$/;
  const LAST = new Set([...KINDS.get('last'), ...KINDS.get('plain'), ...Array.from(KINDS.get('given'), fold)]);

  function fold(text) {
    return text.normalize('NFKC').toLowerCase().normalize('NFKD').replace(/[\u0300-\u036f]/g, '').replace(/đ/g, 'd');
  }

  const is = (kind, word) => KINDS.get(kind).has(word);

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

  function nameIn(run) {
    if (/^(phường|xã|thôn|huyện|quận|tỉnh|đường|phố)$/i.test(run.before)) return '';
    let words = run.words.slice(), before = fold(run.before), atStart = !run.before;
    const first = kind => words.length && is(kind, fold(words[0]));
    while (first('before_name')) { before = fold(words.shift()); atStart = false; }
    if (is('before_place', before) || first('before_place') && !first('family')) return '';
    if (atStart && !first('family')) words = words.slice(1);
    words = words.filter(word => !is('products', fold(word)));
    const named = words.length >= 2 || (words.length === 1 && is('before_name', before));
    return named ? words.join(' ') : '';
  }

  /* Words with nothing but a gap between them, from `place` on: as many as were asked for, or none. */
  function together(text, words, place, number) {
    const found = place < 0 ? [] : words.slice(place, place + number);
    const joined = found.slice(1).every((each, index) =>
      GAP.test(text.slice(found[index].index + found[index][0].length, each.index)));
    return joined && found.length === number ? found.map(each => each[0]) : [];
  }

  /* A name that is known by its middle: nguyễn thị lan. */
  function isSmallName(family, middle, given) {
    const others = given && MIDDLE[middle.toLowerCase()];
    return others && !others.includes(given.toLowerCase()) && is('family', fold(family));
  }

  const isGiven = word => is('given', word.toLowerCase()) || is('plain', word.toLowerCase());
  const pair = (one, other) => fold(one) + '-' + fold(other);

  function isFullName(family, middle, last) {
    if (!last || !is('family_sure', fold(family)) || !is('middle', fold(middle))) return false;
    const known = isGiven(last) || last.toLowerCase() === fold(last) && LAST.has(fold(last));
    return known && !is('no_name', pair(middle, last));
  }

  const isTitled = (one, two, last) => last && is('title', pair(one, two)) && isGiven(last);

  /* Names that capitals do not give away: nguyen van an, chị hương, cô giáo Thảo. */
  function plainNameIn(text) {
    const words = Array.from(text.matchAll(WORD)), upTo = (place, back) => together(text, words, place - back, back + 1);
    const said = (place, back) => text.slice(words[place - back].index, words[place].index + words[place][0].length);
    const small = words.findIndex((_, place) => isSmallName(...upTo(place, 2)));
    if (small >= 0) return said(small, 2);
    for (let place = 1; place < words.length; place++) {
      const [one, last] = upTo(place, 1), after = together(text, words, place, 2)[1] || '';
      if (!last || is('no_name', pair(last, after))) continue;
      const three = upTo(place, 2);
      if (isFullName(...three) || isTitled(...three)) return said(place, 2);
      if (is('kin', one.toLowerCase()) && isGiven(last)) return said(place, 1);
    }
    return '';
  }

  /* {kind, words} of the first number, address, secret or name; null when there is none. */
  function personalWords(text) {
    text = text.normalize('NFC');
    const number = NUMBER.exec(text.replace(PROCEDURE, '|')) || PLATE.exec(text);
    if (number) return {kind: 'number', words: number[0].trim()};
    for (const [kind, rule] of [['address', E_MAIL], ['secret', SECRET]]) {
      const found = rule.exec(text);
      if (found) return {kind: kind, words: found[0]};
    }
    const name = runs(text).map(nameIn).find(Boolean) || plainNameIn(text);
    return name ? {kind: 'name', words: name} : null;
  }

  self.team = self.team || {};
  self.team.personalWords = personalWords;
})();
