// A tree of checks: a node brings its branch. The tree tells `groups:change` {group, checked}.
(() => {
  "use strict";
  const TwinEV = (window.TwinEV = window.TwinEV || {});

  const own = (item) => item.querySelector(":scope > .form-check > input");
  const below = (item) => [...item.querySelectorAll(":scope > .group-tree > li")];

  // A node is half checked when its branch is not of one mind.
  function settle(item) {
    const children = below(item);
    children.forEach(settle);
    if (!children.length) return;
    const boxes = children.map(own);
    own(item).checked = boxes.every((box) => box.checked);
    own(item).indeterminate = !own(item).checked && boxes.some((box) => box.checked || box.indeterminate);
  }

  const roots = (tree) => [...tree.querySelectorAll(":scope > .group-tree > li")];

  // `isChecked(group)` decides for the leaves; what stands above follows.
  TwinEV.paintGroups = (tree, isChecked) => {
    TwinEV.markGroups(tree, isChecked);
    roots(tree).forEach(settle);
  };

  // `stateOf(group)` decides for each: true, false or "some".
  TwinEV.markGroups = (tree, stateOf) => {
    for (const item of tree.querySelectorAll("li")) {
      const state = stateOf(Number(own(item).dataset.group));
      own(item).indeterminate = state === "some";
      own(item).checked = state === true;
    }
  };

  document.addEventListener("change", (event) => {
    const tree = event.target.closest?.("[data-group-tree]");
    if (!tree || !event.target.matches("input[data-group]")) return;
    const item = event.target.closest("li");
    for (const box of item.querySelectorAll("input[data-group]")) {
      box.checked = event.target.checked;
      box.indeterminate = false;
    }
    roots(tree).forEach(settle);
    const detail = { group: Number(event.target.dataset.group), checked: event.target.checked };
    tree.dispatchEvent(new CustomEvent("groups:change", { detail, bubbles: true }));
  });
})();
