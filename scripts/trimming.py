"""A stylesheet without the rules that cannot match: those that need a class which no page has."""

import re
from collections.abc import Collection, Iterable
from typing import Any

import tinycss2  # type: ignore[import-untyped]

_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_NESTING = {"media", "supports", "layer", "container"}


def trimmed(css: str, keep: Collection[str]) -> str:
    """The rules whose classes are all in ``keep``, and the animations that these name; the licence stays on top."""
    rules = tinycss2.parse_stylesheet(css, skip_whitespace=True)
    licence = "".join(rule.serialize() for rule in rules if rule.type == "comment")
    kept = _kept([rule for rule in rules if rule.type != "comment"], set(keep))
    text = "".join(part for name, part in kept if name is None)
    return licence + "\n" + text + "".join(part for name, part in kept if name is not None and name in text) + "\n"


def _kept(rules: Iterable[Any], keep: set[str]) -> list[tuple[str | None, str]]:
    """Each rule that stays, with its name where it is an animation."""
    found: list[tuple[str | None, str]] = []
    for rule in rules:
        if rule.type == "qualified-rule":
            if selectors := _matching(tinycss2.serialize(rule.prelude), keep):
                found.append((None, f"{','.join(selectors)}{{{tinycss2.serialize(rule.content).strip()}}}"))
        elif rule.type == "at-rule" and rule.lower_at_keyword in _NESTING and rule.content is not None:
            inner = _kept(tinycss2.parse_rule_list(rule.content, skip_whitespace=True, skip_comments=True), keep)
            if inner:
                head = f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}"
                found.append((None, f"{head}{{{''.join(text for _, text in inner)}}}"))
        elif rule.type == "at-rule":
            is_animation = rule.lower_at_keyword.endswith("keyframes")
            found.append((tinycss2.serialize(rule.prelude).strip() if is_animation else None, rule.serialize()))
    return found


def _matching(prelude: str, keep: set[str]) -> list[str]:
    """The selectors of a rule that can match. A class that is only excluded, ``:not(.btn)``, is no condition."""
    return [one for one in _split(prelude) if set(_CLASS.findall(re.sub(r":not\([^)]*\)", "", one))) <= keep]


def _split(prelude: str) -> list[str]:
    """At the commas that stand in no brackets."""
    parts, depth, begin = [], 0, 0
    for at, sign in enumerate(prelude):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append(prelude[begin:at].strip())
            begin = at + 1
    return [*parts, prelude[begin:].strip()]
