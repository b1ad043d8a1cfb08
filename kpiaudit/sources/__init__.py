"""The sources kpiaudit ships, by name; each is imported only when files have to be read."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpiaudit.sources.base import Source

NAMES = (
    "chatwoot_json",
    "freshdesk_csv",
    "freshdesk_json",
    "front_csv",
    "gorgias_json",
    "helpscout_json",
    "hubspot_csv",
    "intercom_csv",
    "intercom_json",
    "intercom_warehouse",
    "jira_csv",
    "jira_json",
    "kpiaudit_messages",
    "salesforce_export",
    "servicenow_csv",
    "twitter_twcs",
    "zammad_json",
    "zendesk_csv",
    "zendesk_json",
    "zendesk_warehouse",
)


def shipped() -> tuple[Source, ...]:
    """Return every shipped source, in name order."""
    return tuple(import_module(f"kpiaudit.sources.{name}").SOURCE for name in NAMES)
