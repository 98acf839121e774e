"""What a lever and a target are called in a sentence for a board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from carepath_sim.experiment.goal import estimate
from carepath_sim.report.bed_mix_answer import amount_words
from carepath_sim.report.lines import measure_words, unit_words
from carepath_sim.scenario.positions import parsed

if TYPE_CHECKING:
    from carepath_sim.experiment.goal import Goal
    from carepath_sim.experiment.wanted import Target

CAPACITY = ("pools", "capacity")


def path_words(path: str) -> str:
    """Return a field in words.

    >>> path_words("services.reablement.stay.gamma.mean"), path_words("pools.acute_beds.capacity")
    ('stay of reablement, gamma mean', 'capacity of acute beds')
    >>> path_words("demand*"), path_words("attributes.needs.shares.bed")
    ('demand', 'attributes needs, shares bed')
    """
    steps = [str(one).replace("_", " ") for one in parsed(path.rstrip("*").rstrip(".")) or ()]
    if len(steps) < 3:
        return " ".join(steps) or path
    section, name, field, *inner = steps
    within = f", {' '.join(inner)}" if inner else ""
    if section in {"services", "pools", "arrivals"}:
        return f"{field} of {name}{within}"
    return f"{section} {name}, {' '.join([field, *inner])}"


def in_a_sentence(goal: Goal) -> str:
    """Return the answer to an inverse question in one sentence.

    Nothing where there is none, or where every value that was looked at meets the targets: the end
    of a range is no answer.
    """
    if goal.value is None or goal.found.answer is None or goal.found.beyond is None:
        return ""
    lever, verdicts = goal.lever, goal.found.verdicts[goal.found.answer]
    met = " and ".join(
        f"{_kept(target)} ({_shown(estimate(target, verdict)[0], target)})"
        for target, verdict in zip(goal.targets, verdicts, strict=True)
    )
    steps = [str(one) for one in parsed(lever.path.rstrip("*")) or ()]
    smallest = goal.found.seek == "smallest"
    if len(steps) == 3 and (steps[0], steps[2]) == CAPACITY and lever.kind == "number":
        pool = steps[1].replace("_", " ")
        most = "fewest" if smallest else "most"
        return f"{goal.value:g} {pool} are the {most} with which {met}."
    words = path_words(lever.path)
    value = lever.words(goal.value)
    if lever.kind == "factor":
        value = f"{goal.value:g} times{_mean_of(lever.settings(goal.value))}"
    most = "the smallest" if smallest else "the largest"
    return f"{words[:1].upper()}{words[1:]} {value} is {most} with which {met}."


def _mean_of(settings: Mapping[str, object]) -> str:
    """Return the mean of the one distribution that is set, where one is written."""
    (given, *others) = settings.values()
    while isinstance(given, Mapping) and not others:
        if "mean" in given:
            mean = given["mean"]
            return f" (mean {mean})" if isinstance(mean, str) else ""
        given = next(iter(given.values()), None) if len(given) == 1 else None
    return ""


def _kept(target: Target) -> str:
    """Return a target as a clause: ``at most 5.0 % wait (reablement places)``."""
    wanted = target.wanted
    limit = f"{'at most' if target.at_most else 'at least'} {_shown(target.limit, target)}"
    where = wanted.stratum.replace("_", " ")
    if wanted.measure == "p_wait":
        return f"{limit} wait for {where}" if where else f"{limit} wait"
    if wanted.measure == "given_up":
        return f"{limit} give up{f' waiting for {where}' if where else ''}"
    words = measure_words(wanted.measure).partition(" (")[0]
    what = f"{words[:1].lower()}{words[1:]}" + (f" of {where}" if where else "")
    return f"{what} is {limit}"


def _shown(value: float, target: Target) -> str:
    return amount_words(value, unit_words(target.wanted.unit))
