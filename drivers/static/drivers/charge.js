// The form that changes a running session: the mode's hint, and the chips with usual times.
(() => {
  "use strict";
  const form = document.querySelector("[data-charge-form]");
  if (!form) return;

  function follow() {
    for (const hint of form.querySelectorAll("[data-mode-hint]")) hint.hidden = hint.dataset.modeHint !== form.elements.mode.value;
    for (const chip of form.querySelectorAll("[data-minutes]")) {
      chip.setAttribute("aria-pressed", String(chip.dataset.minutes === form.elements.minutes.value));
    }
  }

  form.addEventListener("input", follow);
  form.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-minutes]");
    if (!chip) return;
    form.elements.minutes.value = chip.dataset.minutes;
    form.elements.minutes.dispatchEvent(new Event("input", { bubbles: true }));
  });
  follow();
})();
