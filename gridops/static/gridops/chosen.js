// The list of what is selected, with its sum. Long lists are cut; "more" and a filter lead to the rest.
(() => {
  "use strict";
  const { gridPoints: points, gridSelection: selection } = window.TwinEV;
  const { say, words } = points;
  const PAGE = 100;
  const FILTER_FROM = 12;
  const rows = document.getElementById("chosen");
  const template = document.getElementById("chosen-row");
  const filter = document.getElementById("chosen-filter");
  const more = document.getElementById("chosen-more");
  let most = PAGE;

  const all = () => [...selection.ids].map((id) => points.all.get(id)).filter(Boolean);
  const fits = (text) => (point) => `${point.identity} ${point.place}`.toLowerCase().includes(text);

  function show() {
    const chosen = all().sort((a, b) => a.index - b.index);
    const text = filter.value.trim().toLowerCase();
    const wanted = text ? chosen.filter(fits(text)) : chosen;
    sum(chosen);
    fill(wanted.slice(0, most));
    rows.hidden = !wanted.length;
    filter.closest("[data-filter]").hidden = chosen.length < FILTER_FROM;
    document.getElementById("chosen-empty").hidden = chosen.length > 0;
    document.getElementById("chosen-none").hidden = !chosen.length || wanted.length > 0;
    more.hidden = wanted.length <= most;
    more.querySelector("[data-cut]").textContent = say.fill(words.cut, { shown: say.count(Math.min(most, wanted.length)), all: say.count(wanted.length) });
  }

  function sum(chosen) {
    const total = (name) => chosen.reduce((watts, point) => watts + point[name], 0);
    const figures = { count: say.count(chosen.length), now: say.kw(total("power_w")), possible: say.kw(total("max_power_w")), back: say.kw(total("max_export_w")) };
    for (const [name, text] of Object.entries(figures)) {
      for (const place of document.querySelectorAll(`[data-sum="${name}"]`)) if (place.textContent !== text) place.textContent = text;
    }
    const box = document.getElementById("chosen-sum");
    box.hidden = !chosen.length;
    box.querySelector("[data-back]").hidden = !total("max_export_w");
  }

  // Rows that stay are left where they are: nothing jumps, and the focus stays.
  function fill(wanted) {
    const known = new Map([...rows.children].map((row) => [row.dataset.id, row]));
    wanted.forEach((point, index) => {
      const row = known.get(point.id) || newRow(point);
      known.delete(point.id);
      paint(row, point);
      if (rows.children[index] !== row) rows.insertBefore(row, rows.children[index] || null);
    });
    for (const row of known.values()) row.remove();
  }

  function newRow(point) {
    const row = template.content.firstElementChild.cloneNode(true);
    row.dataset.id = point.id;
    row.querySelector(".chosen__name").textContent = point.identity;
    row.querySelector("[data-show]").dataset.show = point.id;
    const drop = row.querySelector("[data-drop]");
    drop.dataset.drop = point.id;
    drop.setAttribute("aria-label", `${drop.dataset.text}: ${point.identity}`);
    return row;
  }

  function paint(row, point) {
    const told = { ".chosen__place": `${point.place} · ${point.word}`, ".chosen__now": say.kw(point.power_w), ".chosen__most": say.fill(words.most, { power: say.kw(point.max_power_w) }) };
    for (const [where, text] of Object.entries(told)) {
      const place = row.querySelector(where);
      if (place.textContent !== text) place.textContent = text;
    }
  }

  // Whoever takes rows out by key goes on with the next one.
  rows.addEventListener("click", (event) => {
    const drop = event.target.closest("[data-drop]");
    if (!drop) return;
    const row = drop.closest("li");
    const next = row.nextElementSibling || row.previousElementSibling;
    selection.change([drop.dataset.drop], false);
    (next?.querySelector("[data-drop]") || document.querySelector(".toolbar [data-list-toggle]")).focus();
  });
  filter.addEventListener("input", () => {
    most = PAGE;
    show();
  });
  more.querySelector("button").addEventListener("click", () => {
    const last = rows.lastElementChild;
    most += PAGE;
    show();
    last.nextElementSibling?.querySelector("button").focus();
  });

  let due = null;
  const soon = () => (due ??= requestAnimationFrame(() => ((due = null), show())));
  document.addEventListener("selection:changed", soon);
  document.addEventListener("grid:points", soon);
  document.addEventListener("grid:news", soon);
})();
