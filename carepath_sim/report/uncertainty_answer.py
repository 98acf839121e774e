"""What draws of uncertain numbers say, for a report: in words, tables and pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from carepath_sim.report.answer import amount, worded
from carepath_sim.report.bed_mix_answer import rows_of
from carepath_sim.report.exhibits import exhibit
from carepath_sim.report.field_words import fields_in_words, typed
from carepath_sim.report.forest import NothingToDrawError
from carepath_sim.report.lines import number, spread, unit_words
from carepath_sim.report.question_words import plain_words, question_words, target_words
from carepath_sim.report.told import Grid
from carepath_sim.report.uncertainty import chance_words, rough_words, share_words, worth_words
from carepath_sim.scenario.ranged import ranged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from carepath_sim.experiment.uncertain import Uncertainty
    from carepath_sim.report.exhibits import Exhibit
    from carepath_sim.scenario.model import Scenario

SURE: Final = 0.95
LIKELY: Final = 0.8
"""Probabilities from which something is called clear, and likely."""
SELDOM: Final = 0.05
"""Probability below which a target is missed in nearly every draw."""
NUMBERS: Final = 8
"""Numbers that are told for one question; `knowing.csv` has all."""
NAMED: Final = 3
"""Numbers that a sentence names."""
TARGETS: Final = 40
PICTURES: Final = 4
"""Measures and questions of which there are pictures."""

OF_RANGES = (
    "The draws are spread evenly over the ranges that the scenario files give: no value in a range "
    "is likelier than another. Probabilities are shares of draws, and as good as the ranges are."
)
OF_A_FIT = (
    "The draws are those of a fit: values that may be true together, given what was observed. "
    "Probabilities are shares of draws, and as good as the fit is."
)
TAKEN_AS_KNOWN = (
    "Numbers that were not varied, and the way in which care is modelled, are taken as known. What "
    "is really not known is therefore more than is told here, never less."
)


def question(found: Uncertainty) -> str:
    """Return what was asked."""
    first, *others = (one.first.scenario for one in found.tables)
    if not others:
        return f"{first.area}: what may “{first.title}” bring, and how sure is it?"
    titles = " or ".join(f"“{one.title}”" for one in others)
    return f"{first.area}: “{first.title}” or {titles}, and how sure is the answer?"


def sentences(found: Uncertainty) -> Iterator[str]:
    """Yield the answer in words: figures, targets, the best choice, and what to find out."""
    several = len(found.names) > 1
    if several:
        yield from _changes(found)
        if found.objective is not None:
            yield _best(found)
    else:
        yield from map(_figure, rows_of(found.figures()))
    yield from _targets(found)
    yield from _to_find_out(found)


def headline(found: Uncertainty) -> Grid:
    """Return the table of figures, and of differences from the base."""
    several = len(found.names) > 1
    less = ("",) if several else ()
    apart = {(row.figure, row.scenario): row for row in _differences(found)}
    rows: list[tuple[str, ...]] = []
    for row in rows_of(found.figures()):
        unit = unit_words(row.unit)
        head = _head(row.figure, unit)
        if several and row.scenario == found.names[0]:
            rows.append((head, *[""] * 5))
        label = f"- {row.scenario}" if several else head
        rows.append((label, *_cells(row, unit), *less))
        if (gap := apart.get((row.figure, row.scenario))) is not None:
            chance = chance_words(gap.probability_negative)
            words = f"- {row.scenario} less {found.names[0]}"
            rows.append((words, *_cells(gap, unit, signed=True), chance))
    heads = ("Figure", "Mean", "One run, 10th to 90th percentile", "Truth, 95 %", "Not known")
    caption = (
        "One run: four in five runs lie there, for all that is not known and for luck together. "
        "Truth: range of the mean that would be had if the numbers were known. Not known: share of "
        "the variance of one run that better knowledge could take away, with its 95 % interval; "
        "the rest is luck."
    )
    if several:
        caption += " Differences are of the same draw with the same people and the same luck."
    return Grid(
        caption, (*heads, *(("Probability that it is less",) if several else ())), tuple(rows)
    )


def tables(found: Uncertainty) -> Iterator[Grid]:
    """Yield the tables of targets, of the best choice, and of what is worth knowing."""
    several = len(found.names) > 1
    rows = rows_of(found.targets())
    if rows:
        caption = (
            "How likely each target is met. In truth: the mean keeps the limit, for what is not "
            "known. In one run: one period does, with luck as well."
        )
        if len(rows) > TARGETS:
            caption += f" The first {TARGETS} of {len(rows)}; `targets.csv` has all."
        heads = ("Target", "Limit", "Mean", "Met in truth", "Met in one run")
        yield Grid(caption, heads, tuple(_target(row, several=several) for row in rows[:TARGETS]))
    if found.objective is not None:
        yield _best_grid(found)
    if (grid := _worth_knowing(found)).rows:
        yield grid


def pictures(found: Uncertainty, mark: str) -> Iterator[Exhibit]:
    """Yield pictures of figures, differences, and what is worth knowing.

    Parameters
    ----------
    mark
        Beginning of all ids.
    """
    for k, one in enumerate(found.measures[:PICTURES]):
        if len(found.names) > 1:
            yield exhibit(found.plot.differences(str(one)), f"{mark}-d{k}")
        yield exhibit(found.plot.bands(str(one)), f"{mark}-b{k}")
    for k, words in enumerate(_questions(found)[:PICTURES]):
        try:
            yield exhibit(found.plot.knowing(words, most=NUMBERS), f"{mark}-w{k}")
        except NothingToDrawError:
            continue


def limits(found: Uncertainty) -> Iterator[str]:
    """Yield what must be known before anything is believed."""
    yield OF_RANGES if found.posterior.of_ranges else OF_A_FIT
    yield TAKEN_AS_KNOWN
    if found.posterior.of_ranges:
        yield from _unlike(found)
    yield from (words if words.endswith(".") else f"{words}." for words in found.notices)
    yield from rough_words(found)


def _unlike(found: Uncertainty) -> Iterator[str]:
    """Yield targets that the base misses whatever is drawn."""
    for row in rows_of(found.targets()):
        if row.scenario == found.names[0] and row.probability < SELDOM:
            name, limit, mean, *_ = _target(row, several=False)
            yield (
                f"{row.scenario} misses “{name}: {limit}” in nearly every draw (mean {mean}). Is "
                "the area known to be nearer? Numbers that are drawn from ranges on their own need "
                "not agree with what was observed; those of a fit are chosen to (`--posterior`)."
            )


def how(found: Uncertainty) -> Iterator[tuple[str, str]]:
    """Yield how it was simulated."""
    numbers = len(found.posterior.names)
    yield "Draws", f"{len(found.posterior)} of {numbers} numbers, from {found.posterior.source}"
    yield "Replications", f"{found.replications} of each draw"
    same = "the same in all scenarios within a draw; " if len(found.names) > 1 else ""
    yield "Luck", f"{same}another in each draw"


def _figure(row: Any) -> str:
    unit = unit_words(row.unit)
    mean, p10, p90, low, high = (
        worded(one, unit)
        for one in (row.mean, row.p10, row.p90, row.parameter_low, row.parameter_high)
    )
    return (
        f"{plain_words(row.figure)}: {mean} on average. Four in five runs lie between {p10} and "
        f"{p90}; if the numbers were known, the mean would be found between {low} and {high} "
        f"(95 %).{_whose(row)}"
    )


def _changes(found: Uncertainty) -> Iterator[str]:
    means = {(row.figure, row.scenario): row.mean for row in rows_of(found.figures())}
    for row in _differences(found):
        unit = unit_words(row.unit)
        words = plain_words(row.figure)
        before, after = (
            worded(means[row.figure, name], unit) for name in (found.names[0], row.scenario)
        )
        whose = f"{row.scenario}: " if len(found.names) > 2 else ""
        if row.mean == 0 and row.p10 == row.p90 == 0:
            yield f"{whose}{words}: the same in both in nearly every draw, {before}."
            continue
        low, high, p10, p90 = (
            worded(one, unit, signed=True)
            for one in (row.parameter_low, row.parameter_high, row.p10, row.p90)
        )
        chance = row.probability_negative
        way, sure = ("fall", chance) if chance >= 0.5 else ("rise", 1 - chance)
        if sure >= LIKELY:
            by = worded(abs(row.mean), unit, gap=True)
            said = f"{'' if sure >= SURE else 'probably '}a {way} by {by} on average"
        else:
            said = "a fall or a rise, which is not known"
        yield (
            f"{whose}{words}: {said}, from {before} to {after}. A {way} has a probability of "
            f"{chance_words(sure)}; the true change lies between {low} and {high} (95 %), that of "
            f"four in five single runs between {p10} and {p90}.{_whose(row)}"
        )


def _whose(row: Any) -> str:
    """Return how much of the doubt better knowledge could take away."""
    if row.parameter_share != row.parameter_share:
        return ""
    share = 100 * row.parameter_share
    return (
        f" Of the variance of one run {share:.0f} % is for want of knowledge, "
        f"{100 - share:.0f} % is luck."
    )


def _best(found: Uncertainty) -> str:
    assert found.objective is not None  # noqa: S101 - for the type checker
    rows = rows_of(found.best())
    top = max(rows, key=lambda row: row.probability_best)
    unit = unit_words(found.objective.unit)
    words = str(found.objective).replace("_", " ")
    return (
        f"By the objective ({words}) {top.scenario} is best with a probability of "
        f"{chance_words(top.probability_best)}. Chosen now, it falls short of what would be best "
        f"by {amount(top.expected_loss, unit)} on average: no study of these numbers is worth "
        "more than that for this choice."
    )


def _best_grid(found: Uncertainty) -> Grid:
    assert found.objective is not None  # noqa: S101 - for the type checker
    unit = unit_words(found.objective.unit)
    rows = tuple(
        (
            row.scenario,
            number(row.mean, unit),
            number(row.difference, unit, signed=True),
            chance_words(row.probability_best),
            number(row.expected_loss, unit),
        )
        for row in rows_of(found.best())
    )
    heads = ("Scenario", "Mean", "Difference", "Probability of being best", "Expected loss")
    words = str(found.objective).replace("_", " ")
    caption = (
        f"Which is best by: {words} [{_named(unit)}]. Expected loss: by how much it falls short of "
        "the best on average, if it is chosen now."
    )
    return Grid(caption, heads, rows)


def _targets(found: Uncertainty) -> Iterator[str]:
    """Yield a sentence a target that was asked for, and one for all others."""
    asked = {str(one) for one in found.targets_asked}
    several = len(found.names) > 1
    others = []
    for row in rows_of(found.targets()):
        if row.target not in asked:
            others.append(row)
            continue
        name, limit, mean, *_ = _target(row, several=several)
        yield (
            f"The target “{name}: {limit}” is met with a probability of "
            f"{chance_words(row.probability)} ({chance_words(row.probability_one_run)} in a single "
            f"run); the mean is {mean}."
        )
    for label in found.names:
        own = [
            row for row in others if row.scenario == label and row.probability == row.probability
        ]
        if not own:
            continue
        met = sum(row.probability >= LIKELY for row in own)
        missed = sum(row.probability <= 1 - LIKELY for row in own)
        whose = f" in {label}" if several else ""
        yield (
            f"Of {len(own)} target{'s' * (len(own) > 1)} of the documents{whose}, {met} "
            f"{'is' if met == 1 else 'are'} likely met (80 % or more), {missed} likely missed, and "
            f"{len(own) - met - missed} may go either way."
        )


def _to_find_out(found: Uncertainty) -> Iterator[str]:
    """Yield which numbers to find out about, one sentence a question."""
    table = found.knowing()
    few, numbers = len(found.posterior), len(found.posterior.names)
    # As in the notice that stands with it.
    rough = f"; {few} draws tell {numbers} numbers apart only roughly" if few < 10 * numbers else ""
    names = fields_in_words(found.posterior.names)
    most = float(found.best()["expected_loss"].min()) if found.objective is not None else math.inf
    for words in _questions(found):
        rows = [row for row in rows_of(table[table["question"] == words]) if row.beyond_luck]
        about = question_words(words)
        if not rows:
            yield f"For {about} no number is surely worth more than others to find out about."
            continue
        last = rows[-1].scenario
        rows = [row for row in rows if row.scenario == last][:NAMED]
        listed = "; ".join(f"{names[row.parameter]} ({_gain(row, most)})" for row in rows)
        yield f"To be surer of {about}, find out about {listed}{rough}."


def _gain(row: Any, most: float) -> str:
    worth, error = worth_words(row)
    if row.question.startswith("target"):
        points = worth.removeprefix("right +").removesuffix(" pp")
        return f"right {points} ± {error} percentage points more often"
    if row.question.startswith("objective"):
        # The estimate of a part may come out above the whole.
        within = "at most " if row.worth > most else ""
        return f"worth {within}{amount(min(row.worth, most), unit_words(row.unit))}"
    if not error:
        return "how much is lost in luck"
    return f"{worth.removeprefix('share ')} ± {error} of what is not known"


def _worth_knowing(found: Uncertainty) -> Grid:
    """Return what is worth knowing, with what is said of each number now."""
    known = _written(one.first.scenario for one in found.tables)
    names = fields_in_words(found.posterior.names)
    told: dict[str, str] = {}
    rows = []
    shown: dict[tuple[str, str], int] = {}
    of = {(row.question, row.scenario) for row in rows_of(found.knowing())}
    for row in rows_of(found.knowing()):
        several = sum(question == row.question for question, _ in of) > 1
        asked = (row.question, row.scenario)
        if asked not in shown:
            shown[asked] = 0
            whose = f" ({row.scenario})" if several and row.scenario else ""
            none = "" if row.beyond_luck else "none beyond luck"
            asked_words = _capital(question_words(row.question))
            rows.append((f"{asked_words}{whose}", none, "", "", ""))
        if row.beyond_luck and shown[asked] < NUMBERS:
            shown[asked] += 1
            worth, error = worth_words(row)
            told[row.parameter] = said = names[row.parameter]
            rows.append((f"- {said}", worth, error, *known.get(row.parameter, ("", ""))))
    caption = (
        "What it is worth to know a number. Share: of the variance that is not luck, what would go "
        "if it were known. Gain: by how much the choice would be better on average. Right: how "
        "much more often one would be right about the target. Numbers that do no more than one "
        f"without effect would seem to do are left out. {typed(told, '--parameters')}"
    ).strip()
    heads = ("Question and number", "Worth", "Standard error", "As written, and range", "Quality")
    return Grid(caption, heads, tuple(rows))


def _written(scenarios: Iterable[Scenario]) -> dict[str, tuple[str, str]]:
    """Return value with range, and quality, of the numbers of scenarios, the first counting."""
    found: dict[str, tuple[str, str]] = {}
    for scenario in scenarios:
        for one in ranged(scenario)[0]:
            words = f"{one.text} ({one.said(one.low)} to {one.said(one.high)})"
            found.setdefault(one.name, (words, one.quality or "not said"))
    return found


def _target(row: Any, *, several: bool) -> tuple[str, ...]:
    unit = unit_words(row.unit)
    words = target_words(row.target)
    scenario = f"{row.scenario}: " if several else ""
    sign = {"<=": "at most", ">=": "at least"}[row.sign]
    percent = " %" if unit == "%" else ""
    return (
        f"{scenario}{words}",
        f"{sign} {number(row.limit, unit)}{percent}",
        f"{number(row.mean, unit)}{percent}",
        chance_words(row.probability),
        chance_words(row.probability_one_run),
    )


def _cells(row: Any, unit: str, *, signed: bool = False) -> tuple[str, ...]:
    return (
        number(row.mean, unit, signed=signed),
        spread(row.p10, row.p90, unit, signed=signed),
        spread(row.parameter_low, row.parameter_high, unit, signed=signed),
        share_words(row),
    )


def _differences(found: Uncertainty) -> list[Any]:
    return rows_of(found.differences()) if len(found.names) > 1 else []


def _questions(found: Uncertainty) -> list[str]:
    return [str(one) for one in dict.fromkeys(found.knowing()["question"])]


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _head(name: str, unit: str) -> str:
    words = plain_words(name)
    return f"{words} [{_named(unit)}]" if unit.lower() not in words.lower() else words


def _named(unit: str) -> str:
    return unit.replace("1,000 GBP", "thousand GBP")
