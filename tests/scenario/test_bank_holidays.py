"""Bank holidays of England and Wales are those of the public list."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from carepath_sim.scenario.bank_holidays import YEARS, between, easter, of_year

# As printed in the list "UK bank holidays" (GOV.UK), England and Wales, day and month.
PRINTED = {
    2008: "1.1 21.3 24.3 5.5 26.5 25.8 25.12 26.12",
    2011: "3.1 22.4 25.4 29.4 2.5 30.5 29.8 26.12 27.12",
    2012: "2.1 6.4 9.4 7.5 4.6 5.6 27.8 25.12 26.12",
    2015: "1.1 3.4 6.4 4.5 25.5 31.8 25.12 28.12",
    2016: "1.1 25.3 28.3 2.5 30.5 29.8 26.12 27.12",
    2020: "1.1 10.4 13.4 8.5 25.5 31.8 25.12 28.12",
    2021: "1.1 2.4 5.4 3.5 31.5 30.8 27.12 28.12",
    2022: "3.1 15.4 18.4 2.5 2.6 3.6 29.8 19.9 26.12 27.12",
    2023: "2.1 7.4 10.4 1.5 8.5 29.5 28.8 25.12 26.12",
    2024: "1.1 29.3 1.4 6.5 27.5 26.8 25.12 26.12",
}


@pytest.mark.parametrize("year", PRINTED)
def test_the_days_of_a_year_are_those_of_the_public_list(year: int) -> None:
    days = [tuple(map(int, written.split("."))) for written in PRINTED[year].split()]
    assert of_year(year) == tuple(date(year, month, day) for day, month in days)


def test_every_year_has_eight_days_besides_those_of_one_year_only() -> None:
    """All of them from Monday to Friday, none twice."""
    more = {2011: 9, 2012: 9, 2022: 10, 2023: 9}
    for year in YEARS:
        days = of_year(year)
        assert len(days) == len(set(days)) == more.get(year, 8)
        assert all(day.weekday() < 5 for day in days)


@pytest.mark.parametrize(
    "sunday",
    # Tables of the Book of Common Prayer.
    ["2008-03-23", "2011-04-24", "2014-04-20", "2019-04-21", "2024-03-31", "2030-04-21"],
)
def test_easter_is_that_of_the_tables(sunday: str) -> None:
    assert easter(date.fromisoformat(sunday).year).isoformat() == sunday


def test_between_leaves_out_the_last_day() -> None:
    """Christmas Day of 2015 is a Friday; Boxing Day moves to the Monday."""
    christmas = date(2015, 12, 25)
    assert between(christmas, christmas) == ()
    assert between(christmas, date(2015, 12, 28)) == (christmas,)
    assert between(christmas - timedelta(days=1), date(2016, 1, 2)) == (
        christmas,
        date(2015, 12, 28),
        date(2016, 1, 1),
    )
