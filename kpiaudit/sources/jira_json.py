"""Jira and Jira Service Management as JSON: issues with comments and changelog, from the REST API.

`GET /rest/api/2/search?fields=*all&expand=changelog`, saved page by page. Every instant carries its offset.

An internal comment has `jsdPublic: false`; whoever reported the issue, and portal customers, are
customers, apps are bots. Statuses, priorities and assignees over time come from the changelog; without
it today's hold from `updated` on, and `resolutiondate` is the only solution told. The fields of an SLA
(`elapsedTime`, `breachTime`) count office hours and pauses of Jira's own and are not read. The export
does not tell the channel, nor comments and changes beyond the first page of an issue: such an issue
is a reject, as is one exported without its comments.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="jira_json",
    system="jira",
    title="Jira Service Management, JSON of the REST API",
    shapes={
        "issues": Shape(
            ("json", "ndjson"),
            frozenset({"id", "key", "fields", "fields.created", "fields.comment.comments"}),
        )
    },
    read=reader("jira_json"),
    constants={"channel": "other", "visibility": "private"},
    seen_in_the_wild=False,
    note=(
        "Pages of /rest/api/2/search?fields=*all&expand=changelog; without the changelog no pauses and "
        "no reopening."
    ),
)
