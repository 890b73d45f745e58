// The page's side of the app without a connection: starts the worker, says how old a copy is, offers to install.
(() => {
  "use strict";
  const AGAIN_MS = 60000; // a page under way is copied again at most so often
  const copiedAt = document.documentElement.dataset.copiedAt;
  let copied = Date.now();
  let isChanged = false;

  function tell(message) {
    navigator.serviceWorker.controller?.postMessage(message);
  }

  function copyAgain(leastMs) {
    if (copiedAt || !isChanged || Date.now() - copied < leastMs) return;
    copied = Date.now();
    isChanged = false;
    tell({ type: "seen", url: location.href });
  }

  function register() {
    navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" }).catch(() => {});
    navigator.serviceWorker.ready.then((registration) => {
      const files = performance.getEntriesByType("resource").map((entry) => entry.name);
      const urls = files.filter((name) => name.startsWith(`${location.origin}/static/`));
      registration.active.postMessage({ type: "loaded", urls });
      if (!navigator.serviceWorker.controller && !copiedAt) registration.active.postMessage({ type: "seen", url: location.href });
    });
  }

  if ("serviceWorker" in navigator) {
    if (document.readyState === "complete") register();
    else window.addEventListener("load", register);
    document.addEventListener("htmx:afterSettle", (event) => {
      if (!event.target.closest?.("[data-live]") || event.target.closest("[data-quiet]")) return;
      isChanged = true;
      copyAgain(AGAIN_MS);
    });
    document.addEventListener("visibilitychange", () => document.hidden && copyAgain(0));
  }

  // A copy gives way to the page as soon as there is a line.
  if (copiedAt) window.addEventListener("online", () => location.reload());

  // --- installing ---------------------------------------------------------------------------------------------------------

  window.addEventListener("beforeinstallprompt", (event) => {
    const offer = document.querySelector("[data-install]");
    if (!offer) return;
    event.preventDefault();
    offer.hidden = false;
    offer.querySelector("button").addEventListener("click", () => event.prompt(), { once: true });
  });
  window.addEventListener("appinstalled", () => {
    for (const offer of document.querySelectorAll("[data-install]")) offer.hidden = true;
  });
})();
