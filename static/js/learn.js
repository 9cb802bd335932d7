/* Reads a lesson aloud with the browser's own voice. Without a voice for the language the button stays hidden. */
(function () {
  'use strict';
  var speech = window.speechSynthesis, text = document.querySelector('[data-read-aloud]');
  var control = document.querySelector('[data-read-aloud-control]');
  if (!speech || !window.SpeechSynthesisUtterance || !text || !control) return;
  var button = control.querySelector('button'), label = button.querySelector('span');

  function voice() {
    return speech.getVoices().filter(function (one) {
      return one.lang.replace('_', '-').toLowerCase().indexOf(text.lang) === 0;
    })[0];
  }
  function offer() { control.hidden = !voice(); }
  function show(reading) {
    button.setAttribute('aria-pressed', String(reading));
    label.textContent = reading ? button.dataset.stop : button.dataset.read;
  }
  function stop() { speech.cancel(); show(false); }
  function read() {
    var paragraphs = text.querySelectorAll('p'), last = paragraphs.length - 1;
    Array.prototype.forEach.call(paragraphs, function (paragraph, number) {
      var utterance = new SpeechSynthesisUtterance(paragraph.textContent);
      utterance.lang = text.lang;
      utterance.voice = voice();
      utterance.rate = 0.9;
      if (number === last) utterance.onend = function () { show(false); };
      speech.speak(utterance);
    });
    show(true);
  }

  button.addEventListener('click', function () {
    if (button.getAttribute('aria-pressed') === 'true') stop();
    else read();
  });
  if (speech.addEventListener) speech.addEventListener('voiceschanged', offer);
  window.addEventListener('pagehide', function () { speech.cancel(); });
  offer();
})();
