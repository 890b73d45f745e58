"""Each charger's list of tokens, kept in step piece by piece."""

from typing import Any

import pytest

from chargepoints.domain import intents, reports
from chargepoints.models import ChargePoint, Command, DeviceVariable, IdToken, LocalListEntry, Operator
from chargepoints.services import answers, commands, local_lists
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Operator:
    return factories.operator()


@pytest.fixture
def point(operator: Operator) -> ChargePoint:
    row = factories.charge_point(operator)
    ChargePoint.objects.filter(pk=row.pk).update(ocpp_version="1.6", booted_at=NOW)
    row.refresh_from_db()
    return row


def setting(point: ChargePoint, name: str, value: str, component: str = "", **more: Any) -> None:
    DeviceVariable.objects.create(
        charge_point=point, component=component, name=name, value=value, reported_at=NOW, **more
    )


def sent(point: ChargePoint) -> Command:
    """The next command for its list, taken by the charger's connection."""
    command = claimed(point)
    assert command is not None
    return command


def claimed(point: ChargePoint) -> Command | None:
    """Questions for settings go before: they are answered with nothing."""
    while command := factories.taken(point.pk):
        if command.kind != "get_variables":
            return command
        commands.answered(command_id=command.pk, accepted=True, answer={}, now=NOW)
    return None


def nothing_to_say(point: ChargePoint) -> bool:
    local_lists.sweep(now=NOW)
    return claimed(point) is None


def tell_version(point: ChargePoint, version: int) -> None:
    """The charger is asked which list it holds, and tells."""
    local_lists.sweep(now=NOW)
    question = sent(point)
    assert question.kind == "get_local_list_version"
    commands.answered(command_id=question.pk, accepted=True, answer={"listVersion": version}, now=NOW)
    answers.keep(command=question, report=reports.LocalListVersionReported(version), now=NOW)


def piece(point: ChargePoint, status: str = "Accepted") -> intents.SendLocalList:
    """The next piece of the list, answered with ``status``."""
    command = sent(point)
    assert isinstance(command.intent, intents.SendLocalList)
    commands.answered(command_id=command.pk, accepted=status == "Accepted", answer={"status": status}, now=NOW)
    return command.intent


def swept(point: ChargePoint, status: str = "Accepted") -> intents.SendLocalList:
    local_lists.sweep(now=NOW)
    return piece(point, status)


def told(intent: intents.SendLocalList) -> list[tuple[str, str]]:
    return sorted((entry.token, entry.status) for entry in intent.entries)


def held(point: ChargePoint) -> list[tuple[str, str]]:
    return list(LocalListEntry.objects.filter(charge_point=point).order_by("key").values_list("token", "status"))


def card(token: str, **values: Any) -> IdToken:
    row = factories.id_token(factories.driver(), token)
    IdToken.objects.filter(pk=row.pk).update(**values)
    return row


def version(point: ChargePoint) -> int | None:
    point.refresh_from_db()
    return point.local_list_version


def test_the_first_list_is_sent_whole_and_kept_as_the_charger_accepted_it(point: ChargePoint) -> None:
    card("A1", parent="FAMILY", expires_at=NOW + minutes(60))
    card("B1")
    tell_version(point, 0)
    first = swept(point)
    assert (first.full, first.version, told(first)) == (True, 1, [("A1", "Accepted"), ("B1", "Accepted")])
    assert (held(point), version(point)) == (told(first), 1)
    row = LocalListEntry.objects.get(key="A1")
    assert (row.parent, row.expires_at) == ("FAMILY", NOW + minutes(60))
    assert nothing_to_say(point)


def test_changes_are_sent_as_differences(point: ChargePoint) -> None:
    kept, blocked, gone = card("A1"), card("B1"), card("C1")
    tell_version(point, 0)
    swept(point)
    IdToken.objects.filter(pk=blocked.pk).update(status="blocked")
    gone.delete()
    card("D1")
    change = swept(point)
    assert (change.full, change.version) == (False, 2)
    assert told(change) == [("B1", "Blocked"), ("C1", ""), ("D1", "Accepted")]
    assert held(point) == [("A1", "Accepted"), ("B1", "Blocked"), ("D1", "Accepted")]
    IdToken.objects.filter(pk=kept.pk).update(parent="FLEET")
    assert [entry.parent for entry in swept(point).entries] == ["FLEET"]
    assert version(point) == 3


