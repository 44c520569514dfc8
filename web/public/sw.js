/* The service worker: keeps one page that says there is no network, and nothing else. Pages, scripts, the API and media
 * always come from the network (scripts from the browser's own cache, where their names are their contents), so no old
 * version of the client can be stuck here. */
const KEPT = 'offline-1';
const FILES = ['/offline.html', '/offline.css', '/offline.js', '/favicon.svg'];
const OURS = /^\/(?:api|media|ical|whip|whep|ws|metrics|healthz|assets)(?:\/|$)/;

addEventListener('install', (e) => {
  e.waitUntil(caches.open(KEPT).then((c) => c.addAll(FILES.map((f) => new Request(f, { cache: 'reload' })))));
  skipWaiting();
});

addEventListener('activate', (e) => {
  const old = (names) => Promise.all(names.filter((n) => n !== KEPT).map((n) => caches.delete(n)));
  e.waitUntil(caches.keys().then(old).then(() => clients.claim()));
});

addEventListener('fetch', (e) => {
  const { pathname, origin } = new URL(e.request.url);
  if (e.request.method !== 'GET' || origin !== location.origin || OURS.test(pathname)) return;
  const kept = e.request.mode === 'navigate' ? '/offline.html' : FILES.includes(pathname) ? pathname : null;
  if (kept) e.respondWith(fetch(e.request).catch(() => caches.match(kept)));
});
