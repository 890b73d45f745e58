"""Put chargers on, and care for their passwords, from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePoint, Location, Operator, RefusedCharger, SupplyPoint
from chargepoints.services import provisioning, quirks, security

_FOUND = "found"


class Command(BaseCommand):
    help = "Registers a charge point, changes its password, security profile or dialect, shows who was turned away."

    def add_arguments(self, parser: CommandParser) -> None:
        does = parser.add_subparsers(dest="what", required=True)
        add = does.add_parser("add", help="register a charge point; its password is shown once")
        add.add_argument("identity")
        add.add_argument("--operator", required=True, help="whose it is; made when there is none of this name")
        add.add_argument("--place", required=True, help="the location and its grid connection; made, too")
        add.add_argument("--capacity-w", type=int, default=43_000, help="of the grid connection, when it is made")
        add.add_argument("--latitude", type=float, default=0.0)
        add.add_argument("--longitude", type=float, default=0.0)
        add.add_argument("--evse", type=int, action="append", required=True, help="max. power in W; once for each EVSE")
        add.add_argument("--profile", type=int, default=1, choices=ChargePoint.SecurityProfile.values)
        password = does.add_parser("password", help="change the password, by the charger's own protocol")
        password.add_argument("identity")
        password.add_argument("--by-hand", action="store_true", help="show a new one to type into the charger instead")
        profile = does.add_parser("profile", help="demand a security profile of the next connection")
        profile.add_argument("identity")
        profile.add_argument("profile", type=int, choices=ChargePoint.SecurityProfile.values)
        profile.add_argument("--tell", action="store_true", help="tell the charger; holds once it has come by it")
        profile.add_argument("--allow-lower", action="store_true")
        dialect = does.add_parser("dialect", help="how it is asked to give energy back (see docs/smart-charging.md)")
        dialect.add_argument("identity")
        dialect.add_argument("dialect", choices=[*quirks.all_dialects(), _FOUND], help="found: leave it to the tables")
        does.add_parser("refused", help="who was turned away, the last first")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['what']}")(options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None

    @transaction.atomic
    def _add(self, options: dict[str, Any]) -> None:
        if ChargePoint.objects.filter(identity__iexact=options["identity"]).exists():
            raise CommandError("There is a charge point of this name already.")
        charge_point, secret = provisioning.register_charge_point(
            identity=options["identity"],
            supply_point=_supply_point(options),
            latitude=options["latitude"],
            longitude=options["longitude"],
            evses=[provisioning.EvseSpec(number, power_w) for number, power_w in enumerate(options["evse"], start=1)],
        )
        security.set_profile(charge_point=charge_point, profile=options["profile"], allow_downgrade=True)
        security.forget_refusals(identity=charge_point.identity)
        self.stdout.write(f"identity and user  {charge_point.identity}")
        self.stdout.write(f"password           {secret}  (shown this once)")

    def _password(self, options: dict[str, Any]) -> None:
        charge_point = _charge_point(options)
        if options["by_hand"]:
            secret = security.replace_secret(charge_point=charge_point, now=timezone.now())
            self.stdout.write(f"password  {secret}  (shown this once)")
            return
        command = security.rotate_secret(charge_point=charge_point, now=timezone.now())
        self.stdout.write(
            f"Command {command.pk} waits for the charger. Until it has used the new password both are good."
        )

    def _profile(self, options: dict[str, Any]) -> None:
        charge_point, profile = _charge_point(options), options["profile"]
        if options["tell"]:
            command = security.upgrade_profile(charge_point=charge_point, profile=profile, now=timezone.now())
            self.stdout.write(f"Command {command.pk} waits for the charger.")
            return
        security.set_profile(charge_point=charge_point, profile=profile, allow_downgrade=options["allow_lower"])
        self.stdout.write(f"{charge_point.identity} has to connect by security profile {profile}.")

    def _dialect(self, options: dict[str, Any]) -> None:
        charge_point, name = _charge_point(options), options["dialect"]
        quirks.set_dialect(charge_point=charge_point, name="" if name == _FOUND else name)
        self.stdout.write(f"{charge_point.identity}: {charge_point.dialect or 'none known'}")

    def _refused(self, options: dict[str, Any]) -> None:
        for row in RefusedCharger.objects.all():
            times = f"{row.times} times, last {row.last_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"{row.identity}  {row.get_reason_display()}  {row.address}  {times}")


def _charge_point(options: dict[str, Any]) -> ChargePoint:
    found = ChargePoint.objects.filter(identity=options["identity"]).first()
    if found is None:
        raise CommandError("There is no charge point of this name.")
    return found


def _supply_point(options: dict[str, Any]) -> SupplyPoint:
    """The grid connection of the place; both are made when there are none."""
    operator, _ = Operator.objects.get_or_create(name=options["operator"])
    where = {"latitude": options["latitude"], "longitude": options["longitude"]}
    place, _ = Location.objects.get_or_create(operator=operator, name=options["place"], defaults=where)
    found = SupplyPoint.objects.filter(location=place).first()
    return found or SupplyPoint.objects.create(
        location=place, name=place.name, contracted_capacity_w=options["capacity_w"]
    )
