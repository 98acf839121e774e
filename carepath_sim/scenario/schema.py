"""JSON Schema of scenarios: lets editors complete, explain and check while people write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from carepath_sim.scenario.grammar_distributions import CSV, FORMS, LISTS, QUANTILES
from carepath_sim.scenario.grammar_pools import KINDS
from carepath_sim.scenario.grammar_quantity import QUALITIES
from carepath_sim.scenario.grammar_results import PERIODS
from carepath_sim.scenario.grammar_rooms import SETTINGS
from carepath_sim.scenario.grammar_start import KINDS as REMAINING
from carepath_sim.scenario.measure_names import ADDED_TO
from carepath_sim.scenario.model import Scenario
from carepath_sim.units import NUMBER, UNITS

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of scenario files.

    A file that extends another may leave out everything and may write null to remove something;
    any other file must be complete.
    """
    made = Scenario.model_json_schema(by_alias=True, schema_generator=_Quiet)
    sections: Schema = {**made.pop("$defs"), "Scenario": made}
    start = made["properties"]["start"]
    made["properties"]["start"] = {
        "description": start["description"],
        "anyOf": [{"$ref": start["$ref"]}, {"const": "steady"}],
    }
    whole = {name: _linked(section) for name, section in sections.items()} | _forms()
    parts = {f"{name}.part": _part(definition) for name, definition in whole.items()}
    return {
        "$schema": DIALECT,
        "title": "carepath scenario",
        "description": Scenario.__doc__,
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/Scenario.part"},
        "else": {"$ref": "#/$defs/Scenario"},
        "$defs": whole | parts,
    }


class _Quiet(GenerateJsonSchema):
    """Leaves out defaults that are records, without a word."""

    ignored_warning_kinds: ClassVar[set[JsonSchemaWarningKind]] = {  # type: ignore[misc]
        "skipped-choice",
        "non-serializable-default",
    }


