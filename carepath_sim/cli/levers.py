"""What `capacity` and `goal` share: targets, how long to search, and how to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from carepath_sim.experiment.goal import Goal

NO = 1
"""Exit code where no capacity, or no value of a lever, meets the targets."""

Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        metavar="TARGET",
        help="What is to be met: `p_wait<=0.05`, `wait_mean[acute] <= 2 days`. May be repeated.",
    ),
]
Most = Annotated[
    int,
    typer.Option("--most", min=5, help="Replications of one value at most."),
]
Confidence = Annotated[
    float,
    typer.Option(
        "--confidence",
        min=0.5,
        max=0.999,
        help="That all decisions of a search are right together.",
    ),
]


def leave(answer: Goal | None) -> None:
    """End with exit code 1 where the answer is that nothing meets the targets."""
    if answer is not None and not answer.met:
        raise typer.Exit(NO)


def plain(value: Any) -> Any:
    """Return plain values without numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):  # noqa: PLR0124
        return None
    return value


def draw(shown: Any, out: Any, name: str) -> None:
    """Save the picture of an answer in its folder, where there is one."""
    if out is None:
        return
    from carepath_sim.report.saving import save

    drawn = shown.plot()
    save(drawn[0] if isinstance(drawn, list) else drawn, out, name)
