// Maps: outlines that are always there, tiles when they can be had, numbered pins, clusters, selection.
//
//   <div class="map" data-map {% map_data %} data-src="/points.geojson" data-select="single" data-target="#sheet-body"
//        aria-label="…"></div>
//
// A point's properties: id, label, state | score (0 worst … 4 best), rank (shown number), icon, load (share of capacity), note (a few
// characters at the pin), url.
// Attributes: data-lat/-lng/-zoom (else it fits the points), data-select none|single|multiple, data-cluster="off|always" (always: however
// near, for many points in one place), data-text-cluster/-chosen/-loaded (words for clusters, "#" is the number), data-pad-bottom
// (pixels that a sheet covers), data-target (a click loads the point's url there), data-live.
// Events on the element: map:select {id, selected, feature, shift}, map:cluster {ids} (shift and a click), map:points {features},
// map:located {lat, lng}, map:moved {bounds}.
(() => {
  "use strict";
  const TwinEV = (window.TwinEV = window.TwinEV || {});
  const CLUSTER_UNTIL_ZOOM = 15;
  const MOVED_WITHIN_MS = 600;
  const NEARLY_FULL = 0.8; // of a capacity, from where on it is told
  const SHEET_AT_LEFT_PX = 900; // as in app.css
  const SHEET_WIDTH_PX = 416;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const maps = new WeakMap();

  // --- pins --------------------------------------------------------------------------------------------------------------

  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function escape(text) {
    return make("i", "", text).innerHTML;
  }

  function svg(tag, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  function iconUse(view, name) {
    const drawing = svg("svg", { class: "icon", "aria-hidden": "true" });
    drawing.append(svg("use", { href: `${view.element.dataset.iconsUrl}#${name}` }));
    return drawing;
  }

  const levelOf = (share) => (share > 1 ? "fault" : "warning");

  function loadRing(share) {
    const tone = share > NEARLY_FULL ? `load-ring load-ring--${levelOf(share)}` : "load-ring";
    const ring = svg("svg", { class: tone, viewBox: "0 0 64 64", "aria-hidden": "true" });
    const circle = { cx: 32, cy: 32, r: 28, pathLength: 100 };
    const filled = Math.min(Math.max(share, 0), 1) * 100;
    ring.append(svg("circle", circle), svg("circle", { ...circle, "stroke-dasharray": `${filled} 100`, transform: "rotate(-90 32 32)" }));
    return ring;
  }

  const STATE_ICONS = { reserved: "clock", charging: "bolt", finished: "check", fault: "warning", overdue: "warning", offline: "offline", free: "plug" };

  // What is never in view is never drawn: of ten thousand points that is nearly all.
  const LateIcon = L.DivIcon.extend({
    createIcon(old) {
      const { draw, around } = this.options;
      Object.assign(this.options, draw());
      return L.DivIcon.prototype.createIcon.call(this, old || around?.getElement()); // the same element keeps the focus
    },
  });

  function pin(view, { properties }) {
    const { state, score, rank, load, note } = properties;
    const look = score === undefined || score === null ? state || "offline" : `rank-${score}`;
    const html = make("span", "pin__inner");
    if (load !== undefined && load !== null) html.append(loadRing(load));
    const body = make("span", "pin__body");
    if (rank !== undefined && rank !== null) body.textContent = String(rank);
    else body.append(iconUse(view, properties.icon || STATE_ICONS[state] || "plug"));
    html.append(body);
    if (note) html.append(make("span", "pin__note", note));
    const chosen = view.selected.has(String(properties.id)) ? " is-selected" : "";
    return { className: `pin pin--${look}${chosen}`, html };
  }

  function describe(view, marker) {
    const element = marker.getElement();
    if (!element) return;
    const { id, label } = marker.feature.properties;
    element.setAttribute("aria-label", label || String(id));
    if (view.mode !== "none") element.setAttribute("aria-pressed", String(view.selected.has(String(id))));
  }

  function newMarker(view, feature) {
    const [lng, lat] = feature.geometry.coordinates;
    const marker = L.marker([lat, lng], { riseOnHover: true });
    marker.feature = feature;
    marker.options.icon = new LateIcon({ iconSize: [40, 46], iconAnchor: [20, 46], draw: () => pin(view, marker.feature) });
    marker.once("add", () => wire(view, marker));
    marker.on("add", () => describe(view, marker));
    view.markers.set(String(feature.properties.id), marker);
    return marker;
  }

  function wire(view, marker) {
    marker.on("click", ({ originalEvent }) => clicked(view, marker, originalEvent));
    marker.on("keydown", ({ originalEvent }) => {
      if (!["Enter", " "].includes(originalEvent.key)) return;
      originalEvent.preventDefault();
      clicked(view, marker, originalEvent);
    });
    if (marker.feature.properties.label) marker.bindTooltip(({ feature }) => escape(feature.properties.label), { direction: "top", offset: [0, -46] });
  }

  function repaint(view, marker) {
    if (!marker.getElement()) return; // drawn when it comes into view
    marker.setIcon(marker.options.icon);
    describe(view, marker);
  }

  function setPoints(view, collection) {
    const features = collection.features.filter((feature) => feature.geometry?.type === "Point");
    const seen = new Set(features.map((feature) => String(feature.properties.id)));
    removePoints(view, [...view.markers.keys()].filter((id) => !seen.has(id)));
    const added = [];
    for (const feature of features) {
      const known = view.markers.get(String(feature.properties.id));
      if (known) updatePoint(view, known, feature);
      else added.push(newMarker(view, feature));
    }
    addLayers(view, added);
    view.layer.refreshClusters?.();
    if (!view.fitted) fit(view);
    tell(view, "map:points", { features });
  }

  function addLayers(view, markers) {
    if (view.layer.addLayers) view.layer.addLayers(markers);
    else for (const marker of markers) view.layer.addLayer(marker);
  }

  // Clusters are built anew faster than half of their points are taken out one by one.
  function removePoints(view, ids) {
    const gone = ids.map((id) => view.markers.get(id));
    for (const id of ids) {
      view.markers.delete(id);
      view.selected.delete(id);
    }
    if (gone.length > view.markers.size) {
      view.layer.clearLayers();
      addLayers(view, [...view.markers.values()]);
    } else for (const marker of gone) view.layer.removeLayer(marker);
  }

  function updatePoint(view, marker, feature) {
    const [lng, lat] = feature.geometry.coordinates;
    const same = marker.feature === feature || JSON.stringify(marker.feature.properties) === JSON.stringify(feature.properties);
    marker.feature = feature;
    if (!marker.getLatLng().equals([lat, lng])) marker.setLatLng([lat, lng]);
    if (!same) redraw(view, marker); // nothing blinks under the pointer
  }

  function redraw(view, marker) {
    const tooltip = marker.getTooltip();
    if (tooltip?.isOpen()) tooltip.update();
    repaint(view, marker);
  }

  // Points whose properties changed in place.
  function refresh(view, ids) {
    const markers = ids.map((id) => view.markers.get(String(id))).filter(Boolean);
    for (const marker of markers) redraw(view, marker);
    if (markers.length) view.layer.refreshClusters?.(markers);
  }

  // What a sheet hides: the foot of a phone's map, the left of a wide one's.
  function covered(view) {
    const bottom = Number(view.element.dataset.padBottom || 0);
    return bottom && window.innerWidth >= SHEET_AT_LEFT_PX ? { left: SHEET_WIDTH_PX, bottom: 0 } : { left: 0, bottom };
  }

  function fit(view) {
    const { lat, lng, zoom } = view.element.dataset;
    const places = [...view.markers.values()].map((marker) => marker.getLatLng());
    if (lat && lng) view.map.setView([Number(lat), Number(lng)], Number(zoom || 14), { animate: false });
    else if (places.length) {
      const { left, bottom } = covered(view);
      const margins = { paddingTopLeft: [48 + left, 72], paddingBottomRight: [48, 48 + bottom] };
      view.map.fitBounds(L.latLngBounds(places), { ...margins, maxZoom: 16, animate: false });
    } else return;
    view.fitted = true;
  }

  function cluster(view) {
    const always = view.element.dataset.cluster === "always";
    const layer = L.markerClusterGroup({
      showCoverageOnHover: false,
      maxClusterRadius: 44,
      disableClusteringAtZoom: always ? null : CLUSTER_UNTIL_ZOOM + 1,
      spiderfyOnMaxZoom: !always,
      zoomToBoundsOnClick: !always,
      animate: !calm,
      iconCreateFunction: (group) => new LateIcon({ iconSize: [44, 44], around: group, draw: () => crowd(view, group) }),
    });
    if (always) layer.on("clusterclick clusterkeypress", (event) => openCluster(view, event));
    return layer;
  }

  function crowd(view, group) {
    const points = group.getAllChildMarkers().map(({ feature }) => feature.properties);
    const chosen = points.filter(({ id }) => view.selected.has(String(id))).length;
    const worst = points.reduce((most, { load }) => Math.max(most, load || 0), 0);
    const html = make("span", "cluster__body", String(points.length));
    html.append(make("span", "visually-hidden", ` ${clusterWords(view, points, chosen, worst)}`));
    if (worst > NEARLY_FULL) html.append(make("span", "cluster__flag", "!"));
    if (chosen && chosen < points.length) html.append(make("span", "cluster__chosen", String(chosen)));
    const some = chosen ? (chosen === points.length ? " is-selected is-all-selected" : " is-selected") : "";
    return { className: `cluster${worst > NEARLY_FULL ? ` cluster--${levelOf(worst)}` : ""}${some}`, html };
  }

  function clusterWords(view, points, chosen, worst) {
    const { textCluster, textChosen, textLoaded } = view.element.dataset;
    const share = new Intl.NumberFormat(TwinEV.language, { style: "percent" }).format(worst);
    const told = [textCluster, chosen && textChosen?.replace("#", chosen), worst > NEARLY_FULL && textLoaded?.replace("#", share)];
    return told.filter(Boolean).join(", ");
  }

  function openCluster(view, { layer: group, originalEvent }) {
    if (originalEvent.type === "keypress" && !["Enter", " "].includes(originalEvent.key)) return;
    const markers = group.getAllChildMarkers();
    if (originalEvent.shiftKey) tell(view, "map:cluster", { ids: markers.map(({ feature }) => String(feature.properties.id)) });
    else if (view.map.getZoom() >= view.map.getMaxZoom() || markers.every((one) => one.getLatLng().equals(markers[0].getLatLng()))) group.spiderfy();
    else group.zoomToBounds({ padding: [48, 48] });
  }

  // --- selection -----------------------------------------------------------------------------------------------------------

  function clicked(view, marker, event) {
    const { id, url } = marker.feature.properties;
    const key = String(id);
    if (view.mode === "single") choose(view, [key]);
    if (view.mode === "multiple") choose(view, view.selected.has(key) ? [...view.selected].filter((other) => other !== key) : [...view.selected, key]);
    tell(view, "map:select", { id: key, selected: [...view.selected], feature: marker.feature, shift: Boolean(event?.shiftKey) });
    if (url && view.element.dataset.target) window.htmx?.ajax("GET", url, { source: view.element, target: view.element.dataset.target });
  }

  function choose(view, ids) {
    const wanted = new Set(ids.map(String).filter((id) => view.markers.has(id)));
    const changed = [...view.markers.keys()].filter((id) => wanted.has(id) !== view.selected.has(id));
    view.selected.clear();
    for (const id of wanted) view.selected.add(id);
    const markers = changed.map((id) => view.markers.get(id));
    for (const marker of markers) repaint(view, marker);
    if (markers.length) view.layer.refreshClusters?.(markers);
  }

  function select(view, ids) {
    choose(view, ids);
    tell(view, "map:select", { id: null, selected: [...view.selected], feature: null });
  }

  // --- moving and locating -------------------------------------------------------------------------------------------------

  // Resolves with the marker once it is in view, out of whatever cluster holds it.
  function show(view, id, zoom = 16) {
    const marker = view.markers.get(String(id));
    if (!marker) return Promise.resolve(null);
    return new Promise((resolve) => {
      const reveal = () => {
        clearTimeout(late);
        view.map.off("moveend", reveal);
        const around = view.layer.getVisibleParent?.(marker);
        if (around && around !== marker) around.spiderfy();
        resolve(marker);
      };
      const late = setTimeout(reveal, MOVED_WITHIN_MS); // a map that is there already does not move
      view.map.on("moveend", reveal);
      goTo(view, marker.getLatLng(), Math.max(view.map.getZoom(), zoom));
    });
  }

  function goTo(view, place, zoom = 16) {
    // Centred in what a sheet leaves free.
    const { left, bottom } = covered(view);
    const centre = view.map.unproject(view.map.project(place, zoom).add([-left / 2, bottom / 2]), zoom);
    view.map.setView(centre, zoom, { animate: !calm });
  }

  function setMe(view, lat, lng) {
    view.me?.remove();
    const icon = L.divIcon({ className: "pin pin--me", html: make("span", "pin__body"), iconSize: [20, 20] });
    view.me = L.marker([lat, lng], { icon, interactive: false, keyboard: false }).addTo(view.map);
  }

  function locate(view) {
    return new Promise((resolve, reject) => {
      if (!navigator.geolocation) {
        reject(new Error("unavailable"));
        return;
      }
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          setMe(view, coords.latitude, coords.longitude);
          goTo(view, L.latLng(coords.latitude, coords.longitude), 15);
          tell(view, "map:located", { lat: coords.latitude, lng: coords.longitude });
          resolve({ lat: coords.latitude, lng: coords.longitude });
        },
        (fault) => {
          TwinEV.notify?.(view.element.dataset.textNoLocation, "warning");
          reject(fault);
        },
        { timeout: 10000, maximumAge: 60000 },
      );
    });
  }

  function tell(view, name, detail) {
    view.element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }

  // --- life ------------------------------------------------------------------------------------------------------------------

  async function reload(view, url = view.element.dataset.src) {
    if (!url) return;
    view.element.dataset.src = url;
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      setPoints(view, await answer.json());
    } catch {
      if (!view.markers.size) TwinEV.notify?.(view.element.dataset.textFailed, "error");
    }
  }

  function createMap(element) {
    const map = L.map(element, { zoomControl: false, zoomAnimation: !calm, markerZoomAnimation: !calm, maxZoom: 19, minZoom: 4 });
    map.attributionControl.setPrefix(false);
    map.setView([47, 14], 5, { animate: false }); // all of Europe until the points are known
    const { textZoomIn: zoomInTitle, textZoomOut: zoomOutTitle } = element.dataset;
    L.control.zoom({ position: "bottomright", zoomInTitle, zoomOutTitle }).addTo(map);
    L.control.scale({ position: "bottomleft", imperial: false }).addTo(map);
    return map;
  }

  function start(element) {
    if (maps.has(element)) return maps.get(element).api;
    const view = { element, map: createMap(element), markers: new Map(), selected: new Set(), mode: element.dataset.select || "single" };
    view.layer = (element.dataset.cluster === "off" ? L.layerGroup() : cluster(view)).addTo(view.map);
    view.api = {
      map: view.map,
      markers: view.markers,
      setPoints: (collection) => setPoints(view, collection),
      reload: (url) => reload(view, url),
      select: (ids) => select(view, ids),
      selected: () => [...view.selected],
      selectAll: () => select(view, [...view.markers.keys()]),
      clear: () => select(view, []),
      paint: (ids) => choose(view, ids),
      refresh: (ids) => refresh(view, ids),
      show: (id, zoom) => show(view, id, zoom),
      goTo: (lat, lng, zoom) => goTo(view, L.latLng(lat, lng), zoom),
      fit: () => fit(view),
      setMe: (lat, lng) => setMe(view, lat, lng),
      locate: () => locate(view),
    };
    maps.set(element, view);
    TwinEV.mapGround(view);
    fit(view);
    view.map.on("moveend", () => tell(view, "map:moved", { bounds: view.map.getBounds() }));
    element.addEventListener("changed", () => reload(view));
    new ResizeObserver(() => view.map.invalidateSize({ animate: false })).observe(element);
    reload(view);
    return view.api;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-map-locate]");
    const element = button && document.querySelector(button.dataset.mapLocate || "[data-map]");
    if (element) start(element).locate().catch(() => {});
  });

  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    const view = maps.get(event.target);
    if (!view) return;
    maps.delete(event.target);
    view.map.remove();
  });

  TwinEV.map = start;
  const startAll = () => document.querySelectorAll("[data-map]").forEach(start);
  document.addEventListener("htmx:afterSettle", startAll);
  startAll();
})();
