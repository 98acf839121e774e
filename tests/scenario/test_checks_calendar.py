"""Bank holidays that are meant but not given, not known, or of no effect; working days in words."""

from __future__ import annotations

from typing import Any

import pytest

from carepath_sim.errors import ScenarioError
from carepath_sim.scenario import checks
from carepath_sim.scenario.grammar_conditions import when
from carepath_sim.scenario.grammar_hours import hours
from carepath_sim.scenario.grammar_working import bank_holidays, distribution, duration
from carepath_sim.scenario.loader import build
from carepath_sim.scenario.nodes import Mark, planted
from carepath_sim.scenario.reading import Wrong

D = 86_400_000


def said(clock: dict[str, Any], **ward: Any) -> list[str]:
    """Return problems, or else warnings, of a scenario of one service."""
    raw = {
        "carepath": 1,
        "area": "Testshire",
        "variant": "as-is",
        "title": "A ward",
        "clock": {"start": "2015-04-01", "length": "1 y", **clock},
        "arrivals": {"people": {"rate": "1 per d", "at": "ward"}},
        "services": {"ward": {"setting": "own_home", "stay": "1 d", "next": "home", **ward}},
    }
    try:
        scenario = build(planted(raw, Mark("test")), "test")
    except ScenarioError as error:
        return [f"{p.path}: {p.message}" for p in error.problems]
    return [f"{'.'.join(map(str, path))}: {message}" for path, message in checks.warnings(scenario)]


@pytest.mark.parametrize(
    ("ward", "where"),
    [
        ({"discharges": "Mon-Fri 09:00-17:00 except bank holidays"}, "services.ward.discharges"),
        ({"admits": ["daily", "bank holidays 10:00-12:00"]}, "services.ward.admits"),
        (
            {"next": [{"when": {"day": "bank holiday"}, "to": "home"}, {"to": "back"}]},
            "services.ward.next",
        ),
    ],
)
def test_bank_holidays_that_are_meant_must_be_given(ward: dict[str, Any], where: str) -> None:
    found = said({}, **ward)
    assert any(one.startswith(where) and "bank_holidays: england" in one for one in found)
    assert not said({"bank_holidays": "england"}, **ward)


@pytest.mark.parametrize(
    "ward",
    [
        {"discharges": "working days 09:00-17:00"},
        {"stay": "2 working days"},
        {"max_stay": "2 working days"},
        {"next": [{"when": {"day": "working"}, "to": "home"}, {"to": "back"}]},
    ],
)
def test_working_days_need_no_bank_holidays_and_use_them(ward: dict[str, Any]) -> None:
    assert not said({}, **ward)
    assert not said({"bank_holidays": ["2015-04-03"]}, **ward)


def test_bank_holidays_that_nothing_minds_are_warned_of() -> None:
    [found] = said({"bank_holidays": "england"}, discharges="Mon-Fri 09:00-17:00")
    assert found.startswith("clock.bank_holidays: has no effect")


def test_years_for_which_no_days_are_known_are_refused() -> None:
    hours_ = {"discharges": "working days"}
    for start, length in (("2007-12-31", "1 y"), ("2035-06-01", "1 y")):
        [found] = said({"bank_holidays": "england", "start": start, "length": length}, **hours_)
        assert "known from 2008 to 2035" in found
    assert not said(
        {"bank_holidays": "england", "start": "2008-06-01", "warm_up": "90 d"}, **hours_
    )


def test_all_durations_of_a_distribution_are_in_working_days_or_none() -> None:
    found = distribution({"gamma": {"mean": "2 working days", "sd": "1 working day"}})
    assert found.working
    assert dict(found.parameters) == {"mean": 2 * D, "sd": D}
    assert found.text == "gamma, mean 2 working days, sd 1 working day"
    parts = distribution(
        {
            "mixture": [
                {"share": "30 %", "fixed": "1 working day"},
                {"share": 0.7, "uniform": {"min": "0 working days", "max": "4 working days"}},
            ],
            "source": "census, 2 d",
        }
    )
    assert parts.working
    assert parts.provenance.source == "census, 2 d"
    assert distribution({"fixed": {"value": 3, "unit": "working days"}}).working
    assert not distribution("2 d").working
    for mixed in (
        {"gamma": {"mean": "2 working days", "sd": "1 d"}},
        {"gamma": {"mean": "2 working days", "sd": "1 working day"}, "truncate": ["0 d", "9 d"]},
        {"gamma": {"mean": "2 working days", "sd": {"value": 1, "unit": "d"}}},
    ):
        with pytest.raises(Wrong, match="all durations"):
            distribution(mixed)


def test_a_duration_in_working_days_keeps_its_words() -> None:
    number = duration({"value": "1.5 working days", "source": "census"})
    assert (number.value, number.working, number.text) == (1.5 * D, True, "1.5 working days")
    for raw in ("working days", "-1 working days", "2 working weeks"):
        with pytest.raises(Wrong):
            duration(raw)


@pytest.mark.parametrize("field", ["plan_ahead", "hold_up_to", "keeps_place"])
def test_working_days_elsewhere_are_refused_with_where_they_may_stand(field: str) -> None:
    [found] = said({}, **{field: "2 working days"})
    assert "`stay`, `max_stay` and `max_wait`" in found


@pytest.mark.parametrize(
    "raw",
    [
        "working days except bank holidays",
        "bank holidays except bank holidays",
        "except bank holidays",
        "working weeks 09:00-17:00",
        "Mon-Fri except Easter",
    ],
)
def test_what_is_no_hours_of_working_days_is_refused(raw: str) -> None:
    with pytest.raises(Wrong):
        hours(raw)


def test_plain_hours_mind_no_bank_holidays() -> None:
    assert not hours("Mon-Fri 09:00-17:00").minds_bank_holidays
    assert hours("Working days  09:00-17:00").minds_bank_holidays
    assert hours("working days 09:00-17:00").windows == hours("Mon-Fri 09:00-17:00").windows


@pytest.mark.parametrize(
    "raw", ["scotland", ["2015-04-04"], ["2015-04-03", "2015-04-03"], 5, None, ["Easter"]]
)
def test_what_are_no_bank_holidays_is_refused(raw: object) -> None:
    with pytest.raises(Wrong):
        bank_holidays(raw)


def test_kinds_of_days_and_minutes_are_read_as_values() -> None:
    assert when({"day": ["working", "Weekend"]})[0].values == ("working", "weekend")
    assert when({"hour": "08:30-17:00"})[0].values == ("08:30-17:00",)
    assert when({"hour": "22:15-06:00"})[0].values == ("00:00-06:00", "22:15-24:00")
    assert when({"hour": ["08:30-09:00", "12:00-13:00"]})[0].values == (
        "08:30-09:00",
        "12:00-13:00",
    )
    with pytest.raises(Wrong, match="working, weekend or bank holiday"):
        when({"day": "holiday"})
