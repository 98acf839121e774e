"""Ten people click at once: nobody's run is lost, mixed up, or left running."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from carepath_sim.experiment.batch import OptionError
from carepath_sim.web.desk import Desk, FullError
from carepath_sim.web.limits import Limits
from carepath_sim.web.request import Request, Way
from tests.web.conftest import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable


def gone(pid: int) -> bool:
    """Tell whether a process has ended (a zombie has)."""
    for _ in range(100):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return True
        if stat.rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_ten_people_get_what_each_of_them_asked_for(
    asked: Callable[..., Request], until: Callable[..., object]
) -> None:
    desk = Desk(Limits(workers=1, slots=2, papers=False))
    # Three questions, of which one is everybody else's.
    seeds = [1, 2, 3, 1, 1, 1, 1, 1, 1, 1]
    people = [f"person {k}" for k in range(10)]
    keys = [desk.hand_in(who, asked(seed)) for who, seed in zip(people, seeds, strict=True)]
    assert len(set(keys)) == 3
    found = {}
    for who, key, seed in zip(people, keys, seeds, strict=True):
        look = until(desk, who, key)
        assert look.state == "done", look
        outcome = desk.outcome(key)
        assert outcome.request == asked(seed)
        found[seed] = outcome.one("emergency_admissions").values.tolist()
    # Other luck, other figures: nobody has those of another.
    assert len({str(values) for values in found.values()}) == 3
    pids = [job.process.pid for job in desk._jobs.values()]
    desk.close()
    assert all(gone(pid) for pid in pids)


def test_run_goes_on_while_anybody_waits_for_it(
    desk: Desk, asked: Callable[..., Request], until: Callable[..., object]
) -> None:
    request = asked()
    key = desk.hand_in("one", request)
    assert desk.hand_in("two", request) == key
    desk.cancel("one", key)
    assert desk.look("one", key).state == "ended"
    assert until(desk, "two", key).state == "done"


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="processes are looked up in /proc")
def test_cancelled_run_leaves_no_process(desk: Desk, asked: Callable[..., Request]) -> None:
    key = desk.hand_in("one", asked(replications=48))
    while (job := desk._jobs[key]).process is None:
        time.sleep(0.02)
    desk.cancel("one", key)
    assert desk.look("one", key).state == "ended"
    assert gone(job.process.pid)


def test_run_of_somebody_who_has_gone_is_ended(asked: Callable[..., Request]) -> None:
    desk = Desk(Limits(workers=1, silence=0.3))
    key = desk.hand_in("one", asked(replications=48))
    ends = time.monotonic() + 20
    while desk._jobs[key].state in {"waiting", "working"}:
        assert time.monotonic() < ends
        time.sleep(0.05)
    assert desk._jobs[key].state == "ended"
    desk.close()


def test_run_that_takes_too_long_is_ended(asked: Callable[..., Request]) -> None:
    desk = Desk(Limits(workers=1, minutes=0.005))
    key = desk.hand_in("one", asked(replications=48))
    ends = time.monotonic() + 20
    while (look := desk.look("one", key)).state in {"waiting", "working"}:
        assert time.monotonic() < ends
        time.sleep(0.05)
    assert look.state == "failed"
    assert "more than 0.005 minutes" in look.words
    desk.close()


def test_queue_is_bounded_and_a_new_question_gives_up_the_old_one(
    asked: Callable[..., Request],
) -> None:
    desk = Desk(Limits(workers=1, waiting=2, slots=0))
    first = desk.hand_in("one", asked(1))
    desk.hand_in("two", asked(2))
    with pytest.raises(FullError, match="2 runs wait already"):
        desk.hand_in("three", asked(3))
    assert desk.look("two", first).ahead == 0
    second = desk.hand_in("one", asked(4))
    assert desk.look("one", first).state == "ended"
    assert desk.look("one", second).ahead == 1
    desk.close()


def test_more_than_anybody_may_ask_for_is_refused(desk: Desk) -> None:
    ways = tuple(Way(str(k)) for k in range(5))
    with pytest.raises(OptionError, match="1 to 4 ways, not 5"):
        desk.hand_in("one", Request(SMALL, ways))
    with pytest.raises(OptionError, match="2 to 48 replications, not 49"):
        desk.hand_in("one", Request(SMALL, ways[:1], replications=49))
    with pytest.raises(OptionError, match="at most 2000 places"):
        desk.hand_in("one", Request(SMALL, ways[:1], capacities=(1, 2_001)))


def test_what_is_wrong_with_a_request_is_told(desk: Desk, until: Callable[..., object]) -> None:
    way = Way("Nonsense", (("pools.community_beds.capacity", -3),))
    key = desk.hand_in("one", Request(SMALL, (Way("As written"), way)))
    look = until(desk, "one", key)
    assert look.state == "failed"
    assert "capacity" in look.words


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="processes are looked up in /proc")
def test_runs_end_with_the_server_however_it_ends() -> None:
    """A server that is killed cannot clear up: its runs see that and end by themselves."""
    script = f"""
import time
from carepath_sim.web.desk import Desk
from carepath_sim.web.limits import Limits
from carepath_sim.web.request import Request, Way
desk = Desk(Limits(workers=1))
key = desk.hand_in("one", Request({SMALL!r}, (Way("As written"),), replications=48))
while desk._jobs[key].process is None: time.sleep(0.02)
print(desk._jobs[key].process.pid, desk._folder, flush=True)
time.sleep(60)
"""
    server = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    pid, folder = server.stdout.readline().split()
    server.kill()
    server.wait()
    assert gone(int(pid))
    shutil.rmtree(folder, ignore_errors=True)
