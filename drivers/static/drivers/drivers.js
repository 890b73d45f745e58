// What all pages of the drivers' app share: refusals in dialogs, the way there, and the forms' small helps.
(() => {
  "use strict";
  const REFUSED = 409;

  // A refusal is an answer in words, not a fault.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== REFUSED) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  // Phones open their maps app; everybody else gets the map in the web. Both then stand on the Charge screen.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-guide]");
    if (!link) return;
    const isAndroid = /android/i.test(navigator.userAgent);
    if (isAndroid) {
      link.removeAttribute("target");
      link.href = link.dataset.geo;
    }
    setTimeout(() => {
      if (location.pathname !== new URL(link.dataset.guide, location.href).pathname) location.assign(link.dataset.guide);
    }, isAndroid ? 800 : 100);
  });

  // Whoever closes the dialog by Escape has the reservation all the same.
  document.addEventListener(
    "close",
    (event) => {
      if (event.target.querySelector?.("[data-reserved]")) location.assign(event.target.querySelector("[data-guide]").dataset.guide);
    },
    true,
  );

  // Where the browser may tell the position already, forms that ask for it get it; a hundred metres are near enough.
  async function place() {
    const forms = [...document.querySelectorAll("form[data-with-position]")].filter((each) => !each.elements.latitude.value);
    if (!forms.length || !navigator.permissions) return;
    const right = await navigator.permissions.query({ name: "geolocation" });
    if (right.state !== "granted") return;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      for (const each of forms) {
        each.elements.latitude.value = coords.latitude.toFixed(3);
        each.elements.longitude.value = coords.longitude.toFixed(3);
      }
    });
  }

  document.addEventListener("htmx:afterSettle", place);
  place();

  // --- charge form ---------------------------------------------------------------------------------------------------------

  const form = document.getElementById("charge-form");
  const ids = (text) => (text || "").split(",").filter(Boolean);

  function showV2g() {
    const evse = form.elements.evse?.value ?? ids(form.dataset.v2gEvses)[0];
    const possible = ids(form.dataset.v2gVehicles).includes(form.elements.vehicle.value) && ids(form.dataset.v2gEvses).includes(evse);
    const box = form.querySelector("[data-v2g]");
    box.hidden = !possible;
    if (!possible) form.elements.v2g.checked = false;
  }

  function showHint() {
    for (const hint of form.querySelectorAll("[data-mode-hint]")) hint.hidden = hint.dataset.modeHint !== form.elements.mode.value;
  }

  function markTime() {
    for (const chip of form.querySelectorAll("[data-minutes]")) {
      chip.setAttribute("aria-pressed", String(chip.dataset.minutes === form.elements.minutes.value));
    }
  }

  // The stay that is proposed follows car and battery until the driver says another (drivers/services/stay.py).
  const [LEAST_MINUTES, QUARTER_MINUTES] = [60, 15];
  const perPercent = JSON.parse(document.getElementById("minutes-per-percent")?.textContent || "{}");
  let isProposed = true;

  function proposeTime(event) {
    if (event?.target.name === "minutes") isProposed = false;
    const pace = perPercent[form.elements.vehicle.value];
    if (!event || !isProposed || !pace) return;
    const percent = Number(form.elements.target_soc_percent.value) - Number(form.elements.soc_percent.value);
    const quarters = Math.ceil((percent * pace) / QUARTER_MINUTES);
    form.elements.minutes.value = Math.min(Math.max(quarters * QUARTER_MINUTES, LEAST_MINUTES), Number(form.elements.minutes.max));
  }

  function followForm(event) {
    proposeTime(event);
    showV2g();
    showHint();
    markTime();
  }

  if (form) {
    form.addEventListener("input", followForm);
    form.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-minutes]");
      if (!chip) return;
      form.elements.minutes.value = chip.dataset.minutes;
      form.elements.minutes.dispatchEvent(new Event("input", { bubbles: true }));
    });
    followForm();
  }

  // --- vehicle form --------------------------------------------------------------------------------------------------------

  const kilo = (text) => String(Number(text) / 1000);

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-catalogue]")) return;
    const known = event.target.selectedOptions[0].dataset;
    if (!known.brand) return;
    const { elements } = event.target.form;
    elements.brand.value = known.brand;
    elements.model.value = known.model;
    elements.connector_standard.value = known.connector_standard;
    elements.battery_kwh.value = kilo(known.battery_wh);
    elements.max_charge_kw.value = kilo(known.max_w);
    elements.consumption_kwh_100km.value = String(Number(known.consumption_wh) / 10);
    elements.v2g.checked = Boolean(known.v2g);
    elements.v2g.dispatchEvent(new Event("change", { bubbles: true }));
  });

  function follow(part) {
    const box = document.querySelector(part.dataset.shownWith);
    if (!box) return;
    const show = () => (part.hidden = !box.checked);
    box.addEventListener("change", show);
    show();
  }

  document.querySelectorAll("[data-shown-with]").forEach(follow);
})();
