// Times that tick: data-until counts down, data-relative says "in 25 min" or "5 min ago".
(() => {
  "use strict";
  const texts = document.body.dataset;
  const days = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });

  // The server's own words, as Python writes their places: "%(hours)d h %(minutes)02d min". A figure stays with its unit.
  function say(text, values) {
    return text
      .replace(/%\((\w+)\)(02)?[ds]/g, (_, name, padded) => String(values[name]).padStart(padded ? 2 : 0, "0"))
      .replace(/(\d) /g, "$1\u00a0");
  }

  function duration(all) {
    const hours = Math.floor(all / 60);
    const minutes = all % 60;
    if (!hours) return say(texts.timeMinutes, { minutes });
    return say(minutes ? texts.timeBoth : texts.timeHours, { hours, minutes });
  }

  function left(totalSeconds) {
    const seconds = Math.max(Math.round(totalSeconds), 0);
    return seconds < 90 ? say(texts.timeSeconds, { seconds }) : duration(Math.ceil(seconds / 60));
  }

  function words(totalSeconds) {
    const size = Math.abs(totalSeconds);
    if (size < 60) return texts.timeNow;
    if (size >= 86400) return days.format(Math.trunc(totalSeconds / 86400), "day");
    return say(totalSeconds > 0 ? texts.timeAhead : texts.timeAgo, { span: duration(Math.round(size / 60)) });
  }

  function tick() {
    const now = Date.now();
    for (const element of document.querySelectorAll("[data-until]")) {
      const rest = (Date.parse(element.dataset.until) - now) / 1000;
      write(element, left(rest));
      if (rest <= 0 && !element.dataset.elapsed) {
        element.dataset.elapsed = "true";
        element.dispatchEvent(new CustomEvent("elapsed", { bubbles: true }));
      }
    }
    for (const element of document.querySelectorAll("[data-relative]")) {
      write(element, words((Date.parse(element.dataset.relative) - now) / 1000));
    }
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  tick();
  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSettle", tick);
})();
