"""The film: who is drawn is who is there, and the page needs nothing from anywhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import carepath_sim as cp
from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.spells import NEVER
from carepath_sim.plan import compile_plan
from carepath_sim.report.animation import COLUMN, WIDTH
from carepath_sim.report.film_log import (
    BEING_CARED_FOR,
    DELAYED,
    WAITING,
    counts,
    log_of,
    present,
    window,
)
from carepath_sim.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.engine.spells import Record
    from carepath_sim.plan import Plan
    from carepath_sim.report.film import Film
    from carepath_sim.scenario.model import Scenario

STAYS = ("acute", "community_hospital")
DAYS, EVERY, FIRST = 3, 8, 10


@pytest.fixture(scope="module")
def replication(before: Scenario) -> tuple[Plan, Record]:
    plan = compile_plan(before)
    return plan, simulate(plan, seed=1, replication=0, engine=DEFAULT_ENGINE)


@pytest.fixture(scope="module")
def log(replication: tuple[Plan, Record]) -> pd.DataFrame:
    return log_of(*replication, STAYS)


@pytest.fixture(scope="module")
def film(before: Scenario) -> Iterator[Film]:
    pytest.importorskip("vidigi")
    # Rows so short that some people are only a number.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("carepath_sim.report.animation.A_ROW", 5)
        yield cp.animate(before, first_day=FIRST, days=DAYS, every=EVERY, services=STAYS, most=5)


def test_counts_are_those_of_the_spells(
    log: pd.DataFrame, replication: tuple[Plan, Record]
) -> None:
    """At every instant: in the service, and in it although ready."""
    plan, record = replication
    spells = record.spells
    begin = 24 * FIRST - plan.begin / HOUR
    counted = counts(window(log, begin, begin + 24 * DAYS), EVERY, DAYS)
    seen = 0
    for hour, row in counted.iterrows():
        now = plan.begin + (begin + hour) * HOUR
        for name in STAYS:
            here = (spells["service"] == plan.service_index[name]) & (spells["started"] != NEVER)
            here &= (spells["started"] <= now) & (
                (spells["left"] > now) | (spells["left"] == NEVER)
            )
            ready = here & (spells["ready"] != NEVER) & (spells["ready"] <= now)
            ready &= spells["ready"] > spells["started"]
            assert row.get((name, DELAYED), 0) == ready.sum()
            assert row.get((name, BEING_CARED_FOR), 0) == (here & ~ready).sum()
            seen += int(ready.sum())
    assert seen > 0


def test_a_window_loses_nobody(log: pd.DataFrame) -> None:
    """Who is there at an instant is there in a window that begins then, in the same state."""
    for begin in (0.0, 100.0, 333.3):
        columns = ["entity_id", "service", "state", "resource_id"]
        whole = present(log, begin)[columns].sort_values("entity_id", ignore_index=True)
        cut = present(window(log, begin, begin + 24), 0.0)
        cut = cut[columns].sort_values("entity_id", ignore_index=True)
        pd.testing.assert_frame_equal(whole, cut)


def test_everybody_in_a_window_arrives_once_and_before_all_else(log: pd.DataFrame) -> None:
    cut = window(log, 100.0, 200.0)
    arrivals = cut[cut["event"] == "arrival"]
    assert arrivals["entity_id"].is_unique
    assert set(arrivals["entity_id"]) == set(cut["entity_id"])
    firsts = cut.drop_duplicates("entity_id")
    assert set(firsts["event"]) == {"arrival"}
    assert cut["time"].between(0, 100).all()


def test_who_waits_at_home_is_waiting(replication: tuple[Plan, Record]) -> None:
    plan, record = replication
    whole = log_of(plan, record, [service.name for service in plan.services])
    waits = whole[whole["state"] == WAITING]
    assert (waits["event"] == "waiting for " + waits["service"]).all()
    assert len(waits) > 0


def test_as_many_dots_are_drawn_as_people_are_there(
    film: Film, replication: tuple[Plan, Record]
) -> None:
    """vidigi draws each person, and says how many it leaves out."""
    plan, record = replication
    begin = 24 * FIRST - plan.begin / HOUR
    counted = counts(window(log_of(plan, record, STAYS), begin, begin + 24 * DAYS), EVERY, DAYS)
    frames = film.figure.frames
    assert len(frames) == len(counted) == DAYS * 24 // EVERY + 1
    for frame, (_, here) in zip(frames, counted.iterrows(), strict=True):
        # At the right edge stand those who have just left.
        texts = [
            str(text)
            for trace in frame.data
            for text, x in zip(np.atleast_1d(trace.text), np.atleast_1d(trace.x), strict=True)
            if x < WIDTH
        ]
        dots = texts.count("●")
        more = sum(int(found) for text in texts for found in re.findall(r"\+ (\d+) more", text))
        assert dots + more == here.sum()
        assert more > 0


def test_titles_say_how_many_are_there(film: Film) -> None:
    titles = film.figure.frames[0].data[-1].text
    assert any(re.search(r"\d+ here \(6 beds", title) for title in titles)


def test_services_stand_apart_however_many_columns_there_are(film: Film) -> None:
    arrangements = film.figure.layout.meta["arrangements"]
    assert [one["width"] for one in arrangements] == [430, 840, WIDTH]
    for one in arrangements:
        assert len(one["blocks"]) == len(STAYS)
        ends: dict[int, int] = {}
        for x, y, height in one["blocks"]:
            assert x + COLUMN <= one["width"]
            assert y >= ends.get(x, 0)
            ends[x] = y + height
        assert max(ends.values()) == one["height"]


def test_the_page_needs_nothing_from_anywhere(film: Film) -> None:
    page = film.html()
    tags = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"<script[^>]+src=", page)
    assert not re.search(r"(?:src|href)\s*=|@import|url\(", tags)
    assert 'lang="en-GB"' in page
    assert all(words in tags for words in (BEING_CARED_FOR, WAITING, DELAYED, "Synthetic people"))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"services": ["acutee"]}, "did you mean 'acute'"),
        ({"first_day": 100_000}, "counted from the end of the warm-up"),
        ({"days": 40, "every": 1}, "a page holds"),
        ({"every": 0}, "an hour or more"),
    ],
)
def test_what_cannot_be_shown_is_refused_at_once(
    before: Scenario, asked: dict[str, object], words: str
) -> None:
    with pytest.raises(cp.CarepathError, match=words):
        cp.animate(before, **asked)  # type: ignore[arg-type]
