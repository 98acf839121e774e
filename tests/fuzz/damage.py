"""Ways to damage a file: bytes, lines, words, and values of a tree put in wrong places."""

from __future__ import annotations

import json
import math
import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from corpus import Base, corpus

from carepath_sim.errors import ScenarioError
from carepath_sim.scenario.nodes import plain, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

WORDS = (
    "", "~", "null", "true", "yes", "no", "-1", "0", "1", "7", "0.5", "1e400", "-1e400", "1e308",
    "1e-320", ".nan", ".inf", "-.inf", "nan", "inf", "NaN", "99999999999999999999999",
    "-99999999999999999999", "0x1F", "1_000", "1,000", "١٢", "½", "1/0", "1/3", "120 %", "-5 %",
    "28", "28 d", "-28 d", "0 d", "1e300 y", "99999999999999 y", "1 d 12 h", "3 working days",
    "0.05 per y", "5 per fortnight", "300 per 0 d", "263 GBP", "-263 GBP", "£5", "5 EUR",
    "2015-04-01", "2015-02-29", "2015-02-30", "0000-00-00", "9999-12-31", "10000-01-01",
    "-0001-01-01", "1-1-1", "2015-04-01T10:00:00", "2016-02-29", "Mon-Fri 09:00-17:00",
    "Mon-Fri 25:00-26:00", "daily 09:00-09:00", "Fri-Mon 22:00-06:00", "24/7", "Xyz 09:00", "[]",
    "{}", "[1, x]", "{a: 1}", "[[[]]]", "{: 1}", "? x", "- x", "*a", "&a x", "!!python/object:x",
    "!!binary aGk=", "!!float 1", "<<: {a: 1}", "%YAML 1.1", "---", "...", "#", "|", ">", "'", '"',
    "`", "@x", "home", "died", "back", "advice", "unlimited", "shared", "rest", "else", "acute",
    "__class__", "__proto__", "../../etc/passwd", "/etc/passwd", "damaged.yaml", "stays.csv", "\0",
    "\t", "\x07", "\x85", "\u2028", "\ufeff", "\u200b", "\u202e", "é", "😀", "a" * 300, "9" * 400,
    "[" * 60, "{a: " * 60, "x.y", "x[y]", "a b", "ward[north]", "65-74", "85+", "200+", "-1-5",
    "p90", "p0", "p100", "p50.0000001", "25 %", "{from: x}", "{value: 1}", "{value: x, unit: d}",
    "{value: 3, range: [5, 4]}", "{value: 3, range: 4}", "{value: {value: {value: 1}}}",
    "{when: {age: 75+}, value: 1}", "{lognormal: {mean: 1 d, sd: 1e300 y}}",
    "{lognormal: {median: 1 d, p90: 1e9 y}}", "{gamma: {mean: 1 ms, sd: 1 y}}",
    "{fixed: 1e15 y}", "{exponential: {rate: 0 per d}}", "{gamma: {shape: 1e-300, scale: 1 d}}",
    "{weibull: {shape: 1e300, scale: 1 d}}", "{erlang: {k: 1e9, mean: 1 d}}",
    "{scipy: {name: levy, scale: 1 d}}", "{scipy: {name: __init__, scale: 1 d}}",
    "{scipy: {name: gausshyper, a: 1, b: 1, c: 1, z: 1, scale: 1 d}}",
    "{mixture: [{share: 1, mixture: [{share: 1, fixed: 0 d}]}]}",
    "{csv: {file: stays.csv, column: days, unit: d}}",
    "{csv: {file: damaged.yaml, column: a, unit: d}}",
    "{csv: {file: /dev/zero, column: a, unit: d}}", "{any_of: []}", "{all_of: [], then: home}",
    "{all_of: [home], then: died}", "{home: 0.5}", "{home: 1.5, died: -0.5}",
)  # fmt: skip
"""What is put in place of a word or a value."""

BOMB = "".join(
    [
        "b0: &b0 [x, x, x, x, x, x, x, x, x, x]\n",
        *(f"b{k}: &b{k} [{', '.join([f'*b{k - 1}'] * 10)}]\n" for k in range(1, 8)),
    ]
)
"""Ten lines that stand for a hundred million values."""

EXTREMES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 0.5, 2**53, -(2**63), 10**30, 1e308, 5e-324, float("nan"),
    float("inf"), float("-inf"), "", " ", "x", "home", "28 d", "0 d", "1e-9 ms", "1e18 y",
    "0.05 per y", "1e12 per h", "0 per y", "1 GBP", "50 %", "unlimited", "2015-04-01", "1000-01-01",
    [], {}, [[]], [None], [{}], {"": None}, {"value": None}, {"value": 1, "unit": "d"},
    {"when": {}}, {"when": {"age": "75+"}}, {"to": {}}, {"to": []}, {"from": None},
)  # fmt: skip
"""Values of the wrong type, or at the edge of what can be meant."""

