"""A real scheduler with two worker processes: the same results, whoever dies meanwhile."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import carepath_sim as cp
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.cluster import crew as crew_module
from carepath_sim.experiment.cluster.checks import check_cluster
from carepath_sim.experiment.cluster.connection import connect, security_of
from carepath_sim.experiment.cluster.crew import ClusterCrew
from carepath_sim.experiment.evaluate import Evaluator
from carepath_sim.experiment.paired import PairedPoints
from carepath_sim.experiment.tasks import pack
from carepath_sim.experiment.workers import WorkersDiedError
from tests.experiment.scheduler import ROOT, Scheduler, stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario

pytest.importorskip("distributed")

CAPACITY = "pools.community_beds.capacity"
BEDS = "pools.beds.capacity"
PID = "__import__('os').getpid()"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    with Scheduler(tmp_path_factory.mktemp("cluster")) as one:
        one.worker()
        one.worker()
        one.wait(2)
        yield one


@pytest.fixture(scope="module")
def short(before: Scenario) -> Scenario:
    return before.with_(clock={"length": "30 d", "warm_up": "2 d", "run_out": "0 d"})


def rows(result: RunResult) -> list[str]:
    """Return everything that the replications say but how long they took."""
    return [repr((one.replication, one.rows, one.daily, one.kept)) for one in result.done]


def test_a_run_on_two_workers_equals_one_process_bit_for_bit(
    cluster: Scheduler, short: Scenario, tmp_path: Path
) -> None:
    one = cp.run(short, replications=5, keep=["spells"], workers=1)
    two = cp.run(
        short, replications=5, keep=["spells"], cluster=cluster.address, out=tmp_path / "run"
    )
    assert rows(one) == rows(two)
    pd.testing.assert_frame_equal(one.summary(), two.summary(), check_exact=True)
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["where"] == {"cluster": cluster.address, "workers": 2}


def test_a_forecast_on_two_workers_is_the_same(cluster: Scheduler, short: Scenario) -> None:
    one = cp.forecast(short, days=3, replications=4, workers=1)
    two = cp.forecast(short, days=3, replications=4, cluster=cluster.address)
    assert (one.counts[""] == two.counts[""]).all()
    assert (one.pools == two.pools).all()


def test_a_sweep_on_two_workers_has_the_same_bytes(
    cluster: Scheduler, short: Scenario, tmp_path: Path
) -> None:
    vary = {CAPACITY: "4:7:1"}
    cp.sweep(short, vary=vary, replications=3, workers=1, out=tmp_path / "one")
    cp.sweep(short, vary=vary, replications=3, cluster=cluster.address, out=tmp_path / "two")
    files = sorted(file.name for file in (tmp_path / "one").glob("*-*.parquet"))
    assert files
    for name in (*files, "summary.csv", "design.csv"):
        one, two = ((tmp_path / part / name).read_bytes() for part in ("one", "two"))
        assert one == two, name
    manifest = json.loads((tmp_path / "two" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["where"]["cluster"] == cluster.address


def test_comparisons_and_questions_are_the_same_there(cluster: Scheduler, short: Scenario) -> None:
    other = short.set(CAPACITY, 4)
    here = cp.compare(short, other, replications=3, workers=1)
    there = cp.compare(short, other, replications=3, cluster=cluster.address)
    assert [rows(one) for one in here.results] == [rows(one) for one in there.results]
    with Evaluator(short, cluster=cluster.address) as evaluator:
        points = evaluator.results([{}, {CAPACITY: 4}], 2)
        assert [rows(one) for one in points] == [rows(one)[:2] for one in _alone(short, other)]
    with PairedPoints([short, other], ["a", "b"], cluster=cluster.address) as paired:
        assert rows(paired.results([1], 3)[0]) == rows(here.others[0])


@pytest.mark.parametrize(
    "ask",
    [
        lambda ward, **where: cp.capacity_curve(
            ward, pool="beds", capacities=[5, 6], replications=2, **where
        ),
        lambda ward, **where: cp.goal(ward, BEDS, "p_wait<=0.3", replications=2, most=2, **where),
        lambda ward, **where: cp.sensitivity(
            ward, parameters=[BEDS], measures=["occupancy[beds]"], replications=2, **where
        ),
    ],
    ids=["capacity", "goal", "sensitivity"],
)
def test_every_question_goes_there(
    cluster: Scheduler, ward: Scenario, tmp_path: Path, ask: Any
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    ask(ward, workers=1, out=here)
    ask(ward, cluster=cluster.address, out=there)
    for file in here.glob("*.csv"):
        assert file.read_bytes() == (there / file.name).read_bytes(), file.name
    said = [json.loads((one / "manifest.json").read_text("utf-8")) for one in (here, there)]
    assert [one["where"] for one in said] == [
        {"workers": 1},
        {"cluster": cluster.address, "workers": 2},
    ]


def _alone(*scenarios: Scenario) -> list[RunResult]:
    return [cp.run(one, replications=2, workers=1) for one in scenarios]


def test_equal_tasks_are_done_each_and_by_both(cluster: Scheduler) -> None:
    found: dict[int, int] = {}
    with ClusterCrew(cluster.address, []) as crew:
        crew.work(eval, [f"__import__('time').sleep(0.05) or {PID}"] * 12, found.__setitem__)
    assert sorted(found) == list(range(12))
    assert len(set(found.values())) == 2


def test_a_worker_keeps_to_its_group(cluster: Scheduler) -> None:
    """What all tasks of a point need is compiled once."""
    found: dict[int, int] = {}
    tasks = [f"__import__('time').sleep(0.02) or {PID}"] * 16
    with ClusterCrew(cluster.address, []) as crew:
        crew.work(eval, tasks, found.__setitem__, group=lambda position: position // 8)
    first, second = ({found[k] for k in range(8)}, {found[k] for k in range(8, 16)})
    assert min(len(first), len(second)) == 1


def test_an_error_of_a_task_is_the_error_of_the_whole_and_the_good_is_kept(
    cluster: Scheduler,
) -> None:
    found: dict[int, float] = {}
    with ClusterCrew(cluster.address, []) as crew:
        with pytest.raises(ValueError, match=r"math domain|nonnegative"):
            crew.work(math.sqrt, [4, -1], found.__setitem__)
        assert found.get(0, 2.0) == 2.0
        # The crew goes on, and nothing of the last list turns up.
        again: dict[int, float] = {}
        crew.work(math.sqrt, [9, 16, 25], again.__setitem__)
        assert again == {0: 3.0, 1: 4.0, 2: 5.0}


def test_an_interruption_leaves_the_cluster_as_it_was(
    cluster: Scheduler, short: Scenario, tmp_path: Path
) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match=r"of 6 .* --resume goes on"):
        cp.run(
            short, replications=6, cluster=cluster.address, out=tmp_path, progress=interrupt
        )  # fmt: skip
    there = cp.run(short, replications=6, cluster=cluster.address, out=tmp_path, resume=True)
    assert rows(there) == rows(cp.run(short, replications=6, workers=1))


def test_a_worker_that_is_killed_costs_its_task_only(cluster: Scheduler) -> None:
    third = cluster.worker()
    cluster.wait(3)
    found: dict[int, int] = {}
    tasks = [f"__import__('time').sleep(0.05) or ({PID}, {k})" for k in range(40)]

    def done(position: int, result: Any) -> None:
        assert position not in found
        assert result[1] == position
        found[position] = result[0]
        if result[0] == third.pid and third.poll() is None:
            stop(third)

    with ClusterCrew(cluster.address, []) as crew:
        crew.work(eval, tasks, done)
        assert crew.where()["workers"] == 3
    assert sorted(found) == list(range(40))
    assert third.pid in found.values()
    assert len(set(found.values())) == 3
    cluster.wait(2)


def test_a_result_that_is_lost_on_its_way_is_asked_for_again(
    cluster: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask's executor never ends a future whose result could not be fetched."""
    import distributed.client
    from distributed.comm import CommClosedError

    monkeypatch.setattr(crew_module, "ON_ITS_WAY", 0.5)
    monkeypatch.setattr(crew_module, "LOOK", 0.2)
    real, lost = distributed.client.retry_operation, []

    async def once(asked: Any, *given: Any, **options: Any) -> Any:
        if not lost and "keys" in options:
            lost.append(1)
            raise CommClosedError("the line was cut")
        return await real(asked, *given, **options)

    monkeypatch.setattr(distributed.client, "retry_operation", once)
    found: dict[int, float] = {}
    with ClusterCrew(cluster.address, []) as crew:
        crew.work(math.sqrt, [4, 9, 16], found.__setitem__)
    assert lost
    assert found == {0: 2.0, 1: 3.0, 2: 4.0}


