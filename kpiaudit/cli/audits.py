"""`report` and `check`: the same audit, shown or as a gate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from kpiaudit import diagnostics
from kpiaudit.cli.baselines import (
    FailOnOption,
    FailUnder,
    NoWorseThan,
    Tolerance,
    add_step_summary,
    baseline_in,
)
from kpiaudit.cli.bundles import evidence_target, write_evidence
from kpiaudit.cli.commands import preload
from kpiaudit.cli.keys import refuse_rows, refuse_text
from kpiaudit.cli.options import Common, Exports, OptionalExports, Outputs, option, with_common
from kpiaudit.cli.outputs import check_target, one_of, show, text_writer, write_files, write_out
from kpiaudit.cli.pictures import Charts, chart_files, charts_folder
from kpiaudit.cli.samples import Sample, chosen
from kpiaudit.cli.words import PERIODS, VIEWS
from kpiaudit.errors import ExitCode, KpiauditError, PolicyError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.audit import Audit, Request
    from kpiaudit.cli.outputs import Write
    from kpiaudit.gates import FailOn
    from kpiaudit.report import Report
    from kpiaudit.views.shown import Period

REPORT_FORMATS = ("text", "json", "csv", "md")
CHECK_FORMATS = ("text", "json", "junit", "github")
FAIL_ON = ("fail", "warn", "never")
EVERY_CLOCK = "a bundle or a workbook holds every clock"
Quotes = Annotated[
    int,
    typer.Option(
        "--quotes", metavar="N", min=0, show_default=False,
        help="Quote N messages, redacted, of each breach listed and each category.",
    ),
]  # fmt: skip
SHOWS_ALL = frozenset({"charts", "html", "json", "md", "xlsx"})
"""Kinds of output that hold every view."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which views a run is to compute, and what its trends are told by."""

    views: frozenset[str] = frozenset()
    period: Period | None = None
    kpis: tuple[str, ...] = ()
    """Those to count by every table too."""
    groups: int | None = None
    """So many groups of a table of KPIs are all that is shown; None where a file holds all."""
    quotes: int = 0
    """How many messages to quote of a breach, and of a category."""


NO_VIEW = Shown()


@with_common
def report(
    exports: OptionalExports = None,
    *,
    common: Common,
    output: Outputs = None,
    format: Annotated[  # noqa: A002
        str, option("--format", env="KPIAUDIT_FORMAT", help="text, json, csv or md on stdout.")
    ] = "text",
    evidence: Annotated[
        str | None,
        option("--evidence", metavar="FILE.zip", help="Write what `verify` proves the figures by."),
    ] = None,
    charts: Charts = None,
    view: Annotated[
        list[str] | None,
        option("--view", metavar="VIEW,...", help=f"Show these too: {', '.join(VIEWS)}."),
    ] = None,
    kpi: Annotated[
        list[str] | None,
        option("--kpi", metavar="ID,...", help="Show these KPIs by every table of --by, or all."),
    ] = None,
    period: Annotated[
        str | None,
        option("--period", help="Trends by day, week or month; else by the span of the data."),
    ] = None,
    quotes: Quotes = 0,
    sample: Sample = False,
) -> None:
    """Print the audit: the promise and its verdict, every SLA, who and what missed it.

    Example: kpiaudit report exports/ --by channel,team -o report.json

    Ends with 0 whatever the verdict; `check` is the gate.
    """
    one_of(format, REPORT_FORMATS, option="--format")
    refuse_text(text=bool(quotes), pseudonymize=common.pseudonymize, option="--quotes")
    exports, common = chosen(exports, common, sample=sample)
    if period is not None:
        one_of(period, PERIODS, option="--period")
    targets = targets_of(output, exports)
    folder = charts_folder(charts) if charts else None
    kinds = [format, *(kind for kind, _ in targets), *(["charts"] if folder else [])]
    views = views_named(view) | views_of_kinds(kinds)
    bundle = evidence_target(evidence, exports, targets) if evidence else None
    if bundle is not None or has_clocks(targets):
        refuse_rows(common.min_group, what=EVERY_CLOCK)
    is_short = format == "text" and not (targets or folder or bundle or common.min_group)
    groups = common.top if is_short else None
    asked = Shown(views, cast("Period | None", period), kpis_named(kpi), groups, quotes)
    say_what_is_not_told(asked.kpis, common, format)
    proofs = {"evidence": bundle is not None, "every_clock": has_clocks(targets)}
    result, audited = run_audit(exports, common, **proofs, shown=asked)
    pictures = chart_files(result, folder, exports) if folder else []
    write_outputs(result, targets, audited, pictures)
    if bundle is not None:
        policy = policy_used(exports, common)
        write_evidence(bundle, result, audited, policy=policy, quiet=common.quiet)
    print_report(result, format, common, replace(asked, views=views_named(view)))
    raise typer.Exit(report_code(result))


