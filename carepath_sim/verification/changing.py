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
        "lines by the hour",
        "shifts",
        by_the_hour,
        "Kolmogorov's equations with rates that change by the hour",
        replications=8,
    ),
)

CASES = tuple(system.case() for system in _SYSTEMS)
