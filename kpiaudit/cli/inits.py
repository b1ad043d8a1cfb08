"""`init`: a first policy from what the exports hold, with the mapping of files no source claims."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpiaudit import diagnostics
from kpiaudit.cli.options import option
from kpiaudit.cli.outputs import check_target, write_out, write_text
from kpiaudit.errors import ExportError, KpiauditError, OutputError, some

if TYPE_CHECKING:
    from kpiaudit.audit import Reading, Request
    from kpiaudit.drafting.drafted import Kept, Mapped, Observed
    from kpiaudit.renderers.starter import Answers
    from kpiaudit.sources.base import ExportFile, Source

Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[EXPORTS...]", help="Files, folders or quoted globs.", show_default=False
    ),
]
GOAL = 0.9
SHOWN = 8


def init(
    exports: Files = None,
    *,
    output: Annotated[
        str | None, option("-o", "--output", metavar="FILE", help="Write it there; else stdout.")
    ] = None,
    force: Annotated[bool, option("--force", help="Replace the file of -o.")] = False,
    tz: Annotated[
        str | None,
        option("--tz", metavar="ZONE", env="KPIAUDIT_TZ", help="Zone of stamps without an offset."),
    ] = None,
    goal: Annotated[
        str | None, option("--goal", metavar="PCT", help="The share a promise is to be kept at.")
    ] = None,
    yes: Annotated[bool, option("-y", "--yes", help="Ask nothing, even on a terminal.")] = False,
    quiet: Annotated[bool, option("-q", "--quiet", help="No notes or progress.")] = False,
    debug: Annotated[
        bool, option("--debug", env="KPIAUDIT_DEBUG", help="Show the traceback of a bug.")
    ] = False,
) -> None:
    """Draft kpiaudit.toml from what exports hold: promises they keep, hours, teams, unknown columns.

    Example: kpiaudit init exports/ -o kpiaudit.toml

    Asks on a terminal what the exports do not say; in a pipe it marks such lines with "decide".
    """
    del debug  # `main` looks for it
    files = list(exports or ())
    target = target_of(output, files, force=force)
    asks = not yes and sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    from kpiaudit.cli.whatifs import goal_of

    text = drafted(files, tz=tz, goal=goal_of(goal) if goal else GOAL, asks=asks, quiet=quiet)
    if target is None:
        write_out(text)
        return
    write_text(target, text)
    diagnostics.note(f"{target.as_posix()}: read it, then kpiaudit report -c it", quiet=quiet)


def drafted(files: list[str], *, tz: str | None, goal: float, asks: bool, quiet: bool) -> str:
    """Return the policy as text, valid as it stands. Raises `ExportError` where nothing can be read."""
    from kpiaudit.cli.requests import zone_named
    from kpiaudit.drafting.drafted import Mapped
    from kpiaudit.policy.load import parse_policy
    from kpiaudit.renderers.starter import Answers, starter

    zone = zone_named(tz).key if tz else None
    mapped, seen = Mapped(), None
    promises: tuple[Kept, ...] = ()
    answers = Answers(zone or "UTC", zone is not None, goal)
    if files:
        with diagnostics.progress(quiet=quiet) as step:
            mapped = mapped_files(files, quiet=quiet)
            request = request_of(files, mapped, zone)
            request = replace(request, progress=step)
            seen, reading = observed(request)
            if seen.zoneless:  # who wrote its rows is known once they can be read
                request = in_zone(request, answers.zone)
                found, reading = observed(request)
                seen = replace(found, zoneless=seen.zoneless)
        answers = answered(seen, mapped, answers, asks=asks)
        seen, reading, request = again(seen, reading, request, answers)
        promises = kept_promises(seen, reading, request, goal)
    text = starter(seen, mapped, promises, answers)
    parse_policy(tomllib.loads(text), path="the draft", folder=Path.cwd())
    return text


def mapped_files(files: list[str], *, quiet: bool) -> Mapped:
    """Return the mappings of the files no source claims. Raises `ExportError` for a named file of no data."""
    from kpiaudit.drafting.mapping import draft_mappings
    from kpiaudit.sources import installed

    sources, _ = installed()
    unknown, claimed = unclaimed(files, sources, quiet=quiet)
    names = [source.name for source in sources]
    mapped = draft_mappings(unknown, taken=names, claimed=claimed)
    if mapped.undrafted and not mapped.sections and not claimed:
        raise ExportError(
            "cannot be mapped: no column of it holds a date with a time of day",
            where=some(mapped.undrafted),
            hint="export it with the time of every message",
        )
    return mapped


def request_of(files: list[str], mapped: Mapped, zone: str | None) -> Request:
    """Return the request that reads the files under their mappings."""
    from kpiaudit.audit import Request
    from kpiaudit.drafting.observed import with_us
    from kpiaudit.policy.load import parse_policy

    needed = zone or ("UTC" if mapped.needs_zone else None)
    policy = tomllib.loads("\n".join(mapped.sections)) | ({"time_zone": needed} if needed else {})
    settings = parse_policy(policy, path="the draft", folder=Path.cwd())
    settings = replace(with_us(settings, mapped.us), time_zone=needed)
    return Request(paths=tuple(files), settings=settings, keep_going=True)


def in_zone(request: Request, zone: str) -> Request:
    """Return the request with stamps that have no offset read in a zone."""
    return replace(request, settings=replace(request.settings, time_zone=zone))


def observed(request: Request) -> tuple[Observed, Reading]:
    """Return what the exports hold. Raises `ExportError` where there is none."""
    from kpiaudit.drafting.observed import observe

    return observe(request)


def answered(seen: Observed, mapped: Mapped, answers: Answers, *, asks: bool) -> Answers:
    """Return what is decided: asked of a person on a terminal, else as the exports suggest."""
    from kpiaudit.cli.requests import zone_named

    us = dict(mapped.us)
    names = [name for name, _ in seen.undecided[:SHOWN]]
    if names and seen.undecided_domain and "domains" not in us:
        us["domains"] = [seen.undecided_domain]
    elif names:
        us.setdefault("agents", [names[0]])
    if not asks:
        return replace(answers, us=us)
    if not answers.is_zone_known:
        told = ask("Time zone of the team", answers.zone, check=lambda text: zone_named(text).key)
        answers = replace(answers, zone=told, is_zone_known=True)
    if us:
        key, found = next(iter(us.items()))
        shown = ", ".join(names or found)
        told = ask(f"Which of these are yours ({key}, joined by commas): {shown}", ", ".join(found))
        us[key] = [name.strip() for name in told.split(",") if name.strip()] or found
    statement = ask("Your promise in a sentence (Enter: from the data)", "")
    return replace(answers, us=us, statement=statement)


def ask(question: str, default: str, check: Callable[[str], str] = str) -> str:
    """Return a person's answer from the terminal, asked on stderr until it is one; Enter is the default."""
    while True:
        told: str = typer.prompt(question, default=default, err=True, show_default=bool(default))
        try:
            return check(told.strip())
        except KpiauditError as error:
            diagnostics.tell_error(error)


