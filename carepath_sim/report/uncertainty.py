"""Answers with all that is not known, as tables for the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from carepath_sim.report.answer import amount
from carepath_sim.report.bed_mix_answer import rows_of
from carepath_sim.report.cells import safe
from carepath_sim.report.field_words import fields_in_words, fields_table
from carepath_sim.report.lines import number, spread, unit_words
from carepath_sim.report.question_words import plain_words, question_words, target_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from carepath_sim.experiment.uncertain import Uncertainty

MOST = 5
"""Numbers that are printed for one question; all are in `knowing.csv`."""
DOMINATED = 0.5
"""Share of chance in the means of draws from which the range of the truth is rough."""

HOW_TO_READ = (
    "One run: four in five runs lie there, for all that is not known and for luck. Truth: "
    "95 % range of the mean that would be had if the numbers were known. Not known: share of the "
    "variance of one run that better knowledge could take away, with its 95 % interval; the rest "
    "is luck."
)
WORTH = (
    "Share: of the variance that is not luck, what would go if the number were known. Gain: by how "
    "much the choice would be better on average. Right: how much more often one would be right "
    "about the target. Numbers that seem to do no more than one without effect would are left out."
)


def uncertainty_table(found: Uncertainty) -> RenderableType:
    """Return figures, differences, targets, the best choice, and what is worth knowing."""
    several = len(found.names) > 1
    parts: list[RenderableType] = [
        Text(
            f"{found.names[0]}: {len(found.posterior)} draws of {len(found.posterior.names)} "
            f"numbers from {found.posterior.source}, {found.replications} replications each, seed "
            f"{found.seed}, engine {found.engine}",
            style="bold",
        ),
        Text(HOW_TO_READ, style="dim"),
        *(Text(f"Note: {words}") for words in found.notices),
        Text(""),
        _figures(found),
    ]
    if several:
        parts += [Text(""), _differences(found)]
    targets = rows_of(found.targets())
    if targets:
        parts += [Text(""), _targets(found, targets)]
    if found.objective is not None:
        parts += [Text(""), _best(found)]
    parts += [Text(""), Text(WORTH, style="dim"), *_knowing(found)]
    parts += [Text(f"Note: {words}") for words in rough_words(found)]
    return Group(*parts)


def chance_words(share: float) -> str:
    """Return a probability; nobody is told that something is certain.

    >>> chance_words(0.934), chance_words(1.0), chance_words(0.0), chance_words(float("nan"))
    ('93 %', '>99 %', '<1 %', '')
    """
    if math.isnan(share):
        return ""
    return ">99 %" if share > 0.99 else "<1 %" if share < 0.01 else f"{100 * share:.0f} %"


def _figures(found: Uncertainty) -> Table:
    table = _empty("Figures", ("Mean", "One run, 10th to 90th", "Truth", "Not known"))
    several = len(found.names) > 1
    for k, row in enumerate(rows_of(found.figures())):
        unit = unit_words(row.unit)
        head = safe(f"{plain_words(row.figure)} [{unit}]")
        if several and k % len(found.names) == 0:
            table.add_row(head)
        table.add_row(
            safe(f"  {row.scenario}") if several else head,
            number(row.mean, unit),
            spread(row.p10, row.p90, unit),
            spread(row.parameter_low, row.parameter_high, unit),
            share_words(row),
        )
    return table


def _differences(found: Uncertainty) -> Table:
    head = ("Difference", "One run, 10th to 90th", "Truth", "Not known", "P(less)")
    table = _empty(f"Differences from {found.names[0]}", head)
    others = len(found.names) - 1
    for k, row in enumerate(rows_of(found.differences())):
        unit = unit_words(row.unit)
        if k % others == 0:
            table.add_row(safe(f"{plain_words(row.figure)} [{unit}]"))
        table.add_row(
            safe(f"  {row.scenario}"),
            number(row.mean, unit, signed=True),
            spread(row.p10, row.p90, unit, signed=True),
            spread(row.parameter_low, row.parameter_high, unit, signed=True),
            share_words(row),
            chance_words(row.probability_negative),
        )
    return table


def _targets(found: Uncertainty, rows: list[Any]) -> Table:
    table = _empty("Targets", ("Limit", "Mean", "Met in truth", "Met in one run"))
    for row in rows:
        unit = unit_words(row.unit)
        words = target_words(row.target)
        scenario = f"{row.scenario}: " if len(found.names) > 1 else ""
        sign = {"<=": "at most", ">=": "at least"}[row.sign]
        table.add_row(
            safe(f"{scenario}{words} [{unit}]"),
            f"{sign} {number(row.limit, unit)}",
            number(row.mean, unit),
            chance_words(row.probability),
            chance_words(row.probability_one_run),
        )
    return table


def _best(found: Uncertainty) -> Table:
    assert found.objective is not None  # noqa: S101 - for the type checker
    unit = unit_words(found.objective.unit)
    title = f"Best by: {found.objective} [{unit}]"
    table = _empty(title, ("Mean", "Difference", "P(best)", "Expected loss"))
    for row in rows_of(found.best()):
        table.add_row(
            safe(row.scenario),
            number(row.mean, unit),
            number(row.difference, unit, signed=True),
            chance_words(row.probability_best),
            number(row.expected_loss, unit),
        )
    return table


def _knowing(found: Uncertainty) -> Iterator[RenderableType]:
    names, told = fields_in_words(found.posterior.names), dict[str, str]()
    table = _empty("What it is worth to know a number", ("Worth", "Standard error"))
    shown: dict[tuple[str, str], int] = {}
    for row in rows_of(found.knowing()):
        question = (row.question, row.scenario)
        if question not in shown:
            shown[question] = 0
            of = f" ({row.scenario})" if row.scenario and len(found.names) > 1 else ""
            table.add_row(
                safe(_question(row.question) + of), "" if row.beyond_luck else "none beyond luck"
            )
        if row.beyond_luck and shown[question] < MOST:
            shown[question] += 1
            told[row.parameter] = names[row.parameter]
            table.add_row(f"  {safe(names[row.parameter])}", *worth_words(row))
    yield table
    if any(name != said for name, said in told.items()):
        yield fields_table(told)
        yield Text("")


def _question(question: str) -> str:
    words = question_words(question)
    return words[:1].upper() + words[1:]


def worth_words(row: Any) -> tuple[str, str]:
    """Return what a number is worth, and its standard error."""
    if row.question.startswith("objective"):
        unit = unit_words(row.unit)
        named = "" if unit.endswith("GBP") else f" {unit}"
        return f"gain {amount(row.worth, unit)}{named}", amount(row.error, unit)
    if row.question.startswith("target"):
        return f"right {100 * row.worth:+.1f} pp", f"{100 * row.error:.1f}"
    if row.share != row.share:
        return "lost in luck", ""
    share = min(100.0, 100 * row.share)
    return f"share {share:.0f} %", f"{100 * row.error * row.share / row.worth:.0f}"


def rough_words(found: Uncertainty) -> Iterator[str]:
    """Yield what is to be said of figures in which luck hides what is not known."""
    asked = list(dict.fromkeys(str(one.wanted) for one in found.targets_asked))
    rows = rows_of(found.differences() if len(found.names) > 1 else found.figures())
    rows += rows_of(found.figures(asked)) if asked else []
    seen = set()
    for row in rows:
        if (row.figure, row.scenario) in seen:
            continue
        seen.add((row.figure, row.scenario))
        luck = row.chance_sd**2 / row.replications
        if luck > DOMINATED * (luck + row.parameter_sd**2):
            yield (
                f"{plain_words(row.figure)} ({row.scenario}): luck hides most of what is not "
                "known; its range of the truth and what follows from it are rough; more draws or "
                "replications make them sharper."
            )


def share_words(row: Any) -> str:
    """Return the share of the variance that is not known, with its interval."""
    if row.parameter_share != row.parameter_share:
        return ""
    low, high = 100 * row.share_low, 100 * row.share_high
    return f"{100 * row.parameter_share:.0f} % ({low:.0f} to {high:.0f})"


def _empty(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, title=safe(title), title_justify="left",
        min_width=len(title) + 2,
    )  # fmt: skip
    table.add_column("", overflow="fold", min_width=26)
    for name in columns:
        table.add_column(name, justify="right")
    return table
