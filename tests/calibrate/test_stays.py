"""Lengths of stay from local files: known laws are found again, and no row is lost."""

from __future__ import annotations

import json
import os
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

import carepath_sim as cp
from carepath_sim.calibrate.local_dates import Dates, NoDate
from carepath_sim.calibrate.local_tables import LocalDataError, read_local
from carepath_sim.cli.app import app
from carepath_sim.statistics.length_fits import Lengths, fit_family
from carepath_sim.statistics.length_laws import FAMILIES, with_zero
from carepath_sim.statistics.survival import goodness, kaplan_meier

if TYPE_CHECKING:
    from carepath_sim.statistics.length_laws import Family

DOCS = Path(__file__).parents[2] / "docs"
STAYS = DOCS / "examples" / "stays.csv"
PERSON = ("9434765919", "Featherstonehaugh", "14/02/1931", "HP19 8FF")


def family(name: str) -> Family:
    return next(one for one in FAMILIES if one.name == name)


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("lognormal", stats.lognorm),
        ("gamma", stats.gamma),
        ("weibull", stats.weibull_min),
        ("loglogistic", stats.fisk),
    ],
)
def test_censored_fits_are_those_of_scipy(name: str, law: Any) -> None:
    """SciPy's own fit of the same right- and interval-censored data has the same maximum."""
    rng = np.random.default_rng(5)
    x, c = rng.gamma(1.6, 5.0, 300), rng.uniform(2, 30, 300)
    low = np.where(x <= c, np.floor(x), c)
    high = np.where(x <= c, np.floor(x) + 1, np.inf)
    fit = fit_family(family(name), Lengths.of(low, high))
    shape, _, scale = law.fit(stats.CensoredData.interval_censored(low, high), floc=0)
    of_scipy = np.log(law.cdf(high, shape, 0, scale) - law.cdf(low, shape, 0, scale)).sum()
    assert fit.log_likelihood >= of_scipy - 1e-3
    frozen = law(shape, 0, scale)
    assert np.isclose(fit.law.quantile(0.5), frozen.median(), rtol=2e-3)


@pytest.mark.parametrize("counted", ["exact", "nights"])
@pytest.mark.parametrize("name", ["lognormal", "weibull", "inverse_gaussian", "hyperexponential"])
def test_known_parameters_are_found_within_four_errors(name: str, counted: str) -> None:
    """Censored stays of a known law; with its seed fixed the test never fails by chance."""
    rng = np.random.default_rng(11)
    size = 2000
    drawn, truth = {
        "lognormal": (rng.lognormal(np.log(6), 0.8, size), {"median": 6, "sigma": 0.8}),
        "weibull": (9 * rng.weibull(1.4, size), {"shape": 1.4, "scale": 9}),
        "inverse_gaussian": (rng.wald(8, 16, size), {"mean": 8, "sd": np.sqrt(8**3 / 16)}),
        "hyperexponential": (
            np.where(rng.random(size) < 0.7, rng.exponential(2, size), rng.exponential(20, size)),
            {"share": 0.7, "mean1": 2, "mean2": 20},
        ),
    }[name]
    until = rng.uniform(5, 60, size)
    seen = drawn <= until
    low = np.minimum(drawn, until)
    if counted == "nights":
        low = np.floor(low + rng.random(size))
    data = Lengths.of(low, np.where(seen, low, np.inf), nights=counted == "nights")
    fit = fit_family(family(name), data)
    for key, value in truth.items():
        assert abs(fit.parameters[key] - value) < 4 * fit.errors[key], key
        assert fit.errors[key] < 0.25 * value
    assert goodness(fit, data).p > 0.001


def test_a_share_that_takes_no_time_is_found() -> None:
    rng = np.random.default_rng(2)
    x = np.where(rng.random(1500) < 0.3, 0.0, rng.exponential(5, 1500))
    fit = fit_family(with_zero(family("exponential")), Lengths.of(x))
    # Both have closed forms: the share of zeros, and the mean of the rest.
    assert np.isclose(fit.parameters["zero"], (x == 0).mean(), atol=1e-4)
    assert np.isclose(fit.parameters["mean"], x[x > 0].mean(), rtol=1e-3)


def test_error_of_an_exponential_mean_is_the_textbooks() -> None:
    """Mean over the root of the number that ended; the estimate is total time over ended."""
    x, c = np.arange(1.0, 21.0), 12.0
    data = Lengths.of(np.minimum(x, c), np.where(x <= c, x, np.inf))
    fit = fit_family(family("exponential"), data)
    mean = np.minimum(x, c).sum() / 12
    assert np.isclose(fit.parameters["mean"], mean, rtol=1e-4)
    assert np.isclose(fit.errors["mean"], mean / np.sqrt(12), rtol=1e-3)


def test_kaplan_meier_by_hand() -> None:
    """Ended after 1, 3 and 4 days, still there after 2: 3/4, then 3/8, then 0."""
    seen = kaplan_meier(Lengths.of([1, 2, 3, 4], [1, np.inf, 3, 4]))
    assert np.allclose(seen.share, [0.75, 0.375, 0])


