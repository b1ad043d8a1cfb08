"""Closed words the options accept, repeated here because the schema needs polars; a test holds both
equal.
"""

from __future__ import annotations

DIMENSIONS = (
    "channel", "visibility", "platform", "system", "source", "priority", "team", "agent", "category",
)  # fmt: skip
GROUPABLE = (*DIMENSIONS, "tier", "tag", "hour", "weekday", "day", "week", "month")
VIEWS = ("models", "staffing", "trend", "distribution")
PERIODS = ("day", "week", "month")
