/* Keeps the page and its files, so that it opens without network. VERSION and FILES stand before this text
   (portal/team/phone.py). It never touches the outbox, and never keeps a page that names a person. */
'use strict';
const PREFIX = 'eid-team-', CACHE = PREFIX + VERSION, PATIENCE_MS = 8000;

self.addEventListener('install', function (event) {
  event.waitUntil(caches.open(CACHE).then(cache => cache.addAll(FILES)));
});

self.addEventListener('activate', function (event) {
  event.waitUntil(caches.keys().then(names => Promise.all(
    names.filter(name => name.startsWith(PREFIX) && name !== CACHE).map(name => caches.delete(name))
  )).then(() => self.clients.claim()));
});

self.addEventListener('message', function (event) {
  if (event.data === 'go') self.skipWaiting();
});

const kept = path => caches.open(CACHE).then(cache => cache.match(path));
const languageOf = address => FILES.find(path => path === address.pathname) || null;

/* A page of the member: from the network; without it, or when it does not answer, the outbox page, in the language it
   was opened in. */
async function open(request) {
  const address = new URL(request.url), own = languageOf(address);
  if (own) return (await kept(own)) || fetch(request);
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch(request, {signal: stop.signal});
  } catch (error) {
    const wanted = FILES.filter(path => path.startsWith('/team/app/') && !path.includes('.'));
    const spoken = wanted.find(path => navigator.languages.some(tag => tag.startsWith(path.slice(10)))) || wanted[0];
    return (await kept(await lastPage()) ) || (await kept(spoken)) || Response.error();
  } finally {
    clearTimeout(timer);
  }
}

/* The outbox page that was open last. */
async function lastPage() {
  const pages = await self.clients.matchAll({includeUncontrolled: true, type: 'window'});
  const own = pages.map(page => languageOf(new URL(page.url))).find(Boolean);
  return own || 'none';
}

self.addEventListener('fetch', function (event) {
  const request = event.request, address = new URL(request.url);
  if (request.method !== 'GET' || address.origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(open(request));
  else if (address.pathname.startsWith('/static/')) {
    event.respondWith(kept(address.pathname + address.search).then(found => found || fetch(request)));
  }
});
