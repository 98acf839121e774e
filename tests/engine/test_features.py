"""The random scenarios hold the whole language: what never occurs in them is tried by nobody."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from features import features, known, runs_depend_on
from random_scenarios import thrown

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

DRAWN = 200


def test_every_part_of_the_language_occurs_in_the_random_scenarios() -> None:
    """Of 200, each field, choice and word that a run depends on is in two or more."""
    counts: Counter[str] = Counter()
    for seed in range(DRAWN):
        counts.update(features(thrown(seed)))
    wanted = {feature for feature in known() if runs_depend_on(feature)}
    seldom = sorted(feature for feature in wanted if counts[feature] < 2)
    assert seldom == [], "add them to tests/random_scenarios.py, or to FOR_READERS"
    assert len(wanted) > 100


def test_features_are_the_fields_that_are_written() -> None:
    found: AbstractSet[str] = features(
        {
            "clock": {"warm_up": "3 d"},
            "pools": {"beds": {"policy": {"reserved": {"up": 1}}, "overflow": "unlimited"}},
            "services": {"ward": {"next": [{"when": {"a": "b"}, "to": "died"}]}},
        }
    )
    assert found == {
        "Scenario.clock",
        "Clock.warm_up",
        "Scenario.pools",
        "Pool.policy",
        "Pool.policy: reserved",
        "Pool.overflow",
        "Pool.overflow=unlimited",
        "Scenario.services",
        "Service.next",
        "Service.next: when",
        "Service.next: died",
    }
