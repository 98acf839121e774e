"""Designs: which fields are set to what, point by point."""

from __future__ import annotations

import csv
import itertools
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from carepath_sim.experiment.batch import OptionError

if TYPE_CHECKING:
    import pandas as pd

    from carepath_sim.experiment.evaluate import Settings

SAMPLES = ("lhs", "sobol")

# More points than this are a slip of the keyboard, not a study.
MOST_POINTS = 1_000_000

_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(\s*[^\s\d:,][^:,]*?)?\s*")


@dataclass(frozen=True)
class Span:
    """Numbers from one to another.

    Attributes
    ----------
    low, high
        Both ends belong to it.
    step
        From one number to the next; None: everything between the ends, or every whole number where
        the ends are whole.
    unit
        What stands behind each number, as it was written: ``" d"``.
    """

    low: Decimal
    high: Decimal
    step: Decimal | None = None
    unit: str = ""

    @property
    def whole(self) -> bool:
        """Whether its numbers are whole, because all that describes it is written so."""
        return all(map(_is_whole, (self.low, self.high, self.step or Decimal(1))))

    def steps(self) -> list[Any]:
        """Return all its numbers.

        Raises
        ------
        OptionError
            Without a step.
        """
        if self.step is None:
            raise OptionError(
                f"{self.low}:{self.high} has no step; write {self.low}:{self.high}:STEP, or draw "
                "from it with --sample lhs or --sample sobol"
            )
        return [self._value(self.low + k * self.step) for k in range(self._size(self.step))]

    def at(self, u: float) -> Any:
        """Return the number at a share of the way, 0 <= u < 1; whole numbers are equally likely."""
        step = Decimal(1) if self.step is None and self.whole else self.step
        if step is not None:
            return self._value(self.low + int(u * self._size(step)) * step)
        width = float(self.high - self.low)
        # Six digits of the width: more would be read by nobody.
        digits = 5 - math.floor(math.log10(width)) if width else 0
        return self._value(Decimal(str(round(float(self.low) + u * width, digits))))

    def _size(self, step: Decimal) -> int:
        return int((self.high - self.low) / step) + 1

    def _value(self, number: Decimal) -> Any:
        value = int(number) if self.whole else float(number)
        return f"{value}{self.unit}" if self.unit else value


def _is_whole(number: Decimal) -> bool:
    """Tell whether a number is written without decimals: 1 is, 1.0 is not."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= 0


Choice: TypeAlias = Span | tuple[Any, ...]
"""What a field can be: a span of numbers, or a list of values."""


@dataclass(frozen=True)
class Design:
    """Points, numbered from 0.

    Attributes
    ----------
    points
        Settings of each point: field path -> value.
    notices
        What the user should know of it.
    """

    points: tuple[Settings, ...]
    notices: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every field that a point sets."""
        return tuple(dict.fromkeys(path for point in self.points for path in point))

    def table(self) -> pd.DataFrame:
        """One row a point.

        Returns
        -------
            Columns point, and one a field; empty where a point leaves a field as it is.
        """
        return design_table(self.points)


def design_table(points: Sequence[Settings]) -> pd.DataFrame:
    """Return points as a table; see `Design.table`."""
    import pandas as pd

    columns = tuple(dict.fromkeys(path for point in points for path in point))
    rows = [
        (k, *(_cell(point[path]) if path in point else None for path in columns))
        for k, point in enumerate(points)
    ]
    frame = pd.DataFrame(rows, columns=["point", *columns])
    return frame.infer_objects()


def _cell(value: Any) -> Any:
    """Return a value for a cell; maps and lists as they would be written in a file."""
    if isinstance(value, bool) or value is None or isinstance(value, (Mapping, list)):
        return json.dumps(value, ensure_ascii=False)
    return value


def read_vary(text: str) -> tuple[str, Choice]:
    """Return a field and what it can be, from ``PATH=A:B:STEP``, ``PATH=A:B`` or ``PATH=x,y``.

    Raises
    ------
    OptionError
        If the text cannot be read.
    """
    path, equals, given = text.partition("=")
    if not equals or not path.strip() or not given.strip():
        raise OptionError(
            f"--vary {text}: a field and its values are needed, such as "
            "`pools.community_beds.capacity=60:160:10` or `...capacity=100,125`"
        )
    return path.strip(), read_choice(given, f"--vary {text}")


