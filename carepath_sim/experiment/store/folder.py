"""The folder of a sweep: claimed by one process, gone on with after anything."""

from __future__ import annotations

import errno
import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from carepath_sim.errors import CarepathError
from carepath_sim.experiment.files import MANIFEST, FolderInUseError
from carepath_sim.experiment.store.encoding import DamagedError, decode
from carepath_sim.experiment.store.ledger import LEDGER, Ledger, Stage
from carepath_sim.experiment.store.lock import Lock
from carepath_sim.experiment.store.parts import (
    Block,
    blocks,
    found_part,
    is_whole,
    stage_of,
    sync_folder,
    write_part,
)
from carepath_sim.experiment.writing import write_csv, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from carepath_sim.experiment.evaluate import Settings
    from carepath_sim.experiment.store.encoding import Made

DESIGN = "design.csv"


class StoreError(CarepathError):
    """A store that cannot be written to; what is in it is safe."""


@dataclass(frozen=True)
class Identity:
    """What two sweeps must share to be one.

    Attributes
    ----------
    label
        Name of the scenario.
    resolved
        What the scenario says.
    fixed
        Everything else that decides a replication: seed, engine, versions, hash.
    kind
        What the folder holds: a sweep, or the draws of a posterior.
    options
        What else was asked, where that decides which replications there are.
    """

    label: str
    resolved: Mapping[str, Any]
    fixed: Mapping[str, Any]
    kind: str = "sweep"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> str:
        """What a folder with such a store is called."""
        return "uncertainty" if self.kind == "draws" else self.kind