_TOKEN = re.compile(r"\w+|[^\w\s]|\s+")


def damaged(base: Base, rng: Random) -> tuple[bytes, dict[str, bytes]]:
    """Return the text of a scenario, and the files beside it, with some damage done.

    Parameters
    ----------
    base
        A valid scenario.
    rng
        Chooses the damage.
    """
    beside: dict[str, bytes] = {}
    data = [name for name in base.beside if name.endswith(".csv")]
    if data and rng.random() < 0.6:
        name = rng.choice(data)
        beside[name] = _bytes(_rows(base.beside[name], rng), rng, often=0.3)
        if rng.random() < 0.7:
            return base.text, beside
    kind = rng.random()
    if kind < 0.5:
        text = _tree(base, rng).encode("utf-8", "surrogatepass")
    else:
        lines = base.text.decode()
        for _ in range(rng.choice([1, 1, 1, 2, 4])):
            lines = rng.choice(OF_TEXT)(lines, rng)
        text = lines.encode("utf-8", "surrogatepass")
    return _bytes(text, rng, often=0.04), beside


# --- the tree -------------------------------------------------------------------------------------


def _tree(base: Base, rng: Random) -> str:
    raw = _read(base)
    for _ in range(rng.choice([1, 1, 2, 3])):
        places = list(_places(raw))
        if not places:
            break
        holder, key = rng.choice(places)
        what = rng.random()
        if what < 0.35:
            holder[key] = _junk(rng)
        elif what < 0.5:
            # Copies: of a part and what lies in it nothing goes round in a circle.
            other, name = rng.choice(places)
            one, two = deepcopy(holder[key]), deepcopy(other[name])
            holder[key], other[name] = two, one
        elif what < 0.65:
            # A part of another scenario, of which the names mean nothing here.
            away = list(_places(_read(rng.choice(corpus()))))
            donor, name = rng.choice(away) if away else (holder, key)
            holder[key] = deepcopy(donor[name])
        elif what < 0.75:
            del holder[key]
        elif what < 0.9 and isinstance(holder, dict):
            holder[_name(raw, rng)] = holder.pop(key)
        elif isinstance(holder, dict):
            holder[_name(raw, rng)] = _junk(rng)
        else:
            holder.append(_junk(rng))
    return _dumped(raw)


def _read(base: Base) -> Any:
    try:
        return plain(read_yaml(base.text, base.name))
    except ScenarioError:
        return {}


def _places(raw: Any) -> list[tuple[Any, Any]]:
    """Return every place in a tree, as what holds it and its key."""
    found: list[tuple[Any, Any]] = []
    todo = [raw]
    while todo and len(found) < 5000:
        holder = todo.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], (dict, list)):
                todo.append(holder[key])
    return found


def _junk(rng: Random) -> Any:
    return deepcopy(rng.choice(EXTREMES)) if rng.random() < 0.5 else Raw(rng.choice(WORDS))


def _name(raw: Any, rng: Random) -> str:
    """Return the name of something else in the tree, or one that means nothing."""
    names = [key for _, key in _places(raw) if isinstance(key, str)]
    return rng.choice(names) if names and rng.random() < 0.7 else rng.choice(WORDS)


class Raw(str):
    """Text that stands in the file as it is."""

    __slots__ = ()


def _dumped(raw: Any) -> str:
    """Return a tree as YAML in the style of JSON, with raw words left as they are."""
    if isinstance(raw, Raw):
        return str(raw)
    if isinstance(raw, dict):
        return "{" + ",\n".join(f"{_key(k)}: {_dumped(v)}" for k, v in raw.items()) + "}"
    if isinstance(raw, list):
        return "[" + ", ".join(map(_dumped, raw)) + "]"
    if isinstance(raw, float) and not math.isfinite(raw):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[str(raw)]
    return json.dumps(raw)


def _key(key: str) -> str:
    return json.dumps(key) if len(key) < 100 else key


# --- lines and words ------------------------------------------------------------------------------


def _lose_line(text: str, rng: Random) -> str:
    lines = text.splitlines(keepends=True)
    if lines:
        first = rng.randrange(len(lines))
        del lines[first : first + rng.choice([1, 1, 1, 3, 10])]
    return "".join(lines)


