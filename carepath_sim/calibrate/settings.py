"""How a fit is made: what stands in `fit.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from carepath_sim.calibrate.forms import BESIDE, one_of, whole_number
from carepath_sim.scenario.reading import Flaws, known_keys, mapping, shown, text

SAMPLERS: Final = ("auto", "abc", "emulator")
COUNTS: Final[Mapping[str, int]] = {
    "seed": 0,
    "replications": 2,
    "prior_points": 16,
    "waves": 1,
    "wave_points": 8,
    "draws": 100,
    "population": 50,
    "predictive_draws": 20,
    "predictive_replications": 1,
    "budget": 50,
}
"""Whole numbers of the file, with the least that makes sense."""


AGAIN: Final = ("predictive_draws", "draws")


@dataclass(frozen=True)
class FitSettings:
    """What a fit does.

    Attributes
    ----------
    scenario
        Which is fitted.
    sets
        Fields that are set by hand before.
    seed
        Start of all luck.
    replications
        Of every point of a design.
    prior_points
        Points of the first design; None: the next power of two of at least 128 and ten for each
        parameter.
    waves
        Waves of history matching at most.
    wave_points
        New points of a further wave; None: half of the first design.
    sampler
        ``abc``: with the simulator alone; ``emulator``: with the emulators of the last wave;
        ``auto``: the former where the budget allows.
    draws
        Of the posterior that is kept.
    population
        Of each step of ABC.
    predictive_draws, predictive_replications
        Points of the posterior that are simulated again with fresh luck, and how often each.
    budget
        Replications that may be simulated in all.
    """

    scenario: str
    sets: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 1
    replications: int = 5
    prior_points: int | None = None
    waves: int = 4
    wave_points: int | None = None
    sampler: str = "auto"
    draws: int = 500
    population: int = 200
    predictive_draws: int = 200
    predictive_replications: int = 2
    budget: int = 5000

    def first_design(self, parameters: int) -> int:
        """Return the number of points of the first design, a power of two.

        >>> FitSettings("x").first_design(3), FitSettings("x").first_design(20)
        (128, 256)
        """
        least = self.prior_points or max(128, 10 * parameters)
        return int(2 ** (least - 1).bit_length())

    def further_design(self, parameters: int) -> int:
        """Return the number of points of a further wave."""
        return self.wave_points or self.first_design(parameters) // 2


def read_settings(raw: object) -> FitSettings:
    """Return the settings of a file.

    Raises
    ------
    Wrong
        With every flaw.
    """
    whole = mapping(raw, "a file with `scenario:`")
    flaws = Flaws()
    known_keys(whole, ("scenario", "set", "sampler", *COUNTS, *BESIDE), flaws)
    if "scenario" not in whole:
        flaws.note("the scenario that is fitted must be named", "scenario")
    scenario = flaws.read(text, whole["scenario"], "scenario") if "scenario" in whole else ""
    sets = whole.get("set") or {}
    if not isinstance(sets, Mapping):
        flaws.note(f"a map of fields and values is needed, found {shown(sets)}", "set")
        sets = {}
    sampler = flaws.read(one_of(*SAMPLERS), whole.get("sampler", "auto"), "sampler")
    counts = {
        key: flaws.read(whole_number(least), whole[key], key)
        for key, least in COUNTS.items()
        if key in whole
    }
    again, kept = (int(counts.get(key, getattr(FitSettings, key))) for key in AGAIN)
    if again > kept:
        flaws.note(f"of {kept} draws {again} cannot be simulated again", AGAIN[0])
    flaws.close()
    return FitSettings(scenario=scenario, sets=dict(sets), sampler=sampler, **counts)
