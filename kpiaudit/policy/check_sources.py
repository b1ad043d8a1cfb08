"""What a mapping of foreign files must keep across its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kpiaudit import schema
from kpiaudit.errors import nearest
from kpiaudit.policy.values import not_one_of, shown
from kpiaudit.policy.written import items, table, tables

if TYPE_CHECKING:
    from kpiaudit.policy.faults import Fault, Place

_OURS = ("system", "source", "export", "row")
"""Columns the reader fills in by itself."""
_MAPPABLE = (*(name for name in schema.MESSAGES if name not in _OURS), "author", "reply_to")
_TRUTH = ("true", "false")
_CLOSED = {
    "event": schema.EVENTS,
    "author_role": schema.ROLES,
    "grain": schema.GRAINS,
    "channel": schema.CHANNELS,
    "visibility": schema.VISIBILITIES,
    "priority": schema.PRIORITIES,
    "is_automated": _TRUTH,
}
_NEEDED = {
    "conversation_id": 'conversation_id = "Ticket ID"',
    "sent_at": 'sent_at = { column = "Sent", format = "%d/%m/%Y %H:%M" }',
    "event": 'event = { column = "Direction", values = { IN = "inbound", OUT = "outbound" } }',
}
_NEEDED_BESIDE = {
    "presence": {
        "agent": 'agent = "Agent"',
        "from": 'from = { column = "Start", format = "%d/%m/%Y %H:%M" }',
        "to": 'to = { column = "End", format = "%d/%m/%Y %H:%M" }',
        "state": 'state = { column = "Status", values = { Ready = "available", Talking = "busy" } }',
    },
    "self_service": {
        "at": 'at = { column = "When", format = "%d/%m/%Y %H:%M" }',
        "kind": 'kind = { constant = "view" }',
    },
}
_CLOSED_BESIDE = {
    "presence": {"state": schema.PRESENCE_STATES},
    "self_service": {"kind": schema.SELF_SERVICE_KINDS},
}
_STANDS_IN = {"event": "author", "conversation_id": "reply_to"}
"""With `author` the event follows from [us], with `reply_to` the conversation from who answers whom."""
_INSTANTS = {"messages": ("sent_at",), "presence": ("from", "to"), "self_service": ("at",)}
_OFFSET = re.compile(r"%(?:[:#]*z|\+|s)")


def check_sources(policy: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults of every `[sources.*]`."""
    for name, source in items(policy, "sources"):
        place = ("sources", name)
        kind = source.get("kind", "messages")
        if kind not in schema.SOURCE_KINDS:
            continue
        columns = source.get("columns")
        if isinstance(columns, dict):
            for needed, example in _NEEDED_BESIDE.get(kind, _NEEDED).items():
                if needed not in columns and _STANDS_IN.get(needed) not in columns:
                    yield (*place, "columns"), f"{needed} is not mapped; for example {example}"
        for column, written in table(source, "columns").items():
            mapping = {"column": written} if isinstance(written, str) else written
            yield from _name(column, kind, (*place, "columns", column))
            if isinstance(mapping, dict):
                yield from _mapping(column, kind, mapping, (*place, "columns", column))
        for instant in _INSTANTS[kind]:
            yield from _instant(policy, source, instant, place)
        yield from _joins(source, place)


def _name(column: str, kind: str, place: Place) -> Iterator[Fault]:
    known = tuple(schema.BESIDE[kind]) if kind in schema.BESIDE else _MAPPABLE
    if kind == "messages" and column in _OURS:
        hint = "; name the system with instance" if column == "system" else ""
        yield place, f"is filled in by kpiaudit{hint}"
    elif column not in known:
        close = nearest(column, known) or f"; known: {', '.join(known)}"
        yield place, f"is no column of {kind}{close}"


def _mapping(column: str, kind: str, mapping: dict[str, Any], place: Place) -> Iterator[Fault]:
    if ("column" in mapping) == ("constant" in mapping):
        yield place, 'needs either column = "..." or constant = "..."'
    instants = _INSTANTS[kind]
    owners = {"format": instants, "time_zone": instants, "separator": ("tags",)}
    for key in ("values", "format", "time_zone", "same_as", "separator"):
        owner = owners.get(key, (column,))
        if key in mapping and "column" not in mapping:
            yield (*place, key), "means nothing without a column"
        elif key in mapping and column not in owner:
            yield (*place, key), f"belongs to {' and '.join(owner)} only"
    if "same_as" in mapping:
        for word in table(mapping, "values"):
            if word not in _TRUTH:
                yield (
                    (*place, "values", word),
                    f"same_as gives true or false{nearest(word, _TRUTH)}",
                )
    closed = _CLOSED_BESIDE.get(kind, _CLOSED)
    if column in closed:
        yield from _vocabulary(mapping, closed[column], place)


def _vocabulary(mapping: dict[str, Any], known: Sequence[str], place: Place) -> Iterator[Fault]:
    words = [((*place, "values", key), word) for key, word in table(mapping, "values").items()]
    if "constant" in mapping:
        words.append(((*place, "constant"), mapping["constant"]))
    for where, word in words:
        text = str(word).lower() if isinstance(word, bool) else word
        if isinstance(text, str) and text not in known:
            yield where, not_one_of(text, known)


def _instant(
    policy: dict[str, Any], source: dict[str, Any], column: str, place: Place
) -> Iterator[Fault]:
    mapping = table(table(source, "columns"), column)
    written = mapping.get("format")
    if not isinstance(written, str) or not written:
        return
    directives = written.replace("%%", "")
    if "%" not in directives:
        yield (
            (*place, "columns", column, "format"),
            f'{shown(written)} names no part of a date; write it as "%d/%m/%Y %H:%M"',
        )
    elif not _OFFSET.search(directives) and "time_zone" not in {*mapping, *policy}:
        yield (
            (*place, "columns", column, "format"),
            (
                f"{shown(written)} has no offset (%z), and no zone is named; add "
                'time_zone = "Europe/Berlin" beside it or at the top'
            ),
        )


def _joins(source: dict[str, Any], place: Place) -> Iterator[Fault]:
    seen: set[str] = set()
    for i, join in tables(source, "join"):
        name, on = join.get("name"), join.get("on")
        if isinstance(name, str):
            if name in seen:
                yield (*place, "join", i, "name"), f"{shown(name)} is joined already"
            if "." in name:
                yield (*place, "join", i, "name"), f"{shown(name)}: leave out the dot"
            seen.add(name)
        if isinstance(on, dict) and len(on) != 1:
            yield (
                (*place, "join", i, "on"),
                f'needs one pair of columns, not {len(on)}; for example {{ "Agent ID" = "id" }}',
            )
