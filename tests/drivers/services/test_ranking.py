"""Ranking: facts in, scores out."""

from decimal import Decimal

import pytest

from drivers.services.ranking import Mode, Offer, Reason, ReasonCode, StationFacts, rank


def station(
    key: int, *, price: str = "5.00", charge_min: float = 60, green: float = 0.4, distance_m: float = 2000
) -> StationFacts:
    offer = Offer(price=Decimal(price), charge_s=charge_min * 60, green_share=green)
    return StationFacts(key=key, distance_m=distance_m, drive_s=300, wait_s=0, offers=dict.fromkeys(Mode, offer))


NEAR_AND_DEAR = station(1, price="9.00", charge_min=30, green=0.3, distance_m=500)
CHEAP = station(2, price="4.00", charge_min=150, green=0.35, distance_m=4000)
GREEN = station(3, price="6.00", charge_min=90, green=0.9, distance_m=6000)
ALL = (NEAR_AND_DEAR, CHEAP, GREEN)


def ranks(mode: Mode, *stations: StationFacts) -> list[int]:
    ranked = rank(stations)
    return [each.facts.key for each in sorted(ranked, key=lambda each: each.standings[mode].rank)]


@pytest.mark.parametrize(("mode", "best"), [(Mode.CHEAP, 2), (Mode.FAST, 1), (Mode.GREEN, 3)])
def test_each_mode_puts_its_own_station_first(mode: Mode, best: int) -> None:
    assert ranks(mode, *ALL)[0] == best


def test_the_best_is_light_green_and_the_worst_is_red() -> None:
    for mode in Mode:
        by_rank = {each.standings[mode].rank: each.standings[mode].colour for each in rank(ALL)}
        assert by_rank[1] == 4
        assert by_rank[3] == 0


def test_stations_that_are_alike_are_all_light_green_and_the_nearer_comes_first() -> None:
    far, near = station(1, distance_m=3000), station(2, distance_m=3000)
    assert {each.standings[Mode.CHEAP].colour for each in rank([far, near])} == {4}
    assert ranks(Mode.CHEAP, station(1, distance_m=3000), station(2, distance_m=1000)) == [2, 1]


def test_the_order_of_the_stations_does_not_matter() -> None:
    for mode in Mode:
        assert ranks(mode, *ALL) == ranks(mode, *reversed(ALL))


def test_a_station_takes_the_offer_of_the_mode_that_it_is_ranked_in() -> None:
    offers = dict.fromkeys(Mode, Offer(Decimal("5"), 3600, 0.4)) | {Mode.CHEAP: Offer(Decimal("1"), 3600, 0.4)}
    cheap_at_night = StationFacts(key=9, distance_m=2000, drive_s=300, wait_s=0, offers=offers)
    assert ranks(Mode.CHEAP, station(1, price="2.00"), cheap_at_night)[0] == 9
    assert ranks(Mode.BASIC, station(1, price="2.00"), cheap_at_night)[0] == 1


def reason(key: int, mode: Mode, *stations: StationFacts) -> Reason:
    return next(each.standings[mode].reason for each in rank(stations) if each.facts.key == key)


def test_the_reason_says_by_how_much() -> None:
    assert reason(2, Mode.CHEAP, *ALL) == Reason(ReasonCode.CHEAPEST, 5.0)
    assert reason(1, Mode.CHEAP, *ALL) == Reason(ReasonCode.DEARER, 5.0)
    assert reason(3, Mode.FAST, *ALL) == Reason(ReasonCode.SLOWER, 3600.0)
    assert reason(3, Mode.GREEN, *ALL) == Reason(ReasonCode.GREENEST, 0.9)
    less_green = reason(1, Mode.GREEN, *ALL)
    assert less_green.code is ReasonCode.LESS_GREEN
    assert less_green.amount == pytest.approx(0.6)


def test_a_difference_that_nobody_feels_is_no_reason() -> None:
    first, second = station(1, price="5.000", distance_m=1000), station(2, price="5.004", distance_m=1900)
    assert reason(2, Mode.CHEAP, first, second) == Reason(ReasonCode.FARTHER, 900.0)


def test_one_station_alone_needs_no_comparison() -> None:
    assert reason(1, Mode.BASIC, NEAR_AND_DEAR) == Reason(ReasonCode.ONLY_ONE)


def test_no_station_gives_no_ranking() -> None:
    assert rank([]) == ()
