from chargepoints.ocpp.pace import Pace


def test_a_burst_goes_through_and_what_follows_waits_its_turn() -> None:
    pace = Pace(per_s=10, at_once=3)
    waits = []
    for _ in range(5):
        waits.append(round(max(pace.wait_s(100.0), 0), 3))
        pace.count(100.0)
    assert waits == [0, 0, 0, 0.1, 0.2]


def test_after_a_rest_there_may_be_a_burst_again_and_no_greater_one() -> None:
    pace = Pace(per_s=10, at_once=2)
    for _ in range(2):
        pace.count(100.0)
    assert round(pace.wait_s(100.0), 3) == 0.1
    assert pace.wait_s(100.1) <= 0
    for _ in range(2):
        pace.count(500.0)
    assert round(pace.wait_s(500.0), 3) == 0.1
