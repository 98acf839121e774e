"""The open network of `network.yaml` in numbers, for the models of the other libraries [h]."""

from __future__ import annotations

import math

REFERRALS = 20_000 / (365.25 * 24)
"""Referrals an hour."""
CAPACITY = {"clinicians": 6, "acute": 260, "community": 190, "reablement": 700}
POOL = {
    "desk": "clinicians",
    "acute": "acute",
    "community": "community",
    "reablement": "reablement",
}
"""What a stay holds; the other services have room for everybody."""
NORMAL_P90 = 1.2815515655446004


def by_median(median: float, p90: float) -> tuple[float, float]:
    """Return mu and sigma of a lognormal law from its median and 90th percentile."""
    return math.log(median), math.log(p90 / median) / NORMAL_P90


def by_mean(mean: float, sd: float) -> tuple[float, float]:
    """Return mu and sigma of a lognormal law from its mean and standard deviation."""
    sigma2 = math.log(1 + (sd / mean) ** 2)
    return math.log(mean) - sigma2 / 2, math.sqrt(sigma2)


STAYS = {
    "desk": by_median(0.5, 1),
    "triage": by_median(2, 6),
    "visit": by_median(4, 12),
    "acute": by_mean(9 * 24, 8 * 24),
    "community": by_mean(28 * 24, 18 * 24),
    "reablement": by_mean(21 * 24, 10 * 24),
    "check": by_median(24, 72),
    "follow_up": by_median(72, 216),
}
ROUTES: dict[str, tuple[list[str | None], list[float]]] = {
    "desk": (["triage", None], [0.8, 0.2]),
    "triage": (["acute", "visit"], [0.55, 0.45]),
    "visit": (["reablement", None], [0.7, 0.3]),
    "acute": (["community", "reablement", "check"], [0.25, 0.3, 0.45]),
    "community": (["reablement", "check"], [0.6, 0.4]),
    "reablement": (["check"], [1.0]),
    "check": (["follow_up", None], [0.3, 0.7]),
    "follow_up": ([None], [1.0]),
}
