"""The lock names every package as those who need it do, with its extras."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path(__file__).parents[1] / "requirements" / "lock.txt"


def locked() -> list[Requirement]:
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return [Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalnum()]


def test_what_is_needed_with_an_extra_is_locked_with_it() -> None:
    """Otherwise pip takes the newest version of it the day there is one, and finds no hash."""
    extras: dict[str, set[str]] = {}
    for one in locked():
        extras.setdefault(canonicalize_name(one.name), set()).update(one.extras)
    missing = []
    for name, own in extras.items():
        try:
            needs = requires(name) or []
        except PackageNotFoundError:  # of another system
            continue
        for need in map(Requirement, needs):
            of = canonicalize_name(need.name)
            asked = [{"extra": extra} for extra in own | {""}]
            if need.marker is not None and not any(map(need.marker.evaluate, asked)):
                continue
            if need.extras - extras.get(of, need.extras):
                missing.append(f"{need} (for {name})")
    assert len(extras) > 100
    assert not missing
