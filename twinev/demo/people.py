"""Who lives and works in the district. All names are invented; the password is for the demo alone."""

from __future__ import annotations

import hashlib

from twinev.demo import athens, steinheim
from twinev.demo.specs import Role, UserSpec, VehicleSpec

# One password for every login of the demo, printed at its start. Nothing outside the demo reads it.
DEMO_PASSWORD = "twinev-demo-2030"  # noqa: S105
MAIL_DOMAIN = "twinev.example"
ROOT_GROUP = "Grid area"

# user name, first name, last name, plate, brand, model
SIMULATED_GERMANS = (
    ("lukas.meier", "Lukas", "Meier", "HX LM 204E", "Škoda", "Enyaq iV 80"),
    ("petra.wolff", "Petra", "Wolff", "HX PW 77E", "Opel", "Corsa-e"),
    ("jonas.klein", "Jonas", "Klein", "HX JK 5E", "Renault", "Zoe R135 ZE50"),
    ("sabine.hartmann", "Sabine", "Hartmann", "HX SH 318E", "Volkswagen", "ID.3 Pro"),
    ("murat.yilmaz", "Murat", "Yılmaz", "LIP MY 61E", "Tesla", "Model 3 Standard Range Plus"),
    ("clara.vogt", "Clara", "Vogt", "HX CV 92E", "Dacia", "Spring"),
    ("hendrik.busch", "Hendrik", "Busch", "HX HB 440E", "Hyundai", "IONIQ 5 73 kWh"),
    ("ines.krause", "Ines", "Krause", "LIP IK 8E", "MINI", "Cooper SE"),
    ("tobias.lange", "Tobias", "Lange", "HX TL 115E", "Kia", "e-Niro 64 kWh"),
    ("britta.scholz", "Britta", "Scholz", "HX BS 27E", "Nissan", "Leaf 40 kWh"),
    ("felix.neumann", "Felix", "Neumann", "PB FN 360E", "Audi", "Q4 e-tron 40"),
    ("ayse.demir", "Ayşe", "Demir", "HX AD 14E", "Peugeot", "e-208"),
)
SIMULATED_GREEKS = (
    ("maria.papadaki", "Maria", "Papadaki", "IZK 4417", "Fiat", "500e 42 kWh"),
    ("nikos.georgiou", "Nikos", "Georgiou", "YEP 2086", "Volkswagen", "ID.4 Pro"),
    ("eleni.vasiliou", "Eleni", "Vasiliou", "ZNB 7301", "Peugeot", "e-2008"),
    ("giorgos.ioannou", "Giorgos", "Ioannou", "IXB 9155", "Tesla", "Model Y Long Range"),
    ("sofia.karra", "Sofia", "Karra", "YZM 3842", "Renault", "Zoe R135 ZE50"),
    ("dimitris.lekkas", "Dimitris", "Lekkas", "ITA 6610", "Hyundai", "KONA Electric 64 kWh"),
    ("katerina.manou", "Katerina", "Manou", "YHE 1279", "BMW", "i3 42 kWh"),
    ("panos.rallis", "Panos", "Rallis", "ZKP 5530", "MG", "MG4 64 kWh"),
    ("anna.sideri", "Anna", "Sideri", "INH 8024", "Volvo", "XC40 Recharge"),
    ("kostas.dimou", "Kostas", "Dimou", "YPT 4796", "Kia", "EV6 77 kWh"),
    ("iro.petrou", "Iro", "Petrou", "ZMX 2218", "Smart", "EQ fortwo"),
    ("thanos.gikas", "Thanos", "Gikas", "IBE 7743", "BYD", "Atto 3"),
)

SHARED_CAR = VehicleSpec("HX V2G 1E", "Nissan", "Leaf 40 kWh", is_shared=True, v2g_power_w=10_000)


def id_token(username: str) -> str:
    """A card number of seven bytes, as cards have them, always the same for a user."""
    return hashlib.sha256(username.encode()).hexdigest()[:14].upper()


def _mail(username: str) -> str:
    return f"{username}@{MAIL_DOMAIN}"


def _simulated(people: tuple[tuple[str, ...], ...], language: str, country: str) -> tuple[UserSpec, ...]:
    return tuple(
        UserSpec(
            username=username,
            first_name=first,
            last_name=last,
            email=_mail(username),
            role=Role.DRIVER,
            language=language,
            country=country,
            id_token=id_token(username),
            vehicles=(VehicleSpec(plate, brand, model),),
            is_simulated=True,
        )
        for username, first, last, plate, brand, model in people
    )


def _driver(username: str, first: str, last: str, language: str, country: str, *vehicles: VehicleSpec) -> UserSpec:
    return UserSpec(
        username, first, last, _mail(username), Role.DRIVER, language, country, id_token(username), vehicles
    )


def _staff(username: str, first: str, last: str, language: str, country: str, operator: str) -> UserSpec:
    return UserSpec(username, first, last, _mail(username), Role.STAFF, language, country, operator=operator)


def _grid(username: str, first: str, last: str, role: Role, language: str, *groups: str) -> UserSpec:
    return UserSpec(username, first, last, _mail(username), role, language, "DE", groups=groups)


USERS = (
    _driver("demo", "Jana", "Brandt", "en", "DE", VehicleSpec("HX JB 30E", "Volkswagen", "ID.3 Pro")),
    _driver("demo.athens", "Eva", "Christou", "en", "GR", VehicleSpec("YXA 5124", "Hyundai", "KONA Electric 39 kWh")),
    # The village cooperative owns the shared car; people borrow it.
    _driver("dorfauto", "Dorfauto", "Hagedorn", "de", "DE", SHARED_CAR),
    _grid("dso1", "Karin", "Albrecht", Role.GRID_OPERATOR, "en", ROOT_GROUP),
    _grid("dso.athens", "Petros", "Makris", Role.GRID_OPERATOR, "el", "Greece"),
    _grid("gridadmin", "Ute", "Sommer", Role.GRID_ADMINISTRATOR, "en", ROOT_GROUP),
    _staff("cpo.hagedorn", "Martin", "Rose", "en", "DE", steinheim.OPERATOR),
    _staff("cpo.attica", "Despina", "Kalli", "en", "GR", athens.OPERATOR),
    *_simulated(SIMULATED_GERMANS, "de", "DE"),
    *_simulated(SIMULATED_GREEKS, "el", "GR"),
)
