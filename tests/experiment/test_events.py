"""The event log that vidigi animates."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from carepath_sim.engine import simulate
from carepath_sim.experiment.events import event_log
from carepath_sim.plan import compile_plan

if TYPE_CHECKING:
    from carepath_sim.engine.spells import Record
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Scenario


@pytest.fixture(scope="module")
def replication(before: Scenario) -> tuple[Plan, Record]:
    plan = compile_plan(before)
    return plan, simulate(plan, seed=1, replication=0)


@pytest.fixture(scope="module")
def events(replication: tuple[Plan, Record]) -> pd.DataFrame:
    return pd.DataFrame(event_log(*replication))


def test_everybody_arrives_once_and_departs_once(
    events: pd.DataFrame, replication: tuple[Plan, Record]
) -> None:
    people = set(np.unique(replication[1].spells["person"]).tolist())
    for name in ("arrival", "depart"):
        ends = events[events["event"] == name]
        assert set(ends["entity_id"]) == people
        assert ends["entity_id"].is_unique
        assert set(ends["event_type"]) == {"arrival_departure"}


def test_events_lie_between_arrival_and_departure(events: pd.DataFrame) -> None:
    times = events.groupby("entity_id")["time"]
    arrivals = events[events["event"] == "arrival"].set_index("entity_id")["time"].sort_index()
    departures = events[events["event"] == "depart"].set_index("entity_id")["time"].sort_index()
    assert (times.min() == arrivals).all()
    assert (times.max() == departures).all()
    assert events["time"].is_monotonic_increasing
    assert events["time"].min() >= 0


def test_no_place_is_used_by_two_at_once(
    events: pd.DataFrame, replication: tuple[Plan, Record]
) -> None:
    """Walk through the log: each place of a pool is free when somebody takes it."""
    pool_of = {service.name: service.pools for service in replication[0].services}
    used = {}
    for event in events[events["event_type"].str.startswith("resource")].itertuples():
        key = (pool_of[event.event], event.resource_id)
        if event.event_type == "resource_use":
            assert key not in used
            used[key] = event.entity_id
        else:
            assert used.pop(key) == event.entity_id
    assert not used


def test_as_many_beds_are_used_as_the_pool_has(events: pd.DataFrame) -> None:
    beds = events[(events["event"] == "community_hospital") & events["resource_id"].notna()]
    assert beds["resource_id"].min() == 1
    assert beds["resource_id"].max() == 6


def test_uses_begin_and_end_alike(events: pd.DataFrame) -> None:
    kinds = Counter(events["event_type"])
    assert kinds["resource_use"] == kinds["resource_use_end"] > 50


def test_who_waits_is_in_a_queue_of_that_name(
    events: pd.DataFrame, replication: tuple[Plan, Record]
) -> None:
    spells = replication[1].spells
    beds = replication[0].service_index["community_hospital"]
    waited = (spells["service"] == beds) & (spells["requested"] != spells["started"])
    from_acute = spells["waited_at"] == replication[0].service_index["acute"]
    waited &= ~from_acute  # these are drawn in their acute bed meanwhile
    queued = events[events["event"] == "waiting for community_hospital"]
    assert len(queued) == waited.sum() > 0
    assert set(queued["event_type"]) == {"queue"}
