"""What is left to do, given out so that a worker keeps to what it has at hand."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


class Grouped(Protocol):
    """Whoever works keeps to a group of tasks while there is work in it."""

    group: Hashable


class Left:
    """Positions of tasks that are left, by group.

    Parameters
    ----------
    positions
        What is to be done.
    group
        Group of a task by its position; None: each is a group of its own.
    """

    def __init__(self, positions: range, group: Callable[[int], Hashable] | None) -> None:
        self.size = len(positions)
        self.group = group or (lambda position: position)
        self.by_group: dict[Hashable, deque[int]] = {}
        for position in positions:
            self.by_group.setdefault(self.group(position), deque()).append(position)
        self.untouched = deque(self.by_group)

    def __len__(self) -> int:
        return self.size

    def take(self, worker: Grouped) -> int:
        """Give a worker the next task: of its own group, of a new one, or to help the slowest."""
        if worker.group not in self.by_group:
            while self.untouched and self.untouched[0] not in self.by_group:
                self.untouched.popleft()
            if self.untouched:
                worker.group = self.untouched.popleft()
            else:
                worker.group = max(self.by_group, key=lambda one: len(self.by_group[one]))
        position = self.by_group[worker.group].popleft()
        self.size -= 1
        if not self.by_group[worker.group]:
            del self.by_group[worker.group]
        return position

    def put_back(self, position: int) -> None:
        """Take back a task that was not done."""
        self.by_group.setdefault(self.group(position), deque()).append(position)
        self.size += 1
