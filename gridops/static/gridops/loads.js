// How hard feeders and connections work, the hardest first: a bar, a number and a word; a click moves the map there.
(() => {
  "use strict";
  const { gridPoints: points } = window.TwinEV;
  const { say, words } = points;
  const FIRST = 6;
  const PAGE = 50;
  const hardest = (a, b) => b.share - a.share || a.name.localeCompare(b.name);

  function list(box, read) {
    const rows = box.querySelector("ul");
    const more = box.querySelector("[data-more]");
    const template = document.getElementById("load-row");
    let most = FIRST;

    function show() {
      const loads = [...read()].sort(hardest);
      box.hidden = !loads.length && box.hasAttribute("data-optional");
      const empty = box.querySelector("[data-empty]");
      if (empty) empty.hidden = loads.length > 0;
      const shown = loads.slice(0, most);
      while (rows.children.length > shown.length) rows.lastElementChild.remove();
      while (rows.children.length < shown.length) rows.append(template.content.cloneNode(true));
      shown.forEach((load, index) => paint(rows.children[index], load));
      more.hidden = loads.length <= most;
      more.textContent = say.fill(words.more_loads, { count: say.count(loads.length - shown.length), load: say.percent(loads[most]?.share || 0) });
      tally(box.querySelector("[data-tally]"), loads);
    }

    more.addEventListener("click", () => {
      const before = rows.lastElementChild;
      most += PAGE;
      show();
      before?.nextElementSibling?.querySelector("button").focus();
    });
    return show;
  }

  function paint(row, load) {
    const button = row.querySelector("button");
    button.load = load; // what a click shows
    const texts = { ".loads__name": load.name, ".loads__word": load.word, ".loads__percent": say.percent(load.share), ".loads__figure": say.fill(words.of, { power: say.kw(load.power_w), capacity: say.kw(load.capacity_w) }) };
    for (const [where, text] of Object.entries(texts)) {
      const place = row.querySelector(where);
      if (place.textContent !== text) place.textContent = text;
    }
    row.className = `loads__row${load.level ? ` loads__row--${load.level}` : ""}`;
    const bar = row.querySelector(".meter-bar");
    bar.value = Math.min(Math.round(load.share * 100), 100);
    bar.className = `meter-bar${load.level ? ` meter-bar--${load.level}` : ""}`;
  }

  // "2 overloaded · 3 nearly full" where that is not plain from the rows.
  function tally(place, loads) {
    const counts = [["fault", words.fault_count], ["warning", words.warning_count]];
    const told = counts.map(([level, text]) => [loads.filter((load) => load.level === level).length, text]).filter(([count]) => count);
    place.textContent = told.map(([count, text]) => say.fill(text, { count: say.count(count) })).join(" · ");
    place.hidden = !told.length;
  }

  const shows = [
    list(document.getElementById("feeder-loads"), () => points.feeders),
    list(document.getElementById("connection-loads"), () => points.connections),
  ];
  document.addEventListener("grid:news", () => shows.forEach((show) => show()));
  document.addEventListener("grid:points", () => {
    document.getElementById("loads").setAttribute("aria-busy", "false");
    shows.forEach((show) => show());
  });
})();
