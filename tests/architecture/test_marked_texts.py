"""Every text for people is marked for translation: what is not marked, test_translations.py cannot miss."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture import spoken

ROOT = Path(settings.BASE_DIR)
FLOORS = ("twinev", "chargepoints", "smac", "drivers", "gridops", "dashboard")
# What is the same in every language: names of things, of plugs, units.
ALLOWED = frozenset(["TwinEV", "OCPP", "EVSE", "V2G", "JSON", "CO₂", "CCS", "CHAdeMO", "Schuko", "Tesla", "km"])


def _files(pattern: str) -> list[Path]:
    found = [path for floor in FLOORS for path in (ROOT / floor).rglob(pattern)]
    left_out = {"vendor", "migrations", "commands", "locale"}
    return sorted(path for path in found if not left_out.intersection(path.relative_to(ROOT).parts))


def _unmarked(pattern: str, read: spoken.Reader) -> list[str]:
    found = []
    for path in _files(pattern):
        for text in read(path.read_text()):
            if not set(spoken.words(text)) <= ALLOWED:
                found.append(f"{path.relative_to(ROOT)}: {text!r}")
    return found


@pytest.mark.parametrize(
    ("pattern", "read"),
    [
        ("templates/**/*.html", spoken.in_template),
        ("templates/**/*.txt", spoken.in_template),
        ("*.js", spoken.in_script),
        ("*.py", spoken.in_module),
    ],
)
def test_every_text_that_people_read_is_marked(pattern: str, read: spoken.Reader) -> None:
    assert _files(pattern)
    unmarked = _unmarked(pattern, read)
    assert not unmarked, "\n".join(unmarked)


@pytest.mark.parametrize(
    ("read", "source"),
    [
        (spoken.in_template, "<p>Bare</p>"),
        (spoken.in_template, "<p>{{ count }} cars</p>"),
        (spoken.in_template, '{% if a %}<input placeholder="Bare">{% endif %}'),
        (spoken.in_template, '<img src="{% static \'a.png\' %}" alt="Bare {{ name }}">'),
        (spoken.in_template, '<b title="Bare" aria-label="{% translate \'Marked\' %}"></b>'),
        (spoken.in_template, '<b data-text-empty="Nothing is here"></b>'),
        (spoken.in_template, '{{ name|default:"Bare" }}'),
        (spoken.in_template, '{% include "_empty.html" with title="Nothing here yet" %}'),
        (spoken.in_template, '{% translate "Marked" %} bare'),
        (spoken.in_script, 'shown.textContent = "Bare";'),
        (spoken.in_script, 'shown.textContent = count ? "" : "bare";'),
        (spoken.in_script, "TwinEV.notify(`Bare ${name}`)"),
        (spoken.in_script, 'button.setAttribute("aria-label", "Bare")'),
        (spoken.in_script, 'const text = "Nothing is here";'),
        (spoken.in_module, 'raise Refused("bare")'),
        (spoken.in_module, 'raise errors.NotAllowed(f"bare {name}")'),
        (spoken.in_module, 'raise forms.ValidationError("bare %s" % name)'),
        (spoken.in_module, 'messages.success(request, "Bare")'),
        (spoken.in_module, 'form.add_error("name", "Bare")'),
        (spoken.in_module, 'forms.CharField(label="Bare")'),
        (spoken.in_module, 'forms.CharField(error_messages={"required": "Bare"})'),
        (spoken.in_module, 'class Meta:\n    labels = {"name": "Bare"}'),
        (spoken.in_module, 'class Kind(models.TextChoices):\n    ONE = "one", "Bare"'),
        (spoken.in_module, '_(f"bare {name}")'),
    ],
)
def test_a_text_that_is_not_marked_is_found(read: spoken.Reader, source: str) -> None:
    assert any("bare" in text.lower() or "cars" in text or "Nothing" in text for text in read(source))


@pytest.mark.parametrize(
    ("read", "source"),
    [
        (spoken.in_template, '<p class="Bare" data-look="Bare">{% blocktranslate %}Marked{% endblocktranslate %}</p>'),
        (spoken.in_template, '{% translate "Marked" as word %}{# Not for people #}{% status_pill "charging" word %}'),
        (spoken.in_script, '// Nothing is here\nbox.className = "some class"; throw new Error("x");'),
        (spoken.in_module, 'raise Refused(_("Marked"))\nlogger.warning("bare %s", name)'),
    ],
)
def test_what_is_marked_or_for_nobody_is_left_alone(read: spoken.Reader, source: str) -> None:
    assert [text for text in read(source) if spoken.words(text)] == []
