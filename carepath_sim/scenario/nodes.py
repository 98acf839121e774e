"""YAML text as plain values that remember where they were written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from carepath_sim.errors import Problem, ScenarioError
from carepath_sim.scenario.thousands import without_comma

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_NODES: Final = 100_000
"""Values in a file, counting what aliases repeat."""
MOST_DEPTH: Final = 50
"""How deep lists and maps may lie in each other."""
MOST_BYTES: Final = 1_000_000
"""Size of a file."""

Scalar = str | int | float | bool | None


class Mark(NamedTuple):
    """A place in a file; line and column count from 1, and are 0 for values given by hand."""

    file: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """A value with the place where it is written, and the place of its key in a map."""

    value: Scalar | dict[str, Node] | list[Node]
    mark: Mark
    key: Mark | None = None


def plain(node: Node) -> Any:
    """Return the value without places."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def planted(raw: object, mark: Mark, key: Mark | None = None) -> Node:
    """Return a plain value as a node, all of it at one place."""
    if isinstance(raw, Mapping):
        inside = {str(name): planted(value, mark, mark) for name, value in raw.items()}
        return Node(inside, mark, key)
    if isinstance(raw, (list, tuple, range)):
        return Node([planted(value, mark) for value in raw], mark, key)
    if raw is None or isinstance(raw, (str, bool, int, float)):
        return Node(raw, mark, key)
    item = getattr(raw, "item", None)  # numbers of NumPy
    return Node(item() if callable(item) else str(raw), mark, key)


_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


def scalar(written: str) -> Scalar:
    """Return a plain scalar by the core schema of YAML 1.2.

    >>> scalar("12"), scalar("0.5"), scalar("true"), scalar("yes"), scalar("2015-04-01")
    (12, 0.5, True, 'yes', '2015-04-01')
    """
    if written in _WORDS:
        return _WORDS[written]
    # Whole numbers beyond what a float holds exactly are no counts of anything here.
    if _INT.fullmatch(written) and len(written) <= 15:
        return int(written)
    return float(written) if _FLOAT.fullmatch(written) else written


@lru_cache(maxsize=8)
def read_yaml(source: bytes, file: str) -> Node:
    """Return the content of a YAML file; equal files are read once.

    Raises
    ------
    ScenarioError
        If it is no YAML, or uses what scenarios may not: tags, merge keys, aliases that expand
        beyond a bound, keys given twice, several documents.
    """
    return _Reader(_decoded(source, file), file).document()


