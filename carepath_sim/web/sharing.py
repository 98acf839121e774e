"""Ways to share a pool between step-up and step-down, as a person chooses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from carepath_sim.scenario.values import Policy
    from carepath_sim.web.request import Request, Sets

AS_WRITTEN, SHARE, FENCE, PART, KEEP_FREE, FIRST_COME = (
    "As in the scenario",
    "Share all",
    "Ring-fence all",
    "Ring-fence some, share the rest",
    "Share, but keep some free",
    "Share, but one goes first",
)
POLICIES: Final = (AS_WRITTEN, SHARE, FENCE, PART, KEEP_FREE, FIRST_COME)
ONE_SIDED: Final = (KEEP_FREE, FIRST_COME)
"""Choices that are in favour of one stream."""
MEANING: Final = {
    AS_WRITTEN: "",
    SHARE: "Whoever comes first gets any free bed.",
    FENCE: "Each has beds of its own, and neither may use the other's.",
    PART: "Each has beds of its own; those in the middle are for whoever comes.",
    KEEP_FREE: "The other may not take the last few free beds.",
    FIRST_COME: "Any free bed, one line: whoever goes first passes those who wait.",
}


def words(stream: str) -> str:
    """Return what people call a stream.

    >>> words("step_up")
    'step-up'
    """
    return stream.replace("_", "-") if stream.startswith("step_") else stream.replace("_", " ")


@dataclass(frozen=True)
class Sharing:
    """A way to share a pool between two streams.

    Attributes
    ----------
    choice
        One of `POLICIES`.
    streams
        The two streams; of one-sided choices the favoured one first.
    own
        Beds of each that are its own, or are kept free for it.
    """

    choice: str
    streams: tuple[str, ...]
    own: tuple[int, int] = (0, 0)

    def policy(self, capacity: int) -> Any:
        """Return what stands under `policy` of the pool; None where nothing is to be set."""
        first, second = self.streams
        return {
            SHARE: "shared",
            FENCE: {"ring_fenced": {first: self.own[0], second: capacity - self.own[0]}},
            PART: {
                "partial": {
                    first: self.own[0],
                    second: self.own[1],
                    "shared": capacity - sum(self.own),
                }
            },
            KEEP_FREE: {"reserved": {first: self.own[0]}},
            FIRST_COME: {"priority": [first, second]},
        }.get(self.choice)

    @property
    def label(self) -> str:
        """The choice in words.

        >>> Sharing(FENCE, ("step_up", "step_down"), (20, 0)).label
        'ring-fence 20 for step-up'
        >>> Sharing(PART, ("step_up", "step_down"), (10, 52)).label
        'ring-fence 10 for step-up and 52 for step-down, share the rest'
        """
        first, second = map(words, self.streams)
        beds = self.own[0]
        return {
            SHARE: "share all",
            FENCE: f"ring-fence {beds} for {first}",
            PART: f"ring-fence {beds} for {first} and {self.own[1]} for {second}, share the rest",
            KEEP_FREE: f"keep {beds} free for {first}",
            FIRST_COME: f"{first} goes first",
        }.get(self.choice, "")


def written(policy: Policy, streams: tuple[str, ...]) -> str:
    """Return the policy of a scenario in words."""
    parts = dict(policy.parts)
    if policy.kind == "shared":
        return MEANING[SHARE]
    if policy.kind == "priority":
        return f"{words(min(parts, key=lambda name: parts[name].value)).capitalize()} goes first."
    own = ", ".join(f"{parts[one].text} for {words(one)}" for one in streams if one in parts)
    common = f", {parts['shared'].text} for whoever comes" if "shared" in parts else ""
    return f"{'Kept free' if policy.kind == 'reserved' else 'Own beds'}: {own}{common}."


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
        one = Sharing(choice, streams, (beds, 0))
        sets: Sets = ((path, one.policy(capacity)),)
        return Way(one.label[0].upper() + one.label[1:], sets)

    return Request(scenario, (way(SHARE), *(way(FENCE, one) for one in fences)), pool, **more)


def fences(capacity: int) -> tuple[int, int]:
    """Return two fences to ask about: about a sixth and a third, in fives where there are many.

    >>> fences(125), fences(6)
    ((20, 40), (1, 2))
    """
    step = 5 if capacity >= 50 else 1
    low = max(1, round(capacity / 6 / step) * step)
    return low, max(low + 1, 2 * low)
