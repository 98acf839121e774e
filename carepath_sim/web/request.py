"""What somebody asks for: ways of doing things, to be simulated with the same people and luck."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from carepath_sim import __version__
from carepath_sim.experiment.batch import OptionError

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.web.limits import Limits

Sets = tuple[tuple[str, Any], ...]
WRITTEN = "As written"
"""Name of the way in which nothing is moved."""


@dataclass(frozen=True)
class Way:
    """One way of doing things.

    Attributes
    ----------
    label
        What people call it: ``Share all 125``.
    sets
        Fields that it sets in the scenario, with their values.
    """

    label: str
    sets: Sets = ()


@dataclass(frozen=True)
class Request:
    """A run that is asked for.

    Attributes
    ----------
    scenario
        Bundled name or file.
    ways
        What is compared, the one that the others are held against first.
    pool
        The pool in question, or empty.
    replications
        How often each way is simulated; with `seconds` at most.
    least, seconds
        With a time [s]: as many replications are simulated as it will probably allow, from `least`
        on. 0: no time is set.
    seed
        Start of all luck.
    capacities
        Capacities of the pool for a curve, instead of a comparison; then there is one way.
    """

    scenario: str
    ways: tuple[Way, ...]
    pool: str = ""
    replications: int = 6
    least: int = 2
    seconds: float = 0.0
    seed: int = 1
    capacities: tuple[int, ...] = ()

    def check(self, limits: Limits) -> None:
        """Refuse what is more than anybody may ask for.

        Raises
        ------
        OptionError
            With what was asked for, and what is accepted.
        """
        if not 1 <= len(self.ways) <= limits.ways:
            raise OptionError(f"a run compares 1 to {limits.ways} ways, not {len(self.ways)}")
        if not 2 <= self.replications <= limits.replications:
            raise OptionError(
                f"a run takes 2 to {limits.replications} replications, not {self.replications}"
            )
        if not 2 <= self.least <= self.replications:
            raise OptionError(f"at least 2 replications are needed, not {self.least}")
        if len(self.capacities) > 12 or any(one > limits.beds for one in self.capacities):
            raise OptionError(f"a curve has at most 12 points of at most {limits.beds} places")

    @property
    def key(self) -> str:
        """Hash of everything that decides the figures, and of what is said of them."""
        text = json.dumps([__version__, asdict(self)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def as_json(self) -> str:
        """Return the request as text, for the process that works on it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Request:
        """Read what `as_json` wrote."""
        raw = json.loads(text)
        ways = tuple(
            Way(way["label"], tuple((path, value) for path, value in way["sets"]))
            for way in raw.pop("ways")
        )
        return cls(**raw | {"ways": ways, "capacities": tuple(raw["capacities"])})


def scenarios(request: Request) -> tuple[Scenario, ...]:
    """Return the scenarios of the ways, named as people call them.

    Raises
    ------
    ScenarioError
        If a way does not fit the scenario.
    """
    from carepath_sim.scenario.loader import build, load

    found = []
    for way in request.ways:
        loaded = load(request.scenario, sets=dict(way.sets))
        found.append(build(loaded.tree, way.label, notices=loaded.notices, check=False))
    return tuple(found)


def file_name(label: str) -> str:
    """Return a label as the name of a file.

    >>> file_name("Ring-fence 20 for step-up")
    'ring-fence-20-for-step-up'
    """
    # A system takes names of about 255 letters; a number and an ending may follow.
    return re.sub(r"[^a-z0-9]+", "-", label.lower())[:100].strip("-") or "scenario"
