"""Visits in steps: how they are written, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from carepath_sim.errors import ScenarioError
from carepath_sim.scenario import load
from carepath_sim.scenario.grammar_visits import taper_cases, visit_cases
from carepath_sim.scenario.reading import Wrong

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400_000


def levels(cases: object) -> list[tuple[float, float, float]]:
    """Return days since the start, visits a day and minutes of each step of the only case."""
    (case,) = cases  # type: ignore[misc]
    visits = case.value
    later = [(s.after.value / DAY, s.per_day.value, s.minutes.value) for s in visits.then]
    return [(0, visits.per_day.value, visits.minutes.value), *later]


def test_a_taper_counts_minutes_a_day_in_visits_of_half_an_hour() -> None:
    read = taper_cases({"120 min": "7 d", "1 h": "14 d", "30 min": "rest"})
    assert levels(read) == [(0, 4, 30), (7, 2, 30), (21, 1, 30)]


def test_the_length_of_a_visit_may_be_stated() -> None:
    assert levels(taper_cases({"90 min": "1 wk", "45 min": "rest", "visit": "45 min"})) == [
        (0, 2, 45),
        (7, 1, 45),
    ]


def test_visits_may_fall_in_number_or_in_length() -> None:
    read = visit_cases({"3 per day of 30 min": "7 d", "3 per day of 20 min": "rest"})
    assert levels(read) == [(0, 3, 30), (7, 3, 20)]


def test_one_step_is_the_same_as_none() -> None:
    assert levels(taper_cases({"60 min": "rest"})) == levels(visit_cases("2 per day of 30 min"))


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ({"30 min": "7 d", "60 min": "rest"}, "steps only fall: 60 minutes a day stand after 30"),
        ({"60 min": "7 d", "30 min": "7 d"}, "the last step lasts for the `rest`"),
        ({"60 min": "rest", "30 min": "rest"}, "only the last step lasts for the `rest`"),
        ({"60 min": "36 h", "30 min": "rest"}, "whole days such as `7 d`"),
        ({"60 min": "0 d", "30 min": "rest"}, "whole days such as `7 d`"),
        ({"60": "7 d", "30 min": "rest"}, "a duration with its unit is needed"),
        ({"visit": "30 min"}, "minutes a day with the time they last"),
        ({"60 min": "rest", "visit": "0 min"}, "a visit takes some time"),
        ("60 min", "minutes a day with the time they last"),
    ],
)
def test_steps_that_cannot_be_meant_are_refused(steps: object, said: str) -> None:
    with pytest.raises(Wrong) as caught:
        taper_cases(steps)
    assert said in str(caught.value.flaws)


def test_visits_in_steps_are_refused_alike() -> None:
    with pytest.raises(Wrong) as caught:
        visit_cases({"2 per day of 30 min": "7 d", "3 per day of 30 min": "rest"})
    assert "steps only fall" in str(caught.value.flaws)


def refused(folder: Path, text: str, *changes: tuple[str, str]) -> str:
    """Return why a scenario is refused."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "refused.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return str(caught.value)


def test_visits_are_written_one_way(small: str, tmp_path: Path) -> None:
    both = (
        "    stay: 28 d\n",
        "    stay: 28 d\n    visits: 1 a day of 30 min\n    taper: {30 min: rest}\n",
    )
    assert "services.ward.taper: the service has `visits` too" in refused(tmp_path, small, both)


def test_the_first_step_must_fit_the_pool(small: str, tmp_path: Path) -> None:
    """120 minutes are never granted by a pool of 100."""
    pool = ("    capacity: {daily 08:00-20:00: 3, daily 20:00-08:00: 1}\n", "    capacity: 100\n")
    unit = ("    unit: staff\n", "    unit: minutes_per_day\n")
    spr = ("    pool: staff\n", "    pool: staff\n    taper: {120 min: 2 d, 60 min: rest}\n")
    said = refused(tmp_path, small, pool, unit, spr)
    assert "services.spr.taper: a place takes 120 minutes a day" in said
