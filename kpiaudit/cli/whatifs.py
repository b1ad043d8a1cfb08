"""`whatif` and `breaches`: what the promise might be, and the clocks that break it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kpiaudit import diagnostics
from kpiaudit.cli.audits import report_code
from kpiaudit.cli.options import Common, Exports, option, with_common
from kpiaudit.cli.outputs import one_of, show, write_out
from kpiaudit.definitions import PROFILES
from kpiaudit.errors import KpiauditError, UsageError, nearest
from kpiaudit.suppression import BY_PEOPLE, without_small

if TYPE_CHECKING:
    from datetime import timedelta

    from kpiaudit.audit import Progress, Request
    from kpiaudit.settings import Settings
    from kpiaudit.whatif.outlook import BreachList
    from kpiaudit.whatif.prospects import Hours

FORMATS = ("text", "json", "csv")
DAY_HINT = "as in sat:09:00-17:00 or mon-fri:08:00-12:00,13:00-20:00"

Slas = Annotated[
    list[str] | None, option("--sla", metavar="NAME", help="Only this SLA; repeat for another.")
]
Format = Annotated[str, option("--format", help="text, json or csv on stdout.")]


Targets = Annotated[
    list[str] | None,
    option("--target", metavar="TIME,...", help="Try these targets, not the usual ones."),
]
Goal = Annotated[str | None, option("--goal", metavar="PCT", help="Replace every SLA's goal.")]
Calendars = Annotated[
    list[str] | None,
    option("--calendar", metavar="NAME", help="Try a calendar of the policy, or always."),
]
MoreHours = Annotated[
    list[str] | None,
    option("--add-day", metavar="DAY:HOURS", help="Try the SLA's calendar and these hours."),
]
OtherHours = Annotated[
    list[str] | None,
    option("--hours", metavar="DAYS:HOURS", help="Try these hours, not the calendar's own."),
]
Profiles = Annotated[
    list[str] | None,
    option("--profile", metavar="NAME", help="Try the definitions of a profile; repeatable."),
]


@with_common
def whatif(
    exports: Exports,
    common: Common,
    *,
    target: Targets = None,
    goal: Goal = None,
    calendar: Calendars = None,
    add_day: MoreHours = None,
    hours: OtherHours = None,
    profile: Profiles = None,
    sla: Slas = None,
    format: Format = "text",  # noqa: A002
) -> None:
    """Say what the promise might be: other targets, calendars and definitions, and the breaches to avert.

    Example: kpiaudit whatif exports/ --target 30m,1h,2h --add-day sat:09:00-17:00

    Another calendar counts other hours of the same waits: nobody is supposed to answer sooner. Another
    profile judges the same messages by its rules; `definitions` shows them.
    """
    one_of(format, FORMATS, option="--format")
    share = None if goal is None else goal_of(goal)
    profiles = tuple(one_of(name, tuple(PROFILES), option="--profile") for name in profile or ())
    from kpiaudit.pipeline import audit  # polars: 200 ms
    from kpiaudit.whatif.prospects import Suppositions, suppose

    more, only = hours_of(add_day, option="--add-day"), hours_of(hours, option="--hours")
    with diagnostics.progress(quiet=common.quiet) as step:
        request = request_without_groups(exports, common, progress=step, goal=share)
        slas = slas_named(sla, request.settings)
        asked = Suppositions(
            slas=slas,
            targets=targets_of(target, slas, request.settings),
            calendars=calendars_named(calendar, request.settings),
            more_hours=more,
            hours=only,
            profiles=profiles,
        )
        audited = audit(request)
        step("supposing")
        result = suppose(audited, asked)
    if not common.quiet:
        diagnostics.warn([*result.notes, *result.report.problems], verbose=common.verbose)
    if format == "text":
        from kpiaudit.renderers.terminal.whatif import render_whatif

        show(lambda screen: render_whatif(result, screen, top=common.top), no_color=common.no_color)
    else:
        from kpiaudit.renderers.outlook import whatif_csv, whatif_json

        write_out(whatif_json(result) if format == "json" else whatif_csv(result))
    raise typer.Exit(report_code(result.report))


@partial(with_common, top=20)
def breaches(
    exports: Exports,
    common: Common,
    at_risk: Annotated[
        bool, option("--at-risk", help="What is about to breach: 80 % of its target is used.")
    ] = False,
    sla: Slas = None,
    format: Format = "text",  # noqa: A002
) -> None:
    """List the worst breaches, or what is about to be one: who, when, how far over, which rows.

    Example: kpiaudit breaches exports/ --at-risk
    """
    one_of(format, FORMATS, option="--format")
    from kpiaudit.pipeline import audit  # polars: 200 ms
    from kpiaudit.whatif.prospects import list_breaches

    with diagnostics.progress(quiet=common.quiet) as step:
        request = request_without_groups(exports, common, progress=step)
        request = replace(request, by=BY_PEOPLE if common.min_group else ())
        slas = slas_named(sla, request.settings)
        audited = audit(request)
        step("ranking")
        result = list_breaches(audited, slas, is_ahead=at_risk)
        result = without_small_groups(result, common.min_group)
    if not common.quiet:
        diagnostics.warn(result.report.problems, verbose=common.verbose)
    if format == "text":
        from kpiaudit.renderers.terminal.breaches import render_breaches

        show(lambda screen: render_breaches(result, screen), no_color=common.no_color)
    else:
        from kpiaudit.renderers.outlook import breaches_csv, breaches_json

        write_out(breaches_json(result) if format == "json" else breaches_csv(result))
    raise typer.Exit(report_code(result.report))


def without_small_groups(result: BreachList, least: int) -> BreachList:
    """Return the list without the teams and agents of fewer clocks."""
    if not least:
        return result
    return replace(
        result,
        breaches=without_small(result.breaches, result.report, least),
        at_risk=without_small(result.at_risk, result.report, least),
    )


def request_without_groups(
    exports: list[str], common: Common, *, progress: Progress, goal: float | None = None
) -> Request:
    """Return what the options ask for; nothing is grouped."""
    from kpiaudit.cli.requests import request_for

    return replace(request_for(exports, common, progress=progress, fail_under=goal), by=())


def slas_named(given: list[str] | None, settings: Settings) -> tuple[str, ...]:
    """Return the names of the SLAs asked for, or of all. Raises `UsageError`."""
    known = [sla.name for sla in settings.slas]
    for name in given or ():
        if name not in known:
            raise UsageError(
                f"no SLA is called {name!r}{nearest(name, known)}",
                where="--sla",
                hint=f"choose from {', '.join(known)}",
            )
    return tuple(given or known)


def calendars_named(given: list[str] | None, settings: Settings) -> tuple[str, ...]:
    """Return the calendars asked for. Raises `UsageError` for one the policy does not have."""
    from kpiaudit.whatif.prospects import ALWAYS

    known = [*settings.calendars, ALWAYS]
    for name in given or ():
        if name not in known:
            raise UsageError(
                f"no calendar is called {name!r}{nearest(name, known)}",
                where="--calendar",
                hint=f"choose from {', '.join(known)}",
            )
    return tuple(given or ())


def goal_of(text: str) -> float:
    """Return the share of `95` or `95%`. Raises `UsageError`."""
    from kpiaudit.policy.durations import parse_percent

    try:
        share = parse_percent(text if text.strip().endswith("%") else f"{text}%")
    except KpiauditError:
        share = 0.0
    if not share:
        raise UsageError(
            f"{text!r} is no share a promise can be kept at",
            where="--goal",
            hint="write a percentage over 0 and up to 100, such as 95",
        )
    return share


def targets_of(
    given: list[str] | None, slas: Sequence[str], settings: Settings
) -> tuple[timedelta, ...]:
    """Return the targets in `30m,1h`. Raises `UsageError`, also for days where a calendar counts."""
    from kpiaudit.policy.durations import names_days, parse_duration

    targets = []
    counted = [sla.name for sla in settings.slas if sla.calendar and sla.name in slas]
    for word in (word.strip() for text in given or () for word in text.split(",")):
        try:
            targets.append(parse_duration(word))
        except KpiauditError as error:
            hint = "name times with their units, as in --target 30m,1h,2h"
            raise UsageError(error.message, where="--target", hint=hint) from error
        if counted and names_days(word):
            raise UsageError(
                f"{word!r} is in days, but {counted[0]} counts the hours of a calendar",
                where="--target",
                hint="write it in hours, or choose other SLAs with --sla",
            )
    return tuple(targets)


def hours_of(given: list[str] | None, *, option: str) -> tuple[Hours, ...]:
    """Return the weekly hours in `mon-fri:09:00-17:00,18:00-20:00`. Raises `UsageError`."""
    if not given:
        return ()
    from kpiaudit.policy.values import day_range, sentence, time_span  # pydantic: 70 ms
    from kpiaudit.whatif.prospects import Hours

    found = []
    for text in given:
        days, _, spans = text.partition(":")
        try:
            weekdays = day_range(days.strip().lower())
            found.append(
                Hours(f"{days} {spans}", weekdays, tuple(map(time_span, spans.split(","))))
            )
        except KpiauditError as error:
            raise UsageError(f"{text!r}: {sentence(error)}", where=option, hint=DAY_HINT) from error
    return tuple(found)
