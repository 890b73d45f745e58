// The drivers' app without a connection, and notices while it is closed. /sw.js sets SHELL and loads this.
// Pages are kept for one person at a time: the server names the owner of each answer (X-TwinEV-Owner), and what belongs
// to anybody else is thrown away. Grid operators' and operators' pages are never touched.
"use strict";

const { version, offline, assets, icon, badge, title } = self.SHELL;
const STATIC = `twinev-static-${version}`;
const PAGES = "twinev-pages";
const META = "twinev-meta";
const NOBODY = "nobody";
const OWNER = "X-TwinEV-Owner";
const LEAVING = ["/accounts/logout/", "/accounts/login/", "/accounts/delete/"];
const OTHERS = /^\/(grid|dashboard|admin|accounts|api|ocpp|live|healthz|i18n)(\/|$)/;
const HASHED = /\.[0-9a-f]{12}\./; // the content is part of the name: it never changes
const PATIENCE_MS = 8000; // a line this slow is no line, where a copy is at hand
const DOWN = new Set([502, 503, 504]);
const MOST_PAGES = 30;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", onFetch);
self.addEventListener("message", onMessage);
self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("notificationclick", onClick);

async function install() {
  const cache = await caches.open(STATIC);
  await cache.addAll([offline, ...assets]);
  await self.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("twinev-static-") && name !== STATIC);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

function onFetch(event) {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && request.mode === "navigate") {
    if (LEAVING.includes(url.pathname)) event.waitUntil(leave(url.pathname));
    if (url.pathname === "/i18n/setlang/") event.waitUntil(forgetPages());
    return;
  }
  if (request.method !== "GET" || OTHERS.test(url.pathname)) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fromShelf(request));
  else if (request.mode === "navigate") event.respondWith(page(event));
  else if (url.pathname.endsWith(".geojson")) event.respondWith(data(event));
}

// --- files of the app ---------------------------------------------------------------------------------------------------

async function fromShelf(request) {
  const cache = await caches.open(STATIC);
  const kept = await cache.match(request);
  if (kept && HASHED.test(request.url)) return kept;
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await cache.put(request, fresh.clone());
    return fresh;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

// --- pages --------------------------------------------------------------------------------------------------------------

async function page(event) {
  const { request } = event;
  const kept = await copyOf(request.url);
  try {
    const fresh = await inTime(fetch(request), kept);
    if (DOWN.has(fresh.status) && kept) return kept;
    event.waitUntil(keep(request.url, fresh.clone()));
    return fresh;
  } catch {
    return kept || (await nearest(request.url)) || (await caches.match(offline));
  }
}

async function data(event) {
  try {
    const fresh = await fetch(event.request);
    event.waitUntil(keep(event.request.url, fresh.clone()));
    return fresh;
  } catch (error) {
    const kept = await copyOf(event.request.url);
    if (kept) return kept;
    throw error;
  }
}

function inTime(answer, kept) {
  if (!kept) return answer;
  return Promise.race([answer, new Promise((_, late) => setTimeout(() => late(new Error("slow")), PATIENCE_MS))]);
}

// A copy knows when it was made: the page then says how old it is (pwa.js).
async function keep(address, response) {
  const owner = response.headers.get(OWNER);
  if (owner === null || response.status !== 200 || response.redirected || !isToKeep(response.headers)) return;
  await belongTo(owner);
  const headers = new Headers(response.headers);
  for (const name of ["Content-Encoding", "Content-Length", "Set-Cookie"]) headers.delete(name);
  let body = await response.text();
  if ((headers.get("Content-Type") || "").includes("text/html")) {
    body = body.replace("<html ", `<html data-copied-at="${new Date().toISOString()}" `);
  }
  // Somebody may have logged out meanwhile.
  if ((await owners()).pages !== owner) return;
  const cache = await caches.open(PAGES);
  await cache.delete(address);
  await cache.put(address, new Response(body, { headers }));
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, -MOST_PAGES).map((key) => cache.delete(key)));
}