@dataclass
class StoreFolder:
    """A store that belongs to this process until it is closed.

    Attributes
    ----------
    path
        The folder.
    points
        Settings of the points.
    missing
        Point and replication of all that is to be done, in order.
    """

    path: Path
    label: str
    lock: Lock
    ledger: Ledger
    manifest: dict[str, Any]
    points: list[dict[str, Any]] = field(default_factory=list)
    missing: list[tuple[int, int]] = field(default_factory=list)
    total: int = 0
    open_blocks: dict[int, Block] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)

    @classmethod
    def claim(
        cls,
        path: Path,
        identity: Identity,
        points: Sequence[Settings] | None,
        replications: int,
        *,
        resume: bool,
        hashes: Sequence[str] = (),
    ) -> StoreFolder:
        """Take a folder for a sweep, and see what is there.

        Parameters
        ----------
        points
            The design; None: the one that the folder holds.
        resume
            Whether to go on with an equal sweep in that folder.
        hashes
            Hashes of the scenarios of the points, for a new sweep.

        Raises
        ------
        FolderInUseError
            When the folder holds something else, or a sweep that differs.
        StoreInUseError
            When another process works on it.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise FolderInUseError(f"{path} is a file, not a folder") from None
        with told_if_full(_named(path, identity.kind)):
            lock = Lock(path)
        try:
            with told_if_full(_named(path, identity.kind)):
                if (path / MANIFEST).exists():
                    return cls._again(path, lock, identity, points, replications, resume=resume)
                return cls._new(path, lock, identity, points or (), replications, hashes)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _new(
        cls,
        path: Path,
        lock: Lock,
        identity: Identity,
        points: Sequence[Settings],
        replications: int,
        hashes: Sequence[str],
    ) -> StoreFolder:
        from carepath_sim.experiment.points import design_table

        if not points:
            raise FolderInUseError(f"{path} holds no sweep to go on with; say what to vary")
        # Of a beginning that was cut short; a design without a ledger is somebody else's.
        own = (".", LEDGER, DESIGN) if (path / LEDGER).exists() else (".",)
        strangers = sorted(file.name for file in path.iterdir() if not file.name.startswith(own))
        if strangers:
            raise FolderInUseError(f"{path} holds {strangers[0]}; name an empty folder")
        for file in path.glob(f"{LEDGER}*"):
            file.unlink()
        ledger = Ledger(path)
        try:
            rows = zip(range(len(points)), hashes, points, strict=True)
            ledger.add_points(rows)
            ledger.add_stage(stage_of(0, replications))
            ledger.flush()
            write_csv(path / DESIGN, design_table(points))
            manifest = {
                "program": "carepath-sim",
                "kind": identity.kind,
                **identity.fixed,
                "name": identity.label,
                "points": len(points),
                "replications": replications,
                "stages": [list(stage) for stage in ledger.stages()],
                "complete": False,
                "scenario": identity.resolved,
            }
            write_json(path / MANIFEST, manifest)
            sync_folder(path)
        except BaseException:
            ledger.close()
            raise
        store = cls(path, identity.label, lock, ledger, manifest)
        store.look()
        return store

    @classmethod
    def _again(
        cls,
        path: Path,
        lock: Lock,
        identity: Identity,
        points: Sequence[Settings] | None,
        replications: int,
        *,
        resume: bool,
    ) -> StoreFolder:
        manifest = read_manifest(path)
        if manifest.get("kind") != identity.kind or not resume:
            state = "" if manifest.get("complete") else ", unfinished"
            kind = manifest.get("kind", "run")
            advice = "" if kind != identity.kind else ", or go on with it with --resume"
            raise FolderInUseError(
                f"{_named(path, identity.kind)} holds another {kind} "
                f"(seed {manifest.get('seed', '?')}{state}); name another folder{advice}"
            )
        ledger = Ledger.sound(path) or _ledger_from_parts(path, manifest)
        try:
            _refuse_what_differs(path, ledger, manifest, identity, points, replications)
            there = sum(stage.size for stage in ledger.stages())
            if replications > there:
                ledger.add_stage(stage_of(there, replications - there))
                manifest["stages"] = [list(stage) for stage in ledger.stages()]
                manifest["replications"] = replications
                write_json(path / MANIFEST, manifest)
        except BaseException:
            ledger.close()
            raise
        store = cls(path, identity.label, lock, ledger, manifest)
        store.look()
        return store

    @property
    def named(self) -> Path:
        """The folder that the user has named."""
        return _named(self.path, self.manifest["kind"])

    def blocks(self) -> list[Block]:
        """Return the parts that there are, or are to be."""
        return blocks(len(self.points), self.ledger.stages())

    def look(self) -> None:
        """See what is whole, strike what is not, and sweep away what nobody knows."""
        self.points = [settings for _, settings in self.ledger.points()]
        parts = self.ledger.parts()
        every = self.blocks()
        self.total = sum(len(block.points) * len(block.replications) for block in every)
        for block in every:
            files = parts.get(block.number)
            if files is not None and not all(is_whole(self.path, file) for file in files):
                self.ledger.forget_part(block.number, block.points, block.replications)
                del parts[block.number]
        known = {file.file for files in parts.values() for file in files}
        for pattern in ("replications-*.parquet", "daily-*.parquet", ".*.part"):
            for file in self.path.glob(pattern):
                if file.name not in known:
                    file.unlink()
        damaged = []
        for point, replication, content in self.ledger.journal():
            try:
                decode(content)
            except DamagedError:
                damaged.append((point, replication))
        self.ledger.forget(damaged)
        done = self.ledger.done()
        for block in every:
            if block.number in parts:
                continue
            missing = [pair for pair in block.pairs if pair not in done]
            self.missing += missing
            self.open_blocks[block.number] = block
            self.left[block.number] = len(missing)
        # Of a process that was killed between the last replication of a part and the part.
        for number in [number for number, left in self.left.items() if not left]:
            self._into_part(number)

    def keep(self, point: int, replication: int, made: Made) -> None:
        """Put a replication away; from here on it is never done again."""
        with told_if_full(self.named):
            self.ledger.add(point, replication, made.content, made.seconds)
            number = self._block_of(point, replication)
            self.left[number] -= 1
            if not self.left[number]:
                self._into_part(number)

    def _block_of(self, point: int, replication: int) -> int:
        for number, block in self.open_blocks.items():
            if point in block.points and replication in block.replications:
                return number
        raise KeyError((point, replication))

    def _into_part(self, number: int) -> None:
        block = self.open_blocks[number]
        rows = self.ledger.journal(block.points, block.replications)
        done = [(point, replication, decode(content)) for point, replication, content in rows]
        files = write_part(self.path, self.label, block, done)
        self.ledger.into_part(number, files, block.points, block.replications)
        self.ledger.flush()
        del self.open_blocks[number], self.left[number]

    def finish(self, **more: object) -> None:
        """Write into the manifest how things stand."""
        complete = not self.open_blocks
        seconds = round(self.ledger.seconds(), 3)
        self.manifest |= {"complete": complete, "simulation_time_s": seconds, **more}
        scenario = self.manifest.pop("scenario")
        with told_if_full(self.named):
            write_json(self.path / MANIFEST, {**self.manifest, "scenario": scenario})

    def close(self) -> None:
        """Let the folder go."""
        self.ledger.close()
        self.lock.release()


def _named(path: Path, kind: str) -> Path:
    """Return the folder that the user has named: a store of an answer lies within it."""
    return path if kind == "sweep" else path.parent


def _ledger_from_parts(path: Path, manifest: Mapping[str, Any]) -> Ledger:
    """Return a new ledger in the place of a damaged one: what stands in whole parts is done."""
    from carepath_sim.experiment.points import listed

    for file in path.glob(f"{LEDGER}*"):
        file.unlink()
    ledger = Ledger(path)
    points = listed(path / DESIGN).points
    # Hashes are for people who look into the ledger; the scenario of a point follows from both.
    ledger.add_points((k, "", settings) for k, settings in enumerate(points))
    stages = [Stage(*stage) for stage in manifest["stages"]]
    for stage in stages:
        ledger.add_stage(stage)
    for block in blocks(len(points), stages):
        files = found_part(path, block)
        if files:
            ledger.add_part(block.number, files, block.pairs)
    return ledger


def _refuse_what_differs(
    path: Path,
    ledger: Ledger,
    manifest: Mapping[str, Any],
    identity: Identity,
    points: Sequence[Settings] | None,
    replications: int,
) -> None:
    there = sum(stage.size for stage in ledger.stages())
    differences = [
        *differences_from(manifest, identity),
        *_design_differences([settings for _, settings in ledger.points()], points),
    ]
    if replications < there:
        differences.append(f"replications: {there} there, {replications} asked for")
    refuse(_named(path, identity.kind), identity.whole, differences)


def refuse(path: Path, kind: str, differences: Sequence[str]) -> None:
    """Refuse a folder that holds something that differs.

    Raises
    ------
    FolderInUseError
        With each difference on a line of its own.
    """
    if differences:
        article = "an" if kind.startswith(("a", "e", "i", "o", "u")) else "a"
        raise FolderInUseError(
            f"{path} holds {article} {kind} that differs; name another folder:\n  "
            + "\n  ".join(differences)
        )


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of a folder.

    Raises
    ------
    FolderInUseError
        If it cannot be read.
    """
    try:
        found: dict[str, Any] = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FolderInUseError(f"{path / MANIFEST} cannot be read: {error}") from None
    return found