def again(
    seen: Observed, reading: Reading, request: Request, answers: Answers
) -> tuple[Observed, Reading, Request]:
    """Return what the exports hold once the zone and our own people are known: read again if need be."""
    from kpiaudit.drafting.observed import with_us

    settings = replace(request.settings, time_zone=answers.zone)
    if answers.us:
        settings = with_us(replace(settings, us=type(settings.us)()), answers.us)
    is_new = settings.us != request.settings.us or bool(seen.zoneless)
    later = replace(request, settings=settings)
    if is_new or settings.time_zone != (request.settings.time_zone or "UTC"):
        found, reading = observed(later)
        seen = replace(found, zoneless=seen.zoneless, undecided=seen.undecided)
    return seen, reading, later


def kept_promises(
    seen: Observed, reading: Reading, request: Request, goal: float
) -> tuple[Kept, ...]:
    """Return the promise each channel would keep."""
    from kpiaudit.drafting.observed import promises

    if not seen.conversations:
        return ()
    return promises(reading, request, [channel for channel, _ in seen.channels], goal)


def target_of(output: str | None, files: list[str], *, force: bool) -> Path | None:
    """Return the path of `-o`, None for stdout. Raises `OutputError` for a file that is there already."""
    if output is None or output == "-":
        return None
    target = check_target(output, files)
    if target.exists() and not force:
        raise OutputError(
            "is there already", where=output, hint="name another file, or replace it with --force"
        )
    return target


def unclaimed(
    given: list[str], sources: tuple[Source, ...], *, quiet: bool
) -> tuple[list[ExportFile], list[ExportFile]]:
    """Return the data files no source claims, and those claimed; says of those what they are.

    Raises `ExportError` for a named file that cannot be read.
    """
    from kpiaudit.exports.claiming import by_signature
    from kpiaudit.exports.discovery import look_at_all, named_apart, walk
    from kpiaudit.report import Ignored

    unknown, claimed = [], []
    for seen, is_named in look_at_all(named_apart(list(walk(given)))):
        if isinstance(seen, Ignored):
            continue
        if isinstance(seen, ExportError):
            if is_named:
                raise seen
            diagnostics.tell("warning", str(seen), seen.hint)
            continue
        try:
            source, _, _ = by_signature(seen, sources)
        except ExportError:
            unknown.append(seen)
        else:
            claimed.append(seen)
            told = f"{seen.name}: is read as {source.name} and needs no mapping"
            diagnostics.note(told, quiet=quiet or len(claimed) > SHOWN)
    if not unknown and not claimed:
        raise ExportError(
            "no data file to draft a policy from",
            where=", ".join(given),
            hint="name what a help desk exported; `kpiaudit inspect` says what each file is",
        )
    return [file for file in unknown if file.kind != "parquet"], claimed
