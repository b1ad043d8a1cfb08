"""Claims about the customer's way: one face, other channels, bots and hand-offs, who writes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from kpiaudit.comparison.intervals import median_ranks
from kpiaudit.models.told import HOUR, MIN_SAMPLE, claim, count, missing, part, percent, time
from kpiaudit.schema import INSTANT

if TYPE_CHECKING:
    from datetime import timedelta

    from kpiaudit.models.facts import Facts
    from kpiaudit.report import Claim

C = pl.col
NO_CUSTOMER = "no export names the customer"
NO_AGENT = "no export names the agents of its replies"
NO_BOT = "no message of a bot is in the exports"
TWO = 2


def hours(window: timedelta) -> str:
    """Return a window in words: `72 hours`."""
    number = window.total_seconds() / HOUR
    return f"{number:g} hour{'' if number == 1 else 's'}"


def proactive(facts: Facts) -> tuple[Claim, ...]:
    """Return the share of conversations whose beginning is known that an agent opened, and what that did
    to how often customers write.
    """
    begun = facts.conversations.filter(~C("is_partial") & (C("is_proactive") | C("has_customer")))
    name = "proactive_share"
    if begun.is_empty():
        share = claim(name, None, "share", n=0, says="no conversation began")
    else:
        n, ours = begun.height, int(begun["is_proactive"].sum())
        says = f"we opened {part(ours, n, 'conversation')}"
        share = claim(name, ours / n, "share", n=n, says=says)
    return share, inbound_after(facts, begun)


def inbound_after(facts: Facts, begun: pl.DataFrame) -> Claim:
    """Return what customers opened on a category within the window after we wrote on it / within the window
    before. Windows that end after `as_of` are left out.
    """
    name = "inbound_after_contact"
    if "category" not in facts.has:
        return missing(name, "ratio", "no export names a category")
    until = C("system").replace_strict(dict(facts.as_of), default=None, return_dtype=INSTANT)
    ours = begun.filter(
        "is_proactive", C("category").is_not_null(), C("opened_at") + facts.window <= until
    )
    if ours.is_empty():
        says = "no conversation we opened has a category and a whole window after it"
        return claim(name, None, "ratio", n=0, says=says)
    theirs = begun.filter(~C("is_proactive")).select("system", "category", at="opened_at")
    before = after = 0
    for (system, category), mine in ours.partition_by(
        "system", "category", as_dict=True, maintain_order=True
    ).items():
        same = (C("system") == system) & (C("category") == category)
        asked, sent = theirs.filter(same)["at"].sort(), mine["opened_at"]
        before += up_to(asked, sent, "left") - up_to(asked, sent - facts.window, "left")
        after += up_to(asked, sent + facts.window, "right") - up_to(asked, sent, "right")
    n = ours.height
    says = (
        f"within {hours(facts.window)} after {count(n, 'message')} of ours customers opened "
        f"{count(after, 'conversation')} on the category, within as long before {before:,}"
    )
    return claim(name, after / before if before else None, "ratio", n=n, says=says)


def up_to(asked: pl.Series, at: pl.Series, side: Literal["left", "right"]) -> int:
    """Return how many of the sorted instants lie before each given one (`right`: or at it), in sum."""
    return int(asked.search_sorted(at, side=side).cast(pl.Int64).sum())


def personal(facts: Facts) -> tuple[Claim, Claim]:
    """Return how often a returning customer meets the same agent, and how many agents a conversation has."""
    answered = facts.conversations.filter(C("first_agent").is_not_null())
    if answered.is_empty():
        reason = "no human reply by a named agent" if "agent" in facts.has else NO_AGENT
        return missing("continuity", "share", reason), missing(
            "agents_per_conversation", "ratio", reason
        )
    n, mean = answered.height, float(answered["agents"].sum()) / answered.height
    one = int((answered["agents"] == 1).sum())
    says = f"one agent alone answered in {part(one, n, 'conversation')}, {mean:.2f} on average"
    several = claim("agents_per_conversation", mean, "ratio", n=n, says=says)
    return continuity(facts, answered), several


def continuity(facts: Facts, answered: pl.DataFrame) -> Claim:
    """Return the share of later conversations of a customer first answered by who answered the one before."""
    name = "continuity"
    if "customer" not in facts.has:
        return missing(name, "share", NO_CUSTOMER)
    known = answered.filter(C("customer").is_not_null()).sort(
        "system", "customer", "opened_at", "conversation_id", nulls_last=True
    )
    again = (C("customer") == C("customer").shift()) & (C("system") == C("system").shift())
    back = known.with_columns(same=C("first_agent") == C("first_agent").shift()).filter(again)
    if back.is_empty():
        return claim(name, None, "share", n=0, says="no customer came back and was answered")
    n, same = back.height, int(back["same"].sum())
    says = f"the same agent answered in {part(same, n, 'conversation')} of returning customers"
    return claim(name, same / n, "share", n=n, says=says)


def hybrid(facts: Facts) -> tuple[Claim, ...]:
    """Return who uses several channels, who switches within three days, and the wait after a switch."""
    names = {
        "customers_on_two_channels": "share",
        "channel_switches": "share",
        "wait_after_switch": "seconds",
    }
    if "customer" not in facts.has or "channel" not in facts.has:
        reason = NO_CUSTOMER if "customer" not in facts.has else "no export names the channel"
        found = tuple(missing(name, unit, reason) for name, unit in names.items())
        return (*found, channel_spread(facts))
    known = facts.conversations.filter(
        C("customer").is_not_null(), C("channel").is_not_null(), C("has_customer")
    ).sort("system", "customer", "opened_at", "conversation_id")
    if known.is_empty():
        says = "no conversation of a named customer"
        empty = tuple(claim(name, None, unit, n=0, says=says) for name, unit in names.items())
        return (*empty, channel_spread(facts))
    people = known.group_by("system", "customer").agg(n=C("channel").n_unique())
    several = int((people["n"] >= TWO).sum())
    says = f"{part(several, people.height, 'customer')} wrote on two channels or more"
    share = several / people.height
    on_two = claim("customers_on_two_channels", share, "share", n=people.height, says=says)
    same = (C("customer") == C("customer").shift()) & (C("system") == C("system").shift())
    soon = C("opened_at") - C("opened_at").shift() <= facts.window
    switched = same & soon & (C("channel") != C("channel").shift())
    told = known.with_columns(is_switch=switched.fill_null(value=False))
    n, switches = told.height, int(told["is_switch"].sum())
    says = (
        f"{part(switches, n, 'conversation')} began on another channel within {hours(facts.window)} of the "
        "customer's last"
    )
    switching = claim("channel_switches", switches / n, "share", n=n, says=says)
    return on_two, switching, after_switch(facts, told), channel_spread(facts)


def after_switch(facts: Facts, told: pl.DataFrame) -> Claim:
    """Return the median first wait after a switch, beside that of the same channels without one."""
    first = facts.waits.filter("is_first", C("seconds").is_not_null())
    waits = first.join(told.select("conversation", "channel", "is_switch"), on="conversation")
    switched = waits.filter("is_switch")
    others = waits.filter(~C("is_switch"), C("channel").is_in(switched["channel"].implode()))
    nothing = "no conversation after a switch was answered"
    words = ("after a switch", "without one on the same channels")
    return beside(
        "wait_after_switch", switched["seconds"], others["seconds"], words=words, nothing=nothing
    )


def beside(
    name: str, these: pl.Series, others: pl.Series, *, words: tuple[str, str], nothing: str
) -> Claim:
    """Return a median wait, and in its sentence the other beside it, longer only where intervals say so."""
    if these.is_empty():
        return claim(name, None, "seconds", n=0, says=nothing)
    middle, n = middle_of(these), len(these)
    says = f"half of {count(n, 'wait')} {words[0]} took {time(middle)} or longer"
    if len(others):
        says += f", {time(middle_of(others))} {words[1]}"
        low, high = edges(these), edges(others)
        if min(n, len(others)) < MIN_SAMPLE or low is None or high is None:
            says += ": too few to tell"
        elif low[0] > high[1]:
            says += ": longer"
    return claim(name, middle, "seconds", n=n, says=says)


def middle_of(waits: pl.Series) -> float:
    """Return the median."""
    found: Any = waits.median()
    return float(found)


def edges(waits: pl.Series) -> tuple[float, float] | None:
    """Return the order-statistic interval of the median."""
    ranks, ordered = median_ranks(len(waits)), waits.sort()
    return (float(ordered[ranks[0] - 1]), float(ordered[ranks[1] - 1])) if ranks else None


def channel_spread(facts: Facts) -> Claim:
    """Return the best less the worst adherence of channels with enough decided clocks."""
    name = "adherence_spread"
    told = (
        facts.decided.filter(C("channel").is_not_null())
        .group_by("channel")
        .agg(n=pl.len(), share=C("is_met").mean())
        .filter(C("n") >= MIN_SAMPLE)
        .sort(["share", "channel"], descending=[True, False])
    )
    if told.height < TWO:
        says = f"fewer than two channels have {MIN_SAMPLE} decided clocks: too few to tell"
        return claim(name, None, "points", n=int(told["n"].sum()), says=says)
    best, worst = told.row(0, named=True), told.row(-1, named=True)
    says = (
        f"{percent(best['share'])} met on {best['channel']}, {percent(worst['share'])} on "
        f"{worst['channel']}"
    )
    value = best["share"] - worst["share"]
    return claim(name, value, "points", n=int(told["n"].sum()), says=says)


def chatbot(facts: Facts) -> tuple[Claim, ...]:
    """Return what bots answer alone, what they hand off, and the wait for a human after that."""
    units = {"containment": "share", "handoff_rate": "share", "wait_after_handoff": "seconds"}
    met = facts.conversations.filter("has_bot", "has_customer")
    if met.is_empty():
        return tuple(missing(name, unit, NO_BOT) for name, unit in units.items())
    n, alone = met.height, int((~met["has_human"] & ~met["has_handoff"]).sum())
    says = f"no human answered in or was handed {part(alone, n, 'conversation')} with a bot"
    contained = claim("containment", alone / n, "share", n=n, says=says)
    if not facts.conversations["has_handoff"].any():
        reason = "no export tells of hand-offs"
        return (
            contained,
            missing("handoff_rate", "share", reason),
            missing("wait_after_handoff", "seconds", reason),
        )
    handed = int(met["has_handoff"].sum())
    says = f"{part(handed, n, 'conversation')} with a bot were handed to a human"
    rate = claim("handoff_rate", handed / n, "share", n=n, says=says)
    return contained, rate, after_handoff(facts)


def after_handoff(facts: Facts) -> Claim:
    """Return the median wait for a human after a hand-off, beside first waits without one on the same
    channels.
    """
    name = "wait_after_handoff"
    answered = facts.handoffs["seconds"].drop_nulls()
    never = facts.handoffs.height - len(answered)
    passed = facts.conversations.filter("has_handoff")["channel"].implode()
    plain = facts.conversations.filter(~C("has_handoff"), C("channel").is_in(passed))
    first = facts.waits.filter("is_first").join(
        plain.select("conversation"), on="conversation", how="semi"
    )
    words = ("after a hand-off", "to a first answer without one on the same channels")
    nothing = f"none of {count(never, 'hand-off')} was answered"
    others = first["seconds"].drop_nulls()
    found = beside(name, answered, others, words=words, nothing=nothing)
    if never and len(answered):
        says = f"{found.sentence}; {count(never, 'hand-off')} unanswered"
        return claim(name, found.value, "seconds", n=found.n, says=says)
    return found
