"""The list of KPIs: what each is called, what it counts, what it needs and which way is better."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["share", "count", "seconds", "score", "money", "ratio"]


@dataclass(frozen=True, slots=True)
class Kpi:
    """One KPI of the list."""

    id: str
    family: str
    title: str
    definition: str
    unit: Unit
    needs: tuple[str, ...]
    """Words of NEEDS."""
    better: Literal["higher", "lower"] | None
    """None where neither is."""


NEEDS: Final[Mapping[str, str]] = {
    "inbound": "customer messages",
    "category": "a category of conversations or messages",
    "message_grain": "every message, not only the first reply and the solution",
    "handle_time": "the working time the tool states",
    "sentiment": "the tool's own sentiment or the stars of reviews, or a lexicon ([definitions] sentiment)",
    "rating": "ratings",
    "status": "statuses",
    "bot": "messages of bots",
    "customer": "who the customer is",
    "agent": "who the agent is",
    "team": "the team or the agent",
    "tier": "tier in [teams]",
    "cost_per_hour": "cost_per_hour in [teams]",
    "voice": "calls or chats",
    "calendar": "a calendar",
    "presence": "when agents were available, busy, away (a mapping of kind presence)",
    "self_service": "what customers read and searched (a mapping of kind self_service)",
}
"""What a KPI can need, in words."""

OF_THE_POLICY: Final = frozenset({"tier", "cost_per_hour", "calendar"})
"""Needs that a policy meets, not an export."""

KPIS: Final[tuple[Kpi, ...]] = (
    Kpi(
        "adherence", "response", "Adherence",
        "Clocks met / clocks met or breached, over every SLA.",
        "share", ("inbound",), "higher",
    ),
    Kpi(
        "inbound_messages", "volume", "Inbound messages",
        "Messages customers sent; automated ones are not counted.",
        "count", ("inbound",), None,
    ),
    Kpi(
        "conversations", "volume", "Conversations",
        "Conversations that began; those the team opened stand beside.",
        "count", (), None,
    ),
    Kpi(
        "messages_by_category", "volume", "Messages by category",
        "Inbound messages of each category / inbound messages; the total is the share that has one.",
        "share", ("inbound", "category"), None,
    ),
    Kpi(
        "conversations_by_category", "volume", "Conversations by category",
        "Conversations of each category / conversations; the total is the share that has one.",
        "share", ("category",), None,
    ),
    Kpi(
        "service_share", "volume", "Service share",
        "Inbound messages that ask for service, of a category neither marketing nor PR / inbound messages "
        "where any have a category.",
        "share", ("inbound", "category"), None,
    ),
    Kpi(
        "first_response", "response", "First response time",
        "Median wait from the first customer message to the first human reply, or a solving without "
        "one, around the clock.",
        "seconds", ("inbound",), "lower",
    ),
    Kpi(
        "average_response", "response", "Average response time",
        "Mean over every wait a customer had for a reply, the first and all after it.",
        "seconds", ("inbound", "message_grain"), "lower",
    ),
    Kpi(
        "unanswered_rate", "response", "Unanswered",
        "Conversations of customers nobody and no bot has answered / conversations of customers.",
        "share", ("inbound",), "lower",
    ),
    Kpi(
        "handle_time_average", "handling", "Handling time per conversation",
        "Working time the tool states / conversations it states any for.",
        "seconds", ("handle_time",), "lower",
    ),
    Kpi(
        "handle_time_total", "handling", "Handling time in all",
        "Sum of the working time the tool states; n is how often it states any.",
        "seconds", ("handle_time",), None,
    ),
    Kpi(
        "sentiment_share", "sentiment", "Positive sentiment",
        "Customer messages that are positive / customer messages with a sentiment.",
        "share", ("sentiment",), "higher",
    ),
    Kpi(
        "sentiment_shift", "sentiment", "Sentiment shift",
        "Mean of last less first sentiment (-1 to 1) of the conversations that have two.",
        "score", ("sentiment",), "higher",
    ),
    Kpi(
        "deflection_rate", "bots", "Deflection",
        "Conversations a bot or the community ended without an agent, the customer not back within the "
        "window / conversations of known customers whose window has passed.",
        "share", ("inbound", "bot", "customer"), "higher",
    ),
    Kpi(
        "containment_rate", "bots", "Containment",
        "Conversations with a bot that no agent wrote in or was handed / conversations of customers "
        "with a bot.",
        "share", ("bot",), "higher",
    ),
    Kpi(
        "resolution", "resolution", "Resolution time",
        "Median time from the first customer message to the last solving, less pauses.",
        "seconds", ("status",), "lower",
    ),
    Kpi(
        "first_resolution", "resolution", "First resolution time",
        "Median time from the first customer message to the first solving, less pauses.",
        "seconds", ("status",), "lower",
    ),
    Kpi(
        "resolution_rate", "resolution", "Resolved",
        "Conversations that stand resolved / conversations that began.",
        "share", ("status",), "higher",
    ),
    Kpi(
        "backlog", "resolution", "Backlog",
        "Conversations unresolved as of the end, or of the end of each day, week or month.",
        "count", ("status",), "lower",
    ),
    Kpi(
        "one_touch_rate", "resolution", "One-touch resolution",
        "Resolved with exactly one human reply and not reopened within the window / resolved "
        "conversations whose window has passed.",
        "share", ("status",), "higher",
    ),
    Kpi(
        "reopen_rate", "movement", "Reopened",
        "Conversations reopened / conversations ever resolved.",
        "share", ("status",), "lower",
    ),
    Kpi(
        "reassignment_rate", "movement", "Reassigned",
        "Conversations with more than one agent or team / conversations with any.",
        "share", ("team",), "lower",
    ),
    Kpi(
        "escalation_rate", "movement", "Escalated",
        "Conversations that moved up a tier / conversations of teams with a tier.",
        "share", ("tier", "team"), "lower",
    ),
    Kpi(
        "csat", "satisfaction", "CSAT",
        "Ratings of 70 % and more of the scale (4 of 5 stars) / ratings.",
        "share", ("rating",), "higher",
    ),
    Kpi(
        "csat_response_rate", "satisfaction", "CSAT response rate",
        "Resolved conversations with a rating / conversations ever resolved.",
        "share", ("rating", "status"), "higher",
    ),
    Kpi(
        "abandonment_rate", "calls", "Abandoned",
        "Calls and chats left before an answer / those offered; left within 5 s is neither.",
        "share", ("voice",), "lower",
    ),
    Kpi(
        "answer_speed", "calls", "Speed of answer",
        "Mean wait of the calls and chats that were answered.",
        "seconds", ("voice",), "lower",
    ),
    Kpi(
        "replies_per_conversation", "cost", "Replies per conversation",
        "Public human replies / conversations.",
        "ratio", ("message_grain",), None,
    ),
    Kpi(
        "messages_to_resolution", "resolution", "Messages to resolution",
        "Mean number of messages of both sides until the last solving, where we wrote any; those solved "
        "silently stand beside.",
        "ratio", ("status", "message_grain"), "lower",
    ),
    Kpi(
        "replies_per_hour", "cost", "Replies per active hour",
        "Public human replies / hours in which their agent wrote anything.",
        "ratio", ("agent", "message_grain"), "higher",
    ),
    Kpi(
        "active_hour_share", "cost", "Active hours",
        "Open hours in which an agent wrote / open hours between that agent's first and last: a stand-in "
        "for utilization.",
        "share", ("agent", "message_grain", "calendar"), "higher",
    ),
    Kpi(
        "cost_per_conversation", "cost", "Cost per conversation",
        "Cost per hour of the team x its agents' active hours / conversations they wrote in.",
        "money", ("cost_per_hour", "agent", "message_grain"), "lower",
    ),
    Kpi(
        "occupancy", "cost", "Occupancy",
        "Time agents were busy / time they were busy or available.",
        "share", ("presence",), None,
    ),
    Kpi(
        "utilization", "cost", "Utilization",
        "Open time agents were busy or available / open time between each one's first and last presence.",
        "share", ("presence", "calendar"), "higher",
    ),
    Kpi(
        "downtime", "cost", "Downtime",
        "Time agents were available and idle.",
        "seconds", ("presence",), "lower",
    ),
    Kpi(
        "self_service_deflection", "bots", "Deflection by self-service",
        "Views of known customers who began no conversation within the window / those whose window has "
        "passed.",
        "share", ("self_service", "customer"), "higher",
    ),
    Kpi(
        "views_per_conversation", "bots", "Article views per conversation",
        "Article views / conversations that began.",
        "ratio", ("self_service",), "higher",
    ),
    Kpi(
        "empty_search_rate", "bots", "Searches in vain",
        "Searches without result / searches.",
        "share", ("self_service",), "lower",
    ),
)  # fmt: skip
"""Every KPI, in the order of a table that nothing else orders."""

ON_FEELINGS: Final = frozenset({"sentiment_share", "sentiment_shift"})
"""What a lexicon can give a hint of."""
OWN_GROUPS: Final[frozenset[str]] = frozenset({"agent", "team", "tier"})
"""What KPIs of agents' time can be told by."""
TOLD_BY: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("active_hour_share", "occupancy", "utilization", "downtime"), OWN_GROUPS),
    **dict.fromkeys(
        ("self_service_deflection", "empty_search_rate"),
        frozenset({"category", "hour", "weekday", "day", "week", "month"}),
    ),
    "views_per_conversation": frozenset(),
}
"""What some KPIs can be told by, or restricted to; the others by all there is."""


