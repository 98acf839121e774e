"""Where a cluster is, and how it is trusted."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from carepath_sim.experiment.cluster.errors import ClusterError

# Where a scheduler of Dask listens unless told otherwise.
PORT = 8786

CERTIFICATES = {"ca_file": "--tls-ca-file", "cert": "--tls-cert", "key": "--tls-key"}


@dataclass(frozen=True)
class Cluster:
    """An existing Dask cluster.

    Attributes
    ----------
    address
        Of the scheduler: ``tcp://127.0.0.1:8786``, ``tls://scheduler.trust.nhs.uk:8786``, or the
        file that a scheduler writes with ``--scheduler-file``.
    ca_file, cert, key
        Files of the certificates of a ``tls://`` address, in PEM format: the authority that both
        sides trust, the certificate shown by this side, and its key, which may stand in the same
        file as the certificate. What is not given comes from Dask's own configuration.

    Raises
    ------
    ClusterError
        If that is no address, or certificates are given for one that uses none.
    """

    address: str
    ca_file: str | Path | None = None
    cert: str | Path | None = None
    key: str | Path | None = None

    def __post_init__(self) -> None:
        if self.is_file:
            return
        given = [option for field, option in CERTIFICATES.items() if getattr(self, field)]
        _check(self.address)
        if given and not self.address.startswith("tls://"):
            raise ClusterError(
                f"certificates ({', '.join(given)}) are for a tls:// address, not {self.address}"
            )

    @property
    def is_file(self) -> bool:
        """Whether the address stands in a file that the scheduler has written."""
        return self.address.endswith(".json") and "://" not in self.address

    def found(self) -> Cluster:
        """Return the cluster with the address that stands in its file, if it is one.

        Raises
        ------
        ClusterError
            If the file cannot be read, or holds no address.
        """
        if not self.is_file:
            return self
        try:
            address = json.loads(Path(self.address).read_text(encoding="utf-8"))["address"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ClusterError(
                f"{self.address} is not a file that a Dask scheduler has written "
                f"(--scheduler-file): {error}"
            ) from None
        return Cluster(str(address), self.ca_file, self.cert, self.key)

    def host_and_port(self) -> tuple[str, int]:
        """Return where the scheduler listens."""
        parts = urlsplit(self.address)
        return parts.hostname or "", parts.port or PORT

    def notice(self) -> str:
        """Return what a user should know of the address; mostly nothing."""
        host, _ = self.host_and_port()
        if self.is_file or self.address.startswith("tls://") or _is_loopback(host):
            return ""
        return (
            f"{self.address} is neither encrypted nor does it ask who calls: whoever reaches a "
            "port of this cluster can run programs there; use tls:// beyond your own machine"
        )


def _check(address: str) -> None:
    """Refuse what is no address."""
    accepted = "accepted: tcp://HOST:PORT, tls://HOST:PORT, or a scheduler's file.json"
    scheme, between, rest = address.partition("://")
    if not between:
        hint = f"; did you mean tcp://{address}?" if address else ""
        raise ClusterError(f"{address!r} is no address of a cluster{hint} {accepted}")
    if scheme not in {"tcp", "tls"}:
        raise ClusterError(f"a cluster cannot be reached by {scheme}://; {accepted}")
    try:
        parts = urlsplit(address)
        valid = bool(parts.hostname) and (parts.port or PORT) and not parts.path.strip("/")
    except ValueError:
        valid = False
    if not valid:
        raise ClusterError(f"{rest!r} is no host and port; {accepted}")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
