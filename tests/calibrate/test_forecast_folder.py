"""Forecasts in a folder: what is finished is never done again, and nothing else goes on with it."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import carepath_sim as cp
from carepath_sim.calibrate import forecast as module
from carepath_sim.calibrate.forecast_work import Asked, count_to_bytes
from carepath_sim.experiment.files import FolderInUseError
from carepath_sim.experiment.store.journal import JOURNAL
from carepath_sim.report import kept
from carepath_sim.report.board import board
from carepath_sim.report.workbook import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from carepath_sim.calibrate.forecast import Forecast
    from carepath_sim.experiment.store.encoding import Made

HOUSE = """
carepath: 1
area: Test
variant: house
title: A house with four places
clock: {start: 2024-01-01, length: 10 d}
attributes: {side: {of: person, shares: {left: 0.5, right: 0.5}}}
arrivals: {people: {rate: 1 per d, at: house}}
pools: {places: {capacity: 4}}
services:
  house:
    {setting: community_bed, pool: places, next: home,
     stay: {exponential: {mean: {value: 4 d, range: [3 d, 5 d]}}}}
"""


@pytest.fixture
def house(tmp_path: Path) -> cp.Scenario:
    path = tmp_path / "house.yaml"
    path.write_text(HOUSE, encoding="utf-8")
    return cp.load(path)


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the futures that are simulated."""
    found: list[int] = []

    def count(asked: Asked) -> Made:
        found.append(asked.task.replication)
        return count_to_bytes(asked)

    monkeypatch.setattr(module, "count_to_bytes", count)
    return found


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no pictures, which take longer than everything else."""
    monkeypatch.setattr(kept, "keep_forecast", lambda _folder, _found: None)


def ahead(house: cp.Scenario, out: Path | None = None, **options: Any) -> Forecast:
    given = {"days": 5, "by": ["side"], "replications": 6, "workers": 1, "engine": "simpy"}
    return cp.forecast(house, out=out, **(given | options))


def stop_after(number: int) -> Any:
    def stop(done: int, _of: int) -> None:
        if done == number:
            raise KeyboardInterrupt

    return stop


def tables(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in sorted(folder.glob("*.csv"))}


@pytest.mark.usefixtures("undrawn")
def test_an_interrupted_forecast_goes_on(
    tmp_path: Path, house: cp.Scenario, simulated: list[int]
) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt, match=r"3 of 6 futures are kept in .*--resume goes on"):
        ahead(house, out, progress=stop_after(3))
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["complete"] is False
    # What was only half written is done again.
    with (out / "store" / JOURNAL).open("ab") as file:
        file.write(b"half an entry")
    with pytest.raises(FolderInUseError, match="--resume"):
        ahead(house, out)
    found = ahead(house, out, resume=True)
    assert simulated == [0, 1, 2, 3, 4, 5]
    plain = ahead(house)
    assert all((found.counts[by] == plain.counts[by]).all() for by in ("", "side"))
    assert (found.pools == plain.pools).all()
    assert (found.awaited == plain.awaited).all()
    ahead(house, tmp_path / "whole")
    assert tables(out) == tables(tmp_path / "whole")
    said = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (said["complete"], said["kind"], said["replications"]) == (True, "forecast", 6)
    assert said["answers"] == found.answers()
    # Nothing that is finished is simulated twice; more futures do only those that are missing.
    del simulated[:]
    again = ahead(house, out, resume=True)
    assert simulated == []
    assert (again.counts[""] == found.counts[""]).all()
    more = ahead(house, out, resume=True, replications=8)
    assert simulated == [6, 7]
    assert (more.counts[""][:6] == found.counts[""]).all()
    with pytest.raises(FolderInUseError, match="replications: 8 there, 6 asked for"):
        ahead(house, out, resume=True)


@pytest.mark.usefixtures("undrawn")
def test_another_forecast_is_refused(tmp_path: Path, house: cp.Scenario) -> None:
    out = tmp_path / "out"
    ahead(house, out, replications=1)
    others: list[tuple[dict[str, Any], str]] = [
        ({"seed": 7}, "seed: 1 there, 7 now"),
        ({"days": 6}, "clock.length: 5 d there, 6 d now"),
        ({"by": []}, "by: "),
        ({"ranges": True}, "uncertain: "),
    ]
    for options, words in others:
        with pytest.raises(FolderInUseError, match=words):
            ahead(house, out, resume=True, **({"replications": 2} | options))
    with pytest.raises(FolderInUseError, match=r"pools\.places\.capacity"):
        ahead(house.set("pools.places.capacity", 5), out, resume=True)
    cp.run(house, replications=1, workers=1, engine="simpy", out=tmp_path / "run")
    with pytest.raises(FolderInUseError, match="holds another run"):
        ahead(house, tmp_path / "run", resume=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    with pytest.raises(FolderInUseError, match=r"it holds notes\.txt"):
        ahead(house, tmp_path / "mine")


@pytest.mark.usefixtures("undrawn")
def test_draws_go_on_with_their_own(tmp_path: Path, house: cp.Scenario) -> None:
    """Each future has the numbers of its place, whoever does it, and when."""
    asked: dict[str, Any] = {"ranges": True, "replications": 4}
    whole = ahead(house, **asked)
    with pytest.raises(KeyboardInterrupt):
        ahead(house, tmp_path / "out", progress=stop_after(2), **asked)
    found = ahead(house, tmp_path / "out", resume=True, **asked)
    assert (found.counts[""] == whole.counts[""]).all()


def test_it_can_be_reported(tmp_path: Path, house: cp.Scenario) -> None:
    found = ahead(house, tmp_path / "out", by=[])
    said = board(tmp_path / "out")
    assert said.question == "Test: how full will places be in 5 days, and who waits for what?"
    assert said.answer == tuple(found.answers())
    assert [row[0] for row in said.headline.rows] == [
        "Places: taken, of 4", "Places: none free", "Places: waiting",
    ]  # fmt: skip
    chances = said.headline.rows[1][1:]
    assert chances[0] == "no"
    shown = [f"{found.full[:, day, 0].mean():.0%}" for day in (1, 2, 3, 5)]
    assert list(chances[1:]) == shown
    assert said.exhibits[0].svg.startswith("<svg")
    assert set(found.warnings) <= set(said.limits)
    write_workbook(tmp_path / "out", tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as book:
        names = book.read("xl/workbook.xml").decode()
    assert "How full" in names
    assert "Forecast" in names


def test_what_may_be_full_stands_first(house: cp.Scenario) -> None:
    """Three houses that nobody fills share a sentence; staff who visit hold no places."""
    large = {
        f"large_{k}": {
            "setting": "community_bed",
            "pool": f"places_{k}",
            "stay": "9 d",
            "next": "home",
        }
        for k in range(3)
    }
    pools: dict[str, Any] = {f"places_{k}": {"capacity": 500} for k in range(3)}
    several = house.with_(
        pools={**pools, "nurses": {"capacity": 1}},
        services={
            **large,
            "visit": {"in_place": True, "pool": "nurses", "stay": "3 d", "next": "house"},
        },
        arrivals={
            **{f"to_{k}": {"rate": "1 per d", "at": f"large_{k}"} for k in range(3)},
            "to_visit": {"rate": "1 per d", "at": "visit"},
        },
    )
    found = ahead(several, by=[])
    names = [found.plan.pools[k].name for k in found.shown_pools]
    assert names == ["places", "places_0", "places_1", "places_2"]
    first, last, *_ = found.answers()
    assert first.startswith("Places: ")
    assert last == (
        "Full in none of the futures, with nobody waiting: Places 0; Places 1; Places 2."
    )
