"""Birthdays: whole days, once a year, and what they change."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from small import DAY, Run, comes, run

SERVICES = {"ward": {"setting": "acute_bed", "stay": "2 y", "next": "home"}}
YOUNG, OLD = {"fit": 1}, {"fit": 1}


def years(population: dict[str, Any], length: str = "3 y", **sections: Any) -> Run:
    """Run some years of people who are all 84 at first."""
    given = {
        "size": 400,
        "ageing": True,
        "bands": {
            "84-84": {"share": 1, "frailty": YOUNG},
            "85+": {"share": 0, "frailty": OLD},
        },
        **population,
    }
    return run(
        clock={"start": "2015-06-01", "length": length, "run_out": "0 d"},
        population=given,
        services=SERVICES,
        arrivals={"nobody": {**comes("ward", 0), "is": {"age": 30}}},
        **sections,
    )


def birthdays(seen: Run) -> dict[int, list[tuple[int, int]]]:
    """Return day and new age of everybody's birthdays."""
    c, found = seen.record.changes, defaultdict(list)
    age = seen.plan.attribute_index["age"]
    for t, person, name, value in zip(
        *(c[k] for k in ("t", "person", "name", "value")), strict=True
    ):
        if name == age:
            assert t % DAY == 0, "birthdays begin at midnight"
            found[int(person)].append((int(t) // DAY, int(value)))
    return found


def test_everybody_has_one_birthday_a_year() -> None:
    """In 1,096 days everybody has three, or four who have the first on the very first day."""
    found = birthdays(years({}))
    for number in range(400):
        days, ages = zip(*found[number], strict=True)
        assert ages == tuple(range(85, 85 + len(days)))
        assert set(np.diff(days)) <= {365, 366}
        assert 0 <= days[0] <= 365
        assert days[-1] + 366 >= 1096


def test_birthdays_are_spread_evenly_over_the_year() -> None:
    """Mean of 400 uniform days: 182.6 with a standard error of 5.3; 4 of them."""
    first = [found[0][0] for number, found in birthdays(years({})).items() if number < 400]
    error = 365.25 / math.sqrt(12 * 400)
    assert np.mean(first) + 0.5 == pytest.approx(365.25 / 2, abs=4 * error)


def test_the_age_band_changes_with_the_age() -> None:
    seen = years({}, "1 y 5 d")
    c, band = seen.record.changes, seen.plan.attribute_index["age_band"]
    rows = (c["name"] == band) & (c["person"] < 400)
    assert sorted(c["person"][rows].tolist()) == list(range(400))
    assert set(c["value"][rows].tolist()) == {1}


def test_people_begin_with_the_age_of_the_start() -> None:
    """The table of people tells how everybody began; `changes` tells the rest."""
    seen = years({})
    assert set(seen.record.people["attribute.age"][:400].tolist()) == {84}
    assert set(seen.record.people["attribute.age_band"][:400].tolist()) == {0}


def test_hazards_run_at_the_new_speed_from_the_birthday_on() -> None:
    """Only the 85-year-olds fall, at once: each within seconds of the midnight of their day."""
    hazards = {
        "fall": {"rate": "10000000 per y", "times": {"age_band": {"84-84": 0}}, "to": "ward"}
    }
    seen = years({"hazards": hazards}, "1 y")
    e, found = seen.record.episodes, birthdays(seen)
    people = seen.record.people["source"][e["person"]] == 0
    assert people.sum() > 390
    for person, began in zip(
        e["person"][people].tolist(), e["began"][people].tolist(), strict=True
    ):
        assert 0 <= began - found[person][0][0] * DAY < 60_000


def test_ageing_that_no_hazard_asks_for_changes_no_spell() -> None:
    """Bit for bit: birthdays alone redraw nothing and settle nothing."""
    hazards = {"fall": {"rate": "1 per y", "times": {"sex": {"men": 2}}, "to": "ward"}}
    young = years({"hazards": hazards, "ageing": False}).record
    aged = years({"hazards": hazards}).record
    assert len(aged.changes["t"]) > len(young.changes["t"]) == 0
    for name, column in young.spells.items():
        assert np.array_equal(column, aged.spells[name])


def test_nobody_grows_older_than_the_last_band() -> None:
    bands = {"98+": {"share": 1, "frailty": {"fit": 1}}}
    seen = years({"bands": bands})
    ages = seen.record.people["attribute.age"][:400]
    found = birthdays(seen)
    for number in range(400):
        assert len(found.get(number, [])) == (1 if ages[number] == 98 else 0)


def test_the_dead_have_no_birthdays() -> None:
    seen = years({"hazards": {"death": {"rate": "0.5 per y", "to": "died"}}})
    ended = seen.record.people["ended"]
    found = birthdays(seen)
    died = [k for k in range(400) if ended[k] >= 0]
    assert len(died) > 200
    assert all(day * DAY < ended[k] for k in died for day, _ in found.get(k, []))


def test_who_turns_65_has_birthdays_whole_years_after_that_day() -> None:
    seen = years(
        {
            "size": 1,
            "bands": {"65-84": {"share": 1, "frailty": {"fit": 1}}},
            "turning_65": "100 per y",
            "hazards": {"fall": {"rate": "100000000 per y", "to": "ward"}},
        }
    )
    p, e = seen.record.people, seen.record.episodes
    source = seen.plan.source_names.index("turning_65")
    came: dict[int, int] = {}
    for n, t in zip(e["person"].tolist(), e["began"].tolist(), strict=True):
        came.setdefault(n, t)
    new = [int(n) for n in p["person"][p["source"] == source] if int(n) in came]
    found = birthdays(seen)
    assert len(new) > 200
    for number in new:
        days = [day - came[number] // DAY for day, _ in found.get(number, [])]
        assert days == [365, 730, 1095][: len(days)]
        assert [age for _, age in found.get(number, [])] == [66, 67, 68][: len(days)]


def test_visitors_grow_older_while_they_are_there() -> None:
    """A visitor of 30 stays two years: one birthday in each, in no band."""
    seen = years({}, "2 y 5 d")
    (number,) = np.flatnonzero(seen.record.people["source"] > 0).tolist()
    assert [age for _, age in birthdays(seen)[number]] == [31, 32]