@contextmanager
def told_if_full(path: Path) -> Iterator[None]:
    """Turn what a full or failing disk says into a sentence."""
    advice = f"what is finished is kept in {path}; make room, then --resume goes on with it"
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path} cannot be written: {error}; {advice}") from error
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
        if not full:
            raise
        raise StoreError(f"{path} cannot be written: {error.strerror}; {advice}") from error
    except Exception as error:
        # The library behind Parquet has errors of its own.
        if not type(error).__module__.startswith(("duckdb", "_duckdb")):
            raise
        raise StoreError(f"{path} cannot be written: {error}; {advice}") from error


def differences_from(manifest: Mapping[str, Any], identity: Identity) -> list[str]:
    """Return in what a store differs from what is asked for, a sentence each."""
    from carepath_sim.scenario.diff import difference_of

    there = {key: manifest.get(key) for key in identity.fixed}
    found = [
        f"{key}: {_short(there[key])} there, {_short(value)} now"
        for key, value in identity.fixed.items()
        if there[key] != value and key not in {"hash", "versions"}
    ]
    versions: Mapping[str, str] = there.get("versions") or {}
    found += [
        f"{name}: version {versions.get(name, '-')} there, {version} now"
        for name, version in identity.fixed["versions"].items()
        if versions.get(name) != version
    ]
    fields = [
        f"{one.path}: {_short(one.base)} there, {_short(one.other)} now"
        for one in difference_of(manifest.get("scenario", {}), identity.resolved)
    ]
    if not fields and there["hash"] != identity.fixed["hash"]:
        fields = ["scenario: the same fields, written otherwise (order, titles or notes)"]
    return [*found, *options_apart(manifest, identity.options), *fields]


def options_apart(manifest: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """Return in what options a folder differs from what is asked for, a sentence each."""
    options: Mapping[str, Any] = manifest.get("options") or {}
    return [
        f"{key}: {_short(options.get(key))} there, {_short(value)} now"
        for key, value in asked.items()
        if options.get(key) != value
    ]


def _design_differences(
    there: Sequence[Mapping[str, Any]], points: Sequence[Settings] | None
) -> list[str]:
    if points is None:
        return []
    asked = [json.loads(json.dumps(dict(point))) for point in points]
    if len(there) != len(asked):
        return [f"design: {len(there)} points there, {len(asked)} now"]
    return [
        f"design, point {k}: {_short(one)} there, {_short(two)} now"
        for k, (one, two) in enumerate(zip(there, asked, strict=True))
        if one != two
    ][:5]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
