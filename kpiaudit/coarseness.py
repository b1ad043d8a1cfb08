"""Where two exports of one system tell the same conversation, the one that tells less gives way."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kpiaudit.one_value import unique
from kpiaudit.schema import LABEL
from kpiaudit.tallies import FATES

C = pl.col
FATE = pl.Enum(FATES)
KEY = ["system", "conversation_id"]
COARSER = "coarser export"
MINUTE = "1m"
CLOCKS = "its clocks are not those of the other export of this conversation: check time_zone"


def mark_coarser(everything: pl.DataFrame) -> pl.DataFrame:
    """Skip milestones of a conversation another export of the system tells message by message."""
    if "conversation_id" not in everything.columns or len(unique(everything, "grain")) < 2:
        return everything
    used = C("fate") == "used"
    told = everything.filter(used & (C("grain") == "message")).select(KEY).unique()
    coarse = everything.with_row_index("at").filter(used & (C("grain") == "milestone"))
    return skipped(everything, coarse.join(told, on=KEY, how="semi")["at"])


def mark_told_better(
    everything: pl.DataFrame, told_better: Mapping[str, str] | None
) -> pl.DataFrame:
    """Skip what a source tells of a conversation up to the last event a better one tells of it.

    They have no ids in common, so rows are compared by whole minutes since the conversation began, whatever
    zone the stamps were read in. What came later is used, with a doubt where the zones differ; so is a
    rating the better one does not tell.
    """
    better = {
        one: other for one, other in (told_better or {}).items() if other in (told_better or {})
    }
    for coarse, fine in better.items():
        source = everything["source"].cast(pl.String)
        everything = marked(everything, source == coarse, source == fine)
    return everything


def marked(everything: pl.DataFrame, is_coarse: pl.Series, is_fine: pl.Series) -> pl.DataFrame:
    """Skip rows of a coarse source a fine one tells too."""
    minutes = everything.with_row_index("at").with_columns(minute=C("sent_at").dt.truncate(MINUTE))
    is_used = everything["fate"] == "used"
    told = (
        minutes.filter(is_fine & is_used)
        .group_by(KEY)
        .agg(
            first=C("minute").min(),
            last=C("minute").max(),
            is_rated=(C("event") == "rated").any(),
        )
    )
    ours = minutes.filter(is_coarse & is_used).join(told, on=KEY, how="inner")
    ours = ours.with_columns(apart=C("first") - C("minute").min().over(KEY)).with_columns(
        is_told=(C("minute") + C("apart") <= C("last")) & ((C("event") != "rated") | C("is_rated"))
    )
    later = ours.filter(~C("is_told") & (C("apart").dt.total_minutes() != 0))["at"]
    everything = skipped(everything, ours.filter("is_told")["at"])
    return doubted(everything, later) if len(later) else everything


def skipped(everything: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
    """Return rows with those at some places skipped."""
    is_there = stands_at(at)
    return everything.with_columns(
        fate=pl.when(is_there).then(pl.lit("skipped", FATE)).otherwise("fate"),
        skip=pl.when(is_there).then(pl.lit(COARSER)).otherwise("skip"),
    )


def doubted(everything: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
    """Return rows with the doubt that their clocks are wrong at some places."""
    have = C("doubt").cast(pl.String) if "doubt" in everything.columns else pl.lit(None, pl.String)
    both = pl.concat_str(have, pl.lit(CLOCKS), separator="; ", ignore_nulls=True)
    doubt = pl.when(stands_at(at)).then(both).otherwise(have)
    return everything.with_columns(doubt=doubt.cast(LABEL))


def stands_at(at: pl.Series) -> pl.Expr:
    """Return whether a row stands at one of some places."""
    return pl.int_range(pl.len(), dtype=pl.UInt32).is_in(at.implode())
