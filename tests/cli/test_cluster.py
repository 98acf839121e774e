"""`--cluster`: what is wrong with an address, its certificates, or a cluster is told at once."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from carepath_sim.cli.app import ANSWER_IS_NO, WRONG_INPUT, code_of
from carepath_sim.experiment.cluster.address import Cluster
from carepath_sim.experiment.cluster.errors import ClusterError, ClusterLostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typer.testing import Result


TESTS = Path(__file__).parents[1]
RANGES = TESTS / "experiment" / "scenarios" / "ranges.yaml"
CLERK = TESTS / "calibrate" / "clerk"


@pytest.fixture
def nobody() -> Iterator[str]:
    """Return an address where nobody listens: a port that is taken, but not listened at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        yield f"tcp://127.0.0.1:{one.getsockname()[1]}"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--cluster", "localhost:8786"], "did you mean tcp://localhost:8786?"),
        (["--cluster", "http://x:1"], "cannot be reached by http://"),
        (["--cluster", "tcp://:1"], "is no host and port"),
        (["--cluster", "tcp://x:port"], "is no host and port"),
        (["--cluster", "nothing.json"], "is not a file that a Dask scheduler has written"),
        (["--cluster", "tcp://x:1", "--tls-cert", "a.pem"], "are for a tls:// address"),
        (["--cluster", "tls://localhost:1"], "--tls-ca-file FILE.pem is missing"),
        (["--tls-key", "a.pem"], "add --cluster"),
        (["--cluster", "tcp://127.0.0.1:1", "-w", "2"], "not both"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told(
    carepath: Callable[..., Result], before: str, options: list[str], words: str
) -> None:
    said = carepath("run", before, "-r", 1, *options, code=2)
    assert words in " ".join(said.output.split())


def test_certificates_that_are_not_there_are_told_all_at_once(
    carepath: Callable[..., Result], before: str
) -> None:
    said = carepath(
        "run", before, "--cluster", "tls://127.0.0.1:1", "--tls-ca-file", "ca.pem",
        "--tls-cert", "mine.pem", "--tls-key", "key.pem", code=2,
    ).output  # fmt: skip
    for words in (
        "--tls-ca-file: there is no file ca.pem",
        "--tls-cert: there",
        "--tls-key: there",
    ):
        assert words in said


def test_nobody_there_is_told_and_nothing_is_left(
    carepath: Callable[..., Result], before: str, nobody: str, tmp_path: Path
) -> None:
    vary = ("--vary", "pools.community_beds.capacity=2:4:1")
    pool = ("--pool", "community_beds")
    streams = ("--streams", "step_up,step_down", "--splits", "2,4")
    lever = ("--lever", "pools.community_beds.capacity", "--target", "p_wait<=0.05")
    for command in (
        ("run", before),
        ("run", RANGES, "--ranges"),
        ("compare", before, before),
        ("sweep", before, *vary),
        ("capacity", before, *pool, "--from", 2, "--to", 4),
        ("bedmix", before, *pool, *streams),
        ("goal", before, *lever),
        ("sensitivity", RANGES),
        ("calibrate", CLERK),
    ):
        out = tmp_path / command[0]
        said = carepath(*command, "--cluster", nobody, "--out", out, code=2)
        assert "is a scheduler running there?" in " ".join(said.output.split())
        # A folder is not taken, or is let go: the same again needs no --resume.
        assert not out.exists() or not list(out.iterdir())


def test_a_lost_cluster_is_no_wrong_input() -> None:
    assert code_of(ClusterLostError("gone")) == ANSWER_IS_NO
    assert code_of(ClusterError("old")) == WRONG_INPUT


def test_an_address_that_anybody_could_use_is_warned_of() -> None:
    assert Cluster("tcp://127.0.0.1:8786").notice() == ""
    assert Cluster("tcp://localhost").host_and_port() == ("localhost", 8786)
    assert Cluster("tls://scheduler.example:8786").notice() == ""
    assert "use tls://" in Cluster("tcp://scheduler.example:8786").notice()


def test_the_file_of_a_scheduler_is_an_address(tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    file.write_text('{"address": "tcp://10.0.0.1:40000"}', encoding="utf-8")
    assert Cluster(str(file)).found().address == "tcp://10.0.0.1:40000"
