"""What queueing theory says of a pool, and where it holds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from carepath_sim.experiment.closed_form import closed_form
from carepath_sim.statistics.queueing import erlang_b, erlang_c

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario


def test_a_ward_of_the_textbook_is_exact(ward: Scenario) -> None:
    found = closed_form(ward, "beds")
    assert found is not None
    assert (found.name, found.exact, found.load) == ("Erlang C", True, pytest.approx(4.0))
    at = found.at(6)
    share = erlang_c(4.0, servers=6)
    assert at == pytest.approx(
        # The mean wait of M/M/c: C / (c mu - lambda), here in hours.
        {
            "occupancy_share": 4 / 6,
            "p_full": share,
            "p_wait": share,
            "wait_mean": share / 2 * 24,
            "given_up": 0,
        }
    )
    assert math.isnan(found.at(4)["p_wait"])
    assert math.isnan(found.at(0)["p_wait"])


def test_who_never_waits_is_lost_whatever_the_stay(ward: Scenario) -> None:
    lost = ward.set("services.ward.max_wait", "0 min").set("services.ward.stay", "1 d")
    found = closed_form(lost, "beds")
    assert found is not None
    assert (found.name, found.exact) == ("Erlang B", True)
    share = erlang_b(4.0, servers=3)
    assert found.at(3) == pytest.approx(
        {
            "occupancy_share": 4 * (1 - share) / 3,
            "p_full": share,
            "p_wait": share,
            "wait_mean": 0,
            "given_up": share,
        }
    )


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("services.ward.stay", "1 d", "stays are not exponential"),
        ("services.ward.max_wait", "3 h", "people give up waiting"),
        ("services.ward.admits", "Mon-Fri 09:00-17:00", "certain hours"),
        ("arrivals.people.variation", 0.3, "arrivals vary"),
        ("arrivals.people.profile", {"weekday": {"Sat": 0.5}}, "arrivals vary"),
        ("pools.beds.overflow", "unlimited", "places are added"),
        ("services.ward.max_stay", "2 d", "before or after the stay"),
    ],
)
def test_why_it_is_only_a_yardstick(ward: Scenario, path: str, value: object, reason: str) -> None:
    found = closed_form(ward.set(path, value), "beds")
    assert found is not None
    assert any(reason in one for one in found.reasons)


def test_beds_of_a_county_are_no_textbook(before: Scenario) -> None:
    found = closed_form(before, "community_beds")
    assert found is not None
    words = " ".join(found.reasons)
    assert "policy" in words
    assert "other services" in words
    assert "crisis" in words
    assert closed_form(before, "no such pool") is None