def _double_line(text: str, rng: Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return "".join(lines)


def _indent(text: str, rng: Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    k = rng.randrange(len(lines))
    lines[k] = rng.choice(["", " ", "   ", "\t", " " * 9]) + lines[k].lstrip(" ")
    return "".join(lines)


def _tokens(text: str, rng: Random) -> str:
    """Lose, double, swap or replace a word."""
    tokens = _TOKEN.findall(text)
    if not tokens:
        return text
    k, j = rng.randrange(len(tokens)), rng.randrange(len(tokens))
    what = rng.randrange(5)
    if what == 0:
        del tokens[k]
    elif what == 1:
        tokens.insert(k, tokens[j])
    elif what == 2:
        tokens[k], tokens[j] = tokens[j], tokens[k]
    else:
        tokens[k] = rng.choice(WORDS)
    return "".join(tokens)


def _names(text: str, rng: Random) -> str:
    """Put one name of the file in place of another."""
    words = re.findall(r"[A-Za-z_]\w+", text)
    if not words:
        return text
    k = [found.span() for found in re.finditer(r"[A-Za-z_]\w+", text)]
    begin, end = rng.choice(k)
    return text[:begin] + rng.choice(words) + text[end:]


def _numbers(text: str, rng: Random) -> str:
    """Put an impossible number in place of one."""
    found = [match.span() for match in re.finditer(r"\d+(\.\d+)?", text)]
    if not found:
        return text
    begin, end = rng.choice(found)
    wild = ["0", "-1", "1e400", "9" * 30, "9" * 4000, "nan", ".inf", "1e-300", "0.1e", "1.2.3"]
    return text[:begin] + rng.choice(wild) + text[end:]


def _value(text: str, rng: Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    k = rng.randrange(len(lines))
    lines[k] = f"{lines[k].partition(':')[0]}: {rng.choice(WORDS)}\n"
    return "".join(lines)


def _bombs(text: str, rng: Random) -> str:
    """Put in what grows when it is read: aliases, depth, length."""
    what = rng.randrange(7)
    if what == 0:
        return BOMB + text
    if what == 1:
        return text + BOMB
    if what == 2:
        return text + "deep: " + "[" * rng.choice([40, 60, 5000]) + "\n"
    if what == 3:
        return text + "long: " + "x" * rng.choice([10_000, 1_000_000]) + "\n"
    if what == 4:
        return (
            text + "wide: {" + ", ".join(f"k{k}: 1" for k in range(rng.choice([100, 60_000]))) + "}"
        )
    if what == 5:
        # One section many times over, by an alias.
        return text.replace("services:", "services: &s", 1) + "background: {a: *s, b: [*s, *s]}\n"
    lines = "".join(
        f"  s{k}: {{stay: 1 d, next: s{k + 1}}}\n" for k in range(rng.choice([50, 2000]))
    )
    return text.replace("services:\n", f"services:\n{lines}", 1)


def _cut(text: str, rng: Random) -> str:
    return text[: rng.randrange(len(text) + 1)]


OF_TEXT: tuple[Callable[[str, Random], str], ...] = (
    _lose_line, _lose_line, _double_line, _indent, _tokens, _tokens, _names, _names, _names,
    _names, _numbers, _numbers, _numbers, _value, _value, _value, _bombs, _cut,
)  # fmt: skip


# --- bytes ----------------------------------------------------------------------------------------


def _bytes(text: bytes, rng: Random, *, often: float) -> bytes:
    """Return bytes of which some are lost or others, now and then."""
    if rng.random() >= often:
        return text
    what = rng.randrange(7)
    k = rng.randrange(len(text) + 1)
    if what == 0:
        return text[:k]
    if what == 1:
        return (
            text[:k] + bytes(rng.randrange(256) for _ in range(rng.choice([1, 4, 200]))) + text[k:]
        )
    if what == 2:
        return bytes(rng.randrange(256) for _ in range(rng.choice([0, 1, 50, 5000])))
    if what == 3:
        return text.replace(b"\n", rng.choice([b"\r\n", b"\r", b"\n\n", b"\0", b""]))
    if what == 4:
        return rng.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0"]) + text
    if what == 5:
        return text.decode("utf-8", "replace").encode(rng.choice(["utf-16", "utf-32", "utf-16-le"]))
    return text * rng.choice([2, 50])


def _rows(content: bytes, rng: Random) -> bytes:
    """Return a table with damage to its cells."""
    lines = content.decode().splitlines() or [""]
    for _ in range(rng.randint(1, 4)):
        k = rng.randrange(len(lines))
        cells = lines[k].split(",")
        j = rng.randrange(len(cells))
        what = rng.randrange(6)
        if what == 0:
            cells[j] = rng.choice(WORDS)
        elif what == 1:
            del cells[j]
        elif what == 2:
            cells.append(rng.choice(WORDS))
        elif what == 3:
            lines.insert(k, rng.choice(lines))
        elif what == 4 and len(lines) > 1:
            del lines[k]
            continue
        else:
            cells[j] = '"' + cells[j]
        lines[k] = ",".join(cells)
    return "\n".join(lines).encode("utf-8", "surrogatepass")
