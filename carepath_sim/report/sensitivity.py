"""Sensitivity analyses as tables for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.text import Text

from carepath_sim.experiment.sensitivity import DUMMY
from carepath_sim.report.bed_mix_answer import amount_words, rows_of
from carepath_sim.report.field_words import fields_in_words, fields_table
from carepath_sim.report.fitting import Fitted
from carepath_sim.report.lines import number, spread, unit_words
from carepath_sim.report.sweeps import figure_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from carepath_sim.experiment.objective import Objective
    from carepath_sim.experiment.sensitivity import Sensitivity

MOST = 15
"""Parameters that are printed; all are in `table.csv`."""

WORDS = {
    "tornado": "One number at a time to either end of its range; differences from the scenario as "
    "written, replication by replication, with intervals that hold jointly ({level:.0%}).",
    "morris": "Effect: mean size of the change over the whole range, with its {level:.0%} interval "
    "over trajectories. Depends on others: spread of that change (sigma). Luck: standard error of "
    "the effect by luck.",
    "sobol": "Total: share of the variance in which the number has a part, alone or together with "
    "others. Alone: share that would go if it were known. Intervals ({level:.0%}) are over the "
    "design; luck: standard error by luck.",
}


def sensitivity_table(
    found: Sensitivity, level: float = 0.95, *, numbers: int | None = None
) -> RenderableType:
    """Return a table a measure, then how much was luck, then what was left out.

    Parameters
    ----------
    numbers
        How many numbers the scenario states, with a range and without; None: not known.
    """
    parts: list[RenderableType] = [
        Text(
            f"{found.name}: {found.method} over {_numbers(len(found.parameters))}, "
            f"{len(found.design)} points, {found.replications} replications each, seed "
            f"{found.seed}, engine {found.engine}",
            style="bold",
        ),
        Text(WORDS[found.method].format(level=level), style="dim"),
    ]
    words, shown = parameters_in_words(found), set[str]()
    if len(found.parameters) == 1:
        one = found.parameters[0].name
        which = f"1 of {numbers:,} numbers has a range and" if numbers else "One number alone"
        parts.append(Text(f"{which} is varied, {one}: there is nothing to rank it with."))
    rows = found.table(level)
    for measure in found.measures:
        of = rows_of(rows[rows["measure"] == measure.words])
        if any(_strength(found.method, row) for row in of):
            strongest = [row for row in of if _strength(found.method, row)][:MOST]
            shown |= {row.parameter for row in strongest}
            parts += [Text(""), _table(found, measure, strongest, words)]
        else:
            parts += [Text(""), Text(f"{sum_words(measure)}: no number has any effect.")]
            continue
        silent = sum(not _strength(found.method, row) for row in of if row.parameter != DUMMY)
        unseen = max(0, len([row for row in of if _strength(found.method, row)]) - MOST)
        if unseen or silent:
            parts.append(Text(_rest(unseen, silent), style="dim"))
    parts += [Text(""), fields_table({name: words[name] for name in words if name in shown})]
    parts += [Text(""), *map(Text, noise_words(found))]
    for name, why in found.left_out:
        parts.append(Text(f"Left out: {name}: {why}"))
    return Group(*parts)


def noise_words(found: Sensitivity) -> Iterator[str]:
    """Yield a sentence a measure on how much of what was seen is luck."""
    measures = {one.words: sum_words(one) for one in found.measures}
    for row in rows_of(found.noise()):
        name = measures[row.measure]
        if row.replications < 2:
            yield f"{name}: with one replication nobody knows how much is luck."
            continue
        if row.parameters != row.parameters:
            yield f"{name}: does not vary at all."
            continue
        if row.noise != row.noise:
            yield f"{name}: all points have the same mean: nothing is due to the numbers."
            continue
        words = (
            f"{name}: of the variance of single replications {_share(row.parameters)} is "
            f"due to the numbers, {_share(row.luck)} to luck that all points share and that "
            f"cancels, {_share(row.both)} to luck that does not; of the means, "
            f"{_share(row.noise)} is noise."
        )
        unit = unit_words(row.unit)
        of_luck = row.dummy_without_common_luck
        if found.method == "tornado":
            yield words
        elif found.method == "morris":
            yield (
                f"{words} A dummy has an effect of {number(row.dummy, unit)}; without common luck "
                f"it would be about {amount_words(of_luck, unit)}."
            )
        else:
            yield (
                f"{words} A dummy has a total index of {row.dummy:.3f}; without common luck it "
                f"would be about {of_luck:.3f}."
            )


def parameters_in_words(found: Sensitivity) -> dict[str, str]:
    """Return the numbers of an analysis in words by name; a dummy is called what it is."""
    return fields_in_words([*(one.name for one in found.parameters), DUMMY])


def sum_words(measure: Objective) -> str:
    """Return what is looked at in words, without its unit.

    >>> from carepath_sim.experiment.objective import Objective
    >>> sum_words(Objective.parse("p_wait[beds]"))
    'Had to wait, beds'
    >>> sum_words(Objective.parse("emergency_admissions + 0.5 * delayed_transfer_days"))
    'Emergency admissions + 0.5 * delayed transfer days'
    """
    said = ""
    for factor, wanted in measure.terms:
        words = figure_words(str(wanted)).partition(" [")[0]
        times = "" if abs(factor) == 1 else f"{abs(factor):,.12g} * "
        sign = ("- " if factor < 0 else "+ " if said else "") + times
        said += f"{' ' * bool(said)}{sign}" + (f"{words[:1].lower()}{words[1:]}" if said else words)
    return said


def _table(
    found: Sensitivity, measure: Objective, rows: list[Any], words: Mapping[str, str]
) -> Fitted:
    unit = unit_words(measure.unit)
    table = Fitted(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=Text(f"{sum_words(measure)} [{unit}]" + (f": {_base(rows, unit)}" if rows else "")),
        title_justify="left",
    )
    table.add_column("Number", overflow="fold")
    table.add_column("Range (as written)", overflow="fold")
    heads = {
        "tornado": ("At the low end", "At the high end", "Swing"),
        "morris": ("Effect", "Interval", "Sign", "Depends on others", "Luck"),
        "sobol": ("Total", "Interval", "Luck", "Alone", "Interval"),
    }[found.method]
    for head in heads:
        table.add_column(head, justify="right")
    cells = {"tornado": _tornado, "morris": _morris, "sobol": _sobol}[found.method]
    for row in rows:
        table.add_row(
            _safe(words[row.parameter]),
            f"{row.low} to {row.high} ({row.written})",
            *cells(row, unit),
            style=None if row.beyond_luck else "dim",
        )
    return table


def _tornado(row: Any, unit: str) -> Iterator[str]:
    for end in ("low", "high"):
        mean, low, high = (getattr(row, f"{end}_difference{of}") for of in ("", "_low", "_high"))
        ends = spread(low, high, unit, signed=True)
        shown = number(mean, unit, signed=True)
        yield f"{shown} ({ends})" if ends and low != high else shown
    yield number(row.swing, unit)


def _morris(row: Any, unit: str) -> Iterator[str]:
    yield number(row.mu_star, unit)
    yield spread(row.mu_star_low, row.mu_star_high, unit)
    same = abs(row.mu) > 0.95 * row.mu_star
    yield ("up" if row.mu > 0 else "down") if same else "both ways"
    yield number(row.sigma, unit)
    yield number(row.mu_star_luck, unit)


def _sobol(row: Any, _unit: str) -> Iterator[str]:
    yield f"{row.total:.2f}"
    yield f"{row.total_low:.2f} to {row.total_high:.2f}"
    yield f"{row.total_luck:.2f}"
    yield f"{row.first:.2f}"
    yield f"{row.first_low:.2f} to {row.first_high:.2f}"


def _strength(method: str, row: Any) -> float:
    found: float = getattr(row, {"tornado": "swing", "morris": "mu_star", "sobol": "total"}[method])
    return found if found == found else 0.0  # noqa: PLR0124 - nan


def _base(rows: list[Any], unit: str) -> str:
    base = getattr(rows[0], "base", None)
    return "the strongest first" if base is None else f"{number(base, unit)} as written"


def _rest(unseen: int, silent: int) -> str:
    parts = []
    if unseen:
        parts.append(f"{unseen} weaker ones: see table.csv of --out")
    if silent:
        parts.append(f"{silent} without any effect")
    return f"... and {' and '.join(parts)}"


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"


def _share(value: float) -> str:
    return "<1 %" if 0 < value < 0.01 else f"{value:.0%}".replace("%", " %")


def _safe(words: str) -> str:
    return words.replace("[", "\\[")
