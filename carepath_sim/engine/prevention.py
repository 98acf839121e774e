"""What programmes look at, worked out once: exposure to crises, and the luck of being found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.rules_programmes import draw_finds
from carepath_sim.plan.programmes import AT_RANDOM

if TYPE_CHECKING:
    from carepath_sim.plan import Plan


def crisis_exposure(plan: Plan) -> np.ndarray:
    """Return the factor of each place on each hazard, 0 for what is no crisis."""
    exposure = plan.hazards.exposure.reshape(len(plan.services), -1).astype(np.float64)
    exposure[:, plan.hazards.deadly == 1] = 0.0
    if plan.progression is not None:
        exposure[:, plan.progression.hazard] = 0.0
    return np.ascontiguousarray(exposure.ravel())


def find_luck(
    plan: Plan, seed: int, replication: int, p: int, index: np.ndarray, identity: np.ndarray
) -> np.ndarray:
    """Return the uniforms by which a programme finds people at random; 0 where it does not."""
    luck = np.zeros(len(index))
    if plan.programme_tables.rule[p] == AT_RANDOM:
        decision = int(plan.programme_tables.decision_find[p])
        key = int(plan.tables.decision_key[decision * len(plan.cause_names)])
        draw_finds(seed, replication, index, identity, key, luck)
    return luck
