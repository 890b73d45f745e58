// The ground under the pins: outlines that are always there, tiles when they can be had. Used by map.js, loaded before it.
(() => {
  "use strict";
  const TwinEV = (window.TwinEV = window.TwinEV || {});
  const TILE_ERRORS_TO_GIVE_UP = 3;
  // Closer than this the outlines of countries lie outside of the view, and weigh as much as all the rest of the page.
  const COUNTRIES_UNTIL_ZOOM = 11;
  const TILE_PAUSE_MS = 5 * 60 * 1000; // then another page may try again: networks come back

  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function escape(text) {
    return make("i", "", text).innerHTML;
  }

  function addBase(view) {
    const styles = (feature) => ({ className: `map-base map-base--${feature.properties.kind || "land"}`, interactive: false });
    const draw = (pane, url) => {
      if (!url) return;
      fetch(url, { credentials: "same-origin" })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(url))))
        .then((shapes) => L.geoJSON(shapes, { pane, style: styles, interactive: false, pointToLayer: placeName }).addTo(view.map))
        .catch(() => {}); // a plain ground still carries the pins
    };
    for (const [pane, height] of [["base", 150], ["sketch", 160]]) view.map.createPane(pane).style.zIndex = height; // under the tiles
    draw("sketch", view.element.dataset.streetsUrl);
    const drawCountries = () => {
      if (view.map.getZoom() > COUNTRIES_UNTIL_ZOOM) return;
      view.map.off("zoomend", drawCountries);
      view.element.classList.remove("map--near");
      draw("base", view.element.dataset.baseUrl);
    };
    view.element.classList.add("map--near"); // land all around, until there are outlines
    view.map.on("zoomend", drawCountries);
    // A map that knows its place goes there in a moment; any other shows all of Europe until its points are known.
    if (!view.element.dataset.lat) drawCountries();
  }

  function placeName(feature, place) {
    const name = make("span", "map-name", feature.properties.name);
    const icon = L.divIcon({ className: `map-name-at map-name-at--${feature.properties.kind}`, html: name, iconSize: [0, 0] });
    return L.marker(place, { icon, pane: "sketch", interactive: false, keyboard: false });
  }

  function tilesRecentlyFailed() {
    try {
      return Date.now() - Number(sessionStorage.getItem("twinev.tiles") || 0) < TILE_PAUSE_MS;
    } catch {
      return false;
    }
  }

  function addTiles(view) {
    const { tileUrl, tileAttribution } = view.element.dataset;
    if (!tileUrl) return;
    if (tilesRecentlyFailed()) {
      tellTilesGone(view);
      return;
    }
    let errors = 0;
    const tiles = L.tileLayer(tileUrl, { maxZoom: 19, attribution: escape(tileAttribution || "") });
    tiles.on("tileload", () => (errors = 0));
    tiles.on("tileerror", () => {
      errors += 1;
      if (errors < TILE_ERRORS_TO_GIVE_UP || !view.map.hasLayer(tiles)) return;
      view.map.removeLayer(tiles);
      try {
        sessionStorage.setItem("twinev.tiles", String(Date.now()));
      } catch {
        // forbidden storage: then each page finds out by itself
      }
      tellTilesGone(view);
    });
    tiles.addTo(view.map);
  }

  function tellTilesGone(view) {
    view.element.classList.add("map--plain");
    const text = view.element.dataset.textTilesGone;
    if (!text || view.element.querySelector(".map__notice")) return;
    const notice = make("p", "map__notice", text);
    notice.setAttribute("role", "status");
    view.element.append(notice);
    setTimeout(() => notice.classList.add("is-quiet"), 6000);
  }

  // Small streets would be a tangle from far away.
  function setScale(view) {
    const zoom = view.map.getZoom();
    view.element.dataset.scale = zoom < 9 ? "country" : zoom < 12 ? "region" : zoom < 14 ? "far" : zoom < 16 ? "town" : "near";
  }

  // Draws the ground of a view {element, map}; map.js calls it once for each map.
  TwinEV.mapGround = (view) => {
    addBase(view);
    addTiles(view);
    view.map.on("zoomend", () => setScale(view));
    setScale(view);
  };
})();
