"""How long a scenario has to warm up, and when no warm-up helps."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import carepath_sim as cp
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.filling import fillings, too_short
from carepath_sim.experiment.steadiness import cycles, drifting, unsteady
from carepath_sim.experiment.warm_up import _pilot
from carepath_sim.report.warm_up import conclusions
from carepath_sim.scenario.model import Scenario

if TYPE_CHECKING:
    from carepath_sim.experiment.warm_up import WarmUp

MEAN = 8.0
"""Mean stay [d]; three arrivals a day, so that 24 people are there in the long run."""


def homes(**sections: object) -> Scenario:
    """A place with room for everybody, which starts empty: M/G/infinity."""
    plain = {
        "carepath": 1,
        "area": "Testshire",
        "variant": "homes",
        "title": "Room for everybody",
        "clock": {"start": date(2015, 4, 1), "length": "60 d", "warm_up": "10 d", "run_out": "1 d"},
        "arrivals": {"referrals": {"rate": "3 per d", "at": "ward"}},
        "pools": {"beds": {"unit": "beds", "capacity": "unlimited"}},
        "services": {
            "ward": {
                "pool": "beds",
                "stay": {"exponential": {"mean": f"{MEAN} d"}},
                "next": {"to": {"out": 1.0}},
            }
        },
        "exits": ["out"],
    }
    return Scenario.model_validate(plain).with_(**sections)


@pytest.fixture(scope="module")
def found() -> WarmUp:
    return cp.warm_up(homes(), days=300, replications=8, workers=1)


def test_the_floor_of_exponential_stays_is_three_means() -> None:
    (one,) = fillings(homes())
    assert one.people == pytest.approx(3 * MEAN)
    assert one.days == pytest.approx(MEAN * math.log(20), rel=1e-3)
    assert one.filled == pytest.approx(1 - math.exp(-10 / MEAN), rel=1e-3)


def test_a_place_that_starts_with_people_has_no_floor() -> None:
    assert fillings(homes(start={"ward": {"count": 24}})) == ()
    assert fillings(homes(start="steady")) == ()


def test_a_crisis_shortens_the_floor_with_the_stay(before: Scenario) -> None:
    """People leave home care by crises, long before the year that the stay would last."""
    of_home_care = next(one for one in fillings(before) if one.service == "home_care")
    assert of_home_care.days < 3 * 365 * 0.6


def test_a_warm_up_that_is_too_short_is_said() -> None:
    words = too_short(homes())
    assert "The warm-up of 10 d is too short" in words
    assert "ward 71% of its 24 people" in words
    assert "24 d would fill" in words
    assert too_short(homes(clock={"warm_up": "25 d"})) == ""


def test_the_pilot_run_shows_the_law_of_filling(found: WarmUp) -> None:
    """The mean at t is 24 (1 - exp(-t / 8)); its standard error at 8 replications is 1.7."""
    (series,) = found.series
    assert (series.name, series.count) == ("pool:beds", "occupancy")
    t = np.arange(1, 301)
    expected = 3 * MEAN * (1 - np.exp(-t / MEAN))
    assert np.abs(series.mean - expected).mean() < 2.5
    assert series.mean[0] == pytest.approx(expected[0], abs=2)
    assert series.settled == pytest.approx(24, abs=1.5)


def test_warm_up_is_the_longest_of_three(found: WarmUp) -> None:
    (row,) = found.table().to_dict("records")
    assert row["floor"] == pytest.approx(MEAN * math.log(20), rel=1e-3)
    assert row["warm_up"] == max(row["welch"], row["mser5"], row["floor"])
    assert found.recommended == math.ceil(row["warm_up"])
    assert 23 <= found.recommended <= 80
    assert not found.enough
    assert not row["growing"]
    assert any("TOO SHORT" in line for line in conclusions(found))


def test_the_pilot_run_begins_where_the_scenario_begins() -> None:
    """With a count at the start there is nothing to warm up."""
    started = homes(start={"ward": {"count": 24}})
    series = cp.warm_up(started, days=200, replications=6, workers=1).series[0]
    assert series.mean[0] == pytest.approx(24, abs=3)
    assert series.floor == 0


def test_it_does_not_depend_on_workers() -> None:
    one, two = (
        cp.warm_up(homes(), days=60, replications=2, workers=workers).daily() for workers in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two)


def test_no_steady_state_beyond_capacity() -> None:
    full = homes(pools={"beds": {"capacity": 20}})
    (reason,) = unsteady(full)
    assert "offered load 24" in reason
    assert "queues grow without end" in reason
    found = cp.warm_up(full, days=300, replications=6, workers=1)
    waiting = next(one for one in found.series if one.count == "waiting")
    assert waiting in found.growing
    assert not found.enough
    assert any("NO STEADY STATE" in line for line in conclusions(found))


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"arrivals": {"referrals": {"growth": "3 % per y"}}}, "grow"),
        (
            {"changes": [{"from": date(2015, 5, 1), "set": {"services.ward.stay": "4 d"}}]},
            "changes on 2015-05-01",
        ),
        (
            {"pools": {"beds": {"capacity": [
                {"from": date(2015, 3, 1), "places": 40}, {"from": date(2015, 5, 1), "places": 50},
            ]}}},
            "the capacity changes on 2015-",
        ),
    ],
)  # fmt: skip
def test_no_steady_state_when_things_change(sections: dict[str, object], words: str) -> None:
    (reason,) = unsteady(homes(**sections))
    assert words in reason


def test_a_settled_scenario_is_not_called_unsteady() -> None:
    assert unsteady(homes()) == drifting(homes()) == cycles(homes()) == ()


def test_seasons_are_a_cycle() -> None:
    winter = homes(arrivals={"referrals": {"profile": {"month": {"Dec": 1.3}}}})
    assert cycles(winter) == ("arrivals.referrals differ by month",)
    # A wave of months would be taken for a rise: the pilot run is that without months.
    with_months, without = (
        cp.warm_up(one, days=90, replications=2, workers=1).daily() for one in (winter, homes())
    )
    pd.testing.assert_frame_equal(with_months, without)


def test_months_of_hazards_are_left_out(before: Scenario) -> None:
    over = {"fall": {"times": {"month": {"Dec": 1.5}}}}
    winter = before.with_(population={"hazards": over})
    assert cycles(winter) == ("the hazard fall differs by month",)
    assert _pilot(winter, 60).population == _pilot(before, 60).population


def test_people_who_die_out_make_levels_drift(before: Scenario) -> None:
    assert drifting(before) == ("population: people die and nobody takes their place",)


def test_too_short_a_pilot_run_is_refused() -> None:
    with pytest.raises(OptionError, match="60 days"):
        cp.warm_up(homes(), days=10)


def test_the_picture_has_a_panel_a_series(found: WarmUp) -> None:
    plt = pytest.importorskip("matplotlib.pyplot")
    picture = found.plot()
    (axes,) = [one for one in picture.axes if one.get_visible()]
    assert "in use" in axes.get_title(loc="left")
    assert {text.get_text() for text in picture.legends[0].get_texts()} >= {"Welch", "floor"}
    plt.close(picture)


def test_how_far_from_settled_counting_begins_is_said(found: WarmUp) -> None:
    """Of exponential stays 1 - exp(-t / mean) are there at t: 86 % on average from day 10 to 24."""
    (one,) = found.series
    filled = 1 - MEAN / 14 * (math.exp(-10 / MEAN) - math.exp(-24 / MEAN))
    assert one.reached(10) == pytest.approx(filled, abs=0.06)
    assert math.isnan(one.reached(1000))
    said = " ".join(conclusions(found))
    assert f"TOO SHORT: in the fortnight after it Beds (in use) is at {one.reached(10):.0%}" in said


def test_what_a_short_warm_up_takes_from_the_window_is_said(found: WarmUp) -> None:
    """Of exponential stays 1 - exp(-t / mean) are there at t; the window is what is counted."""
    (one,) = found.series
    window = found.window
    filled = 1 - MEAN / window * (math.exp(-10 / MEAN) - math.exp(-(10 + window) / MEAN))
    assert one.over(10, window) == pytest.approx(filled, abs=0.04)
    assert one.over(1000, window) == 1  # beyond the pilot run all is settled
    said = " ".join(conclusions(found))
    assert f"over the window of {window:,.0f} d at" in said
    assert "Hardly anybody waits for what has not settled" in said


def test_a_queue_that_has_not_settled_is_named(found: WarmUp) -> None:
    (one,) = found.series
    assert found.late == (one,)
    assert found.late_with_queues == ()
    queue = replace(one, count="waiting", unit="people")
    both = replace(found, series=(one, queue))
    assert both.late_with_queues == (one, queue)
    said = " ".join(conclusions(both))
    share = f"{one.over(found.own, found.window):.0%}"
    assert f"Beds (in use, {share}), Beds (waiting for it, {share})." in said
    settled = replace(queue, values=np.full_like(queue.values, 2.0), floor=0.0)
    assert replace(found, series=(one, settled)).late_with_queues == (one,)
