"""What Jira's own statuses and priorities are in our words, lower case; a site may have others."""

from __future__ import annotations

from typing import Final

STATUSES: Final = {
    **dict.fromkeys(
        (
            "open", "new", "to do", "backlog", "in progress", "work in progress", "reopened",
            "escalated", "waiting for support",
        ),
        "open",
    ),
    **dict.fromkeys(("pending", "waiting for customer"), "pending"),
    **dict.fromkeys(("on hold", "waiting for approval", "awaiting approval"), "on_hold"),
    **dict.fromkeys(("resolved", "done", "completed"), "resolved"),
    **dict.fromkeys(("closed", "canceled", "cancelled", "declined"), "closed"),
}  # fmt: skip
PRIORITIES: Final = {
    **dict.fromkeys(("highest", "blocker", "critical"), "urgent"),
    **dict.fromkeys(("high", "major"), "high"),
    **dict.fromkeys(("medium", "normal"), "normal"),
    **dict.fromkeys(("low", "lowest", "minor", "trivial"), "low"),
}
