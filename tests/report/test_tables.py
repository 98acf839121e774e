"""Tables for the terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

import carepath_sim as cp
from carepath_sim.plan.traffic import offered_load
from carepath_sim.report.cells import difference_cell
from carepath_sim.report.lines import Figure, headline_lines, number, spread, stratum_words
from carepath_sim.report.parameters import scenario_tables
from carepath_sim.report.stays import stays, stays_table
from carepath_sim.report.tables import comparison_table, run_table
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from rich.console import RenderableType

    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.scenario.model import Scenario


def printed(table: RenderableType, width: int = 120) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False).print(table)
    return stream.getvalue()


def line_of(text: str, words: str) -> str:
    return next(line for line in text.splitlines() if line.strip().startswith(words))


def test_the_table_of_a_run_gives_the_means_of_the_summary(comparison: Comparison) -> None:
    summary = comparison.base.summary().set_index(["measure", "stratum"])
    text = printed(run_table(comparison.base))
    row = summary.loc[("delayed_transfer_days", "all")]
    line = line_of(text, "Delayed transfer days")
    assert number(row["mean"], "days") in line
    assert spread(row["low"], row["high"], "days") in line


@pytest.mark.parametrize(
    "words",
    [
        "Emergency admissions",
        "Step-up admissions",
        "Delayed transfer days",
        "awaiting ACHT",
        "Bed days",
        "Community beds",
        "Mean occupancy",
        "Costs [1,000 GBP]",
        "nhs",
    ],
)
def test_a_comparison_has_a_line_for(comparison: Comparison, words: str) -> None:
    assert line_of(printed(comparison_table(comparison)), words)


def test_a_comparison_stands_side_by_side_with_the_paired_difference(
    comparison: Comparison,
) -> None:
    differences = comparison.differences().set_index(["measure", "stratum"])
    row = differences.loc[("emergency_admissions", "all")]
    text = printed(comparison_table(comparison))
    assert re.search(r"^\s+before\s+after\s+Difference\s+VR", text, flags=re.MULTILINE)
    line = line_of(text, "Emergency admissions")
    for column in ("base", "other"):
        assert number(row[column], "admissions") in line
    assert number(row["difference"], "admissions", signed=True) in line


def test_no_line_is_wider_than_a_pipe(before: Scenario, comparison: Comparison) -> None:
    tables = [
        run_table(comparison.base),
        comparison_table(comparison),
        scenario_tables(before, offered_load(before)),
    ]
    for table in tables:
        assert max(len(line) for line in printed(table).splitlines()) <= 120


def test_three_scenarios_get_their_differences_apart(before: Scenario, after: Scenario) -> None:
    three = cp.compare(
        before, after, after.set("pools.community_beds.capacity", 20), replications=2, workers=1
    )
    text = printed(comparison_table(three))
    assert "Differences from" in text
    assert "VR and P(more) of these differences" in text
    assert "hold for all 2 scenarios together" in " ".join(text.split())
    assert max(len(line) for line in text.splitlines()) <= 120


def test_few_replications_are_said_to_tell_little(comparison: Comparison) -> None:
    for table in (run_table(comparison.base), comparison_table(comparison)):
        assert "2 replications hardly tell how much they vary" in printed(table)


def test_uneven_replications_are_said_to_need_more(before: Scenario) -> None:
    """One replication of ten in which everything is ten times as much."""
    result = cp.run(before, replications=1, workers=1)
    (one,) = result.done
    rows = tuple(row._replace(value=10 * row.value) for row in one.rows)
    uneven = [replace(one, replication=k, rows=rows if k == 9 else one.rows) for k in range(10)]
    shown = " ".join(printed(run_table(replace(result, done=tuple(uneven)))).split())
    assert "Very uneven from one replication to the next, a few far from the others: " in shown
    assert "Here 95% intervals of 10 replications hold the truth clearly less often" in shown
    assert re.search(r"; and \d+ more\. .* take 130 before leaning on their ends", shown)
    even = [replace(one, replication=k) for k in range(10)]
    assert "uneven" not in printed(run_table(replace(result, done=tuple(even))))


def test_no_shown_interval_holds_what_cannot_be(comparison: Comparison) -> None:
    """Two replications have intervals of 12.7 standard errors: most would pass 0 or 100 %."""
    text = printed(run_table(comparison.base))
    ends = re.findall(r"(-?[\d.,]+) to (-?[\d.,]+)", text)
    assert ends
    assert not any(low.startswith("-") for low, _ in ends)


def test_one_replication_has_no_interval_and_says_so(before: Scenario) -> None:
    text = printed(run_table(cp.run(before, replications=1, workers=1)))
    assert "One replication has no interval" in text
    assert " to " not in line_of(text, "Emergency admissions")


def test_what_differs_is_listed_below(comparison: Comparison) -> None:
    text = printed(comparison_table(comparison))
    assert re.search(r"capacity of community beds\s+6\s+12", text)


def test_a_measure_that_cannot_be_given_says_why(comparison: Comparison) -> None:
    assert "Still at home 91 days after discharge: not given" in printed(run_table(comparison.base))


def test_values_set_by_hand_are_named(before: Scenario) -> None:
    changed = before.set("pools.community_beds.capacity", 60)
    text = printed(run_table(cp.run(changed, replications=1, workers=1)))
    assert changed.notices
    assert "pools.community_beds.policy" in text


def test_of_many_pools_of_a_template_the_extremes_are_shown(comparison: Comparison) -> None:
    pools = [f"pool:team[{name}]" for name in "abcde"]
    figures = [
        Figure("utilisation", pool, "share", mean)
        for pool, mean in zip(pools, (0.5, 0.2, 0.7, 0.6, 0.4), strict=True)
    ]
    lines = list(headline_lines(comparison.base.plan, figures, frozenset()))
    assert [(line.stratum, line.words.split(", ")[1]) for line in lines if line.inner] == [
        ("pool:team[b]", "lowest of 5"),
        ("pool:team[c]", "highest of 5"),
    ]


def test_lines_of_nothing_but_zeros_are_left_out(comparison: Comparison) -> None:
    figures = [Figure("delayed_transfer_days", "reason:transfer", "delayed days", 0.0)]
    zeros = frozenset({("delayed_transfer_days", "reason:transfer")})
    assert list(headline_lines(comparison.base.plan, figures, zeros)) == []
    assert len(list(headline_lines(comparison.base.plan, figures, frozenset()))) == 1


def test_strata_read_as_titles(comparison: Comparison) -> None:
    words = stratum_words(comparison.base.plan, "pool:community_beds | stream:step_up")
    assert words == "Community beds, step up"


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1234.5, "days", "1,234"),
        (99.96, "days", "100"),
        (99.94, "days", "99.9"),
        (0.97, "days", "1.0"),
        (0.012345, "hours", "0.012"),
        (0.5, "%", "50.0"),
        (0.0001, "%", "0"),
        (-1e-12, "days", "0"),
        (12_345.6, "1,000 GBP", "12"),
        (float("nan"), "days", ""),
    ],
)
def test_numbers_have_as_many_digits_as_anybody_reads(value: float, unit: str, words: str) -> None:
    assert number(value, unit) == words


@pytest.mark.parametrize(
    "words",
    [
        "lognormal, median 5 d, p90 14 d",  # a stay
        "story Appendix 2",  # its source
        "fair",  # its quality
        "reserved: step_up 1",  # a policy
        "then acute",  # a diversion
        "1.2 per y",  # a hazard
        "home 0.7, package 0.3",  # a way on
        "350 GBP a day (nhs)",  # a cost
        "reg",  # a story
    ],
)
def test_show_gives_what_the_file_says(before: Scenario, words: str) -> None:
    assert words in printed(scenario_tables(before, offered_load(before)), width=240)


def test_show_gives_the_offered_load_of_each_pool(before: Scenario) -> None:
    text = printed(scenario_tables(before, offered_load(before)))
    load = next(one for one in offered_load(before) if one.pool == "community_beds")
    line = next(
        line
        for line in text.splitlines()
        if line.strip().startswith("community beds") and f"{load.load:,.1f}" in line
    )
    assert f"{load.load / 6:.0%}" in line


def test_brackets_in_names_are_no_markup(before: Scenario) -> None:
    named = before.set("services.gp.title", "GP [red]house call")
    assert "GP [red]house call" in printed(scenario_tables(named, ()))


@pytest.mark.parametrize(
    ("figure", "bold"),
    [((-2.0, -3.0, -1.0), True), ((2.0, 1.0, 3.0), True), ((1.0, -1.0, 3.0), False)],
)
def test_a_difference_is_bold_when_its_interval_does_not_hold_zero(
    figure: tuple[float, float, float], bold: bool
) -> None:
    assert difference_cell(figure, "days").startswith("[bold]") is bold


def test_what_was_asked_for_stands_above_what_is_drawn(before: Scenario) -> None:
    """A median of 6 days and a 90th percentile of 15: a mean of 6 exp(sigma^2 / 2) = 7.747 days.

    sigma = ln 2.5 / 1.28155 = 0.71499; sd = mean sqrt(exp(sigma^2) - 1) = 6.329 days.
    """
    name = next(name for name, service in before.services.items() if service.pool)
    scenario = before.set(f"services.{name}.stay", {"lognormal": {"p50": "6 d", "p90": "15 d"}})
    line = next(line for line in stays(scenario) if line.text == "lognormal, median 6 d, p90 15 d")
    asked = [line.asked.mean, line.asked.sd, line.asked.median, line.asked.p90]
    drawn = [line.drawn.mean, line.drawn.sd, line.drawn.median, line.drawn.p90]
    wanted = [7.747, 6.329, 6.0, 15.0]
    assert [x / DAY for x in asked] == pytest.approx(wanted, rel=1e-4)
    assert [x / DAY for x in drawn] == pytest.approx(wanted, rel=1e-3)
    assert line.drawn != line.asked
    text = printed(stays_table(scenario), width=160)
    above = text.splitlines().index(
        next(row for row in text.splitlines() if "lognormal, median 6 d, p90 15 d" in row)
    )
    for row in text.splitlines()[above : above + 2]:
        assert re.search(r"7\.74\d +6\.3[23]\d +6\.000 +15\.00", row), row
    assert f"{line.top / DAY:.1f} d" in text


def test_fixed_times_have_no_line(before: Scenario) -> None:
    name = next(name for name, service in before.services.items() if service.stay)
    count = len(list(stays(before.set(f"services.{name}.stay", {"exponential": {"mean": "2 d"}}))))
    assert len(list(stays(before.set(f"services.{name}.stay", "2 d")))) == count - 1


def test_the_picture_of_a_comparison_has_the_differences(comparison: Comparison) -> None:
    """Each dot is the difference by the mean of the base, in the order of the headlines."""
    plt = pytest.importorskip("matplotlib.pyplot")
    axes = comparison.plot()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0] == "Emergency admissions"
    found = comparison.differences().set_index(["measure", "stratum"])
    row = found.loc[("delayed_transfer_days", "all")]
    (dots,) = [line for line in axes.lines if line.get_label() == comparison.others[0].label]
    at = labels.index("Delayed transfer days")
    drawn = dict(zip(dots.get_ydata(), dots.get_xdata(), strict=True))
    assert drawn[float(at)] == pytest.approx(100 * row["difference"] / row["base"])
    plt.close(axes.figure)
