"""Cases that the language cannot say yet: in the pack, so that nobody takes them for done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.verdict import Verdict, not_said

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort

UNSAID = {
    "mm1_preemptive_resume": "nobody's service is interrupted for somebody else (no pre-emption)",
}
"""Why a case cannot be said, by its name."""


def _work(case: str, _: Effort) -> tuple[Verdict, ...]:
    known = answer(case)
    return (not_said(case, known.title, known.source, UNSAID[case]),)


CASES = tuple(Case(name, partial(_work, name), quick=True) for name in UNSAID)
