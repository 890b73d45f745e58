// Sets light or dark before the first paint: the person's choice, else the app's, else the system's.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem("twinev.theme");
    } catch {
      return null; // storage may be forbidden
    }
  }

  function apply() {
    const wanted = chosen() || root.dataset.theme || "auto";
    const theme = wanted === "auto" ? (system.matches ? "dark" : "light") : wanted;
    root.dataset.bsTheme = theme;
    document.dispatchEvent(new CustomEvent("twinev:theme", { detail: { theme } }));
  }

  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    try {
      localStorage.setItem("twinev.theme", root.dataset.bsTheme === "dark" ? "light" : "dark");
    } catch {
      root.dataset.theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    }
    apply();
  });
  apply();
})();
