"""The log of assumptions: every number, how good it is, how much it matters, and the risk in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from carepath_sim.errors import CarepathError
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.files import MANIFEST
from carepath_sim.experiment.store.folder import read_manifest
from carepath_sim.scenario.stated import stated

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from carepath_sim.scenario.model import Scenario

COLUMNS: Final = (
    *("field", "value", "range", "quality", "source", "note", "assumed"),
    *("effect", "on", "impact", "risk"),
)
HIGH, MEDIUM = 0.10, 0.01
"""Shares of the variance of a figure from which an impact is high, or medium."""
UNKNOWN: Final = "not known"
LEVELS: Final = {"low": 1, "medium": 2, "high": 3}
SOUND: Final = {"excellent": 1, "good": 1, "fair": 2, "document": 2}
"""How weak a number of a quality is; all others are weakest."""
STRENGTH: Final = {"swing": 2, "mu_star": 2, "total": 1}
"""Columns of sensitivity analyses by which numbers differ, and their power in the variance."""


class EffectsError(CarepathError):
    """A folder that does not tell how much the numbers of a scenario matter."""


@dataclass(frozen=True)
class Effect:
    """How much a number matters.

    Attributes
    ----------
    share
        Of the variance of a figure, among the numbers that were varied.
    on
        The figure for which it is most.
    """

    share: float
    on: str


def assumptions(
    scenario: Scenario, *, effects: str | Path | None = None, parameters: Sequence[str] = ()
) -> pd.DataFrame:
    """Every number that a scenario states, with quality, range and source, and how much it matters.

    Numbers that nobody has a source for come first; where effects are known, those of the highest
    risk do: weak numbers that matter.

    Parameters
    ----------
    scenario
        The scenario.
    effects
        Folder of `carepath sensitivity`, or of `carepath run --ranges` or `--posterior`, for the
        same scenario; None: nothing is known of effects.
    parameters
        Names or patterns with ``*`` of the fields to list; none: all.

    Returns
    -------
        Columns field (as for ``--set``), value and range (as written), quality, source, note,
        assumed (whether nobody has a source), effect (share of the variance of the figure on which
        it is greatest), on (that figure), impact (high from 10 % on, medium from 1 % on, low, or
        not known), risk (high where a number is weak and of high impact, one step less for
        each step away; not known).

    Raises
    ------
    EffectsError
        When the folder holds something else, or is of another scenario.
    OptionError
        When no field has such a name.

    Notes
    -----
    The log of assumptions of HM Treasury's Aqua Book (2015), with quality and impact assessed.
    """
    import pandas as pd

    found = [
        one
        for one in stated(scenario)
        if not parameters or any(_fits(one.field, name) for name in parameters)
    ]
    if not found:
        raise OptionError(f"no number of {scenario.name} is called {', '.join(parameters)}")
    known = _effects(Path(effects), scenario) if effects is not None else {}
    rows = []
    for one in found:
        effect = known.get(one.field, Effect(math.nan, ""))
        impact = _impact(effect.share)
        risk = _risk(impact, SOUND.get(one.quality, 3))
        said = one.quality or "not said"
        rows.append(
            (one.field, one.text, one.span, said, one.source, one.note, one.supposed,
             effect.share, effect.on, impact, risk)
        )  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    order = pd.DataFrame(
        {
            "risk": -frame["risk"].map(LEVELS).fillna(0),
            "effect": -frame["effect"].fillna(0),
            "assumed": ~frame["assumed"],
        }
    ).sort_values(["risk", "effect", "assumed"], kind="stable")
    return frame.loc[order.index].reset_index(drop=True)


def _fits(field: str, name: str) -> bool:
    # Brackets are steps into lists here, no patterns.
    return field == name or fnmatchcase(field, name.replace("[", "[[]"))


def _impact(share: float) -> str:
    if math.isnan(share):
        return UNKNOWN
    return "high" if share >= HIGH else "medium" if share >= MEDIUM else "low"


def _risk(impact: str, weakness: int) -> str:
    if impact == UNKNOWN:
        return UNKNOWN
    # High where a number is both weakest and of high impact, one step less for each step away.
    score = LEVELS[impact] + weakness - 3
    return "high" if score == 3 else "medium" if score == 2 else "low"


def _effects(folder: Path, scenario: Scenario) -> dict[str, Effect]:
    import pandas as pd

    if not (folder / MANIFEST).exists():
        raise EffectsError(
            f"{folder} holds no results; a folder of `carepath sensitivity`, or of "
            "`carepath run --ranges`, is needed"
        )
    manifest = read_manifest(folder)
    kind = manifest.get("kind", "run")
    if kind not in {"sensitivity", "uncertainty"}:
        raise EffectsError(f"{folder} holds a {kind}; a sensitivity analysis is needed, or a run "
                           "with ranges or a posterior")  # fmt: skip
    if scenario.hash() not in manifest.get("hashes", []):
        names = ", ".join(manifest.get("names", [])) or "another"
        raise EffectsError(
            f"{folder} is of {names} as it was then, which differs from {scenario.name} as it is "
            "now; make it again"
        )
    if kind == "uncertainty":
        table = pd.read_csv(folder / "knowing.csv")
        # Gains of choices and of certainty are no shares.
        table = table[~table["question"].str.startswith(("objective:", "target:"))]
        table = table.assign(of=table["question"], part=table["share"])
    else:
        table = pd.read_csv(folder / "table.csv")
        column = next(name for name in STRENGTH if name in table)
        size = table[column].abs() ** STRENGTH[column]
        whole = size.groupby(table["measure"]).transform("sum") if STRENGTH[column] > 1 else 1.0
        table = table.assign(of=table["measure"], part=size / whole)
    found: dict[str, Effect] = {}
    for row in table.itertuples():
        # What luck could have done as well is no effect; of what luck hides nothing is known.
        if math.isnan(float(str(row.part))):
            continue
        share = float(str(row.part)) if row.beyond_luck else 0.0
        name, best = str(row.parameter), found.get(str(row.parameter))
        if best is None or share > best.share:
            found[name] = Effect(min(1.0, max(0.0, share)), str(row.of) if share > 0 else "")
    return found
