"""Reaching the scheduler of a cluster: soon, or with a sentence that says why not."""

from __future__ import annotations

import logging
import socket
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from carepath_sim.experiment.cluster.address import CERTIFICATES, Cluster
from carepath_sim.experiment.cluster.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Iterator

# An address, a `Cluster`, or what Dask has of its own: a Client, a LocalCluster, a SLURMCluster.
Given: TypeAlias = str | Cluster | Any

# For how long [s] a scheduler is waited for.
PATIENCE = 5

# What Dask tells a log at the end of a cluster; here it becomes one sentence.
LOGGERS = (
    "distributed.client",
    "distributed.core",
    "distributed.comm.tcp",
    "distributed.batched",
    "tornado.application",
)


@dataclass(eq=False)
class Connection:
    """A client of a cluster.

    Attributes
    ----------
    client
        Dask's client.
    address
        Of the scheduler.
    is_own
        Whether it was made here, and is to be closed here.
    line
        The line to the scheduler as it was at the beginning.
    """

    client: Any
    address: str
    is_own: bool
    line: Any = None

    def __post_init__(self) -> None:
        self.line = self.client.scheduler_comm

    @property
    def is_alive(self) -> bool:
        """Whether the scheduler is there, as far as this side knows.

        A client that has lost its scheduler looks for a new one at the same address, which would
        know nothing of what was asked before; so would the old one, which forgets whoever hangs up.
        """
        return bool(self.client.status == "running" and self.client.scheduler_comm is self.line)

    def close(self) -> None:
        """Let the cluster go; it stays as it was found."""
        if self.is_own:
            with quiet(), suppress(Exception):
                self.client.close(timeout=2)


def connect(given: Given) -> Connection:
    """Connect to a cluster.

    Raises
    ------
    ClusterError
        If that is not possible; the message says why.
    """
    if find_spec("distributed") is None:
        raise ClusterError("a cluster needs Dask: pip install -e '.[cluster]'")
    if isinstance(given, str):
        given = Cluster(given)
    if isinstance(given, Cluster):
        return _reached(given.found())
    from distributed import Client

    if isinstance(given, Client):
        if given.status != "running" or given.asynchronous:
            raise ClusterError(f"a Dask client at work is needed, not one that is {given.status}")
        return Connection(given, str(given.scheduler_info()["address"]), is_own=False)
    if not hasattr(given, "scheduler_address"):
        raise ClusterError(
            "a cluster is an address such as tcp://127.0.0.1:8786, a Cluster, or a client or "
            f"cluster of Dask, not {given!r:.100}"
        )
    security = getattr(given, "security", None)
    return _client(str(given.scheduler_address), security)


def _reached(cluster: Cluster) -> Connection:
    security = security_of(cluster) if cluster.address.startswith("tls://") else None
    host, port = cluster.host_and_port()
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except socket.gaierror:
        raise ClusterError(f"{cluster.address}: there is no host {host!r}") from None
    except TimeoutError:
        raise ClusterError(
            f"{cluster.address}: no answer within {PATIENCE} s; is there a firewall between?"
        ) from None
    except OSError as error:
        raise ClusterError(
            f"{cluster.address}: {error.strerror or error}; is a scheduler running there? "
            f"`dask scheduler --host {host} --port {port}` starts one"
        ) from None
    return _client(cluster.address, security)


def _client(address: str, security: Any) -> Connection:
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    kind = address.partition("://")[0]
    try:
        with quiet(), warnings.catch_warnings():
            # Versions are compared right away, and in plainer words.
            warnings.simplefilter("ignore", VersionMismatchWarning)
            client: Any = Client(  # type: ignore[no-untyped-call]
                address,
                timeout=PATIENCE,
                security=security,
                set_as_default=False,
                name="carepath-sim",
            )
    except (OSError, TypeError, ValueError, RuntimeError) as error:
        other = (
            "does it show a certificate of the same authority?"
            if kind == "tls"
            else "is it a Dask scheduler, and does it not want certificates (tls://)?"
        )
        cause = str(error.__cause__ or error).splitlines()
        why = f" ({cause[0]:.200})" if cause else ""
        raise ClusterError(
            f"{address}: something answers, but not as a scheduler should; {other}{why}"
        ) from None
    return Connection(client, address, is_own=True)


def security_of(cluster: Cluster) -> Any:
    """Return Dask's record of certificates, each of which is there.

    Raises
    ------
    ClusterError
        If one is missing.
    """
    from distributed.security import Security

    given = {"tls_ca_file": cluster.ca_file, "tls_client_cert": cluster.cert}
    given["tls_client_key"] = cluster.key
    try:
        security: Any = Security(  # type: ignore[no-untyped-call]
            require_encryption=True,
            **{name: str(value) for name, value in given.items() if value is not None},
        )
    except (ValueError, TypeError, ImportError) as error:
        raise ClusterError(f"{cluster.address}: {error}") from None
    there = {
        "ca_file": security.tls_ca_file,
        "cert": security.tls_client_cert,
        "key": security.tls_client_key,
    }
    problems = []
    for field, option in CERTIFICATES.items():
        value = there[field]
        if value is None:
            # A key may stand in the file of its certificate.
            if field != "key":
                problems.append(f"{option} FILE.pem is missing ({_setting(field)} would do, too)")
        elif "\n" not in value and not Path(value).is_file():
            problems.append(f"{option}: there is no file {value}")
    if problems:
        raise ClusterError(f"{cluster.address} needs certificates:\n  " + "\n  ".join(problems))
    return security


def _setting(field: str) -> str:
    end = "CA_FILE" if field == "ca_file" else f"CLIENT__{field.upper()}"
    return f"DASK_DISTRIBUTED__COMM__TLS__{end}"


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Dask from telling at length what is said here in a sentence."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)
