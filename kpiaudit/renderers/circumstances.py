"""Under what a report was made, in words: the period, the instants of judging, the policy, the options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpiaudit.renderers import text as spell

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from kpiaudit.report import Report

FEW: Final = 4
"""How many instants of judging are named one by one."""


def period(report: Report, zone: ZoneInfo) -> str:
    """Return from when to when messages were read, and which clocks were chosen of them."""
    if report.first_at is None or report.last_at is None:
        return "no message was read"
    first, last = (spell.instant(at, zone) for at in (report.first_at, report.last_at))
    chosen = [
        f"{word} {bound}"
        for word, bound in (("since", report.since), ("until", report.until))
        if bound is not None
    ]
    only = f"; clocks started {' '.join(chosen)}" if chosen else ""
    return f"{first} to {last}, {report.time_zone}{only}"


def judged(report: Report, zone: ZoneInfo, *, dash: str) -> str:
    """Return as of when each system was judged; `dash` where there is none."""
    by_instant: dict[str, list[str]] = {}
    for system, at in sorted(report.as_of_by_system.items()):
        by_instant.setdefault(spell.instant(at, zone), []).append(system)
    if not by_instant:
        return dash
    if len(by_instant) == 1:
        return f"as of {next(iter(by_instant))}"
    told = {at: f"{at} ({', '.join(who)})" for at, who in sorted(by_instant.items())}
    if len(told) > FEW:
        return f"each system as of its last event, {told[min(told)]} to {told[max(told)]}"
    return "as of " + ", ".join(told.values())


def option(value: object) -> str:
    """Return the value of a definition in words: `yes`, `pending, on_hold`, `24h`."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def policy_of(report: Report) -> str:
    """Return where the promise comes from: a file, the command line, or nobody, and then what is judged."""
    named = report.promise.policy
    if not report.promise.is_default:
        return named or "given on the command line"
    said = f"{named} holds no SLA" if named else "none found"
    return f"{said}: the default promise is judged"
