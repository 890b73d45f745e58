"""The proxy of compose.yaml gets what its configuration asks for, and is the one that is believed."""

import re

import yaml

from tests.servers import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
PROXY = COMPOSE["services"]["proxy"]
TEMPLATE = (ROOT / "deploy" / "nginx" / "templates" / "twinev.conf.template").read_text()


def test_every_word_of_the_template_is_set() -> None:
    assert set(re.findall(r"\$\{(TWINEV_\w+)\}", TEMPLATE)) == set(PROXY["environment"])


def test_the_files_that_it_is_given_are_there_and_read_only() -> None:
    for volume in PROXY["volumes"]:
        source, _, mode = volume.rsplit(":", 2)
        assert mode == "ro"
        assert source.startswith("${TWINEV_TLS_FOLDER") or (ROOT / source).exists()


def test_its_address_is_the_one_that_the_web_process_believes() -> None:
    address = PROXY["networks"]["default"]["ipv4_address"]
    believed = COMPOSE["services"]["web"]["environment"]["TWINEV_PROXY_NETWORKS"]
    assert believed == f"${{TWINEV_PROXY_NETWORKS:-{address}}}"


def test_it_starts_only_when_asked_for() -> None:
    assert PROXY["profiles"] == ["tls"]
