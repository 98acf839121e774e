"""Waiting-time standards, and the conditions under which they apply."""

from __future__ import annotations

from datetime import date
from math import isnan
from types import SimpleNamespace
from typing import Any

import pytest

from carepath_sim.engine.spells import Outcome
from carepath_sim.measures import notes
from carepath_sim.plan.plan import AttributeInfo
from carepath_sim.scenario.values import Test as Condition
from carepath_sim.units import HOUR

MET = "standard:rapid"


def standard(world: Any, *when: Condition, hours: float = 3, **given: Any) -> None:
    world.standards["rapid"] = SimpleNamespace(
        when=when,
        from_=given.get("from_", "spr.requested"),
        to=given.get("to", ("assessment.started",)),
        within=SimpleNamespace(value=hours * HOUR),
        by=given.get("by"),
    )


def call(world: Any, at: float, answer: float | None, **given: Any) -> int:
    """Add a person who calls and may be assessed some hours later."""
    p = world.person(**given.pop("person", {}))
    world.episode(p, given.pop("cause", "fall"), at, **given.pop("episode", {}))
    world.spell(p, "spr", at, at, **given)
    if answer is not None:
        start = at + answer / 24
        world.spell(p, "assessment", start, start + 0.1, asked=at)
    return p


def test_an_answer_within_the_limit_meets_the_standard(world: Any) -> None:
    standard(world)
    for answer in (0, 2, 3, 3.01, 50):
        call(world, 5, answer)
    assert world.value("standard_met", MET) == pytest.approx(3 / 5)
    assert world.value("standard_unanswered", MET) == 0
    assert world.value("standard_median", MET) == pytest.approx(3)
    assert world.value("standard_mean", MET) == pytest.approx(58.01 / 5)


def test_what_is_never_answered_is_missed_once_the_time_is_up(world: Any) -> None:
    standard(world)
    call(world, 5, 1)
    call(world, 5, None)
    assert world.value("standard_met", MET) == 0.5
    assert world.value("standard_unanswered", MET) == 0.5
    assert world.weights("standard_met")[MET, "window"] == 2


def test_before_the_time_is_up_nothing_is_judged(world: Any) -> None:
    standard(world, hours=100 * 24)
    call(world, 50, 1)
    call(world, 50, None)  # 100 days end on day 150, the run on day 152
    call(world, 60, None)  # and here on day 160
    assert world.value("standard_met", MET) == 0.5
    assert world.value("standard_pending", MET) == pytest.approx(1 / 3)


def test_the_first_of_several_answers_counts(world: Any) -> None:
    standard(world, to=("assessment.started", "acute.started"))
    p = call(world, 5, 10)
    world.spell(p, "acute", 5 + 1 / 24, 9)
    assert world.value("standard_met", MET) == 1
    assert world.value("standard_median", MET) == pytest.approx(1)


def test_an_answer_before_the_clock_or_in_a_later_episode_does_not_count(world: Any) -> None:
    standard(world)
    p = world.person()
    world.episode(p, "fall", 4)
    world.spell(p, "assessment", 4, 4.1)
    world.spell(p, "spr", 5, 5)
    world.episode(p, "fall", 5.05)
    world.spell(p, "assessment", 5.1, 5.2)
    assert world.value("standard_met", MET) == 0


def test_clocks_start_in_the_window_only(world: Any) -> None:
    standard(world)
    call(world, -0.1, 1)
    call(world, 61, 1)
    assert isnan(world.value("standard_met", MET))


def test_the_name_of_a_template_means_all_its_members(world: Any) -> None:
    world.service("access[north]", in_place=True)
    world.service("access[south]", in_place=True)
    standard(world, from_="access.requested")
    for name in ("access[north]", "access[south]"):
        p = world.person()
        world.episode(p, "fall", 5)
        world.spell(p, name, 5, 5)
        world.spell(p, "assessment", 5.1, 5.2, asked=5)
    assert world.weights("standard_met")[MET, "window"] == 2
    assert world.value("standard_met", MET) == 1


def test_a_stay_cut_short_never_was_ready(world: Any) -> None:
    standard(world, from_="acute.ready", to=("reablement.started",))
    for outcome, ready in ((Outcome.MOVED, 8), (Outcome.DIED, 12)):
        p = world.person()
        world.episode(p, "fall", 5)
        world.spell(p, "acute", 5, 9, ready=ready, outcome=outcome)
    assert world.weights("standard_met")[MET, "window"] == 1


def test_a_standard_can_be_reported_by_class(world: Any) -> None:
    """Three rapid calls, two in time; one normal call, late: 2/4 in all, 2/3 and 0 by class."""
    world.attributes += [AttributeInfo("response", "episode", ("rapid", "normal", "other"))]
    standard(world, by="response")
    for answer, response in ((1, 0), (2, 0), (None, 0), (9, 1)):
        call(world, 5, answer, episode={"response": response})
    assert world.value("standard_met", MET) == 0.5
    assert world.value("standard_met", f"{MET} | response:rapid") == pytest.approx(2 / 3)
    assert world.value("standard_unanswered", f"{MET} | response:rapid") == pytest.approx(1 / 3)
    assert world.value("standard_met", f"{MET} | response:normal") == 0
    assert isnan(world.value("standard_met", f"{MET} | response:other"))
    assert world.weights("standard_met")[f"{MET} | response:rapid", "window"] == 3


