// Times that tick: data-until counts down, data-relative says "in 25 min" or "5 min ago".
(() => {
  "use strict";
  const language = document.documentElement.lang || "en";
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const unit = (name) => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" });
  const [hours, minutes, seconds] = ["hour", "minute", "second"].map(unit);

  function left(totalSeconds) {
    const whole = Math.max(Math.round(totalSeconds), 0);
    if (whole < 90) return seconds.format(whole);
    const all = Math.ceil(whole / 60);
    if (all < 60) return minutes.format(all);
    const rest = all % 60;
    return rest ? `${hours.format(Math.floor(all / 60))} ${minutes.format(rest)}` : hours.format(all / 60);
  }

  function words(totalSeconds) {
    const size = Math.abs(totalSeconds);
    if (size < 60) return relative.format(0, "minute");
    if (size < 5400) return relative.format(Math.round(totalSeconds / 60), "minute");
    if (size < 129600) return relative.format(Math.round(totalSeconds / 3600), "hour");
    return relative.format(Math.round(totalSeconds / 86400), "day");
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
