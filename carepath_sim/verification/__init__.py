"""The verification pack: queueing theory, exact traces and published models through the engine.

Each case is a scenario of the same language as every other one (see `scenarios/` here), and the
figures are mostly those of the measures, so that language, plan, engine and measures are all held
to answers that were not made with this program.
"""

from carepath_sim.verification.pack import run_pack
from carepath_sim.verification.verdict import Verdict

__all__ = ["Verdict", "run_pack"]
