"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from carepath_sim.experiment.cluster.address import Cluster as ClusterAddress

ScenarioName = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="Name of a bundled scenario, or a YAML file.")
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change a field: `--set pools.community_beds.capacity=140`. May be repeated.",
    ),
]
Replications = Annotated[
    int,
    typer.Option(
        "--replications",
        "-r",
        min=1,
        help="How often to simulate, with other luck; with `--precision` to begin with.",
    ),
]
ReplicationsOrKept = Annotated[
    int | None,
    typer.Option(
        "--replications",
        "-r",
        min=1,
        show_default="10; with --resume as many as the folder was begun with",
        help="How often to simulate, with other luck; with `--precision` to begin with.",
    ),
]
Precision = Annotated[
    list[str] | None,
    typer.Option(
        "--precision",
        metavar="FIGURE=SIZE",
        help="Add replications until half the 95 % interval is no longer: `admissions=1%` (of the "
        "mean), `p_wait[community_beds]=2pp`, `delayed_days=50`. May be repeated.",
    ),
]
MaxReplications = Annotated[
    int,
    typer.Option(
        "--max-replications", min=1, help="With `--precision`: where to end, reached or not."
    ),
]
Seed = Annotated[
    int,
    typer.Option("--seed", "-s", min=0, help="Start of all luck; the same seed, the same results."),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        help="What simulates: compiled, or simpy, which defines the meaning and is some ten times "
        "slower. Results are the same, bit for bit.",
    ),
]
DEFAULT_ENGINE = "compiled"  # as in `carepath_sim.engine`, which takes long to load
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", "-w", min=1, help="Processes at work at once; default one a processor."
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Work on an existing Dask cluster in the place of processes of this machine: "
        "`tcp://HOST:PORT`, `tls://HOST:PORT`, or the file that its scheduler has written.",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        "--tls-ca-file",
        metavar="FILE.pem",
        help="For `tls://`: the authority whose certificates are trusted.",
    ),
]
Cert = Annotated[
    Path | None,
    typer.Option("--tls-cert", metavar="FILE.pem", help="For `tls://`: the certificate to show."),
]
Key = Annotated[
    Path | None,
    typer.Option(
        "--tls-key",
        metavar="FILE.pem",
        help="For `tls://`: the key of the certificate, if it is not in the same file.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="DIR",
        help="Folder for the tables: `summary.csv` has every measure; for more see `--keep`.",
    ),
]


def folder(said: str) -> Any:
    """Return the option `--out` of a command that writes tables of its own."""
    return typer.Option("--out", "-o", metavar="DIR", help=said)


Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Go on with what is in `--out`, after anything: only what is missing is done.",
    ),
]
Keep = Annotated[
    str,
    typer.Option(
        "--keep",
        metavar="TABLES",
        help="Large tables to write to `--out` as well: spells, people, episodes, changes, events, "
        "audit; separated by commas.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the results as JSON, nothing else.")]


def cluster_of(
    address: str | None, ca_file: Path | None, cert: Path | None, key: Path | None
) -> ClusterAddress | None:
    """Return the cluster that options name, if they do, and say what should be known of it."""
    from carepath_sim.cli.output import complain
    from carepath_sim.experiment.cluster.address import CERTIFICATES, Cluster
    from carepath_sim.experiment.cluster.errors import ClusterError

    if address is None:
        values = zip(CERTIFICATES.values(), (ca_file, cert, key), strict=True)
        given = [option for option, value in values if value is not None]
        if given:
            raise ClusterError(f"{', '.join(given)}: certificates of which cluster? add --cluster")
        return None
    cluster = Cluster(address, ca_file, cert, key)
    if notice := cluster.notice():
        complain(notice)
    return cluster


def refuse_without_folder(out: Path | None, *, keep: str, resume: bool) -> None:
    """Refuse options that say something of a folder when none is given."""
    from carepath_sim.errors import CarepathError

    if out is None and (keep or resume):
        raise CarepathError(f"{'--keep' if keep else '--resume'} needs a folder: add --out DIR")


def tell_more(out: Path | None, replications: int | None, *, resume: bool) -> None:
    """Say that more replications are asked for than a folder was begun with."""
    from carepath_sim.cli.output import complain
    from carepath_sim.experiment.begun import there

    kept = there(out) if resume else None
    if kept is not None and replications is not None and replications > kept:
        complain(f"{out}: {kept} replications there, {replications} asked for")


def names(text: str) -> tuple[str, ...]:
    """Return the names in a list with commas.

    >>> names("spells, people")
    ('spells', 'people')
    """
    return tuple(name.strip() for name in text.split(",") if name.strip())
