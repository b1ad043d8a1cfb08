"""The service models of an audit, where they were asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.beside import NOTHING
from kpiaudit.calendars.business_time import compile_calendar
from kpiaudit.kpis.facts import Wanted, homes, kept, needed
from kpiaudit.kpis.seen import look_at
from kpiaudit.models.asked import told_of
from kpiaudit.models.declared import models_of
from kpiaudit.models.facts import (
    Facts,
    actions_of,
    conversations_of,
    decided_of,
    filled,
    handoffs_of,
    spans_of,
    waits_of,
    with_texts,
)
from kpiaudit.schema import INSTANT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpiaudit.audit import Audit
    from kpiaudit.calendars.business_time import Calendar
    from kpiaudit.report import KpiResult, ModelResult

C = pl.col
HOUR = timedelta(hours=1)


def models_of_run(audited: Audit, kpis: Sequence[KpiResult]) -> tuple[ModelResult, ...]:
    """Return the models of an audit, of what began within `--since` and `--until`."""
    facts = facts_of(audited)
    calendars = calendars_of(audited, facts.actions["at"])
    return models_of(facts, audited.request.settings.teams, calendars, told_of(kpis))


def facts_of(audited: Audit) -> Facts:
    """Return the facts of an audit."""
    settings, ordered = audited.request.settings, audited.reading.ordered
    definitions = settings.definitions
    rows = with_texts(ordered, settings.teams)
    demand = ordered.select(
        "conversation", "event", "is_automated", at="sent_at", channel=rows["channel"]
    ).filter((C("event") == "inbound") & ~C("is_automated"))
    found = conversations_of(
        rows, definitions, audited.clocks.is_partial, audited.clocks.is_proactive
    )
    slas = settings.slas
    once = [part for part, sla in zip(audited.judged, slas, strict=True) if not sla.also]
    counts = counting(audited)

    def chosen(frame: pl.DataFrame, at: str) -> pl.DataFrame:
        if counts is not None:
            frame = frame.filter(counts.gather(frame["conversation"]))
        return within(frame, at, audited)

    return Facts(
        actions=chosen(actions_of(rows), "at"),
        demand=chosen(demand, "at").select("at", C("channel").cast(pl.String)),
        waits=chosen(waits_of(rows, definitions), "started_at"),
        handoffs=chosen(handoffs_of(rows, definitions), "started_at"),
        spans=chosen(spans_of(rows), "started_at"),
        conversations=chosen(found, "opened_at"),
        decided=decided_of(once),
        self_service=within((audited.reading.beside or NOTHING).self_service, "at", audited),
        has=filled(ordered),
        window=definitions.contact_window,
        as_of=audited.reading.as_of,
        has_statuses=audited.clocks.has_statuses,
        time_zone=settings.time_zone or "UTC",
    )


def counting(audited: Audit) -> pl.Series | None:
    """Return which conversations count, as for KPIs: not merged, spam or excluded; None for all."""
    settings, reading = audited.request.settings, audited.reading
    if audited.clocks.set_aside.is_empty() and not settings.exclusions:
        return None
    seen = look_at(reading.ordered, audited.clocks, settings, reading.as_of)
    nothing = Wanted(frozenset(), frozenset(), settings.time_zone or "UTC")
    return kept(seen, homes(seen, needed(seen, nothing)))


def within(frame: pl.DataFrame, at: str, audited: Audit) -> pl.DataFrame:
    """Return the rows whose instant lies within `--since` and `--until`."""
    since, until = audited.request.since, audited.request.until
    if since is not None:
        frame = frame.filter(C(at) >= pl.lit(since, INSTANT))
    if until is not None:
        frame = frame.filter(C(at) < pl.lit(until, INSTANT))
    return frame


def calendars_of(audited: Audit, acted: pl.Series) -> Mapping[str, Calendar]:
    """Return per team the calendar most of its judged clocks run by, from its first action to the last;
    without the teams no calendar judges.
    """
    counts: dict[tuple[str, str], int] = {}
    for part, sla in zip(audited.judged, audited.request.settings.slas, strict=True):
        if sla.calendar is None:
            continue
        for team, number in part.group_by(C("team").cast(pl.String)).len().rows():
            counts[team, sla.calendar] = counts.get((team, sla.calendar), 0) + number
    most = dict(sorted(counts, key=lambda key: (counts[key], key)))
    first, last = acted.min(), acted.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return {}
    written = audited.request.settings.calendars
    compiled = {
        name: compile_calendar(written[name], first - HOUR, last + HOUR)
        for name in sorted(set(most.values()))
    }
    return {team: compiled[calendar] for team, calendar in most.items()}
