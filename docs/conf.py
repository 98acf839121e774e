"""How Sphinx makes the documentation site of this folder: `python3 tasks.py docs`.

Nothing is fetched while it is made, and its pages ask nothing of any other host. The pages are
plain Markdown that can be read without Sphinx too; what only the site needs is added here.
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

project = "carepath-sim"
author = "carepath-sim contributors"
project_copyright = author
version = release = metadata.version("carepath-sim")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["examples"]
language = "en_GB"
# What is typed at a terminal must not get typographer's quotes.
smartquotes = False

# Headings get the anchors that code hosts give them, so that links hold in both places.
myst_heading_anchors = 4

# The signature has the types; the page shows them beside the words.
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = False
napoleon_google_docstring = False
add_module_names = False

html_theme = "furo"
html_title = "carepath-sim"
html_static_path = ["site"]
html_css_files = ["carepath.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#005eb8", "color-brand-content": "#005eb8"},
    "dark_css_variables": {"color-brand-primary": "#7ab8ff", "color-brand-content": "#7ab8ff"},
}

CONTENTS = {
    "Start": ("language/first-scenario", "language/own-area", "README"),
    "How to answer a question": (
        "guide/web-page",
        "cookbook/README",
        "guide/bed-mix",
        "guide/capacity-and-goals",
        "guide/sweeps",
        "guide/todays-census",
        "guide/*",
    ),
    "How to use your own data": (
        "guide/local-data",
        "guide/local-arrivals",
        "guide/calibration",
        "guide/own-calibration",
    ),
    "How to know how sure it is": (
        "guide/statistics",
        "guide/warm-up",
        "guide/sensitivity",
        "guide/uncertainty",
    ),
    "How to show it": (
        "guide/reports",
        "guide/reports-excel-stress",
        "guide/animation",
        "notebooks",
    ),
    "How to run for long": ("guide/going-on", "guide/cluster"),
    "Concepts": (
        "concepts/time",
        "concepts/randomness",
        "concepts/blocking-and-delay",
        "concepts/planning-ahead",
        "concepts/starting",
        "concepts/two-engines",
    ),
    "The scenario language": ("language/guide", "language/*"),
    "Reference": ("language/reference", "measures", "reference/cli", "reference/*"),
    "Areas": ("areas/*",),
    "How far to trust it": ("verification", "performance"),
    "Help": ("guide/faq", "guide/glossary"),
    "Decisions": ("adr/*",),
}
"""What stands in the margin: pages, and patterns that take in whatever else fits them.

A page that nothing names fails the build, because no reader would find it.
"""
TITLES = {"README": "Which page answers it?", "language/reference": "Scenario files"}


def contents() -> str:
    """Return the tables of contents of the front page."""
    named = {entry for entries in CONTENTS.values() for entry in entries}
    parts = []
    for caption, entries in CONTENTS.items():
        pages = [
            page
            for entry in entries
            for page in ([entry] if "*" not in entry else sorted(set(pages_like(entry)) - named))
        ]
        lines = [f"{TITLES[page]} <{page}>" if page in TITLES else page for page in pages]
        parts.append("\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *lines]))
    return "".join(f"\n\n{part}\n```\n" for part in parts)


def pages_like(pattern: str) -> list[str]:
    """Return the pages of this folder that fit a pattern."""
    return [
        path.relative_to(HERE).with_suffix("").as_posix() for path in HERE.glob(f"{pattern}.md")
    ]


def completed(_app: Sphinx, page: str, source: list[str]) -> None:
    """Add to a page what only the site needs."""
    if page == "index":
        source[0] += contents()
    elif page == "cookbook/README":
        source[0] += "\n\n```{toctree}\n:hidden:\n:glob:\n\n*\n```\n"
    elif page == "notebooks":
        text = (HERE.parent / "notebooks" / "README.md").read_text(encoding="utf-8")
        source[0] = text.replace("](", "](../notebooks/")
    elif page == "reference/cli":
        from carepath_sim.cli import reference

        source[0] = reference.page()
    elif page == "reference/api":
        import python_names

        source[0] += python_names.listed()
    source[0] = source[0].replace("../notebooks/README.md", "notebooks.md")


def untyped(
    _app: Sphinx, _kind: str, _name: str, _one: object, _how: object, lines: list[str]
) -> None:
    """Let what comes back be words: NumPy's form, read strictly, takes them for a type."""
    for k in range(len(lines) - 2):
        if lines[k] == "Returns" and set(lines[k + 1]) == {"-"}:
            following = range(k + 2, len(lines))
            end = next((n for n in following if lines[n] and set(lines[n]) == {"-"}), 0) - 1
            last = end if end > 0 else len(lines)
            lines[k + 2 : last] = [":", *(f"    {line}" for line in lines[k + 2 : last])]
            return


def setup(app: Sphinx) -> None:
    """Tell Sphinx of what is done here."""
    app.connect("source-read", completed)
    # Before napoleon, which listens too.
    app.connect("autodoc-process-docstring", untyped, priority=400)
