"""From options to a request: the policy that applies, the dates, the dimensions. Raises `UsageError`s."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kpiaudit import diagnostics
from kpiaudit.audit import DEFAULT_BY, Progress, Request
from kpiaudit.errors import UsageError, nearest
from kpiaudit.policy.discovery import find_policy
from kpiaudit.settings import DEFAULT_SETTINGS, Settings

if TYPE_CHECKING:
    from kpiaudit.cli.options import Common
    from kpiaudit.privacy import Pseudonyms


def request_for(
    exports: list[str], common: Common, *, progress: Progress, fail_under: float | None = None
) -> Request:
    """Return what the options ask for, with the policy that applies."""
    settings = settings_for(exports, common)
    if common.tz:
        settings = replace(settings, time_zone=zone_named(common.tz).key)
    if common.strict:
        settings = replace(settings, max_reject_share=0.0)
    if fail_under is not None:
        slas = tuple(replace(sla, goal=fail_under, warn_below=None) for sla in settings.slas)
        settings = replace(settings, slas=slas)
    zone = zone_named(settings.time_zone or "UTC")
    return Request(
        paths=tuple(exports),
        settings=settings,
        by=dimensions_of(common.by),
        since=instant_of(common.since, zone, option="--since", is_end=False),
        until=instant_of(common.until, zone, option="--until", is_end=True),
        as_of=as_of(common.as_of, zone),
        chosen=tuple(choice_of(text) for text in common.source or ()),
        top=common.top,
        keep_going=common.keep_going,
        pseudonyms=pseudonyms(common),
        progress=progress,
    )


def pseudonyms(common: Common) -> Pseudonyms | None:
    """Return the pseudonyms people go by, where the options ask for them."""
    if not common.pseudonymize:
        return None
    from kpiaudit.cli.keys import pseudonyms_for

    return pseudonyms_for(quiet=common.quiet)


def settings_for(exports: list[str], common: Common) -> Settings:
    """Return the settings of the policy named, nearest, or lying in an audited folder; else the default
    promise.
    """
    path = policy_for(exports, common)
    if path is None:
        return DEFAULT_SETTINGS
    from kpiaudit.policy.load import load_policy  # pydantic: 70 ms, only when there is a policy

    return load_policy(path)


def policy_for(exports: list[str], common: Common) -> Path | None:
    """Return the policy file that applies; says so on stderr when it was found beside the exports."""
    if common.no_config:
        return None
    if common.config is not None:
        if not common.config.is_file():
            raise UsageError(
                "no such policy file", where=str(common.config), hint="check the path after -c"
            )
        return common.config
    near = find_policy(Path.cwd())
    if near is not None:
        return near
    for given in exports:
        beside = Path(given) / "kpiaudit.toml"
        if beside.is_file():
            diagnostics.note(f"using the policy {beside.as_posix()}", quiet=common.quiet)
            return beside
    return None


def zone_named(name: str) -> ZoneInfo:
    """Return a time zone. Raises `UsageError` for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        from zoneinfo import available_timezones

        known = available_timezones()
        city = name.strip().replace(" ", "_").lower()
        same = sorted(zone for zone in known if zone.lower().endswith(f"/{city}"))
        near = f"; did you mean {same[0]!r}?" if same else nearest(name, known)
        raise UsageError(
            f"no time zone is called {name!r}{near}",
            where="--tz",
            hint="zones look like Europe/Berlin",
        ) from error


def dimensions_of(given: list[str] | None) -> tuple[tuple[str, ...], ...]:
    """Return the tables to group by. Raises `UsageError` for an unknown dimension."""
    if not given:
        return DEFAULT_BY
    from kpiaudit.cli.words import GROUPABLE

    tables = [
        tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
        for text in given
    ]
    for name in (name for table in tables for name in table):
        if name not in GROUPABLE:
            raise UsageError(
                f"no dimension is called {name!r}{nearest(name, GROUPABLE)}",
                where="--by",
                hint=f"choose from {', '.join(GROUPABLE)}",
            )
    return tuple(dict.fromkeys(table for table in tables if table))


def choice_of(text: str) -> tuple[str, str]:
    """Return (source, glob) of `NAME=GLOB`. Raises `UsageError`."""
    name, equals, glob = text.partition("=")
    if not equals or not name or not glob:
        raise UsageError(
            f"{text!r} is not NAME=GLOB",
            where="--source",
            hint="as in --source zendesk_json='*.json'",
        )
    return name, glob


def as_of(text: str | None, zone: ZoneInfo) -> datetime | None:
    """Return the instant to judge as of; `now` alone reads the machine's clock."""
    if text == "now":
        return datetime.now(UTC)
    return instant_of(text, zone, option="--as-of", is_end=True)


def instant_of(text: str | None, zone: ZoneInfo, *, option: str, is_end: bool) -> datetime | None:
    """Return the UTC instant of a date (its first midnight, or the next one for an end) or of an ISO
    stamp, local to `zone` where it has no offset. Raises `UsageError`.
    """
    if text is None:
        return None
    try:
        if len(text) <= len("2026-01-01"):
            day = date.fromisoformat(text) + timedelta(days=1 if is_end else 0)
            return datetime.combine(day, time(), zone).astimezone(UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is not a date",
            where=option,
            hint="write 2026-09-01 or 2026-09-01T08:00:00+02:00",
        ) from error
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
