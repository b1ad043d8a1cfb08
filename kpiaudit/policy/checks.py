"""What a policy must keep across its keys: names that exist, names used once, promises with an SLA.

The checks read the policy as written and pass over what has the wrong type, which is a fault of its
own already; so every mistake is told at once, whatever else is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpiaudit import schema
from kpiaudit.errors import nearest
from kpiaudit.policy.check_calendars import check_calendars
from kpiaudit.policy.check_goals import check_goals
from kpiaudit.policy.check_sources import check_sources
from kpiaudit.policy.durations import names_days
from kpiaudit.policy.values import not_one_of, shown
from kpiaudit.policy.written import items, table, tables, texts

if TYPE_CHECKING:
    from kpiaudit.policy.faults import Fault, Place

MOST_ON_TEXT = 63

_CLOSED = {
    "channel": schema.CHANNELS,
    "visibility": schema.VISIBILITIES,
    "priority": schema.PRIORITIES,
}


def check(policy: dict[str, Any], *, folder: Path) -> Iterator[Fault]:
    """Yield every fault that spans keys; files are looked for in `folder`."""
    yield from _promise(policy)
    yield from _slas(policy)
    yield from check_goals(policy)
    for section in ("sla", "kpi_goal", "exclude"):
        for i, entry in tables(policy, section):
            yield from _when(entry, (section, i))
    yield from check_calendars(policy, folder=folder)
    yield from _teams(policy)
    yield from _us(table(policy, "us"))
    yield from _categories(policy)
    yield from check_sources(policy)


def _categories(policy: dict[str, Any]) -> Iterator[Fault]:
    with_text = 0
    for name, rule in items(policy, "categories"):
        place = ("categories", name)
        if name == schema.OTHER:
            yield place, f"{shown(schema.OTHER)} is what no rule matches; call it something else"
        if not rule:
            yield place, "matches nothing; give it text, tag or field"
        with_text += "text" in rule
        if "text" in rule and with_text > MOST_ON_TEXT:
            yield (*place, "text"), f"at most {MOST_ON_TEXT} categories may look at the text"


def _promise(policy: dict[str, Any]) -> Iterator[Fault]:
    if "statement" in table(policy, "value_proposition") and not policy.get("sla"):
        yield (
            ("value_proposition", "statement"),
            "promises what no SLA measures; add an [[sla]] with name, metric, target and goal",
        )


def _slas(policy: dict[str, Any]) -> Iterator[Fault]:
    calendars = table(policy, "calendars")
    first: dict[str, int] = {}
    for i, sla in tables(policy, "sla"):
        name, calendar = sla.get("name"), sla.get("calendar")
        if isinstance(name, str) and first.setdefault(name, i) != i:
            yield ("sla", i, "name"), f"{shown(name)} is the name of sla[{first[name] + 1}] too"
        if not isinstance(calendar, str):
            continue
        if calendar not in calendars:
            yield ("sla", i, "calendar"), _no_calendar(calendar, list(calendars))
        target = sla.get("target")
        if isinstance(target, str) and names_days(target):
            yield (
                ("sla", i, "target"),
                (
                    f"{shown(target)}: how long is a day of calendar {shown(calendar)}? "
                    'write its hours, such as "8h"'
                ),
            )


def _no_calendar(name: str, known: list[str]) -> str:
    close = nearest(name, known)
    if not close:
        close = f"; known: {', '.join(known)}" if known else f"; add [calendars.{name}]"
    return f"there is no calendar {shown(name)}{close}"


def _when(entry: dict[str, Any], place: Place) -> Iterator[Fault]:
    for key, known in _CLOSED.items():
        for i, word in texts(table(entry, "when"), key):
            if word not in known:
                yield (*place, "when", key, i), not_one_of(word, known)


def _teams(policy: dict[str, Any]) -> Iterator[Fault]:
    owners: dict[tuple[str, str], str] = {}
    for team, entry in items(policy, "teams"):
        for key, what in (("agents", "agent"), ("names", "name")):
            for i, word in texts(entry, key):
                owner = owners.setdefault((key, word.casefold()), team)
                if owner != team:
                    yield (
                        ("teams", team, key, i),
                        (
                            f"{what} {shown(word)} is in team {shown(owner)} already; "
                            "a conversation has one team"
                        ),
                    )


def _us(us: dict[str, Any]) -> Iterator[Fault]:
    agents = {word.casefold() for _, word in texts(us, "agents")}
    for i, word in texts(us, "bots"):
        if word.casefold() in agents:
            yield ("us", "bots", i), f"{shown(word)} is among the agents too; keep one of the two"
    for i, word in texts(us, "domains"):
        if "@" in word:
            domain = word.rsplit("@", 1)[-1]
            yield ("us", "domains", i), f"{shown(word)} is not a domain; write {shown(domain)}"
