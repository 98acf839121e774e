"""What a field becomes when all that it says of amounts is multiplied by a factor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from carepath_sim.experiment.batch import OptionError
from carepath_sim.scenario.grammar_distributions import is_distribution
from carepath_sim.scenario.pool_overrides import is_capacity
from carepath_sim.scenario.positions import parsed
from carepath_sim.units import NUMBER, UNITS, half_up, pieces

# Where one of these stands, it alone is the amount; what stands beside it describes it.
AMOUNTS: Final = ("rate", "rates", "value", "fte", "capacity", "size")
# Words about a number, and conditions.
_BESIDE: Final = frozenset(
    {"source", "quality", "note", "when", "unit", "title", "from", "from_", "payer", "cause"}
)
_MEASURED: Final = re.compile(rf"\s*(?P<sign>£)?\s*(?P<number>{NUMBER})\s*(?P<unit>[^\d]*)")


def number_of(text: str) -> float | None:
    """Return a bare number, or None.

    >>> number_of(" 1.5 "), number_of("1.5 d")
    (1.5, None)
    """
    return float(text) if re.fullmatch(NUMBER, text.strip()) else None


def fields_scaled(given: Any, factor: float, path: str) -> Any:
    """Return what stands in a field, multiplied.

    Lengths of stay are stretched with their shape: means, quantiles and deviations alike; rates of
    a distribution are divided. Of arrivals and hazards the rate is multiplied, not their profile.

    Parameters
    ----------
    given
        A number, a text such as ``28 d``, a distribution, or a map or list of these.
    path
        Where it stands.

    Raises
    ------
    OptionError
        If nothing there can be multiplied.
    """
    whole = is_capacity(parsed(path) or ()) or path.endswith("size")
    scaled, count = _scaled(given, factor, whole=whole)
    if not count:
        raise OptionError(f"lever {path}*: there is nothing to multiply in {given!s:.60}")
    return scaled


def _scaled(given: Any, factor: float, *, whole: bool) -> tuple[Any, int]:
    """Return a value multiplied, and how many numbers that took."""
    if isinstance(given, bool) or given is None:
        return given, 0
    if isinstance(given, (int, float)):
        return half_up(given * factor) if whole else _tidy(given * factor), 1
    if isinstance(given, str):
        return _text(given, factor)
    if isinstance(given, list):
        each = [_scaled(one, factor, whole=whole) for one in given]
        return [one for one, _ in each], sum(count for _, count in each)
    if is_distribution(given):
        return _stretched(given, factor)
    _refuse_fixed(given)
    amounts = [key for key in AMOUNTS if key in given]
    chosen = amounts or [key for key in given if key not in _BESIDE]
    each_of = {
        key: _scaled(one, factor, whole=whole) if key in chosen else (one, 0)
        for key, one in given.items()
        # A range is that of the number as it was.
        if key != "range"
    }
    return {key: one for key, (one, _) in each_of.items()}, sum(n for _, n in each_of.values())


def _refuse_fixed(given: Mapping[str, Any]) -> None:
    """Refuse arrivals that are written one by one.

    Raises
    ------
    OptionError
        Because leaving them as they are, while others grow, would be another question.
    """
    for key in ("every", "replay"):
        if "at" in given and given.get(key) is not None:
            raise OptionError(
                f"arrivals at {given['at']} are given by `{key}`: they have no rate to multiply"
            )
    if isinstance(given.get("rates"), str):
        raise OptionError("rates from a file cannot be multiplied; write them as a list")


def _text(given: str, factor: float) -> tuple[str, int]:
    """Return an amount with its unit multiplied; other text stays."""
    durations = pieces(given)
    if durations is not None and all(word in UNITS for _, word in durations):
        return " ".join(f"{_tidy(n * factor)} {word}" for n, word in durations), 1
    found = _MEASURED.fullmatch(given)
    if found is None:
        return given, 0
    number = _tidy(float(found["number"]) * factor)
    return f"{found['sign'] or ''}{number} {found['unit']}".strip(), 1


def _stretched(given: Any, factor: float) -> tuple[Any, int]:
    """Return a distribution stretched: its lengths multiplied, its rates divided."""
    if isinstance(given, str):
        durations = pieces(given)
        is_length = durations is not None and all(word in UNITS for _, word in durations)
        if not is_length and " per " in given:
            return _text(given, 1 / factor)
        return _text(given, factor) if is_length else (given, 0)
    if isinstance(given, list):
        each = [_stretched(one, factor) for one in given]
        return [one for one, _ in each], sum(count for _, count in each)
    if not isinstance(given, Mapping):
        return given, 0
    if "unit" in given and "value" in given and given["unit"] in UNITS:
        value = _tidy(float(given["value"]) * factor)
        return {k: v for k, v in {**given, "value": value}.items() if k != "range"}, 1
    made = {k: _stretched(v, factor) if k not in _BESIDE else (v, 0) for k, v in given.items()}
    return (
        {key: one for key, (one, _) in made.items() if key != "range"},
        sum(count for _, count in made.values()),
    )


def _tidy(value: float) -> float:
    """Return a number without the dust of floating point, whole where it is whole."""
    tidy = float(f"{value:.12g}")
    return int(tidy) if tidy == int(tidy) and abs(tidy) < 1e15 else tidy
