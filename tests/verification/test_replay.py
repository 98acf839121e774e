"""A queue worked through by hand comes out of the replay."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from carepath_sim.verification.replay import Request, starts


def crowd(*rows: tuple[int, int, int | None, int | None]) -> list[Request]:
    """Requests from (came, rank, patience, service), numbered as written."""
    return [
        Request(came, rank, k, patience, service)
        for k, (came, rank, patience, service) in enumerate(rows)
    ]


def test_who_comes_first_is_served_first() -> None:
    people = crowd((0, 0, None, 10), (5, 0, None, 10), (3, 0, None, 10))
    assert starts(people, 1) == [0, 20, 10]


def test_two_servers_serve_two() -> None:
    people = crowd((0, 0, None, 10), (0, 0, None, 4), (1, 0, None, 10), (1, 0, None, 10))
    assert starts(people, 2) == [0, 0, 4, 10]


def test_the_urgent_go_first_and_interrupt_nobody() -> None:
    people = crowd((0, 1, None, 10), (1, 1, None, 10), (2, 0, None, 10))
    assert starts(people, 1) == [0, 20, 10]


def test_who_gives_up_is_not_served() -> None:
    people = crowd((0, 0, None, 10), (1, 0, 5, 10), (2, 0, None, 10))
    assert starts(people, 1) == [0, None, 10]


def test_a_place_that_frees_as_patience_ends_goes_to_the_person() -> None:
    assert starts(crowd((0, 0, None, 10), (1, 0, 9, 10)), 1) == [0, 10]


def test_without_patience_only_a_free_server_helps() -> None:
    people = crowd((0, 0, 0, 10), (1, 0, 0, 10), (10, 0, 0, 10))
    assert starts(people, 1) == [0, None, 10]


def test_services_of_no_length_let_the_next_one_in_at_once() -> None:
    people = crowd((0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 5), (0, 0, 0, 5))
    assert starts(people, 1) == [0, 0, 0, None]


def test_a_service_without_end_keeps_its_server() -> None:
    assert starts(crowd((0, 0, None, None), (1, 0, None, 5)), 1) == [0, None]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10)), min_size=1, max_size=20),
)
def test_one_server_works_by_the_recursion_of_lindley(rows: list[tuple[int, int]]) -> None:
    """The wait is the wait before plus its service less the gap, and never negative."""
    rows = sorted(rows)
    people = crowd(*((came, 0, None, service) for came, service in rows))
    expected = [rows[0][0]]
    for (_, service), (came, _) in pairwise(rows):
        expected.append(max(came, expected[-1] + service))
    assert starts(people, 1) == expected
