"""A store whose points are not known beforehand: a search asks for them one by one."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import count, groupby
from typing import TYPE_CHECKING, Any, Final

from carepath_sim.experiment.files import MANIFEST, FolderInUseError
from carepath_sim.experiment.reading import finished_replications_of
from carepath_sim.experiment.store import parts
from carepath_sim.experiment.store.encoding import decode
from carepath_sim.experiment.store.folder import (
    DESIGN,
    StoreFolder,
    differences_from,
    read_manifest,
    refuse,
    told_if_full,
)
from carepath_sim.experiment.store.ledger import LEDGER, Ledger
from carepath_sim.experiment.store.lock import Lock
from carepath_sim.experiment.store.parts import Block, found_part, sync_folder
from carepath_sim.experiment.writing import read_parquet, write_csv, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from carepath_sim.experiment.evaluate import Settings
    from carepath_sim.experiment.store.encoding import Made
    from carepath_sim.experiment.store.folder import Identity
    from carepath_sim.experiment.tasks import Replication

ASKED: Final = "asked.json"
"""Points and blocks once more, from which a damaged ledger is made anew."""
KIND: Final = "points"
"""What the manifest of such a store says it is."""
PARTS_AT_HAND: Final = 2
"""Parts that are read again stay in memory, for points are asked for in their order."""


@dataclass
class GrowingStore(StoreFolder):
    """A store to which points, and replications of points, are added while it is worked on.

    Which parts there are follows from what was asked for, in that order; who asks is a search whose
    questions follow from the results. So the files are those of a search that nothing interrupted.

    Attributes
    ----------
    numbers
        Number of each point, by its key.
    wanted
        How many replications of each point there are to be.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    wanted: dict[int, int] = field(default_factory=dict)
    _at_hand: OrderedDict[str, dict[int, dict[int, Replication]]] = field(
        default_factory=OrderedDict
    )

    @classmethod
    def open(cls, path: Path, of: str, identity: Identity, *, resume: bool) -> GrowingStore:
        """Take a folder, and see what is there.

        Parameters
        ----------
        path
            The folder, which is there.
        of
            The command whose points they are.
        identity
            What must not change.
        resume
            Whether to go on with what is there.

        Raises
        ------
        FolderInUseError
            When the folder holds something that differs, or anything without `resume`.
        StoreInUseError
            When another process works on it.
        """
        lock = Lock(path)
        try:
            with told_if_full(path.parent):
                if (path / MANIFEST).exists():
                    store = cls._gone_on(path, lock, of, identity, resume=resume)
                else:
                    store = cls._begun(path, lock, of, identity)
                store.look()
                store.write_asked()
                return store
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _begun(cls, path: Path, lock: Lock, of: str, identity: Identity) -> GrowingStore:
        for file in path.glob(f"{LEDGER}*"):  # of a beginning that was cut short
            file.unlink()
        ledger = Ledger(path)
        manifest = {
            "program": "carepath-sim",
            "kind": KIND,
            "of": of,
            **identity.fixed,
            "name": identity.label,
            "options": identity.options,
            "points": 0,
            "replications": 0,
            "complete": False,
            "scenario": identity.resolved,
        }
        ledger.flush()
        write_json(path / MANIFEST, manifest)
        sync_folder(path)
        return cls(path, identity.label, lock, ledger, manifest)

    @classmethod
    def _gone_on(
        cls, path: Path, lock: Lock, of: str, identity: Identity, *, resume: bool
    ) -> GrowingStore:
        manifest = read_manifest(path)
        there = manifest.get("of", manifest.get("kind", "run"))
        if there != of or not resume:
            state = "" if manifest.get("complete") else ", unfinished"
            advice = ", or go on with it with --resume" if there == of else ""
            raise FolderInUseError(
                f"{path.parent} holds another {there} (seed {manifest.get('seed', '?')}{state}); "
                f"name another folder{advice}"
            )
        refuse(path.parent, of, differences_from(manifest, identity))
        ledger = Ledger.sound(path) or _ledger_from_asked(path)
        return cls(path, identity.label, lock, ledger, manifest)

    def blocks(self) -> list[Block]:
        """Return the parts that there are, or are to be."""
        return [Block(*block) for block in self.ledger.blocks()]

    def look(self) -> None:
        """See what is whole, strike what is not, and note which points there are."""
        super().look()
        self.numbers = {key: k for k, (key, _) in enumerate(self.ledger.points())}
        self.wanted = dict.fromkeys(range(len(self.points)), 0)
        for block in self.blocks():
            self._will_hold(block)

    def ask(self, points: Sequence[tuple[str, Settings]], replications: int) -> None:
        """Note what is wanted, before anything of it is simulated.

        Parameters
        ----------
        points
            Key and settings of each, all different.
        replications
            How many of each, numbered from 0.
        """
        first = len(self.points)
        new = [(key, settings) for key, settings in points if key not in self.numbers]
        numbers = self.numbers | {key: first + k for k, (key, _) in enumerate(new)}
        lacking = sorted(
            (numbers[key], self.wanted.get(numbers[key], 0))
            for key, _ in points
            if self.wanted.get(numbers[key], 0) < replications
        )
        if not lacking:
            return
        numbered = count(len(self.ledger.blocks()))
        blocks = [
            Block(next(numbered), one, range(there, replications))
            for there, one in _together(lacking, replications)
        ]
        with told_if_full(self.path.parent):
            self.ledger.grow(
                [(first + k, key, settings) for k, (key, settings) in enumerate(new)],
                [(block.number, block.points, block.replications) for block in blocks],
            )
            self.numbers = numbers
            self.points += [settings for _, settings in self.ledger.points()[first:]]
            for block in blocks:
                self._will_hold(block)
                self.open_blocks[block.number] = block
                self.left[block.number] = len(list(block.pairs))
            self.write_asked()

    def _will_hold(self, block: Block) -> None:
        for point in block.points:
            self.wanted[point] = max(self.wanted.get(point, 0), block.replications.stop)

    def finished(self, key: str) -> Mapping[int, Replication]:
        """Return the replications of a point that are there, by number."""
        point = self.numbers.get(key)
        if point is None:
            return {}
        found: dict[int, Replication] = {}
        for block in self.blocks():
            if point not in block.points:
                continue
            if block.number not in self.open_blocks:
                found |= self._read(block).get(point, {})
                continue
            rows = self.ledger.journal(range(point, point + 1), block.replications)
            found |= {number: decode(content).replication(number) for _, number, content in rows}
        return dict(sorted(found.items()))

    def put(self, key: str, number: int, made: Made) -> None:
        """Put a replication of a point away; from here on it is never done again."""
        self.keep(self.numbers[key], number, made)

    def _read(self, block: Block) -> dict[int, dict[int, Replication]]:
        """Return the replications of a part, by point and number."""
        if block.name not in self._at_hand:
            rows, days = (read_parquet(self.path / f"{name}-{block.name}") for name in parts.TABLES)
            each = dict(iter(days.groupby("point")))
            self._at_hand[block.name] = {
                int(str(point)): {
                    one.replication: one
                    for one in finished_replications_of(part, each.get(point, days.iloc[:0]))
                }
                for point, part in rows.groupby("point")
            }
            if len(self._at_hand) > PARTS_AT_HAND:
                self._at_hand.popitem(last=False)
        return self._at_hand[block.name]

    def write_asked(self) -> None:
        """Write which points there are: for people, and for the day on which the ledger breaks."""
        from carepath_sim.experiment.points import design_table

        asked = {
            "points": self.ledger.points(),
            "blocks": [
                [p.start, p.stop, r.start, r.stop] for _, p, r in self.ledger.blocks()
            ],
        }  # fmt: skip
        write_json(self.path / ASKED, asked)
        write_csv(self.path / DESIGN, design_table(self.points))

    def finish(self, **more: object) -> None:
        """Write into the manifest how things stand."""
        most = max(self.wanted.values(), default=0)
        super().finish(points=len(self.points), replications=most, **more)


