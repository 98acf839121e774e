"""A report as one page: HTML that needs nothing from anywhere, or Markdown."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment
    from markupsafe import Markup

    from carepath_sim.report.board import Board

# A figure with its sign and unit, or a date; what follows after ± belongs to it.
_NUMBER = r"[-+]?£?\d(?:[\d,.:/-]*\d)?(?:[km]|bn)?(?!\w)(?: ?%)?"
_FIGURE = re.compile(rf"(?<![\w.,-]){_NUMBER}(?: ± {_NUMBER})?")


def html(parts: Sequence[Board]) -> str:
    """Return a page with everything in it: no script, no reference to anywhere."""
    return _environment().get_template("report.html").render(parts=parts)


def markdown(parts: Sequence[Board]) -> str:
    """Return the words and tables of a report; pictures by their text alternative."""
    return _environment().get_template("report.md").render(parts=parts)


def rendered(template: str, **values: object) -> str:
    """Return a page from one of the templates, with every word escaped."""
    return _environment().get_template(template).render(**values)


def whole(text: str) -> Markup:
    """Return words as HTML in which no figure breaks at the end of a line.

    Browsers break after a minus that a currency sign follows.

    >>> str(whole("Costs fall by -£7,784,000 & more"))
    'Costs fall by <span class="n">-£7,784,000</span> &amp; more'
    """
    from markupsafe import Markup

    found, at = Markup(""), 0
    for figure in _FIGURE.finditer(text):
        found += text[at : figure.start()]
        found += Markup('<span class="n">{}</span>').format(figure[0])
        at = figure.end()
    return found + text[at:]


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
    made.filters["whole"] = whole
    made.filters["cell"] = lambda text: str(text).replace("|", "\\|").replace("\n", " ") or " "
    return made
