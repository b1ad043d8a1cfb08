"""`compare`: two folders, two periods, or the groups of a dimension, like for like."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from kpiaudit import diagnostics
from kpiaudit.cli.audits import report_code
from kpiaudit.cli.options import Common, Exports, Outputs, option, with_common
from kpiaudit.cli.outputs import check_target, one_of, show, write_out, write_text
from kpiaudit.cli.words import DIMENSIONS, GROUPABLE
from kpiaudit.comparison.compared import MIN_SAMPLE, STRATA
from kpiaudit.errors import UsageError, nearest

if TYPE_CHECKING:
    from pathlib import Path

    from kpiaudit.audit import Progress, Request
    from kpiaudit.comparison.compared import Compared
    from kpiaudit.comparison.contrasts import Asked, Period

FORMATS = ("text", "json", "csv")
GROUPS = tuple(name for name in GROUPABLE if name != "tag")
"""A wait with two tags would be on two sides."""
DECLARED = ("team.model", "team.sourcing")
FOLDERS = 2
PERIODS = 2
Format = Annotated[str, option("--format", help="text, json or csv on stdout.")]


Split = Annotated[
    str | None, option("--split", metavar="DATE", help="Before that day against from it on.")
]
Periods = Annotated[
    list[str] | None,
    option("--period", metavar="FROM..TO", help="Two of them: the first is the baseline."),
]
Against = Annotated[
    str | None, option("--against", metavar="GROUP", help="With --by: the baseline.")
]
Strata = Annotated[
    str | None, option("--strata", metavar="DIM,...", help="What makes two waits alike, or none.")
]
Sample = Annotated[
    int, typer.Option("--min-sample", metavar="N", min=1, help="Fewer are too few to tell.")
]
Slas = Annotated[
    list[str] | None, option("--sla", metavar="NAME", help="Only this SLA; repeat for another.")
]


@with_common
def compare(
    exports: Exports,
    common: Common,
    output: Outputs = None,
    *,
    split: Split = None,
    period: Periods = None,
    against: Against = None,
    strata: Strata = None,
    min_sample: Sample = MIN_SAMPLE,
    sla: Slas = None,
    format: Format = "text",  # noqa: A002
) -> None:
    """Compare two folders, two periods or the groups of a dimension, like for like.

    Example: kpiaudit compare exports/ --by team.sourcing

    Two paths are two sides: compare august/ september/. With --by, --split DATE or --period all paths
    are one, and the groups, the days before and after, or the two periods are the sides.
    """
    one_of(format, FORMATS, option="--format")
    by = sides_by(common.by)
    check_sides(exports, by, split, period, against)
    alike = strata_named(strata)
    targets = targets_of(output, exports)
    from kpiaudit.comparison.contrasts import Asked  # polars: 200 ms

    with diagnostics.progress(quiet=common.quiet) as step:
        request = wanted(exports, common, by, alike, progress=step)
        asked = Asked(
            strata=alike,
            min_sample=min_sample,
            slas=slas_asked(sla, request),
            against=against,
            top=common.top,
            min_group=common.min_group,
        )
        zone = ZoneInfo(request.settings.time_zone or "UTC")
        periods = periods_of(split, period, zone)
        result = compared(exports, request, asked, by=by, periods=periods)
    if not common.quiet:
        diagnostics.warn([*result.notes, *problems_of(result)], verbose=common.verbose)
    hand_out(result, targets, format, no_color=common.no_color)
    codes = [report_code(report) for report in (result.report, *result.others)]
    raise typer.Exit(max(codes))


def problems_of(result: Compared) -> list[str]:
    """Return what to warn of, each problem once."""
    reports = (result.report, *result.others)
    return list(dict.fromkeys(problem for report in reports for problem in report.problems))


def hand_out(
    result: Compared, targets: list[tuple[str, Path]], shown: str, *, no_color: bool
) -> None:
    """Write the files asked for, then the result to stdout."""
    from kpiaudit.renderers import comparison

    kinds = {"json": comparison.as_json, "csv": comparison.as_csv}
    for kind, path in targets:
        write_text(path, kinds[kind](result), names_people=True)
    if shown == "text":
        from kpiaudit.renderers.terminal.comparison import render_comparison

        show(lambda console: render_comparison(result, console), no_color=no_color)
    else:
        write_out(kinds[shown](result))


def compared(
    exports: list[str],
    request: Request,
    asked: Asked,
    *,
    by: tuple[str, ...],
    periods: tuple[Period, ...],
) -> Compared:
    """Return the comparison the options ask for."""
    from kpiaudit.comparison.contrasts import compare_folders, compare_groups, compare_periods
    from kpiaudit.pipeline import audit

    if by:
        return compare_groups(audit(request), by, asked)
    if periods:
        return compare_periods(audit(request), periods, asked)
    audits = [audit(replace(request, paths=(path,))) for path in exports]
    return compare_folders(list(zip(folder_names(exports), audits, strict=True)), asked)


def folder_names(exports: list[str]) -> list[str]:
    """Return what to call each path: its last part, or all of it where that is the same."""
    last = [PurePath(path).name for path in exports]
    return last if len(set(last)) == len(last) and all(last) else exports


def wanted(
    exports: list[str],
    common: Common,
    by: tuple[str, ...],
    strata: tuple[str, ...],
    *,
    progress: Progress,
) -> Request:
    """Return the request for clocks with every dimension that makes sides or strata."""
    from kpiaudit.cli.requests import request_for

    request = request_for(exports, replace(common, by=None), progress=progress)
    names = {"team" if name == "tier" else name.partition(".")[0] for name in (*by, *strata)}
    return replace(request, by=(), dimensions=frozenset(names & {*DIMENSIONS}))


def sides_by(given: list[str] | None) -> tuple[str, ...]:
    """Return the dimensions that make the sides. Raises `UsageError` for an unknown one, or two tables."""
    if not given:
        return ()
    if len(given) > 1:
        raise UsageError(
            "is given twice", where="--by", hint="cross them: --by team,channel; or run it twice"
        )
    names = tuple(name.strip() for name in given[0].split(",") if name.strip())
    return known_words(names, (*GROUPS, *DECLARED), option="--by")


def strata_named(given: str | None) -> tuple[str, ...]:
    """Return what makes two waits alike. Raises `UsageError` for an unknown dimension."""
    if given is None:
        return STRATA
    if given.strip() == "none":
        return ()
    names = tuple(name.strip() for name in given.split(",") if name.strip())
    return known_words(names, ("hour_of_week", *GROUPS), option="--strata")


def known_words(names: tuple[str, ...], known: tuple[str, ...], *, option: str) -> tuple[str, ...]:
    """Return the names, each once. Raises `UsageError` for one that is not known."""
    for name in names:
        if name not in known:
            raise UsageError(
                f"no dimension is called {name!r}{nearest(name, known)}",
                where=option,
                hint=f"choose from {', '.join(known)}",
            )
    return tuple(dict.fromkeys(names))


def check_sides(
    exports: list[str],
    by: tuple[str, ...],
    split: str | None,
    period: list[str] | None,
    against: str | None,
) -> None:
    """Raise `UsageError` unless the options name one way to make sides."""
    ways = [name for name, way in (("--by", by), ("--split", split), ("--period", period)) if way]
    if len(ways) > 1:
        raise UsageError(
            f"{' and '.join(ways)} do not go together", hint="choose one way to make the sides"
        )
    if not ways and len(exports) != FOLDERS:
        raise UsageError(
            f"{len(exports)} path{'s' if len(exports) > 1 else ''}, not two to compare",
            where="EXPORTS",
            hint="name two folders, or one with --split DATE, --period or --by DIM",
        )
    if not ways and exports[0] == exports[1]:
        raise UsageError("both sides are the same path", where=exports[0])
    if period and len(period) != PERIODS:
        raise UsageError(
            "is given once" if len(period) == 1 else f"is given {len(period)} times",
            where="--period",
            hint="two periods are compared: --period 2026-08-01..2026-08-31 --period "
            "2026-09-01..2026-09-30",
        )
    if against is not None and not by:
        raise UsageError("names a group, and no --by makes groups", where="--against")


def periods_of(split: str | None, given: list[str] | None, zone: ZoneInfo) -> tuple[Period, ...]:
    """Return the periods asked for, the baseline first. Raises `UsageError`."""
    from kpiaudit.cli.requests import instant_of
    from kpiaudit.comparison.contrasts import Period

    if split is not None:
        at = instant_of(split, zone, option="--split", is_end=False)
        return Period(f"before {split}", None, at), Period(f"from {split} on", at, None)
    found = []
    for text in given or ():
        first, dots, last = (word.strip() for word in text.partition(".."))
        if not dots or not (first or last):
            raise UsageError(
                f"{text!r} is not FROM..TO",
                where="--period",
                hint="as in --period 2026-09-01..2026-09-14; both days are included",
            )
        since = instant_of(first or None, zone, option="--period", is_end=False)
        until = instant_of(last or None, zone, option="--period", is_end=True)
        if since and until and until <= since:
            raise UsageError(f"{text!r} ends before it begins", where="--period")
        found.append(Period(text, since, until))
    if len(found) == PERIODS and overlap(*found):
        raise UsageError("the two periods overlap", where="--period")
    return tuple(found)


def overlap(one: Period, two: Period) -> bool:
    """Return whether two periods share an instant."""
    is_before = one.until is not None and two.since is not None and one.until <= two.since
    is_after = two.until is not None and one.since is not None and two.until <= one.since
    return not (is_before or is_after)


def slas_asked(given: list[str] | None, request: Request) -> tuple[str, ...]:
    """Return the SLAs named. Raises `UsageError` for one the policy does not have."""
    known = [sla.name for sla in request.settings.slas]
    for name in given or ():
        if name not in known:
            raise UsageError(
                f"no SLA is called {name!r}{nearest(name, known)}",
                where="--sla",
                hint=f"choose from {', '.join(known)}",
            )
    return tuple(given or ())


def targets_of(output: list[str] | None, exports: list[str]) -> list[tuple[str, Path]]:
    """Return (kind, path) of every `-o`. Raises `KpiauditError`s before any work is done."""
    targets = []
    for target in output or ():
        path = check_target(target, exports)
        kind = path.suffix.lstrip(".").lower()
        if kind not in FORMATS[1:]:
            raise UsageError(
                "the suffix says no kind of output that can be written",
                where=target,
                hint="end the name with .json or .csv",
            )
        targets.append((kind, path))
    return targets
