// The charge points of the console: what they are (asked once), what they do now (asked again and again, only what changed).
// Tells on the document `grid:points` (others than before) and `grid:news` {changed}.
(() => {
  "use strict";
  const TwinEV = window.TwinEV;
  const element = document.getElementById("grid-map");
  const words = JSON.parse(document.getElementById("grid-words").textContent);
  const STATES = { o: "offline", x: "fault", c: "charging", r: "reserved", f: "free" };
  const DEGREES = 1e-5;
  const POWER_STEP_W = 100;
  const POLL_MS = 10000; // power changes with every meter value, which no topic tells
  const REST_MS = 2000; // the least time between two questions; longer where the answer takes long
  const REST_FACTOR = 10;
  const LAYOUT_MS = 5 * 60 * 1000; // then names, places and capacities are asked for again

  const decimals = new Intl.NumberFormat(TwinEV.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat(TwinEV.language, { maximumFractionDigits: 0 });
  const share = new Intl.NumberFormat(TwinEV.language, { style: "percent" });
  const NEARLY_FULL = 0.8;
  const MEGAWATT_W = 1e6; // tenths of a kilowatt say nothing from there on

  const say = {
    count: (value) => whole.format(value),
    kw: (watts) => `${(Math.abs(watts) < MEGAWATT_W ? decimals : whole).format(watts / 1000)}\u00a0kW`,
    percent: (value) => share.format(value),
    fill: (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]),
  };

  // A grid connection or a feeder: what its points draw, against what it bears.
  class Load {
    constructor(name, capacity_w) {
      Object.assign(this, { name, capacity_w, power_w: 0, points: [] });
    }
    get share() {
      return this.capacity_w ? Math.max(this.power_w, 0) / this.capacity_w : 0;
    }
    get level() {
      return this.share > 1 ? "fault" : this.share > NEARLY_FULL ? "warning" : "";
    }
    get word() {
      return words[this.level || "fine"];
    }
  }

  class Point {
    state = "free";
    power_w = 0;
    constructor(values) {
      Object.assign(this, values);
    }
    get load() {
      return this.connection.share;
    }
    get word() {
      return words[this.state === "fault" ? "out_of_order" : this.state];
    }
    get note() {
      const busy = [this.power_w && say.kw(this.power_w), this.load > NEARLY_FULL && say.percent(this.load)];
      return busy.filter(Boolean).join(" · ");
    }
    get label() {
      const told = { identity: this.identity, place: this.place, state: this.word, power: say.kw(this.power_w), load: say.percent(this.load) };
      return say.fill(words.point, told);
    }
    // What the map draws: it compares before it draws anew.
    toJSON() {
      return [this.identity, this.state, this.power_w, Math.round(this.load * 100)];
    }
  }

  const store = { all: new Map(), connections: [], feeders: [], branches: new Map(), say, words };
  let layoutVersion = "";
  let newsVersion = "";

  function build(layout) {
    const columns = layout.points;
    for (const name of ["id", "lat", "lng"]) columns[name] = addedUp(columns[name]);
    store.connections = layout.connections.map(([name, capacity_w]) => new Load(name, capacity_w));
    store.all = new Map(columns.id.map((id, index) => [String(id), newPoint(layout, columns, index)]));
    for (const point of store.all.values()) point.connection.points.push(point);
    buildGroups(layout.groups);
    [layoutVersion, newsVersion] = [layout.version, ""];
  }

  // Each value is told as the difference to the one before.
  function addedUp(steps) {
    let value = 0;
    return steps.map((step) => (value += step));
  }

  function newPoint(layout, columns, index) {
    const [place, zone] = layout.places[columns.place[index]];
    return new Point({
      id: String(columns.id[index]),
      index,
      identity: columns.identity[index],
      place,
      zone,
      lat: columns.lat[index] * DEGREES,
      lng: columns.lng[index] * DEGREES,
      max_power_w: columns.max[index],
      max_export_w: columns.back[index],
      connection: store.connections[columns.connection[index]],
      group_ids: layout.memberships[columns.groups[index]],
    });
  }

  // The points of every group's branch, and the groups that bear a limit.
  function buildGroups(groups) {
    const parents = new Map(groups.map(([id, parent]) => [id, parent]));
    store.branches = new Map(groups.map(([id]) => [id, new Set()]));
    for (const point of store.all.values()) {
      for (let id of point.group_ids) for (; id !== null; id = parents.get(id)) store.branches.get(id).add(point);
    }
    store.feeders = groups.filter((group) => group[3]).map(([id, , name, capacity_w]) => {
      const feeder = new Load(name, capacity_w);
      feeder.points = [...store.branches.get(id)];
      feeder.connections = [...new Set(feeder.points.map((point) => point.connection))];
      return feeder;
    });
  }

  // The points that look different now: those that changed, and all on the connections that these load.
  function take(news) {
    const named = new Set();
    const moved = new Set();
    const told = (point, state, power_w) => set(point, state, power_w) && moved.add(point);
    news.id.forEach((id, index) => {
      const point = store.all.get(String(id));
      if (!point) return;
      named.add(point);
      told(point, STATES[news.state[index]], news.power[index] * POWER_STEP_W);
    });
    // Told in full: who is not named stands there free.
    if (!news.since) for (const point of store.all.values()) if (!named.has(point)) told(point, "free", 0);
    newsVersion = news.version;
    addUp();
    return [...new Set([...moved].flatMap((point) => point.connection.points))];
  }

  function set(point, state, power_w) {
    if (point.state === state && point.power_w === power_w) return false;
    Object.assign(point, { state, power_w });
    return true;
  }

  function addUp() {
    const sum = (all) => all.reduce((total, { power_w }) => total + power_w, 0);
    for (const connection of store.connections) connection.power_w = sum(connection.points);
    for (const feeder of store.feeders) feeder.power_w = sum(feeder.connections);
  }

  async function ask(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  const askNews = () => ask(`${element.dataset.news}?since=${newsVersion}`);

  async function loadAll() {
    const [layout, news] = await Promise.all([ask(element.dataset.points), ask(element.dataset.news)]);
    build(layout);
    const changed = take(news);
    document.dispatchEvent(new CustomEvent("grid:points"));
    document.dispatchEvent(new CustomEvent("grid:news", { detail: { changed } }));
  }

  async function loadNews() {
    const news = await askNews();
    if (news.layout !== layoutVersion) return loadAll();
    document.dispatchEvent(new CustomEvent("grid:news", { detail: { changed: take(news) } }));
  }

  // One question at a time; who is told of changes meanwhile asks once more afterwards.
  let running = false;
  let again = false;
  async function refresh(load = loadNews) {
    again = running;
    if (running) return;
    running = true;
    const begun = performance.now();
    try {
      await load();
    } catch {
      if (!store.all.size) TwinEV.notify(words.failed, "error");
    }
    setTimeout(() => {
      running = false;
      if (again) refresh();
    }, Math.max(REST_MS, (performance.now() - begun) * REST_FACTOR));
  }

  TwinEV.gridPoints = store;
  const start = () => refresh(store.all.size ? loadNews : loadAll);
  element.addEventListener("changed", start);
  setInterval(() => document.hidden || start(), POLL_MS);
  setInterval(() => document.hidden || refresh(loadAll), LAYOUT_MS);
  // After the other scripts of the page, which listen.
  document.addEventListener("DOMContentLoaded", start);
})();
