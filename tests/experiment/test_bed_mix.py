"""Ways to share a bed base side by side, on the ten beds of the cookbook."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import carepath_sim as cp
from carepath_sim.errors import CarepathError, ScenarioError
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.bed_mix import _not_beaten
from carepath_sim.experiment.configurations import BedBase, configurations
from carepath_sim.experiment.files import FolderInUseError
from carepath_sim.experiment.objective import Objective
from carepath_sim.experiment.paired import PairedPoints
from carepath_sim.report.bed_mix import answer
from carepath_sim.report.bed_mix_answer import OF_PAIRS, certain_changes
from carepath_sim.statistics import paired_difference

if TYPE_CHECKING:
    from carepath_sim.experiment.bed_mix import BedMix

TEN_BEDS = Path(__file__).parents[2] / "docs" / "cookbook" / "sharing-policies.yaml"
CLOCK = {"clock.length": "90 d", "clock.warm_up": "30 d", "clock.run_out": "14 d"}


@pytest.fixture(scope="module")
def ten() -> cp.Scenario:
    return cp.load(TEN_BEDS, sets=CLOCK)


@pytest.fixture(scope="module")
def mix(ten: cp.Scenario) -> BedMix:
    return cp.bed_mix(
        ten,
        "community_beds",
        streams=("step_up", "step_down"),
        policies=("ring-fenced", "shared", "priority"),
        splits=(2, 5),
        objective="minimise admissions_caused + 0.1 * delayed_days",
        indifference=0.5,
        replications=8,
        max_replications=12,
        workers=1,
    )


def names(ten: cp.Scenario, **options: Any) -> list[str]:
    base = BedBase.of(ten, "community_beds", ("step_up", "step_down"))
    return [one.name for one in configurations(base, **options)]


def test_every_policy_is_tried_unless_it_is_what_stands_there(ten: cp.Scenario) -> None:
    found = names(ten)
    assert found == [
        "as written",
        *("ring-fenced 1/9", "ring-fenced 2/8", "ring-fenced 3/7", "ring-fenced 4/6"),
        "reserved 1/0",
        *("partial 1/5 + 4", "partial 1/4 + 5", "partial 2/4 + 4", "partial 2/3 + 5"),
        *("priority step_up", "priority step_down"),
    ]


def test_splits_can_be_said_in_each_way(ten: cp.Scenario) -> None:
    found = names(ten, policies=["ring_fenced"], splits=["2", "3/7", "45 %", "10%/90%"])
    assert found[1:] == ["ring-fenced 2/8", "ring-fenced 3/7", "ring-fenced 5/5", "ring-fenced 1/9"]
    assert names(ten, policies=["reserved"], reserves=["2", "0/3"])[1:] == [
        "reserved 2/0",
        "reserved 0/3",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"splits": ["11"]}, "has 10 beds"),
        ({"splits": ["2/7"]}, "has 10 beds"),
        ({"splits": ["two"]}, "is no split"),
        ({"splits": ["2.5"]}, "beds are whole"),
        ({"splits": ["1/2/7"]}, "a part for each of step_up, step_down"),
        ({"policies": ["ringfenced"]}, "did you mean 'ring_fenced'"),
        ({"policies": ["shared"]}, "nothing to compare"),
        ({"common": 1.0}, "common part"),
    ],
)
def test_configurations_that_do_not_fit_are_refused(
    ten: cp.Scenario, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        names(ten, **options)


@pytest.mark.parametrize(
    ("pool", "options", "message"),
    [
        ("community_bed", {}, "did you mean 'community_beds'"),
        ("community_beds", {"streams": ("up", "down")}, "has the streams step_down, step_up"),
        ("community_beds", {"objective": "minimise delayed_dys"}, "did you mean 'delayed_days'"),
        ("community_beds", {"objective": "minimise 3 4"}, "is no objective"),
        ("community_beds", {"indifference": 0}, "above 0"),
        ("community_beds", {"indifference": "2 apples"}, "indifference"),
        ("community_beds", {"replications": 1}, "at least 2"),
        ("community_beds", {"max_replications": 3}, "fewer than the first"),
    ],
)
def test_wrong_options_are_refused_in_words(
    ten: cp.Scenario, pool: str, options: dict[str, Any], message: str
) -> None:
    given = {"policies": ("priority",), "replications": 4, "workers": 1, **options}
    with pytest.raises(CarepathError, match=message):
        cp.bed_mix(ten, pool, **given)


def test_a_pool_without_streams_has_no_mix(before: cp.Scenario) -> None:
    with pytest.raises(OptionError, match="is not shared"):
        cp.bed_mix(before, "acute_beds")


def test_where_the_capacity_varies_parts_are_shares(ten: cp.Scenario) -> None:
    capacity = [{"from": "2015-01-01", "places": 10}, {"from": "2015-06-01", "places": 12}]
    varies = ten.set("pools.community_beds.capacity", capacity)
    base = BedBase.of(varies, "community_beds", ("step_up", "step_down"))
    assert base.capacity is None
    found = configurations(base, policies=["ring_fenced", "partial", "reserved"], splits=["20%"])
    assert [one.value for one in found[1:]] == [
        {"ring_fenced": {"step_up": "20 %", "step_down": "80 %"}},
        {"partial": {"step_up": "10 %", "step_down": "40 %", "shared": "50 %"}},
        {"reserved": {"step_up": "2%", "step_down": "0 %"}},
        {"reserved": {"step_up": "5%", "step_down": "0 %"}},
    ]
    for one in found[1:]:
        assert varies.set("pools.community_beds.policy", one.value).pools
    with pytest.raises(OptionError, match="varies"):
        configurations(base, splits=["2"])


def test_configurations_are_what_comparing_them_gives(mix: BedMix, ten: cp.Scenario) -> None:
    """The side by side table has the very figures of `compare`, paired measures included."""
    one = mix.configurations[1]
    assert one.name == "ring-fenced 2/8"
    other = ten.set("pools.community_beds.policy", one.value)
    n = mix.common
    found = cp.compare(ten, other, replications=n, workers=1)
    table = mix.table()
    mine = table[table["configuration"] == one.name].set_index("measure")
    whole = found.summary()
    theirs = whole[(whole["scenario"] == found.others[0].label) & (whole["stratum"] == "all")]
    theirs = theirs.set_index("measure")["mean"]
    for name in ("emergency_admissions", "admissions_caused", "admissions_avoided"):
        assert mine.loc[name, "mean"] == theirs[name]
    gaps = found.differences().set_index(["measure", "stratum"])["difference"]
    for name in ("emergency_admissions", "delayed_transfer_days"):
        assert mine.loc[name, "difference"] == pytest.approx(gaps[name, "all"])


def test_net_admissions_are_those_caused_less_those_avoided(mix: BedMix) -> None:
    """Nobody's demand depends on who gets a bed, so no episode exists in one run only."""
    table = mix.table().set_index(["configuration", "measure"])["difference"]
    for one in mix.configurations[1:]:
        net = table[one.name, "emergency_admissions"]
        caused, avoided = (table[one.name, f"admissions_{way}"] for way in ("caused", "avoided"))
        # A person can be admitted more than once in an episode, but hardly ever is here.
        assert net == pytest.approx(caused - avoided, abs=0.6)


