"""What a search and a capacity curve say, in sentences for a board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from carepath_sim.experiment.goal import estimate
from carepath_sim.report.bed_mix_answer import amount_words
from carepath_sim.report.field_words import path_words
from carepath_sim.report.lines import SCALES, THOUSANDS, measure_words, number, spread, unit_words
from carepath_sim.scenario.positions import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.experiment.capacity import CapacityCurve
    from carepath_sim.experiment.closed_form import ClosedForm
    from carepath_sim.experiment.goal import Goal
    from carepath_sim.experiment.search import Verdict
    from carepath_sim.experiment.wanted import Target

CAPACITY = ("pools", "capacity")


def goal_said(goal: Goal) -> str:
    """Return the answer to an inverse question, and how sure it is."""
    found, lever = goal.found, goal.lever
    lines = list(_answered(goal) if found.answer is not None else _unanswered(goal))
    for k, (a, b, c) in found.turns:
        shown = [
            f"{_shown(estimate(goal.targets[k], found.verdicts[one][k])[0], goal.targets[k])} at "
            f"{lever.words(goal.line[one])}"
            for one in (a, b, c)
        ]
        lines.append(
            f"  Careful: the figure “{_figure(goal.targets[k])}” goes both up and down "
            f"({', '.join(shown)}); other values may meet the target too, or miss it in between."
        )
    if lever.each:
        lines.append(f"  {lever.each}.")
    return "\n".join(lines)


def curve_said(curve: CapacityCurve) -> str:
    """Return what a capacity curve says: the answer, its knee, and what theory has to say."""
    lines = [f"{curve.each}."] if curve.each else []
    lines += [] if curve.answer is None else goal_said(curve.answer).splitlines()
    found, name = curve.knee, f"Knee of “{measure_words(curve.knee_of)}”"
    if found is not None and found.reason:
        lines.append(f"{name}: none, {found.reason}.")
    elif found is not None:
        ends = f"between {found.low:g} and {found.high:g}"
        if found.low == found.high:
            ends = "no other of those simulated"
        lines.append(
            f"{name}: {found.x:g} {curve.unit} ({ends}, with {found.level:.0%} "
            "confidence). Below it each place fewer costs much more than each further one brings "
            "beyond it. It depends on the range looked at."
        )
    if curve.closed is not None:
        lines.append(_of_theory(curve.closed))
    return "\n".join(lines)


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
    value = lever.words(goal.value)
    if lever.kind == "factor":
        value = f"{goal.value:g} times{_mean_of(lever.settings(goal.value))}"
    most = "the smallest" if smallest else "the largest"
    return f"{_capital(path_words(lever.path))} {value} is {most} with which {met}."


def targets_in_words(goal: Goal, only: int | None = None) -> str:
    """Return all targets, or one, as clauses: ``at most 5 % wait for beds``."""
    return " and ".join(map(_kept, goal.targets if only is None else [goal.targets[only]]))


def target_head(target: Target) -> str:
    """Return a target as the head of a column: the figure, and below it the limit."""
    unit = unit_words(target.wanted.unit)
    named = f" [{unit}]" if unit in SCALES else ""
    return f"{_capital(_figure(target))}{named}\n{limit_words(target)}"


def limit_words(target: Target) -> str:
    """Return a limit just as it was asked for: rounded it would be another."""
    unit = unit_words(target.wanted.unit)
    shown = f"{100 * target.limit:.10g} %" if unit == "%" else f"{target.limit:,.10g} {unit}"
    if unit == THOUSANDS:
        shown = f"£{target.limit:,.10g}"
    elif _is_named(target):
        shown = shown.removesuffix(f" {unit}")
    return f"{'at most' if target.at_most else 'at least'} {shown}"


def _answered(goal: Goal) -> Iterator[str]:
    found, lever = goal.found, goal.lever
    answer = found.answer if found.answer is not None else 0
    if sentence := in_a_sentence(goal):
        yield sentence
    else:
        ends = f"{lever.words(goal.line[0])} to {lever.words(goal.line[-1])}"
        everywhere = all(one.met for verdicts in found.verdicts.values() for one in verdicts)
        yield (
            f"{found.seek.capitalize()} {path_words(lever.path)} with which "
            f"{targets_in_words(goal)}: {lever.words(goal.line[answer])}"
        ) + (
            f", as with every value looked at from {ends}."
            if everywhere
            else f", the end of the values looked at ({ends})."
        )
    for place in (answer, found.beyond):
        if place is None:
            continue
        words = [
            f"{_figure(target)} = {_estimated(target, verdict)}"
            for target, verdict in zip(goal.targets, found.verdicts[place], strict=True)
        ]
        at = lever.words(goal.line[place])
        yield f"  At {at}{'' if place == answer else ', which misses'}: {'; '.join(words)}."
    if found.certain:
        yield (
            f"  Decided with {goal.level:.0%} confidence (all decisions of the search together); "
            f"{goal.replications:,} replications of {len(found.verdicts)} values."
        )
        return
    low, high = (lever.words(goal.line[k]) for k in (found.low, found.high))
    lies = f"it lies from {low} to {high} with {goal.level:.0%} confidence"
    exactly = f"it is exactly this with a probability of {_probability(goal)}"
    said = [lies] if low != high else []
    said = [*said, exactly] if lever.whole or not said else said
    yield (
        f"  Estimated: {'; '.join(said)}. "
        f"{goal.replications:,} replications of {len(found.verdicts)} values."
    )


def _unanswered(goal: Goal) -> Iterator[str]:
    found, lever = goal.found, goal.lever
    several = len(goal.targets) > 1
    ends = f"{lever.words(goal.line[0])} to {lever.words(goal.line[-1])}"
    targets = "the targets" if several else "the target"
    yield f"No {path_words(lever.path)} from {ends} meets {targets}: {targets_in_words(goal)}."
    for k in found.never:
        of = {place: verdicts[k] for place, verdicts in found.verdicts.items()}
        best = min(of, key=lambda place: of[place].sequential.mean)
        yield (
            f"  {_capital(_kept(goal.targets[k]))}: missed by all of them, nearest "
            f"{lever.words(goal.line[best])}, with {_estimated(goal.targets[k], of[best])}."
        )
    if found.apart:
        yield (
            "  Each is met somewhere, but not at the same value: "
            + "; ".join(f"{_kept(goal.targets[k])}: {_where(goal, k)}" for k in found.apart)
            + "."
        )
    yield (
        f"  Every value looked at surely misses (confidence {goal.level:.0%})."
        if found.certain
        else f"  This could not be shown for every value with {goal.replications:,} replications."
    )


def _where(goal: Goal, target: int) -> str:
    met = [k for k, found in goal.found.verdicts.items() if found[target].met]
    low, high = (goal.lever.words(goal.line[k]) for k in (met[0], met[-1]))
    return f"at {low}" if low == high else f"from {low} to {high}"


def _probability(goal: Goal) -> str:
    """Say how probable an answer is; never certain."""
    found = goal.found.probability
    return "above 99 %" if found > 0.99 else f"at least {found:.0%}"


def _of_theory(closed: ClosedForm) -> str:
    load = f"load of {closed.load:.4g}"
    if closed.exact:
        return f"{closed.name} holds exactly for this pool in the long run, with a {load}."
    more = len(closed.reasons) - 1
    others = f" (and {more} more: see --json)" if more else ""
    return (
        f"The formula {closed.name} with a {load} is only a yardstick here, because "
        f"{closed.reasons[0]}{others}. Its distance from the curve is not an error."
    )


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
    """Return a target as a clause: ``at most 5 % wait for reablement places``."""
    wanted, limit = target.wanted, limit_words(target)
    where = wanted.stratum.replace("_", " ")
    if wanted.measure == "p_wait":
        return f"{limit} wait for {where}" if where else f"{limit} wait"
    if wanted.measure == "given_up":
        return f"{limit} give up{f' waiting for {where}' if where else ''}"
    words = measure_words(wanted.measure).partition(" (")[0]
    what = f"{words[:1].lower()}{words[1:]}" + (f" of {where}" if where else "")
    return f"{what} {'are' if words.endswith('s') else 'is'} {limit}"


def _figure(target: Target) -> str:
    """Return the figure of a target within a sentence."""
    words = measure_words(target.wanted.measure).partition(" (")[0]
    where = target.wanted.stratum.replace("_", " ")
    return f"{words[:1].lower()}{words[1:]}" + (f", {where}" if where else "")


def _shown(value: float, target: Target) -> str:
    """Return a value of a target's figure, with its unit where the figure does not name it."""
    unit = unit_words(target.wanted.unit)
    return number(value, unit) if _is_named(target) else amount_words(value, unit)


def _is_named(target: Target) -> bool:
    """Tell whether the figure's name says its unit."""
    unit = unit_words(target.wanted.unit)
    return unit.split()[-1] in measure_words(target.wanted.measure).lower().split()


def _estimated(target: Target, verdict: Verdict) -> str:
    mean, low, high = estimate(target, verdict)
    ends = spread(low, high, unit_words(target.wanted.unit)) if low < high else ""
    return _shown(mean, target) + (f" ({ends})" if ends else "")


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
