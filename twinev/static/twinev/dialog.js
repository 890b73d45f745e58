// Native dialogs: open by button or by an htmx swap into them, close by Escape, backdrop or button, focus goes back.
(() => {
  "use strict";
  const openers = new WeakMap();

  function open(dialog, opener) {
    if (!dialog || dialog.open) return;
    openers.set(dialog, opener || document.activeElement);
    name(dialog);
    dialog.showModal();
  }

  // The first heading inside names the dialog for screen readers.
  function name(dialog) {
    const heading = dialog.querySelector("h1, h2, h3");
    if (heading) dialog.setAttribute("aria-label", heading.textContent.trim());
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) {
      event.preventDefault();
      open(document.querySelector(opener.dataset.dialogOpen), opener);
      return;
    }
    const dialog = event.target.closest("dialog[open]");
    if (!dialog) return;
    const onBackdrop = event.target === dialog && !holds(dialog, event);
    if (event.target.closest("[data-dialog-close]") || onBackdrop) dialog.close();
  });

  function holds(dialog, event) {
    const box = dialog.getBoundingClientRect();
    return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  }

  document.addEventListener(
    "close",
    (event) => {
      const opener = openers.get(event.target);
      openers.delete(event.target);
      const back = opener?.isConnected ? opener : opener?.id && document.getElementById(opener.id);
      back?.focus?.();
    },
    true, // close does not bubble
  );

  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = event.target.closest?.("dialog[data-open-on-swap]");
    if (!dialog) return;
    if (dialog.open) name(dialog);
    else open(dialog, event.detail.requestConfig?.elt);
    dialog.scrollTop = 0;
  });

  // A server closes what is open with the header HX-Trigger: dialog-close
  document.addEventListener("dialog-close", () => {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  });

  window.TwinEV = window.TwinEV || {};
  window.TwinEV.openDialog = open;
})();
