from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kpiaudit.policy.effective import effective, to_toml
from kpiaudit.policy.load import json_schema, parse_policy
from kpiaudit.settings import DEFAULT_SETTINGS

POLICY = """
time_zone = "Europe/Berlin"
[value_proposition]
statement = "Fast \\u007f \\" \\\\ \\n"
[[sla]]
name = "a"
metric = "resolution"
target = "36h 5s"
goal = "99.9%"
warn_below = "100%"
calendar = "night"
when = { channel = ["email", "chat"], tag = ["vip"] }
[[exclude]]
when = { team = ["QA"] }
reason = "tests"
[calendars.night]
hours = { mon-tue = ["22:00-06:00"], sat = ["00:00-24:00"], sun = ["09:00:30-10:00"] }
shifts = { 2026-12-31 = [] }
holidays = { add = [2026-12-24], recurring = ["FREQ=WEEKLY;BYDAY=SU"] }
[teams."Tier 1"]
agents = ["Ana"]
cost_per_hour = 20
[us]
bots = ["Operator"]
[definitions]
profile = "zammad"
conversation_gap = "90m"
next_stops = ["bot:public"]
minimum_seconds = 3
[categories]
b = { text = '(?i)x\\d', tag = "t" }
a = { field = ["F", "G"] }
[sources.crm]
files = "*.csv"
columns = { conversation_id = "Case", sent_at = { column = "When", format = "%F %T" }, event = { constant = "inbound" } }
join = [{ name = "u", files = "u.csv", on = { "Agent ID" = "id" } }]
"""


def test_what_is_in_force_reads_back_as_the_same_settings() -> None:
    first = parse_policy(tomllib.loads(POLICY), path="p", folder=Path())
    written = tomllib.loads(to_toml(effective(first)))
    second = parse_policy(written, path="p", folder=Path())
    assert replace(second, raw={}) == replace(first, raw={})


def test_defaults_are_shown() -> None:
    assert effective(DEFAULT_SETTINGS) == {
        "max_reject_share": "1%",
        "value_proposition": {
            "statement": "Every customer gets a first answer within one hour",
            "competes_on": "satisfaction",
        },
        "sla": [
            {
                "name": "first-response",
                "metric": "first_response",
                "target": "1h",
                "goal": "95%",
                "min_sample": 1,
                "also": False,
                "allow_empty": False,
            }
        ],
        "definitions": {
            "profile": "contract",
            "clock_start": "first_customer_message",
            "first_stops": ["agent:public"],
            "status_stops_first": [],
            "resolve_stops_first": True,
            "first_paused_by": [],
            "closed_pauses_first": False,
            "agent_initiated": "exclude",
            "next_includes_first": False,
            "next_stops": ["agent:public", "bot:public"],
            "resolve_stops_next": True,
            "next_paused_by": [],
            "resolution_paused_by": ["pending", "on_hold", "waiting", "snoozed"],
            "closed_pauses_resolution": True,
            "pause_counting": "business",
            "open_late": ">",
            "minimum_seconds": 0,
            "deadline": "earliest",
            "policy_change": "keep",
            "policy_at": "stop",
            "contact_window": "72h",
            "conversation_gap": "24h",
            "sentiment": "export",
        },
    }


def test_what_is_in_force_goes_into_json_as_it_is() -> None:
    shown = effective(parse_policy(tomllib.loads(POLICY), path="p", folder=Path()))
    assert json.loads(json.dumps(shown)) == shown
    assert shown["calendars"]["night"]["hours"]["sat"] == ["00:00-24:00"]
    assert shown["calendars"]["night"]["hours"]["sun"] == ["09:00:30-10:00"]


NAMES = st.text(min_size=1, max_size=8)


@given(
    st.dictionaries(NAMES, st.one_of(st.text(), st.booleans(), st.integers(), st.lists(st.text())))
)
@settings(max_examples=100)
def test_any_text_survives_being_written(entry: dict[str, Any]) -> None:
    assert tomllib.loads(to_toml({"us": {"x": 1, **entry}})) == {"us": {"x": 1, **entry}}


def test_the_json_schema_knows_every_key_and_no_null() -> None:
    schema = json_schema()
    properties: Any = schema["properties"]
    assert list(properties) == [
        "time_zone",
        "date_order",
        "max_reject_share",
        "value_proposition",
        "sla",
        "kpi_goal",
        "exclude",
        "calendars",
        "teams",
        "us",
        "categories",
        "definitions",
        "sources",
    ]
    assert '"null"' not in json.dumps(schema)
    definitions: Any = schema["$defs"]
    assert definitions["SlaTable"]["required"] == ["name", "metric", "target", "goal"]
    assert definitions["SlaTable"]["additionalProperties"] is False
