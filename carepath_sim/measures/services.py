"""Services as columns: which are places, which are hospital beds, who is responsible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.measures.arrays import Bools, Ints
    from carepath_sim.measures.view import View
    from carepath_sim.plan.plan import ServiceInfo

SETTINGS = ("own_home", "acute_bed", "community_bed", "care_home", "elsewhere")
OWN_HOME, ACUTE, COMMUNITY, CARE_HOME, ELSEWHERE = range(5)
HOSPITAL_SETTINGS = (ACUTE, COMMUNITY)
RESPONSIBLE = ("nhs", "social", "both")
SPECIAL = ("home", "outside", "died")
"""Services that every scenario has without naming them."""


@dataclass(frozen=True)
class Services:
    """Columns by service, shape `(service,)` each.

    Attributes
    ----------
    written
        Services that the scenario describes: not home, outside, died or an exit.
    place
        Where people can be present: home and written services that are not in place.
    hospital
        Acute and community beds.
    room_of
        The service whose waiting room it is, -1: none.
    alongside
        Received alongside stays, and never a step on the way.
    pool
        First pool, -1: none.
    """

    names: tuple[str, ...]
    written: Bools
    in_place: Bools
    place: Bools
    setting: Ints
    hospital: Bools
    permanent: Bools
    reablement: Bools
    assessment: Bools
    home: Bools
    died: Bools
    ends: Bools
    room_of: Ints
    alongside: Bools
    pool: Ints
    responsible: Ints

    def __len__(self) -> int:
        """Return the number of services."""
        return len(self.names)

    @property
    def asked_for(self) -> Bools:
        """Written services for which people ask: no exits, and no waiting rooms."""
        chosen: Bools = self.written & ~self.ends & (self.room_of < 0)
        return chosen

    def name_of(self, chosen: Bools) -> list[tuple[int, str]]:
        """Return numbers and names of some services."""
        return [(int(k), self.names[k]) for k in np.flatnonzero(chosen)]


def services(view: View) -> Services:
    """Return the services of a plan as columns."""
    infos = view.plan.services

    def flags(of: Callable[[ServiceInfo], bool]) -> Bools:
        return np.array([of(info) for info in infos], dtype=np.bool_)

    setting = np.array([SETTINGS.index(info.setting) for info in infos], dtype=np.int64)
    written = flags(lambda info: info.name not in SPECIAL and not info.is_exit)
    in_place = flags(lambda info: info.in_place)
    home = flags(lambda info: info.name == "home")
    return Services(
        names=tuple(info.name for info in infos),
        written=written,
        in_place=in_place,
        place=home | (written & ~in_place),
        setting=setting,
        hospital=written & ~in_place & np.isin(setting, HOSPITAL_SETTINGS),
        permanent=flags(lambda info: info.permanent),
        reablement=flags(lambda info: "reablement" in info.role),
        assessment=flags(lambda info: "assessment" in info.role),
        home=home,
        died=flags(lambda info: info.name == "died"),
        ends=flags(lambda info: info.is_exit),
        room_of=np.array([info.room_of for info in infos], dtype=np.int64),
        alongside=flags(lambda info: info.alongside),
        pool=np.array([info.pools[0] if info.pools else -1 for info in infos], dtype=np.int64),
        responsible=np.array(
            [RESPONSIBLE.index(info.responsible) for info in infos], dtype=np.int64
        ),
    )


def flag(column: Bools, service: Ints) -> Bools:
    """Look up a flag of services; -1 stands for no service and has none."""
    return column[service] & (service >= 0)
