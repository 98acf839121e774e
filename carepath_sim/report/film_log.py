"""The event log of a replication made ready for a film: a window of it, with states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER
from carepath_sim.experiment.events import OUTSIDE, event_log
from carepath_sim.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from carepath_sim.engine.spells import Record
    from carepath_sim.plan import Plan

BEING_CARED_FOR, WAITING, DELAYED = "being cared for", "waiting to get in", "ready, cannot leave"
BEFORE = "waiting for "
"""How the event log names the place where people wait for a service."""


def log_of(plan: Plan, record: Record, shown: Sequence[str]) -> pd.DataFrame:
    """Return who is where and in which state, as a log of moves.

    Parameters
    ----------
    plan, record
        A replication with its plan.
    shown
        Names of the services that are shown; whoever is elsewhere is out of sight.

    Returns
    -------
        Columns as of `event_log`, with the time in hours since the start of the run, and two more:
        service (empty for arrivals and departures) and state. Somebody who is out of sight for a
        while departs, and arrives as somebody new. A stay whose person is ready and does not leave
        has one more row, at the instant of being ready.
    """
    import pandas as pd

    log = pd.DataFrame(event_log(plan, record)).drop(columns="run_number")
    log = log.astype({"event": "str", "event_type": "str"})
    log["time"] /= 60
    log["place"] = log["event"].str.removeprefix(BEFORE)
    waits = log["place"] != log["event"]
    log["state"] = np.where(waits, WAITING, BEING_CARED_FOR)
    delays = _delays(plan, record).sort_values("time", kind="stable")
    # A place keeps its number while somebody waits in it.
    uses = log[~waits & log["event_type"].isin(("queue", "resource_use"))]
    columns = ["entity_id", "event", "time", "event_type", "resource_id", "place"]
    delays = pd.merge_asof(delays, uses[columns], on="time", by=["entity_id", "event"])
    log = pd.concat([log, delays.dropna(subset="event_type")], ignore_index=True)
    log = log.rename(columns={"place": "service"}).sort_values("time", kind="stable")
    seen = log["service"].isin(shown) | (log["event_type"] == "arrival_departure")
    return _by_presence(log.assign(event=log["event"].where(seen, OUTSIDE)))


def _by_presence(log: pd.DataFrame) -> pd.DataFrame:
    """Make a new person of everybody who comes back after having been out of sight."""
    import pandas as pd

    away = (log["event"] == OUTSIDE).astype(int)
    ends = (away == 1) | (log["event"] == "depart")
    # Whoever goes out of sight still belongs to the turn that ends.
    turn = away.groupby(log["entity_id"]).cumsum() - away
    moves = log["event_type"] != "arrival_departure"
    log = log.assign(who=log["entity_id"].astype(str) + "." + turn.astype(str))
    kept = log[moves & ~ends]
    left = log[ends].drop_duplicates("who")
    arrived = kept.drop_duplicates("who").assign(event="arrival")
    left = left[left["who"].isin(arrived["who"])].assign(event="depart")
    ends_of_turns = pd.concat([arrived, left]).assign(
        event_type="arrival_departure", resource_id=np.nan, service=""
    )
    # At one instant people arrive first and depart last.
    order = {"arrival": 0, "depart": 2}
    whole = pd.concat([ends_of_turns, kept], ignore_index=True)
    whole["order"] = whole["event"].map(order).fillna(1)
    whole["entity_id"] = pd.factorize(whole["who"])[0]
    whole = whole.sort_values(["time", "order"], kind="stable", ignore_index=True)
    return whole.drop(columns=["who", "order"])


def _delays(plan: Plan, record: Record) -> pd.DataFrame:
    """Stays that last longer than they need, with the instant of being ready."""
    import pandas as pd

    spells = record.spells
    left = np.where(spells["left"] == NEVER, plan.end, spells["left"])
    ready, started = spells["ready"], spells["started"]
    stays = np.array([not service.in_place for service in plan.services])
    rows = np.flatnonzero(
        (started != NEVER)
        & (ready != NEVER)
        & (ready > started)
        & (left > ready)
        & stays[spells["service"]]
    )
    names = np.array([service.name for service in plan.services], dtype=object)
    return pd.DataFrame(
        {
            "entity_id": spells["person"][rows].astype(np.int64),
            "event": pd.Series(names[spells["service"][rows]], dtype="str"),
            "time": (ready[rows] - plan.begin) / HOUR,
            "state": DELAYED,
        }
    )


def window(log: pd.DataFrame, begin: float, end: float) -> pd.DataFrame:
    """Cut a log to some hours; who is there at the beginning arrives where they are.

    Parameters
    ----------
    log
        As of `log_of`.
    begin, end
        First and last instant [h since the start of the run].

    Returns
    -------
        The same columns, with the time from 0 at the beginning.
    """
    import pandas as pd

    log = log[log["time"] <= end]
    gone = log.loc[(log["event"] == "depart") & (log["time"] < begin), "entity_id"]
    log = log[~log["entity_id"].isin(gone)]
    before = log["time"] < begin
    earlier, later = log[before], log[~before]
    moves = earlier[earlier["event_type"] != "arrival_departure"]
    standing = pd.concat(
        [
            earlier[earlier["event"] == "arrival"],
            moves.drop_duplicates("entity_id", keep="last"),
        ]
    )
    cut = pd.concat([standing.assign(time=begin), later], ignore_index=True)
    return cut.assign(time=cut["time"] - begin)


def present(log: pd.DataFrame, instant: float) -> pd.DataFrame:
    """Return the last event of everybody who is there at an instant [h]."""
    past = log[log["time"] <= instant].drop_duplicates("entity_id", keep="last")
    return past[past["event"] != "depart"]


def counts(log: pd.DataFrame, every: int, days: int) -> pd.DataFrame:
    """Count the people of each service and state, picture by picture.

    Returns
    -------
        One row a picture (index: hour), one column a (service, state).
    """
    import pandas as pd

    rows = {
        hour: present(log, hour).groupby(["service", "state"]).size()
        for hour in range(0, 24 * days + 1, every)
    }
    return pd.DataFrame(rows).T.fillna(0).astype(int)