def _linked(schema: Any) -> Any:
    """Return a schema in which forms and sections point to their definitions."""
    if isinstance(schema, list):
        return [_linked(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    linked = {key: _linked(value) for key, value in schema.items() if key != "default"}
    # An empty field means the default; in a complete file there is no reason to write one.
    if "anyOf" in linked:
        left = [form for form in linked.pop("anyOf") if form != {"type": "null"}]
        linked |= left[0] if len(left) == 1 else {"anyOf": left}
    if "$comment" in linked:
        linked["$ref"] = f"#/$defs/{linked.pop('$comment')}"
    # A title that repeats the name of the field tells nobody anything.
    if isinstance(linked.get("title"), str):
        del linked["title"]
    return linked


def _part(schema: Any) -> Any:
    """Return a definition for files that extend another: nothing is required, null removes."""
    if isinstance(schema, list):
        return [_part(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    loose = {key: _part(value) for key, value in schema.items() if key != "required"}
    if "$ref" in loose:
        loose["$ref"] += ".part"
    if isinstance(loose.get("properties"), dict):
        loose["properties"] = {name: _or_null(field) for name, field in loose["properties"].items()}
    if isinstance(loose.get("additionalProperties"), dict):
        loose["additionalProperties"] = _or_null(loose["additionalProperties"])
    return loose


def _or_null(field: Schema) -> Schema:
    inner = dict(field)
    description = inner.pop("description", None)
    either: Schema = {"anyOf": [inner, {"type": "null"}]}
    return {"description": description, **either} if description else either


# --- the forms of fields -------------------------------------------------------------------------

_NUMBER = NUMBER.replace("?:", "")
_UNIT = f"({'|'.join(sorted(UNITS, key=len, reverse=True))})"
_DURATION = rf"^\s*({_NUMBER}\s*{_UNIT}\.?\s*(,|and)?\s*)+$"
_WORKING = rf"^\s*{_NUMBER}\s*working[\s-]+(days?|d)\s*$"
_RATE = rf"^\s*{_NUMBER}\s*%?\s*(per\s|/).*[A-Za-z]+\s*$"
_SHARE = rf"^\s*({_NUMBER}\s*%?|[0-9]+\s*/\s*[0-9]+)\s*$"
_MONEY = rf"^\s*(£\s*{_NUMBER}|{_NUMBER}\s*(GBP|£))\s*$"

_TEXT: Final[Schema] = {"type": "string", "minLength": 1}
_WORD: Final[Schema] = {"type": ["string", "number", "boolean"]}
_BESIDE: Final[Schema] = {
    "source": {"type": "string", "description": "Reference and section."},
    "quality": {"enum": list(QUALITIES), "description": "How good the number is."},
    "note": {"type": "string", "description": "One sentence for the reader."},
}


def _text(pattern: str, *examples: str) -> Schema:
    return {"type": "string", "pattern": pattern, "examples": list(examples)}


def _any(*forms: Schema) -> Schema:
    return {"anyOf": list(forms)}


def _ref(form: str) -> Schema:
    return {"$ref": f"#/$defs/{form}"}


def _record(properties: Mapping[str, Schema], *required: str) -> Schema:
    return {
        "type": "object",
        "properties": {**properties, **_BESIDE},
        "required": list(required),
        "additionalProperties": False,
    }


def _number(*bare: Schema) -> Schema:
    """Return a number that may be a record."""
    value = bare[0] if len(bare) == 1 else _any(*bare)
    plain = {"type": ["number", "string"]}
    inside = {
        "value": plain,
        "unit": _TEXT,
        "range": {"type": "array", "items": plain, "minItems": 2, "maxItems": 2},
    }
    return _any(value, _record(inside, "value"))


def _map(value: Schema) -> Schema:
    """Return a map of names, with the words on source and quality that may stand in it."""
    return {
        "type": "object",
        "properties": dict(_BESIDE),
        "additionalProperties": value,
        "minProperties": 1,
    }


def _list(entry: Schema) -> Schema:
    return {"type": "array", "items": entry, "minItems": 1}


def _cases(value: Schema) -> Schema:
    """Return a value, or an ordered list of cases with `when`."""
    case = {"type": "object", "properties": {"when": _ref("when")}}
    return _any(value, _list(_any(case, value)))


def _numbers() -> dict[str, Schema]:
    positive: Schema = {"type": "number", "minimum": 0}
    return {
        "duration": _number(_text(_DURATION, "28 d", "3 h", "20 min")),
        "length": _number(
            _text(_DURATION, "28 d", "3 h", "20 min"), _text(_WORKING, "2 working days")
        ),
        "share": _number(
            {"type": "number", "minimum": 0, "maximum": 1},
            _text(_SHARE, "35 %", "1/3"),
        ),
        "rate": _number(_text(_RATE, "300 per y", "20 per month", "3 per h")),
        "count": _number({"type": "integer", "minimum": 0}, positive),
        "factor": _number(positive, _text(_SHARE)),
        "plain": _number({"type": "number"}),
        "places": _number({"type": "integer", "minimum": 0}, positive, {"const": "unlimited"}),
        "money": _number(_text(_MONEY, "263 GBP")),
        "figure": _number({"type": "number"}, _TEXT),
        "figures": {"type": "array", "items": {"type": ["number", "string"]}},
    }


def _people() -> dict[str, Schema]:
    shares = _map(_any(_ref("share"), {"const": "rest"}))
    levels = _record({"women": _ref("shares"), "men": _ref("shares")}, "women", "men")
    return {
        "shares": shares,
        "shares_cases": _cases(_any(shares, _record({"shares": shares}, "shares"))),
        "value_map": {"type": "object", "required": ["from"], "additionalProperties": _WORD},
        "frailty": _any(levels, shares),
        "factors": {"type": "object", "additionalProperties": _map(_ref("factor"))},
        "discharge_steps": _map(_any(_ref("factor"), _record({"times": _ref("factor")}, "times"))),
        "relative": _any(_map(_ref("factor")), _list({"type": "number", "minimum": 0})),
        "fixed": {"type": "object", "additionalProperties": _WORD, "minProperties": 1},
        "inflow": _any(_ref("rate"), _map(_ref("plain"))),
        "by_year": _map(_ref("count")),
        "when": {
            "type": "object",
            "additionalProperties": _any(_WORD, _list(_WORD)),
            "minProperties": 1,
        },
    }


def _arrivals() -> dict[str, Schema]:
    row = {"type": "object", "additionalProperties": _WORD, "minProperties": 1}
    table = _any(_TEXT, _list(row))
    return {
        "rates": table,
        "replay": table,
        "growth": _number(_text(_RATE, "3 % per y")),
        "remaining": _any({"enum": list(REMAINING)}, _ref("distribution")),
        "start_waiting": _any(_ref("one_waiting"), _list(_ref("one_waiting"))),
        "one_waiting": _record(
            {
                "count": _ref("count"),
                "at": _WORD,
                "waited": _ref("distribution"),
                "who": _ref("when"),
            },
            "count",
            "at",
        ),
        "steady": _any({"const": True}, _WORD, _list(_WORD)),
        "census": table,
        "variation": _number({"type": "number", "minimum": 0, "maximum": 3}, _text(_SHARE)),
    }


def _pools() -> dict[str, Schema]:
    step = _record(
        {"from": _ref("date"), "places": _any(_ref("places"), _map(_ref("places")))}, "places"
    )
    split = _record({"split": {"const": "population"}, "total": _ref("plain")}, "split", "total")
    both = {"budget": _ref("plain"), "actual": _ref("plain")}
    level = _any(_ref("plain"), _record(both, "budget", "actual"))
    parts = _map(_any(_ref("count"), _ref("share")))
    policies = {kind: parts for kind in KINDS if kind not in {"shared", "priority"}}
    return {
        "capacity": _any(
            _ref("places"),
            _list(step),
            split,
            _map(_any(_ref("places"), _list(step), _map(_ref("places")))),
        ),
        "fte": _any(
            level,
            _list(_record({"from": _ref("date"), "fte": level}, "fte")),
            _record({"split": {"const": "population"}, "total": level}, "split", "total"),
            _map(_any(level, _list({"type": "object", "required": ["fte"]}))),
        ),
        "surge_when": _any(
            _text("wait", "10 waiting for 2 d"),
            _record({"waiting": _ref("count"), "for": _ref("duration")}, "waiting", "for"),
        ),
        "surge_close": _any(
            _text("empty for", "when 12 empty for 5 d"),
            _record({"empty": _ref("count"), "for": _ref("duration")}, "for"),
        ),
        "policy": _any({"const": "shared"}, _record({**policies, "priority": _list(_WORD)})),
        "pool_ref": _any(
            _TEXT,
            {
                "type": "object",
                "properties": {"any_of": _any(_TEXT, _list(_TEXT))},
                "required": ["any_of"],
                "additionalProperties": False,
            },
        ),
    }


def _distributions() -> dict[str, Schema]:
    limits = {
        "truncate": {**_list(_ref("length")), "minItems": 2, "maxItems": 2},
        "at_least": _ref("length"),
    }
    value = _any({"type": "number"}, _ref("length"), _ref("rate"))
    families: dict[str, Schema] = {"fixed": _ref("length")}
    for family, forms in FORMS.items():
        names = dict.fromkeys(name for form in forms for name in form)
        inside: Schema = {
            "type": "object",
            "properties": {**dict.fromkeys(names, value), **limits},
            "additionalProperties": False,
        }
        if family in QUANTILES:
            inside["properties"]["quantiles"] = {"type": "object", "additionalProperties": value}
            inside["patternProperties"] = {r"^p\d{1,2}(\.\d+)?$": value}
            inside["minProperties"] = 1
        else:
            inside["anyOf"] = [{"required": list(form)} for form in forms]
        families[family] = inside
    phase = {"type": "object", "required": ["share"]}
    families["hyperexponential"] = _any(families["hyperexponential"], _list(phase))
    families |= {family: {"type": ["object", "array"]} for family in LISTS}
    families["zero_inflated"] = {
        "type": "object",
        "properties": {"zero": _ref("share"), "otherwise": _ref("distribution")},
        "required": ["zero", "otherwise"],
        "additionalProperties": False,
    }
    families["csv"] = {
        "type": "object",
        "properties": {
            **{key: {} for key in CSV},
            "values": {"type": "array"},
            "weights": {"type": "array"},
        },
        "required": ["file", "column", "unit"],
        "additionalProperties": False,
    }
    return {
        "distribution": _any(
            _ref("length"),
            {
                "type": "object",
                "properties": {**families, **limits, **_BESIDE},
                "additionalProperties": False,
                "minProperties": 1,
            },
        )
    }


def _services() -> dict[str, Schema]:
    all_of = {
        "type": "object",
        "properties": {"all_of": _any(_TEXT, _list(_TEXT)), "then": _TEXT},
        "required": ["all_of", "then"],
        "additionalProperties": False,
    }
    branch = {"type": "object", "required": ["share"]}
    target = _any(_TEXT, all_of, _ref("shares"), _list(branch))
    patience = _any(
        _ref("distribution"),
        _record({"after": _ref("distribution"), "to": _TEXT, "cause": _WORD}, "after"),
    )
    visits = _any(
        _text("of", "3 per day of 30 min"),
        _record({"value": _TEXT}, "value"),
        _record({"per_day": _ref("plain"), "of": _ref("duration")}, "per_day", "of"),
    )
    cost = _record(
        {
            **dict.fromkeys(
                ("per_day", "per_week", "per_stay", "per_visit", "per_place_day"), _ref("money")
            ),
            "payer": _WORD,
        },
        "payer",
    )
    beside = _any(_TEXT, _record({"service": _TEXT, "when": _ref("when")}, "service"))
    programme_cost = _record(
        {
            **dict.fromkeys(("per_place_day", "per_day", "per_start"), _ref("money")),
            "payer": _WORD,
        },
        "payer",
    )
    mapped = {"type": "object", "required": ["by"]}
    return {
        "count_cases": _cases(_ref("count")),
        "duration_cases": _cases(_ref("duration")),
        "longest_stay": _cases(_ref("length")),
        "distribution_cases": _cases(_ref("distribution")),
        "stream": _cases(
            _any(
                _WORD,
                {"type": "object", "required": ["else"], "additionalProperties": _WORD},
            )
        ),
        "priority": _any(_cases(_ref("plain")), mapped),
        "route": _cases(_any(_record({"to": target}, "to"), target)),
        "patience": _any(_cases(patience), {"type": "object", "additionalProperties": patience}),
        "waiting_room": _record(
            {
                "from_inside": _ref("places"),
                "from_outside": _ref("places"),
                "when_full": _any({"const": "lost"}, _record({"to": _TEXT, "cause": _WORD})),
                "setting": {"enum": list(SETTINGS)},
            }
        ),
        "alongside": _any(beside, _list(beside)),
        "sets": {
            "type": "object",
            "additionalProperties": _any(
                _WORD,
                {
                    "type": "object",
                    "properties": {"value": _WORD, "for": _ref("duration")},
                    "required": ["value"],
                    "additionalProperties": False,
                },
            ),
        },
        "changes_state": _states(),
        "effects": _map(_ref("factor")),
        "programme_costs": _any(programme_cost, _list(programme_cost)),
        "hazard_factors": _any(_ref("factor"), _map(_ref("factor"))),
        "visits": _cases(_any(visits, {"type": "object", "minProperties": 1})),
        "taper": _cases(_map(_any({"const": "rest"}, _ref("duration")))),
        "costs": _any(cost, _list(cost)),
        "instant": _text(r"\.(requested|needed|granted|started|ready|left)$", "spr.requested"),
        "instants": _any(_ref("instant"), _list(_ref("instant"))),
        "story_draws": {"type": "object", "additionalProperties": _any(_WORD, _list(_WORD))},
    }


def _results() -> dict[str, Schema]:
    stated = _record(
        {
            "value": {"type": ["number", "string"]},
            "unit": _TEXT,
            "range": {"type": "array", "minItems": 2, "maxItems": 2},
            "per": {"enum": list(PERIODS)},
            "adds_to": {"enum": list(ADDED_TO)},
        },
        "value",
    )
    return {
        "background": _any({"type": "number"}, _TEXT, stated),
        "parties": _map(_ref("share")),
    }


def _states() -> Schema:
    """Return the form of what stays do to people."""
    chance = _number({"type": "number", "minimum": 0, "maximum": 1}, _TEXT)
    numbers = {"after": _ref("duration"), "levels": _ref("count")}
    ways = [_record({way: chance, **numbers}, way) for way in ("up", "down")]
    return {"type": "object", "additionalProperties": _any(*ways), "minProperties": 1}


def _forms() -> dict[str, Schema]:
    """Return the definition of every form that a field can have."""
    return {
        "version": {"const": 1},
        "name": _text(r"^[^\W\d_][\w-]*$"),
        "words": _WORD,
        "prose": _TEXT,
        "names": _any(_WORD, {"type": "array", "items": _WORD}),
        "lines": _any(_TEXT, {"type": "array", "items": _TEXT}),
        "quality": _BESIDE["quality"],
        "date": _text(r"^\d{4}-\d{2}-\d{2}$", "2015-04-01"),
        "where": {
            "type": "object",
            "additionalProperties": _any(_WORD, _list(_WORD)),
            "minProperties": 1,
        },
        "changed_fields": {"type": "object", "minProperties": 1},
        "bank_holidays": _any({"enum": ["england", "none"]}, _list(_ref("date"))),
        "hours": _any(
            _text("^.+$", "Mon-Fri 09:00-17:00", "working days 08:00-20:00"), _list(_TEXT)
        ),
        **_numbers(),
        **_people(),
        **_arrivals(),
        **_pools(),
        **_distributions(),
        **_services(),
        **_results(),
    }