def test_a_wrong_law_is_told() -> None:
    rng = np.random.default_rng(3)
    x = np.concatenate((rng.normal(3, 0.3, 300), rng.normal(20, 1, 300)))
    assert goodness(fit_family(family("gamma"), data := Lengths.of(x)), data).p < 1e-6


@pytest.mark.skipif(not os.environ.get("CAREPATH_NIGHTLY"), reason="long")
def test_intervals_cover() -> None:
    """95 % intervals of 400 censored fits cover the mean; binomial error 1.1 points."""
    rng = np.random.default_rng(17)
    hits = 0
    for _ in range(400):
        x, c = rng.gamma(2.0, 4.0, 300), rng.uniform(5, 40, 300)
        low = np.floor(np.minimum(x, c) + rng.random(300))
        data = Lengths.of(low, np.where(x <= c, low, np.inf), nights=True)
        fit = fit_family(family("gamma"), data)
        hits += abs(fit.law.mean - 8.0) < 1.96 * fit.mean_error()
    assert 0.917 < hits / 400 < 0.983


@pytest.mark.parametrize(
    "cell",
    [
        "2024-03-01",
        "01/03/2024",
        "1/3/24",
        "1 Mar 2024",
        "01-Mar-2024",
        "45352",
        "2024-03-01T00:00:00",
        "20240301",
        "20240301T0930",
        "2024-03-01T09:00:00+01:00",
        "01/03/2024 09:00 GMT",
    ],
)
def test_dates_as_people_write_them(cell: str) -> None:
    assert Dates().read(cell).at.date() == date(2024, 3, 1)


def test_doubtful_dates_are_not_guessed() -> None:
    doubtful = Dates.of(["01/03/2024", "03/25/2024"])
    with pytest.raises(NoDate, match="ambiguous"):
        doubtful.read("01/03/2024")
    with pytest.raises(NoDate, match="no date 03/25/2024 with the day first"):
        doubtful.read("03/25/2024")
    assert Dates("mdy").read("03/25/2024").at.date() == date(2024, 3, 25)
    with pytest.raises(NoDate, match=r"no date stands here \(its form is 'aaaaa'\)"):
        Dates().read("Smith")
    with pytest.raises(NoDate, match="a time zone that is not that of the UK"):
        Dates().read("2024-03-01T09:00:00-05:00")
    # Eight digits may be a number of somebody.
    with pytest.raises(NoDate, match="no date '99999999'"):
        Dates().read("20241301")


def test_every_row_is_taken_or_told(tmp_path: Path) -> None:
    nhs, name, born, code = PERSON
    lines = ["NHS Number,Surname,Date of birth,Postcode,Ward,Admitted,Discharged"]
    good = [
        f"{nhs},{name},{born},{code},Ward A,2024-01-{k % 28 + 1:02},2024-02-{k % 27 + 1:02}"
        for k in range(30)
    ]
    bad = {
        "31/02/2024,2024-03-01": "there is no date 31/02/2024",
        "2024-03-05,2024-03-01": "before the admission",
        "2099-01-01,": "lies in the future",
        f"{name},2024-03-01": "no date stands here",
        ",2024-03-01": "the admission date is empty",
    }
    lines += good + [f"{nhs},{name},{born},{code},Ward A,{cells}" for cells in bad]
    lines.append(f"{nhs},{name},{born},{code},{name},2024-01-01,2024-01-09")
    file = tmp_path / "stays.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    found = cp.fit_los(file, group="Ward", as_of=date(2024, 6, 30))
    told = {one.line: one.reason for one in found.data.rows}
    assert found.data.taken == 30
    assert sorted(told) == [*range(32, 37), 37]
    for line, words in zip(range(32, 37), bad.values(), strict=True):
        assert words in told[line]
    folder = tmp_path / "out"
    arguments = ["fit-los", str(file), "--group", "Ward", "--as-of", "2024-06-30"]
    shown = CliRunner().invoke(app, [*arguments, "--out", str(folder)])
    as_json = CliRunner().invoke(app, [*arguments, "--json"])
    assert shown.exit_code == as_json.exit_code == 0, shown.output
    written = [path.read_bytes().decode("latin-1") for path in folder.iterdir()]
    assert len(written) == 5
    for text in (shown.output, as_json.output, *written):
        for secret in (*PERSON, "featherstonehaugh", "1931-02-14"):
            assert secret not in text


def test_people_still_there_are_no_missing_dates(tmp_path: Path) -> None:
    file = tmp_path / "stays.csv"
    file.write_text("Admitted,Discharged\n2024-01-01,2024-01-03\n2024-01-02,\n", encoding="utf-8")
    with pytest.raises(LocalDataError, match=r"1 rows have no discharge date \(lines 3\)"):
        cp.fit_los(file)


