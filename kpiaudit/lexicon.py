"""A hint of sentiment from the words of customers' messages: VADER's lexicon, where a policy asks for it.

English alone: it knows neither irony nor what was said before. Only what customers wrote is scored, only
texts that are plainly English, each distinct text once, and only exports that tell neither a sentiment
nor stars themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Protocol

import polars as pl

from kpiaudit.definitions import VADER
from kpiaudit.errors import KpiauditError
from kpiaudit.kpis.catalogue import ON_FEELINGS

if TYPE_CHECKING:
    from kpiaudit.report import KpiResult
    from kpiaudit.settings import Settings

C = pl.col
SCORED: Final = "(score)"
"""Column of messages: the score of a customer's text, -1 to 1; null where there is none."""
LEAST: Final = 50
"""So many messages, or conversations, a figure is of at least."""
HEAD: Final = 1_000
"""Characters of a text that are scored: below stands what was quoted."""
BATCH: Final = 20_000
ONE_IN: Final = 8
"""A text is English where one word in so many is one of ENGLISH."""
ENGLISH: Final = (
    "the and you your you're this that have with from they their what when why how which would could "
    "should can can't cannot not but because about there were my it it's its i'm i've don't doesn't "
    "didn't isn't wasn't won't please thanks thank still before then them our very again does did who "
    "get got need if any"
)
"""Common words few other languages have."""
WORD: Final = r"\p{L}+(?:'\p{L}+)*"
NO_WORDS: Final = r"https?://\S+|[@#]\S+"


class Analyzer(Protocol):
    """What gives a text its scores."""

    def polarity_scores(self, text: str) -> dict[str, float]:
        """Return the scores by name; `compound` is -1 to 1."""
        ...


def is_asked(settings: Settings) -> bool:
    """Return whether a policy asks for the lexicon."""
    return settings.definitions.sentiment == VADER


def analyzer() -> Analyzer:
    """Return VADER. Raises `KpiauditError` where the extra is not installed."""
    if find_spec("vaderSentiment") is None:
        raise KpiauditError(
            'sentiment = "vader" needs an extra',
            where="[definitions]",
            hint="pip install 'kpiaudit[sentiment]', or leave the key out",
        )
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    made: Analyzer = SentimentIntensityAnalyzer()
    return made


def with_scores(
    frame: pl.DataFrame, judge: Analyzer, progress: Callable[[str], None]
) -> pl.DataFrame:
    """Return one source's rows with SCORED where it tells no sentiment itself; `text` stays."""
    theirs = (C("event") == "inbound") & ~C("is_automated")
    told = [name for name in ("sentiment", "rating") if name in frame.columns]
    tells = any(frame.select((theirs & C(name).is_not_null()).any()).item() for name in told)
    if tells or "text" not in frame.columns:
        return frame
    texts = frame.select(text=pl.when(theirs).then(C("text").str.head(HEAD))).to_series()
    distinct = texts.to_frame().unique().drop_nulls().filter(is_english("text"))
    scores = distinct.with_columns(
        pl.Series(SCORED, list(scored(distinct["text"], judge, progress)), pl.Float64)
    )
    found = texts.to_frame().join(scores, on="text", how="left", maintain_order="left")
    return frame.with_columns(found[SCORED])


def is_english(column: str) -> pl.Expr:
    """Return which texts are plainly English: one word in eight, at least, is a common one of it."""
    plain = (
        C(column).str.replace_all("\u2019", "'").str.replace_all(NO_WORDS, " ").str.to_lowercase()
    )
    common = "|".join(sorted(ENGLISH.split(), key=len, reverse=True))
    known = plain.str.extract_all(WORD).list.eval(pl.element().str.contains(rf"^(?:{common})$"))
    return (known.list.sum() * ONE_IN >= known.list.len()) & known.list.any()


def scored(texts: pl.Series, judge: Analyzer, progress: Callable[[str], None]) -> Iterator[float]:
    """Yield the compound score of each text."""
    for start in range(0, len(texts), BATCH):
        progress(f"scoring {start:,} of {len(texts):,} texts")
        for text in texts[start : start + BATCH]:
            yield judge.polarity_scores(text)["compound"]


def note_of(ordered: pl.DataFrame, inbound: pl.Series) -> str | None:
    """Return what is to be said wherever a figure rests on scores; None where none does."""
    if SCORED not in ordered.columns:
        return None
    count = int((ordered[SCORED].is_not_null() & inbound).sum())
    if not count:
        return None
    return (
        f"a hint: the words of {count:,} of {int(inbound.sum()):,} customer messages, scored by VADER "
        f"{metadata.version('vaderSentiment')} (English alone; no irony, no context; not told by agent or of fewer than {LEAST})"
    )


def as_hints(results: tuple[KpiResult, ...], note: str | None) -> tuple[KpiResult, ...]:
    """Return the results with those that rest on scores named hints: none by agent, none of few."""
    if note is None:
        return results
    return tuple(
        hint(result, note) if result.kpi in ON_FEELINGS else result
        for result in results
        if result.kpi not in ON_FEELINGS or not result.by or is_told(result)
    )


def is_told(group: KpiResult) -> bool:
    """Return whether a group may be shown: it is of no agent, and of enough."""
    return "agent" not in group.by and group.n >= LEAST


def hint(result: KpiResult, note: str) -> KpiResult:
    """Return a result as a hint; not computable where it is of too few."""
    named = replace(result, title=f"{result.title} (hint)", note=note)
    if result.n >= LEAST or not result.computable:
        return named
    what = "messages" if result.kpi == "sentiment_share" else "conversations"
    few = f"the lexicon scored {result.n} {what}; it takes {LEAST}"
    return replace(named, value=None, beside={}, computable=False, reason=few, note=None)
