// On a phone the rail is a row that scrolls: the page one is on stands in view.
document.querySelector(".rail [aria-current='page']")?.scrollIntoView({ inline: "center", block: "nearest" });
