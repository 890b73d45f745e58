// What every page shares: notices, menus, and words for requests that failed.
(() => {
  "use strict";
  const TwinEV = (window.TwinEV = window.TwinEV || {});
  const NOTICE_MS = 6000; // long enough to read two lines twice

  TwinEV.language = document.documentElement.lang || "en";
  TwinEV.colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  TwinEV.notify = (text, level = "success") => {
    const stack = document.getElementById("notices");
    if (!stack || !text) return;
    const note = document.createElement("div");
    note.className = `toast-note toast-note--${level}`;
    const words = document.createElement("span");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", document.body.dataset.textClose || "×");
    close.addEventListener("click", () => note.remove());
    note.append(words, close);
    stack.replaceChildren(note); // one at a time: the newest counts
    if (level !== "error") setTimeout(() => note.remove(), NOTICE_MS);
  };

  document.addEventListener("notice", (event) => {
    const { text, level, value } = event.detail || {};
    TwinEV.notify(text || value, level);
  });

  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    const key = status === 401 || status === 403 ? "textRefused" : "textFailed";
    TwinEV.notify(document.body.dataset[key], "error");
  });

  for (const kind of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(kind, (event) => {
      // Background refreshes stay quiet: the bar of live.js tells the age of what is shown.
      if (event.detail.elt.matches("[data-live], [data-quiet]")) return;
      TwinEV.notify(document.body.dataset.textUnreachable, "error");
    });
  }

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // Languages differ in the space before the percent sign.
  function quantity(value, unit) {
    if (unit === "%") return new Intl.NumberFormat(TwinEV.language, { style: "percent" }).format(value / 100);
    return `${new Intl.NumberFormat(TwinEV.language).format(value)}\u00a0${unit}`.trim();
  }

  // A range and the output that tells its value: <input type=range data-shows="#id" data-unit="kW">
  document.addEventListener("input", (event) => {
    const output = event.target.dataset?.shows && document.querySelector(event.target.dataset.shows);
    if (!output) return;
    output.textContent = quantity(Number(event.target.value), event.target.dataset.unit || "");
  });

  // What the page can be used without runs after all that it needs, in order: <link rel="preload" as="script" href="…" data-later>
  document.addEventListener("DOMContentLoaded", () => {
    for (const { href } of document.querySelectorAll("link[data-later]")) {
      const script = document.createElement("script");
      script.src = href;
      script.async = false;
      document.body.append(script);
    }
  });

  // Filters keep their values in the address: <form data-autosubmit> is sent as soon as one changes.
  document.addEventListener("change", (event) => {
    event.target.closest?.("form[data-autosubmit]")?.requestSubmit();
  });
})();
