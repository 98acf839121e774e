"""What changes over time: a ward that fills, and lines that are open by the hour."""

from __future__ import annotations

import math

import numpy as np

from carepath_sim.verification.textbook import Figure, System

# Steps of an hour into which the day of the lines is cut.
_STEPS = 720


def filling() -> tuple[Figure, ...]:
    """Twelve a day stay six days: the mean number is 72 (1 - exp(-t / 6)) from an empty ward."""
    days, rate, stay = 10, 12, 6
    mean = rate * stay * (1 - stay / days * -math.expm1(-days / stay))
    last = rate * stay * sum(-math.expm1(-t / stay) for t in range(1, days + 1)) / days
    return (
        Figure("occupancy_mean", {"service": "ward"}, "mean beds in use", mean),
        Figure("occupancy_midnight", {"service": "ward"}, "beds in use at midnight", last),
    )


def by_the_hour() -> tuple[Figure, ...]:
    """Three lines from eight to eight and one at night, two calls an hour of an hour each.

    The shares of 0 to 3 calls turn round with the day. At 20:00 calls that have begun go on: nobody
    is let in until fewer than one is left.
    """
    rate, states = 2.0, 4

    def generator(lines: int) -> np.ndarray:
        moves = np.zeros((states, states))
        for n in range(states):
            if n < lines:
                moves[n, n + 1] += rate
            if n:
                moves[n, n - 1] += n
        return moves - np.diag(moves.sum(axis=1))

    from scipy.linalg import expm

    day, night = generator(3), generator(1)
    steps = {name: expm(g / _STEPS) for name, g in (("day", day), ("night", night))}
    whole = {name: np.linalg.matrix_power(step, 12 * _STEPS) for name, step in steps.items()}
    # The state at eight in the morning comes again a day later.
    turn = whole["day"] @ whole["night"]
    balance = np.vstack([turn.T - np.eye(states), np.ones(states)])
    state = np.linalg.lstsq(balance, np.array([0.0] * states + [1.0]), rcond=None)[0]
    lost = there = 0.0
    for name, lines in (("day", 3), ("night", 1)):
        for _ in range(12 * _STEPS):
            after = state @ steps[name]
            middle = (state + after) / 2
            lost += middle[lines:].sum()
            there += middle @ np.arange(states)
            state = after
    hours = 24 * _STEPS
    return (
        Figure("given_up", {"service": "call"}, "share lost", lost / hours),
        Figure("occupancy_mean", {"pool": "lines"}, "mean number of calls", there / hours),
    )


def wave() -> tuple[Figure, ...]:
    """Nobody at midnight, ten an hour at noon, straight lines between; stays of three hours."""
    cycle, half, stay = 24.0, 12.0, 3.0

    # Arrivals u hours before midnight.
    def before(u: float) -> float:
        return 10 * min(u, cycle - u) / half

    from scipy.integrate import quad

    day = quad(lambda u: before(u) * math.exp(-u / stay), 0, cycle, points=[half])[0]
    return (
        Figure("occupancy_mean", {"service": "place"}, "mean number there", 5 * stay),
        Figure(
            "occupancy_midnight",
            {"service": "place"},
            "number there at midnight",
            day / -math.expm1(-cycle / stay),
        ),
    )


def planned() -> tuple[Figure, ...]:
    """One planned patient at eight every morning, and three a day at random; four days each.

    At midnight those planned k days before are there still with a chance of exp(-(16 h + k d) / 4).
    """
    ratio = math.exp(-1 / 4)
    at_midnight = 3 * 4 + math.exp(-16 / 24 / 4) / (1 - ratio)
    return (
        Figure("occupancy_mean", {"service": "ward"}, "beds in use", 4 * 4.0),
        Figure("occupancy_midnight", {"service": "ward"}, "beds in use at midnight", at_midnight),
    )


def growing() -> tuple[Figure, ...]:
    """Five a day on the first day, a tenth more or less a year, day by day."""
    day = np.arange(730) / 365.25
    return tuple(
        Figure(
            "starts",
            {"service": service},
            f"arrivals at {yearly:g} times as many a year [per y]",
            float((5 * yearly**day).mean() * 365.25),
        )
        for service, yearly in (("clinic", 1.1), ("other", 0.9))
    )


def emptying() -> tuple[Figure, ...]:
    """Sixty people each, found at a random instant: what is left is the equilibrium law of stays.

    Over T days a stay of length x counts as x min(x, T) - min(x, T)^2 / 2, divided by the mean.
    """
    from scipy import stats

    days = 100.0
    law = stats.gamma(4, scale=25)

    def counted(x: float) -> float:
        return float(x * min(x, days) - min(x, days) ** 2 / 2)

    # Two halves, because the function bends at the end of the window.
    there = law.expect(counted, lb=0, ub=days) + law.expect(counted, lb=days, ub=np.inf)
    return (
        Figure("occupancy_mean", {"service": "fixed_stay"}, "people with fixed stays", 30.0),
        Figure(
            "occupancy_mean",
            {"service": "open_stay"},
            "people with gamma stays",
            60 * float(there) / law.mean() / days,
        ),
    )


_SYSTEMS = (
    System(
        "filling ward",
        "filling",
        filling,
        "M/M/infinity from empty: Poisson with mean rate x stay x (1 - exp(-t / stay))",
        replications=200,
        quick=True,
    ),
    System(
        "a wave of arrivals",
        "wave",
        wave,
        "Eick, Massey and Whitt (1993): mean of Mt/M/infinity",
        replications=12,
    ),
    System("planned and at random", "planned", planned, "D/M/infinity and M/M/infinity"),
    System("growth", "growing", growing, "sum of the rates of the days", quick=True),
    System(
        "a home that empties",
        "emptying",
        emptying,
        "renewal theory: remaining stays at a random instant",
        replications=40,
        quick=True,
    ),
    System(
        "lines by the hour",
        "shifts",
        by_the_hour,
        "Kolmogorov's equations with rates that change by the hour",
        replications=8,
    ),
)

CASES = tuple(system.case() for system in _SYSTEMS)
