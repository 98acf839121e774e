"""Routes: where people go next, by case and by chance."""

from __future__ import annotations

from collections.abc import Mapping

from carepath_sim.scenario.grammar_cases import cases
from carepath_sim.scenario.grammar_numbers import share
from carepath_sim.scenario.grammar_quantity import BESIDE, bare_names, inherit, provenance
from carepath_sim.scenario.grammar_shares import shares, sums_to_one
from carepath_sim.scenario.reading import Flaws, known_keys, one_or_more, shown, text, wrong
from carepath_sim.scenario.values import AllOf, Branch, Cases, Number

_ACCEPTED = "a name, `{to: name}`, `{to: {name: share, ..}}` or a list of cases"
_CERTAIN = Number(1.0, "1")


def _target(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str):
        raise wrong(f"the name of a service is needed, found {shown(raw)}")
    return text(raw)


def _all_of(raw: Mapping[str, object]) -> AllOf:
    flaws = Flaws()
    known_keys(raw, ("all_of", "then"), flaws)
    steps = flaws.read(one_or_more(_target), raw["all_of"], "all_of")
    then = ""
    if "then" not in raw:
        flaws.note("`then` is missing: where people go when all are done")
    else:
        then = flaws.read(_target, raw["then"], "then")
    flaws.close()
    if not steps:
        raise wrong("at least one step is needed, found an empty list", "all_of")
    return AllOf(steps, then)


def _branch(raw: object) -> Branch:
    if not isinstance(raw, Mapping) or "share" not in raw:
        raise wrong(f"`{{share: 0.3, to: name}}` is needed, found {shown(raw)}")
    flaws = Flaws()
    part = flaws.read(share, raw["share"], "share")
    rest = {key: value for key, value in raw.items() if key != "share"}
    to: str | AllOf = ""
    if "all_of" in rest:
        to = flaws.read(_all_of, rest)
    else:
        known_keys(raw, ("share", "to"), flaws)
        if "to" not in rest:
            flaws.note("`to` is missing")
        else:
            to = flaws.read(_one, rest["to"], "to")
    flaws.close()
    return Branch(part, to)


def _one(raw: object) -> str | AllOf:
    return _all_of(raw) if isinstance(raw, Mapping) and "all_of" in raw else _target(raw)


def branches(raw: object) -> tuple[Branch, ...]:
    """Return where people go: one target, several with shares, or steps asked for together."""
    if isinstance(raw, str):
        return (Branch(_CERTAIN, _target(raw)),)
    if isinstance(raw, list):
        flaws = Flaws()
        found = tuple(flaws.read(_branch, entry, k) for k, entry in enumerate(raw))
        flaws.close()
        sums_to_one(branch.share.value for branch in found)
        return found
    if isinstance(raw, Mapping):
        if "all_of" in raw:
            return (Branch(_CERTAIN, _all_of(raw)),)
        return tuple(
            Branch(part, to) for to, part in shares(raw, "a map of services with their shares")
        )
    raise wrong(f"{_ACCEPTED} is needed, found {shown(raw)}")


def _case(raw: object) -> tuple[Branch, ...]:
    """Return the branches of one case: `{to: ..}` with its source beside it, or bare."""
    if not isinstance(raw, Mapping) or "to" not in raw:
        if isinstance(raw, Mapping) and not ("all_of" in raw or bare_names(raw)):
            raise wrong(f"{_ACCEPTED} is needed, found {shown(raw)}")
        return branches(raw)
    flaws = Flaws()
    known_keys(raw, ("to", *BESIDE), flaws)
    given = provenance(raw, flaws)
    found = flaws.read(branches, raw["to"], "to")
    flaws.close()
    return tuple(Branch(inherit(branch.share, given), branch.to) for branch in found)


_listed = cases(_case)


def route(raw: object) -> Cases[tuple[Branch, ...]]:
    """Return where people go when they are ready, as cases."""
    if raw is None:
        raise wrong(f"{_ACCEPTED} is needed, found nothing")
    return _listed(raw)
