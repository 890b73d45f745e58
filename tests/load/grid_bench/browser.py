"""Chromium before the grid operators' map, and before a plain one of the same points."""

from typing import Any

from playwright.sync_api import Browser, Page

from tests import servers

SIZE = {"width": 1440, "height": 900}
# The part of the page that the map has.
_MAP = "width:760px;height:844px"
_SETTLED_MS = 1_500
_WATCHED_MS = 1_200
_LEAFLET = servers.ROOT / "twinev" / "static" / "vendor" / "leaflet"

# Milliseconds until what was begun is painted, and the longest time between two frames while it is watched.
_TOOLS = """
window.painted = async (work) => {
    const begun = performance.now();
    await work();
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - begun;
};
window.worstFrame = async (work, forMs) => {
    let last = performance.now(), worst = 0;
    const end = last + forMs;
    work();
    while (last < end) {
        const now = await new Promise(requestAnimationFrame);
        worst = Math.max(worst, now - last);
        last = now;
    }
    return worst;
};
"""
_OURS = """() => {
    const map = TwinEV.map(document.getElementById("grid-map"));
    const features = [...map.markers.values()].map((marker) => marker.feature);
    window.bench = {
        map: map.map,
        draw: () => map.setPoints({type: "FeatureCollection", features}),
        empty: () => map.setPoints({type: "FeatureCollection", features: []}),
        selectAll: () => document.querySelector("[data-select-all]").click(),
        selectNone: () => document.querySelector("[data-select-none]").click(),
    };
}"""
_PLAIN = """(points) => {
    const map = L.map("map", {zoomControl: false}).setView(points.view, points.zoom);
    const look = (chosen) => ({className: chosen ? "pin is-selected" : "pin", html: "<i></i>", iconSize: [40, 46]});
    const icon = (chosen) => L.divIcon(look(chosen));
    const marker = (place) => L.marker(place, {icon: icon(false)}).bindTooltip("A point");
    let markers = [];
    const paint = (chosen) => markers.forEach((marker) => marker.setIcon(icon(chosen)));
    window.bench = {
        map,
        draw: () => {
            markers = points.places.map(marker);
            L.layerGroup(markers).addTo(map);
        },
        selectAll: () => paint(true),
        selectNone: () => paint(false),
    };
}"""


def ours(browser: Browser, address: str, cookie: str) -> dict[str, Any]:
    """The figures of our page, and where its map stood, for the plain one."""
    context = browser.new_context(viewport=SIZE, base_url=address)
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    context.route("https://**", lambda route: route.abort())
    page = context.new_page()
    page.add_init_script(_TOOLS)
    page.goto("/grid/", wait_until="commit")
    page.wait_for_selector("#grid-map .leaflet-marker-icon.cluster")
    found = {"first": page.evaluate("performance.now()")}
    page.wait_for_timeout(_SETTLED_MS)
    page.evaluate(_OURS)
    places = page.evaluate(
        """() => ({
        view: [bench.map.getCenter().lat, bench.map.getCenter().lng], zoom: bench.map.getZoom(),
        places: [...TwinEV.gridPoints.all.values()].map(({lat, lng}) => [lat, lng])})"""
    )
    page.evaluate("painted(bench.empty)")
    found |= _worked(page)
    context.close()
    return {**found, "places": places}


def plain(browser: Browser, places: Any) -> dict[str, float]:
    """The same points, each as a marker, by Leaflet alone."""
    context = browser.new_context(viewport=SIZE)
    page = context.new_page()
    page.set_content(f"<div id='map' style='{_MAP}'></div>")
    page.add_style_tag(path=_LEAFLET / "leaflet.css")
    page.add_script_tag(path=_LEAFLET / "leaflet.js")
    page.add_script_tag(content=_TOOLS)
    page.evaluate(_PLAIN, places)
    found = _worked(page)
    context.close()
    return found


def _worked(page: Page) -> dict[str, float]:
    """What people do: they see the points, select, unselect, zoom and pan."""
    found = {"draw": page.evaluate("painted(bench.draw)")}
    found["elements"] = page.evaluate("document.querySelectorAll('.leaflet-marker-icon').length")
    for name, work in (("select", "bench.selectAll"), ("unselect", "bench.selectNone")):
        found[name] = page.evaluate(f"painted({work})")
        page.wait_for_timeout(_SETTLED_MS)
    for name, work in (("zoom", "bench.map.zoomIn(2)"), ("pan", "bench.map.panBy([500, 300])")):
        found[name] = page.evaluate(f"worstFrame(() => {{ {work}; }}, {_WATCHED_MS})")
        page.wait_for_timeout(_SETTLED_MS)
    return found
