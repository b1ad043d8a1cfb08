"""Words and numbers as every renderer spells them: durations, shares, instants.

Rounding never flatters: durations go up, and a share that misses its goal is never shown as reaching it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from math import ceil, floor
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from kpiaudit.report import Quote, Report, SlaResult, Verdict

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
FEW: Final = 5
NOT_READ: Final = "not read: "
"""How the problem of a file begins that was not read."""


def whole_seconds(seconds: float) -> int:
    """Return the ceiling in whole seconds, as files carry it; noise below a microsecond is none."""
    return ceil(round(seconds, 6))


def duration(seconds: float, *, days: bool = True) -> str:
    """Return a wait as its two leading units, rounded up: `42s`, `12m 05s`, `1h 01m`, `2d 03h`.

    `days=False` keeps to hours: a day of business time is not a day.
    """
    whole = whole_seconds(seconds)
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m {whole % MINUTE:02}s"
    minutes = -(-whole // MINUTE)
    if minutes * MINUTE < DAY or not days:
        return f"{minutes // 60:,}h {minutes % 60:02}m"
    hours = -(-whole // HOUR)
    return f"{hours // 24:,}d {hours % 24:02}h"


def remaining(seconds: float, *, days: bool = True) -> str:
    """Return the time left as its two leading units, rounded down: nobody has longer than that."""
    whole = floor(round(seconds, 6))
    if whole >= HOUR:
        whole -= whole % (HOUR if days and whole >= DAY else MINUTE)
    return duration(whole, days=days)


def target(seconds: float, *, days: bool = True) -> str:
    """Return an allowed time exactly and without empty units: `1h`, `1h 30m`, `2d`."""
    left = round(seconds, 6)
    parts = []
    for unit, length in (("d", DAY), ("h", HOUR), ("m", MINUTE)):
        if left >= length and (unit != "d" or days):
            parts.append(f"{int(left // length):,}{unit}")
            left = round(left % length, 6)
    if left or not parts:
        parts.append(f"{left:g}s")
    return " ".join(parts)


def share(value: float) -> str:
    """Return a goal as it was written: `95%`, `99.5%`."""
    return f"{_hundredfold(value).normalize():f}%"


def percent(value: float, goal: float | None = None, *, is_floor: bool = True) -> str:
    """Return adherence to one decimal, or as many as the goal has.

    A share under the goal, or under 100 %, is rounded down rather than shown as reaching it; one over a
    goal that is a ceiling is rounded up.
    """
    exact = _hundredfold(value)
    bounds = [Decimal(100)] if goal is None else [Decimal(100), _hundredfold(goal)]
    places = max(1, *(-int(bound.normalize().as_tuple().exponent) for bound in bounds))
    step = Decimal(1).scaleb(-places)
    shown = exact.quantize(step, ROUND_HALF_UP)
    over = bounds.pop() if goal is not None and not is_floor else exact
    if shown <= over < exact:
        shown = exact.quantize(step, ROUND_UP)
    if any(exact < bound <= shown for bound in bounds):
        shown = exact.quantize(step, ROUND_DOWN)
    return f"{shown}%"


def _hundredfold(value: float) -> Decimal:
    return Decimal(repr(float(value))) * 100


def instant(at: datetime, zone: ZoneInfo) -> str:
    """Return the minute an instant falls in, on the clocks of a zone: `2026-03-12 09:14`."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def iso(at: datetime | None) -> str | None:
    """Return an instant as ISO 8601 in UTC with `Z`, to the microsecond where it has any."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def count(number: int) -> str:
    """Return a count with its thousands set apart."""
    return f"{number:,}"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """Return a count with its noun: `1 row`, `2 rows`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def contribution(messages: int, of_all: float | None) -> str:
    """Return how many messages an export gave, and which share of all: `40 messages, 12.5%`."""
    told = plural(messages, "message")
    return told if of_all is None or not messages else f"{told}, {percent(of_all)}"


def quoted_for(quote: Quote) -> str:
    """Return what a quote is an example of: a breach and its conversation, or a category."""
    if quote.kind == "category":
        return f"category {quote.of}"
    return f"{quote.of}: {quote.system} {quote.conversation_id}"


def place_of(quote: Quote) -> str:
    """Return the row a quote stands in, and its conversation where nothing else names it."""
    row = f"{quote.export}:{quote.row}"
    return row if quote.kind == "breach" else f"{quote.system} {quote.conversation_id}, {row}"


def tally(counts: dict[str, int]) -> str:
    """Return named counts, the largest first: `customer 450, agent 400`."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {number:,}" for name, number in ranked)


def reasons(counts: dict[str, int]) -> str:
    """Return counted reasons, the most frequent first: `coarser export (96), draft (2)`."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} ({number:,})" for reason, number in ranked)


def grouped(problems: Sequence[str]) -> list[str]:
    """Return the problems, those that say the same of several files in one line, in the place of the first:
    `a.txt and 6 more: no stamp has an offset`.
    """
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for problem in problems:
        head = NOT_READ if problem.startswith(NOT_READ) else ""
        file, _, said = problem.removeprefix(head).partition(": ")
        same = said.partition(" (")[0] if head else said  # what its columns are is each file's own
        alike.setdefault((head, same or file), []).append((file, said))
    lines = []
    for (head, _), found in alike.items():
        file, said = found[0]
        more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
        lines.append(f"{head}{file}{more}: {said}" if said else file)
    return lines


def few(problems: Sequence[str]) -> list[str]:
    """Return the first problems, alike ones as one, and how many more there are, so that the figures stay
    in sight.
    """
    problems = grouped(problems)
    shown, hidden = problems[:FEW], len(problems) - FEW
    return [*shown, f"{hidden:,} more; `kpiaudit inspect` lists them all"] if hidden > 0 else shown


def words(name: str) -> str:
    """Return one of our names as prose: `first_response` is `first response`."""
    return name.replace("_", " ")


def terms(sla: SlaResult) -> str:
    """Return what an SLA asks for, its calendar in brackets: `first response within 1h (support)`."""
    allowed = target(sla.target_seconds, days=sla.calendar is None)
    calendar = f" ({sla.calendar})" if sla.calendar else ""
    return f"{words(sla.metric)} within {allowed}{calendar}"


def headline(report: Report) -> str:
    """Return the verdict as one sentence: `Promise not kept: 2 of 5 SLAs missed`."""
    goals = [kpi.verdict for kpi in report.kpis if kpi.verdict is not None and not kpi.by]
    verdicts = [sla.verdict for sla in report.slas]
    total, empty = len(verdicts) + len(goals), [*verdicts, *goals].count("no_data")
    warned = sum(sla.is_warning for sla in report.slas)
    without = f", {empty} without data" if empty else ""
    if report.verdict == "fail":
        return f"Promise not kept: {_counted(verdicts, goals, 'fail')} missed{without}"
    if report.verdict == "no_data":
        if not empty or empty == total:
            return "Nothing to judge: no clock was decided"
        verb = "has" if empty == 1 else "have"
        nouns = plural(total, "goal") if goals else plural(total, "SLA")
        return f"Nothing to judge: {empty} of {nouns} {verb} no decided clock"
    close = f", {warned} close to the goal" if warned else ""
    return f"Promise kept: {_counted(verdicts, goals, 'pass')} met{close}{without}"


def _counted(slas: Sequence[Verdict], goals: Sequence[Verdict | None], verdict: Verdict) -> str:
    told = f"{slas.count(verdict)} of {plural(len(slas), 'SLA')}"
    return (
        f"{told} and {goals.count(verdict)} of {plural(len(goals), 'KPI goal')}" if goals else told
    )