@with_common
def check(
    exports: Exports,
    common: Common,
    *,
    output: Outputs = None,
    format: Annotated[  # noqa: A002
        str,
        option("--format", env="KPIAUDIT_FORMAT", help="text, json, junit or github on stdout."),
    ] = "text",
    fail_under: FailUnder = None,
    fail_on: FailOnOption = "fail",
    no_worse_than: NoWorseThan = None,
    tolerance: Tolerance = 1.0,
) -> None:
    """Judge the same audit as a gate: the exit code says whether the promise was kept.

    Example: kpiaudit check exports/ --fail-under 90 -o junit=kpiaudit.xml

    Exit codes: 0 kept, 1 a goal missed, 2 could not run, 3 internal error, 4 nothing to judge.
    """
    one_of(format, CHECK_FORMATS, option="--format")
    one_of(fail_on, FAIL_ON, option="--fail-on")
    targets = targets_of(output, exports)
    goal = None if fail_under is None else fail_under / 100
    shown = Shown(views_of_kinds([format, *(kind for kind, _ in targets)]))
    try:
        if has_clocks(targets):
            refuse_rows(common.min_group, what=EVERY_CLOCK)
        before = baseline_in(no_worse_than, tolerance / 100) if no_worse_than else None
        found, audited = run_audit(
            exports, common, fail_under=goal, every_clock=has_clocks(targets), shown=shown
        )
    except KpiauditError as error:
        is_private = common.pseudonymize
        tell_junit(error, targets, is_shown=format == "junit", is_private=is_private)
        raise
    from kpiaudit.gates import judged

    result = judged(found, fail_on=cast("FailOn", fail_on), baseline=before)
    write_outputs(result, targets, audited)
    if format == "text":
        from kpiaudit.renderers.terminal import render_check

        show(lambda console: render_check(result, console), no_color=common.no_color)
    else:
        from kpiaudit.renderers import load

        write_out(load(format).render(result))
    if format == "github":
        add_step_summary(result)
    raise typer.Exit(result.exit_code)


def tell_junit(
    error: KpiauditError, targets: Sequence[tuple[str, Path]], *, is_shown: bool, is_private: bool
) -> None:
    """Write the JUnit files of a run that came to no audit, so that no old or missing one looks green.

    A private one says no more than that: what was wrong may name people.
    """
    paths = [path for kind, path in targets if kind == "junit"]
    if not paths and not is_shown:
        return
    from kpiaudit.renderers.junit import render_unrun

    lines = error.lines() if isinstance(error, PolicyError) else [str(error)]
    told = [*lines, *([f"hint: {error.hint}"] if error.hint else [])]
    text = render_unrun(["could not run; stderr says why"] if is_private else told)
    write_files([(path, text_writer(text)) for path in paths], names_people=True)
    if is_shown:
        write_out(text)


def run_audit(
    exports: list[str],
    common: Common,
    *,
    fail_under: float | None = None,
    evidence: bool = False,
    every_clock: bool = False,
    inspection: bool = False,
    shown: Shown = NO_VIEW,
) -> tuple[Report, Audit]:
    """Return the report of an audit and the frames behind it; its problems go to stderr.

    For `evidence` and `every_clock` the clocks no SLA judges run too; in evidence no export goes by the
    machine's folders. An `inspection` goes on where a report would ask something first, and judges each
    export.
    """
    from kpiaudit.cli.requests import request_for
    from kpiaudit.search import looking, search

    with diagnostics.progress(quiet=common.quiet) as step, looking(exports) as looks:
        request = request_for(exports, common, progress=step, fail_under=fail_under)
        request = replace(request, views=shown.views, period=shown.period, kpis=shown.kpis)
        request = replace(request, groups=shown.groups)
        request = replace(request, quotes=shown.quotes, text=bool(shown.quotes))
        if evidence or every_clock:
            from kpiaudit.ledger import DIMENSIONS

            request = replace(request.with_all_clocks(DIMENSIONS), portable=evidence)
        request = replace(request, is_inspection=inspection)
        found = search(request, looks)
        from kpiaudit.pipeline import summed_up  # polars: 150 ms

        preload("kpiaudit.assembly", "kpiaudit.renderers.terminal")
        audited, summaries = summed_up(request, found)
        from kpiaudit.assembly import assemble

        result = assemble(audited, summaries)
        if inspection:
            from kpiaudit.quality import qualities_of

            result = replace(result, qualities=qualities_of(audited))
    result = discreet(result, request, min_group=common.min_group)
    if not common.quiet:
        diagnostics.warn(result.problems, verbose=common.verbose)
    return result, audited


def discreet(result: Report, request: Request, *, min_group: int) -> Report:
    """Return the report without small groups, and with what was done so that nobody is shown."""
    from kpiaudit.suppression import banner, suppressed

    small = suppressed(result, min_group)
    told = banner(small, request.pseudonyms, min_group=min_group, quotes=request.quotes)
    return replace(small, privacy=told)


