"""The known answers of the cases, with the place that each comes from.

They stand in `answers.json`, next to this module: printed values of queueing theory, of
publications and of other people's programs, none of them made with this simulator.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("answers.json")


@dataclass(frozen=True)
class Answer:
    """What is known of a case.

    Attributes
    ----------
    case, title
        Its name, and what it is.
    source
        Where the answer comes from.
    expected
        Figures by name, in the unit of time of the case.
    """

    case: str
    title: str
    source: str
    expected: dict[str, Any]


@cache
def answers() -> dict[str, Answer]:
    """Return every answer by the name of its case."""
    found = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        name: Answer(name, entry["title"], entry["source"], entry["expected"])
        for name, entry in found.items()
    }


def answer(case: str) -> Answer:
    """Return what is known of a case.

    >>> answer("mmc_l0.8_m1_c1").expected["mean_wait"]
    4.0
    """
    return answers()[case]
