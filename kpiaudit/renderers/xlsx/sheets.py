"""The sheets of the workbook, each a table of the report under the names the JSON has for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from kpiaudit.renderers import circumstances
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.json import figures, measured
from kpiaudit.renderers.measures import beside, words_of
from kpiaudit.renderers.text import whole_seconds
from kpiaudit.renderers.xlsx.book import ROWS_MOST, Cell, Column, Sheet
from kpiaudit.report import Breach, Figures

if TYPE_CHECKING:
    from kpiaudit.renderers.xlsx.book import Book, Kind
    from kpiaudit.report import KpiResult, Report, SlaResult

UNIT_KINDS: Final[dict[str, Kind]] = {"share": "share", "seconds": "count", "count": "count"}
WIDE: Final = 60


@dataclass(frozen=True, slots=True)
class ClockRows:
    """The rows of the clocks file: names, one tuple per clock, how many there are."""

    columns: Sequence[str]
    rows: Iterator[tuple[Any, ...]]
    count: int

    @property
    def left_out(self) -> int:
        """Clocks a sheet has no room for."""
        return max(self.count - ROWS_MOST, 0)


def kind_of(name: str) -> Kind:
    """Return how a column of figures or clocks is shown, by its name."""
    if name == "adherence":
        return "share"
    if name.endswith("_at"):
        return "instant"
    is_count = name.endswith(("_seconds", "_row")) or name in _COUNTS
    return "count" if is_count else "text"


_COUNTS: Final = {field.name for field in fields(Figures)} | {"ordinal", "row", "rows"}
FIGURES: Final = tuple(Column(field.name, kind_of(field.name)) for field in fields(Figures))


def summary(book: Book, report: Report, clock_rows: ClockRows | None) -> Sheet:
    """Write what a reader sees first: the verdict, the promise, the circumstances, what is left out."""
    zone = ZoneInfo(report.time_zone)
    policy = circumstances.policy_of(report)
    rows: list[tuple[str, Cell]] = [
        ("verdict", spell.headline(report)),
        ("promise", report.promise.statement),
        ("period", circumstances.period(report, zone)),
        ("judged", circumstances.judged(report, zone, dash="")),
        ("policy", policy),
        *(("warning", problem) for problem in report.problems),
        ("as_of", report.as_of),
        ("exit_code", int(report.exit_code)),
        ("breaches", report.breach_count),
        ("rows read", report.integrity.rows),
        ("conversations", report.integrity.conversations),
        ("the sums hold", "yes" if report.integrity.holds else "no"),
        ("complete", "yes" if report.integrity.is_complete else "no"),
    ]
    listed = [
        (len(report.breaches), report.breach_count, "breaches", "--top N lists more"),
        (len(report.rejects), report.integrity.rejects, "rejects",
         "`kpiaudit inspect --rejects FILE.csv` writes all"),
    ]  # fmt: skip
    if clock_rows is not None:
        most = min(clock_rows.count, ROWS_MOST)
        listed.append(
            (most, clock_rows.count, "clocks", "`kpiaudit clocks -o FILE.parquet` writes all")
        )
    rows += [
        (f"sheet {name}", f"{shown:,} of {count:,}; {more}")
        for shown, count, name, more in listed
        if shown < count
    ]
    rows += [
        ("units", "seconds are whole, rounded up; shares 0 to 1; instants in UTC"),
        ("made by", f"kpiaudit {report.kpiaudit_version}"),
    ]
    return book.notes("summary", rows)


def slas(book: Book, report: Report) -> Sheet:
    """Write one row per SLA."""
    head = (Column("sla", width=32), Column("metric"), Column("calendar"))
    told = (
        "verdict", "is_warning", "bots_first", "resolved_without_reply", "calls", "abandoned",
    )  # fmt: skip
    columns = (
        *head,
        Column("target_seconds", "count"),
        Column("goal", "share"),
        *FIGURES,
        *(Column(name, "any") for name in told),
    )
    return book.sheet(
        "SLAs",
        columns,
        (
            (
                *_head(sla),
                sla.goal,
                *figures(sla.figures).values(),
                *(getattr(sla, name) for name in told),
            )
            for sla in report.slas
        ),
    )


def _head(sla: SlaResult) -> tuple[Cell, ...]:
    return sla.name, sla.metric, sla.calendar, whole_seconds(sla.target_seconds)


def groups(book: Book, report: Report) -> Sheet | None:
    """Write one row per SLA and group; nothing without any."""
    names = list(dict.fromkeys(d for sla in report.slas for g in sla.groups for d in g.by))
    if not names:
        return None
    columns = (
        Column("sla", width=32),
        Column("by"),
        *(Column(name) for name in names),
        Column("goal", "share"),
        *FIGURES,
        Column("verdict"),
    )
    return book.sheet(
        "groups",
        columns,
        (
            (
                sla.name,
                ";".join(group.by),
                *(group.by.get(name) for name in names),
                sla.goal,
                *figures(group.figures).values(),
                group.verdict,
            )
            for sla in report.slas
            for group in sla.groups
        ),
    )


def kpis(book: Book, report: Report) -> Sheet:
    """Write one row per KPI and group; a value stands in the column of its unit."""
    names = list(dict.fromkeys(name for kpi in report.kpis for name in kpi.by))
    restricted = any(kpi.when for kpi in report.kpis)
    columns = (
        Column("kpi"),
        Column("title", width=40),
        *(Column(name) for name in names),
        *([Column("when")] if restricted else []),
        Column("unit"),
        Column("share", "share"),
        Column("whole", "count"),
        Column("value", "number"),
        Column("n", "count"),
        Column("goal", "number"),
        Column("goal_kind"),
        Column("verdict"),
        Column("beside", width=WIDE),
        Column("computable"),
        Column("reason", width=WIDE),
    )
    return book.sheet(
        "KPIs", columns, (_kpi(kpi, names, restricted=restricted) for kpi in report.kpis)
    )


def _kpi(kpi: KpiResult, names: Sequence[str], *, restricted: bool) -> list[Cell]:
    kind = "at_least" if kpi.goal_is_floor else "at_most"
    return [
        kpi.kpi,
        kpi.title,
        *(kpi.by.get(name) for name in names),
        *([words_of(kpi.when) or None] if restricted else []),
        kpi.unit,
        *_in_its_column(measured(kpi.value, kpi.unit), kpi.unit),
        kpi.n,
        measured(kpi.goal, kpi.unit),
        None if kpi.goal is None else kind,
        kpi.verdict,
        beside(kpi) or None,
        kpi.computable,
        kpi.reason,
    ]


def models(book: Book, report: Report) -> Sheet | None:
    """Write one row per claim of a service model; nothing without any."""
    if not report.models:
        return None
    columns = (
        *(Column(name) for name in ("model", "team", "claim", "unit")),
        Column("value", "number"),
        Column("n", "count"),
        Column("holds"),
        Column("sentence", width=WIDE),
        Column("reason", width=WIDE),
    )
    return book.sheet(
        "models",
        columns,
        (
            (
                model.model,
                model.team or None,
                claim.claim,
                claim.unit,
                measured(claim.value, claim.unit),
                claim.n,
                claim.holds,
                claim.sentence or None,
                claim.reason,
            )
            for model in report.models
            for claim in model.claims
        ),
    )


def categories(book: Book, report: Report) -> Sheet | None:
    """Write one row per category rule and one for what none of them found; nothing without rules."""
    if not report.categories:
        return None
    counts = ("matched", "messages", "conversations")
    columns = (Column("category", width=32), *(Column(name, "count") for name in counts))
    return book.sheet(
        "categories",
        columns,
        (
            (found.category, *(getattr(found, name) for name in counts))
            for found in report.categories
        ),
    )


def trends(book: Book, report: Report) -> Sheet | None:
    """Write one row per SLA and period; nothing without any."""
    if not report.views.trends:
        return None
    columns = (
        Column("sla", width=32),
        Column("period"),
        Column("start", "day"),
        Column("is_partial"),
        Column("goal", "share"),
        *FIGURES,
    )
    return book.sheet(
        "trends",
        columns,
        (
            (
                trend.sla,
                trend.period,
                point.start,
                point.is_partial,
                trend.goal,
                *figures(point.figures).values(),
            )
            for trend in report.views.trends
            for point in trend.points
        ),
    )


def kpi_trends(book: Book, report: Report) -> Sheet | None:
    """Write one row per KPI of the first screen and period; nothing without any."""
    if not report.views.kpi_trends:
        return None
    columns = (
        *(Column(name) for name in ("kpi", "title", "period")),
        Column("start", "day"),
        Column("is_partial"),
        Column("unit"),
        Column("share", "share"),
        Column("whole", "count"),
        Column("value", "number"),
        Column("n", "count"),
    )
    return book.sheet(
        "KPI trends",
        columns,
        (
            (
                trend.kpi,
                trend.title,
                trend.period,
                point.start,
                point.is_partial,
                trend.unit,
                *_in_its_column(measured(point.value, trend.unit), trend.unit),
                point.n,
            )
            for trend in report.views.kpi_trends
            for point in trend.points
        ),
    )


def _in_its_column(value: float | None, unit: str) -> Iterator[Cell]:
    """A value as share, as whole number, or as any number: two of the three are empty."""
    place = UNIT_KINDS.get(unit, "number")
    yield from (value if place == column else None for column in ("share", "count", "number"))


def breaches(book: Book, report: Report) -> Sheet:
    """Write the worst breaches, as many as were asked for."""
    names = [field.name for field in fields(Breach)]
    return book.sheet(
        "breaches",
        [Column(name, kind_of(name)) for name in names],
        (
            [
                whole_seconds(value) if name.endswith("_seconds") else value
                for name, value in ((name, getattr(breach, name)) for name in names)
            ]
            for breach in report.breaches
        ),
    )


def clocks(book: Book, found: ClockRows) -> Sheet:
    """Write the clocks, as many as a sheet holds."""
    columns = [Column(name, kind_of(name)) for name in found.columns]
    return book.sheet("clocks", columns, found.rows)


def rejects(book: Book, report: Report) -> Sheet:
    """Write the rejected rows the report lists."""
    columns = (
        Column("export", width=40),
        Column("row", "count"),
        Column("rule", width=40),
        Column("value", width=WIDE),
    )
    rows = ((found.export, found.row, found.rule, found.value) for found in report.rejects)
    return book.sheet("rejects", columns, rows)


def exports(book: Book, report: Report) -> Sheet:
    """Write what each file was taken for and what became of its rows."""
    counts = ("rows", "used", "messages", "duplicates", "rejects", "skipped")
    columns = (
        Column("path", width=40),
        Column("source"),
        Column("part"),
        Column("first_at", "instant"),
        Column("last_at", "instant"),
        *(Column(name, "count") for name in counts),
        Column("evidence", width=WIDE),
        Column("problems", width=WIDE),
    )
    return book.sheet(
        "exports",
        columns,
        (
            (
                export.path,
                export.source,
                export.part or None,
                export.first_at,
                export.last_at,
                *(getattr(export, name) for name in counts),
                export.evidence,
                "; ".join(export.problems) or None,
            )
            for export in report.exports
        ),
    )


def definitions(book: Book, report: Report) -> Sheet:
    """Write every option in force."""
    return book.sheet(
        "definitions",
        (Column("option", width=32), Column("value", width=WIDE)),
        ((name, circumstances.option(value)) for name, value in report.definitions.items()),
    )
