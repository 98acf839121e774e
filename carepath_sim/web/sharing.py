"""Ways to share a pool between step-up and step-down, as a person chooses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from carepath_sim.web.request import Request, Sets

AS_WRITTEN, SHARE, FENCE, KEEP_FREE, FIRST_COME = (
    "As in the scenario",
    "Share all",
    "Ring-fence some",
    "Keep some free",
    "One goes first",
)
POLICIES: Final = (AS_WRITTEN, SHARE, FENCE, KEEP_FREE, FIRST_COME)
WITH_BEDS: Final = (FENCE, KEEP_FREE)
"""Choices that need a number of beds."""
HELP: Final = (
    "Share all: whoever comes first gets any free bed. Ring-fence: so many beds for the first "
    "stream, the rest for the other, and neither may use the other's. Keep free: the other stream "
    "may not take the last so many. One goes first: the first stream is served first."
)


def words(stream: str) -> str:
    """Return what people call a stream.

    >>> words("step_up")
    'step-up'
    """
    return stream.replace("_", "-") if stream.startswith("step_") else stream.replace("_", " ")


def policy(choice: str, streams: tuple[str, ...], beds: int, capacity: int) -> Any:
    """Return what stands under `policy` of the pool; None where nothing is to be set.

    Parameters
    ----------
    choice
        One of `POLICIES`.
    streams
        The streams, the one of which is spoken first.
    beds
        Beds of that one.
    capacity
        All beds.
    """
    if choice == SHARE:
        return "shared"
    if choice == FENCE:
        return {"ring_fenced": {streams[0]: beds, streams[1]: capacity - beds}}
    if choice == KEEP_FREE:
        return {"reserved": {streams[0]: beds}}
    if choice == FIRST_COME:
        return {"priority": list(streams)}
    return None


def label(choice: str, streams: tuple[str, ...], beds: int) -> str:
    """Return a choice in words.

    >>> label(FENCE, ("step_up", "step_down"), 20)
    'ring-fence 20 for step-up'
    """
    first = words(streams[0])
    return {
        SHARE: "share all",
        FENCE: f"ring-fence {beds} for {first}",
        KEEP_FREE: f"keep {beds} free for {first}",
        FIRST_COME: f"{first} goes first",
    }.get(choice, "")


def quick(
    scenario: str,
    pool: str,
    streams: tuple[str, ...],
    capacity: int,
    fences: tuple[int, ...],
    **more: Any,
) -> Request:
    """Return the question of who may use the beds: share all, or ring-fence some."""
    from carepath_sim.web.request import Request, Way

    path = f"pools.{pool}.policy"

    def way(choice: str, beds: int = 0) -> Way:
        sets: Sets = ((path, policy(choice, streams, beds, capacity)),)
        text = label(choice, streams, beds)
        return Way(text[0].upper() + text[1:], sets)

    return Request(scenario, (way(SHARE), *(way(FENCE, one) for one in fences)), pool, **more)


def fences(capacity: int) -> tuple[int, int]:
    """Return two fences to ask about: about a sixth and a third, in fives where there are many.

    >>> fences(125), fences(6)
    ((20, 40), (1, 2))
    """
    step = 5 if capacity >= 50 else 1
    low = max(1, round(capacity / 6 / step) * step)
    return low, max(low + 1, 2 * low)
