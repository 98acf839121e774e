"""Draws of uncertain numbers with weights: from a fit, or from the ranges of a scenario."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from carepath_sim.errors import ScenarioError
from carepath_sim.experiment.posterior_files import (
    RANGES,
    PosteriorError,
    first,
    fit_file,
    flat,
    listed,
    numbers_in,
    table_of,
    warnings_of,
)
from carepath_sim.scenario.positions import deepest, parsed
from carepath_sim.scenario.ranged import completed, ranged, said, varied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from carepath_sim.experiment.evaluate import Settings
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.ranged import Ranged

DRAWS: Final = 256
"""Draws where nothing is said: a power of two, for which Sobol sequences are balanced."""
MOST_DRAWS: Final = 100_000
BESIDE: Final = frozenset({"draw", "weight", "point", "wave", "distance"})
"""Columns of a posterior that are no fields."""
FEW: Final = 100
"""Effective draws below which weights leave too little (W6)."""


@dataclass(frozen=True)
class Posterior:
    """Values of some numbers of a scenario that may be true together.

    Attributes
    ----------
    names
        The fields, as for `--set`.
    draws
        Shape `(draw, field)` [unit of the field].
    weights
        One a draw; they sum to 1.
    units
        What stands before and behind each value: ``("£", "per day")``.
    source
        Folder of the fit, or ``ranges``.
    model
        Name of the scenario that was fitted.
    hash
        Its hash; empty where it is not known.
    fitted
        What it said, as plain values; None where it is not known.
    parts
        Of ranges: where in its range each value lies, 0 to 1, of the shape of the draws.
    left_out
        Numbers with a range that could not be varied, with the reason.
    said
        What the fit warns of.
    """

    names: tuple[str, ...]
    draws: NDArray[np.float64] = field(repr=False)
    weights: NDArray[np.float64] = field(repr=False)
    units: tuple[tuple[str, str], ...] = field(repr=False)
    source: str
    model: str = ""
    hash: str = field(default="", repr=False)
    fitted: Mapping[str, Any] | None = field(default=None, repr=False)
    parts: NDArray[np.float64] | None = field(default=None, repr=False)
    left_out: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    said: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        problems = list(_wrong(self))
        if problems:
            raise PosteriorError(f"{self.source}: " + "; ".join(problems))

    def __len__(self) -> int:
        """Return the number of draws."""
        return len(self.draws)

    def __str__(self) -> str:
        """Return the posterior in a few words."""
        return f"{len(self)} draws of {len(self.names)} numbers from {self.source}"

    @property
    def of_ranges(self) -> bool:
        """Whether it comes from the ranges of a scenario rather than from a fit."""
        return self.parts is not None

    @property
    def effective(self) -> float:
        """Effective number of draws: 1 / sum of squared weights (Kish 1965)."""
        return float(1 / (self.weights**2).sum())

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the posterior of a fit.

        Parameters
        ----------
        path
            Folder of a fit, with ``posterior.parquet`` or ``posterior.csv`` and a manifest; or
            such a file. Columns: draw, weight (none: all alike), and one a field. A cell that
            holds several numbers, such as shares, does so as JSON.

        Raises
        ------
        PosteriorError
            If there is none, or it is not what it should be; with all that is wrong.
        """
        file, manifest = fit_file(Path(path))
        table = flat(table_of(file))
        names = tuple(str(name) for name in table.columns if str(name) not in BESIDE)
        if not names:
            raise PosteriorError(f"{file}: no column is a field; there are {listed(table)}")
        columns, units, problems = [], [], []
        for name in names:
            if parsed(name) is None:
                problems.append(f"column {name!r} is no field, such as `services.acute.stay`")
                continue
            try:
                values, unit = numbers_in(name, table[name])
            except PosteriorError as error:
                problems.append(str(error))
                continue
            columns.append(values)
            units.append(unit)
        weights = np.ones(len(table))
        if "weight" in table:
            try:
                weights, _ = numbers_in("weight", table["weight"])
            except PosteriorError as error:
                problems.append(str(error))
        if problems:
            raise PosteriorError(f"{file}: " + "; ".join(problems))
        total = weights.sum()
        model = manifest.get("scenario")
        model = model if isinstance(model, dict) else {}
        # A fit names its scenario; other folders hold all that it says.
        about = {**manifest, **model} if set(model) <= {"name", "hash"} else manifest
        return cls(
            names,
            np.column_stack(columns),
            weights / total if total > 0 else weights,
            tuple(units),
            str(path),
            first(about, "name", "names", "scenario_name"),
            first(about, "hash", "hashes", "scenario_hash", "model_hash"),
            model if about is manifest and model else None,
            said=warnings_of(file.parent) if manifest else (),
        )

    @classmethod
    def from_ranges(
        cls,
        scenario: Scenario,
        n: int = DRAWS,
        seed: int = 1,
        *,
        parameters: Sequence[str] = (),
        others: Sequence[Scenario] = (),
    ) -> Self:
        """Return draws spread evenly over the ranges of a scenario; see `spread_evenly`.

        A range says how far a number may lie, and no more: each value in it is as likely as any
        other. Numbers that other scenarios have with a range of their own lie at the same part of
        that range.

        Parameters
        ----------
        scenario
            The scenario; the values of the draws are in its ranges.
        n
            How many draws; powers of two are balanced.
        seed
            Start of the luck of the draws.
        parameters
            Names, or patterns with ``*``, such as ``pools.*``; none: all.
        others
            Scenarios that it is compared with.

        Raises
        ------
        OptionError
            If there is no such number.
        """
        from carepath_sim.experiment.sensitivity import chosen
        from carepath_sim.experiment.spreading import spread_evenly

        _refuse_number(n)
        found, left_out = _of_all((scenario, *others), parameters, chosen)
        parts = spread_evenly(n, len(found), seed)
        draws = [[one.at(float(u)) for one, u in zip(found, row, strict=True)] for row in parts]
        return cls(
            tuple(one.name for one in found),
            np.array(draws, dtype=np.float64),
            np.full(n, 1 / n),
            tuple(("£" if one.pound else "", one.unit) for one in found),
            RANGES,
            scenario.name,
            scenario.hash(),
            None,
            np.asarray(parts, dtype=np.float64),
            left_out,
        )

    def resample(self, n: int, seed: int = 1) -> Self:
        """Return draws of equal weight, the same for the same seed.

        Notes
        -----
        Systematic resampling (Kitagawa 1996, Journal of Computational and Graphical Statistics 5,
        1-25): a draw of weight w comes up either the whole number below or above n w times.
        """
        _refuse_number(n)
        if n == len(self) and np.ptp(self.weights) < 1e-12:
            return self
        where = (np.arange(n) + np.random.default_rng(seed).random()) / n
        chosen = np.searchsorted(np.cumsum(self.weights), where)
        return self._only(np.minimum(chosen, len(self) - 1))

    def without(self, gone: Sequence[int]) -> Self:
        """Return it without some of its draws; the weights of the others grow in proportion.

        Raises
        ------
        PosteriorError
            If nothing is left.
        """
        kept = [k for k in range(len(self)) if k not in set(gone)]
        if not kept:
            raise PosteriorError(f"{self.source}: no draw is left")
        weights = self.weights[kept]
        return replace(self._only(np.array(kept)), weights=weights / weights.sum())

    def table(self) -> pd.DataFrame:
        """Return one row a draw.

        Returns
        -------
            Columns draw, weight, and one a field, values as for `--set`.
        """
        import pandas as pd

        head = {"draw": np.arange(len(self)), "weight": self.weights}
        return pd.DataFrame(
            {**head, **{name: self._written(k) for k, name in enumerate(self.names)}}
        )

    def settings(self, draw: int) -> Settings:
        """Return the values of a draw, as for `--set`."""
        return {
            name: said(float(value), unit)
            for name, value, unit in zip(self.names, self.draws[draw], self.units, strict=True)
        }

    def scenario(self, base: Scenario, draw: int) -> Scenario:
        """Return a scenario with the values of a draw, checked as a whole.

        Shares that sum to the whole go on doing so.

        Parameters
        ----------
        base
            The scenario; of a draw from ranges each of its numbers with a range gets the value at
            the same part of its own range.
        draw
            Which draw, from 0.

        Raises
        ------
        ScenarioError
            If what comes out is no scenario.
        """
        return Drawn(self, base).scenario(draw)

    def _written(self, k: int) -> list[Any]:
        plain = self.units[k] == ("", "")
        column = self.draws[:, k].tolist()
        return column if plain else [said(value, self.units[k]) for value in column]

    def _only(self, rows: NDArray[np.int64]) -> Self:
        n = len(rows)
        parts = None if self.parts is None else self.parts[rows]
        return replace(self, draws=self.draws[rows], weights=np.full(n, 1 / n), parts=parts)


