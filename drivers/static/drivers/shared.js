// Choosing hours of a shared vehicle: the first tap begins, the second ends, the third begins anew.
(() => {
  "use strict";
  const form = document.querySelector("[data-shared]");
  if (!form) return;
  const hours = [...form.querySelectorAll("input[name=hours]")];
  const all = [...form.querySelectorAll(".slot")];
  const shown = form.querySelector("[data-span]");
  const place = (box) => all.indexOf(box.closest(".slot"));
  const ticked = hours.filter((box) => box.checked);
  let first = ticked.length === 1 ? place(ticked[0]) : null; // tapped before this script was there

  function say() {
    const chosen = hours.filter((box) => box.checked);
    shown.textContent = chosen.length ? ` ${chosen[0].dataset.begin} – ${chosen.at(-1).dataset.end}` : "";
  }

  function choose(from, to) {
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    const between = all.slice(low, high + 1);
    const isFree = between.every((slot) => slot.matches(".slot--free"));
    hours.forEach((box) => (box.checked = isFree ? place(box) >= low && place(box) <= high : place(box) === to));
    return isFree;
  }

  form.addEventListener("change", (event) => {
    if (!hours.includes(event.target)) return;
    const tapped = place(event.target);
    const ends = first !== null && first !== tapped && choose(first, tapped);
    if (!ends) hours.forEach((box) => (box.checked = box === event.target && (event.target.checked || first !== tapped)));
    first = ends || !event.target.checked ? null : tapped;
    say();
  });
  say();
})();
