"""The calendar: bank holidays that are needed, known, and used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from carepath_sim.scenario.bank_holidays import YEARS
from carepath_sim.scenario.checks_cases import fields
from carepath_sim.scenario.checks_conditions import written_conditions
from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path
from carepath_sim.scenario.grammar_working import ENGLAND
from carepath_sim.scenario.values import CapacitySpec, Distribution, Hours, Number, Patience
from carepath_sim.units import DAY

WHERE: Path = ("clock", "bank_holidays")


def bank_holidays(names: Vocabulary) -> Iterator[Finding]:
    """Yield bank holidays that are meant but not given, and years for which none are known."""
    clock = names.scenario.clock
    if clock.bank_holidays == ENGLAND:
        first = clock.start - timedelta(days=-(-clock.warm_up.value // DAY))
        last = clock.length.last(clock.start) + timedelta(days=clock.run_out.value // DAY)
        if first.year not in YEARS or last.year not in YEARS:
            message = (
                f"the bank holidays of England are known from {YEARS[0]} to {YEARS[-1]}, but"
                f" the run lasts from {first} to {last} (with warm-up and run-out);"
                " give a list of dates"
            )
            yield WHERE, message
    if not clock.bank_holidays:
        for path, what in _meant(names):
            message = (
                f"{what}, but the scenario has none; write `bank_holidays: england` (or a list of"
                " dates) under `clock:`"
            )
            yield path, message


def unused(names: Vocabulary) -> Iterator[Finding]:
    """Yield bank holidays that make no difference."""
    if names.scenario.clock.bank_holidays and not any(_meant(names)) and not any(_working(names)):
        message = (
            "has no effect: no hours (`working days`, `except bank holidays`), no length of time"
            " (`2 working days`) and no condition (`day:`) minds bank holidays"
        )
        yield WHERE, message


def _meant(names: Vocabulary) -> Iterator[tuple[Path, str]]:
    """Yield where bank holidays are named."""
    for path, hours in _all_hours(names):
        if "bank holidays" in " ".join(hours.text.lower().split()):
            yield path, f"the hours `{hours.text}` mean bank holidays"
    for path, tests in written_conditions(names):
        for test in tests:
            if test.key == "day" and "bank holiday" in test.values:
                yield (*path, "day"), "the condition asks for a bank holiday"


def _working(names: Vocabulary) -> Iterator[Path]:
    """Yield where working days are named."""
    for path, hours in _all_hours(names):
        if hours.minds_bank_holidays:
            yield path
    for path, tests in written_conditions(names):
        if any(test.key == "day" for test in tests):
            yield path
    for name, service in names.services.items():
        for _, path, cases in fields(name, service):
            for case in cases:
                value = case.value.after if isinstance(case.value, Patience) else case.value
                if isinstance(value, (Number, Distribution)) and value.working:
                    yield path


def _all_hours(names: Vocabulary) -> Iterator[tuple[Path, Hours]]:
    for name, service in names.services.items():
        for field in ("admits", "discharges", "decides"):
            hours: Hours | None = getattr(service, field)
            if hours is not None:
                yield ("services", name, field), hours
    for name, pool in names.scenario.pools.items():
        for hours in _rosters(pool.capacity):
            yield ("pools", name, "capacity"), hours


def _rosters(spec: CapacitySpec) -> Iterator[Hours]:
    for dated in (spec.dated, *(steps for _, steps in spec.by_value)):
        for step in dated:
            for line in step.roster:
                yield line.hours