def test_a_token_that_expires_is_taken_out(point: ChargePoint) -> None:
    card("A1")
    card("B1", expires_at=NOW + minutes(5))
    tell_version(point, 0)
    swept(point)
    local_lists.sweep(now=NOW + minutes(6))
    assert told(piece(point)) == [("B1", "")]
    assert held(point) == [("A1", "Accepted")]


def test_a_long_list_goes_in_pieces_each_when_the_last_was_accepted(point: ChargePoint) -> None:
    setting(point, "SendLocalListMaxLength", "2")
    for number in range(5):
        card(f"T{number}")
    tell_version(point, 0)
    pieces = [swept(point), piece(point), piece(point)]
    assert [(one.full, one.version, len(one.entries)) for one in pieces] == [(True, 1, 2), (False, 2, 2), (False, 3, 1)]
    assert len(held(point)) == 5
    assert nothing_to_say(point)


def test_a_charger_with_little_room_gets_those_who_charged_there_last(point: ChargePoint) -> None:
    setting(point, "LocalAuthListMaxLength", "2")
    for number in range(4):
        card(f"T{number}")
    for number, ago in ((3, 60), (1, 600)):
        token = IdToken.objects.get(key=f"T{number}")
        factories.transaction(point.evses.get(), token.driver, id_token=token, started_at=NOW - minutes(ago))
    tell_version(point, 0)
    assert [entry.token for entry in swept(point).entries] == ["T3", "T1"]
    assert nothing_to_say(point)


def test_a_2_0_1_charger_s_own_limits_hold(point: ChargePoint) -> None:
    ChargePoint.objects.filter(pk=point.pk).update(ocpp_version="2.0.1")
    setting(point, "ItemsPerMessage", "3", "LocalAuthListCtrlr")
    setting(point, "BytesPerMessage", "500", "LocalAuthListCtrlr")
    setting(point, "Entries", "0", "LocalAuthListCtrlr", max_limit=3.0)
    for number in range(5):
        card(f"T{number}")
    tell_version(point, 0)
    assert [len(swept(point).entries), len(piece(point).entries)] == [2, 1]
    assert len(held(point)) == 3


def test_a_list_of_another_version_than_ours_is_replaced_whole(point: ChargePoint) -> None:
    card("A1")
    tell_version(point, 7)
    replaced = swept(point)
    assert (replaced.full, replaced.version) == (True, 8)


def test_an_unknown_list_is_emptied_when_nobody_may_charge(point: ChargePoint) -> None:
    tell_version(point, 7)
    emptied = swept(point)
    assert (emptied.full, emptied.entries) == (True, ())
    assert nothing_to_say(point)


def test_after_a_boot_the_version_is_asked_once_and_a_list_in_step_is_left_alone(point: ChargePoint) -> None:
    card("A1")
    tell_version(point, 0)
    swept(point)
    ChargePoint.objects.filter(pk=point.pk).update(booted_at=NOW + minutes(10))
    local_lists.sweep(now=NOW + minutes(11))
    local_lists.sweep(now=NOW + minutes(12))
    questions = Command.objects.filter(kind="get_local_list_version")
    assert questions.count() == 2
    answers.keep(command=questions.latest("pk"), report=reports.LocalListVersionReported(1), now=NOW + minutes(12))
    assert (held(point), version(point)) == ([("A1", "Accepted")], 1)
    Command.objects.filter(pk=questions.latest("pk").pk).update(status="accepted")
    assert local_lists.sweep(now=NOW + minutes(13)) == 0