def test_fences_that_leave_step_up_two_beds_send_people_to_hospital(mix: BedMix) -> None:
    table = mix.table().set_index(["configuration", "measure", "stratum"])
    diverted = table.xs("diverted", level="measure")["difference"]
    assert diverted["ring-fenced 2/8"].iloc[0] > 0.2
    low = table["difference_low"]["ring-fenced 2/8", "emergency_admissions", "all"]
    assert low > 0


def test_the_choice_is_a_probability_not_a_rank(mix: BedMix) -> None:
    choice = mix.choice()
    assert choice["probability_best"].sum() == pytest.approx(1)
    assert (choice["probability_good"] >= choice["probability_best"] - 1e-12).all()
    assert choice.loc[0, "configuration"] == mix.best.name
    assert choice.loc[0, "difference_from_best"] == 0
    fenced = choice.set_index("configuration").loc["ring-fenced 5/5"]
    assert fenced["probability_best"] < 0.05
    assert fenced["difference_from_best"] > 0


def test_of_equal_configurations_none_is_called_better(ten: cp.Scenario) -> None:
    """Sharing with a reserve of no bed is sharing."""
    found = cp.bed_mix(
        ten,
        "community_beds",
        policies=("reserved",),
        reserves=("0/0",),
        replications=4,
        max_replications=4,
        workers=1,
    )
    assert found.selection.probability_best == (0.5, 0.5)
    assert found.selection.decided
    assert any("The same in every replication" in line for line in answer(found))


def test_only_those_that_may_be_best_are_simulated_on(mix: BedMix) -> None:
    counts = dict(
        zip(
            [one.name for one in mix.configurations],
            [len(r.done) for r in mix.results],
            strict=True,
        )
    )
    assert counts["as written"] == max(counts.values())
    assert min(counts.values()) == 8
    ruled = mix.choice().set_index("configuration")["ruled_out"]
    assert all(counts[name] == max(counts.values()) for name in ruled.index[~ruled])


