"""A fault is a place in the policy and one sentence; pydantic's findings are told in our words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kpiaudit.errors import nearest
from kpiaudit.policy import models
from kpiaudit.policy.values import shown

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]
Fault = tuple[Place, str]

_TABLES: dict[str, type[BaseModel]] = {
    "": models.PolicyTable,
    "value_proposition": models.ValuePropositionTable,
    "sla.*": models.SlaTable,
    "kpi_goal.*": models.KpiGoalTable,
    "exclude.*": models.ExclusionTable,
    "calendars.*": models.CalendarTable,
    "calendars.*.holidays": models.HolidaysTable,
    "teams.*": models.TeamTable,
    "us": models.UsTable,
    "categories.*": models.CategoryTable,
    "definitions": models.DefinitionsTable,
    "sources.*": models.SourceTable,
    "sources.*.columns.*": models.ColumnTable,
    "sources.*.join.*": models.JoinTable,
}
"""Which keys are known where; `*` stands for a name or a number."""

_WANTED = {
    "model_type": "must be a table, not {}",
    "dict_type": "must be a table, not {}",
    "string_type": "must be a text in quotes, not {}",
    "bool_type": "must be true or false, not {}",
    "int_type": "must be a whole number, not {}",
    "float_type": "must be a number, not {}",
    "finite_number": "must be a number, not {}",
}


def found(errors: Iterable[ErrorDetails]) -> list[Fault]:
    """Return pydantic's findings as faults."""
    return [_fault(error) for error in errors]


def told(faults: Iterable[Fault], policy: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return faults as (key, sentence), in the order of the file, SLAs by their name too.

    Items of lists are numbered from 1: `sla[1]` is the first `[[sla]]` of the file.
    """
    ordered = sorted(faults, key=lambda fault: _position(fault[0], policy))
    return [(_key(place), f"{text}{_sla_name(place, policy)}") for place, text in ordered]


def _fault(error: ErrorDetails) -> Fault:
    place = tuple(part for part in error["loc"] if part != "[key]")
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "kpiaudit":
        return place, str(context["text"])
    if kind == "missing":
        return place, f"is missing; for example {place[-1]} = {_example(place)}"
    if kind == "extra_forbidden":
        return place, _unknown_key(place)
    if kind == "too_short":
        return place, "is empty; leave the key out, or fill it"
    if kind == "string_too_short":
        return place, "must not be empty"
    if kind == "greater_than_equal":
        return place, f"must be {context['ge']:g} or more, not {shown(value)}"
    if kind == "list_type":
        return place, _wants_list(place, value)
    return place, _WANTED.get(kind, "cannot be {}").format(shown(value))


def _wants_list(place: Place, value: object) -> str:
    if isinstance(value, dict):
        return f"must be a list of tables; write its header as [[{place[-1]}]]"
    meant = f"; write [{shown(value)}]" if isinstance(value, str) else ""
    return f"must be a list, not {shown(value)}{meant}"


def _table(place: Place) -> str:
    """The pattern of the table at a place, such as `sla.*`."""
    named = {"calendars", "categories", "teams", "sources"}
    parts = ["*" if isinstance(part, int) else part for part in place]
    for i in range(1, len(parts)):
        if (i == 1 and parts[0] in named) or (
            i == 3 and parts[:1] + parts[2:3] == ["sources", "columns"]
        ):
            parts[i] = "*"
    return ".".join(parts)


def _unknown_key(place: Place) -> str:
    table, key = _table(place[:-1]), str(place[-1])
    known = list(_TABLES[table].model_fields)
    return f"unknown key{nearest(key, known) or '; known here: ' + ', '.join(known)}"


def _example(place: Place) -> str:
    examples = _TABLES[_table(place[:-1])].model_fields[str(place[-1])].examples or [""]
    return _inline(examples[0])


def _inline(value: object) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{_part(key)} = {_inline(item)}" for key, item in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return shown(value)


def _key(place: Place) -> str:
    key = ""
    for part in place:
        if isinstance(part, int):
            key += f"[{part + 1}]"
        else:
            key += f".{_part(part)}" if key else _part(part)
    return key


def _part(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else shown(name)


def _sla_name(place: Place, policy: Mapping[str, Any]) -> str:
    if len(place) < 2 or place[0] != "sla" or place[2:] == ("name",):
        return ""
    sla = policy["sla"][place[1]]
    name = sla.get("name") if isinstance(sla, dict) else None
    return f" (SLA {shown(name)})" if isinstance(name, str) and name else ""


def _position(place: Place, policy: object) -> tuple[int, ...]:
    position: list[int] = []
    here = policy
    for part in place:
        if isinstance(here, dict):
            keys = list(here)
            position.append(keys.index(part) if part in here else len(keys))
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int):
            position.append(part)
            here = here[part]
    return tuple(position)