def test_a_charger_that_forgot_its_list_gets_it_again(point: ChargePoint) -> None:
    card("A1")
    tell_version(point, 0)
    swept(point)
    ChargePoint.objects.filter(pk=point.pk).update(booted_at=NOW + minutes(10))
    tell_version_at = NOW + minutes(11)
    local_lists.sweep(now=tell_version_at)
    question = sent(point)
    commands.answered(command_id=question.pk, accepted=True, answer={}, now=tell_version_at)
    answers.keep(command=question, report=reports.LocalListVersionReported(0), now=tell_version_at)
    assert held(point) == []
    again = swept(point)
    assert (again.full, told(again)) == (True, [("A1", "Accepted")])


def test_a_version_mismatch_is_followed_by_the_whole_list(point: ChargePoint) -> None:
    card("A1")
    card("B1")
    tell_version(point, 0)
    swept(point)
    card("C1")
    assert swept(point, "VersionMismatch").full is False
    whole = piece(point)
    assert (whole.full, len(whole.entries)) == (True, 3)
    assert len(held(point)) == 3


def test_a_charger_that_fails_on_the_whole_list_is_left_alone_until_something_changes_or_it_boots(
    point: ChargePoint,
) -> None:
    card("A1")
    tell_version(point, 0)
    swept(point, "Failed")
    assert held(point) == []
    assert nothing_to_say(point)
    card("B1")
    assert swept(point, "Failed").full
    assert nothing_to_say(point)
    ChargePoint.objects.filter(pk=point.pk).update(local_list_asked_at=NOW - minutes(1))
    tell_version(point, 0)
    assert len(swept(point).entries) == 2


@pytest.mark.parametrize("status", ["NotSupported", "NotImplemented"])
def test_a_charger_that_keeps_no_list_is_not_sent_one_again(point: ChargePoint, status: str) -> None:
    card("A1")
    tell_version(point, 0)
    swept(point, status)
    assert version(point) == local_lists.KEEPS_NONE
    assert nothing_to_say(point)


def test_a_charger_that_tells_minus_one_keeps_no_list(point: ChargePoint) -> None:
    card("A1")
    tell_version(point, -1)
    assert version(point) == -1
    assert nothing_to_say(point)


def test_a_charger_that_does_not_know_the_question_keeps_no_list(point: ChargePoint) -> None:
    local_lists.sweep(now=NOW)
    commands.failed(command_id=sent(point).pk, error="NotImplemented: ", now=NOW)
    assert version(point) == -1


def test_a_charger_that_does_not_name_the_profile_is_not_even_asked(point: ChargePoint) -> None:
    setting(point, "SupportedFeatureProfiles", "Core,SmartCharging")
    assert nothing_to_say(point)
    assert version(point) == -1


def test_after_no_answer_nobody_knows_what_it_holds_and_it_is_asked_an_hour_later(point: ChargePoint) -> None:
    card("A1")
    tell_version(point, 0)
    local_lists.sweep(now=NOW)
    commands.timed_out(command_id=sent(point).pk, now=NOW)
    assert version(point) is None
    assert nothing_to_say(point)
    local_lists.sweep(now=NOW + minutes(61))
    assert sent(point).kind == "get_local_list_version"


def test_while_a_list_is_on_its_way_no_other_is_sent(point: ChargePoint) -> None:
    card("A1")
    tell_version(point, 0)
    local_lists.sweep(now=NOW)
    card("B1")
    assert local_lists.sweep(now=NOW) == 0
    assert told(piece(point)) == [("A1", "Accepted")]
    assert told(swept(point)) == [("B1", "Accepted")]


def test_an_operator_s_own_cards_are_on_its_chargers_only_and_apps_on_none(
    point: ChargePoint, operator: Operator
) -> None:
    card("OURS", operator=operator)
    card("THEIRS", operator=factories.operator())
    card("ANYBODY")
    card("APP", type="Central")
    tell_version(point, 0)
    assert [token for token, _ in told(swept(point))] == ["ANYBODY", "OURS"]


def test_a_private_charger_knows_its_owner_s_cards_only() -> None:
    owner = factories.driver()
    factories.id_token(owner, "MINE")
    card("THEIRS")
    home = factories.charge_point(owner=owner)
    ChargePoint.objects.filter(pk=home.pk).update(ocpp_version="2.0.1")
    tell_version(home, 0)
    assert told(swept(home)) == [("MINE", "Accepted")]