def test_the_frontier_holds_the_least_of_either_measure_as_far_as_luck_can_tell(
    mix: BedMix,
) -> None:
    found = mix.frontier().set_index("configuration")
    for name in ("first", "second"):
        lowest = int(found[name].argmin())
        objective = mix.two[name == "second"]
        least, *others = (
            objective.values(mix.results[k])[: mix.common]
            for k in (lowest, *np.flatnonzero(found["on_frontier"]))
        )
        # Somebody there is not worse for certain.
        assert any(paired_difference(least, one).interval.low <= 0 for one in others)
    tables = [
        np.stack([one.values(result)[: mix.common] for result in mix.results]) for one in mix.two
    ]
    for k in np.flatnonzero(~found["on_frontier"]):
        # Another is no worse in either, but by luck.
        assert any(
            all(paired_difference(table[j], table[k]).interval.high >= 0 for table in tables)
            for j in range(len(mix.results))
            if j != k
        )


@pytest.mark.skipif(
    not os.environ.get("CAREPATH_NIGHTLY"),
    reason="by day `test_answers` holds it, with a worker killed",
)
def test_workers_change_nothing(ten: cp.Scenario) -> None:
    options: dict[str, Any] = {"policies": ("shared", "priority"), "replications": 3}
    options |= {"max_replications": 3}
    one = cp.bed_mix(ten, "community_beds", workers=1, **options)
    two = cp.bed_mix(ten, "community_beds", workers=2, **options)
    assert one.replications().equals(two.replications())
    assert one.selection == two.selection


def test_the_base_is_simulated_with_every_few_of_the_others(ten: cp.Scenario) -> None:
    others = [ten.set("pools.community_beds.capacity", places) for places in range(9, 18)]
    scenarios = [ten, *others]
    seen: list[tuple[int, int]] = []
    with PairedPoints(
        scenarios,
        [str(k) for k in range(10)],
        workers=1,
        progress=lambda done, total: seen.append((done, total)),
    ) as points:
        first = points.results(range(10), 1)
        again = points.results([0, 3], 2)
    assert [len(one.done) for one in first] == [1] * 10
    assert [len(one.done) for one in again] == [2, 2]
    assert again[0].done[0] is first[0].done[0]
    assert seen[-1][0] == 12
    caused = [row for row in again[1].done[1].rows if row.measure == "admissions_caused"]
    assert caused


def test_objectives_are_read() -> None:
    found = Objective.parse("minimise costs + 1,500 * admissions_caused - 2*step_up[all]")
    assert found.smaller
    assert [factor for factor, _ in found.terms] == [1.0, 1500.0, -2.0]
    assert found.unit == "GBP"
    assert str(found) == "minimise costs + 1,500 * admissions_caused - 2 * step_up_admissions[all]"
    assert not Objective.parse("maximise admissions_avoided").smaller
    assert Objective.parse("p_wait[beds | step_up]").unit == "share"
    assert Objective.parse("minimise 2 * delayed_days").unit == "points"


def test_the_most_can_be_wanted(ten: cp.Scenario) -> None:
    found = cp.bed_mix(
        ten,
        "community_beds",
        streams=("step_up", "step_down"),
        policies=("ring_fenced",),
        splits=(1, 4),
        objective="maximise step_up_admissions",
        replications=4,
        max_replications=4,
        workers=1,
    )
    choice = found.choice()
    assert choice["mean"].is_monotonic_decreasing
    assert (choice["difference_from_best"].iloc[1:] < 0).all()
    assert (choice["difference_low"] <= choice["difference_high"]).all()
    assert choice["configuration"].iloc[-1] == "ring-fenced 1/9"


def test_own_configurations_can_be_added(ten: cp.Scenario) -> None:
    found = cp.bed_mix(
        ten,
        "community_beds",
        policies=(),
        also={"three kept": {"reserved": {"step_up": 3}}},
        replications=2,
        max_replications=2,
        workers=1,
    )
    assert [one.name for one in found.configurations] == ["as written", "three kept"]
    with pytest.raises(ScenarioError, match="step_out"):
        cp.bed_mix(ten, "community_beds", also={"wrong": {"reserved": {"step_out": 3}}})


def test_a_share_has_the_mean_of_the_ratio_of_sums(mix: BedMix) -> None:
    result = mix.results[1]
    summary = result.summary().set_index(["measure", "stratum"])["mean"]
    one = Objective.parse("diverted[community_bed | step_up]").on(result)
    stratum = "service:community_bed | stream:step_up"
    assert one.values(result).mean() == pytest.approx(summary["diverted", stratum])
    assert len(np.unique(one.values(result))) > 1


