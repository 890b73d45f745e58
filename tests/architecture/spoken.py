"""Finds the texts that people read as they stand in the source: those that gettext does not know of."""

import ast
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

from django.template.base import Lexer, Token, TokenType

Reader = Callable[[str], Iterator[str]]

# --- templates ------------------------------------------------------------

_SHOWN = {"alt", "title", "placeholder", "label", "aria-label", "aria-description", "aria-roledescription"}
# Text that a tag makes, and that is no text of its own.
_HOLE = "\x01"
_UNREAD = {"blocktranslate", "comment"}
# Blocks of the base that hold names of classes.
_CLASSES = {"main_class", "body_class", "theme"}
# Their literals are translated, or are names of templates, addresses, files, or are compared.
_NO_TEXT = {"translate", "load", "extends", "url", "static", "if", "elif", "block", "language", "query"}
_LITERAL = re.compile(r"""(?:^|[=:\s])("[^"]*"|'[^']*')""")
# Filters whose argument is shown.
_DEFAULT = re.compile(r"""\|(?:default|default_if_none|yesno|pluralize|add|join):("[^"]*"|'[^']*')""")


def in_template(source: str) -> Iterator[str]:
    """Texts between tags and in the attributes that are shown or read aloud; literals that are given to tags."""
    html, inside = [], ""
    for token in Lexer(source).tokenize():
        name, _blank, rest = token.contents.partition(" ")
        if inside:
            inside = "" if name == f"end{inside}" else inside
        elif token.token_type is TokenType.BLOCK and (name in _UNREAD or (name == "block" and rest in _CLASSES)):
            inside = name
        elif token.token_type is TokenType.TEXT:
            html.append(token.contents)
        else:
            html.append(_HOLE)
            yield from _given(token, name)
    page = _Page()
    page.feed("".join(html))
    page.close()
    yield from page.texts


def _given(token: Token, name: str) -> Iterator[str]:
    if token.token_type is TokenType.VAR:
        literals = (found[1:-1] for found in _DEFAULT.findall(token.contents))
        yield from (text for text in literals if text[:1].isupper() or " " in text)
    elif token.token_type is TokenType.BLOCK and name not in _NO_TEXT:
        literals = (found[1:-1] for found in _LITERAL.findall(token.contents))
        yield from (text for text in literals if _is_sentence(text))


class _Page(HTMLParser):
    """Collects what a page shows."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._skipping = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipping = tag in ("script", "style")
        for name, value in attrs:
            is_button = tag == "input" and name == "value" and ("type", "submit") in attrs
            is_data = name.startswith("data-") and _is_sentence(value or "")
            if value and (name in _SHOWN or is_button or is_data):
                self.texts.append(value.replace(_HOLE, " "))

    def handle_endtag(self, tag: str) -> None:
        self._skipping = False

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.texts.append(" ".join(data.replace(_HOLE, " ").split()))


# --- scripts ------------------------------------------------------------

_QUOTED = r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
_COMMENT_OR_QUOTED = re.compile(rf"//[^\n]*|/\*.*?\*/|{_QUOTED}", re.DOTALL)
# What is put on the page, up to the end of the statement.
_SHOWN_BY = re.compile(
    r"(?:\.(?:textContent|innerText|innerHTML|title|placeholder|alt|ariaLabel)\s*\+?=(?!=)"
    r"|setAttribute\(\s*[\"'](?:title|alt|placeholder|aria-(?:label|description|valuetext))[\"']\s*,"
    r"|\b(?:notify|alert|confirm|prompt)\()([^;]*)"
)
# Of a notice: how it looks.
_LEVELS = {"info", "success", "warning", "error"}


def in_script(source: str) -> Iterator[str]:
    """Literals that are put on the page, and those that read like sentences."""
    for statement in _SHOWN_BY.findall(source):
        for found in re.findall(_QUOTED, re.sub(r"\w\([^()]*\)", "", statement)):
            if found[1:-1] not in _LEVELS:
                yield re.sub(r"\$\{[^}]*\}", " ", found[1:-1])
    for found in _COMMENT_OR_QUOTED.findall(source):
        if found and _is_sentence(found[1:-1]):
            yield found[1:-1]


# --- modules ------------------------------------------------------------

_GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext"}
_SAID_BY = {"Refused", "AlreadyReserved", "NotAvailable", "NotAllowed", "ValidationError"}
# The second argument is for people.
_SAID_TO = {"success", "info", "warning", "error", "add_error"}
_TEXTS = {"help_text", "verbose_name", "verbose_name_plural", "empty_label", "short_description", "description"}
_TABLES = {"labels", "help_texts", "error_messages"}


def in_module(source: str) -> Iterator[str]:
    """Bare literals where people are spoken to: refusals, messages, labels of fields and choices; and texts that are
    put together before gettext sees them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Assign):
            yield from _of_assignment(node)
        elif isinstance(node, ast.ClassDef) and any(_name(base).endswith("Choices") for base in node.bases):
            yield from _of_choices(node)


def _of_call(call: ast.Call) -> Iterator[str]:
    name = _name(call.func)
    if name in _GETTEXT:
        yield from (ast.unparse(one) for one in call.args[:1] if not isinstance(one, ast.Constant))
    said = call.args[:1] if name in _SAID_BY else call.args[1:2] if name in _SAID_TO and _is_message(call) else []
    for argument in said:
        yield from _bare(argument)
    for keyword in call.keywords:
        if keyword.arg in _TEXTS | {"label"}:
            yield from _bare(keyword.value)
        elif keyword.arg in _TABLES:
            yield from _values(keyword.value)


def _is_message(call: ast.Call) -> bool:
    """``messages.success(request, …)`` or ``form.add_error(field, …)``, and no line of a log."""
    return _name(call.func) == "add_error" or (
        isinstance(call.func, ast.Attribute) and _name(call.func.value) == "messages"
    )


def _of_assignment(node: ast.Assign) -> Iterator[str]:
    for target in node.targets:
        if _name(target) in _TEXTS:
            yield from _bare(node.value)
        elif _name(target) in _TABLES:
            yield from _values(node.value)


def _of_choices(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple):
            yield from _bare(line.value.elts[-1])


def _values(node: ast.expr) -> Iterator[str]:
    for value in node.values if isinstance(node, ast.Dict) else []:
        yield from _bare(value)


def _bare(node: ast.expr) -> Iterator[str]:
    """What a literal says, also in an f-string or put together by ``%`` or ``+``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield " ".join(
            part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
    elif isinstance(node, ast.BinOp):
        yield from _bare(node.left)
    elif isinstance(node, ast.IfExp):
        yield from _bare(node.body)
        yield from _bare(node.orelse)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


# --- words ------------------------------------------------------------


def words(text: str) -> list[str]:
    """Its words: what holds at least one letter."""
    return re.findall(r"[^\W\d_][^\W_]*", text)


def _is_sentence(text: str) -> bool:
    """A capital first letter and a second word: no class, no selector, no name of an event."""
    return bool(re.match(r"[A-ZÄÖÜ][^\W\d_]*[ ,.!?…]+[^\W\d_]{2,}", text.strip()))