def test_a_file_of_dates_with_people_still_there_gives_the_truth(tmp_path: Path) -> None:
    """Dates without times of 20 days, in which a third of the stays has not ended: mean 8 days.

    Who has not left on the last day stays for the night after it; without that night the mean comes
    out 0.7 days too short, which is six times the standard error of 0.11.
    """
    rng, found, errors = np.random.default_rng(6), [], []
    for k in range(3):
        came = rng.uniform(0, 20, 3000)
        left = came + rng.exponential(8, 3000)
        rows = ["Admitted,Discharged"]
        rows += [
            f"{date(2024, 1, 1) + timedelta(days=int(a))},"
            + (f"{date(2024, 1, 1) + timedelta(days=int(b))}" if b < 20 else "")
            for a, b in zip(came, left, strict=True)
        ]
        file = tmp_path / f"{k}.csv"
        file.write_text("\n".join(rows), encoding="utf-8")
        (group,) = cp.fit_los(file, as_of=date(2024, 1, 20), families=["exponential"]).groups
        assert 0.3 < 1 - group.data.completed / group.data.size < 0.45
        fit = group.candidates[0].fit
        found.append(fit.parameters["mean"])
        errors.append(fit.errors["mean"])
    assert abs(np.mean(found) - 8) < 3 * np.mean(errors) / np.sqrt(3)


def test_treatment_and_delay_are_kept_apart() -> None:
    found = cp.fit_los(STAYS, group="Ward", as_of=date(2024, 6, 30))
    assert [(one.group, one.part) for one in found.groups] == [
        ("Ward 7", "treatment"), ("Ward 7", "delay"), ("Ward 9", "treatment"), ("Ward 9", "delay"),
    ]  # fmt: skip
    assert not any("twice" in one for one in found.warnings)
    # The file was made with medians of exp(1.7) and exp(2.4) days.
    for group, median in (("Ward 7", np.exp(1.7)), ("Ward 9", np.exp(2.4))):
        best = next(o for o in found.groups if o.group == group and o.part == "treatment").best
        assert best is not None
        assert np.isclose(best.fit.law.quantile(0.5), median, rtol=0.25)


def test_what_is_printed_can_be_pasted(tmp_path: Path) -> None:
    """Every candidate that is called usable is taken by the loader, with the fitted mean."""
    from carepath_sim.calibrate.stays_words import flow, written
    from carepath_sim.plan import compile_plan

    found = cp.fit_los(STAYS, group="Ward", as_of=date(2024, 6, 30))
    ward = (DOCS / "examples" / "ward.yaml").read_text(encoding="utf-8")
    (tmp_path / "ward.yaml").write_text(ward, encoding="utf-8")
    for k, one in enumerate(found.groups[0].candidates):
        if not one.usable:
            continue
        path = tmp_path / f"{k}.yaml"
        stay = flow(written(one.fit))
        path.write_text(f"extends: ward.yaml\nservices: {{ward: {{stay: {stay}}}}}\n")
        plan = compile_plan(cp.load(path))
        assert plan is not None
    path = tmp_path / "pasted.yaml"
    single = cp.fit_los(STAYS, ready=None, as_of=date(2024, 6, 30))
    path.write_text(f"extends: ward.yaml\n{single.yaml('ward')}", encoding="utf-8")
    assert cp.load(path).services["ward"].stay


def test_bands_and_counts(tmp_path: Path) -> None:
    file = tmp_path / "bands.csv"
    rows = "0-6,40\n7-13,30\n14-20,12\n21+,18\n-3,1\n"
    file.write_text("days,stays\n" + rows, encoding="utf-8")
    found = cp.fit_los(file, days="days", count="stays")
    (group,) = found.groups
    assert group.data.size == 100
    assert group.data.completed == 82
    assert [one.reason for one in found.data.rows] == ["a negative stay (its form is '-9')"]
    assert any("twice" in one for one in found.warnings)


def test_workbooks_are_read_and_bombs_refused(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "stays.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("stays")
        sheet.write_row(0, 0, ["Ward", "Admitted", "Discharged"])
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write(1, 0, "Ward A & B")
        sheet.write_datetime(1, 1, date(2024, 3, 1), day)
        sheet.write_datetime(1, 2, date(2024, 3, 9), day)
    table = read_local(path)
    assert table.lines[0].cells == ("Ward A & B", "2024-03-01", "2024-03-09")
    evil = tmp_path / "evil.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(evil, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/workbook.xml":
                text = b'<!DOCTYPE a [<!ENTITY b "c">]><workbook/>'
            new.writestr(name, text)
    with pytest.raises(LocalDataError, match="document type"):
        read_local(evil)


def test_command_of_the_page(tmp_path: Path) -> None:
    page = (DOCS / "guide" / "local-data.md").read_text(encoding="utf-8")
    command = next(line for line in page.splitlines() if line.startswith("    carepath "))
    arguments = command.split()[1:-1]
    arguments[1] = str(STAYS)
    result = CliRunner().invoke(app, [*arguments, str(tmp_path / "fits")])
    assert result.exit_code == 0, result.output
    assert "line 41: admitted: there is no date 31/02/2024" in result.output
    assert json.loads(CliRunner().invoke(app, [*arguments[:-1], "--json"]).stdout)["taken"] == 160
    wrong = CliRunner().invoke(app, ["fit-los", str(STAYS), "--group", "Wrad"])
    assert wrong.exit_code == 2
    assert "did you mean 'Ward'" in wrong.output
