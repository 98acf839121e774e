"""Losses of streams that share beds, against states counted one by one."""

from __future__ import annotations

import math
from itertools import product

import pytest

from carepath_sim.statistics.queueing import erlang_b
from carepath_sim.units import DAY, YEAR
from carepath_sim.verification import lives
from carepath_sim.verification.sharing import losses_by_size, reserved_losses


def test_people_of_one_size_lose_what_erlang_says() -> None:
    assert losses_by_size((4, 2), (1, 1), 7) == pytest.approx([erlang_b(6, 7)] * 2)


def test_people_of_two_sizes_by_the_product_form() -> None:
    """P(n1, n2) is proportional to the two Poisson weights wherever the people fit."""
    loads, units, beds = (4.0, 2.0), (1, 3), 14
    weights = {
        n: math.prod(load**k / math.factorial(k) for load, k in zip(loads, n, strict=True))
        for n in product(range(15), range(5))
        if n[0] * units[0] + n[1] * units[1] <= beds
    }
    lost = [
        sum(w for n, w in weights.items() if n[0] * 1 + n[1] * 3 + unit > beds) for unit in units
    ]
    expected = [value / sum(weights.values()) for value in lost]
    assert losses_by_size(loads, units, beds) == pytest.approx(expected)


def test_without_beds_kept_both_lose_alike() -> None:
    assert reserved_losses((4, 8), 12, 0) == pytest.approx([erlang_b(12, 12)] * 2)


def test_with_all_beds_kept_the_second_is_never_let_in() -> None:
    assert reserved_losses((4, 8), 12, 12) == pytest.approx((erlang_b(4, 12), 1.0))


def test_one_bed_kept_of_two_by_hand() -> None:
    """Weights 1, 3, 3 x 1 / 2 of 0, 1, 2 people, from rates 3 up to the last bed and 1 for it."""
    whole = 1 + 3 + 1.5
    assert reserved_losses((1, 2), 2, 1) == pytest.approx((1.5 / whole, 4.5 / whole))


def test_people_in_hospital_are_admissions_times_the_stay() -> None:
    known = lives.expected()
    assert known["there"] == pytest.approx((known["fall"] + known["infection"]) * 20 * DAY / YEAR)


def test_people_who_are_ill_fall_ill_less_often() -> None:
    """By hand: 1,050 fit people at 1.3 a year and 450 frail ones at 2.5, less time in hospital."""
    fit = 1050 * 1.3 / (1 + 1.3 * 20 / 365.25)
    frail = 450 * 2.5 / (1 + 2.5 * 20 / 365.25)
    known = lives.expected()
    assert known["fall"] + known["infection"] == pytest.approx(fit + frail)
