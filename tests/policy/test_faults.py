from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from kpiaudit.errors import PolicyError
from kpiaudit.kpis.catalogue import IDS
from kpiaudit.policy.load import parse_policy
from kpiaudit.schema import CHANNELS, GROUPABLE

EXAMPLES = '"45s", "1h 30m", "1.5h", "2 days" or "PT1H30M"'
SLA = '[[sla]]\nname = "a"\nmetric = "first_response"\n'
GOOD = SLA + 'target = "1h"\ngoal = "95%"\n'
CALENDAR = '[calendars.c]\ntime_zone = "UTC"\n'
OPEN = CALENDAR + 'hours = { mon-fri = ["09:00-17:00"] }\n'
SOURCE = '[sources.s]\nfiles = "x.csv"\n[sources.s.columns]\n'
MAPPED = SOURCE + 'conversation_id = "a"\nevent = "b"\n'


def faults(text: str, folder: Path = Path()) -> list[tuple[str, str]]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(tomllib.loads(text), path="kpiaudit.toml", folder=folder)
    return list(caught.value.faults)


CASES = [
    # the top of the file
    ('tme_zone = "UTC"', "tme_zone", "unknown key; did you mean 'time_zone'?"),
    ("[categories]\na = {}", "categories.a", "matches nothing; give it text, tag or field"),
    (
        "[categories]\na = { text = '(oops' }",
        "categories.a.text",
        (
            '"(oops" is no regular expression of polars: unclosed group; its syntax is that of Rust\'s '
            "regex, without look-around and back-references"
        ),
    ),
    (
        "[categories]\na = { text = '(?=x)' }",
        "categories.a.text",
        (
            '"(?=x)" is no regular expression of polars: look-around, including look-ahead and '
            "look-behind, is not supported; its syntax is that of Rust's regex, without look-around and "
            "back-references"
        ),
    ),
    (
        "[categories]\na = { tag = [] }",
        "categories.a.tag",
        "is empty; leave the key out, or fill it",
    ),
    (
        "[categories]\nother = { tag = 'x' }",
        "categories.other",
        '"other" is what no rule matches; call it something else',
    ),
    (
        "[categories]\na = { tags = ['x'] }",
        "categories.a.tags",
        "unknown key; did you mean 'tag'?",
    ),
    # goals on KPIs
    (
        '[[kpi_goal]]\nkpi = "deflection_rat"\nat_least = "25%"',
        "kpi_goal[1].kpi",
        f"\"deflection_rat\" is not one of {', '.join(IDS)}; did you mean 'deflection_rate'?",
    ),
    (
        '[[kpi_goal]]\nat_least = "25%"',
        "kpi_goal[1].kpi",
        'is missing; for example kpi = "deflection_rate"',
    ),
    ('[[kpi_goal]]\nkpi = "csat"', "kpi_goal[1]", 'asks for nothing; for example at_least = "25%"'),
    ('[[kpi_goal]]\nkpi = "backlog"', "kpi_goal[1]", "asks for nothing; for example at_least = 3"),
    (
        '[[kpi_goal]]\nkpi = "csat"\nat_least = "80%"\nat_most = "90%"',
        "kpi_goal[1]",
        "has at_least and at_most; write a goal for each",
    ),
    (
        '[[kpi_goal]]\nkpi = "csat"\nat_least = 0.8',
        "kpi_goal[1].at_least",
        '0.8 is a bare number; write "80%"',
    ),
    (
        '[[kpi_goal]]\nkpi = "answer_speed"\nat_most = 20',
        "kpi_goal[1].at_most",
        '20 is a bare number; say the unit: "45s", "1h 30m", "1.5h", "2 days" or "PT1H30M"',
    ),
    (
        '[[kpi_goal]]\nkpi = "backlog"\nat_most = "few"',
        "kpi_goal[1].at_most",
        'backlog is a number, not "few"; write 3 or 2.5',
    ),
    (
        '[[kpi_goal]]\nkpi = "csat"\nat_least = "80%"\ngoal_by = ["weekdy"]',
        "kpi_goal[1].goal_by[1]",
        f"\"weekdy\" is not one of {', '.join(GROUPABLE)}; did you mean 'weekday'?",
    ),
    (
        '[[kpi_goal]]\nkpi = "csat"\nat_least = "80%"\nwhen = { channel = ["socail"] }',
        "kpi_goal[1].when.channel[1]",
        f"\"socail\" is not one of {', '.join(CHANNELS)}; did you mean 'social'?",
    ),
    (
        'time_zone = "Europe/Berln"',
        "time_zone",
        (
            "unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'? names are those of the IANA "
            "database, such as 'Europe/Berlin'"
        ),
    ),
    ("time_zone = 1", "time_zone", "must be a text in quotes, not 1"),
    ("max_reject_share = 1", "max_reject_share", '1 is a bare number; write "1%"'),
    ("us = 5", "us", "must be a table, not 5"),
    ("teams = []", "teams", "must be a table, not a list"),
    ("[sla]", "sla", "must be a list of tables; write its header as [[sla]]"),
    (
        '[value_proposition]\nstatement = "Fast"',
        "value_proposition.statement",
        "promises what no SLA measures; add an [[sla]] with name, metric, target and goal",
    ),
    (
        GOOD + '[value_proposition]\ncompetes_on = "costs"',
        "value_proposition.competes_on",
        "\"costs\" is not one of satisfaction, cost, balanced; did you mean 'cost'?",
    ),
    # SLAs
    (
        SLA + 'target = "1h"',
        "sla[1].goal",
        'is missing; for example goal = "95%" (SLA "a")',
    ),
    (
        GOOD + "calender = 1",
        "sla[1].calender",
        "unknown key; did you mean 'calendar'? (SLA \"a\")",
    ),
    (
        '[[sla]]\nname = "a"\nmetric = "frist_response"\ntarget = "1h"\ngoal = "95%"',
        "sla[1].metric",
        (
            '"frist_response" is not one of first_response, next_response, resolution, first_resolution, '
            "periodic_update, requester_wait, agent_work, every_response; did you mean 'first_response'? (SLA \"a\")"
        ),
    ),
    (
        SLA + 'goal = "95%"\ntarget = 60',
        "sla[1].target",
        f'60 is a bare number; say the unit: {EXAMPLES} (SLA "a")',
    ),
    (
        SLA + 'goal = "95%"\ntarget = "0h"',
        "sla[1].target",
        f'"0h" is no time at all; write {EXAMPLES} (SLA "a")',
    ),
    (
        SLA + 'target = "1h"\ngoal = 0.95',
        "sla[1].goal",
        '0.95 is a bare number; write "95%" (SLA "a")',
    ),
    (
        SLA + 'target = "1h"\ngoal = "0%"',
        "sla[1].goal",
        'a goal of 0% asks for nothing; leave the SLA out or ask for more (SLA "a")',
    ),
    (
        SLA + 'target = "1h"\ngoal = "120%"',
        "sla[1].goal",
        '"120%" is more than 100% (SLA "a")',
    ),
    (
        GOOD + 'warn_below = "90%"',
        "sla[1].warn_below",
        'is below the goal, where the SLA fails already; write more than the goal (SLA "a")',
    ),
    (
        OPEN + GOOD + 'calendar = "d"',
        "sla[1].calendar",
        'there is no calendar "d"; known: c (SLA "a")',
    ),
    (
        '[calendars.support]\ntime_zone = "UTC"\nhours = { mon = ["09:00-17:00"] }\n'
        + GOOD
        + 'calendar = "suport"',
        "sla[1].calendar",
        'there is no calendar "suport"; did you mean \'support\'? (SLA "a")',
    ),
    (
        GOOD + 'calendar = "d"',
        "sla[1].calendar",
        'there is no calendar "d"; add [calendars.d] (SLA "a")',
    ),
    (
        OPEN + SLA + 'goal = "95%"\ntarget = "2 days"\ncalendar = "c"',
        "sla[1].target",
        '"2 days": how long is a day of calendar "c"? write its hours, such as "8h" (SLA "a")',
    ),
    (
        GOOD + GOOD,
        "sla[2].name",
        '"a" is the name of sla[1] too',
    ),
    (
        GOOD + 'when = { chanel = ["social"] }',
        "sla[1].when.chanel",
        (
            '"chanel" is not one of channel, visibility, platform, system, source, priority, team, agent, '
            "category, tag; did you mean 'channel'? (SLA \"a\")"
        ),
    ),
    (
        GOOD + 'when = { channel = ["email", "socal"] }',
        "sla[1].when.channel[2]",
        (
            '"socal" is not one of email, form, chat, social, messaging, sms, voice, review, forum, other; '
            "did you mean 'social'? (SLA \"a\")"
        ),
    ),
    (
        GOOD + 'when = { tag = "vip" }',
        "sla[1].when.tag",
        'must be a list, not "vip"; write ["vip"] (SLA "a")',
    ),
    (
        GOOD + "when = { team = [] }",
        "sla[1].when.team",
        'is empty; leave the key out, or fill it (SLA "a")',
    ),
    (
        GOOD + 'goal_by = ["tag"]',
        "sla[1].goal_by[1]",
        (
            '"tag" is not one of channel, visibility, platform, system, source, priority, team, agent, '
            'category (SLA "a")'
        ),
    ),
    (GOOD + "min_sample = 0", "sla[1].min_sample", 'must be 1 or more, not 0 (SLA "a")'),
    (GOOD + "min_sample = 1.5", "sla[1].min_sample", 'must be a whole number, not 1.5 (SLA "a")'),
    (GOOD + 'also = "yes"', "sla[1].also", 'must be true or false, not "yes" (SLA "a")'),
    (
        '[[exclude]]\nreason = "x"',
        "exclude[1].when",
        'is missing; for example when = { tag = ["test"] }',
    ),
    (
        '[[exclude]]\nreason = "x"\nwhen = { priority = ["hihg"] }',
        "exclude[1].when.priority[1]",
        "\"hihg\" is not one of low, normal, high, urgent; did you mean 'high'?",
    ),
    # calendars
    (
        CALENDAR,
        "calendars.c",
        'has no hours and no shifts; for example hours = { mon-fri = ["09:00-17:00"] }',
    ),
    (
        CALENDAR + "hours = { mon = [] }",
        "calendars.c",
        'has no hours and no shifts; for example hours = { mon-fri = ["09:00-17:00"] }',
    ),
    (CALENDAR + "hours = 5", "calendars.c.hours", "must be a table, not 5"),
    (
        '[calendars."my hours"]\nhours = { mon = ["09:00-17:00"] }',
        'calendars."my hours".time_zone',
        'is missing here and at the top; for example time_zone = "Europe/Berlin"',
    ),
    (
        CALENDAR + 'hours = { monday = ["09:00-17:00"] }',
        "calendars.c.hours.monday",
        '"monday" is no day of the week; write "mon" or "mon-thu"; did you mean \'mon\'?',
    ),
    (
        CALENDAR + 'hours = { mon-wed = ["09:00-17:00"], wed-fri = ["09:00-12:00"] }',
        "calendars.c.hours.wed-fri",
        "wed lies in mon-wed too; write wed by itself, or the ranges apart",
    ),
    (
        CALENDAR + 'hours = { mon = ["09:00-12:00", "13-17"] }',
        "calendars.c.hours.mon[2]",
        '"13-17" is not a span of time; write it as "09:00-17:30"',
    ),
    (
        CALENDAR + 'hours = { mon = ["09:00-24:01"] }',
        "calendars.c.hours.mon[1]",
        '"09:00-24:01" holds a time that no clock shows; write it as "09:00-17:30"',
    ),
    (
        CALENDAR + 'hours = { mon = ["24:00-06:00"] }',
        "calendars.c.hours.mon[1]",
        '"24:00-06:00" starts at 24:00; write 00:00 on the next day',
    ),
    (
        OPEN + 'shifts = { 2026-02-30 = ["09:00-12:00"] }',
        "calendars.c.shifts.2026-02-30",
        '"2026-02-30" is not in the calendar',
    ),
    (
        OPEN + 'breaks = { "1.5.2026" = ["09:00-12:00"] }',
        'calendars.c.breaks."1.5.2026"',
        '"1.5.2026" is not a date; write it as 2026-12-24',
    ),
    (
        OPEN + "holidays = { add = [2026-12-24T00:00:00] }",
        "calendars.c.holidays.add[1]",
        "2026-12-24 00:00:00 is not a date; write it as 2026-12-24",
    ),
    (
        OPEN + 'holidays = { subdivision = "BE" }',
        "calendars.c.holidays.subdivision",
        'needs a country beside it, such as country = "DE"',
    ),
    (
        OPEN + 'holidays = { ics = "closed.ics" }',
        "calendars.c.holidays.ics",
        'there is no file "closed.ics"; its path starts at the folder of the policy',
    ),
    (
        OPEN + 'holidays = { recurring = ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"] }',
        "calendars.c.holidays.recurring[1]",
        '"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" names no date from 2000-01-01 to 2036-12-31',
    ),
    (
        OPEN + 'holiday_rule = "shift"',
        "calendars.c.holiday_rule",
        "\"shift\" is not one of civil_date, shift_start; did you mean 'shift_start'?",
    ),
    # teams, us, definitions
    (
        '[teams.a]\nagents = ["Ana"]\n[teams.b]\nagents = ["Bo", "ana"]',
        "teams.b.agents[2]",
        'agent "ana" is in team "a" already; a conversation has one team',
    ),
    (
        '[teams.a]\nmodel = "shared"',
        "teams.a.model",
        '"shared" is not one of blended, designated',
    ),
    ("[teams.a]\ncost_per_hour = true", "teams.a.cost_per_hour", "must be a number, not true"),
    ("[teams.a]\ncost_per_hour = nan", "teams.a.cost_per_hour", "must be a number, not nan"),
    ("[teams.a]\ntier = -1", "teams.a.tier", "must be 0 or more, not -1"),
    (
        '[us]\nagents = ["Bo"]\nbots = ["bo"]',
        "us.bots[1]",
        '"bo" is among the agents too; keep one of the two',
    ),
    (
        '[us]\ndomains = ["help@example.com"]',
        "us.domains[1]",
        '"help@example.com" is not a domain; write "example.com"',
    ),
    (
        '[definitions]\nprofile = "zendisk"',
        "definitions.profile",
        (
            '"zendisk" is not one of contract, zendesk, intercom, zammad, chatwoot, frappe; '
            "did you mean 'zendesk'?"
        ),
    ),
    (
        '[definitions]\nopen_late = "=>"',
        "definitions.open_late",
        "\"=>\" is not one of >, >=; did you mean '>'?",
    ),
    (
        '[definitions]\nclock_start = "create"',
        "definitions.clock_start",
        (
            '"create" is not one of created, first_customer_message, last_nonhuman; '
            "did you mean 'created'?"
        ),
    ),
    (
        "[definitions]\nfirst_stops = []",
        "definitions.first_stops",
        "is empty; leave the key out, or fill it",
    ),
    (
        '[definitions]\nnext_stops = ["agents:public"]',
        "definitions.next_stops[1]",
        ("\"agents:public\" is not one of agent:public, bot:public; did you mean 'agent:public'?"),
    ),
    (
        '[definitions]\nnext_includes_first = "yes"',
        "definitions.next_includes_first",
        'must be true or false, not "yes"',
    ),
    (
        "[definitions]\nminimum_seconds = -1",
        "definitions.minimum_seconds",
        "must be 0 or more, not -1",
    ),
    (
        "[definitions]\nclosed_pauses_next = true",
        "definitions.closed_pauses_next",
        "unknown key; did you mean 'closed_pauses_first'?",
    ),
    (
        '[definitions]\nresolution_paused_by = ["onhold"]',
        "definitions.resolution_paused_by[1]",
        (
            '"onhold" is not one of open, pending, on_hold, waiting, snoozed, resolved, closed, spam, '
            "merged; did you mean 'on_hold'?"
        ),
    ),
    (
        '[definitions]\nconversation_gap = "1 month"',
        "definitions.conversation_gap",
        f'"1 month": months and years have no fixed length; write {EXAMPLES}',
    ),
    # sources
    (
        SOURCE.replace('files = "x.csv"\n', "")
        + 'conversation_id = "a"\nevent = "b"\nsent_at = "c"',
        "sources.s.files",
        'is missing; for example files = "crm_*.csv"',
    ),
    (
        (
            '[sources.s]\nfiles = "x"\nkind = "milestone"\n'
            'columns = { conversation_id = "a", event = "b", sent_at = "c" }'
        ),
        "sources.s.kind",
        '"milestone" is not one of messages, self_service, presence',
    ),
    (
        '[sources.s]\nfiles = "x"\nkind = "presence"\ncolumns = { agent = "a", state = "b", to = "c" }',
        "sources.s.columns",
        'from is not mapped; for example from = { column = "Start", format = "%d/%m/%Y %H:%M" }',
    ),
    (
        (
            '[sources.s]\nfiles = "x"\nkind = "self_service"\n'
            'columns = { at = "a", kind = { constant = "read" } }'
        ),
        "sources.s.columns.kind.constant",
        '"read" is not one of view, search, search_empty, bot_session',
    ),
    (
        (
            '[sources.s]\nfiles = "x"\nkind = "self_service"\n'
            'columns = { at = "a", kind = "b", custmer = "c" }'
        ),
        "sources.s.columns.custmer",
        "is no column of self_service; did you mean 'customer'?",
    ),
    (
        (
            '[sources.s]\nfiles = "x"\nkind = "presence"\n'
            'columns = { agent = "a", state = "b", from = "c", to = { column = "d", format = "%H:%M" } }'
        ),
        "sources.s.columns.to.format",
        (
            '"%H:%M" has no offset (%z), and no zone is named; add time_zone = "Europe/Berlin" beside it '
            "or at the top"
        ),
    ),
    (
        MAPPED,
        "sources.s.columns",
        'sent_at is not mapped; for example sent_at = { column = "Sent", format = "%d/%m/%Y %H:%M" }',
    ),
    (
        MAPPED + 'sent_at = "c"\nchanel = "d"',
        "sources.s.columns.chanel",
        "is no column of messages; did you mean 'channel'?",
    ),
    (
        MAPPED + 'sent_at = "c"\nsystem = "d"',
        "sources.s.columns.system",
        "is filled in by kpiaudit; name the system with instance",
    ),
    (
        MAPPED + 'sent_at = { column = "c", format = "%d.%m.%Y" }',
        "sources.s.columns.sent_at.format",
        (
            '"%d.%m.%Y" has no offset (%z), and no zone is named; add time_zone = "Europe/Berlin" beside it '
            "or at the top"
        ),
    ),
    (
        MAPPED + 'sent_at = { column = "c", format = "%d.%m.%Y %%z" }',
        "sources.s.columns.sent_at.format",
        (
            '"%d.%m.%Y %%z" has no offset (%z), and no zone is named; add time_zone = "Europe/Berlin" '
            "beside it or at the top"
        ),
    ),
    (
        MAPPED + 'sent_at = { column = "c", format = "dd.mm.yyyy" }',
        "sources.s.columns.sent_at.format",
        '"dd.mm.yyyy" names no part of a date; write it as "%d/%m/%Y %H:%M"',
    ),
    (
        MAPPED + 'sent_at = { column = "c", formt = "%F" }',
        "sources.s.columns.sent_at.formt",
        "unknown key; did you mean 'format'?",
    ),
    (
        MAPPED + 'sent_at = "c"\npriority = { column = "p", values = { P1 = "urgnt" } }',
        "sources.s.columns.priority.values.P1",
        "\"urgnt\" is not one of low, normal, high, urgent; did you mean 'urgent'?",
    ),
    (
        MAPPED + 'sent_at = "c"\nchannel = { constant = "mail" }',
        "sources.s.columns.channel.constant",
        (
            '"mail" is not one of email, form, chat, social, messaging, sms, voice, review, forum, other; '
            "did you mean 'email'?"
        ),
    ),
    (
        MAPPED + 'sent_at = "c"\nchannel = { column = "x", constant = "email" }',
        "sources.s.columns.channel",
        'needs either column = "..." or constant = "..."',
    ),
    (
        MAPPED + 'sent_at = "c"\nteam = { column = "t", format = "%d" }',
        "sources.s.columns.team.format",
        "belongs to sent_at only",
    ),
    (
        MAPPED + 'sent_at = "c"\nteam = 4',
        "sources.s.columns.team",
        "must be a table, not 4",
    ),
    (
        MAPPED + 'sent_at = "c"\n[[sources.s.join]]\nname = "u"\nfiles = "u.csv"\non = {}',
        "sources.s.join[1].on",
        'needs one pair of columns, not 0; for example { "Agent ID" = "id" }',
    ),
]


