"""Run an audit: exports -> messages -> conversations -> clocks -> adherence -> report.

The only module that collects, at two named points: `collect_messages` and `collect_summaries`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from kpiaudit import pieces
from kpiaudit.adherence import judge
from kpiaudit.audit import Audit, Reading, Request, Summaries
from kpiaudit.beside import SetBeside, set_beside
from kpiaudit.boundaries import parted
from kpiaudit.calendars.business_time import Calendar, compile_calendar
from kpiaudit.categories import FOUND, categorized, on_text, text_found
from kpiaudit.clocks import run_clocks
from kpiaudit.conversations import thread, timeline
from kpiaudit.dimensions import describe, started_between, with_as_of
from kpiaudit.errors import ExportError, some
from kpiaudit.explanation.selection import conversation_named, with_witness
from kpiaudit.groupings import spread, with_derived
from kpiaudit.in_force import changes_on_the_way, restarted
from kpiaudit.lexicon import Analyzer, analyzer, with_scores
from kpiaudit.local_time import label
from kpiaudit.messages import Conformed, conform, gather, needed_columns
from kpiaudit.one_value import unique
from kpiaudit.pseudonyms import private_reading, private_request
from kpiaudit.schema import LABEL
from kpiaudit.scorecard import names_needed, period_of_trends, results, results_over_time, scorecard
from kpiaudit.search import Search, looking, search
from kpiaudit.shortlist import among, counted_first, shortened, worst_groups
from kpiaudit.sources.base import Claim, Found, ReadSettings
from kpiaudit.summary import furthest, in_full, statistics, summarize, tallies, worst_breaches
from kpiaudit.wanted import columns_wanted, dimensions_wanted, is_scored, metrics_wanted

if TYPE_CHECKING:
    from kpiaudit.settings import Settings

C = pl.col
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)
"""What a scan of a damaged file raises; a panic is no `Exception`."""
Result = TypeVar("Result")
Run = Callable[[Found, Request, frozenset[str]], Result]


def read(request: Request, exports: Search | None = None) -> Reading:
    """Return the messages under the request's paths, of exports found already if so, in order.

    Raises `KpiauditError`s.
    """
    return made_sure(request, read_found, exports)


def made_sure(request: Request, run: Run[Result], exports: Search | None) -> Result:
    """Return what `run` makes of the exports, run again where a large CSV has rows too short or too long."""
    if exports is None:
        with looking(request.paths) as looks:
            return made_sure(request, run, search(request, looks))
    result = run(exports.found, request, frozenset())
    uneven = exports.uneven()
    return run(exports.found, request, uneven) if uneven else result


def read_found(found: Found, request: Request, careful: frozenset[str]) -> Reading:
    """Return the messages of the files found; the sources in `careful` are read record by record."""
    frames, constants, failures = [], [], list(found.unclaimed)
    kinds = {mapping.name: mapping.kind for mapping in request.settings.sources}
    lying_beside: list[SetBeside] = []
    judge = analyzer() if is_scored(request) else None
    for claim in found.claims:
        request.progress(f"reading {claim.source.name}")
        name, is_careful = claim.source.name, claim.source.name in careful
        try:
            if kinds.get(name, "messages") != "messages":
                table = collect_beside(claim, request, careful=is_careful)
                files = tuple(file.name for file in claim.files)
                lying_beside.append(SetBeside(kinds[name], files, table))
                continue
            read = collect_messages(claim, request, careful=is_careful)
        except ExportError as problem:
            if not (request.keep_going or request.is_inspection):
                raise
            failures.append(problem)
            continue
        frame = felt(read.frame, judge, request)
        frames.append(without_others(frame, claim, found.claims))
        del frame
        constants.append(read.constants)
        del read
    request.progress("ordering conversations")
    apart = {file for source in lying_beside for file in source.files}
    gathered = gather(
        frames,
        files=sorted({file.name for claim in found.claims for file in claim.files} - apart),
        as_of=request.as_of or request.pinned,
        one_row_one_message=all(claim.source.one_row_one_message for claim in found.claims),
        told_better={claim.source.name: claim.source.told_better_by for claim in found.claims},
    )
    frames.clear()
    gathered, beside = set_beside(gathered, lying_beside, as_of=request.as_of)
    threads = thread(gathered.messages)
    gathered = replace(gathered, messages=gathered.messages.clear())
    gap = request.settings.definitions.conversation_gap
    cycle_rows, unordered = threads.cycle_rows, [threads.messages]
    del threads
    unordered.append(parted(unordered.pop(), gap))
    as_of = as_of_by_system(unordered[0], request)
    if request.conversation is not None:
        found_rows = conversation_named(unordered[0], request.conversation, request.key)
        unordered = [with_witness(found_rows, unordered[0])]
    still = constants[0] if len(constants) == 1 else ()
    shows_ids = request.all_columns or request.conversation is not None
    ordered = timeline(unordered.pop(), still, but=() if shows_ids else ("message_id",))
    ordered, hits = categorized(ordered, request.settings.categories)
    failed = tuple(failures)
    reading = Reading(found, gathered, ordered, cycle_rows, failed, as_of, beside, hits)
    return private_reading(reading, request)


def without_others(frame: pl.DataFrame, claim: Claim, claims: Sequence[Claim]) -> pl.DataFrame:
    """Return the rows without companions another source reads for itself: it counts them."""
    others = [file.name for other in claims if other is not claim for file in other.files]
    shared = {file.name for file in claim.files} & set(others)
    if not shared:
        return frame
    is_companion = C("skip").cast(pl.String).str.starts_with("companion").fill_null(value=False)
    return frame.filter(~(is_companion & C("file").cast(pl.String).is_in(sorted(shared))))


def collect_beside(claim: Claim, request: Request, *, careful: bool) -> pl.DataFrame:
    """Collect one source of presence or self-service."""
    settings = ReadSettings(time_zone=request.settings.time_zone, careful=careful)
    return collected(claim, settings, lambda told: claim.source.read(claim.files, told).collect())


def collected(
    claim: Claim, settings: ReadSettings, collect: Callable[[ReadSettings], pl.DataFrame]
) -> pl.DataFrame:
    """Return the rows of a source; a file the fast scan cannot read is read again record by record, so that
    one damaged row costs that row only.
    """
    try:
        return collect(settings)
    except UNREADABLE:
        try:
            return collect(replace(settings, careful=True))
        except UNREADABLE as error:
            names = some([file.name for file in claim.files])
            raise ExportError(f"cannot be read: {reason_of(error)}", where=names) from error


def reason_of(error: BaseException) -> str:
    """Return why a file cannot be read, in a line; the words of a panic are of no use to its owner."""
    if isinstance(error, pl.exceptions.PanicException):
        return "what it holds is damaged"
    return (str(error).strip().splitlines() or ["unreadable"])[0]


def collect_messages(claim: Claim, request: Request, *, careful: bool) -> Conformed:
    """Collect one source's narrow scan (the first collecting point)."""
    settings = ReadSettings(
        time_zone=request.settings.time_zone,
        date_order=request.settings.date_order,
        us=request.settings.us,
        text=request.text or is_scored(request) or bool(on_text(request.settings.categories)),
        careful=careful,
    )
    frame = collected(claim, settings, lambda told: collect_narrow(claim, told, request))
    only = None if "export" in frame.columns else claim.files[0].name
    return conform(
        frame,
        claim.source,
        export=only,
        us=request.settings.us,
        where=some([file.name for file in claim.files]),
        asks=not request.is_inspection,
    )


