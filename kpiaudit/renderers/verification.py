"""What verifying found: as lines for people, as JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kpiaudit import __version__
from kpiaudit.errors import ExitCode
from kpiaudit.inert import safe
from kpiaudit.renderers.text import iso, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.evidence.changes import Change, ClockChange, InputChange, Verification

SCHEMA_VERSION = 1
DIGITS = 12
"""So many hexadecimal digits of a SHA-256 are shown."""


def render_text(found: Verification, *, bundle: str, top: int) -> str:
    """Return the verdict and what differs, at most `top` lines of each kind."""
    policy = "the default promise"
    if found.policy:
        policy = f"{found.policy[0]}, sha256 {found.policy[1][:DIGITS]}"
    as_of = ", ".join(f"{iso(at)} ({system})" for system, at in found.as_of.items())
    if found.is_identical:
        counted = f"{plural(found.input_count, 'export')}, {plural(found.clock_count, 'clock')}"
        lines = [f"identical: {counted} and every figure are as in {bundle}"]
    else:
        lines = [f"not identical to {bundle}"]
    lines += [f"  policy  {policy}", f"  as of   {as_of or 'nothing'}"]
    clocks = f"clocks: {plural(found.changed_clocks, 'differs', 'differ')}"
    lines += section("exports", [spoken_input(change) for change in found.inputs], top)
    lines += section("settings", [spoken(change) for change in found.settings], top)
    lines += section("figures", [spoken(change) for change in found.figures], top)
    lines += section("report", [spoken(change) for change in found.report], top)
    lines += section("rejected rows", [spoken(change) for change in found.rejects], top)
    lines += section(clocks, [spoken_clock(change) for change in found.clocks], len(found.clocks))
    heading = "made with others" if found.is_identical else "possible reasons besides"
    lines += section(heading, [spoken(change) for change in found.versions], top)
    return "\n".join(safe(line) for line in lines) + "\n"


def section(heading: str, lines: Sequence[str], top: int) -> list[str]:
    """Return a heading with its lines, the first `top` of them; nothing without any."""
    if not lines:
        return []
    more = [f"  {len(lines) - top:,} more; `--top N` lists more"] if len(lines) > top else []
    return ["", heading, *(f"  {line}" for line in lines[:top]), *more]


def spoken(change: Change) -> str:
    """Return `where: was -> now`."""
    return f"{change.where}: {value(change.was)} -> {value(change.now)}"


def value(given: object) -> str:
    """Return a value as one word or a few; `-` is not there."""
    if given is None:
        return "-"
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False, default=str)


def spoken_input(change: InputChange) -> str:
    """Return what became of an export, its hash cut short."""
    if change.kind in {"missing", "new"}:
        return f"{change.name}: {change.kind}"
    told = [
        f"{field.where} {value(field.was)[:DIGITS]} -> {value(field.now)[:DIGITS]}"
        if field.where == "sha256"
        else f"{field.where} {value(field.was)} -> {value(field.now)}"
        for field in change.fields
    ]
    return f"{change.name}: {change.kind}; {', '.join(told)}"


def spoken_clock(change: ClockChange) -> str:
    """Return one field of one clock, then and now."""
    judged = f" ({change.sla})" if change.sla else ""
    clock = f"{change.system} {change.conversation_id} {change.metric} {change.ordinal}{judged}"
    return f"{clock}: {change.field} {value(change.was)} -> {value(change.now)}"


def render_json(found: Verification, *, bundle: str) -> str:
    """Return the whole verification; the keys are a public contract, additive only."""
    document: dict[str, Any] = asdict(found)
    document["as_of"] = {system: iso(at) for system, at in found.as_of.items()}
    document["policy"] = dict(zip(("name", "sha256"), found.policy or (), strict=False)) or None
    head = {
        "schema_version": SCHEMA_VERSION,
        "kpiaudit_version": __version__,
        "bundle": bundle,
        "is_identical": found.is_identical,
        "exit_code": int(ExitCode.KEPT if found.is_identical else ExitCode.MISSED),
    }
    return json.dumps(head | document, indent=2, ensure_ascii=True, default=str) + "\n"
