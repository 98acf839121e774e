"""How the page looks: colours of UK public bodies, and small pieces of HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carepath_sim.report.colours import BLUE, GREY, ORANGE, PLUM, TEAL

if TYPE_CHECKING:
    from carepath_sim.web.dials import Dial

CSS = f"""<style>
.block-container {{padding: 2.6rem 2rem 3rem; max-width: 1180px}}
h1 {{font-size: 2.1rem !important; padding: 0 !important; color: {BLUE} !important}}
h2 {{font-size: 1.35rem !important; color: {BLUE} !important}}
h3 {{font-size: 1.08rem !important}}
[data-testid="stSidebar"] .stSlider {{margin-bottom: -0.9rem}}
[data-testid="stSidebar"] .st-key-replications .stSlider {{margin-bottom: 0}}
.cp-sub {{color: {GREY}; font-size: 1.02rem; margin-top: -.4rem}}
.cp-mark {{position: relative; margin-bottom: .5rem; font-size: .8rem; line-height: 1.25;
  color: {GREY}}}
.cp-mark .cp-rail {{position: absolute; left: .4rem; right: .4rem; top: 0; height: 8px}}
.cp-mark .cp-span {{position: absolute; height: 3px; top: 2px; background: #9FB9D3}}
.cp-mark .cp-here {{position: absolute; width: 2px; height: 8px; top: 0; background: {BLUE}}}
.cp-mark p {{padding-top: 9px; margin: 0; font-size: .8rem}}
table.cp {{border-collapse: collapse; width: 100%; font-size: .92rem; margin: .2rem 0 1rem}}
table.cp caption {{text-align: left; color: {GREY}; font-size: .85rem; padding-bottom: .3rem}}
table.cp th, table.cp td {{padding: .38rem .5rem; border: 0; border-bottom: 1px solid #D8DDE0;
  text-align: right; vertical-align: top; font-variant-numeric: tabular-nums}}
table.cp th:first-child, table.cp td:first-child {{text-align: left; padding-left: 0}}
table.cp thead th {{border-bottom: 2px solid {BLUE}; font-weight: 600; vertical-align: bottom}}
table.cp tr.cp-group th {{padding-top: .9rem; color: {BLUE}; border-bottom: 1px solid #9FB9D3}}
table.cp small {{color: {GREY}; display: block; white-space: nowrap; font-size: .8rem}}
table.cp td:first-child small {{white-space: normal; max-width: 17rem}}
.cp-better {{color: #1B6E66; font-weight: 600}}
.cp-worse {{color: {PLUM}; font-weight: 600}}
.cp-different {{color: {BLUE}; font-weight: 600}}
.cp-unclear, .cp-same {{color: {GREY}}}
.cp-cards {{display: flex; flex-wrap: wrap; gap: .8rem; margin: .3rem 0 1rem}}
.cp-card {{flex: 1 1 12rem; border: 1px solid #D8DDE0; border-top: 5px solid {BLUE};
  border-radius: 4px; padding: .7rem .9rem .8rem; background: #fff}}
.cp-card b {{display: block; font-size: 1.05rem; margin-bottom: .3rem}}
.cp-card div {{display: flex; justify-content: space-between; gap: .6rem; font-size: .9rem;
  padding: .13rem 0; font-variant-numeric: tabular-nums}}
.cp-card div > span:first-child {{color: {GREY}}}
.cp-card div > span:last-child {{font-weight: 600; white-space: nowrap}}
.cp-note {{color: {GREY}; font-size: .86rem}}
.cp-verdict {{border-left: 6px solid {TEAL}; background: #EEF6F5; padding: .7rem 1rem;
  font-size: 1.12rem; margin: .4rem 0 1rem; line-height: 1.4}}
ul.cp-why {{margin: -.3rem 0 .9rem; padding-left: 1.3rem; font-size: 1rem; line-height: 1.5}}
.cp-verdict.cp-open {{border-color: {ORANGE}; background: #FDF1EA}}
.st-key-pathway {{overflow: auto; max-height: 76vh; border: 1px solid #D8DDE0; border-radius: 4px}}
.st-key-pathway img {{max-width: none !important}}
@media (max-width: 900px) {{
  [data-testid="stSidebar"] {{width: 272px !important; min-width: 272px !important}}
  .block-container {{padding: 2.6rem 1.1rem 2rem}}
  table.cp {{font-size: .84rem}}
  table.cp th, table.cp td {{padding: .32rem .3rem}}
  table.cp small {{white-space: normal}}
  table.cp td:first-child {{min-width: 7.5rem}}
  .cp-card {{flex-basis: 9.4rem; padding: .6rem .7rem}}
  .cp-card div {{display: block; padding: .2rem 0}}
  .cp-card div > span {{display: block}}
}}
</style>"""


def mark(dial: Dial) -> str:
    """Return where the documented value and its range lie on a dial, and who says so."""
    span = dial.high - dial.low or 1.0

    def place(value: float) -> float:
        return 100 * (value - dial.low) / span

    bar = ""
    words = f"{dial.standing}: {escape(dial.text(dial.value))}"
    if dial.documented is not None:
        low, high = dial.documented
        bar = (
            f'<i class="cp-span" style="left:{place(low):.1f}%;'
            f'width:{place(high) - place(low):.1f}%"></i>'
        )
        words += f", range {low:g} to {high:g}"
    if dial.basis:
        words += f". {escape(dial.basis[:1].upper() + dial.basis[1:])}"
    return (
        f'<div class="cp-mark"><div class="cp-rail">{bar}'
        f'<i class="cp-here" style="left:{place(dial.value):.1f}%"></i></div><p>{words}</p></div>'
    )


def table(heads: list[str], rows: list[list[str]], caption: str = "") -> str:
    """Return a table; cells are HTML already, a row of one cell is the heading of a group."""
    lines = ['<table class="cp">']
    if caption:
        lines.append(f"<caption>{escape(caption)}</caption>")
    # Figures stand under one another in columns of equal width, however long their names are.
    width = 72 / max(len(heads) - 1, 1)
    lines.append("<colgroup><col>" + f'<col style="width:{width:.1f}%">' * (len(heads) - 1))
    lines.append("</colgroup>")
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    lines.append(f"<thead><tr>{cells}</tr></thead><tbody>")
    for row in rows:
        if len(row) == 1:
            group = f'<th scope="rowgroup" colspan="{len(heads)}">{row[0]}</th>'
            lines.append(f'<tr class="cp-group">{group}</tr>')
            continue
        rest = "".join(f"<td>{cell}</td>" for cell in row[1:])
        lines.append(f'<tr><td scope="row">{row[0]}</td>{rest}</tr>')
    return "".join([*lines, "</tbody></table>"])
