"""The first thing a reader sees: the promise, whether it was kept, over what period, by which policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpiaudit.renderers import circumstances
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
            ("period", screen.text(circumstances.period(report, screen.zone))),
            (
                "judged",
                screen.text(circumstances.judged(report, screen.zone, dash=screen.signs.dash)),
            ),
            ("policy", screen.text(_policy(report))),
            *(("people", screen.text(told)) for told in report.privacy),
            *(
                ("warning", screen.text(problem, "yellow"))
                for problem in spell.few(report.problems)
            ),
        ]
    )


def _policy(report: Report) -> str:
    own = " (your own: see the end)" if report.promise.is_default else ""
    return circumstances.policy_of(report) + own


def show_footer(screen: Screen, report: Report) -> None:
    """Print the definitions in use and, without a policy, how to write one."""
    screen.heading("Definitions")
    told = [
        f"{spell.words(key)} {circumstances.option(value)}"
        for key, value in report.definitions.items()
    ]
    screen.show(screen.text(f" {screen.signs.dot} ".join(told), "dim"), indent=2)
    if report.promise.is_default:
        screen.heading("Your own promise", "put this into kpiaudit.toml and change it")
        for line in OWN_PROMISE:
            screen.show(screen.text(line), indent=2)
