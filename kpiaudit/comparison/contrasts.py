"""From audits to sides held side by side: folders, periods, or the groups of a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.assembly import assemble
from kpiaudit.comparison.compared import (
    LEVEL,
    MIN_SAMPLE,
    STRATA,
    Compared,
    Contrast,
    SlaComparison,
)
from kpiaudit.comparison.standardize import ADHERENCE, MEAN, difference, side_of
from kpiaudit.comparison.strata import keyed, tallied
from kpiaudit.errors import UsageError, nearest
from kpiaudit.pipeline import collect_summaries
from kpiaudit.schema import INSTANT
from kpiaudit.suppression import too_small

if TYPE_CHECKING:
    from datetime import datetime

    from kpiaudit.audit import Audit
    from kpiaudit.report import Report
    from kpiaudit.settings import Sla

C = pl.col


@dataclass(frozen=True, slots=True)
class Period:
    """One of the periods compared, half-open; None is without an end."""

    name: str
    since: datetime | None
    until: datetime | None

    @property
    def holds(self) -> pl.Expr:
        """Which clocks started in it."""
        inside = pl.lit(value=True)
        if self.since is not None:
            inside &= C("started_at") >= pl.lit(self.since, INSTANT)
        if self.until is not None:
            inside &= C("started_at") < pl.lit(self.until, INSTANT)
        return inside


@dataclass(frozen=True, slots=True)
class Asked:
    """What a comparison asks for."""

    strata: tuple[str, ...] = STRATA
    min_sample: int = MIN_SAMPLE
    slas: tuple[str, ...] = ()
    """Only these; empty for all."""
    against: str | None = None
    """The side the others are held against; None for the first, or of groups the largest."""
    top: int = 10
    """Groups compared, the largest first."""
    min_group: int = 0
    """Groups of fewer decided clocks are not named, nor those that would give one away."""


def compare_folders(
    sides: Sequence[tuple[str, Audit]], asked: Asked, *, by: str = "folder"
) -> Compared:
    """Return audits of several folders under one policy side by side, the first the baseline."""
    first = sides[0][1]
    found = []
    for place, sla in chosen(first, asked):
        parts = [clocks_of(audited, place, pl.lit(name), asked.strata) for name, audited in sides]
        found.append((sla, pl.concat(parts), [name for name, _ in sides]))
    others = tuple(reported(audited) for _, audited in sides[1:])
    return replace(compared(first, found, asked, by=by), others=others)


def reported(audited: Audit) -> Report:
    """Return the report of an audit."""
    return assemble(audited, collect_summaries(audited))


def compare_periods(audited: Audit, periods: Sequence[Period], asked: Asked) -> Compared:
    """Return periods of one audit side by side, the first the baseline; a clock is of the period it
    started in.
    """
    name = pl.coalesce(pl.when(period.holds).then(pl.lit(period.name)) for period in periods)
    found = []
    for place, sla in chosen(audited, asked):
        clocks = clocks_of(audited, place, name, asked.strata).drop_nulls("side")
        found.append((sla, clocks, [period.name for period in periods]))
    return compared(audited, found, asked, by="period")


def compare_groups(audited: Audit, by: Sequence[str], asked: Asked) -> Compared:
    """Return the groups of a dimension, or of several crossed, against the largest or the one named.

    A dimension that makes the sides is no stratum. Raises UsageError for a group nobody is in.
    """
    asked = replace(asked, strata=tuple(name for name in asked.strata if name not in by))
    found, notes = [], []
    known: set[str] = set()
    hidden: set[str] = set()
    for place, sla in chosen(audited, asked):
        clocks = clocks_of(audited, place, by, asked.strata)
        every = by_size(clocks)
        small = too_small(dict(reversed(every.items())), asked.min_group)
        shown = [name for name in every if name not in small]
        known.update(shown)
        hidden.update(small)
        names = first_named(shown, asked.against)
        left = len(names) - asked.top if len(names) > asked.top else 0
        if left or small:
            notes.append(f"{sla.name}: {left + len(small)} smaller groups are left out")
        found.append((sla, clocks, names[: asked.top]))
    known -= hidden
    if asked.against is not None and asked.against not in known:
        raise UsageError(
            f"no group is called {asked.against!r}{nearest(asked.against, sorted(known))}",
            where="--against",
            hint=f"choose from {', '.join(sorted(known)[: asked.top]) or 'none: nothing is judged'}",
        )
    return replace(compared(audited, found, asked, by=",".join(by)), notes=tuple(notes))


def by_size(clocks: pl.DataFrame) -> dict[str, int]:
    """Return how many clocks of each side are decided, the most first."""
    sizes = clocks.group_by("side").agg(C("is_met").count())
    ranked = sizes.sort(["is_met", "side"], descending=[True, False])
    return dict(zip(ranked["side"].to_list(), ranked["is_met"].to_list(), strict=True))


def first_named(names: list[str], against: str | None) -> list[str]:
    """Return the sides with the baseline first; without it none is compared."""
    if against is None:
        return names
    others = [name for name in names if name != against]
    return [against, *others]


def chosen(audited: Audit, asked: Asked) -> list[tuple[int, Sla]]:
    """Return the SLAs asked for, each with its place."""
    slas = enumerate(audited.request.settings.slas)
    return [(place, sla) for place, sla in slas if not asked.slas or sla.name in asked.slas]


def clocks_of(
    audited: Audit, place: int, side: pl.Expr | Sequence[str], strata: Sequence[str]
) -> pl.DataFrame:
    """Return one SLA's clocks by side and stratum."""
    settings = audited.request.settings
    zone = settings.time_zone or "UTC"
    return keyed(audited.judged[place], side, strata, time_zone=zone, teams=settings.teams)


def compared(
    audited: Audit,
    found: Sequence[tuple[Sla, pl.DataFrame, list[str]]],
    asked: Asked,
    *,
    by: str,
) -> Compared:
    """Return the comparison of each SLA's clocks among the sides named, the baseline first."""
    report = reported(audited)
    results = {sla.name: sla for sla in report.slas}
    slas = []
    for sla, clocks, names in found:
        sides = tuple(side_of(name, clocks.filter(C("side") == name)) for name in names)
        counts = tallied(clocks, asked.strata)
        slas.append(SlaComparison(results[sla.name], sides, contrasts(counts, names, asked)))
    return Compared(report, (), by, asked.strata, asked.min_sample, tuple(slas))


def contrasts(counts: pl.DataFrame, names: Sequence[str], asked: Asked) -> tuple[Contrast, ...]:
    """Return each side against the first, intervals wide enough to hold together."""
    pairs = len(names) - 1
    if pairs < 1:
        return ()
    level = 1 - (1 - LEVEL) / pairs
    baseline, *others = (counts.filter(C("side") == name) for name in names)
    found = []
    for name, side in zip(names[1:], others, strict=True):
        told = [
            difference(
                baseline,
                side,
                measure,
                strata=asked.strata,
                level=level,
                min_sample=asked.min_sample,
            )
            for measure in (ADHERENCE, MEAN)
        ]
        found.append(Contrast(names[0], name, *told))
    return tuple(found)
