"""Jira and Jira Service Management as CSV: *Filters > Export > Export CSV (all fields)*, headers in English.

One issue a row, and one column per comment, all of the same name: `date;account;text`. Internal comments
are not marked and count as answers; pauses and reopening are not told. Whoever reported the issue is
the customer, whoever issues are assigned to, or `[us]` names, an agent; status, priority and assignee
are those of the day of export. Without comment columns the first response is `[CHART] Date of First
Response`; without that either the export is refused: nobody could tell it from one without answers.
`Time to first response` and `Time to resolution` hold the time **left**, below zero when breached, and are not
read. Of an issue that lies beside it as JSON only what came after that export counts, and the rating.
Stamps are local time of the user who exported, in the site's look and feel, without an offset.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

COLUMNS: Final = {
    "conversation_id": "Issue key",
    "created": "Created",
    "updated": "Updated",
    "resolved": "Resolved",
    "replied": "Custom field ([CHART] Date of First Response)",
    "state": "Status",
    "reporter": "Reporter",
    "reporter_id": "Reporter Id",
    "assignee": "Assignee",
    "assignee_id": "Assignee Id",
    "level": "Priority",
    "category": "Issue Type",
    "stars": "Satisfaction rating",
    "summary": "Summary",
    "description": "Description",
}
REQUIRED: Final = frozenset({"Issue key", "Issue id", "Status", "Created", "Reporter"})
SOURCE: Final = Source(
    name="jira_csv",
    system="jira",
    title="Jira Service Management, CSV of all fields",
    shapes={
        "issues": Shape(("csv",), REQUIRED | {"Comment"}),
        "issues without comments": Shape(
            ("csv",), REQUIRED | {COLUMNS["replied"]}, none_of=frozenset({"Comment"})
        ),
    },
    read=reader("jira_csv"),
    constants={"channel": "other", "visibility": "private"},
    told_better_by="jira_json",
    note="Internal comments are not marked in this export and count as answers; no pauses, no reopening.",
)
