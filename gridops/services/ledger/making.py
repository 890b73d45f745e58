"""Making a ledger: what was told and measured, read with a few queries, and judged slot by slot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.db.models import Sum as Total

from chargepoints.models import ChargePoint, Evse, Transaction
from gridops.services.ledger import judging, metered, told
from gridops.services.ledger.book import Ledger, PointBook
from gridops.services.ledger.facts import Answer, Band, Reason, Row, Span, Sum, Verdict, band_of, spans
from gridops.services.ledger.judging import Facts
from smac.models import ChargingNeed, FlexOrder

# IEC 61851-1: a car is told 6 A at least.
_LEAST_PHASE_W = 6 * 230


def of_order(*, order: FlexOrder, charge_points: Iterable[ChargePoint], now: datetime) -> Ledger:
    """The ledger of an order at these charge points (those that the asking person may see), problems first.

    The number of queries grows with nothing.
    """
    points, slots = list(charge_points), spans(order, now)
    world = _read(order, points, slots, now)
    cells = [[_cell(point, number, slot, world) for number, slot in enumerate(slots)] for point in points]
    sums: list[Sum] = []
    if order.scope == FlexOrder.Scope.TOGETHER:
        by_slot = [[cells_of_point[number] for cells_of_point in cells] for number in range(len(slots))]
        sums = [_sum(order, slot, column, world) for slot, column in zip(slots, by_slot, strict=True)]
    books = [
        PointBook(point, [_row(order, cell, number, sums, world) for number, cell in enumerate(cells_of_point)])
        for point, cells_of_point in zip(points, cells, strict=True)
    ]
    return Ledger(order, slots, sorted(books, key=lambda book: book.rank), sums, world.share)


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _World:
    """Everything that rows are made of: by transaction, by charge point; ``share``: of the whole order's power."""

    sessions: Mapping[int, list[Transaction]]
    means: Mapping[int, Mapping[int, metered.Mean]]
    said: Mapping[int, Sequence[told.Said]]
    minimum_w: Mapping[int, float]
    parts: Mapping[int, float]
    share: float
    # What the order allows a charge point by itself.
    band: Band


def _read(order: FlexOrder, points: Sequence[ChargePoint], slots: Sequence[Span], now: datetime) -> _World:
    rows = _transactions(points, slots)
    by_point: dict[int, list[Transaction]] = defaultdict(list)
    for row in rows:
        by_point[row.charge_point_id].append(row)
    parts, share = _installed(order, points)
    means, said = metered.means(rows, slots, now), told.said(rows, slots)
    return _World(by_point, means, said, _minimum_w(rows), parts, share, band_of(order))


def _transactions(points: Sequence[ChargePoint], slots: Sequence[Span]) -> list[Transaction]:
    if not slots:
        return []
    rows = Transaction.objects.filter(charge_point__in=points, started_at__lt=slots[-1].end)
    return list(rows.filter(Q(ended_at=None) | Q(ended_at__gt=slots[0].start)).select_related("evse").order_by("pk"))


def _minimum_w(rows: Sequence[Transaction]) -> dict[int, float]:
    """The least that each session can be told, other than a pause."""
    needs = ChargingNeed.objects.filter(transaction__in=rows).values_list("transaction_id", "min_charge_w", "phases")
    known = {pk: (least_w, phases) for pk, least_w, phases in needs}
    found = {}
    for row in rows:
        least_w, phases = known.get(row.pk, (0, None))
        evse_w, evse_phases = (row.evse.min_power_w, row.evse.phases) if row.evse else (0, 1)
        found[row.pk] = float(max(evse_w, least_w) or _LEAST_PHASE_W * min(phases or evse_phases, evse_phases))
    return found


def _installed(order: FlexOrder, points: Sequence[ChargePoint]) -> tuple[dict[int, float], float]:
    """Each charge point's part of the installed power of those seen, and their part of the whole order's.

    By what is installed, as the optimiser shares a limit for all together among grid connections.
    """
    rows = Evse.objects.filter(charge_point__flex_orders=order).order_by()
    watts = dict(rows.values_list("charge_point").annotate(Total("max_power_w")))
    seen_w = sum(watts.get(point.pk, 0) for point in points)
    whole_w = sum(watts.values())
    parts = {point.pk: watts.get(point.pk, 0) / seen_w if seen_w else 0.0 for point in points}
    return parts, seen_w / whole_w if whole_w else 1.0


# --- one charge point in one slot -------------------------------------------------------------------------------------


class _Cell(NamedTuple):
    """What is known of a charge point in a slot before it is judged."""

    point: ChargePoint
    span: Span
    sessions: int
    commanded_w: float | None = None
    answer: Answer = Answer.NOTHING_SENT
    accepted_w: float | None = None
    read_back_w: float | None = None
    measured_w: float | None = None
    covered: float = 0.0
    minimum_w: float = 0.0


