"""Checks of what a formula is given."""

from __future__ import annotations


def require_positive(**quantities: float) -> None:
    """Refuse a quantity that is not above zero.

    Parameters
    ----------
    quantities
        Name and value of each [any unit].

    Raises
    ------
    ValueError
        Naming the first quantity that is zero, negative or nan.
    """
    for name, value in quantities.items():
        if not value > 0:
            raise ValueError(f"{name} must be above zero; got {value}.")


def require_stable(utilisation: float) -> None:
    """Refuse a queue that would grow without bound.

    Parameters
    ----------
    utilisation
        Load offered a server [share].

    Raises
    ------
    ValueError
        If it is one or more.
    """
    if not utilisation < 1:
        raise ValueError(
            f"No steady state exists at a utilisation of {utilisation:.4g}: "
            "more work arrives than the servers can do."
        )
