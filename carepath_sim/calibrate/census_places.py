"""What a census calls a place, and which service of the scenario is meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from carepath_sim.calibrate.local_columns import plain_heading
from carepath_sim.calibrate.local_secrets import WITHHELD
from carepath_sim.scenario.reading import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from carepath_sim.calibrate.local_secrets import Secrets
    from carepath_sim.scenario.checks_vocabulary import Vocabulary

NOTHING: Final = frozenset(
    {
        "",
        "-",
        "--",
        "none",
        "nothing",
        "n/a",
        "na",
        "no",
        "nil",
        "0",
        "not waiting",
        "not applicable",
    }
)
"""Cells that say that nothing is waited for."""
_SAY: Final = "; say which with --place 'WHAT STANDS THERE=SERVICE'"
IGNORED: Final = "none"
"""With a place: whoever is there is left out; with what is waited for: it is no wait."""


class NoPlace(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """A place that cannot be found; the message says what would be."""


@dataclass
class Places:
    """Finds services by what a local file calls them.

    Attributes
    ----------
    names
        The vocabulary of the scenario.
    told
        Services by what the file calls them, as told.
    secrets
        What must not be shown.
    guessed
        What was found by a title or by spelling, for the report.
    """

    names: Vocabulary
    told: Mapping[str, str]
    secrets: Secrets
    guessed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """List what each service can be called."""
        self._told = {plain_heading(key): value for key, value in self.told.items()}
        self._by_plain: dict[str, set[str]] = {}
        for name, service in self.names.services.items():
            calls = {name, service.title or name}
            if service.per is not None:
                for value in self.names.attributes.get(service.per, ()):
                    member = f"{name}[{value}]"
                    self._by_plain.setdefault(plain_heading(member), set()).add(member)
                    for call in calls:
                        plain = plain_heading(f"{call} {value}")
                        self._by_plain.setdefault(plain, set()).add(member)
            for call in calls:
                self._by_plain.setdefault(plain_heading(call), set()).add(name)
        for word in ("home", "outside"):
            self._by_plain.setdefault(word, {word})

    def find(self, cell: str, known: Mapping[str, str]) -> str | None:
        """Return the service that a cell means; None: told to be left out.

        Parameters
        ----------
        known
            Attributes of the person, which choose among the members of a template.

        Raises
        ------
        NoPlace
            If there is none, or more than one.
        """
        if not cell:
            raise NoPlace("it does not say where the person is")
        plain = plain_heading(cell)
        if plain in self._told:
            target = self._told[plain]
            return None if target == IGNORED else self._member(target, known)
        found = self._by_plain.get(plain, set())
        if len(found) > 1:
            raise NoPlace(f"{self.secrets.safe(cell)} may mean {' or '.join(sorted(found))}")
        if not found:
            near, may_show = self._near(cell), self.secrets.may_be_a_place(cell)
            if not may_show and not (near and self.secrets.may_show(cell)):
                raise NoPlace(f"{WITHHELD} is no service of the scenario")
            raise NoPlace(f"'{cell}' is no service of the scenario{near or _SAY}")
        (name,) = found
        if name != cell:
            self.guessed[cell] = name
        return self._member(name, known)

    def _near(self, cell: str) -> str:
        titles = [s.title for s in self.names.services.values() if s.title]
        return nearest(cell, [*self.names.services, *titles])

    def _member(self, name: str, known: Mapping[str, str]) -> str:
        base = self.names.base(name)
        if base is None or name != base:
            return name
        per = self.names.services[base].per
        if per is None:
            return name
        if per in known:
            return f"{base}[{known[per]}]"
        values = ", ".join(f"{base}[{value}]" for value in self.names.attributes.get(per, ()))
        raise NoPlace(f"which '{base}'? The {per} is not known; accepted: {values}")


def wrong_places(told: Mapping[str, str], names: Vocabulary) -> list[str]:
    """Return what is wrong with places that were told."""
    known = [*names.services, "home", "outside", IGNORED]
    return [
        f"'{key}={name}': '{name}' is no service of the scenario{nearest(name, known)}"
        for key, name in told.items()
        if names.base(name) is None and name not in {"home", "outside", IGNORED}
    ]
