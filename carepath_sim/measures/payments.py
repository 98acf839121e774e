"""Payments that depend on a count: how much is released, and who bears what is not.

The reduction is the baseline less the count a year (with its background), at least 0 and at most
what is paid for. Paid is so much for each one less, or, at a threshold, all or nothing. This is the
arithmetic of the performance element of the Better Care Fund 2014/15 (Rutland's plan, section 5b:
103 admissions at 1,490 GBP).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.measures.measure import Cell, Measure, measure
from carepath_sim.measures.periods import WINDOW, per_year
from carepath_sim.measures.rates import counts
from carepath_sim.measures.strata import stratum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Payment


def released(payment: Payment, count: float) -> float:
    """Return what is paid [GBP a year] for a count a year."""
    most = payment.up_to.value
    fewer = min(max(payment.baseline.value - count, 0.0), most)
    if payment.form == "threshold":
        fewer = most if fewer >= most else 0.0
    return fewer * payment.unit.value


def lost(payment: Payment, count: float) -> float:
    """Return what is not paid of what could have been [GBP a year]."""
    return payment.up_to.value * payment.unit.value - released(payment, count)


def _none_given(plan: Plan) -> str:
    return "" if plan.scenario.payments else "the scenario has no payments"


def _count(view: View, payment: Payment) -> float:
    return float(counts(view, payment.measure)[0, 0]) * per_year(view.plan)


@measure(
    name="payment_released",
    definition="Money released a year by payments for performance: unit x (baseline - count), at"
    " least 0 and at most unit x up_to; with a threshold all of it or nothing. The count is that of"
    " the window, scaled to a year, with its background.",
    unit="GBP",
    refusal=_none_given,
)
def payment_released(view: View) -> Iterator[Cell]:
    """Work out what is paid."""
    for name, payment in view.plan.scenario.payments.items():
        value = released(payment, _count(view, payment))
        yield Cell(stratum(payment=name), WINDOW, value)


@measure(
    name="payment_lost",
    definition="Money a year that payments for performance do not release, of what they could; by"
    " who bears it.",
    unit="GBP",
    refusal=_none_given,
)
def payment_lost(view: View) -> Iterator[Cell]:
    """Work out what is not paid, and who bears it."""
    for name, payment in view.plan.scenario.payments.items():
        value = lost(payment, _count(view, payment))
        yield Cell(stratum(payment=name), WINDOW, value)
        for party, share in payment.loss:
            yield Cell(stratum(payment=name, payer=party), WINDOW, value * share.value)


MEASURES: tuple[Measure, ...] = (payment_released, payment_lost)