def felt(frame: pl.DataFrame, judge: Analyzer | None, request: Request) -> pl.DataFrame:
    """Return one source's rows, scored where there is a judge; their text goes unless it is shown."""
    if judge is None:
        return frame
    scored = with_scores(frame, judge, request.progress)
    return scored if request.text else scored.drop("text", strict=False)


def collect_narrow(claim: Claim, settings: ReadSettings, request: Request) -> pl.DataFrame:
    """Return the columns a run needs of one source's files, in row order; without `export` where one file
    is all.
    """
    scan = claim.source.read(claim.files, settings)
    available = scan.collect_schema().names()
    columns = needed_columns(
        available, dimensions=columns_wanted(request, available), everything=request.all_columns
    )
    rules = on_text(request.settings.categories)
    if rules and "text" in available:
        scan, columns = scan.with_columns(text_found(rules)), [*columns, FOUND]
    if not (request.text or is_scored(request)):
        columns = [column for column in columns if column != "text"]
    scan = scan.with_columns(C("reject", "value").cast(LABEL))  # of few rows: 4 bytes each, not 16
    if len(claim.files) == 1 and "file" not in columns:
        columns.remove("export")
    return collect_pieces(scan.select(columns))


def collect_pieces(scan: pl.LazyFrame) -> pl.DataFrame:
    """Collect a scan in pieces of `PIECE` rows, each in one piece: of the thousands of chunks it comes in, every
    step would look for its rows, and none's room serves a whole column once it is done with.
    """
    frames: list[pl.DataFrame] = []
    # not collect_batches: where a decoder panics, that ends as if there were no more
    scan.sink_batches(
        lambda batch: frames.append(batch.rechunk()), chunk_size=pieces.PIECE, engine="streaming"
    )
    return pl.concat(frames) if frames else pl.DataFrame(schema=scan.collect_schema())


