"""What can be wrong with a cluster."""

from __future__ import annotations

from carepath_sim.errors import CarepathError


class ClusterError(CarepathError):
    """A cluster that cannot be reached, or that would not give the same results."""


class ClusterLostError(CarepathError):
    """A cluster that went away in the middle of the work."""
