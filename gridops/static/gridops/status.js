// The map of the Status tab: what it shows, what is selected on it, its tools and its search.
(() => {
  "use strict";
  const TwinEV = window.TwinEV;
  const { gridPoints: points, gridSelection: selection } = TwinEV;
  const CHART_HEIGHT_PX = 280; // the preview's chart covers so much of the map's foot
  const NEAR_ZOOM = 17;
  const NEAREST_ZOOM = 19; // points of one connection stand close together
  const element = document.getElementById("grid-map");
  const workbench = document.getElementById("workbench");
  const map = TwinEV.map(element);
  const hiddenGroups = new Set([...selection.kept("hidden")].map(Number));
  let placed = false;

  const isHidden = (point) => point.group_ids.length > 0 && point.group_ids.every((group) => hiddenGroups.has(group));
  const visible = () => [...points.all.values()].filter((point) => !isHidden(point));
  const idsOf = (some) => some.map(({ id }) => id);

  // --- points -----------------------------------------------------------------------------------------------------------

  function show() {
    const features = visible().map((point) => ({ type: "Feature", geometry: { type: "Point", coordinates: [point.lng, point.lat] }, properties: point }));
    map.setPoints({ type: "FeatureCollection", features });
    paint();
  }

  document.addEventListener("grid:points", () => {
    selection.keepOnly((id) => points.all.has(id));
    show();
    if (!placed && points.all.size) place();
    // Tools that work on points wait for the first of them: a click before would do nothing, silently.
    for (const tool of document.querySelectorAll("[data-needs-points]")) tool.disabled = false;
    if (selection.ids.size) tell();
  });
  document.addEventListener("grid:news", ({ detail }) => map.refresh(idsOf(detail.changed)));

  // An operator of two far places starts where most of the points are.
  function place() {
    placed = true;
    const byZone = new Map();
    for (const point of points.all.values()) {
      if (!byZone.has(point.zone)) byZone.set(point.zone, []);
      byZone.get(point.zone).push(point);
    }
    const [most] = [...byZone.values()].sort((a, b) => b.length - a.length);
    if (byZone.size > 1) fitTo(most);
  }

  function fitTo(some, below = 48, maxZoom = 16) {
    const places = some.map(({ lat, lng }) => [lat, lng]);
    if (places.length) map.map.fitBounds(places, { paddingTopLeft: [48, 96], paddingBottomRight: [48, below], maxZoom, animate: false });
  }

  const belowChart = () => (window.matchMedia("(min-width: 1101px)").matches ? CHART_HEIGHT_PX : 48);

  // --- selection --------------------------------------------------------------------------------------------------------

  function paint() {
    map.paint([...selection.ids]);
    paintSuggestions();
  }

  function tell() {
    const detail = [...selection.ids].map((id) => points.all.get(id)).filter(Boolean);
    for (const count of document.querySelectorAll("[data-selected-count]")) count.textContent = points.say.count(detail.length);
    document.dispatchEvent(new CustomEvent("grid:selection", { detail }));
  }

  document.addEventListener("selection:changed", () => {
    paint();
    tell();
  });

  // With shift, a point brings all that hang on its connection, and a cluster all that it holds; all of them chosen: none.
  function toggleAll(ids) {
    selection.change(ids, !ids.every(selection.has));
  }

  element.addEventListener("map:select", ({ detail: { id, shift } }) => {
    if (!id) return;
    if (shift) toggleAll(idsOf(points.all.get(id).connection.points.filter((point) => !isHidden(point))));
    else selection.toggle(id);
    paint(); // the map has taken the click for one of its own
  });
  element.addEventListener("map:cluster", ({ detail }) => toggleAll(detail.ids));

  let pointedAt = null;

  async function goTo(id) {
    const point = points.all.get(id);
    if (!point) return null;
    if (isHidden(point)) showGroups(point.group_ids);
    const marker = await map.show(id, NEAR_ZOOM);
    pointedAt?.closeTooltip();
    pointedAt = marker;
    marker.openTooltip();
    return marker;
  }

  // --- areas ------------------------------------------------------------------------------------------------------------

  let drawing = null;

  async function selectArea(button) {
    const wasThis = drawing?.button === button;
    drawing?.abort.abort();
    if (wasThis) return;
    drawing = { button, abort: new AbortController() };
    const mine = drawing;
    button.setAttribute("aria-pressed", "true");
    hint(button.dataset.textHint);
    const area = await TwinEV.drawArea(map.map, button.dataset.selectArea, mine.abort.signal);
    button.setAttribute("aria-pressed", "false");
    if (drawing === mine) {
      drawing = null;
      hint("");
      button.focus();
    }
    if (area) takeArea(area);
  }

  function takeArea({ holds, away }) {
    selection.change(idsOf(visible().filter(holds)), !away);
  }

  function hint(text) {
    const place = document.getElementById("area-hint");
    place.hidden = !text;
    place.querySelector("span").textContent = text;
  }

  TwinEV.shiftArea(map.map, takeArea);

  // --- tools --------------------------------------------------------------------------------------------------------------

  function toggleList() {
    const hidden = workbench.classList.toggle("is-left-hidden");
    const tool = document.querySelector(".toolbar [data-list-toggle]");
    tool.setAttribute("aria-pressed", String(!hidden));
    if (hidden) tool.focus();
  }

  const TOOLS = {
    "[data-list-toggle]": toggleList,
    "[data-select-all]": () => selection.change(points.all.keys()),
    "[data-select-none]": () => selection.change([...selection.ids], false),
    "[data-select-area]": selectArea,
    "[data-fit]": () => fitTo(visible()),
    "[data-fit-chosen]": () => fitTo([...selection.ids].map((id) => points.all.get(id)), belowChart()),
    "[data-show-load]": (button) => fitTo(button.load.points, belowChart(), NEAREST_ZOOM),
    "[data-show-groups]": () => showGroups([...hiddenGroups]),
    "[data-toggle-point]": (button) => selection.toggle(button.dataset.togglePoint),
    "[data-show]": (button) => (button.closest("#map-search") ? goFromSearch(button.dataset.show) : goTo(button.dataset.show)),
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
  const branch = (group) => [...(points.branches.get(group) || [])];

  function paintSelection() {
    const counts = new Map([...points.branches].map(([group, some]) => [group, [...some].filter(({ id }) => selection.has(id)).length]));
    TwinEV.markGroups(selectTree, (group) => {
      const [chosen, all] = [counts.get(group) || 0, branch(group).length];
      return chosen && chosen < all ? "some" : Boolean(chosen);
    });
    for (const place of selectTree.querySelectorAll("[data-chosen-in]")) {
      const group = Number(place.dataset.chosenIn);
      place.textContent = points.say.fill(points.words.chosen_of, { count: points.say.count(counts.get(group) || 0), all: points.say.count(branch(group).length) });
    }
  }

  selectTree.addEventListener("groups:change", ({ detail }) => {
    const found = branch(detail.group);
    selection.change(idsOf(found), detail.checked);
    if (detail.checked) fitTo(found, belowChart());
    paintSelection();
  });

  function groupsChanged() {
    selection.keep("hidden", hiddenGroups);
    document.getElementById("hidden-groups").hidden = !hiddenGroups.size;
    show();
  }

  showTree.addEventListener("groups:change", () => {
    hiddenGroups.clear();
    for (const box of showTree.querySelectorAll("input[data-group]")) {
      if (!box.checked && !box.indeterminate) hiddenGroups.add(Number(box.dataset.group));
    }
    groupsChanged();
  });

  const paintShown = () => TwinEV.paintGroups(showTree, (group) => !hiddenGroups.has(group));

  function showGroups(groups) {
    for (const group of groups) hiddenGroups.delete(group);
    paintShown();
    groupsChanged();
  }

  // --- search -------------------------------------------------------------------------------------------------------------

  const box = document.getElementById("map-search");
  const suggestions = document.getElementById("suggestions");
  const closeSuggestions = () => suggestions.replaceChildren();

  // Whoever searched by key selects with the next one.
  async function goFromSearch(id) {
    closeSuggestions();
    (await goTo(id))?.getElement()?.focus();
  }

  function paintSuggestions() {
    for (const button of suggestions.querySelectorAll("[data-toggle-point]")) {
      button.setAttribute("aria-pressed", String(selection.has(button.dataset.togglePoint)));
    }
  }

  box.addEventListener("htmx:afterSwap", paintSuggestions);
  box.addEventListener("keydown", (event) => {
    const buttons = [...suggestions.querySelectorAll("[data-show]")];
    const at = buttons.indexOf(document.activeElement.closest("li")?.querySelector("[data-show]"));
    if (event.key === "Escape") {
      closeSuggestions();
      box.querySelector("input").focus();
    } else if (event.key === "ArrowDown") buttons[Math.min(at + 1, buttons.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (buttons[at - 1] || box.querySelector("input")).focus();
    else if (event.key === "ArrowRight" && at >= 0) buttons[at].parentElement.querySelector("[data-toggle-point]").focus();
    else if (event.key === "ArrowLeft" && at >= 0) buttons[at].focus();
    else if (event.key === "Enter" && at < 0) buttons[0]?.click();
    else return;
    event.preventDefault();
  });

  document.getElementById("hidden-groups").hidden = !hiddenGroups.size;
  paintShown();
})();