// Pages and maps; never what is shown once or taken along as a file.
function isToKeep(headers) {
  if (/no-store/.test(headers.get("Cache-Control") || "") || headers.has("Content-Disposition")) return false;
  return /text\/html|json/.test(headers.get("Content-Type") || "");
}

async function copyOf(address) {
  const copy = await (await caches.open(PAGES)).match(address);
  return copy && copy.headers.get(OWNER) === (await owners()).pages ? copy : undefined;
}

// /charge/ leads on to the session under way: its copy stands under another address. Filters in the address matter less
// than to see anything.
async function nearest(address) {
  const { pathname } = new URL(address);
  if (pathname === "/") return undefined;
  const keys = await (await caches.open(PAGES)).keys();
  const near = keys.filter((key) => new URL(key.url).pathname.startsWith(pathname)).pop();
  return near && copyOf(near.url);
}

// --- whose it is --------------------------------------------------------------------------------------------------------

async function owners() {
  const kept = await (await caches.open(META)).match("/owners");
  return kept ? kept.json() : { pages: NOBODY, push: NOBODY };
}

async function setOwners(values) {
  await (await caches.open(META)).put("/owners", new Response(JSON.stringify({ ...(await owners()), ...values })));
}

async function belongTo(owner) {
  const known = await owners();
  if (known.pages !== owner) {
    await setOwners({ pages: owner });
    await forgetPages();
  }
  if (owner === NOBODY || known.push === owner) return;
  // This browser was somebody else's until now: their notices are not for these eyes.
  if (known.push !== NOBODY) await unsubscribe();
  await setOwners({ push: owner });
}

async function leave(path) {
  await setOwners({ pages: NOBODY });
  await forgetPages();
  if (path === "/accounts/login/") return;
  await unsubscribe();
  await setOwners({ push: NOBODY });
}

async function unsubscribe() {
  const subscription = await self.registration.pushManager?.getSubscription();
  await subscription?.unsubscribe();
  for (const notification of await self.registration.getNotifications()) notification.close();
}

async function forgetPages() {
  await caches.delete(PAGES);
}

// --- what pages ask for -------------------------------------------------------------------------------------------------

function onMessage(event) {
  const { type, urls = [], url = "" } = event.data || {};
  if (type === "loaded") event.waitUntil(shelve(urls));
  if (type === "seen") event.waitUntil(copyAgain(url));
}

// The first page loaded its files before this worker was there.
async function shelve(urls) {
  const cache = await caches.open(STATIC);
  for (const url of urls) {
    if (new URL(url, self.location).pathname.startsWith("/static/") && !(await cache.match(url))) await cache.add(url).catch(() => {});
  }
}

// What changed on a page since it was opened belongs into its copy, too.
async function copyAgain(address) {
  const url = new URL(address, self.location);
  if (url.origin !== self.location.origin || OTHERS.test(url.pathname)) return;
  const fresh = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" } }).catch(() => null);
  if (fresh) await keep(url.href, fresh);
}

// --- notices ------------------------------------------------------------------------------------------------------------

async function show(data) {
  let notice = {};
  try {
    notice = data ? data.json() : {};
  } catch {
    // a browser demands that something is shown for every push
  }
  await self.registration.showNotification(notice.title || title, {
    body: notice.text || "",
    tag: notice.tag || "twinev",
    lang: notice.lang || "",
    icon,
    badge,
    data: { path: notice.path || "/notices/" },
  });
  if (Number.isInteger(notice.unread)) await self.navigator.setAppBadge?.(notice.unread).catch(() => {});
}

function onClick(event) {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path || "/notices/"));
}

async function open(path) {
  const target = new URL(path, self.location);
  if (target.origin !== self.location.origin) return;
  const windows = await self.clients.matchAll({ type: "window" });
  const mine = windows.find((client) => !OTHERS.test(new URL(client.url).pathname));
  if (!mine) {
    await self.clients.openWindow(target.href);
    return;
  }
  await mine.focus();
  await mine.navigate(target.href).catch(() => self.clients.openWindow(target.href));
}
