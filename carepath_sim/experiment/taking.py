"""The draws that are simulated for some scenarios, and what must be said of them beforehand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.posterior import (
    DRAWS,
    FEW,
    Posterior,
    other_model,
    refuse_unknown,
)
from carepath_sim.experiment.posterior_files import RANGES, PosteriorError
from carepath_sim.scenario.ranged import ranged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from carepath_sim.errors import Problem
    from carepath_sim.scenario.model import Scenario

ENOUGH: Final = 200
"""Draws below which percentiles and shares are rough."""
WAYS_BACK: Final = 8
"""How often numbers that cannot stand together go half the way back to what is written."""


def taken_draws(
    scenarios: Sequence[Scenario],
    given: Posterior | str | Path,
    draws: int | None,
    seed: int,
    parameters: Sequence[str],
    other_models: str,
) -> tuple[Posterior, list[str]]:
    """Return the draws to simulate, and what is to be said of them."""
    notices: list[str] = []
    n = DRAWS if draws is None else draws
    if isinstance(given, str) and given == RANGES:
        taken = Posterior.from_ranges(
            scenarios[0], n, seed, parameters=parameters, others=scenarios[1:]
        )
        notices += [f"not varied: {name}: {why}" for name, why in taken.left_out]
    else:
        if parameters:
            raise OptionError(f"parameters are chosen from ranges (--posterior {RANGES}) only")
        whole = given if isinstance(given, Posterior) else Posterior.read(given)
        if not whole.of_ranges and (words := other_model(whole, scenarios)):
            if other_models != "accept":
                raise PosteriorError(f"{words}; --other-model takes it nevertheless")
            notices.append(words)
        notices += [f"the fit says {words}" for words in whole.said]
        if whole.effective < FEW and not any(one.startswith("W6") for one in whole.said):
            notices.append(f"W6: {whole.source} is worth {whole.effective:.0f} draws only")
        refuse_unknown(whole, scenarios[0])
        taken = whole.resample(n, seed)
    if n < ENOUGH:
        notices.append(f"{n} draws are few: percentiles and probabilities need {ENOUGH} or more")
    if n < 10 * len(taken.names):
        notices.append(
            f"{n} draws for {len(taken.names)} numbers: what knowing one is worth is rough below "
            f"{10 * len(taken.names)} draws"
        )
    return taken, notices


def own_fields(
    taken: Posterior, scenarios: Sequence[Scenario]
) -> tuple[list[list[str]], list[str]]:
    """Return the fields that each scenario keeps, for it differs in them on purpose; with words."""
    if taken.of_ranges:
        return [[] for _ in scenarios], []
    from carepath_sim.scenario.diff import difference
    from carepath_sim.scenario.positions import deepest, parsed

    kept: list[list[str]] = [[]]
    notices = []
    for other in scenarios[1:]:
        changed = [one.path for one in difference(scenarios[0], other)]
        mine = [
            name
            for name in taken.names
            if any(_within(name, path) or _within(path, name) for path in changed)
            or deepest(other.tree, path := parsed(name) or ())[1] < len(path)
        ]
        kept.append(mine)
        notices += [
            f"{other.name} keeps its own {name}, in which it differs from the base" for name in mine
        ]
    return kept, notices


def _within(path: str, of: str) -> bool:
    return path == of or path.startswith((f"{of}.", f"{of}["))


def moved_back(
    posterior: Posterior,
    wrong: Mapping[int, Sequence[Problem]],
    scenarios: Sequence[Scenario],
) -> Posterior:
    """Return draws in which numbers that cannot stand together are nearer to what is written.

    A median that is drawn above its 90th percentile makes no distribution. What varies in a part of
    the scenario that is complained of goes half the way back to its values as written, which are
    possible.

    Parameters
    ----------
    posterior
        Draws from ranges.
    wrong
        Draws that make no scenario, with what is wrong.
    scenarios
        The scenarios.
    """
    if posterior.parts is None:
        return posterior
    parts, draws = posterior.parts.copy(), posterior.draws.copy()
    known = {one.name: one for scenario in reversed(scenarios) for one in ranged(scenario)[0]}
    for draw, problems in wrong.items():
        places = {_around(problem.path) for problem in problems}
        # What contradicts it may stand one step further out: a caseload and that of its start.
        places = (places | {_around(place) for place in places}) - {""}
        for k, name in enumerate(posterior.names):
            if _around(name) in places:
                one = known[name]
                as_written = (one.value - one.low) / (one.high - one.low)
                parts[draw, k] = (parts[draw, k] + as_written) / 2
                draws[draw, k] = one.at(float(parts[draw, k]))
    return replace(posterior, parts=parts, draws=draws)


def _around(path: str) -> str:
    return path.rpartition(".")[0]


def said_of_impossible(wrong: Mapping[int, Sequence[Problem]], draws: int, most: int = 8) -> str:
    """Say which draws make no scenario, by reason."""
    by_field: dict[str, list[int]] = {}
    words: dict[str, str] = {}
    for draw, problems in wrong.items():
        by_field.setdefault(problems[0].path, []).append(draw)
        words.setdefault(problems[0].path, f"{problems[0].path}: {problems[0].message}")
    lines = [f"{len(wrong)} of {draws} draws make no scenario:"]
    for field, which in list(by_field.items())[:most]:
        some = ", ".join(map(str, which[:5])) + (", ..." if len(which) > 5 else "")
        lines.append(f"  {len(which)} (draws {some}): {words[field]}")
    if len(by_field) > most:
        lines.append(f"  and {len(by_field) - most} further fields")
    return "\n".join(lines)
