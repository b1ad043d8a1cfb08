"""One report made by hand, whose sums hold: every renderer is shown the same story."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from report_figures import HOUR, figures, group
from report_views import kpis, models, views

from kpiaudit.explanation.explained import Span, SpanState
from kpiaudit.report import (
    Breach,
    ExportResult,
    Ignored,
    Integrity,
    MetricIdentity,
    Promise,
    Reject,
    Report,
    SlaResult,
)
from kpiaudit.views.shown import Views

AS_OF = datetime(2026, 3, 28, 17, 2, 11, tzinfo=UTC)
TICKETS = "zendesk/tickets.json"
COMMENTS = "zendesk/ticket_comments.json"
TWEETS = "twitter/twcs_2026-03.csv"
UNASSIGNED = "(unassigned)"

T = TypeVar("T")


def a_report() -> Report:
    """Two of five SLAs missed, one close to its goal, one without data; every identity holds."""
    return Report(
        kpiaudit_version="0.1.0",
        as_of=AS_OF,
        as_of_by_system={"twitter": datetime(2026, 3, 28, 16, 40, tzinfo=UTC), "zendesk": AS_OF},
        time_zone="Europe/Berlin",
        first_at=datetime(2026, 3, 1, 7, 12, 5, tzinfo=UTC),
        last_at=AS_OF,
        since=None,
        until=None,
        verdict="fail",
        exit_code=1,
        promise=Promise(
            statement="Every social post gets a human answer within one hour",
            competes_on="satisfaction",
            is_default=False,
            policy="sample_exports/kpiaudit.toml",
        ),
        definitions={
            "profile": "contract",
            "resolution_paused_by": ["pending", "on_hold", "waiting", "snoozed"],
            "conversation_gap": "24h",
            "policy_at": "stop",
        },
        slas=(_social(), _email(), _every(), _resolution(), _voice()),
        breaches=_breaches(),
        breach_count=31 + 4 + 41 + 52,
        exports=_exports(),
        ignored=(
            Ignored("kpiaudit.toml", "the policy"),
            Ignored("team-photo.jpg", "not a data file"),
        ),
        integrity=_integrity(),
        rejects=(
            Reject(TWEETS, 118, "sent_at is no date", "Tue Octember 31 22:10:47 +0000 2017"),
            Reject(TWEETS, 2044, "sent_at is missing", None),
            Reject(COMMENTS, 7, "sent_at has no offset", "2026-03-02 09:00"),
        ),
        problems=("2 of 3,960 rows of twitter/twcs_2026-03.csv are broken",),
        kpis=kpis(),
        models=models(),
        views=views(),
        breach_spans=((), _over_the_holiday(), ()),
    )


def a_quiet_report() -> Report:
    """An empty folder judged by the default promise: nothing to judge."""
    empty = figures(0, 0)
    sla = replace(_voice(), name="first-response", figures=empty, calendar=None, allow_empty=False)
    nothing = Integrity(
        rows=0,
        used=0,
        duplicates=0,
        rejects=0,
        skipped=0,
        messages=0,
        conversations=0,
        partial_conversations=0,
        proactive_conversations=0,
        metrics=(),
        holds=True,
        is_complete=True,
    )
    promise = Promise(
        "Every customer gets a first answer within one hour", "satisfaction", True, None
    )
    return replace(
        a_report(),
        as_of=None,
        as_of_by_system={},
        time_zone="UTC",
        first_at=None,
        last_at=None,
        verdict="no_data",
        exit_code=4,
        promise=promise,
        slas=(sla,),
        breaches=(),
        breach_spans=(),
        breach_count=0,
        exports=(),
        ignored=(),
        integrity=nothing,
        rejects=(),
        problems=(),
        kpis=(),
        models=(),
        views=Views(),
    )


def with_words(value: T, words: str) -> T:
    """The same value with every free text in it replaced, keys of dictionaries too."""
    changed: Any = value
    if isinstance(value, str):
        changed = words
    elif isinstance(value, dict):
        changed = {f"{words}{i}": with_words(v, words) for i, v in enumerate(value.values())}
    elif isinstance(value, tuple):
        changed = tuple(with_words(inner, words) for inner in value)
    elif is_dataclass(value) and not isinstance(value, type):
        kept = {"verdict", "time_zone", "period", "unit", "state"}
        changed = replace(
            value,
            **{
                f.name: with_words(getattr(value, f.name), words)
                for f in fields(value)
                if f.name not in kept
            },
        )
    return changed  # type: ignore[no-any-return]


def _social() -> SlaResult:
    agents = (
        ("Ana", figures(120, 3, still_open=2, at_risk=1, unanswered=2, median=610)),
        ("Ben Okonkwo", figures(96, 6, still_open=1, unanswered=1, median=905.4)),
        ("Chidi", figures(88, 9, median=1404)),
        ("Dagny Sigurðardóttir-Lindqvist", figures(41, 2, median=480)),
        ("Emil", figures(26, 2, still_open=1, at_risk=1, unanswered=1, median=733)),
        (UNASSIGNED, figures(0, 9, still_open=2, excluded=4, unanswered=11)),
    )
    teams = (
        ("Night Desk", figures(67, 11, still_open=1, at_risk=1, unanswered=1, median=1502)),
        ("Social Care", figures(304, 11, still_open=3, at_risk=1, unanswered=3, median=640)),
        (UNASSIGNED, figures(0, 9, still_open=2, excluded=4, unanswered=11)),
    )
    total = figures(371, 31, still_open=6, at_risk=2, excluded=4, unanswered=15, median=725.2)
    return SlaResult(
        name="social-first-response",
        metric="first_response",
        target_seconds=HOUR,
        goal=0.95,
        warn_below=0.97,
        calendar="support",
        when={"channel": ("social",)},
        figures=total,
        verdict="fail",
        is_warning=False,
        bots_first=12,
        resolved_without_reply=3,
        allow_empty=False,
        groups=(
            group("channel", "social", total),
            *(group("team", name, values) for name, values in teams),
            *(group("agent", name, values) for name, values in agents),
        ),
    )


def _email() -> SlaResult:
    total = figures(1204, 4, still_open=2, unanswered=2, median=2 * HOUR)
    day = figures(1004, 1, still_open=2, unanswered=2, median=1.9 * HOUR)
    night = figures(200, 3, median=4.5 * HOUR)
    return SlaResult(
        name="email-first-response",
        metric="first_response",
        target_seconds=8 * HOUR,
        goal=0.9,
        warn_below=None,
        calendar="support",
        when={"channel": ("email", "form")},
        figures=total,
        verdict="pass",
        is_warning=False,
        bots_first=0,
        resolved_without_reply=0,
        allow_empty=False,
        groups=(
            group("team", "Day Desk", day, verdict="pass"),
            group("team", "Night Desk", night, verdict="pass"),
        ),
    )


def _every() -> SlaResult:
    return SlaResult(
        name="every-reply-in-four-hours-whatever-the-channel-and-hour",
        metric="every_response",
        target_seconds=4 * HOUR,
        goal=0.95,
        warn_below=0.98,
        calendar=None,
        when={},
        figures=figures(861, 41, still_open=9, at_risk=3, unanswered=20, median=2512),
        verdict="pass",
        is_warning=True,
        bots_first=0,
        resolved_without_reply=0,
        allow_empty=False,
    )


def _resolution() -> SlaResult:
    total = figures(148, 52, still_open=31, at_risk=8, unanswered=40, median=30 * HOUR)
    return SlaResult(
        name="resolution",
        metric="resolution",
        target_seconds=48 * HOUR,
        goal=0.8,
        warn_below=None,
        calendar=None,
        when={},
        figures=total,
        verdict="fail",
        is_warning=False,
        bots_first=0,
        resolved_without_reply=0,
        allow_empty=False,
        groups=(
            group("team", "Day Desk", figures(140, 30, median=20 * HOUR), verdict="pass"),
            group(
                "team",
                "Night Desk",
                figures(8, 22, still_open=31, at_risk=8, unanswered=40, median=70 * HOUR),
                verdict="fail",
            ),
        ),
    )


def _voice() -> SlaResult:
    return SlaResult(
        name="voice-answer",
        metric="first_response",
        target_seconds=90,
        goal=0.995,
        warn_below=None,
        calendar="support",
        when={"channel": ("voice",)},
        figures=figures(0, 0),
        verdict="no_data",
        is_warning=False,
        bots_first=0,
        resolved_without_reply=0,
        allow_empty=True,
    )


def _breaches() -> tuple[Breach, ...]:
    return (
        Breach(
            sla="resolution",
            metric="resolution",
            system="zendesk",
            conversation_id="10442",
            channel="email",
            team="Night Desk",
            agent="Ben Okonkwo",
            started_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
            stopped_at=None,
            due_at=datetime(2026, 3, 4, 8, 0, tzinfo=UTC),
            target_seconds=48 * HOUR,
            elapsed_seconds=633.5 * HOUR,
            overrun_seconds=585.5 * HOUR,
            start_export=COMMENTS,
            start_row=12,
            stop_export=None,
            stop_row=None,
        ),
        Breach(
            sla="social-first-response",
            metric="first_response",
            system="twitter",
            conversation_id="119237",
            channel="social",
            team=UNASSIGNED,
            agent=UNASSIGNED,
            started_at=datetime(2026, 3, 7, 22, 41, 30, tzinfo=UTC),
            stopped_at=datetime(2026, 3, 9, 10, 0, 0, 250000, tzinfo=UTC),
            due_at=datetime(2026, 3, 9, 9, 0, tzinfo=UTC),
            target_seconds=HOUR,
            elapsed_seconds=2 * HOUR + 0.25,
            overrun_seconds=HOUR + 0.25,
            start_export=TWEETS,
            start_row=1804,
            stop_export=TWEETS,
            stop_row=1911,
        ),
        Breach(
            sla="every-reply-in-four-hours-whatever-the-channel-and-hour",
            metric="next_response",
            system="zendesk",
            conversation_id="10517",
            channel="email",
            team="Day Desk",
            agent="Chidi",
            started_at=datetime(2026, 3, 12, 9, 14, tzinfo=UTC),
            stopped_at=datetime(2026, 3, 12, 13, 14, 0, 400000, tzinfo=UTC),
            due_at=datetime(2026, 3, 12, 13, 14, tzinfo=UTC),
            target_seconds=4 * HOUR,
            elapsed_seconds=4 * HOUR + 0.4,
            overrun_seconds=0.4,
            start_export=COMMENTS,
            start_row=411,
            stop_export="zendesk/an export from the archive/ticket_audits_2026-03.json",
            stop_row=8812,
        ),
    )


def _over_the_holiday() -> tuple[Span, ...]:
    """The second breach: from Saturday night over a holiday to an hour past the hour allowed."""
    stretches: tuple[tuple[datetime, SpanState, str], ...] = (
        (datetime(2026, 3, 7, 22, 41, 30, tzinfo=UTC), "outside hours", ""),
        (datetime(2026, 3, 7, 23, tzinfo=UTC), "holiday", "International Women's Day"),
        (datetime(2026, 3, 8, 23, tzinfo=UTC), "outside hours", ""),
        (datetime(2026, 3, 9, 8, tzinfo=UTC), "ticking", "hours"),
        (datetime(2026, 3, 9, 9, tzinfo=UTC), "ticking", "hours"),
    )
    ends = [*(at for at, _, _ in stretches[1:]), datetime(2026, 3, 9, 10, 0, 0, 250000, tzinfo=UTC)]
    return tuple(
        Span(at, end, state, reason, is_over=at.hour == 9, left_out=timedelta())
        for (at, state, reason), end in zip(stretches, ends, strict=True)
    )


def _exports() -> tuple[ExportResult, ...]:
    first = datetime(2026, 3, 1, 7, 12, 5, tzinfo=UTC)
    return (
        ExportResult(
            path=TWEETS,
            source="twitter_twcs",
            part="",
            evidence="columns tweet_id, author_id, inbound, created_at, in_response_to_tweet_id",
            first_at=first,
            last_at=datetime(2026, 3, 28, 16, 40, tzinfo=UTC),
            rows=3960,
            used=3950,
            messages=3950,
            duplicates=8,
            rejects=2,
            skipped=0,
            reject_rules={"sent_at is no date": 1, "sent_at is missing": 1},
            roles={"agent": 1890, "bot": 12, "customer": 2048},
            channels={"social": 3950},
            problems=("8 tweets are in it twice",),
            message_share=3950 / 11564,
        ),
        ExportResult(
            path=COMMENTS,
            source="zendesk_json",
            part="comments",
            evidence="keys id, ticket_id, author_id, created_at, public",
            first_at=first,
            last_at=AS_OF,
            rows=5211,
            used=5210,
            messages=5210,
            duplicates=0,
            rejects=1,
            skipped=0,
            reject_rules={"sent_at has no offset": 1},
            roles={"agent": 2610, "customer": 2400, "system": 200},
            channels={"email": 5010, "form": 200},
            message_share=5210 / 11564,
        ),
        ExportResult(
            path=TICKETS,
            source="zendesk_json",
            part="tickets",
            evidence="keys id, requester_id, status, via.channel",
            first_at=first,
            last_at=AS_OF,
            rows=1300,
            used=1202,
            messages=2404,
            duplicates=0,
            rejects=0,
            skipped=98,
            skip_reasons={"coarser export": 96, "deleted ticket": 2},
            roles={"customer": 1202, "system": 1202},
            channels={"email": 2404},
            message_share=2404 / 11564,
        ),
    )


def _integrity() -> Integrity:
    return Integrity(
        rows=10471,
        used=10362,
        duplicates=8,
        rejects=3,
        skipped=98,
        messages=11564,
        conversations=1629,
        partial_conversations=12,
        proactive_conversations=3,
        metrics=(
            MetricIdentity("first_response", 1626, 1622, 4),
            MetricIdentity("next_response", 911, 911, 0),
            MetricIdentity("resolution", 231, 231, 0),
        ),
        holds=True,
        is_complete=True,
        unknown_roles=0,
        unknown_statuses={"escalated": 3},
        identical_rows=2,
    )
