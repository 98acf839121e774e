"""Calibrations by name: those that travel with the program, and folders."""

from __future__ import annotations

import os
from pathlib import Path

from carepath_sim.errors import CarepathError
from carepath_sim.scenario.reading import nearest

FIT = "fit.yaml"
TARGETS = "targets.yaml"
PRIORS = "priors.yaml"


class NoCalibrationError(CarepathError):
    """A calibration that is not there."""


def folder() -> Path:
    """Return the folder of the bundled calibrations."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_data" / "calibration"
    return installed if installed.is_dir() else package.parent / "calibration"


def names() -> list[str]:
    """Return the names of the bundled calibrations, `area/name`."""
    root = folder()
    return sorted(path.parent.relative_to(root).as_posix() for path in root.glob(f"*/*/{FIT}"))


def find(name_or_path: str | os.PathLike[str]) -> tuple[Path, str]:
    """Return the folder of a calibration, and how to call it.

    Raises
    ------
    NoCalibrationError
        If there is none.
    """
    given = os.fspath(name_or_path)
    path = Path(given)
    path = path.parent if path.name in {FIT, TARGETS, PRIORS} else path
    if given.strip() and (path / FIT).is_file():
        return path, given.rstrip("/")
    known = names()
    if given in known:
        return folder() / given, given
    if path.is_dir():
        raise NoCalibrationError(
            f"{given} has no {FIT}; a calibration is a folder with {TARGETS}, {PRIORS} and {FIT}"
        )
    raise NoCalibrationError(
        f"there is no calibration {given!r}{nearest(given, known)}; a folder with {TARGETS}, "
        f"{PRIORS} and {FIT} is needed, or one of {', '.join(known) or 'none bundled'}"
    )