def test_a_cell_without_a_certain_difference_has_no_colour(mix: BedMix) -> None:
    heat = mix.plot.heat_map()
    colours = np.asarray(heat.collections[0].get_array())
    heat.figure.clear()
    for row, figure in enumerate(mix.figures):
        assert (colours[row, 0] == 1).all(), "what is written differs in nothing from itself"
        if figure.wanted.measure in OF_PAIRS:
            continue
        for k in range(1, len(mix.configurations)):
            interval = mix.difference(k, figure.wanted).interval
            certain = interval.low > 0 or interval.high < 0
            assert certain == bool((colours[row, k] < 1).any())


@pytest.mark.parametrize("zone", [0.5, 1e6])
def test_ways_that_differ_by_nothing_that_matters_are_said_to(
    ten: cp.Scenario, zone: float
) -> None:
    found = cp.bed_mix(
        ten,
        "community_beds",
        streams=("step_up", "step_down"),
        policies=("ring_fenced",),
        splits=(2, 5),
        objective="delayed_days",
        indifference=zone,
        replications=10,
        max_replications=10,
        workers=1,
    )
    first = next(answer(found))
    # Splitting ten beds at 5 costs days of delay by the dozen, and far less than a million.
    assert ("no difference that matters: all 3 ways" in first) == (zone == 1e6)
    assert ("minimise delayed_transfer_days: " in first) == (zone == 0.5)


def test_what_the_best_pays_is_named(ten: cp.Scenario) -> None:
    """Two beds of its own for step-up shorten delays, and send people to hospital."""
    found = cp.bed_mix(
        ten,
        "community_beds",
        streams=("step_up", "step_down"),
        policies=("ring_fenced",),
        splits=(2,),
        objective="delayed_days",
        replications=10,
        max_replications=10,
        workers=1,
    )
    assert found.best.name == "ring-fenced 2/8"
    paid = next(line for line in answer(found) if "pays for this" in line)
    worse = {one.figure.wanted.measure for one in certain_changes(found, 1) if one.good < 0}
    assert {"emergency_admissions", "diverted"} <= worse
    assert "emergency admissions +" in paid
    assert "step-up diverted +" in paid


def test_what_comes_next_differs_least_by_the_objective(mix: BedMix) -> None:
    """Not what is the second most probable: that also depends on how much each one varies."""
    found = mix.selection
    best = found.best
    means = [mix.objective.values(one)[:8].mean() for one in mix.results]
    by_mean = sorted((k for k in range(len(means)) if k != best), key=lambda k: means[k])
    turned = [0.0] * len(means)
    turned[best] = 0.9
    turned[by_mean[-1]] = 0.1  # the worst of all
    other = replace(mix, selection=replace(found, probability_best=tuple(turned)))
    rows = other.choice()
    assert list(rows["difference_from_best"]) == sorted(rows["difference_from_best"])
    apart = [one for one in rows["difference_from_best"] if one > 0]
    nearest = rows.loc[rows["difference_from_best"] == min(apart), "configuration"].iloc[0]
    first = " ".join(list(answer(other))[:2])
    assert f"next comes {nearest}" in first or f"next come {nearest}" in first


def test_a_lead_by_luck_alone_keeps_nobody_on_the_frontier() -> None:
    """Half an admission of thousands, with a thousand delayed days more."""
    admissions = np.array([[100.0, 104, 97, 102], [100.5, 103, 97, 101]])
    delays = np.array([[10.0, 12, 11, 13], [110.0, 115, 111, 112]])
    assert _not_beaten(np.array([True, True]), [admissions, delays]).tolist() == [True, False]
    # A certain lead in either keeps both.
    admissions[1] = admissions[0] - [5, 6, 5, 6]
    assert _not_beaten(np.array([True, True]), [admissions, delays]).all()


def test_pictures_return_their_axes(mix: BedMix) -> None:
    heat = mix.plot.heat_map()
    assert [label.get_text() for label in heat.get_xticklabels()] == [
        one.name for one in mix.configurations
    ]
    front = mix.plot.frontier()
    assert "emergency admissions" in front.get_xlabel()
    for axes in (heat, front):
        axes.figure.clear()


def test_a_folder_with_another_run_is_refused(ten: cp.Scenario, tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text("measure\n")
    with pytest.raises(FolderInUseError, match=r"it holds summary\.csv"):
        cp.bed_mix(ten, "community_beds", out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["summary.csv"]
