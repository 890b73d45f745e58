// What a person has selected on the map: kept over the tabs of the console and over reloads, forgotten at logout.
// On every page of the console; `selection:changed` on the document tells of changes.
(() => {
  "use strict";
  const TwinEV = (window.TwinEV = window.TwinEV || {});
  const nav = document.querySelector("[data-grid-user]");
  if (!nav) return;
  const ALL_MINE = "twinev.grid.";
  const MINE = `${ALL_MINE}${nav.dataset.gridUser}.`;

  function forget(isMeant) {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(ALL_MINE) && isMeant(key)) sessionStorage.removeItem(key);
  }

  function keep(name, ids) {
    try {
      if (ids.size) sessionStorage.setItem(MINE + name, [...ids].join(","));
      else sessionStorage.removeItem(MINE + name);
    } catch {
      // a full or forbidden storage: then it lasts as long as the page
    }
  }

  function kept(name) {
    try {
      return new Set((sessionStorage.getItem(MINE + name) || "").split(",").filter(Boolean));
    } catch {
      return new Set();
    }
  }

  const chosen = kept("selected");

  function tell() {
    keep("selected", chosen);
    showAtTab();
    document.dispatchEvent(new CustomEvent("selection:changed"));
  }

  function showAtTab() {
    const badge = nav.querySelector("[data-selected-at-tab]");
    badge.hidden = !chosen.size;
    badge.querySelector("[data-number]").textContent = new Intl.NumberFormat(TwinEV.language || document.documentElement.lang).format(chosen.size);
  }

  function change(ids, wanted = true) {
    const before = chosen.size;
    for (const id of ids) {
      if (wanted) chosen.add(id);
      else chosen.delete(id);
    }
    if (chosen.size !== before) tell();
  }

  TwinEV.gridSelection = {
    ids: chosen,
    has: (id) => chosen.has(id),
    change,
    toggle: (id) => change([id], !chosen.has(id)),
    // What is not on the map any more, or is not for this person, is not selected either.
    keepOnly: (isThere) => change([...chosen].filter((id) => !isThere(id)), false),
    keep,
    kept,
  };

  document.addEventListener("submit", (event) => {
    if (new URL(event.target.action, location.href).pathname === nav.dataset.logout) forget(() => true);
  });
  try {
    forget((key) => !key.startsWith(MINE)); // of whoever used this browser before
  } catch {
    // forbidden storage holds nothing
  }
  showAtTab();
})();
