// One socket a page. It says only "this topic changed"; marked elements then get the event `changed` and fetch themselves.
(() => {
  "use strict";
  const FIRST_WAIT_MS = 1000;
  const LONGEST_WAIT_MS = 30000;
  const SHOW_OFFLINE_AFTER_MS = 4000; // a short hiccup is not worth a bar
  const GATHER_MS = 150;
  const REST_MS = 1000; // the least time between two fetches of the same part
  const NAME_THE_DAY_AFTER_MS = 12 * 3600 * 1000;
  const waiting = new Set();
  let flushing = null;
  let socket = null;
  let subscribed = "";
  let wait = FIRST_WAIT_MS;
  let retry = null;
  // A copy from the time before the connection went (sw.js) tells when it was made.
  const copiedAt = Date.parse(document.documentElement.dataset.copiedAt);
  let lastHeard = copiedAt || Date.now();
  let lostSince = null;

  function topics() {
    const found = new Set();
    for (const element of document.querySelectorAll("[data-live]")) {
      for (const topic of element.dataset.live.split(/\s+/)) if (topic) found.add(topic);
    }
    return [...found].sort().join(",");
  }

  function connect() {
    clearTimeout(retry);
    subscribed = topics();
    if (!subscribed) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const mine = new WebSocket(`${scheme}//${location.host}/live/?topics=${encodeURIComponent(subscribed)}`);
    socket = mine;
    mine.addEventListener("open", () => opened(mine));
    mine.addEventListener("message", (event) => heard(event.data));
    mine.addEventListener("close", () => closed(mine));
  }

  function opened(mine) {
    if (mine !== socket) return;
    if (copiedAt) return location.reload();
    wait = FIRST_WAIT_MS;
    lostSince = null;
    lastHeard = Date.now();
    showAge();
    // What happened before was not heard, be it since the line was lost or since the page was made: fetch it once.
    for (const element of document.querySelectorAll("[data-live]")) trigger(element);
  }

  function closed(mine) {
    if (mine !== socket) return;
    socket = null;
    if (lostSince === null) lostSince = Date.now();
    // Some scatter, so that a restarted server is not met by all browsers at once.
    retry = setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }

  function heard(text) {
    lastHeard = Date.now();
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    document.dispatchEvent(new CustomEvent("twinev:changed", { detail: message }));
    waiting.add(message.topic);
    if (flushing === null) flushing = setTimeout(flush, GATHER_MS);
  }

  // A busy district tells many changes a second; a page fetches each part once for all that came together.
  function flush() {
    const changed = new Set(waiting);
    waiting.clear();
    flushing = changed.size ? setTimeout(flush, REST_MS) : null;
    for (const element of document.querySelectorAll("[data-live]")) {
      const heard = element.dataset.live.split(/\s+/).filter((topic) => changed.has(topic));
      if (heard.length && willBeReplaced(element)) heard.forEach((topic) => waiting.add(topic));
      else if (heard.length) trigger(element);
    }
  }

  // htmx forgets what is queued for an element that its own answer replaces: that has to be asked for afterwards.
  function willBeReplaced(element) {
    return element.classList.contains("htmx-request") && element.getAttribute("hx-swap") === "outerHTML";
  }

  function trigger(element) {
    if (window.htmx) window.htmx.trigger(element, "changed");
    else element.dispatchEvent(new CustomEvent("changed"));
  }

  function showAge() {
    const bar = document.getElementById("offline-bar");
    if (!bar) return;
    const lost = copiedAt || navigator.onLine === false || (lostSince !== null && Date.now() - lostSince > SHOW_OFFLINE_AFTER_MS);
    bar.hidden = !lost || !(subscribed || copiedAt);
    if (bar.hidden) return;
    const isOld = Date.now() - lastHeard > NAME_THE_DAY_AFTER_MS;
    const shape = isOld ? { dateStyle: "medium", timeStyle: "short" } : { timeStyle: "medium" };
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { ...shape, hourCycle: "h23" }).format(lastHeard);
    const words = `${document.body.dataset.textOffline} ${time}`;
    if (bar.textContent !== words) bar.textContent = words;
  }

  // A slow poll that succeeds makes what is shown young again, also without a socket.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && !copiedAt && event.target.closest?.("[data-live]")) lastHeard = Date.now();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (topics() === subscribed) return;
    const old = socket;
    socket = null;
    old?.close();
    connect();
  });
  window.addEventListener("online", () => {
    if (!socket) connect();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !socket) connect();
  });
  setInterval(showAge, 1000);
  // Not before: an element that htmx does not know yet would not hear what the open line has to tell.
  if (document.readyState === "complete") connect();
  else document.addEventListener("DOMContentLoaded", connect, { once: true });
})();
