"""What each key of a policy means, in a sentence: for the reference and for editors that show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kpiaudit import definitions

WHEN: Final = (
    "which clocks: a list is any of its words, several keys all hold; left out: every clock"
)
EMPTY: Final = "having nothing to judge is no failure"
MEANINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "PolicyTable": {
        "time_zone": "zone of exports whose stamps have no offset, and of days and hours on screen; UTC when left out",
        "date_order": "how chats and other exports write dates whose day and month could be swapped",
        "max_reject_share": "more rows refused than this, and `check` ends with 2",
        "value_proposition": "the promise in words",
        "sla": "the promise line by line; of two SLAs of one metric the first that matches takes a clock",
        "kpi_goal": "goals on KPIs, gated as SLAs are",
        "exclude": "clocks that count for no SLA",
        "calendars": "business time by name",
        "teams": "teams by name",
        "us": "who we are, where an export does not say",
        "categories": "categories of customer messages by name; the first whose rule matches wins",
        "definitions": "the rules on which tools differ",
        "sources": "mappings by name, for files no source reads",
    },
    "ValuePropositionTable": {
        "statement": "what was promised, as the head of every report",
        "competes_on": "which KPIs lead the report",
    },
    "SlaTable": {
        "name": "what reports and gates call it",
        "metric": "which wait is measured",
        "target": "the time allowed; a clock of exactly this long is met; `d` is 24 hours and takes no calendar",
        "goal": "the share of decided clocks that must be met",
        "warn_below": "adherence from the goal up to here is a warning",
        "calendar": "the calendar whose time counts; left out: around the clock",
        "when": WHEN,
        "min_sample": "fewer decided clocks are no data",
        "also": "judge clocks too that an SLA before it took: a second target of the same promise",
        "goal_by": "dimensions whose every group must reach the goal too",
        "allow_empty": EMPTY,
    },
    "KpiGoalTable": {
        "kpi": "an id `kpiaudit kpis` lists",
        "at_least": "the least it may be, in its own unit",
        "at_most": "the most it may be, in its own unit",
        "when": "which conversations, as an SLA's `when`",
        "goal_by": "dimensions whose every group must reach the goal too",
        "min_sample": "a smaller n is no data",
        "allow_empty": EMPTY,
    },
    "ExclusionTable": {"when": WHEN, "reason": "why, as reports show it"},
    "HolidaysTable": {
        "country": "ISO 3166 code of the country whose public holidays are closed",
        "subdivision": "its state or region",
        "add": "more closed dates",
        "remove": "holidays that are worked",
        "recurring": "closed dates by a rule of RFC 5545",
        "ics": "a file of closed dates, beside the policy; needs `kpiaudit[ics]`",
    },
    "CalendarTable": {
        "time_zone": "zone of its hours; left out: the policy's",
        "hours": "open spans by weekday; a day beats a range; a span that ends before it starts runs past midnight",
        "shifts": "open spans of a date, in place of its weekday's",
        "breaks": "closed spans of a date",
        "holidays": "closed dates",
        "holiday_rule": "a night shift is cut at a holiday's midnight, or kept with the day it starts on",
    },
    "TeamTable": {
        "model": "it works on every channel, or on its own",
        "sourcing": "its people are ours, or a contractor's",
        "tier": "its level, from 0 or 1 up",
        "channels": "the channels it works on",
        "agents": "who is in it, by the names or addresses of the exports",
        "names": "what exports call it",
        "cost_per_hour": "what an hour of an agent costs, in any currency",
    },
    "UsTable": {
        "accounts": "handles, numbers and names of our accounts",
        "domains": "domains of our addresses",
        "agents": "names, handles and addresses of our people",
        "bots": "names of our bots and automatic replies",
    },
    "DefinitionsTable": {
        "profile": "whose rules: a tool's, so that figures can equal those on its screen; options beside it beat it",
        **definitions.MEANINGS,
    },
    "ColumnTable": {
        "column": "a column of the file; in JSON a dotted path; `name.column` of a joined file",
        "constant": "the same value in every row",
        "values": "their words to ours; a word that is not listed is refused where only some are known",
        "format": "how a date is written, in `%` letters; left out: by the evidence of the column, or asked for",
        "time_zone": "zone of dates without an offset; left out: the policy's",
        "same_as": "another column: whether the two are equal is looked up in `values` as `true` or `false`",
        "separator": "what stands between tags; `;` when left out",
    },
    "JoinTable": {
        "name": "what its columns are called by, `name.column`",
        "files": "a glob of the companion files",
        "on": "a column of the file to the column of the companion it equals",
    },
    "SourceTable": {
        "kind": "what its rows are: messages, agents' states, or what customers read and searched",
        "files": "a glob of the files",
        "instance": "what this system is called in reports; the mapping's name when left out",
        "records": "JSON: dotted path of the list of records",
        "columns": "our columns, each from one of theirs, by its name or by a table",
        "join": "companion files, looked up by key",
    },
    "CategoryTable": {
        "text": "a regular expression, found anywhere in the message; text is read for this alone",
        "tag": "the conversation has one of these tags",
        "field": "the export's own category is one of these",
    },
}
"""Table to key to sentence."""