def read_choice(given: str, said: str) -> Choice:
    """Return what a field can be, from ``A:B:STEP``, ``A:B`` or ``x,y``.

    Parameters
    ----------
    said
        How it was asked for, for messages.

    Raises
    ------
    OptionError
        If the text cannot be read.
    """
    parts = [_NUMBER.fullmatch(part) for part in given.split(":")]
    numbers = [part for part in parts if part is not None]
    if not 2 <= len(parts) <= 3 or len(numbers) < len(parts):
        return tuple(_read_value(part, said) for part in _cut(given))
    units = {part[2] for part in numbers if part[2]}
    if len({unit.strip() for unit in units}) > 1:
        raise OptionError(f"{said}: one unit is needed, not {' and '.join(sorted(units))}")
    values = [Decimal(part[1]) for part in numbers]
    step = values[2] if len(values) == 3 else None
    if values[0] > values[1]:
        raise OptionError(f"{said}: a range goes up; {values[0]} is above {values[1]}")
    if step is not None and step <= 0:
        raise OptionError(f"{said}: a step is above 0, not {step}")
    return Span(values[0], values[1], step, units.pop() if units else "")


def _cut(text: str) -> list[str]:
    """Cut at the commas that stand outside brackets and quotes."""
    found, depth, quote, begin = [], 0, "", 0
    for k, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "[{(":
            depth += 1
        elif sign in ")}]":
            depth -= 1
        elif sign == "," and depth == 0:
            found.append(text[begin:k])
            begin = k + 1
    return [*found, text[begin:]]


def _read_value(text: str, said: str) -> Any:
    """Return a value as `--set` reads it."""
    from carepath_sim.errors import ScenarioError
    from carepath_sim.scenario.overrides import overrides_of

    if not text.strip():
        raise OptionError(f"{said}: a value is missing beside a comma")
    try:
        (one,) = overrides_of([f"x={text}"])
    except ScenarioError as error:
        raise OptionError(f"{said}: {error.problems[0].message}") from None
    return one.value


def choices_of(vary: Mapping[str, Any], *, sampled: bool) -> dict[str, Choice]:
    """Return what fields can be from Python values: texts as on the command line, or sequences.

    Parameters
    ----------
    sampled
        Whether points are drawn: two numbers are then the ends of a range.

    Raises
    ------
    OptionError
        If something is neither.
    """
    found: dict[str, Choice] = {}
    for path, given in vary.items():
        if isinstance(given, Span):
            found[path] = given
        elif isinstance(given, str):
            found[path] = read_choice(given, f"vary {path}={given}")
        elif isinstance(given, Iterable) and not isinstance(given, Mapping):
            values = tuple(_plain(value) for value in given)
            ends = sampled and len(values) == 2 and all(map(_is_number, values))
            found[path] = _between(*values) if ends else values
        else:
            raise OptionError(
                f"vary {path}: a list of values, a range, or a text such as '60:160:10' is "
                f"needed, not {given!r}"
            )
        if isinstance(found[path], tuple) and not found[path]:
            raise OptionError(f"vary {path}: there is no value")
    return found


def _between(low: Any, high: Any) -> Span:
    return Span(Decimal(str(low)), Decimal(str(high)))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """Return Python's number for one of NumPy."""
    return value.item() if hasattr(value, "item") else value


def grid(choices: Mapping[str, Choice]) -> Design:
    """Return every combination of values; the last field changes fastest.

    Raises
    ------
    OptionError
        For a span without step, or far too many points.
    """
    columns = [one.steps() if isinstance(one, Span) else list(one) for one in choices.values()]
    size = math.prod(map(len, columns))
    if size > MOST_POINTS:
        raise OptionError(f"that makes {size:,} points; at most {MOST_POINTS:,} are done")
    return once([dict(zip(choices, row, strict=True)) for row in itertools.product(*columns)])


