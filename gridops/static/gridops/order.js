// The order form: the selection as fields, options that show with their check, and the preview while one types.
(() => {
  "use strict";
  const form = document.getElementById("order-form");
  const preview = document.getElementById("preview");
  if (!form || !preview) return;
  const LATE_MS = 1000; // an answer is to be there within a second
  let selection = [];

  const field = (name) => form.elements.namedItem(name);
  const ask = () => window.htmx.trigger(preview, "preview");

  function fill() {
    const inputs = selection.map((point) => {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = "charge_points";
      input.value = String(point.id);
      return input;
    });
    document.getElementById("chosen-inputs").replaceChildren(...inputs);
  }

  function showOptions() {
    for (const part of form.querySelectorAll("[data-shown-with]")) part.hidden = !field(part.dataset.shownWith).checked;
  }

  // The window follows the clock of the place; what a person typed stays.
  function moveZone(name) {
    const select = field("zone");
    const next = select && [...select.options].find((option) => option.value === name);
    if (!next || select.value === name) return;
    const { starts, ends } = select.selectedOptions[0].dataset;
    if (field("starts_at").value === starts) field("starts_at").value = next.dataset.starts;
    if (field("ends_at").value === ends) field("ends_at").value = next.dataset.ends;
    select.value = name;
  }

  document.addEventListener("grid:selection", (event) => {
    selection = event.detail;
    const zones = new Set(selection.map((point) => point.zone));
    if (zones.size === 1) moveZone([...zones][0]);
    fill();
    if (selection.length) form.querySelector("[data-selection-error]")?.remove();
    ask();
  });

  // What is being mended is not shouted at any more.
  function forgive(input) {
    const wrong = input.closest(".field--wrong");
    if (!wrong) return;
    wrong.classList.remove("field--wrong");
    wrong.querySelector(".field__errors")?.remove();
    input.classList.remove("is-invalid");
    input.removeAttribute("aria-invalid");
  }

  form.addEventListener("input", (event) => {
    forgive(event.target);
    showOptions();
    ask();
  });

  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-ask-again]")) ask();
    const button = event.target.closest("[data-set-limit]");
    if (!button) return;
    field("max_power_kw").value = button.dataset.setLimit;
    field("max_power_kw").focus();
    ask();
  });

  // While the optimiser is asked, that is seen at once; when it is late, or nothing comes, it is told in words.
  const words = () => document.getElementById("chosen-inputs").dataset;
  let late = 0;

  function hint(text, level) {
    const line = document.createElement("p");
    line.className = `notice notice--${level}`;
    line.setAttribute("role", level === "error" ? "alert" : "status");
    line.textContent = text;
    return line;
  }

  function wait(waiting) {
    preview.setAttribute("aria-busy", String(waiting));
    clearTimeout(late);
    preview.querySelector("[data-waiting]")?.remove();
    if (!waiting) return;
    late = setTimeout(() => {
      const line = hint(words().textLate, "warning");
      line.dataset.waiting = "";
      preview.prepend(line);
    }, LATE_MS);
  }

  function tellFailure() {
    const again = document.createElement("button");
    again.type = "button";
    again.className = "button button--small button--block";
    again.dataset.askAgain = "";
    again.textContent = words().textAgain;
    preview.replaceChildren(hint(words().textFailed, "error"), again);
    document.getElementById("preview-chart").hidden = true;
  }

  preview.addEventListener("htmx:beforeRequest", (event) => event.target === preview && wait(true));
  preview.addEventListener("htmx:afterRequest", (event) => event.target === preview && wait(false));
  for (const kind of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    preview.addEventListener(kind, (event) => event.target === preview && tellFailure());
  }

  // A form that came back with its errors holds neither the selection nor what is open.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "order-fields") return;
    fill();
    showOptions();
    event.target.querySelector(".is-invalid, [role=alert]")?.scrollIntoView({ block: "center" });
  });

  showOptions();
})();
