"""What a slot's figures mean."""

from gridops.services.ledger import judging
from gridops.services.ledger.facts import Answer, Band, Reason, Verdict
from gridops.services.ledger.judging import Facts


def unmetered(*, is_over: bool, is_offline: bool = False) -> judging.Judged:
    facts = Facts(
        band=Band(5_000.0, None),
        ordered_w=5_000.0,
        is_over=is_over,
        has_session=True,
        is_offline=is_offline,
        can_limit=True,
        answer=Answer.ACCEPTED,
        commanded_w=5_000.0,
        measured_w=None,
    )
    return judging.judge(facts)


def test_a_charger_is_silent_once_a_slot_is_over_without_a_meter_value_and_not_while_it_runs() -> None:
    assert unmetered(is_over=True)[:2] == (Verdict.UNPROVEN, Reason.NOT_METERED)
    assert unmetered(is_over=False)[:2] == (Verdict.RUNNING, Reason.NONE)
    assert unmetered(is_over=False, is_offline=True)[:2] == (Verdict.RUNNING, Reason.OFFLINE)
