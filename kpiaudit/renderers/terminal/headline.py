"""The first thing a reader sees: the promise, whether it was kept, over what period, by which policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.screen import STYLES

if TYPE_CHECKING:
    from rich.text import Text

    from kpiaudit.renderers.terminal.screen import Screen, State
    from kpiaudit.report import Report, Verdict

OWN_PROMISE: Final = (
    "[[sla]]",
    'name   = "social-first-response"',
    'metric = "first_response"',
    'target = "1h"',
    'goal   = "95%"',
    'when   = { channel = ["social"] }',
)


FEW: Final = 4
"""How many instants of judging are named one by one."""


def verdict_line(screen: Screen, report: Report) -> Text:
    """Return the verdict as sign and sentence, coloured."""
    state = overall(report)
    style = f"bold {STYLES[state]}"
    return screen.text(f"{screen.signs.states[state]} {spell.headline(report)}", style)


def overall(report: Report) -> State:
    """Return the verdict of the audit, with a warning where a goal was met closely."""
    verdict: Verdict = report.verdict
    if verdict == "pass" and any(sla.is_warning for sla in report.slas):
        return "warn"
    return verdict


def show_headline(screen: Screen, report: Report) -> None:
    """Print the promise, the verdict, the period, the policy, and what the reader must be warned of."""
    screen.console.print()
    screen.show(screen.text(report.promise.statement, "bold"), indent=2)
    screen.show(verdict_line(screen, report), indent=2)
    screen.console.print()
    screen.facts(
        [
            ("period", screen.text(_period(screen, report))),
            ("judged", screen.text(_judged(screen, report))),
            ("policy", screen.text(_policy(report))),
            *(
                ("warning", screen.text(problem, "yellow"))
                for problem in spell.few(report.problems)
            ),
        ]
    )


def _period(screen: Screen, report: Report) -> str:
    if report.first_at is None or report.last_at is None:
        return "no message was read"
    first, last = (spell.instant(at, screen.zone) for at in (report.first_at, report.last_at))
    chosen = [
        f"{word} {bound}"
        for word, bound in (("since", report.since), ("until", report.until))
        if bound is not None
    ]
    only = f"; clocks started {' '.join(chosen)}" if chosen else ""
    return f"{first} to {last}, {report.time_zone}{only}"


def _judged(screen: Screen, report: Report) -> str:
    by_instant: dict[str, list[str]] = {}
    for system, at in sorted(report.as_of_by_system.items()):
        by_instant.setdefault(spell.instant(at, screen.zone), []).append(system)
    if not by_instant:
        return screen.signs.dash
    if len(by_instant) == 1:
        return f"as of {next(iter(by_instant))}"
    told = {at: f"{at} ({', '.join(who)})" for at, who in sorted(by_instant.items())}
    if len(told) > FEW:
        return f"each system as of its last event, {told[min(told)]} to {told[max(told)]}"
    return "as of " + ", ".join(told.values())


def _policy(report: Report) -> str:
    if report.promise.is_default:
        return "none found: the default promise is judged (your own: see the end)"
    return report.promise.policy or "given on the command line"


def show_footer(screen: Screen, report: Report) -> None:
    """Print the definitions in use and, without a policy, how to write one."""
    screen.heading("Definitions")
    told = [f"{spell.words(key)} {_value(value)}" for key, value in report.definitions.items()]
    screen.show(screen.text(f" {screen.signs.dot} ".join(told), "dim"), indent=2)
    if report.promise.is_default:
        screen.heading("Your own promise", "put this into kpiaudit.toml and change it")
        for line in OWN_PROMISE:
            screen.show(screen.text(line), indent=2)


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
