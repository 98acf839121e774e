"""A report as one page: HTML that needs nothing from anywhere, or Markdown."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from carepath_sim.report.board import Board


def html(parts: Sequence[Board]) -> str:
    """Return a page with everything in it: no script, no reference to anywhere."""
    return _environment().get_template("report.html").render(parts=parts)


def markdown(parts: Sequence[Board]) -> str:
    """Return the words and tables of a report; pictures by their text alternative."""
    return _environment().get_template("report.md").render(parts=parts)


def rendered(template: str, **values: object) -> str:
    """Return a page from one of the templates, with every word escaped."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    # Markdown is no HTML; pages escape every word.
    made = Environment(
        loader=PackageLoader("carepath_sim.report", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["cell"] = lambda text: str(text).replace("|", "\\|").replace("\n", " ") or " "
    return made
