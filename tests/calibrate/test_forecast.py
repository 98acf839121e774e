"""Forecasts: held against exact cases, against what pools count, and against their own sums."""

from __future__ import annotations

import json
import os
import shlex
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

import carepath_sim as cp
from carepath_sim.calibrate.forecast import summary
from carepath_sim.cli.app import app
from carepath_sim.engine import simulate
from carepath_sim.engine.spells import NEVER
from carepath_sim.errors import CarepathError
from carepath_sim.experiment.batch import OptionError
from carepath_sim.measures import daily
from carepath_sim.measures.midnight import HOSPITAL, KINDS, midnight_counts, strata_of
from carepath_sim.measures.midnight_pools import pool_midnights
from carepath_sim.plan import compile_plan
from carepath_sim.units import DAY as DAY_MS

if TYPE_CHECKING:
    from carepath_sim.engine.spells import Record
    from carepath_sim.plan import Plan

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
DAY = date(2024, 6, 30)
PRESENT, FROM_START, WAITING, DELAYED, CAME, LEFT = range(len(KINDS))
CLOSED = """
carepath: 1
area: Test
variant: closed
title: A ward without new people, and a lounge with one place
clock: {start: 2024-01-01, length: 10 d}
arrivals: {nobody: {every: 1 y, at: ward}, nor_here: {every: 1 y, at: other}}
pools: {lounge_places: {capacity: 1}}
services:
  ward: {setting: acute_bed, stay: {exponential: {mean: 5 d}}, next: home}
  other: {setting: community_bed, stay: 10 d, next: lounge}
  lounge: {setting: own_home, pool: lounge_places, stay: 4 d, next: home}
"""


@pytest.fixture
def closed(tmp_path: Path) -> cp.Scenario:
    path = tmp_path / "closed.yaml"
    path.write_text(CLOSED, encoding="utf-8")
    return cp.load(path)


def test_a_closed_ward_empties_as_it_must(tmp_path: Path, closed: cp.Scenario) -> None:
    """Exponential stays have no memory: after t days Binomial(n, exp(-t / 5)) of n are there."""
    file = tmp_path / "census.csv"
    rows = [f"ward,{k % 17},{'A' if k < 12 else 'B'}" for k in range(40)]
    file.write_text("\n".join(["Ward,days,Council", *rows]), encoding="utf-8")
    found = cp.forecast(
        closed, file, days=10, as_of=DAY, by=["council"], replications=200, workers=1
    )
    table = found.table()
    ward = table[(table["service"] == "ward") & (table["what"] == "present")]
    for by, group, n in (("", "", 40), ("council", "A", 12), ("council", "B", 28)):
        one = ward[(ward["by"] == by) & (ward["group"] == group)].set_index("day")
        assert one.loc[0, "mean"] == n
        for t in (1, 3, 7, 10):
            p = np.exp(-t / 5)
            error = np.sqrt(n * p * (1 - p) / 200)
            assert abs(one.loc[t, "mean"] - n * p) < 4 * error
            # Ends of intervals are quantiles of the binomial, up to sampling error of one person.
            for name, share in (("low80", 0.1), ("high80", 0.9), ("low95", 0.025)):
                assert abs(one.loc[t, name] - stats.binom.ppf(share, n, p)) <= 1
    # Everybody who has left has left on some day, and nobody came.
    counts = found.counts[""][..., 0][..., list(found.strata[""].services).index("ward")]
    assert (40 - counts[:, LEFT].cumsum(axis=1) == counts[:, PRESENT]).all()
    assert not counts[:, CAME].any()
    assert (counts[:, FROM_START] == counts[:, PRESENT]).all()


def test_fixed_stays_are_reckoned_by_hand(tmp_path: Path, closed: cp.Scenario) -> None:
    """Three leave `other` after 2.5, 6.5 and 9 days; the lounge takes one at a time, for 4 days."""
    file = tmp_path / "census.csv"
    file.write_text("Ward,days\nother,7.5\nother,3.5\nother,1\nlounge,2.5\n", encoding="utf-8")
    found = cp.forecast(closed, file, days=10, as_of=DAY, replications=2, workers=1)
    names = found.strata[""].services
    assert names == ("ward", "other", "lounge", HOSPITAL)
    counts = found.counts[""][..., 0]
    assert (counts[0] == counts[1]).all()
    other, lounge = (counts[0][:, :, names.index(name)] for name in ("other", "lounge"))
    # The first wants the lounge on day 2.5, and whoever is there leaves on day 1.5.
    assert other[PRESENT].tolist() == [3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1]
    # In the lounge: until 1.5; 2.5 to 6.5; 6.5 to 10.5. The third is ready on day 9 and waits.
    assert lounge[PRESENT].tolist() == [1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1]