def sample(choices: Mapping[str, Choice], size: int | None, method: str, seed: int = 1) -> Design:
    """Return points spread evenly over ranges, by Latin hypercube or scrambled Sobol sequence.

    Parameters
    ----------
    choices
        Spans, and lists whose values are drawn equally often.
    size
        How many points.
    method
        ``lhs`` or ``sobol``.
    seed
        Start of the luck of the design; that of the simulations is another.

    Raises
    ------
    OptionError
        For an unknown method or no size.

    Notes
    -----
    McKay, Beckman and Conover (1979), Technometrics 21, 239-245; Owen (1998), Journal of
    Complexity 14, 466-489.
    """
    if method not in SAMPLES:
        raise OptionError(f"unknown sample {method!r}; known: {', '.join(SAMPLES)}")
    if size is None or not 1 <= size <= MOST_POINTS:
        raise OptionError(f"a sample needs the number of its points: -n N, not {size}")
    import warnings

    from scipy.stats import qmc

    sampler: Any
    if method == "lhs":
        sampler = qmc.LatinHypercube(d=len(choices), rng=seed)
    else:
        sampler = qmc.Sobol(d=len(choices), scramble=True, rng=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # said below in our words
        table = sampler.random(size)
    points = [
        {path: _drawn(one, float(u)) for (path, one), u in zip(choices.items(), row, strict=True)}
        for row in table
    ]
    balanced = method == "lhs" or size & (size - 1) == 0
    notice = f"a Sobol sequence is balanced at powers of two; {size} points are none"
    return once(points, () if balanced else (notice,))


def _drawn(choice: Choice, u: float) -> Any:
    return choice.at(u) if isinstance(choice, Span) else choice[int(u * len(choice))]


def listed(given: str | Path | pd.DataFrame | Iterable[Settings]) -> Design:
    """Return the points of a list: a CSV file, a DataFrame, or settings one by one.

    A column `point` is passed over, and an empty cell leaves its field as it is.

    Raises
    ------
    OptionError
        If the file cannot be read.
    """
    if isinstance(given, (str, Path)):
        rows = read_table(Path(given))
        said = f"{given}"
        points = [
            {path: _read_value(cell, f"{said}, row {k}") for path, cell in row.items() if cell}
            for k, row in enumerate(rows, start=2)
        ]
    elif hasattr(given, "to_dict"):
        points = [
            {str(path): _plain(cell) for path, cell in row.items() if not _is_missing(cell)}
            for row in given.to_dict("records")
        ]
    else:
        points = [{path: _plain(value) for path, value in point.items()} for point in given]
    for point in points:
        point.pop("point", None)
    if not points:
        raise OptionError("the design has no point")
    return once(points)


def _is_missing(cell: Any) -> bool:
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def ranges(file: str | Path) -> dict[str, Choice]:
    """Return what fields can be from a CSV file with the columns path, low, high (and step).

    Raises
    ------
    OptionError
        If the file cannot be read so.
    """
    found: dict[str, Choice] = {}
    for row in read_table(Path(file)):
        if not {"path", "low", "high"} <= row.keys():
            raise OptionError(
                f"{file}: to draw a sample, the columns path, low and high are needed; "
                f"there are {', '.join(row)}"
            )
        step = f":{row['step']}" if row.get("step") else ""
        found[row["path"]] = read_choice(f"{row['low']}:{row['high']}{step}", str(file))
    if not found:
        raise OptionError(f"{file} has no row")
    return found


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with a header, cells as they are written.

    Raises
    ------
    OptionError
        If there is no such file, or a row has not the columns of the header.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OptionError(f"{path} cannot be read: {error}") from None
    if not rows:
        raise OptionError(f"{path} is empty")
    header = [name.strip() for name in rows[0]]
    if len(set(header)) < len(header) or not all(header):
        raise OptionError(f"{path}: each column needs a name of its own")
    for k, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise OptionError(f"{path}, row {k}: {len(header)} cells are needed, not {len(row)}")
    # Cells that would begin a formula carry an apostrophe in the tables that this program writes.
    return [
        {
            name: cell.strip().removeprefix("'") if cell.strip()[1:2] in {*"=+-@"} else cell.strip()
            for name, cell in zip(header, row, strict=True)
        }
        for row in rows[1:]
    ]


def once(points: Sequence[Settings], notices: tuple[str, ...] = ()) -> Design:
    """Return a design in which equal points stand once."""
    kept = {json.dumps(dict(point), sort_keys=True, default=str): point for point in points[::-1]}
    found = list(kept.values())[::-1]
    again = len(points) - len(found)
    if again:
        words = f"{again} of {len(points)} points are equal to others; each is done once"
        notices = (*notices, words)
    return Design(tuple(found), notices)