def test_a_newcomer_is_given_work(cluster: Scheduler) -> None:
    found: dict[int, int] = {}
    third = None

    def done(position: int, result: int) -> None:
        nonlocal third
        found[position] = result
        if third is None:
            third = cluster.worker()
            cluster.wait(3)

    with ClusterCrew(cluster.address, []) as crew:
        crew.work(eval, [f"__import__('time').sleep(0.2) or {PID}"] * 60, done)
    assert third is not None
    assert third.pid in found.values()
    stop(third)
    cluster.wait(2)


# What is refused before anything runs.


def test_other_sources_and_threads_of_a_worker_are_refused_and_all_problems_told(
    cluster: Scheduler, short: Scenario, tmp_path: Path
) -> None:
    root = tmp_path / "other"
    shutil.copytree(
        ROOT / "carepath_sim", root / "carepath_sim", ignore=shutil.ignore_patterns("__pycache__")
    )
    with (root / "carepath_sim" / "measures" / "__init__.py").open("a") as file:
        file.write("# Another version.\n")
    third = cluster.worker("--nthreads", 3, root=root)
    cluster.wait(3)
    try:
        with pytest.raises(cp.ClusterError) as caught:
            cp.run(short, replications=1, cluster=cluster.address, out=tmp_path / "out")
        assert "3 threads; start workers with --nthreads 1" in str(caught.value)
        assert "sources " in str(caught.value)
        assert "here" in str(caught.value)
        assert not (tmp_path / "out").exists()
    finally:
        stop(third)
        cluster.wait(2)


