"""Random numbers: Philox as published, compiled as interpreted, and draws by name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import HOUR, Row, comes, run

from carepath_sim.engine import rules
from carepath_sim.engine.streams import _multiply, philox, uniform
from carepath_sim.plan import tables

# Known answers of Philox 4x32-10: counter, key, result (the file kat_vectors of Random123).
ONES = "ffffffff"
VECTORS = [
    ("0 0 0 0", "0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    (f"{ONES} {ONES} {ONES} {ONES}", f"{ONES} {ONES}", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]
word = st.integers(0, 2**32 - 1)


def words(text: str) -> tuple[int, ...]:
    return tuple(int(part, 16) for part in text.split())


@pytest.mark.parametrize(("counter", "key", "result"), VECTORS)
def test_philox_gives_the_published_vectors(counter: str, key: str, result: str) -> None:
    assert philox(*words(counter), *words(key)) == words(result)


@pytest.mark.parametrize(("counter", "key", "result"), VECTORS)
def test_philox_interpreted_gives_the_published_vectors(
    counter: str, key: str, result: str
) -> None:
    assert philox.py_func(*words(counter), *words(key)) == words(result)


@settings(max_examples=200, deadline=None)
@given(st.tuples(word, word, word, word, word, word))
def test_compiled_numbers_equal_interpreted_ones(six: tuple[int, ...]) -> None:
    assert philox(*six) == philox.py_func(*six)
    assert uniform(*six) == uniform.py_func(*six)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([0xD2511F53, 0xCD9E8D57]), word)
def test_products_of_32_bits_are_exact(constant: int, b: int) -> None:
    """The product in halves of 16 bits equals that of Python's unbounded integers."""
    high, low = _multiply.py_func(constant >> 16, constant & 0xFFFF, b)
    assert (high << 32) + low == constant * b


def test_a_uniform_is_never_0_or_1() -> None:
    """The least and the greatest of its 2**52 values lie inside, and so does 1 - u."""
    assert 0.5 / 2.0**52 > 0.0
    assert ((2**26 - 1) * 67108864.0 + (2**26 - 1) + 0.5) / 2.0**52 < 1.0


def test_uniforms_are_uniform_and_do_not_depend_on_their_neighbours() -> None:
    """Chi-square of 100 bins and the correlation of neighbouring people and replications.

    With 100,000 numbers of a fixed seed; a wrong generator would miss 5 sigma by far, a right
    one would fail this in about one seed of a million.
    """
    u = np.array([uniform(7, 0, index, 11, 13, 1 << 16) for index in range(100_000)])
    counts = np.histogram(u, bins=100, range=(0, 1))[0]
    chi_square = ((counts - 1000.0) ** 2 / 1000.0).sum()
    assert abs(chi_square - 99) < 5 * np.sqrt(2 * 99)
    v = np.array([uniform(7, 1, index, 11, 13, 1 << 16) for index in range(100_000)])
    for other in (np.roll(u, 1), v):
        assert abs(np.corrcoef(u, other)[0, 1]) < 5 / np.sqrt(100_000)


def test_the_constants_of_the_rules_are_those_of_the_plan() -> None:
    """Numba wants constants in its own module; here they are held together."""
    shared = ("FAR", "WEEK", "DAY", "HOUR", "DATE_TEST", "OPEN_TEST", "TIME_OF_DAY", "WEEKDAY")
    shared += ("MONTH", "HELD", "HELD_TOO", "SHARED", "PRIORITY", "RING_FENCED", "RESERVED")
    shared += ("PARTIAL", "TO_OWN")
    for name in shared:
        assert getattr(rules, name) == getattr(tables, name), name


def test_numbers_written_into_the_rules_are_the_constants() -> None:
    """The rules compare with literals; each literal is one of the constants above."""
    assert (tables.NEVER, tables.FAR) == (-(2**63), 4_611_686_018_427_387_904)
    assert (tables.WEEK, tables.DAY, tables.HOUR) == (604_800_000, 86_400_000, 3_600_000)
    assert (tables.DATE_TEST, tables.OPEN_TEST, tables.TO_OWN) == (-1, -2, 1)
    assert (tables.TIME_OF_DAY, tables.WEEKDAY, tables.MONTH, tables.HELD) == (1, 2, 3, 9)
    assert (tables.PRIORITY, tables.RING_FENCED, tables.RESERVED, tables.PARTIAL) == (1, 2, 3, 4)


# --- streams by name (trap 3) ----------------------------------------------------------------

ACUTE = {"stay": {"exponential": {"mean": "2 d"}}, "next": {"to": {"ward": 0.5, "home": 0.5}}}
WARD = {"stay": {"gamma": {"mean": "9 d", "sd": "4 d"}}, "next": "home"}
PEOPLE = {"people": {"rate": "3 per d", "at": "acute"}}


def length(row: Row) -> int:
    """Return the drawn length of a stay [ms]."""
    return round((row.ready - row.started) * HOUR)


def lengths(service: str, services: dict, arrivals: dict = PEOPLE) -> dict[str, int]:
    seen = run(services=services, arrivals=arrivals)
    return {
        row.person: length(row)
        for row in seen.rows(service=service)
        if row.person.startswith("people")
    }


def test_adding_a_decision_changes_nobodys_other_draws() -> None:
    """Trap 3: a step and a route more, and every stay is as long as before."""
    plain = {"acute": ACUTE, "ward": WARD}
    desk = {"in_place": True, "stay": {"exponential": {"mean": "1 h"}}, "next": "acute"}
    attributes = {"class": {"of": "episode", "shares": {"a": 0.5, "b": 0.5}}}
    before = lengths("ward", plain)
    with_step = run(
        services={"desk": desk, **plain},
        arrivals={"people": {"rate": "3 per d", "at": "desk"}},
        attributes=attributes,
    )
    after = {row.person: length(row) for row in with_step.rows(service="ward")}
    common = set(before) & set(after)
    assert len(common) > 20
    assert {p: before[p] for p in common} == {p: after[p] for p in common}


def test_renaming_a_service_draws_anew_unless_it_keeps_its_luck() -> None:
    """`luck:` lets services of two scenarios share their draws."""
    before = lengths("ward", {"acute": ACUTE, "ward": WARD})
    to_hotel = {**ACUTE, "next": {"to": {"hotel": 0.5, "home": 0.5}}}
    assert lengths("hotel", {"acute": to_hotel, "hotel": {**WARD, "luck": "ward"}}) == before
    assert lengths("hotel", {"acute": to_hotel, "hotel": WARD}) != before


def test_the_second_time_is_another_draw_than_the_first() -> None:
    """The occurrence of a decision within the episode stands in its key."""
    seen = run(
        arrivals={"ann": comes("acute", 0)},
        services={
            "acute": {
                "stay": {"exponential": {"mean": "1 d"}},
                "next": {"to": {"acute": 0.9, "home": 0.1}},
            }
        },
        clock={"start": "2015-06-01", "length": "1 y"},
        seed=3,
    )
    found = [row.ready - row.started for row in seen.rows("ann")]
    assert len(found) > 3
    assert len(set(found)) == len(found)


def test_twins_of_different_sources_have_luck_of_their_own() -> None:
    seen = run(
        arrivals={"ann": comes("acute", 0), "bob": comes("acute", 0)},
        services={"acute": {"stay": {"exponential": {"mean": "1 d"}}, "next": "home"}},
    )
    assert seen.one("ann", "acute").ready != seen.one("bob", "acute").ready
