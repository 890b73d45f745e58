// Areas on the map: a rectangle or a line by hand, by mouse, pen, finger or key. Resolves with {points inside, away} or null.
(() => {
  "use strict";
  const TwinEV = window.TwinEV;
  const LEAST_PX = 4; // less is a click whose hand trembled

  const isOurs = (event) => event.button === 0 && !event.target.closest(".leaflet-control");
  const place = (map, event) => map.mouseEventToLatLng(event);

  function outlineOf(map, shape, from, spots) {
    if (shape === "free") return spots;
    const bounds = L.latLngBounds(from, spots.at(-1));
    return [bounds.getNorthWest(), bounds.getNorthEast(), bounds.getSouthEast(), bounds.getSouthWest()];
  }

  // Follows the pointer from where it went down; the outline, or null where it hardly moved.
  function follow(map, shape, down) {
    const box = map.getContainer();
    const spots = [place(map, down)];
    const drawn = L.polygon([spots], { className: "map__area", interactive: false }).addTo(map);
    box.setPointerCapture(down.pointerId);
    return new Promise((resolve) => {
      const move = (event) => {
        if (shape === "free") spots.push(place(map, event));
        else spots[1] = place(map, event);
        drawn.setLatLngs([outlineOf(map, shape, spots[0], spots)]);
      };
      const end = (event) => {
        box.removeEventListener("pointermove", move);
        for (const name of ["pointerup", "pointercancel"]) box.removeEventListener(name, end);
        const outline = outlineOf(map, shape, spots[0], spots);
        drawn.remove();
        const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) >= LEAST_PX || spots.length > 2;
        resolve(event.type === "pointerup" && far ? { outline, away: event.altKey || event.ctrlKey || event.metaKey } : null);
      };
      box.addEventListener("pointermove", move);
      for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, end);
    });
  }

  // Ray casting: a point is inside when a line from it to the east crosses the outline an odd number of times.
  function contains(outline, { lat, lng }) {
    let inside = false;
    for (let i = 0, j = outline.length - 1; i < outline.length; j = i, i += 1) {
      const [a, b] = [outline[i], outline[j]];
      const crosses = a.lat > lat !== b.lat > lat;
      if (crosses && lng < ((b.lng - a.lng) * (lat - a.lat)) / (b.lat - a.lat) + a.lng) inside = !inside;
    }
    return inside;
  }

  const swallow = (event) => {
    event.stopPropagation();
    event.preventDefault();
  };

  async function traced(map, shape, down) {
    swallow(down);
    const box = map.getContainer();
    // The click that ends a line must not select what lies under it.
    box.addEventListener("click", swallow, { capture: true, once: true });
    const found = await follow(map, shape, down);
    setTimeout(() => box.removeEventListener("click", swallow, { capture: true }));
    return found;
  }

  const listenersOf = (box) => (begun, key) => {
    box.addEventListener("pointerdown", begun, { capture: true });
    document.addEventListener("keydown", key, { capture: true });
    return () => {
      box.removeEventListener("pointerdown", begun, { capture: true });
      document.removeEventListener("keydown", key, { capture: true });
    };
  };

  // Waits for an area: drawn, or by Enter all that the map shows; Escape gives up, as `signal` does.
  TwinEV.drawArea = (map, shape, signal) => {
    const box = map.getContainer();
    map.dragging.disable();
    box.classList.add("is-drawing");
    box.focus();
    return new Promise((resolve) => {
      let stop = () => {};
      const finish = (found) => {
        stop();
        map.dragging.enable();
        box.classList.remove("is-drawing");
        resolve(found);
      };
      const begun = async (down) => {
        if (!isOurs(down)) return;
        const found = await traced(map, shape, down);
        if (found) finish({ holds: (point) => contains(found.outline, point), away: found.away });
      };
      const key = (event) => {
        const view = map.getBounds();
        if (event.key === "Escape") finish(null);
        else if (event.key === "Enter" && box.contains(event.target)) finish({ holds: (point) => view.contains([point.lat, point.lng]), away: event.altKey || event.ctrlKey });
        else return;
        swallow(event);
      };
      stop = listenersOf(box)(begun, key);
      signal.addEventListener("abort", () => finish(null));
    });
  };

  // Shift and drag is a rectangle at any time (the map would zoom into it).
  TwinEV.shiftArea = (map, take) => {
    map.boxZoom.disable();
    map.getContainer().addEventListener(
      "pointerdown",
      async (down) => {
        if (!down.shiftKey || !isOurs(down) || map.getContainer().classList.contains("is-drawing") || down.target.closest(".leaflet-marker-icon")) return;
        map.dragging.disable();
        const found = await traced(map, "box", down);
        map.dragging.enable();
        if (found) take({ holds: (point) => contains(found.outline, point), away: found.away });
      },
      { capture: true },
    );
  };
})();
