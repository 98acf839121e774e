"""Counter-based random numbers: every uniform is a pure function of what it decides.

Philox 4x32-10 (Salmon, Moraes, Dror & Shaw 2011, *Parallel random numbers: as easy as 1, 2, 3*).
Key: (seed, replication). Counter: (index of the person in their source, key of decision and
cause, identity of the source and layer, episode number and occurrence). Nothing is ever drawn in
sequence, so that the same person has the same luck in every scenario.
"""

from __future__ import annotations

from carepath_sim.engine.compiling import rule

MASK = 0xFFFFFFFF
OCCURRENCE_BITS = 16
"""Bits of the last counter word that number a decision within an episode."""


@rule
def _multiply(high_half: int, low_half: int, b: int) -> tuple[int, int]:
    """Return high and low 32 bits of a product, without leaving 63-bit integers.

    The constant comes in halves of 16 bits, because Numba's integers are 64 bits and signed.
    """
    low_part = low_half * b
    high_part = high_half * b
    low = low_part + ((high_part & 0xFFFF) << 16)
    return (high_part >> 16) + (low >> 32), low & 0xFFFFFFFF


@rule
def philox(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Return the four 32-bit words of Philox 4x32-10 for a counter and a key."""
    for _ in range(10):
        high0, low0 = _multiply(0xD251, 0x1F53, c0)
        high1, low1 = _multiply(0xCD9E, 0x8D57, c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0 = (k0 + 0x9E3779B9) & 0xFFFFFFFF
        k1 = (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


@rule
def uniform(
    seed: int, replication: int, index: int, decision: int, identity: int, occasion: int
) -> float:
    """Return one uniform in (0, 1), never 0 or 1, with 52 random bits.

    Parameters
    ----------
    seed, replication
        Key words, 0 to 2**32 - 1.
    index
        Number of the person within source and layer.
    decision
        Hash of the decision's name and the cause of the episode.
    identity
        Hash of the source and number of the layer.
    occasion
        Running number of the episode's cause times 2**16, and the occurrence of the decision
        within the episode.
    """
    w0, w1, _, _ = philox(index, decision, identity, occasion, seed, replication)
    return ((w0 >> 6) * 67108864.0 + (w1 >> 6) + 0.5) / 4503599627370496.0
