"""The same exports under several profiles: adherence under each, and the rule behind every difference.

The exports are read once; clocks run once per set of definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.conversations import natural
from kpiaudit.definitions import (
    Comparison,
    Disagreement,
    Tally,
    UnderProfile,
    differences,
    others,
    own_name,
    switched,
)
from kpiaudit.pipeline import audit_of, read

if TYPE_CHECKING:
    from kpiaudit.audit import Audit, Reading, Request
    from kpiaudit.settings import Definitions

C = pl.col
OUTCOMES = ("met", "breached", "open", "excluded")
KEY = ("sla", "conversation")


def compared(request: Request, names: Iterable[str]) -> tuple[Audit, Comparison]:
    """Return the audit of the policy's own definitions, and what it comes to under each profile named."""
    reading = read(request)
    definitions = request.settings.definitions
    audited = audit_of(reading, request)
    ours = outcomes(audited)
    profiles = []
    for name, theirs in others(definitions, names).items():
        request.progress(f"running clocks as {name}")
        under = outcomes(audit_of(reading, with_definitions(request, theirs)))
        differing = differing_in(ours, under)
        first = listed(differing, reading, request.top)
        profiles.append(
            UnderProfile(
                profile=name,
                slas=tallies(under, request),
                differing=differing.height,
                listed=explained(first, reading, request, theirs),
            )
        )
    return audited, Comparison(own_name(definitions), tallies(ours, request), tuple(profiles))


def with_definitions(request: Request, definitions: Definitions) -> Request:
    """Return the request under other definitions."""
    return replace(request, settings=replace(request.settings, definitions=definitions))


def outcomes(audited: Audit) -> pl.DataFrame:
    """Return per SLA and conversation how many clocks came out how."""
    counts = ((C("outcome") == outcome).sum().alias(outcome) for outcome in OUTCOMES)
    return audited.adherence.group_by(C("sla").cast(pl.String), "conversation").agg(*counts)


def tallies(found: pl.DataFrame, request: Request) -> Mapping[str, Tally]:
    """Return the outcomes of each SLA of the policy."""
    sums = {row["sla"]: row for row in found.group_by("sla").agg(C(*OUTCOMES).sum()).to_dicts()}
    return {
        sla.name: tally(sums.get(sla.name, dict.fromkeys(OUTCOMES, 0)))
        for sla in request.settings.slas
    }


def tally(row: Mapping[str, int], suffix: str = "") -> Tally:
    """Return the counts of a row."""
    return Tally(*(row[name + suffix] for name in OUTCOMES))


def differing_in(ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Return `sla, conversation`, our counts, and theirs with `_theirs`, where any differs."""
    both = ours.join(theirs, on=KEY, how="full", coalesce=True, suffix="_theirs")
    both = both.with_columns(
        C(name + suffix).fill_null(0) for name in OUTCOMES for suffix in ("", "_theirs")
    )
    return both.filter(pl.any_horizontal(C(name) != C(f"{name}_theirs") for name in OUTCOMES))


def listed(differing: pl.DataFrame, reading: Reading, top: int) -> pl.DataFrame:
    """Return the first of them by SLA, system and id, with `system` and `conversation_id`."""
    names = reading.ordered.select(
        "conversation", C("system").cast(pl.String), C("conversation_id").cast(pl.String)
    ).unique("conversation", keep="any")
    named = differing.join(names, on="conversation", how="left")
    return named.sort("sla", "system", *natural("conversation_id"), nulls_last=True).head(top)


def explained(
    first: pl.DataFrame, reading: Reading, request: Request, theirs: Definitions
) -> tuple[Disagreement, ...]:
    """Return the listed conversations, each with the options that make its difference.

    Options are switched one at a time from ours to theirs; where none alone gives their outcome, from
    theirs back to ours.
    """
    if first.is_empty():
        return ()
    ours = request.settings.definitions
    options = differences(ours, theirs)
    here = only(reading, first["conversation"])
    forth = effects(here, request, ours, [(name, switched(ours, name, theirs)) for name in options])
    back = effects(
        here, request, theirs, [(name, switched(theirs, name, ours)) for name in options]
    )
    found = []
    for row in first.to_dicts():
        place = row["sla"], row["system"], row["conversation_id"]
        wanted = tally(row, "_theirs")
        moved = {name: told[place] for name, told in forth.items() if place in told}
        exact = tuple(name for name, result in moved.items() if result == wanted)
        together = tuple(name for name, told in back.items() if place in told)
        found.append(
            Disagreement(
                *place,
                ours=tally(row),
                theirs=wanted,
                rules=exact or together or tuple(moved) or options,
                is_together=not exact,
            )
        )
    return tuple(found)


def only(reading: Reading, conversations: pl.Series) -> Reading:
    """Return a reading of these conversations alone."""
    rows = reading.ordered.filter(C("conversation").is_in(conversations.unique().implode()))
    begins = C("conversation").ne_missing(C("conversation").shift())
    return replace(
        reading, ordered=rows.with_columns(conversation=begins.cast(pl.UInt32).cum_sum() - 1)
    )


def effects(
    reading: Reading,
    request: Request,
    before: Definitions,
    after: Sequence[tuple[str, Definitions]],
) -> dict[str, dict[tuple[str, str, str], Tally]]:
    """Return per option the conversations, by SLA, system and id, that come out otherwise with it."""
    stood = outcomes(audit_of(reading, with_definitions(request, before)))
    found = {}
    for name, definitions in after:
        moved = outcomes(audit_of(reading, with_definitions(request, definitions)))
        rows = listed(differing_in(stood, moved), reading, reading.ordered.height + 1)
        found[name] = {
            (row["sla"], row["system"], row["conversation_id"]): tally(row, "_theirs")
            for row in rows.to_dicts()
        }
    return found
