"""Delays cut into pieces: who waits at which service, for what, and who is responsible.

The delay of a stay is [ready, left): from the end of the stay proper to leaving. Every instant of
it belongs to exactly one reason, the first of these that holds:

1. the in-place step awaited or received; of several open ones that which ends last, and of those
   that end together the one written first;
2. the onward service, while it has been asked for and no place is granted;
3. once a place is granted: ``discharge hours`` until the person may leave, ``transfer`` for as
   long as the way there takes, then ``admission hours`` until the new service is open;
4. ``decision round`` until the way on is decided; ``discharge hours`` for those who need not ask
   for a place, because they return home or to a place kept for them; ``other`` otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, How
from carepath_sim.measures.arrays import expand
from carepath_sim.measures.openings import first_opening
from carepath_sim.measures.places import at_places
from carepath_sim.measures.services import services
from carepath_sim.measures.transfers import transfers
from carepath_sim.measures.view import ended, host_rows

if TYPE_CHECKING:
    from carepath_sim.measures.arrays import Bools, Ints
    from carepath_sim.measures.view import View

STEP, ONWARD, DISCHARGE, ADMISSION, TRANSFER, DECISION, RETURN, OTHER = range(8)
OF_AWAITED = (STEP, ONWARD, ADMISSION, TRANSFER)
"""Kinds for which the awaited service is responsible."""
FIXED_REASONS = {
    DISCHARGE: "discharge hours",
    ADMISSION: "admission hours",
    TRANSFER: "transfer",
    DECISION: "decision round",
    RETURN: "discharge hours",
    OTHER: "other",
}
"""Reasons that are no service's own, by kind; the lower the number, the earlier it counts."""

# A stay and an instant share one integer, because sorting numbers is faster than sorting rows.
_BITS = 44
_TIME = (1 << _BITS) - 1


@dataclass(frozen=True)
class Pieces:
    """Pieces of delay, ordered by the stay they belong to and by time, shape `(piece,)` each.

    Attributes
    ----------
    host
        Row of the delayed stay.
    begin, end
        Instants [ms]; the pieces of a stay follow each other from its `ready` to its `left`.
    kind
        ``STEP``, ``ONWARD``, ``DISCHARGE``, ``ADMISSION``, ``TRANSFER``, ``DECISION``, ``RETURN``
        (discharge hours before a return), ``OTHER``.
    service
        Where the person is.
    awaited
        Service that the person is to receive or to move to, -1 where none has been asked for.
    reason
        Number of the reason in `reasons`.
    responsible
        Number in `services.RESPONSIBLE`: that of the awaited service; of the present one for
        discharge hours and decisions.
    reasons
        The reasons that the plan can give, in words.
    """

    host: Ints
    begin: Ints
    end: Ints
    kind: Ints
    service: Ints
    awaited: Ints
    reason: Ints
    responsible: Ints
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class _Spans:
    """Times at which something may be the reason; several may hold at an instant.

    Attributes
    ----------
    stay
        Number of the delayed stay.
    last
        When the step ends: of several, the latest counts.
    order
        Order in which they were asked for: of several that end together, the least counts.
    """

    stay: Ints
    begin: Ints
    end: Ints
    kind: Ints
    awaited: Ints
    last: Ints
    order: Ints

    def best_last(self) -> Ints:
        """Return an order in which of any two spans the one that counts comes later."""
        return np.lexsort((-self.order, self.last, -self.kind))


def delayed_stays(view: View) -> Ints:
    """Return the rows of stays that went on after the person was ready, shape `(stay,)`."""
    rows = view.once(at_places)
    ready = view.spells["ready"][rows]
    chosen: Ints = rows[(ready != NEVER) & (view.once(ended)[rows] > ready)]
    return chosen


def pieces(view: View) -> Pieces:
    """Return the delays of all stays in pieces, not clipped to the window."""
    hosts = view.once(delayed_stays)
    begin, end = view.spells["ready"][hosts], view.once(ended)[hosts]
    return _described(view, hosts, *_cut(_clipped(_spans(view, hosts), begin, end)))


