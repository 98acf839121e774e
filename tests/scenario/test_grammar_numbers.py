"""Numbers are read into their canonical unit, whichever way they are written."""

from __future__ import annotations

from datetime import date

import pytest

from carepath_sim.scenario import grammar_numbers as gn
from carepath_sim.scenario.grammar_dates import calendar_length, day
from carepath_sim.scenario.grammar_quantity import inherit, scaled
from carepath_sim.scenario.grammar_shares import shares
from carepath_sim.scenario.reading import Wrong
from carepath_sim.scenario.values import NOWHERE, Number, Provenance

DAY = 86_400_000


@pytest.mark.parametrize(
    ("written", "ms"),
    [
        ("1 ms", 1),
        ("20 min", 1_200_000),
        ("3 h", 10_800_000),
        ("28 d", 28 * DAY),
        ("28d", 28 * DAY),
        ("6 wk", 42 * DAY),
        ("2 weeks", 14 * DAY),
        ("1 month", 2_629_800_000),
        ("1 y", 31_557_600_000),
        ("1 d 12 h", 129_600_000),
        ("1 h and 30 min", 5_400_000),
        ("0 min", 0),
        (".5 ms", 1),
        ("1.4 ms", 1),
        ("2.5 ms", 3),
    ],
)
def test_durations_are_whole_milliseconds_halves_rounded_up(written: str, ms: int) -> None:
    """A year has 365.25 days and a month is a twelfth of it."""
    assert gn.duration(written) == Number(float(ms), written)


@pytest.mark.parametrize(
    ("written", "per_day"),
    [
        ("365.25 per y", 1.0),
        ("365.25/y", 1.0),
        ("365.25 per person-year", 1.0),
        ("365.25 per person and year", 1.0),
        ("36525 % per y", 1.0),
        ("1 per month", 12 / 365.25),
        ("7 per week", 1.0),
        ("3 per h", 72.0),
        ("2 per day", 2.0),
    ],
)
def test_rates_are_per_day(written: str, per_day: float) -> None:
    assert gn.rate(written).value == pytest.approx(per_day, rel=1e-15)


def test_shares_may_be_numbers_percent_or_fractions() -> None:
    assert [gn.share(raw).value for raw in (0.35, "35 %", "35%", "7/20", 0, 1)] == [
        *(0.35,) * 4,
        0.0,
        1.0,
    ]


def test_figures_of_documents_keep_their_text() -> None:
    assert gn.figure("-3.5 %") == Number(-0.035, "-3.5 %")
    assert gn.figure("263 GBP").value == 263
    assert gn.figure("28 d").value == 28 * DAY
    assert gn.figure(1869) == Number(1869.0, "1869")
    assert gn.figures([1, "2 %"]) == (1.0, 0.02)


def test_money_is_in_pounds() -> None:
    assert [gn.money(text).value for text in ("263 GBP", "£263", "£ 1.5")] == [263, 263, 1.5]


def test_places_may_be_unlimited() -> None:
    assert gn.places("unlimited").value == float("inf")
    with pytest.raises(Wrong):
        gn.count("unlimited")


def test_a_record_carries_source_quality_range_and_note() -> None:
    found = gn.duration(
        {"value": 4, "unit": "wk", "source": "s", "quality": "poor", "range": [2, 6], "note": "n"}
    )
    weeks = 7.0 * DAY
    assert found == Number(4 * weeks, "4 wk", Provenance("s", "poor", 2 * weeks, 6 * weeks, "n"))


def test_every_flaw_of_a_record_is_found() -> None:
    with pytest.raises(Wrong) as caught:
        gn.duration({"value": 4, "range": [1, "6 wk"], "quality": "bad", "sauce": "s"})
    assert [flaw.path for flaw in caught.value.flaws] == [
        ("sauce",),
        ("value",),
        ("quality",),
        ("range", 0),
    ]


def test_source_beside_numbers_holds_for_those_without_their_own() -> None:
    given = Provenance("census", "good")
    own = Number(1.0, "1", Provenance("own"))
    assert inherit(Number(1.0), given).provenance == given
    assert inherit(own, given) == own
    assert inherit(Number(1.0, provenance=Provenance(low=0, high=2)), given).provenance == (
        Provenance("census", "good", 0, 2)
    )
    assert inherit(Number(1.0), NOWHERE).provenance == NOWHERE


def test_a_range_changes_its_unit_with_the_value() -> None:
    week = Number(70.0, "70 GBP", Provenance(low=35, high=140))
    assert scaled(week, 1 / 7).provenance == Provenance(low=5, high=20)


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), 10**400, True, None, [], "x", "1 %%"])
def test_what_is_no_number_is_refused(raw: object) -> None:
    for read in (gn.duration, gn.share, gn.rate, gn.count, gn.factor, gn.plain, gn.money):
        with pytest.raises(Wrong):
            read(raw)


def test_shares_are_read_in_written_order_and_sum_to_one() -> None:
    found = shares({"b": 0.25, "a": "1/4", "c": 0.5, "source": "census"})
    assert [(name, number.value) for name, number in found] == [
        ("b", 0.25),
        ("a", 0.25),
        ("c", 0.5),
    ]
    assert {number.provenance.source for _, number in found} == {"census"}


def test_the_last_share_may_be_the_rest() -> None:
    found = dict(shares({"a": 0.3, "b": "rest", "c": 0.1}))
    assert found["b"].value == pytest.approx(0.6, abs=1e-15)
    with pytest.raises(Wrong, match="only one share"):
        shares({"a": "rest", "b": "rest"})
    with pytest.raises(Wrong, match=r"found 0.7 \+ 0.6 = 1.3"):
        shares({"a": 0.7, "b": 0.6, "c": "rest"})


@pytest.mark.parametrize(("last", "fits"), [(0.3 + 9e-10, True), (0.3 + 2e-9, False)])
def test_shares_may_miss_one_by_a_rounding_error_only(last: float, fits: bool) -> None:
    given = {"a": 0.7, "b": last}
    if fits:
        assert len(shares(given)) == 2
    else:
        with pytest.raises(Wrong, match="must sum to 1"):
            shares(given)


def test_years_and_months_are_added_by_the_calendar() -> None:
    """The year from 1 April 2015 has a leap day."""
    assert calendar_length("1 y").end(date(2015, 4, 1)) == 366 * DAY
    assert calendar_length("1 y").end(date(2016, 4, 1)) == 365 * DAY
    assert calendar_length("3 months 1 wk").end(date(2015, 4, 1)) == (30 + 31 + 30 + 7) * DAY
    assert calendar_length("1 month").last(date(2015, 1, 31)) == date(2015, 2, 28)
    assert calendar_length("52 wk").end(date(2015, 4, 1)) == 364 * DAY
    assert calendar_length("36 h").end(date(2015, 4, 1)) == 1.5 * DAY


@pytest.mark.parametrize("raw", ["0 d", "0.3 y", "1e9 y", 3, None])
def test_lengths_that_no_calendar_has_are_refused(raw: object) -> None:
    with pytest.raises(Wrong):
        calendar_length(raw)


def test_dates_are_days_that_exist() -> None:
    assert day("2016-02-29") == date(2016, 2, 29)
    for raw in ("2015-02-29", "2015-4-1", 20150401, "2015-04-01T00:00"):
        with pytest.raises(Wrong):
            day(raw)
