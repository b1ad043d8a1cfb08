"""The frames that cross a module border: column names, types and closed vocabularies.

All instants are `Datetime("us", "UTC")`, durations `Duration("us")`, intervals half-open. Words and
columns are those of every help desk; DECISIONS.md says where two tools disagree.
"""

from __future__ import annotations

from typing import Final

import polars as pl

INSTANT: Final = pl.Datetime("us", "UTC")
DURATION: Final = pl.Duration("us")
LABEL: Final = pl.Categorical()
"""An open set of few values: agent, team, status, system..."""

EVENTS: Final = ("inbound", "outbound", "note", "status", "update", "handoff", "rated")
ROLES: Final = ("customer", "agent", "bot", "system", "unknown")
GRAINS: Final = ("message", "milestone")
CHANNELS: Final = (
    "email", "form", "chat", "social", "messaging", "sms", "voice", "review", "forum", "other",
)  # fmt: skip
VISIBILITIES: Final = ("public", "private", "unknown")
PRIORITIES: Final = ("low", "normal", "high", "urgent")
STATUSES: Final = (
    "open", "pending", "on_hold", "waiting", "snoozed", "resolved", "closed", "spam", "merged",
)  # fmt: skip
CLOSED_STATUSES: Final = ("resolved", "closed")
METRICS: Final = (
    "first_response", "next_response", "resolution", "first_resolution", "periodic_update",
    "requester_wait", "agent_work",
)  # fmt: skip
SLA_METRICS: Final = (*METRICS, "every_response")
STOP_REASONS: Final = ("reply", "bot", "resolved", "abandoned", "status", "none")
OUTCOMES: Final = ("met", "breached", "open", "excluded")

MESSAGES: Final[dict[str, pl.DataType]] = {
    "system": LABEL,
    "source": LABEL,
    "export": LABEL,
    "row": pl.UInt32(),
    "conversation_id": pl.String(),
    "message_id": pl.String(),
    "sent_at": INSTANT,
    "event": pl.Enum(EVENTS),
    "status": LABEL,
    "author_role": pl.Enum(ROLES),
    "is_automated": pl.Boolean(),
    "grain": pl.Enum(GRAINS),
    "channel": pl.Enum(CHANNELS),
    "visibility": pl.Enum(VISIBILITIES),
    "platform": LABEL,
    "priority": pl.Enum(PRIORITIES),
    "team": LABEL,
    "agent": LABEL,
    "customer": pl.String(),
    "category": LABEL,
    "tags": pl.List(pl.String()),
    "handle_time": DURATION,
    "rating": pl.Float64(),
    "sentiment": pl.Float64(),
    "text": pl.String(),
}
"""One row of a conversation's timeline. Ids are String, or Int64 while every id of the run is one."""

READING: Final[dict[str, pl.DataType]] = {
    "reply_to": pl.String(),
    "is_partial": pl.Boolean(),
    "has_boundaries": pl.Boolean(),
    "author": pl.String(),
    "reject": LABEL,
    "skip": LABEL,
    "value": LABEL,
    "doubt": LABEL,
}
"""What a source may add to MESSAGES: `reply_to`, the message_id answered, instead of a conversation_id;
`is_partial`, the conversation began outside this export; `has_boundaries`, false where a conversation_id
names a thread that never ends, such as all direct messages of two people; `author`, who wrote a row whose
event and role `[us]` decides; `reject`, the rule a row broke, with the offending `value`; `skip`, the
reason a row is not a message (a companion, a draft); `doubt`, what had to be taken for granted to use a row,
several joined by `; `: counted, and told by `inspect`."""

REQUIRED: Final = ("conversation_id", "sent_at", "event")
"""What canonical messages cannot do without."""

DIMENSIONS: Final = (
    "channel", "visibility", "platform", "system", "source", "priority", "team", "agent", "category",
)  # fmt: skip
"""What a result may be grouped by."""

TIMES: Final = ("hour", "weekday", "day", "week", "month")
"""When it began, on the clocks of the report's zone."""

GROUPABLE: Final = (*DIMENSIONS, "tier", "tag", *TIMES)
"""What `--by` accepts: `tier` is that of the team under `[teams]`; one of two tags counts under both."""

MATCHABLE: Final = (
    "channel", "visibility", "platform", "system", "source", "priority", "team", "agent", "category",
    "tag",
)  # fmt: skip
"""What an SLA's or exclusion's `when` may name."""

UNASSIGNED: Final = "(unassigned)"
NONE: Final = "(none)"
OTHER: Final = "other"
"""The category of what no rule of `[categories]` matches."""

SOURCE_KINDS: Final = ("messages", "self_service", "presence")
PRESENCE_STATES: Final = ("available", "busy", "away", "offline")
SELF_SERVICE_KINDS: Final = ("view", "search", "search_empty", "bot_session")

PRESENCE: Final[dict[str, pl.DataType]] = {
    "agent": LABEL,
    "from": INSTANT,
    "to": INSTANT,
    "state": pl.Enum(PRESENCE_STATES),
}
"""What an agent was from one instant to another, half-open."""

SELF_SERVICE: Final[dict[str, pl.DataType]] = {
    "at": INSTANT,
    "kind": pl.Enum(SELF_SERVICE_KINDS),
    "customer": pl.String(),
    "article": pl.String(),
    "category": LABEL,
}
"""What somebody did to help themselves: read an article, searched and found, searched in vain, asked a bot."""

BESIDE: Final[dict[str, dict[str, pl.DataType]]] = {
    "presence": PRESENCE,
    "self_service": SELF_SERVICE,
}
"""Kind of a mapping to the columns of what it maps, where these are no conversations."""

BESIDE_REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "presence": tuple(PRESENCE),
    "self_service": ("at", "kind"),
}

REJECTS: Final[dict[str, pl.DataType]] = {
    "export": pl.String(),
    "row": pl.UInt32(),
    "rule": pl.String(),
    "value": pl.String(),
}
