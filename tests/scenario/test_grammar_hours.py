"""Opening hours, conditions and seasons say what people mean by them."""

from __future__ import annotations

from datetime import date

import pytest

from carepath_sim.scenario.grammar_conditions import when
from carepath_sim.scenario.grammar_hours import hours
from carepath_sim.scenario.grammar_people import (
    DAYS_OF_MONTH,
    by_hour,
    by_month,
    by_weekday,
    discharge_steps,
    factors,
)
from carepath_sim.scenario.reading import Wrong

H = 3_600_000
D = 24 * H


@pytest.mark.parametrize(
    ("written", "windows"),
    [
        ("daily", [(0, 7 * D)]),
        ("24/7", [(0, 7 * D)]),
        ("Mon-Fri", [(0, 5 * D)]),
        ("Mon-Fri 09:00-17:00", [(k * D + 9 * H, k * D + 17 * H) for k in range(5)]),
        ("weekends 10:00-14:30", [(k * D + 10 * H, k * D + 14 * H + H // 2) for k in (5, 6)]),
        ("Sat,Sun 10:00-14:00", [(k * D + 10 * H, k * D + 14 * H) for k in (5, 6)]),
        ("monday to tuesday 0:00-24:00", [(0, 2 * D)]),
        ("Fri-Mon 12:00-13:00", [(k * D + 12 * H, k * D + 13 * H) for k in (0, 4, 5, 6)]),
        (
            "daily 22:00-07:00",
            [(0, 7 * H)]
            + [(k * D + 22 * H, (k + 1) * D + 7 * H) for k in range(6)]
            + [(6 * D + 22 * H, 7 * D)],
        ),
        ("Sun 22:00-02:00", [(0, 2 * H), (6 * D + 22 * H, 7 * D)]),
        (["Mon 09:00-12:00", "Mon 11:00-13:00", "Tue 00:00-01:00"], [(9 * H, 13 * H), (D, D + H)]),
    ],
)
def test_hours_are_windows_from_monday(written: object, windows: list[tuple[int, int]]) -> None:
    assert hours(written).windows == tuple(windows)


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "",
            "Mon-Fri 9-17",
            "09:00-17:00",
            "Mon 09:00-09:00",
            "Mon 09:60-10:00",
            "Mo 09:00-10:00",
        ),
        *("Mon 25:00-26:00", "Mon 09:00-10:00 11:00-12:00", None, 5, [], {"Mon": 1}, "Mon-Tue-Wed"),
    ],
)
def test_what_are_no_hours_is_refused(raw: object) -> None:
    with pytest.raises(Wrong):
        hours(raw)


@pytest.mark.parametrize(
    ("key", "raw", "low", "high"),
    [
        ("age", "75+", 75, None),
        ("age", "65-74", 65, 75),
        ("age", "<80", None, 80),
        ("age", "<=80", None, 81),
        ("age", ">80", 81, None),
        ("age", 80, 80, 81),
        ("date", "from 2015-04-01", date(2015, 4, 1), None),
        ("date", "before 2015-04-01", None, date(2015, 4, 1)),
        ("date", "2015-04-01 to 2015-07-01", date(2015, 4, 1), date(2015, 7, 1)),
        ("date", "2015-04-01", date(2015, 4, 1), date(2015, 4, 2)),
    ],
)
def test_ranges_are_half_open(key: str, raw: object, low: object, high: object) -> None:
    [test] = when({key: raw})
    assert (test.key, test.low, test.high, test.values) == (key, low, high, ())


@pytest.mark.parametrize(
    ("key", "raw", "values"),
    [
        ("hour", "22:00-02:00", ("0", "1", "22", "23")),
        ("hour", ["08:00-10:00", "09:00-11:00"], ("8", "9", "10")),
        ("age", ["65-67", 70], ("65", "66", "67", "70")),
        ("weekday", "Mon-Wed", ("Mon", "Tue", "Wed")),
        ("weekday", ["saturday", "Sun"], ("Sat", "Sun")),
        ("month", "Dec-Feb", ("Dec", "Jan", "Feb")),
        ("frailty", ["moderate", "severe"], ("moderate", "severe")),
        ("lives_alone", True, ("true",)),
        ("conditions", 3, ("3",)),
    ],
)
def test_other_conditions_list_their_values(key: str, raw: object, values: tuple[str, ...]) -> None:
    [test] = when({key: raw})
    assert test.values == values


@pytest.mark.parametrize(
    "raw",
    [
        *(
            {},
            [],
            None,
            "x",
            {"age": "old"},
            {"age": "80-70"},
            {"hour": "08:30"},
            {"hour": 8},
        ),
        *({"date": "2015"}, {"date": "2015-07-01 to 2015-04-01"}, {"date": ["2015-04-01"]}),
        *({"weekday": "Xyz"}, {"frailty": []}, {"frailty": None}, {"frailty": {"a": 1}}),
    ],
)
def test_what_is_no_condition_is_refused(raw: object) -> None:
    with pytest.raises(Wrong):
        when(raw)


def test_weekdays_that_are_not_named_count_one_and_the_mean_is_one() -> None:
    """Five days of 1 and two of 0.3 and 0.2 sum to 5.5."""
    found = by_weekday({"Sat": 0.3, "Sun": 0.2})
    assert found == pytest.approx([7 / 5.5] * 5 + [2.1 / 5.5, 1.4 / 5.5])
    assert sum(found) == pytest.approx(7)


def test_months_are_weighted_by_their_mean_lengths() -> None:
    found = by_month({"Feb": 2})
    mean = (365.25 + 28.25) / 365.25
    assert found[1] == pytest.approx(2 / mean)
    assert found[0] == pytest.approx(1 / mean)
    weighted = sum(f * d for f, d in zip(found, DAYS_OF_MONTH, strict=True))
    assert weighted == pytest.approx(365.25)


def test_hours_of_a_profile_are_relative_to_each_other() -> None:
    """Twelve hours of 3 and twelve of 1 have mean 2."""
    found = by_hour({"08:00-20:00": 3})
    assert found == pytest.approx([0.5] * 8 + [1.5] * 12 + [0.5] * 4)
    assert by_hour([2] * 24) == (1.0,) * 24


@pytest.mark.parametrize(
    ("read", "raw"),
    [
        (by_hour, {"08:00-20:00": 3, "19:00-21:00": 1}),
        (by_hour, {"08:30-20:00": 3}),
        (by_weekday, {"Sat": -1}),
        (by_weekday, [0] * 7),
        (by_weekday, [1] * 6),
        (by_month, {"Smarch": 1}),
        (by_month, {}),
    ],
)
def test_profiles_that_mean_nothing_are_refused(read: object, raw: object) -> None:
    with pytest.raises(Wrong):
        read(raw)  # type: ignore[operator]


def test_factors_name_every_month_and_weekday() -> None:
    found = factors({"month": {"Dec-Jan": 1.3}, "frailty": {"mild": 1.6, "source": "clegg"}})
    months, frailty = dict(found)["month"], dict(found)["frailty"]
    assert [(name, number.value) for name, number in months] == [("Dec", 1.3), ("Jan", 1.3)]
    assert frailty[0][1].provenance.source == "clegg"


def test_steps_after_discharge_come_in_order_of_time() -> None:
    found = discharge_steps({"4 wk": {"times": 2, "quality": "poor"}, "7 d": 3})
    assert [(until.text, times.value) for until, times in found] == [("7 d", 3), ("4 wk", 2)]
    assert found[1][1].provenance.quality == "poor"
    with pytest.raises(Wrong, match="same time"):
        discharge_steps({"1 wk": 2, "7 d": 3})