def _together(lacking: Iterable[tuple[int, int]], replications: int) -> Iterator[tuple[int, range]]:
    """Yield points in a row that have the same number of replications, so many as fit a part."""
    # Points in a row share the difference of number and position.
    placed = enumerate(lacking)
    for (there, _), group in groupby(placed, lambda one: (one[1][1], one[1][0] - one[0])):
        numbers = [point for _, (point, _) in group]
        size = parts.stage_of(there, replications - there).together
        for at in range(0, len(numbers), size):
            chunk = numbers[at : at + size]
            yield there, range(chunk[0], chunk[-1] + 1)


def _ledger_from_asked(path: Path) -> Ledger:
    """Return a new ledger in the place of a damaged one: what stands in whole parts is done."""
    for file in path.glob(f"{LEDGER}*"):
        file.unlink()
    ledger = Ledger(path)
    try:
        asked: dict[str, Any] = json.loads((path / ASKED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ledger  # nothing was asked yet
    blocks = [
        Block(number, range(p, q), range(r, s))
        for number, (p, q, r, s) in enumerate(asked["blocks"])
    ]
    ledger.grow(
        [(k, key, settings) for k, (key, settings) in enumerate(asked["points"])],
        [(block.number, block.points, block.replications) for block in blocks],
    )
    for block in blocks:
        if files := found_part(path, block):
            ledger.add_part(block.number, files, block.pairs)
    return ledger