def untold_by(kpi: str, names: Iterable[str]) -> list[str]:
    """Return those dimensions that a KPI cannot be told by."""
    return [name for name in names if name not in TOLD_BY.get(kpi, {name})]


def told_by_words(kpi: str) -> str:
    """Return what a KPI can be told by in words."""
    return ", ".join(sorted(TOLD_BY[kpi])) or "nothing: it has no groups"


BY_ID: Final[Mapping[str, Kpi]] = {kpi.id: kpi for kpi in KPIS}
IDS: Final = tuple(BY_ID)

LEADING: Final[Mapping[str, tuple[str, ...]]] = {
    "satisfaction": (
        "adherence", "first_response", "csat", "sentiment_share", "unanswered_rate",
        "resolution_rate",
    ),
    "cost": (
        "cost_per_conversation", "deflection_rate", "handle_time_average", "active_hour_share",
        "replies_per_hour", "replies_per_conversation",
    ),
    "balanced": (
        "adherence", "first_response", "cost_per_conversation", "deflection_rate", "csat",
        "handle_time_average",
    ),
}  # fmt: skip
"""What a firm competes on to the KPIs that lead its report."""

STAND_INS: Final = (
    "first_response", "unanswered_rate", "conversations", "inbound_messages",
    "replies_per_conversation", "resolution_rate", "reassignment_rate",
)  # fmt: skip
"""What takes the place of a leading KPI that cannot be computed, in this order."""

ON_SCREEN: Final = 6
"""Figures the first screen holds at most."""


def leading_for(competes_on: str, gated: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what the first screen asks for, in this order: what the firm competes on, what has a goal
    (`gated`), then what stands in for it.
    """
    return tuple(dict.fromkeys((*LEADING.get(competes_on, STAND_INS), *gated, *STAND_INS)))


def ordered_for(competes_on: str) -> tuple[str, ...]:
    """Return every id, those that lead under a value proposition first."""
    lead = LEADING[competes_on]
    return (*lead, *(name for name in IDS if name not in lead))
