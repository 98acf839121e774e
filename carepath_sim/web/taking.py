"""What can be taken away: scenario files, the report, the workbook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import streamlit as st

from carepath_sim.web.answer import basis
from carepath_sim.web.looks import table
from carepath_sim.web.papers import REPORT, SCENARIOS, WORKBOOK, zipped
from carepath_sim.web.request import file_name
from carepath_sim.web.scenario_file import command_of, file_names, scenario_files

if TYPE_CHECKING:
    from carepath_sim.web.desk import Desk
    from carepath_sim.web.outcome import Outcome

EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES: Final = (
    ("Report (HTML)", REPORT, "text/html", "Question, answer, figures, limits. One file, to send"),
    ("Workbook (Excel)", WORKBOOK, EXCEL, "Every figure of every way, in sheets"),
    (
        "Scenario files (YAML)",
        SCENARIOS,
        "application/zip",
        "Every number that went in, a file a way",
    ),
)
LOOK: Final = 2.0
"""Time between two looks while something is being written [s]."""


def take(found: Outcome, desk: Desk, who: str) -> None:
    """Offer the files of a run, as soon as each is there."""
    st.subheader("To show, to work with, and to repeat")
    look = desk.look(who, found.request.key)
    waiting = look.state == "done" and not look.papers and not look.words
    st.fragment(_offer, run_every=LOOK if waiting else None)(found, desk, waiting=waiting)
    _command(found)
    ways = zip(found.labels, file_names(found.request), found.hashes, strict=False)
    rows = [[escape(label), escape(name), f"<code>{one[:16]}</code>"] for label, name, one in ways]
    st.html(table(["Way", "File", "Hash of the scenario"], rows, basis(found)))


def curve(found: Outcome) -> None:
    """Offer what repeats a curve."""
    with st.expander("Take this curve away"):
        words, name, kind, _ = FILES[-1]
        content = zipped(scenario_files(found.request, found.replications))
        area = file_name(found.area or found.request.scenario)
        st.download_button(words, content, f"{area}-curve-{name}", kind, on_click="ignore")
        _command(found)


def _command(found: Outcome) -> None:
    st.markdown(
        "The same figures again, to the last digit, on any computer with this version of carepath, "
        "in the folder of the scenario files:"
    )
    st.code(command_of(found.request, found.replications), language=None, wrap_lines=True)


def _offer(found: Outcome, desk: Desk, *, waiting: bool) -> None:
    key = found.request.key
    area = file_name(found.area or found.request.scenario)
    for column, (words, name, kind, what) in zip(st.columns(3), FILES, strict=True):
        content = desk.file(key, name)
        if content is None and name == SCENARIOS:
            content = zipped(scenario_files(found.request, found.replications))
        with column:
            if content is None:
                st.button(words, disabled=True, key=f"no:{name}", width="stretch")
                st.caption("Being written ..." if waiting else "Gone: run it again for this file")
            else:
                st.download_button(
                    words,
                    content,
                    f"{area}-{name}",
                    kind,
                    key=f"take:{name}",
                    on_click="ignore",
                    width="stretch",
                )
                st.caption(what)
