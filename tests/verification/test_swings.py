"""The means expected under rates in steps are those of the integral, and near those of the sine."""

from __future__ import annotations

import math

import pytest
from scipy import integrate, stats

from carepath_sim.verification.answers import answer
from carepath_sim.verification.swings import (
    SWINGS,
    Swing,
    limited_mean,
    mean_at,
    step_rates,
)

SHORT = {
    "exponential": stats.expon(scale=4),
    "lognormal": stats.lognorm(
        math.sqrt(math.log1p((8 / 6) ** 2)), scale=6 / math.sqrt(1 + (8 / 6) ** 2)
    ),
}


@pytest.mark.parametrize("name", SWINGS)
def test_steps_have_the_mean_rate_of_the_sine(name: str) -> None:
    swing = SWINGS[name]
    rates = step_rates(swing)
    assert sum(rates) / len(rates) == pytest.approx(swing.rate)
    # Over the first quarter of the cycle, where the sine is above its mean, as many arrive.
    first = sum(rates[: swing.steps // 4]) / swing.steps if swing.steps % 4 == 0 else None
    if first is not None:
        assert first == pytest.approx(swing.rate / 4 + swing.amplitude / (2 * math.pi))


@pytest.mark.parametrize("family", SHORT)
@pytest.mark.parametrize("limit", [0.1, 3.0, 40.0])
def test_limited_means_are_integrals_of_the_survival(family: str, limit: float) -> None:
    swing = next(s for s in SWINGS.values() if s.family == family)
    found, _ = integrate.quad(SHORT[family].sf, 0, limit)
    assert limited_mean(swing, limit) == pytest.approx(found, rel=1e-8)
    assert limited_mean(swing, 1e9) == pytest.approx(swing.mean, rel=1e-6)


def test_fixed_stays_are_limited_by_their_length() -> None:
    swing = SWINGS["mtginf_deterministic_24.0_4.0"]
    assert [limited_mean(swing, u) for u in (-1, 3, 9)] == [0, 3, 4]


def test_means_are_the_integral_of_rate_and_survival() -> None:
    """Mean(t) = integral of rate(t - u) P(stay > u) du, with steps of an hour."""
    swing = SWINGS["mtginf_exponential_24.0_4.0"]
    rates = step_rates(swing)
    for t in (0.0, 7.5, 21.0):

        def integrand(u: float, t: float = t) -> float:
            return rates[math.floor(t - u) % 24] * math.exp(-u / 4)

        pieces = [integrate.quad(integrand, k, k + 0.5)[0] for k in [n / 2 for n in range(400)]]
        assert mean_at(swing, rates, t) == pytest.approx(sum(pieces), rel=1e-6)


@pytest.mark.parametrize("name", SWINGS)
def test_finer_steps_come_to_the_printed_means_of_the_sine(name: str) -> None:
    swing: Swing = SWINGS[name]._replace(steps=420)
    sines = answer(swing.case).expected["mean_occupancy_at_t_mod_period"]
    rates = step_rates(swing)
    for t in list(sines)[:3]:
        assert mean_at(swing, rates, float(t)) == pytest.approx(sines[t], rel=1e-4)
