"""Pools of which more is asked than they hold: what every figure of them has to be read with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from carepath_sim.plan import traffic

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario

MOST_NAMED: Final = 3
MARK: Final = "offered load"
_SUM: Final = re.compile(r" \([^()]* referrals a day[^()]*\)")


def overloaded(scenario: Scenario) -> str:
    """Return a sentence on pools whose offered load reaches their capacity, or "".

    It is the warning of `carepath validate`, without the sum by which a load is worked out.
    """
    found = [
        f"{str(path[1]).replace('_', ' ')} ({_SUM.sub('', words)})"
        for path, words in traffic.warnings(scenario)
        if path[0] == "pools" and MARK in words
    ]
    if not found:
        return ""
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return (
        f"By the traffic equations more is asked of some pools than they hold: "
        f"{'; '.join(found[:MOST_NAMED])}{more}. Waits then depend on how long one looks."
    )