class Drawn:
    """The draws of a posterior as scenarios, made when their turn comes.

    Parameters
    ----------
    posterior
        The draws.
    base
        The scenario whose numbers they are.
    but
        Fields that the scenario keeps as it has them.
    """

    def __init__(self, posterior: Posterior, base: Scenario, but: Sequence[str] = ()) -> None:
        self.posterior = posterior
        self.base = base
        self.but = frozenset(but)
        self._ranged: dict[str, Ranged] = {}
        if posterior.of_ranges:
            self._ranged = {one.name: one for one in ranged(base)[0]}

    def settings(self, draw: int) -> Settings:
        """Return what a draw sets in this scenario."""
        if self.posterior.parts is None:
            given = self.posterior.settings(draw)
            return {name: value for name, value in given.items() if name not in self.but}
        return {one.name: one.said(value) for one, value in self._moved(draw).items()}

    def scenario(self, draw: int) -> Scenario:
        """Return the scenario of a draw.

        Raises
        ------
        ScenarioError
            If it is none.
        """
        from carepath_sim.experiment.evaluate import point_of

        if self.posterior.of_ranges:
            return varied(self.base, self._moved(draw))
        return point_of(self.base, completed(self.base, self.settings(draw)))

    def _moved(self, draw: int) -> dict[Ranged, float]:
        assert self.posterior.parts is not None  # noqa: S101 - for the type checker
        row = self.posterior.parts[draw]
        return {
            self._ranged[name]: self._ranged[name].at(float(u))
            for name, u in zip(self.posterior.names, row, strict=True)
            if name in self._ranged and name not in self.but
        }


