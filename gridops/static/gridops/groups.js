// A tree of checks: a node brings its branch. The tree tells `groups:change` {group, branch, checked}.
(() => {
  "use strict";
  const TwinEV = (window.TwinEV = window.TwinEV || {});

  const own = (item) => item.querySelector(":scope > .form-check > input");
  const below = (item) => [...item.querySelectorAll(":scope > .group-tree > li")];
  const branch = (item) => [...item.querySelectorAll("input[data-group]")].map((input) => Number(input.dataset.group));

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

  // `isChecked(ids of the branch)` decides for the leaves; what stands above follows.
  TwinEV.paintGroups = (tree, isChecked) => {
    for (const item of tree.querySelectorAll("li")) {
      own(item).indeterminate = false;
      own(item).checked = isChecked(branch(item));
    }
    roots(tree).forEach(settle);
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
    const detail = { branch: branch(item), checked: event.target.checked };
    tree.dispatchEvent(new CustomEvent("groups:change", { detail, bubbles: true }));
  });
})();
