"""How often chargers are to measure, and what: a few settings of each version (1.6 9.1, 2.0.1 J)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chargepoints.domain.configuration import words


class Setting(StrEnum):
    SAMPLED_S = "sampled_s"
    SAMPLED = "sampled"
    ALIGNED_S = "aligned_s"
    ALIGNED = "aligned"


INTERVALS = frozenset({Setting.SAMPLED_S, Setting.ALIGNED_S})


@dataclass(frozen=True)
class Wish:
    """Seconds (0: as the charger likes), and measurands by rank: what a charger does not offer is left out."""

    sampled_s: int
    aligned_s: int
    measurands: tuple[str, ...]
    aligned: tuple[str, ...] = ("Energy.Active.Import.Register",)


# component and name by version
Key = tuple[str, str]
KEYS: Mapping[str, Mapping[Setting, Key]] = {
    "1.6": {
        Setting.SAMPLED_S: ("", "MeterValueSampleInterval"),
        Setting.SAMPLED: ("", "MeterValuesSampledData"),
        Setting.ALIGNED_S: ("", "ClockAlignedDataInterval"),
        Setting.ALIGNED: ("", "MeterValuesAlignedData"),
    },
    "2.0.1": {
        Setting.SAMPLED_S: ("SampledDataCtrlr", "TxUpdatedInterval"),
        Setting.SAMPLED: ("SampledDataCtrlr", "TxUpdatedMeasurands"),
        Setting.ALIGNED_S: ("AlignedDataCtrlr", "Interval"),
        Setting.ALIGNED: ("AlignedDataCtrlr", "Measurands"),
    },
}


def change(setting: Setting, told: str, wish: Wish, *, values_list: str = "", was_refused: bool = False) -> str | None:
    """What to set instead of what the charger told; None: leave it.

    A charger that measures more, or more often, is left alone. ``was_refused``: it did not take all that is wished
    (1.6 refuses a list for one measurand that it does not know): only the energy then.
    """
    if setting in INTERVALS:
        return _interval(told, wish.sampled_s if setting == Setting.SAMPLED_S else wish.aligned_s)
    wanted = wish.measurands if setting == Setting.SAMPLED else wish.aligned
    return _measurands(words(told), wanted[:1] if was_refused else wanted, words(values_list))


def _interval(told: str, wanted_s: int) -> str | None:
    known_s = int(told) if told.strip().isdecimal() else 0
    return str(wanted_s) if wanted_s and not 0 < known_s <= wanted_s else None


def _measurands(told: Sequence[str], wanted: Sequence[str], offered: Sequence[str]) -> str | None:
    """What is measured already stays: others may need it."""
    missing = [one for one in wanted if one not in told and (not offered or one in offered)]
    return ",".join([*told, *missing]) if missing else None
