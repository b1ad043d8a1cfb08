"""Profiles side by side, and one audit under each of them, on a terminal and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.table import Table

from kpiaudit.definitions import MEANINGS, PROFILES, in_words, value_of
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.screen import Screen, screen_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from kpiaudit.definitions import Comparison, Disagreement, Tally, UnderProfile, Value

NAME_WIDTH = 24
PROFILE_WIDTH = 8


def render_profiles(names: Sequence[str], console: Console) -> None:
    """Print every option with its value under each profile, and where the rules were read."""
    screen = screen_for(console)
    screen.heading("Definitions", "each an option under [definitions]; a profile sets them at once")
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("option", width=NAME_WIDTH)
    for name in names:
        table.add_column(name, width=PROFILE_WIDTH)
    for option in MEANINGS:
        values = [shortly(value_of(PROFILES[name].definitions, option)) for name in names]
        first = values[0]
        table.add_row(
            option,
            *(screen.text(value, "" if value != first else "dim") for value in values),
        )
    screen.show(table)
    screen.heading("What they mean")
    screen.facts([(option, screen.text(meaning)) for option, meaning in MEANINGS.items()])
    screen.heading("Where they were read")
    facts = []
    for name in names:
        profile = PROFILES[name]
        facts += [(name, screen.text(source, "dim")) for source in profile.read_in]
        facts += [(name, screen.text(profile.limits))] if profile.limits else []
    screen.facts(facts)


def shortly(value: Value) -> str:
    """Return a value in words that fit a narrow column."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(word.removesuffix(":public") for word in value) or "none"
    return str(value).replace("_", " ")


def render_comparison(comparison: Comparison, console: Console) -> None:
    """Print adherence per SLA under each profile, then who comes out otherwise and by which rule."""
    screen = screen_for(console)
    screen.heading("Adherence under each profile", f"the policy's own: {comparison.own}")
    for sla, ours in comparison.slas.items():
        table = screen.table()
        table.add_column(screen.text(sla, "bold"), ratio=1)
        for title in ("adherence", "met", "breached", "open", "excluded"):
            table.add_column(title, justify="right")
        rows = [(comparison.own, ours), *((p.profile, p.slas[sla]) for p in comparison.profiles)]
        for name, tally in rows:
            counts = (tally.met, tally.breached, tally.open, tally.excluded)
            table.add_row(screen.text(name), share(screen, tally), *(f"{n:,}" for n in counts))
        screen.console.print()
        screen.show(table, indent=2)
    for profile in comparison.profiles:
        show_differences(screen, profile)


def share(screen: Screen, tally: Tally) -> str:
    """Return adherence in percent, a dash where nothing is decided."""
    return screen.signs.dash if tally.adherence is None else spell.percent(tally.adherence)


def show_differences(screen: Screen, profile: UnderProfile) -> None:
    """Print the conversations one profile judges otherwise."""
    count, shown = profile.differing, len(profile.listed)
    note = "none" if not count else f"{count:,}" if count == shown else f"{shown} of {count:,}"
    screen.heading(f"Otherwise under {profile.profile}", note)
    if not count:
        return
    table = screen.table()
    widest = max(len(case.sla) for case in profile.listed)
    is_whole = widest <= screen.width // 3
    for title, ratio in (("conversation", 3), ("SLA", 3), ("ours", 2), ("theirs", 2), ("by", 4)):
        if title == "SLA" and is_whole:
            table.add_column(title, min_width=widest, no_wrap=True)
        else:
            table.add_column(title, ratio=ratio, overflow="fold")
    for case in profile.listed:
        told = (case.conversation_id, case.sla, in_short(case.ours), in_short(case.theirs))
        table.add_row(*map(screen.text, told), screen.text(rules(case)))
    screen.show(table, indent=2)


def in_short(tally: Tally) -> str:
    """Return the outcomes there are, such as `1 met, 2 breached`."""
    counts = (
        (tally.met, "met"),
        (tally.breached, "breached"),
        (tally.open, "open"),
        (tally.excluded, "excluded"),
    )
    return ", ".join(f"{count} {word}" for count, word in counts if count) or "no clock"


def rules(case: Disagreement) -> str:
    """Return the options behind a difference."""
    joined = (" with " if case.is_together else ", ").join(case.rules)
    return joined or "nothing"


def profiles_as_json(names: Sequence[str]) -> str:
    """Return the profiles as JSON."""
    return dumped(
        {
            "options": dict(MEANINGS),
            "profiles": {
                name: {
                    "title": PROFILES[name].title,
                    "definitions": in_words(PROFILES[name].definitions),
                    "read_in": list(PROFILES[name].read_in),
                    "limits": PROFILES[name].limits,
                }
                for name in names
            },
        }
    )


def comparison_as_json(comparison: Comparison) -> str:
    """Return the comparison as JSON."""
    return dumped(
        {
            "own": comparison.own,
            "slas": counted(comparison.slas),
            "profiles": [
                {
                    "profile": profile.profile,
                    "slas": counted(profile.slas),
                    "differing": profile.differing,
                    "listed": [
                        {
                            "sla": case.sla,
                            "system": case.system,
                            "conversation_id": case.conversation_id,
                            "ours": figures(case.ours),
                            "theirs": figures(case.theirs),
                            "rules": list(case.rules),
                            "together": case.is_together,
                        }
                        for case in profile.listed
                    ],
                }
                for profile in comparison.profiles
            ],
        }
    )


def counted(slas: Mapping[str, Tally]) -> list[dict[str, Any]]:
    """Return the outcomes of each SLA with its adherence."""
    return [
        {"name": name} | figures(tally) | {"adherence": tally.adherence}
        for name, tally in slas.items()
    ]


def figures(tally: Tally) -> dict[str, int]:
    """Return the counts by outcome."""
    return {
        "met": tally.met,
        "breached": tally.breached,
        "open": tally.open,
        "excluded": tally.excluded,
    }


def dumped(document: dict[str, Any]) -> str:
    """Return a JSON document as a file."""
    return json.dumps({"schema_version": 1} | document, ensure_ascii=False, indent=2) + "\n"
