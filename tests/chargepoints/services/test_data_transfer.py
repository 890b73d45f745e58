"""Vendors' own messages."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from chargepoints.models import ChargePoint, Command
from chargepoints.services import commands, data_transfer
from chargepoints.services.data_transfer import Reply, Status, UnknownMessageError, VendorMessage
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(data_transfer, "_handlers", {})
    monkeypatch.setattr(data_transfer, "_answer_hooks", {})

    @data_transfer.register("Org.Example")
    def handle(charge_point_id: int, message: VendorMessage, now: datetime) -> Reply:
        if message.message_id == "soc":
            return Reply(data={"soc": int(message.data)})
        raise UnknownMessageError

    return "org.example"


def receive(vendor_id: str, message_id: str, data: object = None) -> Reply:
    return data_transfer.receive(charge_point_id=1, message=VendorMessage(vendor_id, message_id, data), now=NOW)


def test_a_known_message_of_a_known_vendor_is_answered_by_its_handler(vendor: str) -> None:
    assert receive(vendor, "soc", "80") == Reply(Status.ACCEPTED, {"soc": 80})


def test_what_nobody_knows_is_said_so(vendor: str) -> None:
    assert receive("org.other", "soc").status == "UnknownVendorId"
    assert receive(vendor, "weather").status == "UnknownMessageId"


@pytest.mark.parametrize("data", ["eighty", None, {}])
def test_rubbish_is_refused_and_stops_nothing(vendor: str, data: object) -> None:
    assert receive(vendor, "soc", data) == Reply(Status.REJECTED)


def test_an_answer_to_ours_reaches_the_vendor_s_dialect(vendor: str) -> None:
    heard = []
    data_transfer.on_answer("ORG.example")(lambda command, message: heard.append((command.status, message)))
    charge_point = factories.charge_point()
    ChargePoint.objects.filter(pk=charge_point.pk).update(connection_key="link")
    command = data_transfer.send(charge_point=charge_point, vendor_id=vendor, message_id="v2g", data="on", now=NOW)
    factories.taken(charge_point.pk)
    answer = {"status": "Accepted", "data": "ok"}
    commands.answered(command_id=command.pk, accepted=True, answer=answer, now=NOW)
    assert heard == [("accepted", VendorMessage(vendor, "v2g", "ok"))]
    assert Command.objects.get().payload == {"vendor_id": vendor, "message_id": "v2g", "data": "on"}
