"""Manifest, worker and the page without a connection."""

import json
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from drivers.middleware import NOBODY, OWNER

pytestmark = pytest.mark.django_db


def test_the_manifest_has_what_chromium_asks_of_an_app(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    manifest = json.loads(answer.content)
    assert (manifest["name"], manifest["start_url"], manifest["scope"]) == ("TwinEV", "/", "/")
    assert manifest["display"] == "standalone"
    sizes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert sizes == {(size, purpose) for size in ("192x192", "512x512") for purpose in ("any", "maskable")}
    for icon in manifest["icons"]:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert isinstance(path, str)
        with open(path, "rb") as file:
            assert file.read(24)[16:24] == int(icon["sizes"][:3]).to_bytes(4, "big") * 2


def test_the_worker_stands_at_the_root_and_is_asked_for_each_time(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer["Content-Type"] == "text/javascript"
    assert "no-cache" in answer["Cache-Control"]
    shell = json.loads(answer.content.decode().partition("self.SHELL = ")[2].partition(";\n")[0])
    for path in [*shell["assets"], shell["icon"], shell["badge"]]:
        assert finders.find(path.removeprefix("/static/")), path
    assert client.get(shell["offline"]).status_code == 200


def test_the_page_without_a_connection_loads_nothing_that_is_not_kept(client: Client) -> None:
    shell = client.get("/sw.js").content.decode()
    page = client.get(reverse("drivers:offline")).content.decode()
    files = {part.partition('"')[0].partition("#")[0] for part in page.split('"/static/')[1:]}
    assert files
    assert all(f'"/static/{file}"' in shell for file in files)


def test_each_answer_names_its_own_owner(client: Client, mine: Client, theirs: Client, driver: Any) -> None:
    owners = [browser.get(reverse("drivers:map"))[OWNER] for browser in (client, mine, theirs)]
    assert owners[0] == NOBODY
    assert len(set(owners)) == 3
    assert str(driver.pk) != owners[1]
    assert mine.get(reverse("drivers:vehicles"))[OWNER] == owners[1]


def test_what_is_not_the_drivers_app_is_never_kept(mine: Client) -> None:
    for name in ("identity:account", "healthz"):
        assert OWNER not in mine.get(reverse(name))
    assert OWNER not in mine.post(reverse("drivers:me"), {"language": "de"})
