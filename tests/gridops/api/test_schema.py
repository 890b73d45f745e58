"""The schema is valid, and tells of every address."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from drf_spectacular.validation import validate_schema

from gridops.api.urls import urlpatterns


@pytest.fixture(scope="module")
def schema() -> Any:
    text = StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=text)
    return yaml.safe_load(text.getvalue())


def test_the_schema_is_valid_and_made_without_a_warning(schema: Any) -> None:
    validate_schema(schema)


def test_every_address_stands_in_it_with_its_token(schema: Any) -> None:
    expected = {f"/api/v1/gridops/{str(it.pattern).replace('<int:pk>', '{id}')}" for it in urlpatterns}
    assert set(schema["paths"]) == expected
    operations = [it for path in schema["paths"].values() for name, it in path.items() if name in ("get", "post")]
    assert len(operations) == len(expected) + 1
    assert all(it["security"] == [{"token": []}] for it in operations)
    give = schema["paths"]["/api/v1/gridops/orders"]["post"]
    assert {it["name"]: it.get("required") for it in give["parameters"]} == {"Idempotency-Key": True}


@pytest.mark.django_db
def test_it_is_served_as_a_file_for_anybody() -> None:
    answer = Client().get("/api/v1/schema", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["info"]["title"]) == (200, "TwinEV for grid operators")
