"""Pictures inside a page: SVG without references to anywhere, with words for who cannot see it."""

from __future__ import annotations

import io
import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def inline_svg(axes: Axes, name: str, title: str, text: str) -> str:
    """Return the figure of some axes as an element of a page; the figure is closed.

    Parameters
    ----------
    axes
        What a plot returned.
    name
        Beginning of all ids, so that several pictures can stand on one page.
    title, text
        What it shows, and its text alternative.

    Raises
    ------
    ValueError
        If the axes were removed from their figure.
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("These axes are in no figure.")
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    raw = buffer.getvalue()
    # The prolog names a document type elsewhere, the metadata a licence: a page needs neither.
    body = re.sub(r"<metadata>.*?</metadata>", "", raw[raw.index("<svg") :], flags=re.DOTALL)
    view = re.search(r'viewBox="([^"]+)"', body)
    body = re.sub(r"^<svg[^>]*>", "", body, count=1)
    body = body.replace("xlink:href", "href").replace(' xml:space="preserve"', "")
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = body.replace('href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")
    box = view.group(1) if view else "0 0 600 300"
    opening = (
        f'<svg viewBox="{box}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(text)}</desc>'
    )
    return opening + body.strip()
