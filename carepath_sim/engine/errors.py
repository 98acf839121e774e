"""What can go wrong in a run."""

from __future__ import annotations

from carepath_sim.errors import CarepathError


class EndlessInstantError(CarepathError):
    """One person has so many events at one instant that it would never end."""

    def __init__(self, at: str, service: str) -> None:
        super().__init__(
            f"time stands still for a person at {at!r}, referred to {service!r} again and again"
        )
        self.at = at
        self.service = service


class NoWayOnError(CarepathError):
    """No case of a route fits a person."""

    def __init__(self, service: str) -> None:
        super().__init__(f"no case of the route of {service!r} fits a person")
        self.service = service


class CheckFailedError(CarepathError):
    """A record contradicts itself."""
