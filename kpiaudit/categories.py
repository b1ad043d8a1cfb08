"""The category of every customer message, by the rules of `[categories]`: in order, the first that matches
wins.

The text is looked at once, while the exports are scanned, and is not kept: what is kept is which of the
rules found something in it. Tags and the export's own category are looked at when conversations are
whole, for a tag is often put on after the message it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.acts import first_of_each, last_of_each
from kpiaudit.schema import LABEL, OTHER

if TYPE_CHECKING:
    from kpiaudit.settings import CategoryRule

C = pl.col
KEY: Final = "(conversation)"
WINNER: Final = "(category)"
FOUND: Final = "text_found"
"""Bit n of it: the n-th rule that looks at the text found something in it."""


def on_text(rules: Iterable[CategoryRule]) -> list[CategoryRule]:
    """Return the rules that look at the text, in order."""
    return [rule for rule in rules if rule.text is not None]


def columns_for(rules: Sequence[CategoryRule]) -> frozenset[str]:
    """Return the columns of MESSAGES that rules look at besides the text."""
    names = {"category"} if rules else set()
    return frozenset(names | {"tags" for rule in rules if rule.tags})


def text_found(rules: Sequence[CategoryRule]) -> pl.Expr:
    """Return FOUND, made of `text`; no text, nothing found."""
    found = pl.lit(0, pl.UInt64)
    for place, rule in enumerate(on_text(rules)):
        bit = pl.lit(2**place, pl.UInt64)
        found |= pl.when(C("text").str.contains(rule.text or "")).then(bit).otherwise(0)
    return found.alias(FOUND)


def categorized(
    ordered: pl.DataFrame, rules: Sequence[CategoryRule]
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Return the ordered messages with `category` as the rules have it, without FOUND, and the hits; as they
    are, and None, without rules.

    A customer's message has the category of the first rule that matches, else OTHER; where the export
    says a category's own name, that is it before any rule. Every other row has that of the customer's
    message before it in its conversation, else of the first after it; none where no customer wrote.
    Hits: `category, matched, messages, conversations`, a row per rule in order, and OTHER: messages the
    rule matches, those that are of the category, conversations that began with one of these.
    """
    if not rules:
        return ordered, None
    is_asked = ordered.select(
        (C("event") == "inbound") & ~C("is_automated").fill_null(value=False)
    ).to_series()
    names = [rule.name for rule in rules]
    own = own_category(ordered)
    bits = {rule.name: 2**place for place, rule in enumerate(on_text(rules))}
    rows = pl.DataFrame(
        {
            str(place): matches(ordered, rule, own, bit=bits.get(rule.name))
            for place, rule in enumerate(rules)
        }
    )
    won = pl.coalesce(
        pl.when(pl.lit(own).is_in(names)).then(pl.lit(own)),
        *(pl.when(C(str(place))).then(pl.lit(name)) for place, name in enumerate(names)),
        pl.lit(OTHER),
    )
    decided = rows.select(pl.when(is_asked).then(won)).to_series()
    category = nearest_asked(decided, ordered["conversation"])
    asked = rows.with_columns(ordered["conversation"].alias(KEY), decided.alias(WINNER))
    return (
        ordered.drop(FOUND, strict=False).with_columns(category.cast(LABEL).alias("category")),
        hits(asked.filter(is_asked), names),
    )


def matches(
    ordered: pl.DataFrame, rule: CategoryRule, own: pl.Series, *, bit: int | None
) -> pl.Series:
    """Return which rows a rule matches, whoever wrote them; `bit` is that of its text in FOUND."""
    tests = []
    if bit is not None:
        has_text = FOUND in ordered.columns
        found = C(FOUND).fill_null(0) & pl.lit(bit, pl.UInt64) != 0
        tests.append(ordered.select(found).to_series() if has_text else nowhere(ordered))
    if rule.tags:
        tests.append(has_tag(ordered, rule.tags))
    if rule.fields:
        tests.append(own.is_in(list(rule.fields)).fill_null(value=False))
    return reduce(and_, tests)


def nowhere(ordered: pl.DataFrame) -> pl.Series:
    """Return false for every row."""
    return pl.repeat(value=False, n=ordered.height, dtype=pl.Boolean, eager=True)


def has_tag(ordered: pl.DataFrame, tags: Sequence[str]) -> pl.Series:
    """Return whose conversation has one of the tags, as last known."""
    if "tags" not in ordered.columns or ordered.is_empty():
        return nowhere(ordered)
    known = last_of_each(ordered.select("conversation", "tags").filter(C("tags").is_not_null()))
    tagged = known.filter(C("tags").list.eval(pl.element().is_in(list(tags))).list.any())
    return flags_of(ordered, tagged["conversation"])


def flags_of(ordered: pl.DataFrame, conversations: pl.Series) -> pl.Series:
    """Return which rows are of these conversations."""
    count = int(ordered["conversation"][-1]) + 1
    flags = pl.repeat(value=False, n=count, dtype=pl.Boolean, eager=True)
    return flags.scatter(conversations, values=True).gather(ordered["conversation"])


def own_category(ordered: pl.DataFrame) -> pl.Series:
    """Return the export's own category of each row, or its conversation's last known; text."""
    if "category" not in ordered.columns or ordered.is_empty():
        return pl.repeat(None, ordered.height, dtype=pl.String, eager=True)
    said = ordered.select("conversation", C("category").cast(pl.String))
    last = last_of_each(said.filter(C("category").is_not_null()))
    count = int(ordered["conversation"][-1]) + 1
    of_all = pl.repeat(None, count, dtype=pl.String, eager=True)
    of_all = of_all.scatter(last["conversation"], last["category"])
    return said["category"].zip_with(
        said["category"].is_not_null(), of_all.gather(ordered["conversation"])
    )


def nearest_asked(decided: pl.Series, conversation: pl.Series) -> pl.Series:
    """Return for each row the value before it in its conversation, its own included, else the first after
    it; null where the conversation has none.
    """
    at = pl.int_range(len(decided), dtype=pl.UInt32, eager=True)
    known = at.to_frame("at").select(pl.when(decided.is_not_null()).then("at")).to_series()
    before, after = known.fill_null(strategy="forward"), known.fill_null(strategy="backward")
    is_before = (conversation.gather(before) == conversation).fill_null(value=False)
    is_after = (conversation.gather(after) == conversation).fill_null(value=False)
    value_after = decided.gather(after).set(~is_after, None)
    return decided.gather(before).zip_with(is_before, value_after)


def hits(asked: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the hits among the customers' messages; see `categorized`."""
    won = asked.group_by(C(WINNER).alias("category")).agg(messages=pl.len())
    begun = first_of_each(asked.rename({KEY: "conversation"}))
    begun = begun.group_by(C(WINNER).alias("category")).agg(conversations=pl.len())
    matched = asked.select(C(str(place)).sum().alias(name) for place, name in enumerate(names))
    matched = matched.unpivot(variable_name="category", value_name="matched")
    return (
        pl.DataFrame({"category": [*names, OTHER]}, schema={"category": pl.String})
        .join(matched, on="category", how="left", maintain_order="left")
        .join(won, on="category", how="left", maintain_order="left")
        .join(begun, on="category", how="left", maintain_order="left")
        .with_columns(
            matched=pl.coalesce("matched", pl.when(C("category") == OTHER).then("messages"))
        )
        .fill_null(0)
    )