def _cell(point: ChargePoint, number: int, slot: Span, world: _World) -> _Cell:
    present = [one.pk for one in world.sessions.get(point.pk, ()) if number in world.means[one.pk]]
    if not present:
        return _Cell(point, slot, 0)
    means = [world.means[pk][number] for pk in present]
    said = [world.said[pk][number] for pk in present]
    if len(present) == 1:
        [mean], [one] = means, said
        return _Cell(point, slot, 1, *one, mean.power_w, mean.covered, world.minimum_w[present[0]])
    return _Cell(
        point,
        slot,
        len(present),
        commanded_w=_added([one.commanded_w for one in said]),
        answer=_gravest([one.answer for one in said]),
        accepted_w=_added([one.accepted_w for one in said]),
        read_back_w=_added([one.read_back_w for one in said]),
        measured_w=_added([mean.power_w for mean in means]),
        covered=min(mean.covered for mean in means),
        minimum_w=sum(world.minimum_w[pk] for pk in present),
    )


def _added(values: Sequence[float | None]) -> float | None:
    """The sum; None where a part is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if values and len(known) == len(values) else None


_GRAVITY = (Answer.NOT_REACHED, Answer.NO_ANSWER, Answer.REFUSED, Answer.FAILED, Answer.ACCEPTED)


def _gravest(answers: Sequence[Answer]) -> Answer:
    """Of several sessions at one charge point the answer that most has to be told."""
    return next((one for one in _GRAVITY if one in answers), Answer.NOTHING_SENT)


def _is_offline(point: ChargePoint, slot: Span) -> bool:
    """Whether the charger's last outage covers the end of the slot. Of earlier ones commands and meters tell."""
    if point.disconnected_at is None:
        return point.connected_at is None
    came_back = point.connected_at if point.is_connected else None
    return point.disconnected_at < slot.end and (came_back is None or came_back >= slot.end)


def _row(order: FlexOrder, cell: _Cell, number: int, sums: Sequence[Sum], world: _World) -> Row:
    one_of = sums[number] if sums else None
    band = one_of.band.scaled(world.parts[cell.point.pk]) if one_of else world.band
    facts = Facts(
        band=band,
        ordered_w=max(band.most_w or 0.0, 0.0) if one_of else float(order.max_power_w),
        is_over=not cell.span.is_running,
        has_session=bool(cell.sessions),
        is_offline=_is_offline(cell.point, cell.span),
        can_limit=cell.point.can_limit,
        answer=cell.answer,
        commanded_w=cell.commanded_w,
        measured_w=cell.measured_w,
        minimum_w=cell.minimum_w,
    )
    found = _judged(facts, one_of)
    return Row(
        span=cell.span,
        charge_point_id=cell.point.pk,
        band=band,
        has_session=facts.has_session,
        commanded_w=cell.commanded_w,
        answer=cell.answer,
        accepted_w=cell.accepted_w,
        read_back_w=cell.read_back_w,
        measured_w=cell.measured_w,
        covered_percent=round(100 * cell.covered),
        deviation_w=found.deviation_w,
        verdict=found.verdict,
        reason=found.reason,
    )


def _judged(facts: Facts, one_of: Sum | None) -> judging.Judged:
    """Under a limit for all together a share binds nobody, as long as the sum keeps it."""
    found = judging.judge(facts)
    if one_of is None or not found.is_beyond:
        return found
    is_exceeded = one_of.verdict == Verdict.EXCEEDED
    if is_exceeded and not judging.is_as_told(facts):
        return found
    verdict = Verdict.KEPT if found.verdict == Verdict.EXCEEDED else found.verdict
    return judging.Judged(verdict, Reason.AS_TOLD if is_exceeded else Reason.WITHIN_SUM, 0.0)


def _sum(order: FlexOrder, slot: Span, cells: Sequence[_Cell], world: _World) -> Sum:
    """All together. What is not known of one makes the sum uncertain, unless the others alone exceed the limit."""
    charging = [cell for cell in cells if cell.sessions]
    band = band_of(order, sessions=len(charging)).scaled(world.share)
    measured_w = _added([cell.measured_w for cell in charging])
    if measured_w is None and charging:
        at_least_w = sum(cell.measured_w for cell in charging if cell.measured_w is not None)
        if not judging.keeps(Band(band.most_w, None), at_least_w):
            measured_w = at_least_w
    return Sum(
        span=slot,
        band=band,
        sessions=sum(cell.sessions for cell in charging),
        commanded_w=_added([cell.commanded_w for cell in charging]),
        measured_w=measured_w,
        deviation_w=judging.deviation_w(band, measured_w),
        verdict=judging.verdict(band, measured_w, has_session=bool(charging), is_over=not slot.is_running),
    )
