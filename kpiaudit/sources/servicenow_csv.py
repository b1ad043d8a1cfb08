"""ServiceNow incidents as CSV: a list's *Export > CSV* (`incident.csv`), or the table API's CSV.

One incident a row: opened, resolved, closed. The file cannot tell replies, work notes or when an incident
was on hold, so only resolution can be computed from it; priority, group and assignee are those of the
day of export. `business_duration`, `calendar_duration` and their `_stc` twins are not read, nor `made_sla`,
and `closed_at` counts only for an incident that is closed, and not before it was resolved: copied records
carry an older one. Stamps have no offset: the API writes UTC, a list the local time of the user's profile;
say which with `time_zone` or `--tz`.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="servicenow_csv",
    system="servicenow",
    title="ServiceNow incidents, CSV",
    shapes={
        "incidents": Shape(
            ("csv",),
            frozenset({"number", "opened_at", "resolved_at"}),
            none_of=frozenset({"sys_created_at"}),
        )
    },
    read=reader("servicenow_csv"),
    constants={"grain": "milestone", "visibility": "private"},
    note="Opened, resolved and closed only: no replies.",
)
