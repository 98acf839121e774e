"""A fit from the first design to the posterior, without any file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.calibrate.abc_smc import abc_smc
from carepath_sim.calibrate.emulators import Quality, emulate
from carepath_sim.calibrate.nroy import Sieve, filled, first_cloud, kept_by_all, spread_out
from carepath_sim.calibrate.problem import PREDICTIVE
from carepath_sim.calibrate.reach import Reach, reaches
from carepath_sim.calibrate.screening import effects, moves
from carepath_sim.calibrate.tempering import log_likelihood, tempered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepath_sim.calibrate.problem import Problem, Simulator
    from carepath_sim.calibrate.settings import FitSettings


@dataclass
class Outcome:
    """What a fit found; what it did not come to is empty.

    Attributes
    ----------
    reach
        Of every target.
    frozen
        Numbers of the parameters that move no target.
    waves
        For each wave its points, the share of the prior that is left, and the emulators' quality.
    sieves
        Of the waves.
    u
        Draws of the posterior in the unit cube, all of one weight; frozen parameters as before.
    worth
        How many independent draws they are worth.
    sampler
        abc or emulator.
    predicted
        The draws that were simulated again, shape `(draw, replication, target)`.
    """

    reach: list[Reach]
    frozen: tuple[int, ...] = ()
    waves: list[dict[str, Any]] = field(default_factory=list)
    sieves: list[Sieve] = field(default_factory=list)
    u: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    worth: float = 0.0
    sampler: str = ""
    predicted: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0, 0)))
    steps: tuple[tuple[float, int, int], ...] = ()


def fit(
    problem: Problem, simulator: Simulator, settings: FitSettings, *, force: bool = False
) -> Outcome:
    """Fit; end early where a target is out of reach or nothing is left.

    Parameters
    ----------
    force
        Whether to go on although a fitted target is out of reach.
    """
    from scipy.stats import qmc

    d = len(problem.parameters)
    fitted = [int(j) for j in np.flatnonzero(problem.is_fitted)]
    rng = np.random.default_rng(settings.seed)
    # What the check afterwards needs is put aside.
    budget = settings.budget - settings.predictive_draws * settings.predictive_replications
    points = qmc.Sobol(d=d, scramble=True, rng=rng).random(settings.first_design(d))
    values = simulator.values(points, settings.replications, "wave 1")
    found = Outcome(reaches(problem, values))
    if not force and not all(found.reach[j].is_reached for j in fitted):
        return found
    rows = effects(points, values.mean(axis=1)[:, fitted])
    free = [k for k, row in enumerate(rows) if moves(row)] or list(range(d))
    found.frozen = tuple(k for k in range(d) if k not in free)
    cloud, volume = np.empty((0, d)), 1.0
    for number in range(1, settings.waves + 1):
        emulators = tuple(emulate(points[:, free], values[:, :, j]) for j in fitted)
        made = (problem, emulators, tuple(fitted), tuple(free))
        before, sieve, new = volume, Sieve(*made, second=True), cloud
        last = number == settings.waves
        for second in (True, False):
            sieve = Sieve(*made, second=second)
            trial = [*found.sieves, sieve]

            def keeps(u: NDArray[np.float64], all_of: list[Sieve] = trial) -> NDArray[np.bool_]:
                return kept_by_all(all_of, u)

            if number == 1:
                new, volume = first_cloud(keeps, d, free, rng)
            else:
                kept = cloud[sieve.keeps(cloud)]
                volume = before * len(kept) / len(cloud)
                new = filled(kept, keeps, free, rng) if len(kept) else kept
            if not second or not len(new):
                break
            doubt = sieve.doubt_share(new)
            room = budget - simulator.spent
            next_runs = settings.further_design(d) * settings.replications
            shrunk = number == 1 or volume < 0.9 * before
            last = last or doubt < 0.1 or not shrunk or room < 2 * next_runs
            if not last:
                break
        found.sieves.append(sieve)
        said = [vars(one.quality) for one in emulators]
        found.waves.append(
            {"wave": number, "points": len(points), "left": volume, "emulators": said}
        )
        cloud = new
        if not len(cloud):
            return found
        if last:
            break
        more = spread_out(cloud, settings.further_design(d))
        fresh = simulator.values(more, settings.replications, f"wave {number + 1}")
        inside = kept_by_all(found.sieves, points)
        points, values = (
            np.concatenate([points[inside], more]),
            np.concatenate([values[inside], fresh]),
        )
    luck = _luck(values[:, :, fitted])
    _posterior(found, problem, simulator, settings, cloud, free, rng, luck, budget)
    return found


def _luck(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how the luck of figures goes together: correlations within points."""
    apart = (values - values.mean(axis=1, keepdims=True)).reshape(-1, values.shape[2])
    sd = np.sqrt((apart**2).mean(axis=0))
    scaled = np.divide(apart, sd, out=np.zeros_like(apart), where=sd > 0)
    found = scaled.T @ scaled / len(scaled)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _posterior(
    found: Outcome,
    problem: Problem,
    simulator: Simulator,
    settings: FitSettings,
    cloud: NDArray[np.float64],
    free: list[int],
    rng: np.random.Generator,
    luck_together: NDArray[np.float64],
    budget: int,
) -> None:
    def keeps(u: NDArray[np.float64]) -> NDArray[np.bool_]:
        return kept_by_all(found.sieves, u)

    last = found.sieves[-1]
    room = budget - simulator.spent
    needed = 15 * settings.population * settings.replications
    by_abc = settings.sampler == "abc" or (settings.sampler == "auto" and room >= needed)
    found.sampler = "abc" if by_abc else "emulator"
    if by_abc:
        of_one = [float(one.variance(cloud[:, free]).mean()) for one in last.emulators]
        sd = np.sqrt(np.array(of_one) / settings.replications)
        made = abc_smc(
            problem, simulator, cloud, keeps, free, luck=luck_together * np.outer(sd, sd),
            population=settings.population,
            replications=settings.replications, budget=room, seed=settings.seed,
        )  # fmt: skip
        found.worth, found.steps = made.worth, made.steps
        chosen = rng.choice(len(made.u), settings.draws, p=made.weights)
        particles = made.u[chosen]
    else:
        log_of = log_likelihood(problem, last.emulators, last.targets, free)
        particles, found.worth = tempered(cloud, log_of, keeps, free, rng)
        particles = particles[rng.choice(len(particles), settings.draws)]
    # Of what moves no target nothing was learned: it stays as uncertain as it was.
    for k in found.frozen:
        particles[:, k] = rng.random(len(particles))
    found.u = particles
    again = particles[: settings.predictive_draws]
    found.predicted = simulator.values(again, settings.predictive_replications, PREDICTIVE)


def quality_of(wave: dict[str, Any]) -> list[Quality]:
    """Return the quality of the emulators of a wave."""
    return [Quality(**one) for one in wave["emulators"]]
