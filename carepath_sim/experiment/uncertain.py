"""Answers with all that is not known: what draws of uncertain numbers, simulated, come to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from carepath_sim.experiment import frames
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.draws import joined, steady
from carepath_sim.experiment.wanted import Wanted
from carepath_sim.statistics.uncertainty import (
    Curve,
    components,
    gain_of_certainty,
    gain_of_choice,
    spread,
    without_noise,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from carepath_sim.experiment.draws import Figures
    from carepath_sim.experiment.objective import Objective
    from carepath_sim.experiment.posterior import Posterior
    from carepath_sim.experiment.wanted import Target

SUMMARY: Final = (
    *("scenario", "measure", "stratum", "unit", "mean", "standard_error"),
    *("parameter_sd", "chance_sd", "parameter_share", "share_low", "share_high", "negative"),
    *("parameter_low", "parameter_high", "prediction_low", "prediction_high", "p10", "p90"),
    *("draws", "replications"),
)


BEYOND: Final = 0.05
"""Probability below which an effect is none of luck."""


class Pictures(Protocol):
    """Pictures of answers with uncertainty; each returns the axes it drew on."""

    def bands(self, measure: str = "", ax: Axes | None = None) -> Axes:
        """Draw a figure of every scenario with what is not known and what is luck."""
        ...

    def differences(self, measure: str = "", ax: Axes | None = None) -> Axes:
        """Draw how a figure differs from the base, in the same way."""
        ...

    def knowing(
        self, question: str = "", ax: Axes | None = None, most: int = 12, scenario: str = ""
    ) -> Axes:
        """Draw what knowing each number would be worth."""
        ...


@dataclass(frozen=True)
class Uncertainty:
    """Scenarios simulated for draws of their uncertain numbers.

    Attributes
    ----------
    names
        The scenarios, the base first.
    posterior
        The draws that were simulated, all of equal weight.
    tables
        Figures of each scenario.
    measures, targets, objective
        What was asked for.
    impossible
        Draws that made no scenario and were left out, with the reason.
    notices
        What is to be known before anything is believed.
    seed, engine
        As in `carepath_sim.run`.
    """

    names: tuple[str, ...]
    posterior: Posterior = field(repr=False)
    tables: tuple[Figures, ...] = field(repr=False)
    measures: tuple[Wanted, ...]
    targets_asked: tuple[Target, ...]
    objective: Objective | None
    impossible: tuple[tuple[int, str], ...] = field(repr=False)
    notices: tuple[str, ...] = field(repr=False)
    seed: int
    engine: str

    @property
    def replications(self) -> int:
        """Replications of each draw."""
        return int(self.tables[0].counts.shape[1])

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Every figure of every scenario, with what is not known and what is chance.

        Returns
        -------
            Columns scenario, measure, stratum, unit, mean, standard_error (of the mean, for the
            number of draws), parameter_sd and chance_sd, parameter_share (of the variance of one
            run) with an interval, share_low and share_high, negative (whether the variance of the
            parameters came out below 0 and is given as 0), parameter_low and _high (of the true
            mean), prediction_low and _high and p10 and p90 (of one run, parameters and chance),
            draws, replications.
        """
        return self._summary(self._every(), level)

    def figures(self, names: str | Iterable[str] = (), level: float = 0.95) -> pd.DataFrame:
        """Figures by name; none: those that were asked for. Columns as in `summary`."""
        asked = [names] if isinstance(names, str) else list(names)
        wanted = [Wanted.parse(name) for name in asked] or list(self.measures)
        rows = (
            (label, str(one), "", one.unit, *self._of(k, one))
            for one in wanted
            for k, label in enumerate(self.names)
        )
        frame = self._summary(rows, level).drop(columns="stratum")
        return frame.rename(columns={"measure": "figure"})

    def differences(self, names: str | Iterable[str] = (), level: float = 0.95) -> pd.DataFrame:
        """Differences from the base, other minus base with the same draw and the same luck.

        Returns
        -------
            Columns as in `figures`, and probability_negative (that the true difference is below
            0) and probability_negative_one_run.
        """
        import pandas as pd

        asked = [names] if isinstance(names, str) else list(names)
        wanted = [Wanted.parse(name) for name in asked] or list(self.measures)
        rows, below = [], []
        for one in wanted:
            base = self._steady(0, one)
            for k, label in enumerate(self.names[1:], start=1):
                apart = self._steady(k, one) - base
                rows.append((label, str(one), "", one.unit, apart, None))
                below.append((_below(without_noise(apart)), _below(apart)))
        frame = self._summary(rows, level).drop(columns="stratum")
        frame = frame.rename(columns={"measure": "figure"})
        columns = ["probability_negative", "probability_negative_one_run"]
        return pd.concat([frame, pd.DataFrame(below, columns=columns)], axis=1)

    def targets(self) -> pd.DataFrame:
        """How likely each target is to be met.

        Those that were asked for; the standards of the scenarios for waits; their targets, of
        which large is good for people still at home, at the same address or without further care,
        and small otherwise (`carepath_sim.measures.aims`: documents do not say); and in
        comparisons their targets of change, on the side of the base to which they point.

        Returns
        -------
            Columns scenario, target, unit, limit, sign, mean, probability (that the true mean
            keeps the limit: of the parameters alone) and probability_one_run (that one run does).
        """
        import pandas as pd

        rows = []
        for k, label in enumerate(self.names):
            for words, unit, sign, limit, values, weights in self._targets_of(k):
                means = steady(values, weights)
                turn = -1.0 if sign == ">=" else 1.0
                true = _at_most(turn * without_noise(means), turn * limit)
                single = _at_most(turn * values, turn * limit)
                rows.append((label, words, unit, limit, sign, components(means).mean, true, single))
        columns = ["scenario", "target", "unit", "limit", "sign", "mean"]
        return pd.DataFrame(rows, columns=[*columns, "probability", "probability_one_run"])

    def best(self) -> pd.DataFrame:
        """How likely each scenario is to be the best by the objective.

        Returns
        -------
            Columns scenario, mean, difference (from the base), probability_best (of the
            parameters alone), expected_loss (by how much it falls short of the best of each draw,
            on average: what knowing everything would be worth, if it were chosen).

        Raises
        ------
        OptionError
            Without an objective, or with one scenario.
        """
        import pandas as pd

        gains = self._gains()
        gains = gains[np.isfinite(gains).all(axis=(1, 2))]
        others = [without_noise(gains[:, :, k]) for k in range(gains.shape[2])]
        whole = np.column_stack([np.zeros(len(gains)), *others])
        top = whole.max(axis=1, keepdims=True)
        ties = whole >= top
        chance = (ties / ties.sum(axis=1, keepdims=True)).mean(axis=0)
        sign = -1.0 if self.objective is None or self.objective.smaller else 1.0
        values = [self._objective(k) for k in range(len(self.names))]
        return pd.DataFrame(
            {
                "scenario": self.names,
                "mean": [components(one).mean for one in values],
                "difference": sign * whole.mean(axis=0),
                "probability_best": chance,
                "expected_loss": (top - whole).mean(axis=0),
            }
        )

    def knowing(self) -> pd.DataFrame:
        """What it would be worth to know each number better, the most on top.

        Returns
        -------
            Columns question (a figure or difference, `objective`, or a target), scenario, unit,
            parameter, worth, error (standard error), share (of the variance of the parameters,
            for figures), chance (probability that a number without effect seems to have as much;
            for all numbers together) and beyond_luck.

            Of a figure the worth is the variance that would go, on average, if the number were
            known, and its share nan where the variance of the parameters may as well be 0; of an
            objective the expected gain from choosing between scenarios then; of a
            target the gain in the probability of being right about whether it is met.
        """
        return self._known.copy()

    @cached_property
    def _known(self) -> pd.DataFrame:
        """What `knowing` returns: seconds of work where hundreds of numbers are asked about."""
        import pandas as pd

        rows = list(self._worths())
        columns = ["question", "scenario", "unit", "parameter", "worth", "error", "share"]
        frame = pd.DataFrame(rows, columns=[*columns, "chance"])
        frame["beyond_luck"] = (frame["chance"] < BEYOND) & (frame["worth"] > 0)
        order = {name: k for k, name in enumerate(dict.fromkeys(frame["question"]))}
        frame["order"] = frame["question"].map(order)
        frame = frame.sort_values(
            ["order", "scenario", "worth"], ascending=[True, True, False], kind="stable"
        )
        return frame.drop(columns="order").reset_index(drop=True)

    def draws(self) -> pd.DataFrame:
        """One row a draw: its values, and the mean of each figure in each scenario."""
        frame = self.posterior.table()
        for k, label in enumerate(self.names):
            for one in self.measures:
                frame[f"{label}: {one}"] = self._steady(k, one).mean(axis=1)
        return frame

    @property
    def plot(self) -> Pictures:
        """Pictures: `.plot.bands()`, `.plot.differences()`, `.plot.knowing()`."""
        # As in `RunResult.plot`.
        made: Pictures = import_module("carepath_sim.report.uncertainty_figures").Plots(self)
        return made

    def _of(self, k: int, one: Wanted) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return a figure of a scenario; a base, compared with itself, has 0 of what compares."""
        if not k and is_of_a_pair(one) and len(self.tables) > 1:
            return np.zeros(self.tables[0].counts.shape[:2]), None
        return self.tables[k].of(one)

    def _steady(self, k: int, one: Wanted) -> NDArray[np.float64]:
        return steady(*self._of(k, one))

    def _every(self) -> Iterator[tuple[Any, ...]]:
        for label, table in zip(self.names, self.tables, strict=True):
            for (measure, stratum), k in table.keys.items():
                unit = frames.definition(measure).unit
                columns = slice(k, k + 1)
                values, weights = table.counts[:, :, columns], table.weights[:, :, columns]
                yield (label, measure, stratum, unit, *joined(values, weights))

    def _summary(self, rows: Iterable[tuple[Any, ...]], level: float) -> pd.DataFrame:
        import pandas as pd

        made = []
        for *head, values, weights in rows:
            means = steady(values, weights)
            part = components(means)
            made.append(
                (
                    *head,
                    *(part.mean, part.error, math.sqrt(part.parameters), math.sqrt(part.chance)),
                    *(part.share, *part.share_interval(level), part.negative),
                    *spread(without_noise(means), level),
                    *spread(values, level),
                    *spread(values, 0.8),
                    *(part.draws, part.replications),
                )
            )
        return pd.DataFrame(made, columns=list(SUMMARY))

    def _targets_of(self, k: int) -> Iterator[tuple[Any, ...]]:
        from carepath_sim.experiment.scorecard import limits

        for one in self.targets_asked:
            sign = "<=" if one.at_most else ">="
            yield str(one), one.wanted.unit, sign, one.limit, *self._of(k, one.wanted)
        table, base = self.tables[k], self.tables[0]
        for score, sign, factor in limits(table.first.plan):
            key = (score.measure, score.stratum)
            if math.isnan(score.target) or key not in table.keys:
                continue
            values, weights = table.column(key)
            if factor is None:
                if not k or key not in base.keys:
                    continue
                before = steady(*base.column(key))
                with np.errstate(invalid="ignore", divide="ignore"):
                    change = (steady(values, weights) - before) / before.mean(axis=1, keepdims=True)
                yield f"{score.title}: change", "share", sign, score.target, change, None
            else:
                yield score.title, score.unit, sign, score.target, values * factor, weights

    def _objective(self, k: int) -> NDArray[np.float64]:
        if self.objective is None or len(self.tables) < 2:
            raise OptionError("which is best needs an objective and at least two scenarios")
        return np.asarray(sum(f * self._steady(k, w) for f, w in self.objective.terms))

    def _gains(self) -> NDArray[np.float64]:
        """Return by how much the others are better than the base, shape `(draw, n, other)`."""
        values = [self._objective(k) for k in range(len(self.names))]
        sign = -1.0 if self.objective is not None and self.objective.smaller else 1.0
        apart = [sign * (one - values[0]) for one in values[1:]]
        return np.moveaxis(np.stack(apart), 0, 2)

    def _worths(self) -> Iterator[tuple[Any, ...]]:
        several = len(self.tables) > 1
        for one in self.measures:
            for k, label in enumerate(self.names):
                if several and not k:
                    continue
                values = self._steady(k, one) - (self._steady(0, one) if several else 0.0)
                words = f"difference of {one}" if several else str(one)
                part = components(values)
                # Of what may as well be nothing nobody knows a share.
                is_there = part.share_interval()[0] > 0
                unit = f"{one.unit} squared"
                yield from self._each(
                    (words, label, unit),
                    values[..., None],
                    _variance,
                    part.parameters,
                    is_there=is_there,
                )
        if self.objective is not None and several:
            head = (f"objective: {self.objective}", "", self.objective.unit)
            yield from self._each(head, self._gains(), gain_of_choice, math.nan)
        for k, label in enumerate(self.names):
            for target in self.targets_asked:
                values = self._steady(k, target.wanted)
                worth = partial(
                    gain_of_certainty,
                    limit=target.limit,
                    variance=components(values).parameters,
                )
                head = (f"target: {target}", label, "probability")
                yield from self._each(head, values[..., None], worth, math.nan)

    def _each(
        self,
        head: tuple[str, str, str],
        values: NDArray[np.float64],
        worth: Callable[[NDArray[np.float64]], float],
        whole: float,
        *,
        is_there: bool = False,
    ) -> Iterator[tuple[Any, ...]]:
        means = values.mean(axis=1)  # over replications
        known = np.isfinite(means).all(axis=1)
        number = len(self.posterior.names)
        for k, name in enumerate(self.posterior.names):
            found = Curve(self.posterior.draws[known, k], means[known]).known(worth)
            chance = min(1.0, number * found.chance)
            share = math.nan
            if found.worth > 0 and (is_there or chance < BEYOND) and not math.isnan(whole):
                share = found.worth / max(whole, found.worth)
            elif is_there:
                share = 0.0
            yield (*head, name, found.worth, found.error, share, chance)


def _variance(fitted: NDArray[np.float64]) -> float:
    return float(fitted.var())


def _below(values: NDArray[np.float64]) -> float:
    """Return the share below 0; exactly 0 counts half."""
    known = values[np.isfinite(values)]
    return float(((known < 0) + 0.5 * (known == 0)).mean()) if known.size else math.nan


def _at_most(values: NDArray[np.float64], limit: float) -> float:
    known = values[np.isfinite(values)]
    return float((known <= limit).mean()) if known.size else math.nan


def is_of_a_pair(one: Wanted) -> bool:
    """Tell whether a figure says something of two scenarios, and nothing of a base."""
    return frames.is_paired(one.measure)
