/* Opens one page without network, where an address is one of OPENS. VERSION, FILES, NAME, LANGUAGE and OPENS stand before
   this text (portal/offline.py). It keeps no page that names a person; every other page goes to the network untouched. */
'use strict';
const PREFIX = 'eid-' + NAME + '-', CACHE = PREFIX + VERSION, PLACES = new RegExp(OPENS), PATIENCE_MS = 8000;

self.addEventListener('install', function (event) {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then(cache => cache.addAll(FILES)));
});

self.addEventListener('activate', function (event) {
  event.waitUntil(caches.keys().then(names => Promise.all(
    names.filter(name => name.startsWith(PREFIX) && name !== CACHE).map(name => caches.delete(name))
  )).then(() => self.clients.claim()));
});

/* The page says its language, so that this one opens in the same. */
self.addEventListener('message', function (event) {
  const page = LANGUAGE + '/' + event.data;
  if (FILES.includes(page)) event.waitUntil(caches.open(CACHE).then(cache => cache.put(LANGUAGE, new Response(page))));
});

async function kept() {
  const cache = await caches.open(CACHE), said = await cache.match(LANGUAGE);
  return (await cache.match(said ? await said.text() : FILES[0])) || Response.error();
}

/* A scanned address leads on to another page: such an answer is passed as it is. */
async function open(request) {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch(request, {signal: stop.signal});
  } catch (error) {
    return kept();
  } finally {
    clearTimeout(timer);
  }
}

self.addEventListener('fetch', function (event) {
  const request = event.request, address = new URL(request.url), path = address.pathname + address.search;
  if (request.method !== 'GET' || address.origin !== self.location.origin) return;
  if (request.mode === 'navigate' && PLACES.test(address.pathname)) event.respondWith(open(request));
  else if (FILES.includes(path) && address.pathname.startsWith('/static/')) {
    event.respondWith(caches.match(path).then(found => found || fetch(request)));
  }
});
