"""The page of all commands and options, written from the program itself.

The documentation site has it; ``python -m carepath_sim.cli.reference`` prints it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import typer

from carepath_sim.cli.app import ANSWER_IS_NO, INTERRUPTED, WRONG_INPUT, app

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS: Final = {"int": "N", "float": "NUMBER", "Path": "FILE"}
"""What to write for a value whose option gives it no name of its own."""

_ABOUT = f"""# Commands

Every command with every option, written from the program itself; `carepath COMMAND --help` prints
the same. In the folder of the project `python cli.py` is the same program.

Exit codes: 0 done; {ANSWER_IS_NO} the answer is no (a check failed, no value meets the target);
{WRONG_INPUT} the input is wrong, with a message that says where; {INTERRUPTED} interrupted, and
what was finished is kept. Long work shows a progress bar on a terminal and is silent in a pipe.
Options come in any order, before or after names.
"""

_EXAMPLE = re.compile(r"^Examples?: `(.+)`$", re.DOTALL)


def commands() -> Any:
    """Return the program's commands by name, in the order of its help."""
    return typer.main.get_command(app).commands  # type: ignore[attr-defined]


def page() -> str:
    """Return the page of all commands as Markdown."""
    found = commands()
    lines = [_ABOUT, "| command | does |", "|---|---|"]
    lines += [
        f"| [`{name}`](#carepath-{name}) | {_cell(_paragraphs(command)[0])} |"
        for name, command in found.items()
    ]
    for name, command in found.items():
        lines += ["", *_section(name, command)]
    return "\n".join(lines) + "\n"


def _section(name: str, command: Any) -> Iterator[str]:
    yield from (f"## `carepath {name}`", "")
    examples = []
    for text in _paragraphs(command):
        example = _EXAMPLE.match(text)
        if example:
            examples.append(example[1])
        else:
            yield from (text, "")
    usage = [_name(p) for p in command.params if p.param_type_name == "argument"]
    yield f"Usage: `{' '.join(['carepath', name, *usage, '[OPTIONS]'])}`"
    if examples:
        yield from ("", "```sh", *examples, "```")
    rows = list(_rows(command))
    if rows:
        yield from ("", "| write | meaning | default |", "|---|---|---|", *rows)


def _paragraphs(command: Any) -> list[str]:
    return [" ".join(part.split()) for part in command.help.split("\n\n")]


def _rows(command: Any) -> Iterator[str]:
    for one in command.params:
        if one.param_type_name == "argument":
            written = f"`{_name(one)}`"
        else:
            value = "" if one.is_flag else f" {_name(one)}"
            written = ", ".join(f"`{option}{value}`" for option in one.opts)
        least = f" At least {one.min}." if getattr(one, "min", None) else ""
        yield f"| {_cell(written)} | {_cell(one.help or '')}{least} | {_default(one)} |"


def _name(one: Any) -> str:
    """Return how to call what stands for an argument, or for the value of an option."""
    if one.metavar:
        return str(one.metavar)
    kind = getattr(one.type_descriptor.annotation, "__name__", "")
    return KINDS.get(kind, "TEXT")


def _default(one: Any) -> str:
    if one.required:
        return "needed"
    shown = one.default not in {None, "", False} and one.show_default
    return f"`{one.default}`" if shown else ""


def _cell(text: str) -> str:
    return text.replace("|", "&#124;") if "`" not in text else re.sub(r"\|", r"\\|", text)


if __name__ == "__main__":
    print(page(), end="")