def test_1_6_is_not_sent_what_it_cannot_say_nor_a_card_that_may_only_stop(
    point: ChargePoint, operator: Operator
) -> None:
    Operator.objects.filter(pk=operator.pk).update(master_pass_group="MASTER")
    card("X" * 21)
    card("PASS", parent="MASTER", operator=operator)
    card("SHORT")
    tell_version(point, 0)
    assert told(swept(point)) == [("SHORT", "Accepted")]


def test_a_charger_that_is_away_or_not_accepted_is_not_asked(point: ChargePoint) -> None:
    ChargePoint.objects.filter(pk=point.pk).update(connection_key="")
    assert local_lists.sweep(now=NOW) == 0
    ChargePoint.objects.filter(pk=point.pk).update(connection_key="link", registration="pending")
    assert local_lists.sweep(now=NOW) == 0


def test_one_query_reads_the_tokens_of_all_chargers(operator: Operator, django_assert_max_num_queries: Any) -> None:
    card("A1")
    for _ in range(8):
        row = factories.charge_point(operator)
        ChargePoint.objects.filter(pk=row.pk).update(ocpp_version="1.6", booted_at=NOW)
        tell_version(row, 0)
        swept(row)
    with django_assert_max_num_queries(3):
        assert local_lists.sweep(now=NOW) == 0


def test_after_a_boot_the_settings_are_asked_for_before_the_list(point: ChargePoint) -> None:
    local_lists.sweep(now=NOW)
    kinds = Command.objects.filter(charge_point=point).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["get_variables", "get_local_list_version"]


def test_a_boot_gives_a_list_that_was_refused_another_chance(point: ChargePoint) -> None:
    card("A1")
    tell_version(point, 0)
    swept(point)
    card("B1")
    assert [swept(point, "Failed").full, piece(point, "Failed").full] == [False, True]
    assert nothing_to_say(point)
    ChargePoint.objects.filter(pk=point.pk).update(local_list_asked_at=NOW - minutes(1))
    tell_version(point, 1)
    assert len(swept(point).entries) == 2


def test_when_most_goes_the_rest_is_sent_whole(point: ChargePoint) -> None:
    for number in range(4):
        card(f"T{number}")
    tell_version(point, 0)
    swept(point)
    IdToken.objects.exclude(key="T0").delete()
    rest = swept(point)
    assert (rest.full, told(rest)) == (True, [("T0", "Accepted")])
    assert held(point) == [("T0", "Accepted")]


def test_a_charger_that_is_full_in_the_middle_keeps_what_it_took_and_is_left_alone(point: ChargePoint) -> None:
    setting(point, "SendLocalListMaxLength", "2")
    for number in range(6):
        card(f"T{number}")
    tell_version(point, 0)
    swept(point)
    assert piece(point, "Failed").version == 2
    assert held(point) == [("T0", "Accepted"), ("T1", "Accepted")]
    assert nothing_to_say(point)
    assert version(point) == 1


def test_pieces_that_wait_are_taken_back_when_one_gets_no_answer(point: ChargePoint) -> None:
    setting(point, "SendLocalListMaxLength", "2")
    for number in range(6):
        card(f"T{number}")
    tell_version(point, 0)
    local_lists.sweep(now=NOW)
    commands.timed_out(command_id=sent(point).pk, now=NOW)
    assert nothing_to_say(point)
    assert list(Command.objects.filter(kind="send_local_list").values_list("status", flat=True)) == [
        "cancelled",
        "cancelled",
        "timed_out",
    ]


def test_what_was_left_of_a_list_when_the_line_broke_for_a_day_is_sent_as_a_difference(point: ChargePoint) -> None:
    setting(point, "SendLocalListMaxLength", "2")
    for number in range(4):
        card(f"T{number}")
    tell_version(point, 0)
    swept(point)
    assert commands.expire(now=NOW + minutes(25 * 60)) == 1
    rest = swept(point)
    assert (rest.full, rest.version, told(rest)) == (False, 2, [("T2", "Accepted"), ("T3", "Accepted")])
