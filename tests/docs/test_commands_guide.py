"""Commands and Python of the guide are run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.typed import PAGES, Page, type_page

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

HERE = [page for page in PAGES if page.path.parent.name == "guide"]


@pytest.mark.parametrize("page", HERE, ids=str)
def test_what_a_page_shows_can_be_typed(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_page(page, tmp_path, monkeypatch)