def refuse_unknown(posterior: Posterior, scenario: Scenario) -> None:
    """Refuse a posterior that names fields which a scenario has not.

    Raises
    ------
    PosteriorError
        With all of them, and the nearest names.
    """
    if posterior.of_ranges:
        return
    problems = []
    for k, name in enumerate(posterior.names):
        path = parsed(name) or ()
        if deepest(scenario.tree, path)[1] == len(path):
            continue
        try:
            scenario.set(name, said(float(posterior.draws[0, k]), posterior.units[k]))
        except ScenarioError as error:
            problems.append(f"{name!r}: {_nearest(name, scenario) or error.problems[0].message}")
    if problems:
        raise PosteriorError(
            f"{posterior.source}: {scenario.name} has no such field: " + "; ".join(problems)
        )


def other_model(posterior: Posterior, scenarios: Sequence[Scenario]) -> str:
    """Return what is to be said of a posterior of another model (W9), or nothing."""
    if posterior.of_ranges:
        return ""
    if not posterior.hash:
        return f"W9: {posterior.source} does not say which scenario it was fitted to"
    if any(one.hash() == posterior.hash for one in scenarios):
        return ""
    what = "is not the scenario that was fitted" if len(scenarios) == 1 else "none was fitted"
    names = ", ".join(dict.fromkeys(one.name for one in scenarios))
    if len(scenarios) == 1 and scenarios[0].name == posterior.model:
        return (
            f"W9: {names} is not as it was when {posterior.source} was fitted: it was edited, or "
            f"fields are set{_differing(posterior, scenarios)}"
        )
    return f"W9: {names}: {what} ({posterior.model or 'unnamed'}){_differing(posterior, scenarios)}"


def _differing(posterior: Posterior, scenarios: Sequence[Scenario], most: int = 3) -> str:
    from carepath_sim.scenario.diff import difference_of

    if posterior.fitted is None:
        return ""
    fields = [one.path for one in difference_of(posterior.fitted, scenarios[0].resolved())]
    if not fields:
        return ": the same fields, written otherwise (order, titles or notes)"
    more = f" and {len(fields) - most} more" if len(fields) > most else ""
    return f"; what differs: {', '.join(fields[:most])}{more}"


def _nearest(name: str, scenario: Scenario) -> str:
    known = list(_paths(scenario.resolved()))
    near = get_close_matches(name, known, n=1, cutoff=0.7)
    return f"did you mean {near[0]!r}?" if near else ""


def _paths(value: object, head: str = "") -> list[str]:
    """Return all fields below a value."""
    found = []
    pairs: list[tuple[str, object]] = []
    if isinstance(value, dict):
        pairs = [(f"{head}.{key}" if head else str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{head}[{k}]", inner) for k, inner in enumerate(value)]
    for path, inner in pairs:
        found += [path, *_paths(inner, path)]
    return found


def _of_all(
    scenarios: Sequence[Scenario], patterns: Sequence[str], choose: Any
) -> tuple[tuple[Ranged, ...], tuple[tuple[str, str], ...]]:
    """Return the numbers with a range of any of several scenarios, each as the first has it."""
    from carepath_sim.experiment.batch import OptionError

    found: dict[str, Ranged] = {}
    left_out: dict[str, str] = {}
    refused: OptionError | None = None
    for scenario in scenarios:
        try:
            numbers, gone = choose(scenario, patterns)
        except OptionError as error:
            refused = refused or error
            continue
        found = {**{one.name: one for one in numbers}, **found}
        left_out = {**dict(gone), **left_out}
    if not found and refused is not None:
        raise refused
    first = {one.name: k for k, one in enumerate(ranged(scenarios[0])[0])}
    order = sorted(found, key=lambda name: first.get(name, len(first)))
    return tuple(found[name] for name in order), tuple(left_out.items())


def _refuse_number(n: int) -> None:
    if not 1 <= n <= MOST_DRAWS:
        raise PosteriorError(f"1 to {MOST_DRAWS:,} draws can be taken, not {n}")


def _wrong(posterior: Posterior) -> list[str]:
    """Return what is wrong with the draws and weights."""
    problems = []
    shape = (len(posterior.weights), len(posterior.names))
    if posterior.draws.shape != shape:
        problems.append(f"draws of shape {shape} are needed, not {posterior.draws.shape}")
    elif not len(posterior.weights):
        problems.append("there is no draw")
    elif not np.isfinite(posterior.draws).all():
        bad = [
            one for k, one in enumerate(posterior.names) if np.isnan(posterior.draws[:, k]).any()
        ]
        problems.append(f"values are missing in {', '.join(bad)}")
    if not np.isfinite(posterior.weights).all() or (posterior.weights < 0).any():
        problems.append("weights must be numbers from 0 on")
    elif len(posterior.weights) and not posterior.weights.sum() > 0:
        problems.append("the weights sum to 0")
    return problems
