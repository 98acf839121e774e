"""Sources: numbers that name a document name one that is listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from pydantic import BaseModel

from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, unknown
from carepath_sim.scenario.values import Provenance

KEY = re.compile(r"[\w-]+")


def unknown_sources(names: Vocabulary) -> Iterator[Finding]:
    """Yield numbers whose source is not in the list of references.

    The source begins with the key of a reference: `strategy, Appendix 1.4`.
    """
    known = names.scenario.references
    for path, source in _sources((), names.scenario):
        key = KEY.match(source)
        if key is None or key[0] not in known:
            name = key[0] if key is not None else source
            message = (
                f"{unknown('reference', name, known)}; a source begins with a key of `references:`"
            )
            yield path, message


def _sources(path: Path, value: object) -> Iterator[tuple[Path, str]]:
    """Yield every source under a value, with where it is written."""
    if isinstance(value, Provenance):
        if value.source is not None:
            yield path, value.source
    elif isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from _sources((*path, info.alias or name), getattr(value, name))
        for name, entry in (value.__pydantic_extra__ or {}).items():
            yield from _sources((*path, name), entry)
        if isinstance(getattr(value, "source", None), str):
            yield (*path, "source"), value.source  # type: ignore[attr-defined]
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _sources((*path, str(key)), entry)
    elif isinstance(value, tuple):
        for entry in value:
            yield from _sources(path, entry)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _sources(path, getattr(value, field.name))
