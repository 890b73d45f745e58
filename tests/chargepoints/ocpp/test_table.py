"""The table of messages and wishes: every action of both versions' schemas is handled, said, or listed with a reason,
and whatever one version has, the other one has too, or there is a reason."""

import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from chargepoints.domain import intents, reports
from chargepoints.ocpp import v16, v201
from chargepoints.ocpp.version import Version
from chargepoints.services import answers
from tests.chargepoints.ocpp.test_commands import WISHES

VERSIONS = [v16.VERSION, v201.VERSION]
in_both = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
SOURCE = Path(v16.__file__).parent.parent
FOLDERS = {"1.6": "v16", "2.0.1": "v201"}

_CERTIFICATES = "certificates of 2.0.1 chargers are not managed yet"
_ISO_15118 = "contracts and certificates of ISO 15118 are not managed yet"
_MONITORING = "monitoring of 2.0.1 chargers is not managed yet"
_DISPLAY = "nothing is shown on displays of chargers yet"
_LOCAL_CONTROLLER = "firmware is published by local controllers only"
_CUSTOMERS = "chargers are not asked for what they keep of customers yet"
OUT_OF_SCOPE: Mapping[str, Mapping[str, str]] = {
    "1.6": {},
    "2.0.1": {
        "CertificateSigned": _CERTIFICATES,
        "DeleteCertificate": _CERTIFICATES,
        "GetInstalledCertificateIds": _CERTIFICATES,
        "InstallCertificate": _CERTIFICATES,
        "SignCertificate": _CERTIFICATES,
        "Get15118EVCertificate": _ISO_15118,
        "GetCertificateStatus": _ISO_15118,
        "ClearVariableMonitoring": _MONITORING,
        "GetMonitoringReport": _MONITORING,
        "SetMonitoringBase": _MONITORING,
        "SetMonitoringLevel": _MONITORING,
        "SetVariableMonitoring": _MONITORING,
        "ClearDisplayMessage": _DISPLAY,
        "GetDisplayMessages": _DISPLAY,
        "NotifyDisplayMessages": _DISPLAY,
        "SetDisplayMessage": _DISPLAY,
        "CostUpdated": _DISPLAY,
        "PublishFirmware": _LOCAL_CONTROLLER,
        "PublishFirmwareStatusNotification": _LOCAL_CONTROLLER,
        "UnpublishFirmware": _LOCAL_CONTROLLER,
        "CustomerInformation": _CUSTOMERS,
        "NotifyCustomerInformation": _CUSTOMERS,
    },
}
# What 1.6 has no message for.
_NOT_IN_16 = "1.6 has no such message"
ONE_SIDED_WISHES: Mapping[str, Mapping[str, str]] = {
    "1.6": {
        "set_variables": "1.6 changes one key a message (configure)",
        "get_report": _NOT_IN_16,
        "set_network_profile": _NOT_IN_16,
        "get_transaction_status": _NOT_IN_16,
        "get_charging_profiles": _NOT_IN_16,
    },
    "2.0.1": {
        "install_certificate": _CERTIFICATES,
        "delete_certificate": _CERTIFICATES,
        "get_installed_certificates": _CERTIFICATES,
        "send_signed_certificate": _CERTIFICATES,
    },
}
ONE_SIDED_REPORTS: Mapping[str, Mapping[str, str]] = {
    "1.6": {
        "TransactionUpdated": "1.6 tells of a session between start and stop by MeterValues and StatusNotification",
        "TransactionStatusReported": _NOT_IN_16,
        "ReservationEnded": "1.6 ends reservations without a word; the connector's status tells",
        "ExternalLimitReported": _NOT_IN_16,
        "ExternalLimitCleared": _NOT_IN_16,
        "ProfilesReported": _NOT_IN_16,
        "ChargingNeedsTold": _NOT_IN_16,
    },
    "2.0.1": {"CertificatesReported": _CERTIFICATES},
}


def actions(version: Version) -> set[str]:
    """All calls that the version's schemas know, in either direction."""
    folder = files("ocpp") / f"v{version.name.replace('.', '')}" / "schemas"
    names = {Path(entry.name).stem for entry in folder.iterdir() if entry.name.endswith(".json")}
    calls = {name for name in names if not name.endswith("Response")}
    return {name.removesuffix(version.request_suffix) if version.request_suffix else name for name in calls}


def said(version: Version) -> set[str]:
    """The calls that our wishes become."""
    spoken = (wish for kind, wishes in WISHES.items() if kind not in version.unspoken for wish in wishes)
    return {version.request(wish).action for wish in spoken}


@in_both
def test_every_action_of_the_schemas_is_handled_or_said_or_has_a_reason(version: Version) -> None:
    known = actions(version)
    assert len(known) > 35
    assert known - set(version.handlers) - said(version) == set(OUT_OF_SCOPE[version.name])
    assert set(version.handlers) | said(version) <= known


@in_both
def test_a_reason_against_a_version_s_words_is_no_older_than_its_words(version: Version) -> None:
    assert set(version.unspoken) == set(ONE_SIDED_WISHES[version.name])
    assert set(version.while_pending) <= set(intents.KINDS) - set(version.unspoken)


def records() -> set[str]:
    """The facts that chargers report."""
    found = {name: value for name, value in vars(reports).items() if isinstance(value, type) and is_dataclass(value)}
    return {name for name, value in found.items() if value.__module__ == reports.__name__} - {"VariableReported"}


def told(version: Version) -> set[str]:
    """The facts that a version's own modules make."""
    sources = (path.read_text(encoding="utf-8") for path in (SOURCE / FOLDERS[version.name]).rglob("*.py"))
    return {name for source in sources for name in re.findall(r"\breports\.(\w+)\(", source)}


@in_both
def test_every_fact_is_told_in_both_versions_or_has_a_reason(version: Version) -> None:
    assert records() - told(version) == set(ONE_SIDED_REPORTS[version.name])


def test_every_fact_that_is_told_with_an_answer_is_kept_by_a_service() -> None:
    """An answer's fact that nobody keeps would fail where it is to be stored, after the command is settled."""
    with_answers = set()
    for folder in FOLDERS.values():
        for path in (SOURCE / folder / "commands").glob("*.py"):
            with_answers |= set(re.findall(r"\breports\.(\w+)\(", path.read_text(encoding="utf-8")))
    assert with_answers - {"VariableReported"} == {kind.__name__ for kind in answers._keepers}