def _spans(view: View, hosts: Ints) -> _Spans:
    """Return everything that may be a reason of delay of some stays."""
    spells, ends, kinds = view.spells, view.once(ended), view.once(services)
    number = np.full(len(ends), -1, dtype=np.int64)
    number[hosts] = np.arange(len(hosts))
    host = view.once(host_rows)
    asked = np.flatnonzero(host >= 0)
    asked = asked[number[host[asked]] >= 0]
    # Nobody waits for what is received alongside, nor for a waiting room.
    apart = kinds.alongside[spells["service"][asked]] | (spells["how"][asked] == How.ROOM)
    asked = asked[~apart]
    stay, service = number[host[asked]], spells["service"][asked]
    in_place = kinds.in_place[service]
    granted = spells["granted"][asked]
    waits_until = np.where(granted == NEVER, ends[asked], granted)
    started = spells["started"][asked]
    moves_at = np.where(started == NEVER, ends[asked], started)
    # A step that is still going on has an end of its own beyond that of the run.
    last = np.maximum(ends[asked], spells["ready"][asked])
    over = np.maximum(spells["over"][host[asked]], spells["ready"][host[asked]])
    booked = ~in_place & (granted != NEVER)
    released = np.maximum(np.where(booked, granted, 0), over)
    arrived = np.minimum(released + transfers(view, asked), moves_at)
    opens = np.minimum(first_opening(view.plan, "admits", service, arrived), moves_at)
    parts = [
        (in_place, spells["requested"][asked], ends[asked], STEP),
        (~in_place, spells["requested"][asked], waits_until, ONWARD),
        (booked, granted, np.minimum(over, moves_at), DISCHARGE),
        (booked, arrived, opens, ADMISSION),
        (booked, released, arrived, TRANSFER),
        (booked, np.maximum(released, opens), moves_at, TRANSFER),
    ]
    first = np.full(len(hosts), np.iinfo(np.int64).max)
    np.minimum.at(first, stay, spells["requested"][asked])
    begin, end = spells["ready"][hosts], ends[hosts]
    decided = first_opening(view.plan, "decides", spells["service"][hosts], begin)
    everyone = np.arange(len(hosts), dtype=np.int64)
    none = np.full(len(hosts), -1, dtype=np.int64)
    chosen = [np.flatnonzero(mask) for mask, *_ in parts]

    def column(of_requests: list[Ints], of_stays: list[Ints]) -> Ints:
        cut = [values[rows] for values, rows in zip(of_requests, chosen, strict=True)]
        return np.concatenate([*cut, *of_stays])

    return _Spans(
        stay=column([stay] * len(parts), [everyone] * 3),
        begin=column([part[1] for part in parts], [begin] * 3),
        end=column(
            [part[2] for part in parts], [np.minimum(first, decided), spells["over"][hosts], end]
        ),
        kind=np.repeat(
            np.array([part[3] for part in parts] + [DECISION, RETURN, OTHER], dtype=np.int64),
            [len(rows) for rows in chosen] + [len(hosts)] * 3,
        ),
        awaited=column([service] * len(parts), [none] * 3),
        last=column([last] * len(parts), [none] * 3),
        order=column([spells["visit"][asked]] * len(parts), [none] * 3),
    )


def _clipped(spans: _Spans, begin: Ints, end: Ints) -> _Spans:
    """Cut spans to the delays of their stays; those that lie outside go."""
    first = np.maximum(spans.begin, begin[spans.stay])
    last = np.minimum(spans.end, end[spans.stay])
    keep = first < last
    return _Spans(
        stay=spans.stay[keep],
        begin=first[keep],
        end=last[keep],
        kind=spans.kind[keep],
        awaited=spans.awaited[keep],
        last=spans.last[keep],
        order=spans.order[keep],
    )


def _cut(spans: _Spans) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Cut overlapping spans into pieces that follow each other.

    Returns
    -------
    tuple
        Stay, begin, end, kind and awaited service of each piece.
    """
    # Spans are painted over each other in the order of their rank. Every edge of a span is an
    # edge of a cell of the canvas, so a cell shows one span only.
    base = spans.begin.min(initial=0)
    begins, ends = ((spans.stay << _BITS) | (t - base) for t in (spans.begin, spans.end))
    edges = np.sort(np.concatenate((begins, ends)))
    edges = edges[np.append(True, edges[1:] != edges[:-1])[: len(edges)]]
    order = spans.best_last()
    first = np.searchsorted(edges, begins[order])
    owner, number = expand(np.searchsorted(edges, ends[order]) - first)
    canvas = np.full(len(edges), -1, dtype=np.int64)
    canvas[first[owner] + number] = order[owner]  # of several, the last one painted stays
    # A piece begins where the span changes; the edge that ends a stay shows nothing.
    shown = np.flatnonzero(canvas >= 0)
    new = np.ones(len(shown), dtype=np.bool_)
    new[1:] = canvas[shown[1:]] != canvas[shown[:-1]]
    head = np.flatnonzero(new)
    tail = np.append(head[1:], len(shown))[: len(head)] - 1
    span = canvas[shown[head]]
    stop = edges[shown[tail] + 1] & _TIME
    return (
        spans.stay[span],
        (edges[shown[head]] & _TIME) + base,
        stop + base,
        spans.kind[span],
        spans.awaited[span],
    )


def _described(
    view: View, hosts: Ints, stay: Ints, begin: Ints, end: Ints, kind: Ints, awaited: Ints
) -> Pieces:
    """Give pieces their reasons in words and who is responsible."""
    kinds = view.once(services)
    reasons, own = reasons_of(view)
    fixed = np.array([reasons.index(FIXED_REASONS.get(k, "other")) for k in range(OTHER + 1)])
    service = view.spells["service"][hosts[stay]]
    return Pieces(
        host=hosts[stay],
        begin=begin,
        end=end,
        kind=kind,
        service=service,
        awaited=awaited,
        reason=np.where(kind <= ONWARD, own[awaited], fixed[kind]),
        responsible=kinds.responsible[np.where(np.isin(kind, OF_AWAITED), awaited, service)],
        reasons=reasons,
    )


def reasons_of(view: View) -> tuple[tuple[str, ...], Ints]:
    """Return all reasons in words, and the number of each service's own."""
    found: dict[str, int] = {}
    own = [
        found.setdefault(info.delay_reason or f"awaiting {info.title.lower()}", len(found))
        for info in view.plan.services
    ]
    for word in FIXED_REASONS.values():
        found.setdefault(word, len(found))
    return tuple(found), np.array(own, dtype=np.int64)


def usual_reasons(view: View) -> Bools:
    """Tell which reasons are those of written services or of hours and decisions."""
    reasons, own = reasons_of(view)
    usual = np.zeros(len(reasons), dtype=np.bool_)
    usual[own[view.once(services).written]] = True
    usual[[reasons.index(word) for kind, word in FIXED_REASONS.items() if kind < TRANSFER]] = True
    usual[reasons.index(FIXED_REASONS[DECISION])] = True
    return usual
