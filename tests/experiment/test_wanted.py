"""Figures asked for by name, and targets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from carepath_sim.experiment.amounts import amount
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.frames import Figures
from carepath_sim.experiment.wanted import Target, Wanted, figure, targets
from carepath_sim.measures import Row

if TYPE_CHECKING:
    from carepath_sim.experiment.results import RunResult


def with_rows(result: RunResult, rows: list[list[Row]]) -> RunResult:
    """Return the result with other figures, one list a replication."""
    return replace(
        result,
        done=tuple(
            replace(result.done[0], replication=k, rows=tuple(some)) for k, some in enumerate(rows)
        ),
    )


def test_figure_is_what_replications_say(result: RunResult) -> None:
    """Every way of writing a stratum gives the same rows."""
    expected = Figures(result.done).values(("occupancy_mean", "pool:community_beds"))
    assert np.isfinite(expected).all()
    for name in ("occupancy_mean[pool:community_beds]", " occupancy_mean [ community_beds ] "):
        np.testing.assert_array_equal(figure(result, name), expected)
    by_stream = Figures(result.done).values(
        ("wait_mean", "service:community_hospital | stream:step_up")
    )
    np.testing.assert_array_equal(figure(result, "wait[step_up | community_hospital]"), by_stream)
    total = Figures(result.done).values(("delayed_transfer_days", "all"))
    np.testing.assert_array_equal(figure(result, "delayed_days"), total)


def test_pool_stands_for_the_services_that_draw_from_it(result: RunResult) -> None:
    """One service: its own figure; several: the ratio of the sums, or the sum of counts."""
    one = Figures(result.done).values(("p_wait", "service:community_hospital"))
    np.testing.assert_allclose(figure(result, "p_wait[community_beds]"), one)
    streamed = Figures(result.done).values(
        ("p_wait", "service:community_hospital | stream:step_up")
    )
    np.testing.assert_allclose(figure(result, "p_wait[community_beds | step_up]"), streamed)

    plan = result.plan
    acute = plan.service_index["acute"]
    second = replace(plan.services[acute], pools=(plan.pool_index["community_beds"],))
    services = (*plan.services[:acute], second, *plan.services[acute + 1 :])
    made = with_rows(
        result,
        [
            [
                Row("p_wait", "service:community_hospital", "window", 0.5, 10.0),
                Row("p_wait", "service:acute", "window", 0.1, 30.0),
                Row("waiting_people", "service:community_hospital", "window", 2.0),
                Row("waiting_people", "service:acute", "window", 3.0),
                Row("wait_p90", "service:community_hospital", "window", 2.0, 10.0),
                Row("wait_p90", "service:acute", "window", 3.0, 30.0),
            ]
        ],
    )
    vars(made)["plan"] = replace(plan, services=services)
    assert figure(made, "p_wait[community_beds]").tolist() == [pytest.approx((5 + 3) / 40)]
    assert figure(made, "waiting_people[community_beds]").tolist() == [5.0]
    with pytest.raises(OptionError, match="does not follow"):
        figure(made, "wait_p90[community_beds]")


def test_absent_counts_are_zero_and_absent_shares_unknown(result: RunResult) -> None:
    rows = [
        [
            Row("delayed_transfer_days", "reason:transfer", "window", 4.0),
            Row("p_wait", "all", "window", 1.0, 2.0),
        ],
        [],
    ]
    made = with_rows(result, rows)
    assert figure(made, "delayed_days[transfer]").tolist() == [4.0, 0.0]
    assert figure(made, "delayed_days[reason:none such]").tolist() == [0.0, 0.0]
    np.testing.assert_array_equal(figure(made, "p_wait"), [1.0, np.nan])


def test_excess_of_a_share_is_that_of_the_ratio_of_sums(result: RunResult) -> None:
    """Two replications with 1 of 10 and 9 of 30 waiting: 10 of 40, not the mean of the shares."""
    made = with_rows(
        result,
        [
            [Row("p_wait", "all", "window", 0.1, 10.0)],
            [Row("p_wait", "all", "window", 0.3, 30.0)],
            [Row("p_wait", "all", "window", np.nan, 0.0)],
        ],
    )
    excess = Target.parse("p_wait<=0.2").excess(made)
    assert excess.mean() == pytest.approx(10 / 40 - 0.2)
    # 10 people, 1.5 fewer than a share of 0.25 would be; replications have 13.3 people each.
    assert excess[0] == pytest.approx(0.05 - 1.5 / (40 / 3))
    assert excess[2] == pytest.approx(0.05)
    assert Target.parse("p_wait>=0.2").excess(made).mean() == pytest.approx(0.2 - 10 / 40)


def test_targets_are_read_with_their_units() -> None:
    found = targets(["p_wait[community_beds]<=5%, wait_mean[a, b] < 2 days", "cost≥£1.2m"])
    assert [(one.wanted.measure, one.wanted.stratum, one.at_most) for one in found] == [
        ("p_wait", "community_beds", True),
        ("wait_mean", "a, b", True),
        ("costs", "", False),
    ]
    assert [one.limit for one in found] == [0.05, 48.0, 1.2e6]
    assert targets(found) == found
    assert str(found[0]) == "p_wait[community_beds] <= 0.05"
    assert Target.parse("p_wait[teams[north]]<=0").wanted.stratum == "teams[north]"


def test_met_is_about_the_mean() -> None:
    target = Target.parse("delayed_days<=10")
    assert target.met([5.0, 15.0])
    assert not target.met([5.0, 16.0])
    assert not target.met([np.nan])
    assert Target.parse("delayed_days>=10").met([5.0, 16.0, np.nan])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("p_wate<=0.05", "there is no measure 'p_wate'; did you mean 'p_wait'"),
        ("p_wait=0.05", "is no target"),
        ("p_wait<=", "is no target"),
        ("p_wait[beds<=0.1", "is no figure"),
        ("p_wait<=many", "is no amount"),
        ("p_wait<=5", "written 5%"),
        ("p_wait<=5 days", "does not fit"),
        ("delayed_days<=£3", "does not fit"),
    ],
)
def test_wrong_targets_are_told(text: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Target.parse(text)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("p_wait", r"needs a stratum; known are p_wait\[service:gp\]"),
        ("p_full[comunity_beds]", r"did you mean 'p_full\[community_beds\]'"),
        ("delayed_transfer_days[elsewhere]", "has no stratum 'elsewhere'"),
        ("payment_released", "has no payment_released"),
        ("costs[nhs | nowhere]", "has no stratum"),
    ],
)
def test_wrong_strata_are_told(result: RunResult, name: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        figure(result, name)


def test_a_pool_is_meant_where_none_is_written(result: RunResult) -> None:
    assert Wanted.parse("p_full").on(result, pool="community_beds").strata == (
        "pool:community_beds",
    )
    assert Wanted.parse("costs").on(result, pool="community_beds").strata == ("all",)


def test_amounts() -> None:
    assert amount("90 min", "h") == 1.5
    assert amount("12 delayed days", "delayed days") == 12.0
    assert amount("800k GBP", "GBP") == 8e5
