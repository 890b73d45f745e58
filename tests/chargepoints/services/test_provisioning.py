import pytest

from chargepoints.domain.reports import Booted, StatusReported
from chargepoints.domain.status import ConnectorStatus
from chargepoints.models import ChargePoint, ChargingProfile, Command, Connector
from chargepoints.services import availability, commands, provisioning
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def charger() -> ChargePoint:
    return factories.charge_point(connected=False)


def connect(charger: ChargePoint, key: str) -> None:
    provisioning.connected(charge_point_id=charger.pk, connection_key=key, ocpp_version="1.6", now=NOW)


def test_a_secret_is_shown_once_and_not_kept() -> None:
    row, secret = provisioning.register_charge_point(
        identity="NEW", supply_point=factories.supply_point(), latitude=0, longitude=0, evses=[]
    )
    assert len(secret) >= 32
    assert secret not in row.secret_hash


def test_the_late_close_of_an_older_connection_does_not_mark_the_charger_offline(charger: ChargePoint) -> None:
    connect(charger, "old")
    connect(charger, "new")
    provisioning.disconnected(charge_point_id=charger.pk, connection_key="old", now=NOW)
    charger.refresh_from_db()
    assert charger.is_connected
    provisioning.disconnected(charge_point_id=charger.pk, connection_key="new", now=NOW)
    charger.refresh_from_db()
    assert not charger.is_connected


def test_the_first_boot_brings_the_safe_default_limit(charger: ChargePoint) -> None:
    connect(charger, "link")
    report = Booted(vendor="V", model="M", ocpp_version="1.6", serial_number="S" * 80)
    booted = provisioning.boot(charge_point_id=charger.pk, report=report, now=NOW)
    command = Command.objects.get()
    assert booted.serial_number == "S" * 50
    assert (command.kind, command.payload["purpose"]) == ("set_charging_profile", "tx_default")
    assert command.payload["periods"] == [{"start_s": 0, "limit_w": 4200.0, "phases": None}]


def test_the_answer_to_the_default_limit_is_remembered(charger: ChargePoint) -> None:
    connect(charger, "link")
    provisioning.boot(charge_point_id=charger.pk, report=Booted("V", "M", "1.6"), now=NOW)
    command = factories.taken(charger.pk)
    commands.answered(command_id=command.pk, accepted=True, answer={"status": "Accepted"}, now=NOW)
    assert ChargingProfile.objects.get().status == ChargingProfile.Status.ACCEPTED


def test_a_charger_that_misses_three_heartbeats_is_called_away(charger: ChargePoint) -> None:
    connect(charger, "link")
    assert provisioning.forget_silent_links(now=NOW + minutes(15)) == 0
    assert provisioning.forget_silent_links(now=NOW + minutes(16)) == 1


def status(charger: ChargePoint, value: ConnectorStatus, minute: float, evse_number: int = 1) -> None:
    report = StatusReported(evse_number, 1, value, NOW + minutes(minute))
    availability.report_status(charge_point_id=charger.pk, report=report, now=NOW + minutes(60))


def test_a_status_older_than_what_is_known_is_dropped(charger: ChargePoint) -> None:
    status(charger, ConnectorStatus.CHARGING, 10)
    status(charger, ConnectorStatus.AVAILABLE, 5)
    assert Connector.objects.get().status == "charging"


def test_connector_zero_out_of_service_speaks_for_all() -> None:
    charger = factories.charge_point(evses=2)
    status(charger, ConnectorStatus.AVAILABLE, 1, evse_number=0)
    assert set(Connector.objects.values_list("status", flat=True)) == {"available"}
    status(charger, ConnectorStatus.FAULTED, 2, evse_number=0)
    assert set(Connector.objects.values_list("status", flat=True)) == {"faulted"}


def test_a_status_from_a_clock_in_the_future_does_not_freeze_the_connector(charger: ChargePoint) -> None:
    status(charger, ConnectorStatus.CHARGING, 60 * 24 * 365)
    report = StatusReported(1, 1, ConnectorStatus.AVAILABLE, NOW + minutes(61))
    availability.report_status(charge_point_id=charger.pk, report=report, now=NOW + minutes(61))
    assert Connector.objects.get().status == "available"


def test_a_status_of_an_evse_that_nobody_configured_adds_none(charger: ChargePoint) -> None:
    status(charger, ConnectorStatus.AVAILABLE, 1, evse_number=42)
    assert Connector.objects.count() == 1
