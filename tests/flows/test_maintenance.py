"""What a technician does with a charger, by the virtual one at the running system: settings, firmware, logs, trust."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, ChargerCertificate, Command, DeviceVariable, FirmwareUpdate, LogUpload
from chargepoints.services import certificates, commands, configuration, diagnostics, firmware
from chargepoints.virtual import Clock, VirtualChargePoint
from tests.chargepoints import pems
from tests.flows import support
from tests.flows.support import BOTH_VERSIONS, eventually, is_ready, rows
from tests.servers import Stack

ROOT = pems.certificate(pems.new_key(), issuer="TwinEV Root")
USE = "CentralSystemRootCertificate"


def machine(row: ChargePoint, stack: Stack, version: str) -> VirtualChargePoint:
    return support.charger(row, stack, version, clock=Clock(speed=1.0), meter_every_s=60)


async def do(service: Callable[..., Any], **arguments: Any) -> Any:
    return await rows(lambda: service(now=timezone.now(), **arguments))


async def known(row: ChargePoint) -> ChargePoint:
    return await rows(lambda: ChargePoint.objects.get(pk=row.pk))


@BOTH_VERSIONS
async def test_settings_firmware_and_a_log(version: str, transactional_db: None, live_stack: Stack) -> None:
    row = await rows(support.charge_point)
    async with machine(row, live_stack, version) as charger:
        await is_ready(charger)
        await do(configuration.ask_all, charge_point=await known(row))
        assert await eventually(DeviceVariable.objects.filter(charge_point=row).exists, "it has told its settings")

        url = "https://firmware.example.org/9.9.bin"
        update = await do(firmware.ask, charge_point=row, url=url, retrieve_at=timezone.now())
        await eventually(FirmwareUpdate.objects.filter(pk=update.pk, ending="done").exists, "the update is installed")
        assert (await known(row)).firmware_version == "9.9"

        upload = await do(diagnostics.ask_log, charge_point=row, log="diagnostics", url="https://logs.example.org/")
        uploads = LogUpload.objects.filter(pk=upload.pk, ending="done").exclude(file_name="")
        assert await eventually(uploads.exists, "the log is uploaded")
        assert charger.violations == []


async def test_trust_in_1_6(transactional_db: None, live_stack: Stack) -> None:
    row = await rows(support.charge_point)
    mine = ChargerCertificate.objects.filter(charge_point=row).select_related("charge_point")
    async with machine(row, live_stack, "1.6") as charger:
        await is_ready(charger)
        await do(certificates.install, charge_point=row, use=USE, pem=ROOT)
        root = await eventually(mine.filter(kind=USE, status="installed").first, "the root is installed")
        await do(certificates.ask_installed, charge_point=row, use=USE)
        assert await eventually(_answered(row, "get_installed_certificates"), "it tells what it has")
        assert await rows(mine.filter(status="installed").count) == 1
        await do(certificates.delete, certificate=root)
        assert await eventually(mine.filter(kind=USE, status="deleted").exists, "the root is gone")

        await do(
            commands.enqueue, charge_point=row, intent=intents.Trigger("SignChargePointCertificate", extended=True)
        )
        asked = await eventually(mine.filter(status="requested").first, "it asks for a certificate")
        key = await rows(lambda: _signed_for(asked))
        await do(certificates.send_signed, certificate=asked, pem=key)
        installed = await eventually(mine.filter(pk=asked.pk, status="installed").first, "it has its certificate")
        assert isinstance(installed.valid_to, datetime)
        assert charger.certificates.own is not None
        assert charger.violations == []


def _answered(row: ChargePoint, kind: str) -> Callable[[], Any]:
    return Command.objects.filter(charge_point=row, kind=kind, status="accepted").exists


def _signed_for(request: ChargerCertificate) -> str:
    return pems.signed(request.signing_request, issuer_key=pems.new_key())
