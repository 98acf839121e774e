"""Names of strata: ``all``, ``pool:community_beds``, ``service:acute | reason:discharge hours``."""

from __future__ import annotations

ALL = "all"
_BETWEEN = " | "


def stratum(**keys: str) -> str:
    """Return the name of a stratum; without keys, the name of everything together.

    >>> stratum(service="acute", reason="awaiting care package")
    'service:acute | reason:awaiting care package'
    """
    parts = (f"{key}:{value.replace('|', '/')}" for key, value in keys.items())
    return _BETWEEN.join(parts) or ALL


def parts(name: str) -> dict[str, str]:
    """Return the keys of a stratum with their values.

    >>> parts("pool:community_beds | stream:step_up")
    {'pool': 'community_beds', 'stream': 'step_up'}
    """
    if name == ALL:
        return {}
    return dict(part.split(":", 1) for part in name.split(_BETWEEN))


def selects(pattern: str, name: str) -> bool:
    """Tell whether a pattern selects a stratum.

    A pattern is the name of a stratum, in which ``*`` may stand for any value of a key.

    >>> selects("pool:*", "pool:acute_beds"), selects("pool:*", "pool:acute_beds | stream:step_up")
    (True, False)
    """
    wanted, found = parts(pattern), parts(name)
    return wanted.keys() == found.keys() and all(
        value in {"*", found[key]} for key, value in wanted.items()
    )
