"""The folder of a forecast: futures in a journal from the moment they are finished, then tables."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from carepath_sim.calibrate.forecast_work import decode
from carepath_sim.experiment.files import MANIFEST, STORE, FolderInUseError
from carepath_sim.experiment.identity import identity
from carepath_sim.experiment.store.folder import (
    Identity,
    differences_from,
    read_manifest,
    refuse,
    told_if_full,
)
from carepath_sim.experiment.store.journal import Journal
from carepath_sim.experiment.store.parts import sync_folder
from carepath_sim.experiment.writing import whole, write_csv, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from carepath_sim.calibrate.census import CensusImport
    from carepath_sim.calibrate.forecast import Forecast
    from carepath_sim.calibrate.forecast_work import Counted
    from carepath_sim.experiment.posterior import Posterior
    from carepath_sim.experiment.store.encoding import Made
    from carepath_sim.scenario.model import Scenario

KIND: Final = "forecast"


def asked_of(
    ahead: Scenario,
    by: Sequence[str],
    drawn: Posterior | None,
    replications: int,
    seed: int,
    engine: str,
) -> Identity:
    """Return what two forecasts must share to be one."""
    options: dict[str, Any] = {"by": list(by)}
    if drawn is not None:
        # Draws are taken for so many futures: with more, each has others.
        options |= {
            "uncertain": drawn.source,
            "draws": hashlib.sha256(drawn.draws.tobytes()).hexdigest(),
            "replications": replications,
        }
    one = identity(ahead, ahead.name, seed, engine)
    return Identity(one.label, one.resolved, one.fixed, KIND, options)


@dataclass
class ForecastFolder:
    """A folder that belongs to one forecast.

    Attributes
    ----------
    path
        The folder.
    journal
        Where futures are, and stay.
    asked
        What was asked.
    fresh
        Whether there was nothing before.
    where
        Where the work is done, for the manifest.
    """

    path: Path
    journal: Journal
    asked: Identity
    fresh: bool
    earlier: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def claim(cls, out: str | Path, asked: Identity, *, resume: bool) -> ForecastFolder:
        """Take a folder for a forecast, before any work is done.

        Raises
        ------
        FolderInUseError
            When it holds something else, a forecast that differs, or the same one and `resume` is
            not asked for.
        StoreInUseError
            When another process works on it.
        """
        path = Path(out)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise FolderInUseError(f"{path} is a file, not a folder") from None
        if not (path / MANIFEST).exists():
            strangers = sorted(one.name for one in path.iterdir() if not one.name.startswith("."))
            if strangers and strangers != [STORE]:
                raise FolderInUseError(
                    f"{path} is not empty (it holds {strangers[0]}); name another folder"
                )
        else:
            _refuse_what_differs(path, asked, resume=resume)
        with told_if_full(path):
            journal = Journal(path / STORE)
        try:
            # Another process may have written it, and ended, since it was looked for.
            if (path / MANIFEST).exists():
                earlier = _refuse_what_differs(path, asked, resume=resume)
                return cls(path, journal, asked, fresh=False, earlier=earlier)
            folder = cls(path, journal, asked, fresh=True)
            with told_if_full(path):
                write_json(path / MANIFEST, folder._head(complete=False))
                sync_folder(path)
        except BaseException:
            journal.close()
            raise
        return folder

    def finished(self, replications: int) -> dict[int, Counted]:
        """Read the futures that were finished before, by number.

        Raises
        ------
        FolderInUseError
            When there are more than are asked for.
        """
        found = {k: one for k, (one,) in self.journal.finished(1, decode).items()}
        there = max(found, default=-1) + 1
        if there > replications:
            refuse(self.path, KIND, [f"replications: {there} there, {replications} asked for"])
        return found

    def add(self, number: int, made: Made) -> None:
        """Put a future away; from here on it is never done again."""
        with told_if_full(self.path):
            self.journal.add(number, [made])

    def leave(self, done: int) -> None:
        """Let the folder go before the end; without anything done, leave it as it was."""
        if not done and self.fresh:
            (self.path / MANIFEST).unlink(missing_ok=True)
            self.journal.remove()
        else:
            self.journal.close()

    def finish(self, found: Forecast) -> None:
        """Write the tables, and the manifest last.

        Raises
        ------
        StoreError
            When the disk is full; what is finished stays in the journal.
        """
        try:
            with told_if_full(self.path):
                write_csv(self.path / "forecast.csv", found.table())
                write_csv(self.path / "places.csv", found.places())
                if found.census is not None:
                    write_census(self.path, found.census)
                # What reports say is a room above this one; see `RunResult.plot`.
                import_module("carepath_sim.report.kept").keep_forecast(self.path, found)
                sync_folder(self.path)
                said = {
                    "replications": found.replications,
                    "first": str(found.first),
                    "days": found.days,
                    "answers": found.answers(),
                    "understood": found.understood,
                    "warnings": found.warnings,
                }
                write_json(self.path / MANIFEST, self._head(complete=True, **said))
        finally:
            self.journal.close()

    def _head(self, *, complete: bool, **said: object) -> dict[str, object]:
        seconds = (datetime.now(UTC) - self.began).total_seconds()
        return {
            "program": "carepath-sim",
            "kind": KIND,
            "complete": complete,
            "names": [self.asked.label],
            "hashes": [self.asked.fixed["hash"]],
            **self.asked.fixed,
            "options": dict(self.asked.options),
            **said,
            "started": self.earlier.get("started", self.began.isoformat(timespec="seconds")),
            "wall_time_s": round(seconds + self.earlier.get("wall_time_s", 0.0), 3),
            "where": dict(self.where),
            "scenario": self.asked.resolved,
        }


def write_census(folder: Path, found: CensusImport) -> None:
    """Write the start and a report of every row."""
    write_csv(folder / "census.csv", found.census())
    write_csv(folder / "rows.csv", found.rows())
    with whole(folder / "start.yaml") as part:
        part.write_text(found.yaml(), encoding="utf-8")


def _refuse_what_differs(path: Path, asked: Identity, *, resume: bool) -> dict[str, Any]:
    manifest = read_manifest(path)
    there = manifest.get("kind", "run")
    if there != KIND or not resume:
        advice = ", or go on with that forecast with --resume" if there == KIND else ""
        raise FolderInUseError(f"{path} holds another {there}; name another folder{advice}")
    refuse(path, KIND, differences_from(manifest, asked))
    return manifest
