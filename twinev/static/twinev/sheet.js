// The sheet from the bottom: closed, half and open; dragged by hand, moved by arrow keys on its handle.
//   <section class="sheet" data-sheet data-state="half" aria-label="…"><button class="sheet__handle" …></button>
//     <div class="sheet__head">…</div><div class="sheet__body">…</div><div class="sheet__foot">…</div></section>
(() => {
  "use strict";
  const TwinEV = (window.TwinEV = window.TwinEV || {});
  const STATES = ["closed", "half", "open"];
  const TAP_PX = 6; // a finger is never quite still
  const FLICK_PX_PER_MS = 0.5;
  const PEEK_PX = 96;

  function set(sheet, state) {
    if (!STATES.includes(state) || sheet.dataset.state === state) return;
    sheet.dataset.state = state;
    describe(sheet);
    sheet.dispatchEvent(new CustomEvent("sheet:state", { detail: { state }, bubbles: true }));
  }

  function describe(sheet) {
    const handle = sheet.querySelector(".sheet__handle");
    if (!handle) return;
    handle.setAttribute("aria-expanded", String(sheet.dataset.state !== "closed"));
  }

  function step(sheet, by) {
    const next = STATES.indexOf(sheet.dataset.state) + by;
    set(sheet, STATES[Math.min(Math.max(next, 0), STATES.length - 1)]);
  }

  function offsets(sheet) {
    const height = sheet.offsetHeight;
    return { open: 0, half: height / 2, closed: height - PEEK_PX };
  }

  function nearest(sheet, offset) {
    const places = offsets(sheet);
    return STATES.reduce((best, state) => (Math.abs(places[state] - offset) < Math.abs(places[best] - offset) ? state : best));
  }

  // A flick goes on to the next place in its direction.
  function onward(sheet, offset, speed) {
    const places = offsets(sheet);
    if (speed > 0) return STATES.findLast((state) => places[state] >= offset) || "closed";
    return STATES.find((state) => places[state] <= offset) || "open";
  }

  function drag(sheet, down) {
    const from = offsets(sheet)[sheet.dataset.state];
    const began = performance.now();
    let offset = from;

    function move(event) {
      offset = Math.min(Math.max(from + event.clientY - down.clientY, 0), offsets(sheet).closed);
      sheet.classList.add("is-dragged");
      sheet.style.transform = `translateY(${offset}px)`;
    }

    function release(event) {
      down.target.removeEventListener("pointermove", move);
      sheet.classList.remove("is-dragged");
      sheet.style.transform = "";
      const moved = event.clientY - down.clientY;
      if (Math.abs(moved) < TAP_PX) return;
      sheet.dataset.dragged = "true"; // the click that follows a drag is none
      setTimeout(() => delete sheet.dataset.dragged, 50);
      const speed = moved / Math.max(performance.now() - began, 1);
      set(sheet, Math.abs(speed) > FLICK_PX_PER_MS ? onward(sheet, offset, speed) : nearest(sheet, offset));
    }

    down.target.setPointerCapture(down.pointerId);
    down.target.addEventListener("pointermove", move);
    down.target.addEventListener("pointerup", release, { once: true });
    down.target.addEventListener("pointercancel", release, { once: true });
  }

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".sheet__handle, .sheet__head");
    const sheet = grip?.closest("[data-sheet]");
    if (!sheet || event.button > 0 || event.target.closest("a, input, select, textarea, label, button:not(.sheet__handle)")) return;
    drag(sheet, event);
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-sheet-state]");
    if (opener) {
      const sheet = document.querySelector(opener.dataset.sheetTarget || "[data-sheet]");
      if (sheet) set(sheet, opener.dataset.sheetState);
      return;
    }
    const sheet = event.target.closest(".sheet__handle")?.closest("[data-sheet]");
    if (!sheet || sheet.dataset.dragged) return;
    set(sheet, { closed: "half", half: "open", open: "half" }[sheet.dataset.state]);
  });

  document.addEventListener("keydown", (event) => {
    const sheet = event.target.closest?.("[data-sheet]");
    if (!sheet) return;
    const onHandle = event.target.closest(".sheet__handle");
    if (event.key === "Escape") {
      set(sheet, "closed");
      sheet.querySelector(".sheet__handle")?.focus();
    } else if (onHandle && event.key === "ArrowUp") step(sheet, 1);
    else if (onHandle && event.key === "ArrowDown") step(sheet, -1);
    else return;
    event.preventDefault();
  });

  // What gets focus inside must be seen.
  document.addEventListener("focusin", (event) => {
    const sheet = event.target.closest?.("[data-sheet]");
    if (sheet?.dataset.state === "closed" && event.target.closest(".sheet__body")) set(sheet, "half");
  });

  document.querySelectorAll("[data-sheet]").forEach(describe);
  TwinEV.sheet = (element, state) => set(element, state);
})();
