"""The settings in force, as a policy would say them: for `config show` and for reports."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from kpiaudit.definitions import in_words
from kpiaudit.policy.check_goals import bound_written
from kpiaudit.policy.durations import format_duration, format_percent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kpiaudit.settings import (
        CalendarSettings,
        CategoryRule,
        ColumnMapping,
        Holidays,
        KpiGoal,
        Settings,
        Sla,
        SourceMapping,
        Span,
        Team,
        Us,
    )

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def effective(settings: Settings) -> dict[str, Any]:
    """Return what is in force, defaults included, in the keys and words of a policy.

    Plain dicts, lists, texts, numbers and booleans in the order of the documentation; what is unset
    is left out. Read back as a policy it gives the same settings, the default promise as a written one.
    """
    definitions = settings.definitions
    return _set(
        {
            "time_zone": settings.time_zone,
            "date_order": settings.date_order,
            "max_reject_share": format_percent(settings.max_reject_share),
            "value_proposition": {
                "statement": settings.value_proposition.statement,
                "competes_on": settings.value_proposition.competes_on,
            },
            "sla": [_sla(sla) for sla in settings.slas],
            "kpi_goal": [_kpi_goal(goal) for goal in settings.kpi_goals],
            "exclude": [
                {"when": _lists(entry.when), "reason": entry.reason}
                for entry in settings.exclusions
            ],
            "calendars": {name: _calendar(entry) for name, entry in settings.calendars.items()},
            "teams": {team.name: _fields(team, but="name") for team in settings.teams},
            "us": _fields(settings.us),
            "categories": {rule.name: _category(rule) for rule in settings.categories},
            "definitions": in_words(definitions)
            | {
                "contact_window": format_duration(definitions.contact_window),
                "conversation_gap": format_duration(definitions.conversation_gap),
            },
            "sources": {source.name: _source(source) for source in settings.sources},
        }
    )


def to_toml(policy: Mapping[str, Any]) -> str:
    """Return the TOML text of what `effective` gives."""
    lines: list[str] = []
    for key, value in policy.items():
        if isinstance(value, list):
            for entry in value:
                lines += ["", f"[[{_key(key)}]]", *_pairs(entry)]
        elif isinstance(value, dict) and all(isinstance(entry, dict) for entry in value.values()):
            for name, entry in value.items():
                lines += ["", f"[{_key(key)}.{_key(name)}]", *_pairs(entry)]
        elif isinstance(value, dict):
            lines += ["", f"[{_key(key)}]", *_pairs(value)]
        else:
            lines.append(f"{_key(key)} = {_value(value)}")
    return "\n".join(lines).lstrip("\n") + "\n"


def _pairs(entry: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in entry.items()]


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(_pairs(value))} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    # A JSON text is a TOML text but for the delete character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _set(entries: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value not in (None, [], {})}


def _fields(entry: Holidays | Team | Us | ColumnMapping, *, but: str = "") -> dict[str, Any]:
    values = {field.name: getattr(entry, field.name) for field in fields(entry)}
    return _set(
        {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in values.items()
            if key != but
        }
    )


def _lists(when: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {dimension: list(words) for dimension, words in when.items()}


def _sla(sla: Sla) -> dict[str, Any]:
    return _set(
        {
            "name": sla.name,
            "metric": sla.metric,
            "target": format_duration(sla.target),
            "goal": format_percent(sla.goal),
            "warn_below": None if sla.warn_below is None else format_percent(sla.warn_below),
            "calendar": sla.calendar,
            "when": _lists(sla.when),
            "min_sample": sla.min_sample,
            "also": sla.also,
            "goal_by": list(sla.goal_by),
            "allow_empty": sla.allow_empty,
        }
    )


def _kpi_goal(goal: KpiGoal) -> dict[str, Any]:
    bound = "at_least" if goal.is_floor else "at_most"
    return _set(
        {
            "kpi": goal.kpi,
            bound: bound_written(goal.kpi, goal.bound),
            "when": _lists(goal.when),
            "goal_by": list(goal.goal_by),
            "min_sample": goal.min_sample,
            "allow_empty": goal.allow_empty,
        }
    )


def _calendar(calendar: CalendarSettings) -> dict[str, Any]:
    closed = _fields(calendar.holidays)
    for key in ("add", "remove"):
        if key in closed:
            closed[key] = [day.isoformat() for day in closed[key]]
    return _set(
        {
            "time_zone": calendar.time_zone,
            "hours": {_DAYS[day]: _spans(spans) for day, spans in calendar.hours.items()},
            "holidays": closed,
            "holiday_rule": calendar.holiday_rule,
            "shifts": _dated(calendar.shifts),
            "breaks": _dated(calendar.breaks),
        }
    )


def _dated(spans: Mapping[date, tuple[Span, ...]]) -> dict[str, list[str]]:
    return {day.isoformat(): _spans(spans) for day, spans in spans.items()}


def _spans(spans: tuple[Span, ...]) -> list[str]:
    return [f"{_clock(start)}-{_clock(end)}" for start, end in spans]


def _clock(seconds: int) -> str:
    text = f"{seconds // 3_600:02}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text


def _category(rule: CategoryRule) -> dict[str, Any]:
    return _set({"text": rule.text, "tag": list(rule.tags), "field": list(rule.fields)})


def _source(source: SourceMapping) -> dict[str, Any]:
    columns = {name: _fields(mapping) for name, mapping in source.columns.items()}
    return _set(
        {
            "kind": None if source.kind == "messages" else source.kind,
            "files": source.files,
            "instance": source.instance,
            "records": source.records,
            "columns": {
                name: mapping["column"] if list(mapping) == ["column"] else mapping
                for name, mapping in columns.items()
            },
            "join": [
                {"name": join.name, "files": join.files, "on": {join.left: join.right}}
                for join in source.joins
            ],
        }
    )
