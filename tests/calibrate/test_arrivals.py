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
from carepath_sim.statistics.daily_counts import day_variation, fit_counts

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
    return fitted("all", calendar, counts, np.zeros(24), at)


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
    assert "731 are needed" in one.part("trend").why_not


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
