/// <reference lib="webworker" />
/*
 * Keeps the app itself for when there is no network: the page and what it is made of. Messages are none of its
 * business, the SDK keeps those. The page is always asked for first, so a new version is there at the next opening.
 */
declare const self: ServiceWorkerGlobalScope;
/** Put in by the build, so that a new version of the app is a new worker. */
declare const SHELL_FILES: readonly string[];

const CACHE = 'shell';
const PAGE = '/';
const ALSO = ['/icon.svg', '/manifest.webmanifest'];

async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = new Set((await cache.keys()).map((request) => new URL(request.url).pathname));
  await cache.addAll([PAGE, ...ALSO, ...SHELL_FILES.filter((file) => !kept.has(file))]);
  // What no version wants any more.
  const wanted = new Set([PAGE, ...ALSO, ...SHELL_FILES]);
  await Promise.all([...kept].filter((file) => !wanted.has(file)).map((file) => cache.delete(file)));
}

async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept === undefined) throw error;
    return kept;
  }
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

self.addEventListener('install', (event) => event.waitUntil(keepShell().then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate' && !url.pathname.startsWith('/v1/') && !url.pathname.startsWith('/problems/')) event.respondWith(page(request));
  else if (url.pathname.startsWith('/assets/') || ALSO.includes(url.pathname)) event.respondWith(file(request));
});

// A notification leads to its conversation.
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const address = String(event.notification.data ?? PAGE);
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then(async (windows) => {
      const [open] = windows;
      if (open === undefined) return self.clients.openWindow(address);
      await open.focus();
      return open.navigate(address);
    }),
  );
});

export {};