@pytest.mark.parametrize(
    ("text", "key", "sentence"), CASES, ids=[f"{c[1]} {i}" for i, c in enumerate(CASES)]
)
def test_each_mistake_is_told_once_with_its_key_and_what_to_do(
    text: str, key: str, sentence: str
) -> None:
    assert faults(text) == [(key, sentence)]


@pytest.mark.parametrize(
    ("country", "key"),
    [('country = "ZZ"', "country"), ('country = "DE", subdivision = "XX"', "subdivision")],
)
def test_an_unknown_country_or_part_of_it_is_refused(country: str, key: str) -> None:
    found = faults(f"{OPEN}holidays = {{ {country} }}")
    assert [place for place, _ in found] == [f"calendars.c.holidays.{key}"]


@pytest.mark.parametrize(
    "rule", ["FREQ=YEARLY", "FREQ=HOURLY", "FREQ=YEARLY;BYMONTHDAY=x", "first of May"]
)
def test_a_rule_that_names_no_dates_by_itself_is_refused(rule: str) -> None:
    found = faults(f'{OPEN}holidays = {{ recurring = ["{rule}"] }}')
    assert [place for place, _ in found] == ["calendars.c.holidays.recurring[1]"]


@pytest.mark.parametrize(
    "zone", ["Factory", "localtime", "Mars/Olympus", "../etc/passwd", "/etc/localtime"]
)
def test_what_names_no_place_is_no_time_zone(zone: str) -> None:
    found = faults(f'time_zone = "{zone}"')
    assert [place for place, _ in found] == ["time_zone"]


