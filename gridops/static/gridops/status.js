// The map of the Status tab: what is selected, what is shown, the list at the left, search.
// `chosen` is the selection; the map shows it for the points that are not hidden.
(() => {
  "use strict";
  const TwinEV = window.TwinEV;
  const POLL_MS = 10000; // power changes with every meter value, which no topic tells
  const CHART_HEIGHT_PX = 280; // the preview's chart covers so much of the map's foot
  const element = document.getElementById("grid-map");
  const workbench = document.getElementById("workbench");
  if (!element || !workbench) return;
  const map = TwinEV.map(element);
  const chosen = new Set();
  const hiddenGroups = new Set();
  let points = new Map();
  let placed = false;

  const isHidden = (point) => point.group_ids.length > 0 && point.group_ids.every((group) => hiddenGroups.has(group));
  const visible = () => [...points.values()].filter((feature) => !isHidden(feature.properties));
  const inGroups = (groups) => [...points.values()].filter((feature) => feature.properties.group_ids.some((group) => groups.includes(group)));
  const idOf = (feature) => String(feature.properties.id);

  // Tools that work on points wait for the first of them: a click before would do nothing, silently.
  function enableTools() {
    for (const tool of document.querySelectorAll("[data-needs-points]")) tool.disabled = false;
  }

  // --- points -----------------------------------------------------------------------------------------------------------

  async function load() {
    try {
      const answer = await fetch(element.dataset.points, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const collection = await answer.json();
      points = new Map(collection.features.map((feature) => [idOf(feature), feature]));
      for (const id of [...chosen]) if (!points.has(id)) chosen.delete(id);
      show();
      enableTools();
    } catch {
      if (!points.size) TwinEV.notify(element.dataset.textFailed, "error");
    }
  }

  function show() {
    map.setPoints({ type: "FeatureCollection", features: visible() });
    if (!placed && points.size) place();
    paint();
    list();
  }

  // An operator of two far places starts where most of the points are.
  function place() {
    placed = true;
    const byZone = new Map();
    for (const { properties } of points.values()) byZone.set(properties.zone, (byZone.get(properties.zone) || 0) + 1);
    const [zone] = [...byZone].sort((a, b) => b[1] - a[1])[0];
    if (byZone.size > 1) fitTo([...points.values()].filter((feature) => feature.properties.zone === zone));
  }

  function fitTo(features, below = 48) {
    const places = features.map(({ geometry: { coordinates: [lng, lat] } }) => [lat, lng]);
    if (places.length) map.map.fitBounds(places, { paddingTopLeft: [48, 96], paddingBottomRight: [48, below], maxZoom: 16, animate: false });
  }

  // --- selection --------------------------------------------------------------------------------------------------------

  let painting = false;

  function paint() {
    painting = true;
    map.select(visible().map(idOf).filter((id) => chosen.has(id)));
    painting = false;
  }

  function choose(ids, wanted = true) {
    for (const id of ids) {
      if (wanted) chosen.add(id);
      else chosen.delete(id);
    }
    paint();
    changed();
  }

  function changed() {
    list();
    const detail = [...chosen].map((id) => points.get(id)?.properties).filter(Boolean);
    document.dispatchEvent(new CustomEvent("grid:selection", { detail }));
  }

  element.addEventListener("map:select", (event) => {
    if (painting) return;
    const selected = new Set(event.detail.selected);
    for (const feature of visible()) {
      if (selected.has(idOf(feature))) chosen.add(idOf(feature));
      else chosen.delete(idOf(feature));
    }
    changed();
  });

  // --- the list at the left -----------------------------------------------------------------------------------------------

  const rows = document.getElementById("chosen");
  const template = document.getElementById("chosen-row");

  function list() {
    const wanted = [...chosen].map((id) => points.get(id)).filter(Boolean);
    wanted.sort((a, b) => a.properties.identity.localeCompare(b.properties.identity));
    for (const count of document.querySelectorAll("[data-selected-count]")) count.textContent = String(wanted.length);
    const known = new Map([...rows.children].map((row) => [row.dataset.id, row]));
    wanted.forEach((feature, index) => {
      const row = known.get(idOf(feature)) || newRow(feature.properties);
      known.delete(idOf(feature));
      row.querySelector(".chosen__power").textContent = feature.properties.power;
      if (rows.children[index] !== row) rows.insertBefore(row, rows.children[index] || null);
    });
    for (const row of known.values()) row.remove();
    rows.hidden = !wanted.length;
    document.getElementById("chosen-empty").hidden = wanted.length > 0;
  }

  function newRow(point) {
    const row = template.content.firstElementChild.cloneNode(true);
    row.dataset.id = String(point.id);
    row.querySelector(".chosen__name").textContent = point.identity;
    row.querySelector(".chosen__place").textContent = point.place;
    row.querySelector("[data-show]").dataset.show = String(point.id);
    const drop = row.querySelector("[data-drop]");
    drop.dataset.drop = String(point.id);
    drop.setAttribute("aria-label", `${drop.dataset.text}: ${point.identity}`);
    return row;
  }

  function goTo(id) {
    const feature = points.get(id);
    if (!feature) return;
    const [lng, lat] = feature.geometry.coordinates;
    map.goTo(lat, lng, Math.max(map.map.getZoom(), 17));
  }

  // --- tools --------------------------------------------------------------------------------------------------------------

  function toggleList() {
    const hidden = workbench.classList.toggle("is-left-hidden");
    document.querySelector(".toolbar [data-list-toggle]").setAttribute("aria-pressed", String(!hidden));
  }

  async function selectArea(button) {
    button.setAttribute("aria-pressed", "true");
    TwinEV.notify(button.dataset.textHint, "info");
    await map.drawArea();
    button.setAttribute("aria-pressed", "false");
  }

  const TOOLS = {
    "[data-list-toggle]": toggleList,
    "[data-select-all]": () => choose([...points.keys()]),
    "[data-select-none]": () => choose([...chosen], false),
    "[data-select-area]": selectArea,
    "[data-fit]": () => fitTo(visible()),
    "[data-show]": (button) => {
      goTo(button.dataset.show);
      closeSuggestions();
    },
    "[data-drop]": (button) => choose([button.dataset.drop], false),
  };

  document.addEventListener("click", (event) => {
    for (const [selector, act] of Object.entries(TOOLS)) {
      const button = event.target.closest(selector);
      if (button) act(button);
    }
    if (!event.target.closest("#map-search")) closeSuggestions();
    if (event.target.closest('[data-dialog-open="#select-groups"]')) paintSelection();
  });

  // --- groups -------------------------------------------------------------------------------------------------------------

  const selectTree = document.querySelector('[data-group-tree="select"]');
  const showTree = document.querySelector('[data-group-tree="show"]');

  function paintSelection() {
    TwinEV.paintGroups(selectTree, (groups) => {
      const found = inGroups(groups);
      return found.length > 0 && found.every((feature) => chosen.has(idOf(feature)));
    });
  }

  selectTree.addEventListener("groups:change", ({ detail }) => {
    const found = inGroups(detail.branch);
    choose(found.map(idOf), detail.checked);
    if (detail.checked) fitTo(found, window.matchMedia("(min-width: 1101px)").matches ? CHART_HEIGHT_PX : 48);
    paintSelection();
  });

  showTree.addEventListener("groups:change", () => {
    hiddenGroups.clear();
    for (const box of showTree.querySelectorAll("input[data-group]")) {
      if (!box.checked && !box.indeterminate) hiddenGroups.add(Number(box.dataset.group));
    }
    show();
  });

  // --- search -------------------------------------------------------------------------------------------------------------

  const box = document.getElementById("map-search");
  const suggestions = document.getElementById("suggestions");
  const closeSuggestions = () => suggestions.replaceChildren();

  box.addEventListener("keydown", (event) => {
    const buttons = [...suggestions.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    if (event.key === "Escape") closeSuggestions();
    else if (event.key === "ArrowDown") buttons[Math.min(at + 1, buttons.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (buttons[at - 1] || box.querySelector("input")).focus();
    else if (event.key === "Enter" && at < 0) buttons[0]?.click();
    else return;
    event.preventDefault();
  });

  TwinEV.paintGroups(showTree, () => true);
  element.addEventListener("changed", load);
  setInterval(() => {
    if (!document.hidden) load();
  }, POLL_MS);
  load();
})();