CASES = [
    (Condition("sex", ("women",)), {"person": {"sex": 0}}, {"person": {"sex": 1}}),
    (Condition("age", low=75), {"person": {"age": 80}}, {"person": {"age": 70}}),
    (Condition("age", high=75), {"person": {"age": 74}}, {"person": {"age": 75}}),
    (Condition("age", ("80",)), {"person": {"age": 80}}, {"person": {"age": 81}}),
    (Condition("urgency", ("rapid",)), {"episode": {"urgency": 1}}, {"episode": {"urgency": 0}}),
    (Condition("cause", ("fall",)), {"cause": "fall"}, {"cause": "infection"}),
    (Condition("from", ("home",)), {"waited_at": "home"}, {"waited_at": "acute"}),
    (Condition("via", ("notice",)), {"via": "notice"}, {"via": "assessment"}),
    (Condition("stream", ("step_up",)), {"stream": "step_up"}, {"stream": "step_down"}),
]


@pytest.mark.parametrize(("condition", "yes", "no"), CASES, ids=[case[0].key for case in CASES])
def test_a_standard_applies_where_its_condition_holds(
    world: Any, condition: Condition, yes: dict[str, Any], no: dict[str, Any]
) -> None:
    world.attributes += [
        AttributeInfo("sex", "person", ("women", "men")),
        AttributeInfo("urgency", "episode", ("normal", "rapid")),
    ]
    standard(world, condition)
    for answer, given in ((1, yes), (99, no)):
        person = {"sex": 0, **given.get("person", {})}
        episode = {"urgency": 1, **given.get("episode", {})}
        more = {k: v for k, v in given.items() if k not in {"person", "episode"}}
        call(world, 5, answer, person=person, episode=episode, **more)
    assert world.value("standard_met", MET) == 1
    assert world.weights("standard_met")[MET, "window"] == 1


TIMES = [
    (Condition("weekday", ("Wed",)), 0.5, 1.5),  # 1 April 2015 was a Wednesday
    (Condition("month", ("May",)), 30.5, 29.5),
    (Condition("hour", ("13",)), 3 + 13.5 / 24, 3 + 14 / 24),
    (Condition("hour", low=8, high=20), 3 + 8 / 24, 3 + 20 / 24),
    (Condition("date", low=date(2015, 4, 11)), 10, 9.99),
    (Condition("date", high=date(2015, 4, 11)), 9.99, 10),
]


@pytest.mark.parametrize(("condition", "yes", "no"), TIMES, ids=[f"{c[0]}" for c in TIMES])
def test_conditions_of_time_are_those_of_the_clocks_start(
    world: Any, condition: Condition, yes: float, no: float
) -> None:
    standard(world, condition)
    call(world, yes, 1)
    call(world, no, 99)
    assert world.value("standard_met", MET) == 1
    assert world.weights("standard_met")[MET, "window"] == 1


def test_an_attribute_counts_as_it_was_at_that_instant(world: Any) -> None:
    world.attributes += [AttributeInfo("known", "person", ("no", "yes"))]
    standard(world, Condition("known", ("yes",)))
    p = call(world, 5, 99, person={"known": 0})
    world.change(6, p, 1, 1)
    world.episode(p, "fall", 7)
    world.spell(p, "spr", 7, 7)
    world.spell(p, "assessment", 7.1, 7.2)
    world.change(8, p, 1, 0)
    world.episode(p, "fall", 9)
    world.spell(p, "spr", 9, 9)
    assert world.weights("standard_met")[MET, "window"] == 1
    assert world.value("standard_met", MET) == 1


def test_an_attribute_of_an_episode_does_not_pass_to_the_next(world: Any) -> None:
    world.attributes += [AttributeInfo("known", "episode", ("no", "yes"))]
    standard(world, Condition("known", ("yes",)))
    p = call(world, 5, 99, episode={"known": 0})
    world.change(6, p, 1, 1)
    world.spell(p, "spr", 6.5, 6.5)
    world.spell(p, "assessment", 6.6, 6.7)
    call_again = world.episode(p, "fall", 7, known=0)
    world.spell(p, "spr", 7, 7, episode=call_again)
    # Of three calls only the second came after it was known, and in the same episode.
    assert world.weights("standard_met")[MET, "window"] == 1
    assert world.value("standard_met", MET) == 1


def test_a_standard_that_cannot_be_judged_is_left_out_with_a_note(world: Any) -> None:
    standard(world, Condition("holds", ("home_care",)))
    call(world, 5, 1)
    assert world.cells("standard_met") == {}
    (note,) = notes(world.plan, ["standard_met"])
    assert "rapid (holds)" in note.text