def print_report(result: Report, kind: str, common: Common, shown: Shown) -> None:
    """Write the report to stdout: for a terminal with the views and KPIs to show, else as a file's text."""
    if kind != "text":
        from kpiaudit.renderers import load

        write_out(load(kind).render(result))
        return
    from kpiaudit.renderers.terminal import render_report

    show(
        lambda console: render_report(
            result,
            console,
            top=common.top,
            verbose=common.verbose,
            views=shown.views,
            kpis=shown.kpis,
        ),
        no_color=common.no_color,
    )


def kpis_named(given: list[str] | None) -> tuple[str, ...]:
    """Return the KPIs that `--kpi` names, all for `all`. Raises `UsageError`."""
    from kpiaudit.kpis.catalogue import IDS

    names = [name.strip() for text in given or () for name in text.split(",") if name.strip()]
    known = [one_of(name, ("all", *IDS), option="--kpi") for name in names]
    return IDS if "all" in known else tuple(dict.fromkeys(known))


def say_what_is_not_told(kpis: tuple[str, ...], common: Common, kind: str) -> None:
    """Note the tables of named KPIs that `--by` asks for and cannot be, and KPIs asked for in CSV."""
    from kpiaudit.kpis.catalogue import IDS, told_by_words, untold_by

    if kpis and kind == "csv":
        said = (
            "a CSV holds the SLAs alone; --format json, -o report.json and -o report.xlsx hold KPIs"
        )
        diagnostics.note(said, quiet=common.quiet)
    if not kpis or kpis == IDS or not common.by:
        return
    from kpiaudit.cli.requests import dimensions_of

    for names in dimensions_of(common.by):
        for kpi in (kpi for kpi in kpis if untold_by(kpi, names)):
            said = f"{kpi} cannot be told by {', '.join(names)}; only by {told_by_words(kpi)}"
            diagnostics.note(said, quiet=common.quiet)


def views_named(given: list[str] | None) -> frozenset[str]:
    """Return the views of `--view`, repeated or joined by commas. Raises `UsageError`."""
    names = [name.strip() for text in given or () for name in text.split(",") if name.strip()]
    return frozenset(one_of(name, VIEWS, option="--view") for name in names)


def views_of_kinds(kinds: list[str]) -> frozenset[str]:
    """Return the views that outputs of these kinds hold: all or none."""
    every = frozenset(VIEWS) if SHOWS_ALL.intersection(kinds) else frozenset()
    return every | {"spans"} if "html" in kinds else every


def policy_used(exports: list[str], common: Common) -> Path | None:
    """Return the policy file of a run that has told of it already."""
    from kpiaudit.cli.requests import policy_for

    return policy_for(exports, replace(common, quiet=True))


def targets_of(output: list[str] | None, exports: list[str]) -> list[tuple[str, Path]]:
    """Return (kind, path) of every `-o`, checked before any work is done. Raises `KpiauditError`s."""
    from kpiaudit.renderers import asked_for

    asked = [asked_for(target) for target in output or ()]
    targets = [(kind, check_target(path, exports)) for kind, path in asked]
    paths = [path.resolve() for _, path in targets]
    if len(set(paths)) < len(paths):
        raise UsageError("names one file twice", where="-o")
    return targets


def has_clocks(targets: list[tuple[str, Path]]) -> bool:
    """Return whether an output holds every clock."""
    from kpiaudit.renderers import BOOK_KINDS

    return any(kind in BOOK_KINDS for kind, _ in targets)


def write_outputs(
    result: Report,
    targets: list[tuple[str, Path]],
    audited: Audit,
    pictures: Sequence[tuple[Path, Write]] = (),
) -> None:
    """Write every output file, `pictures` among them, or none."""
    from kpiaudit.renderers import BOOK_KINDS, load

    files = [
        (
            path,
            partial(write_book, result, audited)
            if kind in BOOK_KINDS
            else text_writer(load(kind).render(result)),
        )
        for kind, path in targets
    ]
    write_files([*files, *pictures], names_people=True)


def write_book(result: Report, audited: Audit, path: Path) -> None:
    """Write a workbook with every clock there is room for; say when there is not."""
    from kpiaudit.ledger import clock_rows
    from kpiaudit.renderers.xlsx import ClockRows, write

    table = clock_rows(audited)
    clocks = ClockRows(table.columns, table.iter_rows(), table.height)
    if clocks.left_out:
        diagnostics.tell(
            "warning",
            f"a sheet has no room for {clocks.left_out:,} of {clocks.count:,} clocks",
            "`kpiaudit clocks -o FILE.parquet` writes all",
        )
    write(result, path, clocks=clocks)


def report_code(result: Report) -> ExitCode:
    """Return 0 when something was read, 4 for nothing at all."""
    return ExitCode.KEPT if result.exports else ExitCode.NOTHING_TO_JUDGE