def test_who_waits_is_counted_where_and_for_what(tmp_path: Path, closed: cp.Scenario) -> None:
    """The lounge is full until day 3: who waits for it is ready and in the way on the ward."""
    file = tmp_path / "census.csv"
    rows = "Ward,days,Waiting for,waited\nother,8,lounge,2\nlounge,1,,\n"
    file.write_text(rows, encoding="utf-8")
    found = cp.forecast(closed, file, days=5, as_of=DAY, replications=1, workers=1)
    counts, names = found.counts[""][0, ..., 0], found.strata[""].services
    other, lounge = names.index("other"), names.index("lounge")
    assert counts[WAITING, :, lounge].tolist() == [1, 1, 1, 0, 0, 0]
    assert counts[DELAYED, :, other].tolist() == [1, 1, 1, 0, 0, 0]
    assert counts[LEFT, :, other].tolist() == [0, 0, 0, 0, 1, 0]
    assert counts[CAME, :, lounge].tolist() == [0, 0, 0, 0, 1, 0]
    # The same of its one place, and in words.
    plan = found.plan
    assert found.shown_pools == [plan.pool_index["lounge_places"]]
    taken, capacity, wanted = found.pools[0, :, :, found.shown_pools[0]]
    assert taken.tolist() == [1, 1, 1, 1, 1, 1]
    assert capacity.tolist() == [1] * 6
    assert wanted.tolist() == [1, 1, 1, 0, 0, 0]
    pair = found.awaited[0, :, plan.service_index["other"], plan.service_index["lounge"]]
    assert pair.tolist() == [1, 1, 1, 0, 0, 0]
    assert found.awaited.sum() == 3
    places = found.places().set_index("day")
    assert places["p_full"].tolist() == [1] * 6
    assert places["p_full_until"].tolist() == [0, 1, 1, 1, 1, 1]
    assert places["p_short"].tolist() == [1, 1, 1, 0, 0, 0]
    full, waits = found.answers(2)
    assert "1 of 1 places taken (1 to 1 in 8 of 10 futures) as Tue 2 July begins" in full
    assert (
        "Full then: 100%; on some midnight until then: 100%. Waiting for a place there: 1" in full
    )
    assert waits.startswith("Ready to leave Other, and waiting: 1 ")
    assert waits.endswith("1 for Lounge.")
    assert not any(one.startswith("Ready") for one in found.answers())
    with pytest.raises(OptionError, match="from day 0 to 5, not to 6"):
        found.answers(6)


def test_sums_agree_with_what_pools_count() -> None:
    """At the end of each day services count as many as their pools; people neither come nor go."""
    ward = cp.load(EXAMPLES / "ward.yaml").with_(clock={"length": "30 d", "warm_up": "20 d"})
    plan = compile_plan(ward)
    record = simulate(plan, seed=3, replication=0, engine="simpy")
    counts = midnight_counts(plan, record)[""][..., 0]
    by_pool = daily(plan, record)["occupancy"]
    for service, pool in (("ward", "beds"), ("reablement", "reablement_places")):
        mine = counts[:, :, strata_of(plan).services.index(service)]
        assert mine[PRESENT, 1:].tolist() == by_pool[:, plan.pool_index[pool]].tolist()
        assert (np.diff(mine[PRESENT]) == mine[CAME, 1:] - mine[LEFT, 1:]).all()
    assert (counts[DELAYED] <= counts[PRESENT]).all()
    assert (counts[FROM_START] <= counts[PRESENT]).all()
    # Nobody is on the way, and no place is kept: units taken are people who are there.
    pools = pool_midnights(plan, record)
    taken, capacity, waiting = pools.pools[:, 1:]
    assert (taken == by_pool).all()
    assert (waiting == daily(plan, record)["waiting"]).all()
    for pool, size in (("beds", 45), ("assessors", 0), ("reablement_places", 50)):
        assert (capacity[:, plan.pool_index[pool]] == size).all()  # nobody assesses at midnight
    late = pools.awaited.sum(axis=2)[:, plan.service_index["ward"]]
    ward_row = strata_of(plan).services.index("ward")
    assert (late <= counts[DELAYED, :, ward_row]).all()
    assert late.any()


def test_groups_sum_to_everybody_and_workers_do_not_matter(tmp_path: Path) -> None:
    ward = cp.load(EXAMPLES / "ward.yaml")
    census = cp.import_census(
        EXAMPLES / "census-today.csv", ward, as_of=DAY, admitted="Since",
        places={"Ward 7": "ward"}, by=["Council"],
    )  # fmt: skip
    one = cp.forecast(ward, census, days=6, replications=4, workers=1)
    two = cp.forecast(ward, census, days=6, replications=4, workers=2)
    assert (one.counts[""] == two.counts[""]).all()
    assert (one.counts["council"] == two.counts["council"]).all()
    assert (one.counts["council"].sum(axis=-1) == one.counts[""][..., 0]).all()
    # Looking farther ahead does not change the days before.
    far = cp.forecast(ward, census, days=20, replications=4, workers=1)
    assert (far.counts[""][:, :, :7] == one.counts[""]).all()
    assert any("9 on the list who wait for reablement" in w for w in one.warnings)


