"""Which way a measure is good.

Documents give targets as bare figures and do not say whether they are the least or the most that is
hoped for. It is decided here, once, for everything that holds a figure against a target.
"""

from __future__ import annotations

from typing import Final

LARGE_IS_GOOD: Final = frozenset(
    {
        "still_at_home_91_days",
        "discharged_to_same_address",
        "no_further_service",
        "standard_met",
    }
)
"""Measures of which a target is the least that is hoped for."""

NEITHER: Final = frozenset(
    {
        *("requests", "starts", "ends", "exits", "moves", "grants", "visits", "contact_hours"),
        *("step_up_admissions", "programme_joins", "programme_leavers", "episodes_per_day"),
        *("caseload_mean", "caseload_end", "payment_released", "capacity_mean", "utilisation"),
        *("occupancy_mean", "occupancy_midnight", "occupancy_max", "occupancy_share"),
        *("occupancy_p50", "occupancy_p90", "occupancy_p95", "occupancy_p99"),
        *("worker_utilisation", "contact_of_paid_hours"),
    }
)
"""Amounts of work and use of capacity: whether more is good depends on what it is an amount of."""


def better(measure: str) -> int:
    """Return -1 where small is good, 1 where large is, 0 where it is neither.

    >>> better("delayed_transfer_days"), better("still_at_home_91_days"), better("caseload_mean")
    (-1, 1, 0)
    """
    if measure in NEITHER:
        return 0
    return 1 if measure in LARGE_IS_GOOD else -1