def as_of_by_system(messages: pl.DataFrame, request: Request) -> dict[str, datetime]:
    """Return each system's last event, or the instant the request gives it."""
    systems = unique(messages, "system")
    if len(systems) == 1:
        last = messages.select(C("system").first(), C("sent_at").max())
    else:
        last = messages.group_by("system").agg(C("sent_at").max())
    last = last.sort(C("system").cast(pl.String))
    instants = dict(zip(last["system"].cast(pl.String), last["sent_at"], strict=True))
    if request.as_of is not None:
        return dict.fromkeys(instants, request.as_of)
    return {system: request.pinned.get(system, at) for system, at in instants.items()}


def audit(request: Request, exports: Search | None = None) -> Audit:
    """Return every clock under the request's paths, and those its SLAs judge, judged."""
    return made_sure(request, audit_found, exports)


def audit_found(found: Found, request: Request, careful: frozenset[str]) -> Audit:
    """Return the audit of the files found; see `read_found`."""
    reading = read_found(found, request, careful)
    return audit_of(reading, private_request(request))


def summed_up(request: Request, exports: Search | None = None) -> tuple[Audit, Summaries]:
    """Return the audit under the request's paths, and what a report is made of."""
    return made_sure(request, summed_up_found, exports)


def summed_up_found(
    found: Found, request: Request, careful: frozenset[str]
) -> tuple[Audit, Summaries]:
    """Return the audit of the files found and its sums; see `read_found`."""
    audited = audit_found(found, request, careful)
    request.progress("summing up")
    return audited, collect_summaries(audited)


def audit_of(reading: Reading, request: Request) -> Audit:
    """Return the audit of exports read already, under the request's definitions, SLAs and calendars."""
    settings = request.settings
    request.progress("running clocks")
    clocks = run_clocks(reading.ordered, settings.definitions, metrics=metrics_wanted(request))
    described = describe(
        clocks,
        reading.ordered,
        names=dimensions_wanted(request) | {"system"},
        teams=settings.teams,
        judged_by={name for sla in settings.slas for name in sla.when},
    )
    described = described.with_columns(changes_on_the_way(described, settings.slas))
    if settings.definitions.policy_change == "restart":
        described = restarted(
            described, clocks, reading.ordered, slas=settings.slas, teams=settings.teams
        )
    described = with_derived(
        described,
        {name for by in request.by for name in by} | names_needed(request),
        at="started_at",
        zone=settings.time_zone or "UTC",
        teams=settings.teams,
    )
    described = with_as_of(described, reading.as_of)
    described = started_between(described, request.since, request.until)
    request.progress("judging")
    calendars = calendars_for(described, settings)
    judged = judge(
        described,
        clocks,
        slas=settings.slas,
        calendars=calendars,
        exclusions=settings.exclusions,
        definitions=settings.definitions,
    )
    return Audit(request, reading, clocks, described, judged, calendars)


def calendars_for(described: pl.DataFrame, settings: Settings) -> dict[str, Calendar]:
    """Compile the calendars the SLAs name over the span of the clocks."""
    named = {sla.calendar for sla in settings.slas if sla.calendar}
    if not named or described.is_empty():
        return {}
    start, stop, now = described.select(
        start=C("started_at").min(), stop=C("stopped_at").max(), now=C("as_of").max()
    ).row(0)
    stop = max(stop or start, now)
    return {name: compile_calendar(settings.calendars[name], start, stop) for name in sorted(named)}


