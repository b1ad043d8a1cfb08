"""From an audit of one conversation to its explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kpiaudit import __version__
from kpiaudit.explanation.explain import explained_clocks, explained_rows
from kpiaudit.explanation.explained import Explained
from kpiaudit.explanation.selection import conversation_named
from kpiaudit.ledger import every_clock
from kpiaudit.schema import METRICS

if TYPE_CHECKING:
    from kpiaudit.audit import Audit

C = pl.col
DIMENSIONS = frozenset({"priority", "category", "customer", "tags", "rating"})
"""What a timeline tells of besides what the policy names."""


def explained(audited: Audit) -> Explained:
    """Return the audited conversation explained: clocks by start, metric and the policy's order of SLAs.

    The request must have named one conversation, and the exports must hold it.
    """
    reading, settings = audited.reading, audited.request.settings
    rows = one_of(audited)
    code = rows["conversation"][0]
    place = {name: at for at, name in enumerate(METRICS)}
    is_mine = C("conversation") == code
    clocks = (
        every_clock(audited)
        .filter(is_mine)
        .sort(
            "started_at",
            C("metric").cast(pl.String).replace_strict(place, return_dtype=pl.UInt8),
            "ordinal",
            "sla",
            nulls_last=True,
        )
    )
    system = str(rows["system"].cast(pl.String)[0])
    return Explained(
        kpiaudit_version=__version__,
        system=system,
        conversation_id=str(rows["conversation_id"][0]),
        as_of=reading.as_of[system],
        time_zone=settings.time_zone or "UTC",
        policy=settings.path,
        notes=tuple(notes(audited, code)),
        rows=explained_rows(rows, clocks),
        clocks=explained_clocks(clocks, audited.clocks.pauses.filter(is_mine), settings.calendars),
    )


def one_of(audited: Audit) -> pl.DataFrame:
    """Return the messages of the conversation asked for, with `index`, their row number of all."""
    ordered = audited.reading.ordered.with_row_index("index")
    return conversation_named(ordered, audited.request.conversation or "")


def notes(audited: Audit, code: int) -> list[str]:
    """Return what is particular about the conversation, in words."""
    found, is_mine = audited.clocks, C("conversation") == code
    aside, clocks = found.set_aside.filter(is_mine), found.clocks.filter(is_mine)
    told = []
    if found.is_partial[code]:
        told.append(
            "its beginning lies outside the export; measured from its first customer message"
        )
    if found.is_proactive[code]:
        told.append("we wrote first: there is no first response to wait for")
    if aside.height:
        told.append(f"its clocks are set aside: {aside['reason'][0]}")
    if audited.described.filter(is_mine).height < clocks.height:
        told.append("clocks that started outside --since and --until are left out")
    rules = audited.request.settings.definitions
    if rules.pause_counting == "realtime":
        told.append("pauses count in real time: a clock is no sum of its spans")
    if rules.minimum_seconds:
        told.append(
            f"a response counts {rules.minimum_seconds} seconds or more, whatever its spans"
        )
    if clocks.is_empty():
        told.append("no clock runs in it: no customer waited for an answer")
    return told
