"""Write a first kpiaudit.toml from what exports hold: every line commented, none left to be filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from kpiaudit.drafting.drafted import quoted
from kpiaudit.renderers.text import count, percent, plural, share, target

if TYPE_CHECKING:
    from kpiaudit.drafting.drafted import Kept, Mapped, Observed, TeamSeen

SHOWN = 8
LONGEST = timedelta(days=30)
"""A longer target is what the data would keep, but nobody's promise."""
METRICS = {"first_response": "a first answer", "resolution": "a solution"}


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person, or a default, decided: `is_zone_known` when somebody named the zone."""

    zone: str
    is_zone_known: bool
    goal: float
    us: dict[str, list[str]] = field(default_factory=dict)
    statement: str = ""


def starter(
    seen: Observed | None, mapped: Mapped, promises: Sequence[Kept], answers: Answers
) -> str:
    """Return the policy: the promise, the hours and teams seen, who is us, and the mappings."""
    blocks = ["\n".join(opening(seen, mapped)), "\n".join(place(seen, mapped, answers))]
    blocks.append("\n".join(proposition(promises, answers)))
    judged: Sequence[Kept | None] = promises or [None]
    blocks += [
        "\n".join(sla(kept, answers.goal, is_only=is_only(kept, promises))) for kept in judged
    ]
    if seen is not None:
        blocks.append("\n".join(calendar(seen, answers)))
        blocks += teams(seen.teams)
    if answers.us:
        blocks.append("\n".join(us(seen, mapped, answers)))
    blocks += mapped.sections
    return "\n\n".join(block for block in blocks if block) + "\n"


def is_only(kept: Kept | None, promises: Sequence[Kept]) -> bool:
    """Return whether no other promise would be left: the last of those that nobody would make."""
    return not any(map(is_usual, promises)) and (not promises or kept is promises[-1])


def is_usual(kept: Kept) -> bool:
    """Return whether the target that would be kept is one that people promise."""
    return kept.target is not None and kept.target <= LONGEST


def opening(seen: Observed | None, mapped: Mapped) -> Iterator[str]:
    """Yield the lines that say what this is and where it came from."""
    yield "#:schema ./kpiaudit.schema.json"
    yield "# Drafted by `kpiaudit init`. Read every line, above all those that say decide; then"
    yield "# `kpiaudit inspect` says what the exports can tell, `kpiaudit report` how the promise is kept."
    if seen is not None:
        conversations = plural(seen.conversations, "conversation")
        yield f"# From {conversations} in {listed(seen.exports)}."
    if mapped.undrafted:
        yield (
            "# not drafted, without a column of dates with a time of day: "
            f"{listed(mapped.undrafted)}"
        )


def place(seen: Observed | None, mapped: Mapped, answers: Answers) -> Iterator[str]:
    """Yield the zone and how much of an export may be unreadable."""
    is_needed = mapped.needs_zone or bool(seen and seen.zoneless)
    why = "of stamps without an offset, and of days on screen" if is_needed else "of days on screen"
    if not answers.is_zone_known:
        decide = "the zone they were written in" if is_needed else "where the team is at home"
        why = f"{why}; decide: {decide}"
    yield f'time_zone = "{answers.zone}"  # {why}'
    yield 'max_reject_share = "1%"  # more rows refused, and `check` ends with 2'


def proposition(promises: Sequence[Kept], answers: Answers) -> Iterator[str]:
    """Yield the promise in words."""
    yield "[value_proposition]"
    told_of = [kept for kept in promises if kept.target and kept.channel]
    first = next(iter(sorted(told_of, key=lambda kept: not is_usual(kept))), None)
    told = answers.statement
    if not told:
        within = target(first.target.total_seconds()) if first and first.target else "1h"
        told = f"Every customer gets a first answer within {within}"
        if first and first.channel != "other":
            told = f"Every customer on {first.channel} gets a first answer within {within}"
    note = "" if answers.statement else "  # decide: what you promise, in your own words"
    yield f"statement = {quoted(told)}{note}"
    yield 'competes_on = "satisfaction"  # satisfaction, cost or balanced: which KPIs lead the report'


def sla(kept: Kept | None, goal: float, *, is_only: bool) -> Iterator[str]:
    """Yield one promise, with what the exports say to it: the one-hour promise where they say nothing, a
    comment where no target would be kept, unless it is the only one.
    """
    metric = kept.metric if kept else "first_response"
    name = "-".join(
        word for word in (kept.channel if kept else "", metric.replace("_", "-")) if word
    )
    target_told, note = "1h", ""
    if kept and kept.target and kept.tightest is not None:
        target_told = toml_target(kept.target.total_seconds())
        share_kept = "" if kept.adherence is None else percent(kept.adherence, goal)
        shortest = target(round(kept.tightest.total_seconds()))
        note = (
            f"# {share_kept} of {plural(kept.waits, 'wait')} kept it; the shortest target "
            f"{share(goal)} would keep is {shortest}"
        )
    elif kept:
        note = f"# decide: no target would be kept: {plural(kept.waits, 'wait')}, hardly any ended"
    lines = [f'name = "{name}"', f'metric = "{metric}"', f'target = "{target_told}"']
    lines.append(f'goal = "{share(goal)}"')
    if kept and kept.channel:
        lines.append(f'when = {{ channel = ["{kept.channel}"] }}')
    if kept is None or not kept.waits:
        lines.append("allow_empty = true")
    if note:
        yield note
    if kept and kept.target and not is_usual(kept):
        yield "# decide: hardly a promise; what would you promise instead?"
    is_left_out = kept is not None and not is_usual(kept) and not is_only
    for line in ("[[sla]]", *lines):
        yield f"# {line}" if is_left_out else line
    if not is_left_out:
        yield '# calendar = "seen"  # count working hours alone; without it, around the clock'


def calendar(seen: Observed, answers: Answers) -> Iterator[str]:
    """Yield the working hours seen; nothing where none can be told."""
    if not seen.hours:
        yield "# No working hours can be told from when replies were written:"
        yield "# [calendars.seen]"
        yield '# hours = { mon-fri = ["09:00-17:00"] }'
        return
    hours = ", ".join(f'{days} = ["{span}"]' for days, span in seen.hours)
    yield f"# Nearly all of {count(seen.replies)} replies were written in these hours."
    yield "[calendars.seen]"
    yield f'time_zone = "{answers.zone}"'
    yield f"hours = {{ {hours} }}"
    yield '# holidays = { country = "DE", subdivision = "BE", add = [2026-12-24] }'


def teams(seen: Sequence[TeamSeen]) -> Iterator[str]:
    """Yield each team that exports name."""
    taken: set[str] = set()
    for team in seen:
        name = slug(team.name, taken)
        taken.add(name)
        channels = ", ".join(quoted(channel) for channel in team.channels)
        lines = [
            f"[teams.{name}]",
            f"names = [{quoted(team.name)}]  # {plural(team.replies, 'reply', 'replies')}",
            f"channels = [{channels}]",
            '# model = "blended"  # or "designated": one channel each',
            '# sourcing = "internal"  # or "outsourced"',
        ]
        yield "\n".join(lines)


def us(seen: Observed | None, mapped: Mapped, answers: Answers) -> Iterator[str]:
    """Yield who is ours, for exports that do not say."""
    yield "[us]"
    writers = mapped.writers
    if seen is not None and seen.undecided:
        writers = ", ".join(f"{quoted(name)} ({rows})" for name, rows in seen.undecided[:SHOWN])
    if writers:
        yield f"# decide: keep only your own people; most rows are by {writers}"
    for key, names in answers.us.items():
        yield f"{key} = [{', '.join(map(quoted, names))}]"


def slug(text: str, taken: set[str]) -> str:
    """Return a free key for a table, from the letters of a name."""
    name = "_".join(re.findall(r"[a-z0-9]+", text.lower()))[:40] or "team"
    free = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in free if other not in taken)


def toml_target(seconds: float) -> str:
    """Return a target as a policy says it: `45m`, `36h`, `3d`."""
    return target(seconds).replace(",", "")


def listed(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = f" and {count(len(names) - SHOWN)} more" if len(names) > SHOWN else ""
    return ", ".join(quoted(name) for name in names[:SHOWN]) + more