def test_ends_hold_at_least_their_share() -> None:
    values = np.random.default_rng(2).poisson(7, (101, 3))
    found = summary(values)
    for share, low, high in ((0.8, "low80", "high80"), (0.95, "low95", "high95")):
        inside = (found[low] <= values) & (values <= found[high])
        assert (inside.mean(axis=0) >= share).all()


def test_wrong_options_are_told(closed: cp.Scenario, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="1 to 366 days"):
        cp.forecast(closed, days=400)
    with pytest.raises(OptionError, match="--by council: no attribute of people"):
        cp.forecast(closed, by=["council"], replications=1, workers=1)
    file = tmp_path / "census.csv"
    file.write_text("Ward\nward\n", encoding="utf-8")
    with pytest.raises(CarepathError, match="of which day"):
        cp.forecast(closed, file)
    wrong = CliRunner().invoke(
        app, ["forecast", str(tmp_path / "closed.yaml"), "--census", str(file)]
    )
    assert (wrong.exit_code, "--as-of today" in wrong.output) == (2, True)


def test_nobody_is_named_in_any_output(tmp_path: Path, closed: cp.Scenario) -> None:
    file = tmp_path / "census.csv"
    rows = ["NHS number,Name,Ward,Admitted,Council"]
    rows += [f"943476591{k},Featherstonehaugh,ward,2024-06-1{k},A" for k in range(6)]
    rows += ["9434765919,Featherstonehaugh,Featherstonehaugh,x,A"]
    file.write_text("\n".join(rows), encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["forecast", str(tmp_path / "closed.yaml"), "--census", str(file), "--as-of",
                 "2024-06-30", "--by", "Council", "-r", "2", "-w", "1"]  # fmt: skip
    result = CliRunner().invoke(app, [*arguments, "--out", str(out)])
    assert result.exit_code == 0, result.output
    said = CliRunner().invoke(app, [*arguments, "--json"]).stdout
    assert json.loads(said)["census"]["taken"] == 6
    assert {
        "forecast.csv",
        "places.csv",
        "manifest.json",
        "rows.csv",
        "present-by-council.png",
    } <= {one.name for one in out.iterdir()}
    shown = result.output + said
    files = [one for one in out.rglob("*") if one.is_file()]
    shown += "".join(one.read_bytes().decode("latin-1") for one in files)
    assert "Featherstonehaugh" not in shown
    assert "943476591" not in shown


def test_command_of_the_page(tmp_path: Path) -> None:
    """The first command of the page does what the page says, with fewer futures."""
    page = (ROOT / "docs" / "guide" / "todays-census.md").read_text(encoding="utf-8")
    command = next(line for line in page.splitlines() if line.startswith("    carepath "))
    arguments = shlex.split(command.strip())[1:-2]
    for k, one in enumerate(arguments):
        if one.startswith("docs/"):
            arguments[k] = str(ROOT / one)
    result = CliRunner().invoke(app, [*arguments, "-r", "3", "-w", "1"])
    assert result.exit_code == 0, result.output
    assert "did you mean 'reablement'?" in result.output
    assert "by council" in result.output


def list_of(plan: Plan, record: Record, t: int) -> list[str]:
    """Return a census of a simulated ward: who is where at an instant, and waits for what."""
    spells, names = record.spells, [one.name for one in plan.services]
    there = (spells["started"] != NEVER) & (spells["started"] <= t)
    there &= (spells["left"] == NEVER) | (spells["left"] > t)
    asks = (spells["needed"] <= t) & ((spells["started"] == NEVER) | (spells["started"] > t))
    asks &= (spells["left"] == NEVER) | (spells["left"] > t)
    waits = {int(spells["person"][row]): row for row in np.flatnonzero(asks)}
    rows = ["person,service,days,waiting for,waited"]
    for row in np.flatnonzero(there):
        name, person = names[spells["service"][row]], int(spells["person"][row])
        if name not in {"ward", "reablement"}:
            continue
        cells = [f"p{person}", name, f"{(t - spells['started'][row]) / 864e5:.6f}"]
        if person in waits:
            asked = waits.pop(person)
            cells.append(names[spells["service"][asked]])
            cells.append(f"{(t - spells['needed'][asked]) / 864e5:.6f}")
        rows.append(",".join(cells))
    for person, row in waits.items():
        name = names[spells["service"][row]]
        rows.append(f"p{person},outside,,{name},{(t - spells['needed'][row]) / 864e5:.6f}")
    return rows


@pytest.mark.skipif("CAREPATH_NIGHTLY" not in os.environ, reason="takes a minute")
def test_what_then_happened_lies_where_it_should(tmp_path: Path) -> None:
    """Lists of simulated wards are forecast; what then happened has its place at random among
    the futures: the share in the middle 80 % is 80 %, and the mean place is one half.
    """
    ward = cp.load(EXAMPLES / "ward.yaml")
    plan = compile_plan(ward)
    places: dict[tuple[str, str, int], list[float]] = {}
    rng = np.random.default_rng(4)
    number, ahead = 60, 10
    for k in range(number):
        record = simulate(plan, seed=500 + k, replication=0)
        truth = midnight_counts(plan, record)[""][..., 0]
        day = 70 + k  # any weekday
        file = tmp_path / f"{k}.csv"
        file.write_text("\n".join(list_of(plan, record, day * DAY_MS)), encoding="utf-8")
        at = ward.clock.start + timedelta(days=day)
        found = cp.forecast(
            ward, file, as_of=at, days=ahead, replications=40, seed=9000 + k, workers=1
        )
        names = found.strata[""].services
        assert found.census is not None
        assert len(found.census.taken) == len(found.census.people)
        for what, service in (("present", "ward"), ("present", "reablement"), ("delayed", "ward")):
            here = (KINDS.index(what), names.index(service))
            for t in (1, 4, ahead):
                futures = found.counts[""][:, here[0], t, here[1], 0]
                fact = truth[here[0], day + t, here[1]]
                below, same = (futures < fact).sum(), (futures == fact).sum()
                place = (below + rng.uniform() * (same + 1)) / (len(futures) + 1)
                places.setdefault((what, service, t), []).append(place)
    for key, found_places in places.items():
        place = np.array(found_places)
        inside = ((place > 0.1) & (place < 0.9)).mean()
        print(key, f"in the middle 80 %: {inside:.3f}; mean place {place.mean():.3f}")  # noqa: T201
        # 9 of each are looked at: three standard errors.
        assert abs(inside - 0.8) < 3 * np.sqrt(0.8 * 0.2 / number), key
        assert abs(place.mean() - 0.5) < 3 * np.sqrt(1 / 12 / number), key


def test_ranges_widen_what_is_not_known(tmp_path: Path) -> None:
    """The mean stay lies anywhere from 2 to 12 days: far ahead the spread is that of both."""
    path = tmp_path / "wide.yaml"
    text = CLOSED.replace("{mean: 5 d}", "{mean: {value: 5 d, range: [2 d, 12 d]}}")
    path.write_text(text, encoding="utf-8")
    file = tmp_path / "census.csv"
    file.write_text("Ward,days\n" + "ward,3\n" * 40, encoding="utf-8")
    wide = cp.load(path)
    options = {"days": 5, "as_of": DAY, "replications": 64, "workers": 1}
    known = cp.forecast(wide, file, **options)  # type: ignore[arg-type]
    unknown = cp.forecast(wide, file, ranges=True, **options)  # type: ignore[arg-type]
    there = [one.counts[""][:, PRESENT, 5, 0, 0] for one in (known, unknown)]
    # Means of draws spread evenly from 2 to 12 days (law of total variance, by quadrature).
    p = np.exp(-5 / np.linspace(2, 12, 2001))
    expected = np.sqrt(np.mean(40 * p * (1 - p)) + np.var(40 * p))
    assert there[1].mean() == pytest.approx(40 * p.mean(), abs=4 * expected / 8)
    assert there[1].std() == pytest.approx(expected, rel=0.3)
    assert there[1].std() > 1.8 * there[0].std()
    assert any("chance alone" in one for one in known.warnings)
    assert not any("chance alone" in one for one in unknown.warnings)
    with pytest.raises(OptionError, match="not from both"):
        cp.forecast(wide, file, posterior=tmp_path, ranges=True, **options)  # type: ignore[arg-type]


def test_a_list_that_the_scenario_does_not_make_is_told(tmp_path: Path) -> None:
    """Of 5 a day who stay 6 days there are 30; 80 on the list are not from there."""
    ward = cp.load(EXAMPLES / "ward.yaml")
    for number, told in ((30, False), (80, True)):
        file = tmp_path / f"{number}.csv"
        file.write_text("Ward,days\n" + "ward,3\n" * number, encoding="utf-8")
        found = cp.forecast(ward, file, days=1, as_of=DAY, replications=1, workers=1)
        words = f"ward: {number} on the list, 30 in the long run"
        assert any(words in one for one in found.warnings) is told
