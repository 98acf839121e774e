"""The rules by which stays move people along levels: pure functions over `plan.states.States`."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import rule


@rule
def chance_of_move(S: Any, row: int, stayed: int) -> float:
    """Return the chance of a move after a stay [ms]; 0 for none."""
    beyond = stayed - S.after[row]
    if beyond < 0:
        return 0.0
    first = S.chance_first[row]
    last = S.chance_first[row + 1] - 1
    chance: float = S.chance[min(first + beyond // 86_400_000, last)]
    return chance
