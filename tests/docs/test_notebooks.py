"""Every notebook runs from its first cell to its last, on short settings."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.snippets import DOCS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT = DOCS.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder like that of the notebooks, where they may write."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    for part in ("examples", "cookbook"):
        shutil.copytree(DOCS / part, tmp_path / "docs" / part)
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CAREPATH_SHORT", "1")
    yield folder
    plt.close("all")


def cells(path: Path) -> list[tuple[str, str]]:
    """Return the cells of a notebook: marker and text."""
    parts = re.split(r"^# %%(.*)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return list(zip((mark.strip() for mark in parts[1::2]), parts[2::2], strict=True))


def run_notebook(path: Path) -> dict[str, Any]:
    """Run the cells one after the other, and show what each ends with as a notebook would."""
    import ast

    names: dict[str, Any] = {"__name__": "__main__"}
    for mark, text in cells(path):
        if mark == "[markdown]":
            continue
        *body, last = ast.parse(text, str(path)).body
        shown = isinstance(last, ast.Expr) and not text.rstrip().endswith(";")
        whole = ast.Module(body if shown else [*body, last], [])
        exec(compile(whole, str(path), "exec"), names)  # noqa: S102 - our own notebooks
        if shown and isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), str(path), "eval"), names)  # noqa: S307
            page = value._repr_html_() if hasattr(value, "_repr_html_") else repr(value)
            assert len(page) < 50_000, f"a cell of {path.name} shows too much: {text}"
    return names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, beside: Path) -> None:
    """A notebook runs in a fresh namespace."""
    names = run_notebook(path)
    assert names["SHORT"]
    check = CHECKS.get(path.stem[:2])
    if check is not None:
        check(names, beside)


def _curve(names: dict[str, Any], beside: Path) -> None:
    assert (beside / "capacity-curve.png").stat().st_size > 20_000
    p_wait = names["curve"].wide()["p_wait"]
    assert p_wait.is_monotonic_decreasing


CHECKS = {"02": _curve}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_well_formed(path: Path) -> None:
    """Cells are marked as jupytext reads them, prose is comment, and only public names are used."""
    found = cells(path)
    assert found[0][0] == "[markdown]"
    assert "**Question:**" in found[0][1]
    for mark, text in found:
        assert mark in {"", "[markdown]"}
        if mark:
            assert all(line.startswith("#") for line in text.strip().splitlines()), text
    code = "\n".join(text for mark, text in found if not mark)
    assert "import carepath_sim as cp" in code
    assert not re.search(r"carepath_sim\.|\b_[a-z]", code.replace("carepath_sim as", ""))