def _decoded(source: bytes, file: str) -> str:
    if len(source) > MOST_BYTES:
        _stop(Mark(file), f"the file has more than {MOST_BYTES:,} bytes")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = source[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        _stop(
            Mark(file, line, column),
            f"the file is not UTF-8 text: byte 0x{source[error.start]:02x}; save it as UTF-8",
        )


def _stop(mark: Mark, message: str) -> NoReturn:
    raise ScenarioError([Problem(*mark, "", message)])


class _Reader:
    """Builds nodes from the events of the parser, with every limit checked on the way."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.count = 0
        self.problems: list[Problem] = []
        # Nodes by anchor, with how many values they hold and how deep they are.
        self.anchors: dict[str, tuple[Node, int, int] | None] = {}

    def document(self) -> Node:
        from ruamel.yaml import YAML
        from ruamel.yaml import events as ev
        from ruamel.yaml.error import YAMLError

        self.ev = ev
        try:
            self.events: Iterator[Any] = iter(YAML(typ="safe", pure=True).parse(self.text))
            root = self._first()
        except YAMLError as error:
            self._unreadable(error)
        if self.problems:
            raise ScenarioError(sorted(self.problems))
        return root

    def _first(self) -> Node:
        ev = self.ev
        next(self.events)  # the start of the stream
        event = next(self.events)
        if isinstance(event, ev.StreamEndEvent):
            _stop(Mark(self.file, 1, 1), "the file is empty; it begins with `carepath: 1`")
        root, _ = self._node(next(self.events), 0)
        next(self.events)  # the end of the document
        event = next(self.events)
        if not isinstance(event, ev.StreamEndEvent):
            _stop(
                self._mark(event), "a second document begins here (`---`); one file is one scenario"
            )
        return root

    def _mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _note(self, mark: Mark, message: str) -> None:
        self.problems.append(Problem(*mark, "", message))

    def _node(self, event: Any, depth: int) -> tuple[Node, int]:
        """Return the node that begins with an event, and its height."""
        ev = self.ev
        mark = self._mark(event)
        if depth > MOST_DEPTH:
            _stop(mark, f"lists and maps lie more than {MOST_DEPTH} deep in each other")
        if isinstance(event, ev.AliasEvent):
            return self._alias(event.anchor, mark, depth)
        self._counted(1, mark)
        if getattr(event, "tag", None) not in {None, "!"}:
            self._note(mark, f"tags such as `{event.tag}` are not accepted; write the value itself")
        anchor, before = event.anchor, self.count
        if anchor is not None:
            self.anchors[anchor] = None
        height = 0
        if isinstance(event, ev.ScalarEvent):
            quoted = event.style in {"'", '"', "|", ">"} or getattr(event, "tag", None) == "!"
            node = Node(event.value if quoted else scalar(event.value), mark)
        elif isinstance(event, ev.SequenceStartEvent):
            entries = []
            while not isinstance(event := next(self.events), ev.SequenceEndEvent):
                child, inner = self._node(event, depth + 1)
                height = max(height, inner + 1)
                entries.append(child)
            node = Node(entries, mark)
        else:
            node, height = self._map(mark, depth)
        if anchor is not None:
            self.anchors[anchor] = (node, self.count - before + 1, height)
        return node, height

    def _map(self, mark: Mark, depth: int) -> tuple[Node, int]:
        ev = self.ev
        found: dict[str, Node] = {}
        entries: list[tuple[str, Node]] = []
        height = 0
        while not isinstance(event := next(self.events), ev.MappingEndEvent):
            key_mark = self._mark(event)
            key, _ = self._node(event, depth + 1)
            name = self._key(event, key, key_mark)
            child, inner = self._node(next(self.events), depth + 1)
            height = max(height, inner + 1)
            entries.append((name, replace(child, key=key_mark)))
            found.setdefault(*entries[-1])
        if len(found) < len(entries):
            self._twice(found, entries)
        return Node(found, mark), height

    def _twice(self, found: Mapping[str, Node], entries: Sequence[tuple[str, Node]]) -> None:
        """Note the names that are given more than once, and ends of numbers with a comma."""
        again = {name for name, node in entries if node is not found[name]}
        fields = [(name, node.value) for name, node in entries]
        for k, (name, node) in enumerate(entries):
            if name not in again or node.key is None:
                continue
            # Ends of numbers such as `1,000`, which YAML ends at the comma inside braces.
            number = without_comma(fields, k) if node.value is None else ""
            first = found[name]
            if number:
                self._note(node.key, f"inside braces a comma ends a value{number}")
            elif node is not first:
                where = f" (first on line {first.key.line})" if first.key else ""
                self._note(node.key, f"'{name}' is given twice{where}; keep one")

    def _key(self, event: Any, key: Node, mark: Mark) -> str:
        if isinstance(key.value, (dict, list)):
            self._note(mark, "a name is needed before the `:`, found a list or a map")
            return f"?{mark.line}:{mark.column}"
        if key.value is None:
            self._note(mark, "a name is missing before the `:`")
            return f"?{mark.line}:{mark.column}"
        if key.value == "<<":
            self._note(mark, "merge keys (`<<`) are not accepted; use `extends:` or write it out")
        if isinstance(key.value, bool):
            return str(key.value).lower()
        return str(getattr(event, "value", key.value))

    def _alias(self, anchor: str, mark: Mark, depth: int) -> tuple[Node, int]:
        if anchor not in self.anchors:
            self._note(mark, f"`*{anchor}` stands for nothing: there is no `&{anchor}` above")
            return Node(None, mark), 0
        known = self.anchors[anchor]
        if known is None:
            _stop(mark, f"`*{anchor}` stands inside what it repeats")
        node, size, height = known
        self._counted(size, mark)
        if depth + height > MOST_DEPTH:
            _stop(mark, f"lists and maps lie more than {MOST_DEPTH} deep in each other")
        return node, height

    def _counted(self, more: int, mark: Mark) -> None:
        self.count += more
        if self.count > MOST_NODES:
            _stop(
                mark, f"the file has more than {MOST_NODES:,} values, counting what aliases repeat"
            )

    def _unreadable(self, error: Any) -> NoReturn:
        said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
        mark = getattr(error, "problem_mark", None)
        began = getattr(error, "context_mark", None)
        message = next((words for part, words in _SYNTAX if part in said), None)
        context = str(getattr(error, "context", None) or "")
        if "quoted scalar" in context or "expected ':'" in said:
            mark = began or mark
        if "quoted scalar" in context and "escape" not in said:
            message = "the quotes that open here are not closed"
        if mark is not None:
            place = Mark(self.file, mark.line + 1, mark.column + 1)
        else:
            before = self.text[: getattr(error, "position", 0) or 0]
            place = Mark(self.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = message or f"this is no YAML: {said.splitlines()[0]}"
        if began is not None:
            message = message.replace("{began}", f"{began.line + 1}:{began.column + 1}")
        _stop(place, message)


_SYNTAX: Final = (
    ("'\\t'", "a tab stands here; indent with spaces"),
    (
        "mapping values are not allowed",
        "a `:` is not expected here: wrong indentation, or text with `: ` that needs quotes",
    ),
    ("could not find expected ':'", "a `:` is missing after this name, or the text needs quotes"),
    ("expected <block end>", "the indentation does not fit the lines above"),
    ("expected ',' or '}'", "a `,` or the closing `}` is missing; the `{` stands at {began}"),
    ("expected ',' or ']'", "a `,` or the closing `]` is missing; the `[` stands at {began}"),
    ("expected the node content", "a value or a closing bracket is missing here"),
    ("unexpected end of stream", "the quotes that open here are not closed"),
    ("sequence entries are not allowed", "`- ` is not expected here; check the indentation"),
    ("cannot start any token", "text cannot begin with this character; put it in quotes"),
    ("special characters are not allowed", "a control character stands here; remove it"),
    ("duplicate anchor", "the same `&` name is given twice"),
)
"""What the parser says, and what it means for the author."""
