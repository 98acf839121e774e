"""Every command and every piece of Python of the documentation is run.

Clocks are shortened and replications are few, so that figures mean nothing here; that figures on
the pages are right is held by the tests of these pages. What is held here is that each line can be
typed as it stands.
"""

from __future__ import annotations

import inspect
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from carepath_sim.cli.app import app
from tests.docs.snippets import DOCS, EXAMPLES, pages

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

ROOT = DOCS.parent
CLERK = ROOT / "tests" / "calibrate" / "clerk"
README = ROOT / "README.md"
_COMMAND = re.compile(r"^(?:    )?carepath (?P<text>[a-z-]+(?: .*)?(?:\\\n.*)*)$", re.MULTILINE)
_PYTHON = re.compile(r"^```python\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_EXTENSION = (
    "extends: ward.yaml\nvariant: to-be\ntitle: To be\nservices: {ward: {plan_ahead: 2 d}}\n"
)

# Proofs by the million, a page that is served until it is stopped, fits of an hour, clusters that
# must be there: these have tests of their own.
LONG = {"verify", "web", "calibrate"}
ELSEWHERE = re.compile(r"--cluster|cluster=")
# Searches over a whole county, of which `test_levers` runs the small ones.
NIGHTLY = {"docs/guide/capacity-and-goals.md"}
PEOPLE = 8_000
FEW = {"replications": 2, "workers": 1, "max_replications": 2, "draws": 8, "samples": 8}
SHORT = {"clock.length": "1 wk", "clock.warm_up": "1 d", "clock.run_out": "1 d"}


class Page:
    """A page with its commands and its Python, in the order in which they are read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text = path.read_text(encoding="utf-8")
        found = [*_COMMAND.finditer(text), *_PYTHON.finditer(text)]
        self.lines = [
            (match.re is _COMMAND, match["text"].replace("\\\n", " "))
            for match in sorted(found, key=lambda match: match.start())
        ]

    def __str__(self) -> str:
        """Return where the page stands."""
        return self.path.relative_to(ROOT).as_posix()


# Pages of the cookbook have their commands run, and their figures looked at, by tests of their own.
PAGES = [
    page
    for page in (Page(path) for path in [README, *pages()])
    if page.lines and page.path.parent.name != "cookbook"
]


def make_desk(tmp_path: Path) -> None:
    """Lay everything into a folder that the pages name."""
    for example in EXAMPLES.iterdir():
        shutil.copy(example, tmp_path)
    shutil.copytree(EXAMPLES, tmp_path / "docs" / "examples")
    shutil.copytree(DOCS / "cookbook", tmp_path / "docs" / "cookbook")
    for page in (DOCS / "cookbook").glob("*.yaml"):
        shutil.copy(page, tmp_path)
    (tmp_path / "to-be.yaml").write_text(_EXTENSION, encoding="utf-8")
    shutil.copy(EXAMPLES / "ward.yaml", tmp_path / "my-area.yaml")
    (tmp_path / "study.yaml").write_text(
        "purpose: To show how a page is filled.\n", encoding="utf-8"
    )
    # The page on sensitivity has its reader give a number a range first.
    ward = (EXAMPLES / "ward.yaml").read_text(encoding="utf-8")
    ranged = ward.replace("capacity: 50}", "capacity: {value: 50, range: [45, 55]}}")
    assert ranged != ward
    (tmp_path / "ward.yaml").write_text(ranged, encoding="utf-8")


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenarios of a week and of few people, whoever loads them; not more than two replications."""
    import carepath_sim as cp

    whole = cache_of_bundled(cp.load)
    many: dict[str, bool] = {}

    def load(given: Any, *, sets: Any = (), **others: Any) -> Any:
        if str(given) not in many:
            people = whole(given, **others).population
            many[str(given)] = people is not None and people.size.value > PEOPLE
        short = [f"{path}={value}" for path, value in SHORT.items()]
        if many[str(given)]:
            short.append(f"population.size={PEOPLE}")
        return whole(given, sets=[*sets, *short], **others)

    monkeypatch.setattr(cp, "load", load)
    monkeypatch.setattr(cp, "calibrate", _small_fit)
    for name in set(cp.__all__) - {"calibrate"}:
        if "replications" in _asked(getattr(cp, name)):
            monkeypatch.setattr(cp, name, _few(getattr(cp, name)))


KNOWN: dict[object, Any] = {}


def cache_of_bundled(load: Callable[..., Any]) -> Callable[..., Any]:
    """Return what reads a bundled scenario, which nobody changes meanwhile, once in a process."""

    def cached(given: Any, **others: Any) -> Any:
        key = str(given), tuple(sorted((name, str(value)) for name, value in others.items()))
        if Path(given).suffix:  # a file
            return load(given, **others)
        if key not in KNOWN:
            KNOWN[key] = load(given, **others)
        return KNOWN[key]

    return cached


def _small_fit(calibration: str, **asked: Any) -> Any:
    """Fit a ward in the place of a county, for minutes of simulation are the tests' of fits."""
    from dataclasses import replace

    from carepath_sim.calibrate.calibration import load_calibration
    from carepath_sim.calibrate.fit import calibrate

    assert load_calibration(calibration).targets
    ward = load_calibration(CLERK)
    settings = replace(ward.settings, prior_points=16, waves=1, draws=100, predictive_draws=5)
    return calibrate(replace(ward, settings=settings), **asked | {"workers": 1})


def _asked(function: Any) -> Collection[str]:
    """Return the names of what a function of the package takes; nothing for what is no function."""
    return inspect.signature(function).parameters if inspect.isfunction(function) else ()


def _few(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of the package that simulates little, in one process."""

    def called(*arguments: Any, **asked: Any) -> Any:
        return function(*arguments, **asked | {k: FEW[k] for k in FEW if k in _asked(function)})

    return called


def type_page(page: Page, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run what a page shows, in a folder of its own."""
    make_desk(folder)
    monkeypatch.chdir(folder)
    make_small(monkeypatch)
    if str(page) in NIGHTLY and not os.environ.get("CAREPATH_NIGHTLY"):
        pytest.skip("takes minutes; CAREPATH_NIGHTLY=1 runs it")
    import matplotlib as mpl

    mpl.use("agg")
    names = _names(page)
    for is_command, text in page.lines:
        if ELSEWHERE.search(text) or (is_command and text.split()[0] in LONG):
            continue
        if is_command:
            result = CliRunner().invoke(app, shlex.split(text, comments=True), prog_name="carepath")
            # The answer may be no: a target that two replications do not meet.
            assert result.exit_code in {0, 1}, f"carepath {text}\n{result.output}"
            assert "fault of carepath" not in result.output, f"carepath {text}\n{result.output}"
        else:
            exec(compile(text, str(page), "exec"), names)  # noqa: S102 - our own documentation
    assert folder == Path.cwd()


def _names(page: Page) -> dict[str, Any]:
    """Return what a page takes as given, where its Python does not begin at the beginning."""
    import carepath_sim as cp

    first = next((text for is_command, text in page.lines if not is_command), "")
    if not first or "import carepath_sim" in first:
        return {}
    base = cp.load("sharing-policies.yaml")
    other = base.set("pools.community_beds.capacity", 11)
    return {"cp": cp, "scenario": base, "base": base, "other": other}
