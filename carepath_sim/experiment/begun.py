"""How many replications a folder was begun with: what going on need not be told again."""

from __future__ import annotations

import json
from pathlib import Path

from carepath_sim.experiment.files import MANIFEST


def there(folder: str | Path | None) -> int | None:
    """Return with how many replications the work in a folder was begun; None: there is none.

    What is wrong with a folder is told by whoever takes it.
    """
    if folder is None:
        return None
    try:
        manifest = json.loads((Path(folder) / MANIFEST).read_text(encoding="utf-8"))
        number = (manifest.get("options") or manifest).get("replications")
    except (OSError, ValueError, AttributeError):
        return None
    return number if isinstance(number, int) and number > 0 else None


def how_many(
    asked: int | None,
    otherwise: int,
    folder: str | Path | None,
    *,
    resume: bool,
    precise: bool = False,
) -> int:
    """Return how many replications are meant.

    Parameters
    ----------
    asked
        What was said; None: nothing.
    otherwise
        What is done where nothing was said.
    folder
        Where the work is kept.
    resume
        Whether to go on with what is there: as many as it was begun with.
    precise
        Whether a precision decides on the last number, so that this is only the first.
    """
    if asked is not None:
        return asked
    kept = there(folder) if resume else None
    if kept is None:
        return otherwise
    # With a precision a folder knows how far it came, not from where.
    return min(kept, otherwise) if precise else kept
