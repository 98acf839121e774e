"""The figures of the table that `carepath run` prints first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.measures.registry import all_measures

if TYPE_CHECKING:
    from carepath_sim.plan import Plan

HEADLINE = (
    ("emergency_admissions", "all"),
    ("emergency_admissions_per_100k", "all"),
    ("emergency_admissions_rate", "all"),
    ("step_up_admissions", "all"),
    ("readmissions_28_days", "all"),
    ("still_at_home_91_days", "all"),
    ("care_home_admissions_per_100k_over_65", "all"),
    ("delayed_transfer_days", "all"),
    ("delayed_transfer_days", "reason:*"),
    ("delayed_transfer_days_per_100k_adults", "all"),
    ("bed_days", "pool:*"),
    ("occupancy_mean", "pool:*"),
    ("utilisation", "pool:*"),
    ("surge_days", "pool:*"),
    ("contact_of_paid_hours", "pool:*"),
    ("turned_away_requests", "service:*"),
    ("standard_met", "standard:*"),
    ("costs", "payer:*"),
    ("payment_released", "payment:*"),
    ("payment_lost", "payment:* | payer:*"),
)
"""Measures with the strata shown of each, in the order of the table."""
UNSERVED = ("diverted", "given_up")
"""Shares of requests that end with patience; those that are 0 are not shown."""


def headline(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return measures and patterns of strata (`strata.selects`) of the headline table of a plan.

    Measures that the plan cannot answer are left out.
    """
    known = all_measures()
    shown = [(name, pattern) for name, pattern in HEADLINE if not known[name].refusal(plan)]
    if not plan.scenario.standards:
        # Without standards the waits themselves stand where those against standards would.
        at = shown.index(("standard_met", "standard:*"))
        shown[at : at + 1] = [("wait_mean", "service:*"), ("p_wait", "service:*")]
    # A request that ends so never starts, and is in no wait: without it a wait looks too good.
    unserved = [(name, "service:*") for name in UNSERVED if not known[name].refusal(plan)]
    last = next(k for k, (name, _) in enumerate(shown) if name in {"standard_met", "p_wait"})
    shown[last + 1 : last + 1] = unserved
    return tuple(shown)
