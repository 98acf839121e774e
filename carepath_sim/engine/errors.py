"""What can go wrong in a run.

SimPy raises the errors of a process anew from their arguments, so each takes one finished message.
"""

from __future__ import annotations

from carepath_sim.errors import CarepathError


class EndlessInstantError(CarepathError):
    """One person has so many events at one instant that it would never end."""


class NoWayOnError(CarepathError):
    """No case of a route fits a person."""


class OutOfRoomError(CarepathError):
    """There is no memory for a table of one replication."""


class CheckFailedError(CarepathError):
    """A record contradicts itself."""
