"""Results back from the folder of a run or comparison, with their scenarios; nothing simulated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carepath_sim.errors import CarepathError
from carepath_sim.experiment.files import MANIFEST
from carepath_sim.experiment.reading import finished_replications
from carepath_sim.experiment.results import RunResult

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario

KINDS = ("run", "comparison")
FITTED = {"fit-los": ("stays.yaml", "fits"), "fit-arrivals": ("arrivals.yaml", "arrivals")}
"""Commands that fit laws to local files: what they write into their folder, and its picture."""


class NoRunError(CarepathError):
    """A folder from which no results can be read."""


def json_of(folder: str | Path) -> dict[str, Any]:
    """Return the manifest of any folder that carepath-sim wrote; empty where there is none."""
    try:
        found: object = json.loads((Path(folder) / MANIFEST).read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return {}
    return found if isinstance(found, dict) else {}


def refuse_others(folder: str | Path) -> None:
    """Refuse folders that have a page of their own, or of which none is made, and say which.

    Raises
    ------
    NoRunError
        For the folder of a fit of numbers, of stays or of arrivals.
    """
    path = Path(folder)
    if json_of(path).get("kind") == "fit":
        page = path / "report.html"
        words = f"its page is {page}" if page.is_file() else "`calibrate --resume` writes its page"
        raise NoRunError(f"{path} holds a fit of `carepath calibrate`; {words}")
    for command, (mark, pictures) in FITTED.items():
        if (path / mark).is_file() and not (path / MANIFEST).exists():
            raise NoRunError(
                f"{path} holds what `carepath {command}` fitted, not a run: {mark} is to be pasted "
                f"into a scenario, {pictures}.png shows it, and tables are beside it"
            )


def manifest_of(folder: str | Path) -> dict[str, Any]:
    """Return the manifest of a run or comparison.

    Raises
    ------
    NoRunError
        When there is no such folder, or it holds something else or nothing finished.
    """
    path = Path(folder)
    wanted = "what is wanted is the folder that `carepath run` or `compare` wrote with --out"
    if not path.is_dir():
        what = "is a file, not a folder" if path.exists() else "is not there"
        raise NoRunError(f"{path} {what}; {wanted}")
    try:
        found: object = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoRunError(f"{path} has no {MANIFEST}; {wanted}") from None
    except (ValueError, OSError) as error:
        raise NoRunError(f"{path / MANIFEST} cannot be read: {error}") from None
    manifest: dict[str, Any] = found if isinstance(found, dict) else {}
    kind = manifest.get("kind")
    if kind not in KINDS:
        raise NoRunError(f"{path} holds {kind or 'something else'}, not a run; {wanted}")
    if not manifest.get("finished"):
        raise NoRunError(
            f"{path} holds a {kind} of which no table is written; "
            "go on with it with --resume, to its end or to Ctrl-C"
        )
    return manifest


def reopen(folder: str | Path) -> tuple[RunResult, ...]:
    """Return the results in a folder, the base first.

    Raises
    ------
    NoRunError
        When none can be read from it.
    """
    manifest = manifest_of(folder)
    labels = manifest["names"]
    trees = manifest.get("scenarios") or [manifest["scenario"]]
    try:
        done = finished_replications(Path(folder), labels)
    except Exception as error:  # noqa: BLE001 - whatever the library that reads tables raises
        raise NoRunError(f"{folder}: its tables cannot be read: {error}") from None
    if not done:
        raise NoRunError(f"{folder} holds a run of which nothing is finished")
    return tuple(
        RunResult(
            label=label,
            scenario=_scenario(tree, label, Path(folder)),
            seed=manifest["seed"],
            engine=manifest["engine"],
            done=tuple(replications[k] for replications in done.values()),
            seconds=0.0,
            common_random_numbers=manifest.get("common_random_numbers", True),
        )
        for k, (label, tree) in enumerate(zip(labels, trees, strict=True))
    )


def scenario_of(folder: str | Path, name: str | None = None) -> tuple[Scenario, int]:
    """Return a scenario that was run, and the seed of the run.

    Parameters
    ----------
    folder
        Folder of a run or comparison.
    name
        Which scenario; not needed where there is one.

    Raises
    ------
    NoRunError
        When there is none, or several and none is named.
    """
    manifest = manifest_of(folder)
    names = manifest["names"]
    if name not in names and (name is not None or len(names) > 1):
        raise NoRunError(f"{folder} holds {', '.join(names)}; name one of them")
    k = 0 if name is None else names.index(name)
    tree = (manifest.get("scenarios") or [manifest["scenario"]])[k]
    return _scenario(tree, names[k], Path(folder)), int(manifest["seed"])


def _scenario(tree: dict[str, Any], name: str, folder: Path) -> Scenario:
    from carepath_sim.scenario.loader import build
    from carepath_sim.scenario.nodes import Mark, planted

    # It was checked before it ran.
    return build(planted(tree, Mark(str(folder / MANIFEST))), name, check=False)
