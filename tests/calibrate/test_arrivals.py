"""Arrivals from local files: known profiles are found again, and what is printed can be pasted."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from typer.testing import CliRunner

import carepath_sim as cp
from carepath_sim.calibrate.arrivals import fitted
from carepath_sim.calibrate.local_tables import LocalDataError
from carepath_sim.cli.app import app
from carepath_sim.scenario.bank_holidays import between
from carepath_sim.statistics.daily_counts import day_variation, fit_counts
from carepath_sim.statistics.daily_profiles import homogeneity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepath_sim.calibrate.arrivals import FittedArrivals

DOCS = Path(__file__).parents[2] / "docs"
REFERRALS = DOCS / "examples" / "referrals.csv"
WEEK = np.array([1.3, 1.1, 1.0, 1.0, 1.1, 0.8, 0.7])
FIRST = date(2021, 1, 1)


def days(size: int) -> list[date]:
    return [FIRST + timedelta(days=k) for k in range(size)]


def simulated(seed: int, size: int, *, cv: float = 0.0, growth: float = 1.0) -> FittedArrivals:
    """Days with a mean of 6 on the day after the last, by weekday and trend."""
    rng = np.random.default_rng(seed)
    calendar = days(size)
    at = calendar[-1] + timedelta(days=1)
    mean = np.array([6 * WEEK[d.weekday()] * growth ** ((d - at).days / 365.25) for d in calendar])
    factor = rng.gamma(1 / cv**2, cv**2, size) if cv else 1.0
    counts = rng.poisson(mean * factor).astype(float)
    return fitted("all", calendar, counts, np.zeros((size, 24)), at)


def test_maximum_is_where_fitted_margins_are_those_seen() -> None:
    """Of a log-linear Poisson model the fitted margins are the observed ones, exactly."""
    calendar = days(365)
    counts = np.random.default_rng(1).poisson(4, 365).astype(float)
    weekday = np.array([d.weekday() for d in calendar])
    design = np.column_stack([np.ones(365), *(weekday == k for k in range(1, 7))]).astype(float)
    fit = fit_counts(design, counts)
    for k in range(7):
        assert np.isclose(fit.mean[weekday == k].sum(), counts[weekday == k].sum(), rtol=1e-9)
    # The variance of the logarithm of a Poisson mean is one over its count.
    monday = counts[weekday == 0].sum()
    assert np.isclose(fit.covariance[0, 0], 1 / monday, rtol=1e-6)


def test_known_profiles_are_covered() -> None:
    """95 % intervals of rate, weekdays, growth and variation hold the truth as often as stated."""
    hits: list[bool] = []
    varied = []
    for seed in range(60):
        one = simulated(seed, 900, cv=0.3, growth=1.1)
        hits.append(one.rate_low <= 6 <= one.rate_high)
        (growth,) = one.part("trend").factors
        hits.append(growth.low <= 1.1 <= growth.high)
        weekday = one.part("weekday").factors
        hits += [f.low <= w <= f.high for f, w in zip(weekday, WEEK, strict=True)]
        varied.append(one.variation.low <= 0.3 <= one.variation.high)
    # 9 correlated numbers of 60 files; by chance alone fewer than 0.91 once in thousands.
    assert 0.91 <= np.mean(hits) <= 0.99
    assert np.mean(varied) >= 0.85


def test_nothing_is_seen_where_nothing_is() -> None:
    """Without season, trend and variation each is taken in about one file of twenty."""
    found = [simulated(seed, 800) for seed in range(100, 160)]
    for name in ("month", "trend"):
        assert np.mean([one.part(name).taken for one in found]) <= 0.15
    assert np.mean([one.variation.p <= 0.05 for one in found]) <= 0.15


def test_variation_of_a_known_sample() -> None:
    """The moment estimate of one mean is sqrt(variance - mean) / mean, by hand."""
    counts = np.array([2.0, 8, 4, 10, 6, 0, 5, 9, 1, 5])
    fit = fit_counts(np.ones((10, 1)), counts)
    expected = np.sqrt(counts.var(ddof=1) - 5) / 5
    assert np.isclose(day_variation(fit).cv, expected, rtol=1e-6)


def test_short_files_say_what_they_cannot_tell() -> None:
    one = simulated(3, 100)
    assert not one.part("month").taken
    assert "365 are needed" in one.part("month").why_not
    assert "730 are needed" in one.part("trend").why_not


def pasted(tmp_path: Path, text: str) -> Any:
    ward = (DOCS / "examples" / "ward.yaml").read_text(encoding="utf-8")
    (tmp_path / "ward.yaml").write_text(ward, encoding="utf-8")
    path = tmp_path / "pasted.yaml"
    path.write_text(f"extends: ward.yaml\n{text}", encoding="utf-8")
    return cp.load(path)


def test_what_is_printed_can_be_pasted_and_means_the_same(tmp_path: Path) -> None:
    found = cp.fit_arrivals(
        REFERRALS, first=date(2022, 4, 1), last=date(2024, 3, 31), at=date(2024, 4, 1)
    )
    (one,) = found.groups
    scenario = pasted(tmp_path, found.yaml("ward"))
    source = scenario.arrivals["referrals"]
    assert np.isclose(source.rate.value, one.rate, rtol=1e-4)
    week = np.array(source.profile.weekday)
    assert np.allclose(week, [f.value for f in one.part("weekday").factors], rtol=2e-3)
    hour: NDArray[np.float64] = np.array(source.profile.hour)
    assert np.isclose(hour.mean(), 1, atol=2e-3)
    # The file was made with four quiet hours of 1.5, twelve of 4 and eight of 1.
    assert hour[8:20].mean() / hour[:8].mean() == pytest.approx(4, rel=0.15)
    assert source.variation is not None
    # ... and with a variation of 0.25.
    assert one.variation.low <= 0.25 <= one.variation.high
    # Rate and profile give back as many as came.
    expected = sum(one.rate * week[(found.data.first.weekday() + k) % 7] for k in range(731))
    assert np.isclose(expected, one.days.sum(), rtol=0.005)


DAY_COURSE = np.repeat([0.2, 1.0, 2.2, 0.6], 6)
WEEKEND = np.repeat([0.6, 0.4, 1.4, 1.6], 6)


def hourly(seed: int, weekend: NDArray[np.float64], together: int) -> list[NDArray[np.float64]]:
    """Weekdays and weekends of a year, with people who come so many at a time."""
    rng = np.random.default_rng(seed)
    courses = ((261, 12, DAY_COURSE), (104, 8, weekend))
    return [
        together * rng.poisson(mean / together * course / 24, (size, 24)).astype(float)
        for size, mean, course in courses
    ]


@pytest.mark.parametrize("together", [1, 3])
def test_weekends_are_told_apart_where_they_are(together: int) -> None:
    """With one course in one file of twenty, people who come together or not; with two always."""
    alike = [homogeneity(hourly(seed, DAY_COURSE, together)) for seed in range(200)]
    # Binomial(200, 0.05): beyond 20 once in 900.
    assert 2 <= sum(one.p <= 0.05 for one in alike) <= 20
    assert np.mean([one.dispersion for one in alike]) == pytest.approx(together, rel=0.04)
    apart = [homogeneity(hourly(seed, WEEKEND, together)).p for seed in range(20)]
    assert max(apart) < 1e-6


def test_two_courses_of_the_day_can_be_pasted_and_mean_the_same(tmp_path: Path) -> None:
    """Two sources whose mean by weekday and hour is that of the file, for each kind of day."""
    rng = np.random.default_rng(12)
    rows, seen = ["Referred"], np.zeros((2, 24))
    for day in days(364):
        kind = int(day.weekday() >= 5)
        mean = (20, 9)[kind] * (DAY_COURSE, WEEKEND)[kind] / 24
        counts = rng.poisson(mean)
        seen[kind] += counts
        hours = np.repeat(np.arange(24), counts)
        rows += [f"{day} {hour:02d}:{rng.integers(1, 60):02d}" for hour in hours]
    file = tmp_path / "referrals.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    found = cp.fit_arrivals(file, first=FIRST, last=days(364)[-1])
    (one,) = found.groups
    assert one.two_weeks
    assert not one.part("hour").taken
    assert any("weekdays and weekends are two sources" in w for w in found.warnings)
    arrivals = pasted(tmp_path, found.yaml("ward")).arrivals
    made = np.zeros((2, 24))
    for name in ("referrals_weekdays", "referrals_weekends"):
        source = arrivals[name]
        assert source.cause == "referrals"
        week, hour = np.array(source.profile.weekday), np.array(source.profile.hour)
        week, hour = week / week.mean(), hour / hour.mean()
        for k in range(7):
            made[int(k >= 5)] += 52 * source.rate.value * week[k] * hour / 24
    assert np.allclose(made.sum(axis=1), seen.sum(axis=1), rtol=2e-3)
    # Hours are counted in steps that hold enough arrivals; here these are hours.
    assert np.allclose(made, seen, rtol=0.01, atol=0.3)
    assert {"hour on weekdays", "hour at weekends"} <= set(found.table()["part"])
    assert found.plot().axes


def test_bank_holidays_are_told_and_not_taken() -> None:
    rng = np.random.default_rng(5)
    calendar = days(1095)
    free = set(between(calendar[0], calendar[-1]))
    mean = np.array([12 * (0.4 if d in free else 1) for d in calendar])
    counts = rng.poisson(mean).astype(float)
    one = fitted("all", calendar, counts, np.zeros((1095, 24)), calendar[-1])
    part = one.part("bank holiday")
    assert part.p < 1e-6
    assert not part.taken
    (factor,) = part.factors
    assert factor.low < 0.4 < factor.high
    assert "know no bank holidays" in part.why_not
    assert one.part("hour").why_not == "no times of day are known"


def test_a_trend_can_be_pasted(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    rows = ["day,Ward,number"]
    for k, day in enumerate(days(900)):
        rows.append(f"{day},7,{rng.poisson(6 * 1.3 ** (k / 365.25))}")
        rows.append(f"{day},Ward East,{rng.poisson(3)}")
    file = tmp_path / "counts.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    found = cp.fit_arrivals(file, date="day", count="number", group="Ward")
    assert [one.group for one in found.groups] == ["7", "Ward East"]
    scenario = pasted(tmp_path, found.yaml("ward"))
    growing = scenario.arrivals["ward_7"]
    assert growing.growth is not None
    assert growing.growth.value == pytest.approx(0.3, abs=0.05)
    assert growing.rate.value == pytest.approx(6 * 1.3 ** (900 / 365.25), rel=0.06)
    assert scenario.arrivals["ward_east"].growth is None


def test_bad_rows_are_listed_and_nobody_is_named(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    rows = ["NHS number,Name,Arrived,Team"]
    rows += [f"943476591{k % 10},Featherstonehaugh,{d},East" for k, d in enumerate(days(40))]
    rows += ["9434765919,Featherstonehaugh,31/02/2021,East", "1,Featherstonehaugh,,East"]
    rows += ["1,Featherstonehaugh,2021-01-05,Featherstonehaugh", "1,x,2035-01-05,East"]
    file.write_text("\n".join(rows), encoding="utf-8")
    out = tmp_path / "out"
    last = ["--until", "2021-02-09", "--from", "2021-01-01"]
    result = CliRunner().invoke(
        app, ["fit-arrivals", str(file), "--group", "Team", *last, "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    told = (out / "rows.csv").read_text(encoding="utf-8")
    assert [line.partition(",")[0] for line in told.splitlines()] == [
        "line",
        "42",
        "43",
        "44",
        "45",
    ]
    assert {one.name for one in out.iterdir()} == {
        "profile.csv", "rows.csv", "arrivals.yaml", "arrivals.png", "arrivals.svg",
    }  # fmt: skip
    said = json.loads(CliRunner().invoke(app, ["fit-arrivals", str(file), *last, "--json"]).stdout)
    assert said["taken"] == 41
    # On the terminal, in JSON and in what is pasted: no file can tell what a scenario sends itself.
    words = (
        "on top of what a scenario itself sends to the same service, by hazards of its population"
    )
    assert words in said["note"]
    assert f"# Note: {said['note']}\narrivals:\n" in said["yaml"]
    assert (out / "arrivals.yaml").read_text(encoding="utf-8").count(words) == 1
    assert " ".join(result.output.split()).count(words) == 2
    shown = (
        result.output + str(said) + "".join(p.read_bytes().decode("latin-1") for p in out.iterdir())
    )
    assert "Featherstonehaugh" not in shown
    assert "9434765919" not in shown
    with pytest.raises(LocalDataError, match="at least 14 are needed"):
        cp.fit_arrivals(file, last=date(2021, 1, 5))
    wrong = CliRunner().invoke(app, ["fit-arrivals", str(file), "--date", "Arived"])
    assert wrong.exit_code == 2
    assert "did you mean 'Arrived'" in wrong.output
