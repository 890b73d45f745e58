// The map's sheet: search, ranked results, one station. Markers follow the list, the list follows the mode.
(() => {
  "use strict";
  const TwinEV = window.TwinEV;
  const element = document.getElementById("station-map");
  const sheet = document.getElementById("sheet");
  const body = document.getElementById("sheet-body");
  if (!element || !sheet) return;
  const WIDE = window.matchMedia("(min-width: 900px)");
  const SPREAD_DEGREES = 0.00012; // about 12 m: stations at one spot stand beside each other
  const SHEET_WIDTH_PX = 416; // with its margin; it covers the map's left on wide screens
  const publicUrl = element.dataset.publicSrc;
  let before = "search"; // where the back button of a public station leads

  const CROWD = "cell:"; // a number in place of many stations
  const LOOKED_FOR_MS = 250;
  if (WIDE.matches) element.dataset.padBottom = "0";
  const map = TwinEV.map(element);
  if (WIDE.matches) map.map.panBy([-200, 0], { animate: false });
  else map.map.panBy([0, 150], { animate: false });

  // The public stations of what is seen; asked again when that has moved.
  function loadPublic() {
    if (results()) return;
    const bounds = map.map.getBounds();
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((degrees) => degrees.toFixed(3));
    const address = `${publicUrl}?box=${box}`;
    if (element.dataset.src !== address) map.reload(address);
  }

  let looking = 0;
  element.addEventListener("map:moved", () => {
    clearTimeout(looking);
    looking = setTimeout(loadPublic, LOOKED_FOR_MS);
  });

  const panel = (name) => body.querySelector(`[data-panel="${name}"]`);
  const results = () => panel("results").querySelector("[data-results]");

  function show(name) {
    for (const each of body.querySelectorAll("[data-panel]")) each.hidden = each.dataset.panel !== name;
    body.scrollTop = 0;
    if (sheet.dataset.state === "closed") TwinEV.sheet(sheet, "half");
  }

  // --- ranked results --------------------------------------------------------------------------------------------------------

  const rows = () => [...panel("results").querySelectorAll("[data-station]")];
  const busy = () => [...panel("results").querySelectorAll("[data-busy]")];
  const inMode = (row, what, mode) => Number(row.getAttribute(`data-${what}-${mode}`));

  function features(mode) {
    const taken = new Map();
    return rows().map((row) => {
      const spot = `${row.dataset.lat},${row.dataset.lng}`;
      const shift = taken.get(spot) || 0;
      taken.set(spot, shift + 1);
      const rank = inMode(row, "rank", mode);
      return {
        type: "Feature",
        geometry: { type: "Point", coordinates: [Number(row.dataset.lng) + shift * SPREAD_DEGREES, Number(row.dataset.lat)] },
        properties: { id: row.dataset.station, label: `${rank}. ${row.dataset.name}`, score: inMode(row, "colour", mode), rank },
      };
    });
  }

  function paint(mode) {
    const list = panel("results").querySelector("[data-ranked-list]"); // none where nothing is free
    rows()
      .sort((a, b) => inMode(a, "rank", mode) - inMode(b, "rank", mode))
      .forEach((row) => {
        for (const badge of row.querySelectorAll("[data-rank], [data-rank-of]")) {
          badge.textContent = inMode(row, "rank", mode);
          badge.className = `rank rank--${inMode(row, "colour", mode)}`;
        }
        list.append(row);
      });
    for (const text of panel("results").querySelectorAll("[data-mode-text]")) text.hidden = text.dataset.modeText !== mode;
    for (const field of panel("results").querySelectorAll("[data-chosen-mode]")) field.value = mode;
    map.setPoints({ type: "FeatureCollection", features: [...features(mode), ...busyFeatures()] });
  }

  // Stations in use: grey, without a rank.
  function busyFeatures() {
    return busy().map((row) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [Number(row.dataset.lng), Number(row.dataset.lat)] },
      properties: { id: row.dataset.busy, label: row.textContent.replace(/\s+/g, " ").trim(), state: "offline", icon: "clock", score: null },
    }));
  }

  function remember(mode) {
    const box = results();
    box.dataset.mode = mode;
    const address = new URL(location.href);
    address.searchParams.set("mode", mode);
    history.replaceState(history.state, "", address);
    const field = document.querySelector('#search-form input[name="mode"]');
    if (field) field.value = mode;
  }

  function showResults() {
    const box = results();
    if (!box) return;
    element.removeAttribute("data-live"); // the ranking stands until the next search
    element.dataset.src = "";
    map.setMe(Number(box.dataset.hereLat), Number(box.dataset.hereLng));
    paint(box.dataset.mode);
    show("results");
    frame();
  }

  function frame() {
    if (!map.markers.size) return;
    const places = [...map.markers.values()].map((marker) => marker.getLatLng());
    const covered = { left: WIDE.matches ? SHEET_WIDTH_PX : 0, bottom: Number(element.dataset.padBottom) };
    map.map.fitBounds(window.L.latLngBounds(places), {
      paddingTopLeft: [48 + covered.left, 72],
      paddingBottomRight: [72, 48 + covered.bottom],
      maxZoom: 16,
      animate: false,
    });
  }

  function openStation(id) {
    const box = results();
    const row = rows().find((each) => each.dataset.station === id);
    if (!row) return;
    for (const each of rows()) {
      each.classList.toggle("is-open", each === row);
      each.querySelector(".station-detail").hidden = each !== row;
    }
    box.classList.add("is-one");
    show("results");
    TwinEV.sheet(sheet, "open");
    map.select([id]);
    row.querySelector(".station-head .icon-button").focus({ preventScroll: true });
  }

  // What everybody may know of a station, with what waiting for it takes.
  function openPublic(url, from) {
    before = from;
    window.htmx.ajax("GET", url, { source: element, target: "#panel-station" }).then(() => show("station"));
  }

  function closeStation() {
    const box = results();
    const open = box?.querySelector(".is-open");
    box?.classList.remove("is-one");
    for (const each of rows()) each.querySelector(".station-detail").hidden = true;
    map.clear();
    open?.querySelector(".list-card").focus({ preventScroll: true });
    open?.classList.remove("is-open");
  }

  function backToSearch() {
    closeStation();
    panel("results").replaceChildren();
    history.replaceState(history.state, "", location.pathname);
    element.dataset.live = "map";
    element.dataset.src = "";
    loadPublic();
    show("search");
  }

  // --- events ------------------------------------------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-station]");
    if (opener) openStation(opener.dataset.openStation);
    const waits = event.target.closest("[data-open-busy]");
    if (waits) openPublic(waits.closest("[data-busy]").dataset.url, "results");
    const mover = event.target.closest("[data-show-panel]");
    if (!mover) return;
    const wanted = mover.dataset.showPanel;
    if (wanted === "results") closeStation();
    else if (wanted === "back") {
      map.clear();
      show(before);
    } else backToSearch();
  });

  document.addEventListener("change", (event) => {
    if (event.target.name !== "result-mode") return;
    remember(event.target.value);
    paint(event.target.value);
  });

  element.addEventListener("map:select", (event) => {
    const { id, feature } = event.detail;
    if (!id) return;
    if (id.startsWith(CROWD)) {
      const [lng, lat] = feature.geometry.coordinates;
      map.clear();
      map.goTo(lat, lng, map.map.getZoom() + 2);
      return;
    }
    const waits = busy().find((row) => row.dataset.busy === id);
    if (waits) openPublic(waits.dataset.url, "results");
    else if (results()) openStation(id);
    else openPublic(feature.properties.url, "search");
  });

  // An answer for the public map that was under way when the ranking came must not replace it.
  element.addEventListener("map:points", (event) => {
    const isPublic = event.detail.features.some((feature) => feature.properties.score === undefined);
    if (isPublic && results()) paint(results().dataset.mode);
  });

  element.addEventListener("map:located", (event) => {
    const form = document.getElementById("search-form");
    if (!form) return;
    // A hundred metres are near enough to rank by, and nobody's front door.
    form.elements.latitude.value = event.detail.lat.toFixed(3);
    form.elements.longitude.value = event.detail.lng.toFixed(3);
    if (results()) form.requestSubmit();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "panel-results" && results()) showResults();
  });

  const first = document.getElementById("first-stations");
  if (results()) showResults();
  else {
    if (first) map.setPoints(JSON.parse(first.textContent)); // until those of exactly this view are here
    loadPublic();
  }
  // A notice or a list names the station that it is about.
  if (element.dataset.openStation) openPublic(element.dataset.openStation, results() ? "results" : "search");
})();