def test_another_version_of_a_library_or_scenario_is_refused(
    cluster: Scheduler, short: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    from carepath_sim.experiment.cluster import checks

    real = checks.introduce
    connection = connect(cluster.address)
    try:
        assert len(check_cluster(connection, [pack(short)])) == 2

        def another(scenarios: Any = ()) -> dict[str, str]:
            said = dict(real(scenarios))
            said["numpy"] = "1.0"
            if scenarios:
                said["scenario 1"] = "0" * 16
            return said

        class Elsewhere:
            """The cluster runs what is really there; only this side says something else."""

            address = connection.address

            class client:  # noqa: N801 - in the place of an object
                nthreads = connection.client.nthreads
                get_versions = connection.client.get_versions

                @staticmethod
                def run_on_scheduler(_function: Any) -> Any:
                    return connection.client.run_on_scheduler(real)

                @staticmethod
                def run(_function: Any, *given: Any, **options: Any) -> Any:
                    return connection.client.run(real, *given, **options)

        monkeypatch.setattr(checks, "introduce", another)
        with pytest.raises(cp.ClusterError) as caught:
            check_cluster(Elsewhere, [pack(short)])  # type: ignore[arg-type]
        said = str(caught.value)
        assert "numpy" in said
        assert "1.0 here" in said
        assert "scenario 1" in said
        # Two workers with the same problem are told once.
        assert said.count("scenario 1") == 1
        assert "and 1 more" in said
    finally:
        connection.close()


def test_a_client_of_dask_is_a_cluster_too_and_stays_open(
    cluster: Scheduler, short: Scenario
) -> None:
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        there = cp.run(short, replications=1, cluster=client)
        assert client.status == "running"
    assert rows(there) == rows(cp.run(short, replications=1, workers=1))


def certificates(folder: Path) -> dict[str, str]:
    """Return an authority, and a certificate of it with its key, as files in a folder."""
    files = {name: str(folder / f"{name}.pem") for name in ("ca_file", "ca_key", "cert", "key")}
    days = ["-days", "2"]
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout"]
    authority = [*new, files["ca_key"], "-x509", "-subj", "/CN=Authority", *days]
    asked = [*new, files["key"], "-subj", "/CN=localhost", "-out", str(folder / "asked.pem")]
    signed = ["openssl", "x509", "-req", "-in", str(folder / "asked.pem"), *days]
    signed += ["-CA", files["ca_file"], "-CAkey", files["ca_key"], "-set_serial", "1"]
    for command in (
        [*authority, "-out", files["ca_file"]],
        asked,
        [*signed, "-out", files["cert"]],
    ):
        subprocess.run(command, check=True, capture_output=True)
    del files["ca_key"]
    return files


@pytest.mark.skipif(not os.environ.get("CAREPATH_NIGHTLY"), reason="makes keys and a cluster")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificates with openssl")
def test_a_cluster_with_certificates(short: Scenario, tmp_path: Path) -> None:
    files = certificates(tmp_path)
    options = [f"--tls-{name.replace('_', '-')}={file}" for name, file in files.items()]
    mine = cp.Cluster("tls://unknown:1", **files)
    with Scheduler(tmp_path, options=options, scheme="tls") as one:
        one.worker()
        mine = replace(mine, address=one.address)
        one.wait(1, security_of(mine))
        there = cp.run(short, replications=2, cluster=mine)
        other = tmp_path / "other"
        other.mkdir()
        for stranger in (
            cp.Cluster(one.address, **certificates(other)),
            f"tcp://{one.address[6:]}",
        ):
            with pytest.raises(cp.ClusterError, match="not as a scheduler should"):
                cp.run(short, replications=2, cluster=stranger)
    assert rows(there) == rows(cp.run(short, replications=2, workers=1))


def test_workers_and_a_cluster_contradict_each_other(short: Scenario) -> None:
    with pytest.raises(OptionError, match="not both"):
        cp.run(short, workers=2, cluster="tcp://127.0.0.1:1")


# A scheduler that allows no death of a worker, and dies itself in the end.


@pytest.fixture(scope="module")
def doomed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    strict = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with Scheduler(tmp_path_factory.mktemp("doomed"), strict) as one:
        one.worker()
        one.worker()
        one.wait(2)
        yield one


def test_a_task_that_always_kills_its_worker_is_told(doomed: Scheduler) -> None:
    with ClusterCrew(doomed.address, []) as crew, pytest.raises(WorkersDiedError, match="memory"):
        crew.work(os._exit, [1], {}.__setitem__)
    doomed.wait(1)


def test_a_dead_scheduler_ends_a_sweep_that_can_be_gone_on_with(
    doomed: Scheduler, short: Scenario, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def kill(done: int, _total: int) -> None:
        if done == 3 and doomed.scheduler.poll() is None:
            stop(doomed.scheduler)

    vary = {CAPACITY: "4:7:1"}
    with pytest.raises(cp.ClusterLostError) as caught:
        cp.sweep(
            short, vary=vary, replications=6, cluster=doomed.address, out=tmp_path / "two",
            progress=kill,
        )  # fmt: skip
    assert f"the scheduler at {doomed.address} is gone" in str(caught.value)
    assert "of 24 replications are kept" in str(caught.value)
    assert "--resume" in str(caught.value)
    # One sentence, not what Dask says in a hundred lines.
    assert "Traceback" not in capfd.readouterr().err
    seen: list[int] = []
    cp.sweep(
        short, replications=6, workers=1, out=tmp_path / "two", resume=True,
        progress=lambda done, _total: seen.append(done),
    )  # fmt: skip
    assert seen[0] >= 3, "nothing finished is done again"
    cp.sweep(short, vary=vary, replications=6, workers=1, out=tmp_path / "one")
    for file in sorted((tmp_path / "one").glob("*-*.parquet")):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_where_no_scheduler_is_any_more_is_told(doomed: Scheduler, short: Scenario) -> None:
    if doomed.scheduler.poll() is None:
        doomed.scheduler.send_signal(signal.SIGKILL)
        doomed.scheduler.wait()
    with pytest.raises(cp.ClusterError, match="is a scheduler running there"):
        cp.run(short, replications=1, cluster=doomed.address)