def collect_summaries(audited: Audit) -> Summaries:
    """Collect totals, groups, the worst breaches and KPIs (the second collecting point), on two threads."""
    with ThreadPoolExecutor(1) as aside:
        counted = aside.submit(collect_kpis, audited)
        summaries = collect_slas(audited)
    return replace(summaries, **counted.result())


def collect_kpis(audited: Audit) -> dict[str, Any]:
    """Collect the KPIs of an audit, and those told by period: what `Summaries` holds of them."""
    card, request = scorecard(audited), audited.request
    first = counted_first(card.plans, request)
    counts = dict(zip(first, pl.collect_all(list(first.values())), strict=True)) if first else {}
    plans, heights = shortened(card.plans, counts, request)
    frames = iter(pl.collect_all([plan.frame for plan in (*plans, *card.over_time)]))
    return {
        "kpis": results(card, [next(frames) for _ in plans], request.settings),
        "over_time": results_over_time(card, [next(frames) for _ in card.over_time]),
        "kpi_groups": heights,
    }


def collect_slas(audited: Audit) -> Summaries:
    """Collect the totals, groups, worst breaches and trends of the SLAs."""
    request, parts = audited.request, [part.lazy() for part in audited.judged]
    gated = {by for sla in request.settings.slas for by in [sla.goal_by] if by}
    tables = [*request.by, *sorted(gated - set(request.by))]
    same = {by: shared_values(audited.described, by) for by in tables}
    grouped = [(by, spread(part, by)) for by in tables if same[by] is None for part in parts]
    plans = [plan for part in parts for plan in (summarize(part), furthest(part, request.top))]
    plans += [tallies(rows, by) for by, rows in grouped]
    collected = iter(pl.collect_all([*plans, *trends(audited)]))
    told = [(next(collected), next(collected)) for _ in parts]
    groups: dict[tuple[str, ...], list[pl.DataFrame]] = {by: [] for by in tables}
    for by, values in same.items():
        groups[by] += [total.with_columns(**values) for total, _ in told] if values else []
    for by, found in with_statistics(grouped, [next(collected) for _ in grouped], request):
        groups[by].append(found)
    ordered, top = audited.reading.ordered, request.top
    worst = audited.completed([worst_breaches(breaches, ordered, top) for _, breaches in told])
    return Summaries(
        pl.concat([total for total, _ in told]),
        tuple((by, pl.concat(groups[by], how="diagonal")) for by in tables),
        worst_breaches(worst, ordered, top),
        tuple(collected),
    )


def with_statistics(
    grouped: Sequence[tuple[tuple[str, ...], pl.LazyFrame]],
    counts: Sequence[pl.DataFrame],
    request: Request,
) -> list[tuple[tuple[str, ...], pl.DataFrame]]:
    """Return the tables of SLAs by dimensions with all their figures; where a terminal shows some of the groups,
    no others have statistics.
    """
    plans = []
    for (by, rows), tallied in zip(grouped, counts, strict=True):
        is_cut = request.groups is not None and request.groups < tallied.height
        near = among(rows, worst_groups(tallied, by, request.groups or 0)) if is_cut else rows
        plans.append(in_full(tallied.lazy(), statistics(near, by), by))
    return list(zip((by for by, _ in grouped), pl.collect_all(plans), strict=True))


def trends(audited: Audit) -> list[pl.LazyFrame]:
    """Return the SLAs' figures by period, where they were asked for."""
    period = period_of_trends(audited)
    if period is None:
        return []
    from kpiaudit.views.trends import by_period

    zone = audited.request.settings.time_zone or "UTC"
    return [by_period(part, period, zone) for part in audited.judged]


def shared_values(described: pl.DataFrame, by: tuple[str, ...]) -> dict[str, pl.Expr] | None:
    """Return the one value each dimension has in every clock, so that its only group is the total."""
    same: dict[str, pl.Expr] = {}
    for name in by:
        if name == "tag" or len(values := described[name].unique()) != 1:
            return None
        same[name] = pl.lit(values.to_frame().select(label(name))[name][0])
    return same
