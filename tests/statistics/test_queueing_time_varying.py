"""Cycles and transients, against printed values of queueing theory."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import special

from carepath_sim.statistics import queueing as q


def lognormal_survival(mean: float, sd: float) -> Callable[[float], float]:
    variance = math.log(1 + (sd / mean) ** 2)
    location = math.log(mean) - variance / 2

    def survival(stay: float) -> float:
        if stay <= 0:
            return 1.0
        return float(special.ndtr((location - math.log(stay)) / math.sqrt(variance)))

    return survival


def test_exponential_stays_follow_arrivals_late() -> None:
    """Printed values at hours 0, 6 and 9; the closed form is an exponential filter."""
    daily = q.mt_ginf(5.0, 3.0, 24.0, lambda stay: math.exp(-stay / 4.0))
    assert daily.mean == pytest.approx(20.0)
    assert daily.amplitude == pytest.approx(8.2874535, rel=5e-8)
    assert daily.lag == pytest.approx(3.0880469, rel=5e-8)
    means = [daily.mean_at(hour) for hour in (0, 6, 9)]
    assert means == pytest.approx([14.006375, 25.72349, 28.285252], rel=5e-8)


def test_fixed_stays_follow_by_half_a_stay() -> None:
    daily = q.mt_ginf(5.0, 3.0, 24.0, lambda _: 1.0, longest=4.0)
    assert daily.amplitude == pytest.approx(11.459156, rel=5e-8)
    assert daily.lag == pytest.approx(2.0)
    assert daily.mean_at(3) == pytest.approx(22.965848, rel=5e-8)


@pytest.mark.parametrize(
    ("base", "swing", "period", "mean", "sd"),
    [(5.0, 3.0, 24.0, 6.0, 8.0), (2.0, 1.0, 7.0, 7.4, 8.61)],
)
def test_lognormal_stays_by_their_characteristic_function(
    base: float, swing: float, period: float, mean: float, sd: float
) -> None:
    """Integrating the survival function by parts leaves a mean over stays, taken over normals."""
    cycle = q.mt_ginf(base, swing, period, lognormal_survival(mean, sd))
    variance = math.log(1 + (sd / mean) ** 2)
    z = np.linspace(-10, 10, 400_001)
    weights = np.exp(-(z**2) / 2)
    weights /= weights.sum()
    stays = np.exp(math.log(mean) - variance / 2 + math.sqrt(variance) * z)
    turn = 2 * math.pi / period
    cosine = weights @ np.sin(turn * stays) / turn
    sine = (1 - weights @ np.cos(turn * stays)) / turn
    assert cycle.mean == pytest.approx(base * mean)
    assert cycle.amplitude == pytest.approx(swing * math.hypot(cosine, sine), rel=1e-7)
    assert cycle.lag == pytest.approx(math.atan2(sine, cosine) / turn, rel=1e-7)


def test_a_rate_is_never_negative() -> None:
    with pytest.raises(ValueError, match="amplitude"):
        q.mt_ginf(5.0, 6.0, 24.0, lambda stay: math.exp(-stay))


def test_queue_fills_from_empty() -> None:
    """M/M/3 at a utilisation of 0.9: after 50 services still short of its steady state."""
    times = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
    means = q.mmc_transient(2.7, 1.0, 3, times)
    assert means.mean_number == pytest.approx(
        [1.748049, 2.5995684, 3.9357651, 5.1299576, 6.4587705, 8.2108099], rel=5e-7
    )
    assert means.mean_queue == pytest.approx(
        [0.16974137, 0.56223365, 1.556664, 2.6135413, 3.8573036, 5.5459649], rel=5e-7
    )


def test_times_may_come_in_any_order() -> None:
    forth = q.mmc_transient(2.7, 1.0, 3, [1.0, 5.0])
    back = q.mmc_transient(2.7, 1.0, 3, [5.0, 1.0, 5.0])
    assert back.mean_number == (forth.mean_number[1], *forth.mean_number)
    assert back.times == (5.0, 1.0, 5.0)


def test_a_full_place_empties() -> None:
    """With servers for everybody, those there at the start leave exponentially."""
    means = q.mmc_transient(1e-9, 2.0, 10, [0.0, 3.0], initial=10)
    assert means.mean_number == pytest.approx((10.0, 10 * math.exp(-1.5)), rel=1e-6)
    assert means.mean_queue == pytest.approx((0.0, 0.0), abs=1e-12)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="negative"):
        q.mmc_transient(1.0, 1.0, 1, [-1.0])
