from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from twinev.ui import formatting


class NeedForm(forms.Form):
    target = forms.IntegerField(help_text="Percent")
    v2g = forms.BooleanField(required=False)
    mode = forms.ChoiceField(choices=[("green", "Green"), ("fast", "Fast")], widget=forms.RadioSelect, initial="fast")


def render(text: str, **context: Any) -> str:
    return Template("{% load ui %}" + text).render(Context(context))


def test_an_icon_without_a_label_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in render('{% icon "bolt" %}')


def test_an_icon_with_a_label_is_spoken_and_its_label_is_escaped() -> None:
    html = render('{% icon "warning" "" label %}', label='"><script>')
    assert 'role="img"' in html
    assert "<script>" not in html


def test_a_state_never_stands_on_its_colour_alone() -> None:
    html = render('{% status_pill "charging" "Charging" %}')
    assert "pill--charging" in html
    assert "#bolt" in html
    assert "<span>Charging</span>" in html


@pytest.mark.parametrize(("known", "figure", "circles"), [(54, "54%", 3), (None, "?", 2)])
def test_a_ring_without_a_known_battery_says_so_and_draws_no_filling(known: Any, figure: str, circles: int) -> None:
    html = render("{% ring known 80 %}", known=known)
    assert f'ring__figure">{figure}<' in html
    assert html.count("<circle") == circles


def test_a_time_carries_its_exact_value() -> None:
    html = render("{% time_at moment 'Europe/Berlin' %}", moment=datetime(2026, 1, 5, 17, 40, tzinfo=UTC))
    assert 'datetime="2026-01-05T17:40:00+00:00"' in html
    assert "18:40:00 CET" in html


def test_a_page_link_keeps_the_filters_of_the_address() -> None:
    request = RequestFactory().get("/", {"status": "Active", "page": "2"})
    address = unescape(render("{% query page=3 %}", request=request))
    assert QueryDict(address.lstrip("?")) == QueryDict("status=Active&page=3")
    assert render("{% query page='' %}", request=request) == "?status=Active"


def test_a_wrong_field_names_its_error_for_eyes_and_screen_readers() -> None:
    html = render('{% include "_field.html" with field=form.target %}', form=NeedForm({"target": "many"}))
    assert "is-invalid" in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_target_error"' in html
    assert "id_target_error" in html.split("aria-describedby=")[1].split(">")[0]


def test_one_of_several_choices_is_a_group_with_a_name_and_its_choice_kept() -> None:
    html = render('{% include "_field.html" with field=form.mode %}', form=NeedForm())
    assert "<legend" in html
    assert html.count('type="radio"') == 2
    assert 'value="fast" id="id_mode_1" checked' in html


def test_a_box_stands_before_its_label() -> None:
    html = render('{% include "_field.html" with field=form.v2g %}', form=NeedForm())
    assert html.index("form-check-input") < html.index("form-check-label")


@pytest.mark.parametrize(("typed", "shown"), [(40, "40%"), ("40", "40%"), ("forty", "forty")])
def test_a_percentage_of_a_form_is_shown_even_when_it_is_none(typed: Any, shown: str) -> None:
    assert render("{{ typed|percent_typed }}", typed=typed) == shown


def test_the_words_of_ticking_times_are_those_of_standing_ones() -> None:
    with translation.override("el"):
        html = unescape(render("{% duration_data %}"))
        assert '%(minutes)d\u00a0λεπ."' in html
        assert formatting.duration(25 * 60) == "25\u00a0λεπ."
