"""The sources kpiaudit ships, by name, and those that installed packages add."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from importlib.metadata import EntryPoint

    from kpiaudit.sources.base import Source

NAMES = (
    "aircall_csv",
    "amazon_connect_ctr",
    "app_store_reviews",
    "asterisk_cdr",
    "chatwoot_json",
    "discord_dce",
    "exchange_trace",
    "freshdesk_csv",
    "freshdesk_json",
    "front_csv",
    "genesys_json",
    "gmail_log",
    "google_business_reviews",
    "google_chat",
    "google_play_reviews",
    "gorgias_json",
    "helpscout_json",
    "hootsuite_csv",
    "hubspot_csv",
    "intercom_csv",
    "intercom_json",
    "intercom_warehouse",
    "jira_csv",
    "jira_json",
    "kpiaudit_messages",
    "linkedin_messages",
    "mbox",
    "meta_messages",
    "salesforce_export",
    "servicenow_csv",
    "slack_export",
    "talkdesk_calls",
    "teams_export",
    "telegram_json",
    "trustpilot_csv",
    "twilio_calls",
    "twitter_api",
    "twitter_archive",
    "twitter_twcs",
    "whatsapp_chat",
    "zammad_json",
    "zendesk_csv",
    "zendesk_json",
    "zendesk_warehouse",
)


def shipped() -> tuple[Source, ...]:
    """Return every source kpiaudit ships, in name order."""
    return tuple(import_module(f"kpiaudit.sources.{name}").SOURCE for name in NAMES)


@cache
def installed() -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """Return the shipped sources and those of other packages, and a sentence for each that is left out.

    A package offers a `Source` by an entry point of the group `kpiaudit.sources`, named as the source is.
    """
    sources = {source.name: source for source in shipped()}
    left_out = []
    for point in sorted(entry_points(group="kpiaudit.sources"), key=lambda point: point.name):
        package = point.dist.name if point.dist else point.value
        try:
            source = offered(point, taken=sources.keys())
        except Exception as error:  # noqa: BLE001  # foreign code may raise anything; the audit goes on
            reason = str(error).strip() or type(error).__name__
            left_out.append(f"source {point.name} of {package} left out: {reason.splitlines()[0]}")
        else:
            sources[source.name] = source
    return tuple(sources.values()), tuple(left_out)


def offered(point: EntryPoint, *, taken: Collection[str]) -> Source:
    """Return what an entry point offers. Raises `TypeError` and `ValueError` where it is no new source."""
    from kpiaudit.sources.base import Source

    source = point.load()
    if not isinstance(source, Source):
        what = type(source).__name__
        raise TypeError(f"{point.value} is {what}, not a kpiaudit.sources.base.Source")
    if source.name != point.name:
        raise ValueError(f"it calls itself {source.name}")
    if source.name in taken:
        raise ValueError("another source has that name")
    return source