def test_five_mistakes_give_five_lines_in_the_order_of_the_file() -> None:
    text = """
    time_zone = "Europe/Berln"

    [[sla]]
    name = "social"
    metric = "first_response"
    target = 60
    goal = 95
    calendar = "office"

    [calendars.support]
    hours = { mon = ["09:00-17"] }
    """
    with pytest.raises(PolicyError) as caught:
        parse_policy(tomllib.loads(text), path="kpiaudit.toml", folder=Path())
    starts = [line.split(": ")[:2] for line in caught.value.lines()]
    assert starts == [
        ["kpiaudit.toml", "time_zone"],
        ["kpiaudit.toml", "sla[1].target"],
        ["kpiaudit.toml", "sla[1].goal"],
        ["kpiaudit.toml", "sla[1].calendar"],
        ["kpiaudit.toml", "calendars.support.hours.mon[1]"],
    ]
    assert str(caught.value) == "kpiaudit.toml: 5 mistakes"


def test_a_format_needs_no_zone_when_the_policy_has_one_or_the_data_says_it() -> None:
    for zone, form in (('time_zone = "UTC"\n', "%d.%m.%Y"), ("", "%Y-%m-%d %H:%M %z"), ("", "%s")):
        text = f'{zone}{MAPPED}sent_at = {{ column = "c", format = "{form}" }}'
        settings = parse_policy(tomllib.loads(text), path="p", folder=Path())
        assert settings.sources[0].columns["sent_at"].format == form


def test_days_are_a_target_around_the_clock() -> None:
    text = SLA + 'target = "2 days"\ngoal = "95%"'
    settings = parse_policy(tomllib.loads(text), path="p", folder=Path())
    assert settings.slas[0].target.days == 2


def test_no_sentence_is_pydantics() -> None:
    words = ("pydantic", "Input should", "Field required", "Extra inputs", "http")
    told = [sentence for text, _, _ in CASES for _, sentence in faults(text)]
    assert told
    assert not [sentence for sentence in told if any(word in sentence for word in words)]
