// Maps: outlines that are always there, tiles when they can be had, numbered pins, clusters, selection.
//
//   <div class="map" data-map {% map_data %} data-src="/points.geojson" data-select="single" data-target="#sheet-body"
//        aria-label="…"></div>
//
// A point's properties: id, label, state | score (0 worst … 4 best), rank (shown number), icon, load (share of capacity), group, url.
// Attributes: data-lat/-lng/-zoom (else it fits the points), data-select none|single|multiple, data-cluster="off",
// data-pad-bottom (pixels that a sheet covers), data-target (a click loads the point's url there), data-live.
// Events on the element: map:select {id, selected, feature}, map:points {features}, map:located {lat, lng}, map:moved {bounds}.
(() => {
  "use strict";
  const TwinEV = (window.TwinEV = window.TwinEV || {});
  const CLUSTER_UNTIL_ZOOM = 15;
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

  function loadRing(share) {
    const tone = share > 1 ? "load-ring load-ring--fault" : share > 0.8 ? "load-ring load-ring--warning" : "load-ring";
    const ring = svg("svg", { class: tone, viewBox: "0 0 64 64", "aria-hidden": "true" });
    const circle = { cx: 32, cy: 32, r: 28, pathLength: 100 };
    const filled = Math.min(Math.max(share, 0), 1) * 100;
    ring.append(svg("circle", circle), svg("circle", { ...circle, "stroke-dasharray": `${filled} 100`, transform: "rotate(-90 32 32)" }));
    return ring;
  }

  const STATE_ICONS = { reserved: "clock", charging: "bolt", finished: "check", fault: "warning", overdue: "warning", offline: "offline", free: "plug" };

  function pin(view, properties) {
    const { state, score, rank, load } = properties;
    const look = score === undefined || score === null ? state || "offline" : `rank-${score}`;
    const html = make("span", "pin__inner");
    if (load !== undefined && load !== null) html.append(loadRing(load));
    const body = make("span", "pin__body");
    if (rank !== undefined && rank !== null) body.textContent = String(rank);
    else body.append(iconUse(view, properties.icon || STATE_ICONS[state] || "plug"));
    html.append(body);
    const chosen = view.selected.has(String(properties.id)) ? " is-selected" : "";
    return L.divIcon({ className: `pin pin--${look}${chosen}`, html, iconSize: [40, 46], iconAnchor: [20, 46] });
  }

  function describe(view, marker) {
    const element = marker.getElement();
    if (!element) return;
    const { id, label } = marker.feature.properties;
    element.setAttribute("aria-label", label || String(id));
    if (view.mode !== "none") element.setAttribute("aria-pressed", String(view.selected.has(String(id))));
  }

  function addPoint(view, feature) {
    const [lng, lat] = feature.geometry.coordinates;
    const marker = L.marker([lat, lng], { icon: pin(view, feature.properties), riseOnHover: true });
    marker.feature = feature;
    marker.on("add", () => describe(view, marker));
    marker.on("click", () => clicked(view, marker));
    marker.on("keydown", ({ originalEvent }) => {
      if (!["Enter", " "].includes(originalEvent.key)) return;
      originalEvent.preventDefault();
      clicked(view, marker);
    });
    if (feature.properties.label) marker.bindTooltip(escape(feature.properties.label), { direction: "top", offset: [0, -46] });
    view.markers.set(String(feature.properties.id), marker);
    view.layer.addLayer(marker);
  }

  function repaint(view, marker) {
    marker.setIcon(pin(view, marker.feature.properties));
    describe(view, marker);
  }

  function setPoints(view, collection) {
    const features = collection.features.filter((feature) => feature.geometry?.type === "Point");
    const seen = new Set(features.map((feature) => String(feature.properties.id)));
    for (const [id, marker] of view.markers) if (!seen.has(id)) removePoint(view, id, marker);
    for (const feature of features) {
      const known = view.markers.get(String(feature.properties.id));
      if (!known) addPoint(view, feature);
      else updatePoint(view, known, feature);
    }
    view.layer.refreshClusters?.();
    if (!view.fitted) fit(view);
    tell(view, "map:points", { features });
  }

  function removePoint(view, id, marker) {
    view.layer.removeLayer(marker);
    view.markers.delete(id);
    view.selected.delete(id);
  }

  function updatePoint(view, marker, feature) {
    const [lng, lat] = feature.geometry.coordinates;
    const same = JSON.stringify(marker.feature.properties) === JSON.stringify(feature.properties);
    marker.feature = feature;
    if (!marker.getLatLng().equals([lat, lng])) marker.setLatLng([lat, lng]);
    if (same) return; // nothing blinks under the pointer
    marker.setTooltipContent(escape(feature.properties.label || ""));
    repaint(view, marker);
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
    return L.markerClusterGroup({
      showCoverageOnHover: false,
      maxClusterRadius: 44,
      disableClusteringAtZoom: CLUSTER_UNTIL_ZOOM + 1,
      animate: !calm,
      iconCreateFunction: (group) => {
        const any = group.getAllChildMarkers().some((marker) => view.selected.has(String(marker.feature.properties.id)));
        const html = make("span", "cluster__body", String(group.getChildCount()));
        return L.divIcon({ className: `cluster${any ? " is-selected" : ""}`, html, iconSize: [44, 44] });
      },
    });
  }

  // --- selection -----------------------------------------------------------------------------------------------------------

  function clicked(view, marker) {
    const { id, url } = marker.feature.properties;
    const key = String(id);
    if (view.mode === "single") choose(view, [key]);
    if (view.mode === "multiple") choose(view, view.selected.has(key) ? [...view.selected].filter((other) => other !== key) : [...view.selected, key]);
    tell(view, "map:select", { id: key, selected: [...view.selected], feature: marker.feature });
    if (url && view.element.dataset.target) window.htmx?.ajax("GET", url, { source: view.element, target: view.element.dataset.target });
  }

  function choose(view, ids) {
    const wanted = new Set(ids.map(String).filter((id) => view.markers.has(id)));
    for (const [id, marker] of view.markers) {
      if (wanted.has(id) === view.selected.has(id)) continue;
      if (wanted.has(id)) view.selected.add(id);
      else view.selected.delete(id);
      repaint(view, marker);
    }
    view.layer.refreshClusters?.();
  }

  function select(view, ids) {
    choose(view, ids);
    tell(view, "map:select", { id: null, selected: [...view.selected], feature: null });
  }

  // A line drawn by hand around points adds them to the selection; resolves with the ids inside.
  function drawArea(view) {
    const { map } = view;
    map.dragging.disable();
    view.element.classList.add("is-drawing");
    return new Promise((resolve) => {
      let outline = null;
      const begin = (event) => {
        outline = L.polygon([event.latlng], { className: "map__area", interactive: false }).addTo(map);
      };
      const extend = (event) => outline?.addLatLng(event.latlng);
      const finish = () => {
        if (!outline) return;
        map.off("mousedown", begin).off("mousemove", extend).off("mouseup", finish);
        map.dragging.enable();
        view.element.classList.remove("is-drawing");
        const inside = idsInside(view, outline.getLatLngs()[0]);
        map.removeLayer(outline);
        select(view, [...view.selected, ...inside]);
        resolve(inside);
      };
      map.on("mousedown", begin).on("mousemove", extend).on("mouseup", finish);
    });
  }

  function idsInside(view, outline) {
    return [...view.markers].filter(([, marker]) => contains(outline, marker.getLatLng())).map(([id]) => id);
  }

  // Ray casting: a point is inside when a line from it to the east crosses the outline an odd number of times.
  function contains(outline, point) {
    let inside = false;
    for (let i = 0, j = outline.length - 1; i < outline.length; j = i, i += 1) {
      const [a, b] = [outline[i], outline[j]];
      const crosses = a.lat > point.lat !== b.lat > point.lat;
      if (crosses && point.lng < ((b.lng - a.lng) * (point.lat - a.lat)) / (b.lat - a.lat) + a.lng) inside = !inside;
    }
    return inside;
  }

  // --- moving and locating -------------------------------------------------------------------------------------------------

  function show(view, id, zoom = 16) {
    const marker = view.markers.get(String(id));
    if (!marker) return;
    goTo(view, marker.getLatLng(), Math.max(view.map.getZoom(), zoom));
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
      drawArea: () => drawArea(view),
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
