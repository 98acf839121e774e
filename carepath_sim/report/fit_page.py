"""Goodness of fit as a page: what was asked, what was learned, and what to beware of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from carepath_sim import __version__
from carepath_sim.report.fit_figures import (
    against_targets,
    before_and_after,
    in_pairs,
    what_is_left,
)
from carepath_sim.report.fit_foretold import courses, where_observed, with_course
from carepath_sim.report.inline import inline_svg
from carepath_sim.report.page import rendered
from carepath_sim.report.told import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.calibrate.fit import Fit

SAMPLERS = {
    "abc": "by the simulator alone (approximate Bayesian computation)",
    "emulator": "by emulators (Gaussian processes)",
}


def fit_page(fit: Fit) -> str:
    """Return a page of HTML with everything in it; it needs nothing from anywhere."""
    from markupsafe import Markup

    pictures = [
        (title, text, Markup(inline_svg(draw(fit), f"p{k}", title, text)))  # noqa: S704 - our own
        for k, (title, text, draw) in enumerate(_pictures(fit))
    ]
    return rendered(
        "fit.html",
        title=f"Goodness of fit: {fit.calibration.name}",
        said=list(_answer(fit)),
        warnings=list(fit.warnings()),
        tables=[
            targets_grid(fit),
            *foretold_grid(fit),
            parameters_grid(fit),
            *_waves(fit),
            *_conflicts(fit),
        ],
        pictures=pictures,
        how=list(_how(fit)),
    )


def targets_grid(fit: Fit) -> Grid:
    """Return observed and simulated figures."""
    rows = []
    for row in fit.targets().to_dict("records"):
        simulated = (
            f"{_number(row['simulated'])} ({_number(row['low'])} to {_number(row['high'])})"
            if "simulated" in row
            else ""
        )
        rows.append(
            (
                row["target"],
                "held out" if row["use"] == "validate" else "fitted",
                f"{_number(row['observed'])} {row['unit']}",
                f"{_number(row['se'])}, {_number(row['discrepancy'])}",
                simulated,
                _z(row["z"]) if "z" in row else "",
                f"{_number(row['reach_low'])} to {_number(row['reach_high'])}",
            )
        )
    heads = (
        *("Target", "Use", "Observed", "Error, discrepancy", "Simulated (95 %)", "z"),
        "The model can reach (99 %)",
    )
    return Grid("Targets, simulated anew with fresh luck", heads, tuple(rows))


def foretold_grid(fit: Fit) -> Iterator[Grid]:
    """Yield the predictive check of each target, with error and discrepancy."""
    rows = []
    found = fit.targets().to_dict("records")
    total = sum(row["z"] ** 2 for row in found if row["use"] == "fit" and "z" in row)
    for row in found:
        if "pit" not in row:
            return
        inside = [word for word in ("80", "95") if row[f"inside{word}"]]
        share = f"{row['z'] ** 2 / total:.0%}" if row["use"] == "fit" and total > 0 else ""
        rows.append(
            (
                row["target"],
                "held out" if row["use"] == "validate" else "fitted",
                _number(row["observed"]),
                *(f"{_number(row[f'low{k}'])} to {_number(row[f'high{k}'])}" for k in ("80", "95")),
                f"{inside[0]} %" if inside else "neither",
                f"{row['pit']:.2f}",
                share,
            )
        )
    heads = (
        *("Target", "Use", "Observed", "Foretold, 80 %", "Foretold, 95 %", "Inside"),
        *("PIT", "Share of misfit"),
    )
    caption = "What the posterior foretells, with error and discrepancy"
    yield Grid(caption, heads, tuple(rows))


def parameters_grid(fit: Fit) -> Grid:
    """Return what was known of parameters before and after."""
    rows = []
    for row in fit.parameters().to_dict("records"):
        ends = f"{_number(row['prior_p10'])} to {_number(row['prior_p90'])}"
        before = f"{_number(row['prior_median'])} ({ends})"
        after = (
            f"{_number(row['median'])} ({_number(row['p10'])} to {_number(row['p90'])})"
            if "median" in row
            else ""
        )
        ratio = row.get("sd_ratio", math.nan)
        learned = (
            "moves no target" if row["frozen"] else "" if math.isnan(ratio) else f"{ratio:.2f}"
        )
        rows.append(
            (row["parameter"], row["unit"], _number(row["written"]), before, after, learned)
        )
    heads = (
        *("Parameter", "Unit", "As written", "Before (10 to 90 %)", "After (10 to 90 %)"),
        "Deviation after / before",
    )
    return Grid("Parameters", heads, tuple(rows))


def _answer(fit: Fit) -> Iterator[str]:
    if not fit.is_done:
        yield "There is no posterior: see the warnings."
        return
    rows = fit.parameters()
    for words, chosen in (
        ("The data tell something of", rows[rows["sd_ratio"] <= 0.9]),
        ("They do not inform", rows[rows["sd_ratio"] > 0.9]),
    ):
        if len(chosen):
            yield f"{words} {', '.join(chosen['parameter'])}."
    held = fit.targets()
    held = held[held["use"] == "validate"]
    for row in held.to_dict("records"):
        word = "is covered" if row["inside95"] else "is not covered at 95 %"
        used = f" ({row['already_used']})" if row["already_used"] else ""
        yield (
            f"The held-out target {row['target']} {word} (z {_z(row['z'])}){used}: of 100 values "
            f"foretold of it {100 * row['pit']:.0f} lie below the observed one."
        )
    if not len(held):
        yield "No target was held out, so nothing tests the fit but what it was fitted to."
    yield from _coverage(fit)


def _coverage(fit: Fit) -> Iterator[str]:
    """Yield how many figures lie in what is foretold of them, one by one and together."""
    rows = fit.targets()
    for use, what in (("fit", "fitted"), ("validate", "held-out")):
        mine = rows[rows["use"] == use]
        if not len(mine):
            continue
        yield (
            f"Of {len(mine)} {what} {'figure' if len(mine) == 1 else 'figures'} "
            f"{int(mine['inside80'].sum())} lie in the 80 % that the posterior foretells, and "
            f"{int(mine['inside95'].sum())} in the 95 %."
        )
        if (together := fit.together(use)) is not None:
            yield (
                f"All {what} figures together: {_percent(together.chance)} of what is foretold "
                "lies as far out or farther."
            )
    for j, one in enumerate(fit.calibration.targets):
        if one.series and fit.courses:
            low95, low80, _, high80, high95 = fit.series(j)
            values = [value for _, value, _ in one.series]
            counts = [
                sum(map(bool, (low <= values) & (values <= high)))
                for low, high in ((low80, high80), (low95, high95))
            ]
            yield (
                f"Of the {len(values)} periods of {one.name} {counts[0]} lie in the 80 % that is "
                f"foretold of them, and {counts[1]} in the 95 %."
            )


def _waves(fit: Fit) -> Iterator[Grid]:
    names = [one.name for one in fit.calibration.fitted]
    rows = []
    for wave in fit.outcome.waves:
        quality = [
            f"{name}: {max(one['q2'], 0):.2f}, {one['coverage']:.0%}"
            for name, one in zip(names, wave["emulators"], strict=True)
        ]
        rows.append(
            (str(wave["wave"]), str(wave["points"]), f"{wave['left']:.2%}", "; ".join(quality))
        )
    if rows:
        heads = ("Wave", "Points", "Left of the prior", "Emulators: foretold, coverage")
        yield Grid("History matching", heads, tuple(rows))


def _conflicts(fit: Fit) -> Iterator[Grid]:
    by_name = {one.name: one for one in fit.calibration.targets}
    rows = []
    for told in fit.conflicts:
        one = by_name[str(told["target"])]
        mean, deviation = float(told["mean"]), float(told["deviation"])
        ends = (mean - 1.96 * deviation, mean, mean + 1.96 * deviation)
        low, middle, high = (math.exp(x) if one.is_log else x for x in ends)
        foretold = f"{_number(middle)} ({_number(low)} to {_number(high)})"
        rows.append((one.name, _number(one.value), foretold, _z(float(told["z"]))))
    if rows:
        heads = ("Target", "Observed", "Foretold by the others (95 %)", "z")
        yield Grid("Conflict: each target left out in turn", heads, tuple(rows))


TARGETS = (
    "For each target the observed value with 95 % of error and discrepancy, and the simulated one "
    "with 95 % of the posterior; the table of targets has the numbers."
)
PIT = (
    "For each target which part of what is foretold, with error and discrepancy, lies below the "
    "observed value (diamonds: held out). Of many figures as many should lie in a band as it says; "
    "those at an end are foretold badly, and all of them near the middle, too cautiously."
)
COURSES = (
    "By month or quarter. A series: points as observed (with 95 % of their error) on what is "
    "foretold of each period, with error and discrepancy. Other figures: months of simulated "
    "years, and the observed figure spread over the months by their days, since only the whole was "
    "observed. Figures that are counted over the whole window only are not among them."
)
BEFORE_AND_AFTER = (
    "For each parameter its distribution before (filled) and after the fit (line), and the value "
    "as written (dashed); the table of parameters has the numbers."
)
LEFT = (
    "Left: how much each wave left. Right: where the model is not implausible (below 3), with "
    "draws of the posterior."
)
PAIRS = (
    "Draws of the posterior, as parts of the priors: a narrow slope means that only a combination "
    "is known."
)


def _pictures(fit: Fit) -> Iterator[tuple[str, str, Any]]:
    if not fit.is_done:
        return
    yield "Targets as a picture", TARGETS, against_targets
    yield "Where the observed values lie", PIT, where_observed
    if with_course(fit):
        yield "The course of the year", COURSES, courses
    yield "Before and after", BEFORE_AND_AFTER, before_and_after
    yield "What is left of the prior", LEFT, what_is_left
    if len(fit.outcome.sieves[-1].free) > 1:
        yield "Parameters in pairs", PAIRS, in_pairs


def _how(fit: Fit) -> Iterator[tuple[str, str]]:
    settings, outcome = fit.calibration.settings, fit.outcome
    yield "Scenario", f"{fit.calibration.scenario.name} ({fit.calibration.scenario.hash()[:12]})"
    yield "Posterior", SAMPLERS.get(outcome.sampler, "none")
    yield "Draws", f"{len(outcome.u)}, worth {outcome.worth:.0f} independent ones"
    yield "Seed", str(settings.seed)
    yield "Replications", f"{settings.replications} of each point"
    yield "Program", f"carepath-sim {__version__}"
    for one in fit.calibration.targets:
        yield f"Source of {one.name}", f"{one.source}; {one.period}"


def _number(value: float) -> str:
    """Return a number with four digits that count.

    >>> _number(23356.04), _number(0.0785), _number(4.0)
    ('23,356', '0.0785', '4')
    """
    if math.isnan(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _percent(chance: float) -> str:
    """Return a chance in per cent.

    >>> _percent(0.997), _percent(0.314), _percent(0.004), _percent(0.00004)
    ('99.7 %', '31.4 %', '0.4 %', 'less than 0.1 %')
    """
    return "less than 0.1 %" if chance < 0.001 else f"{100 * chance:.1f} %"


def _z(value: float) -> str:
    """Return a distance in deviations.

    >>> _z(-0.03), _z(2.46)
    ('0.0', '2.5')
    """
    return f"{round(value, 1) + 0.0:.1f}"
