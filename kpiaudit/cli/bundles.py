"""`verify` and the writing of what it reads: an audit with all that proves its figures."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kpiaudit import diagnostics
from kpiaudit.cli.options import Common, Exports, option
from kpiaudit.cli.outputs import check_target, one_of, write_file, write_out
from kpiaudit.cli.words import GROUPABLE
from kpiaudit.errors import ExitCode, OutputError, UsageError

if TYPE_CHECKING:
    from kpiaudit.audit import Audit, Request
    from kpiaudit.evidence.bundle import Bundle
    from kpiaudit.evidence.contents import Manifest, Papers
    from kpiaudit.evidence.verification import Rerun
    from kpiaudit.privacy import Pseudonyms
    from kpiaudit.report import Report
    from kpiaudit.settings import Settings

VERIFY_FORMATS = ("text", "json")


def evidence_target(target: str, exports: list[str], outputs: list[tuple[str, Path]]) -> Path:
    """Return the path of a bundle, checked before any work is done. Raises `KpiauditError`s."""
    if PurePath(target).suffix.lower() != ".zip":
        raise UsageError(
            "a bundle is a zip", where=f"--evidence {target}", hint="end the name with .zip"
        )
    path = check_target(target, exports)
    if path.resolve() in {other.resolve() for _, other in outputs}:
        raise UsageError("names a file of -o", where=f"--evidence {target}")
    return path


def write_evidence(
    target: Path, result: Report, audited: Audit, *, policy: Path | None, quiet: bool
) -> None:
    """Write the bundle of an audit: whole, or the old one stays. Raises `OutputError`."""
    from kpiaudit.evidence.bundle import digest_of, write_bundle
    from kpiaudit.evidence.contents import bundle_entries

    try:
        text = (policy.name, policy_text(policy, audited)) if policy else None
        entries = bundle_entries(audited, papers_of(result, audited, text))
    except OSError as error:
        raise OutputError(
            f"cannot be written: {PurePath(error.filename or '').name} is gone: {error.strerror}",
            where=str(target),
        ) from error
    write_file(target, lambda part: write_bundle(part, entries), names_people=True)
    with target.open("rb") as stream:
        digest = digest_of(iter(lambda: stream.read(1 << 20), b""))
    diagnostics.note(f"{target.as_posix()}: sha256 {digest}", quiet=quiet)
    pseudonyms = audited.request.pseudonyms
    if pseudonyms is not None and not pseudonyms.is_lasting:
        from kpiaudit.cli.keys import KEY, KEY_FILE

        diagnostics.tell(
            "warning",
            f"{target.as_posix()} cannot be verified: its pseudonyms are of a key that ends with this run",
            f"set {KEY} or {KEY_FILE} and write it again",
        )


def policy_text(policy: Path, audited: Audit) -> bytes:
    """Return a policy as it was written; under pseudonyms as it was in force, for its comments name people."""
    if audited.request.pseudonyms is None:
        return policy.read_bytes()
    from kpiaudit.evidence.contents import portable_settings
    from kpiaudit.policy.effective import effective, to_toml

    return to_toml(effective(portable_settings(audited.request.settings, {}))).encode()


def papers_of(
    result: Report,
    audited: Audit,
    policy: tuple[str, bytes] | None,
    *,
    ics: Mapping[str, str] | None = None,
) -> Papers:
    """Return what a bundle holds besides the tables: report, policy, and settings in force.

    `ics` names calendars' ICS files where they are not to go by the name they lie under.
    """
    from kpiaudit.evidence.contents import Papers, portable_report, portable_settings
    from kpiaudit.policy.effective import effective
    from kpiaudit.renderers.json import render

    return Papers(
        report=render(portable_report(result, audited.reading)).encode(),
        policy=policy,
        settings=effective(portable_settings(audited.request.settings, ics or {})),
    )


def verify(
    bundle: Annotated[
        str,
        typer.Argument(
            metavar="BUNDLE", help="What `report --evidence` wrote.", show_default=False
        ),
    ],
    exports: Exports,
    *,
    config: Annotated[
        Path | None,
        option("-c", "--config", metavar="FILE", help="Try this policy, not the bundle's own."),
    ] = None,
    format: Annotated[str, option("--format", help="text or json on stdout.")] = "text",  # noqa: A002
    top: Annotated[
        int, typer.Option("--top", metavar="N", min=1, help="How many differences to list.")
    ] = 10,
    quiet: Annotated[bool, option("-q", "--quiet", help="No notes or progress.")] = False,
    debug: Annotated[
        bool, option("--debug", env="KPIAUDIT_DEBUG", help="Show the traceback of a bug.")
    ] = False,
) -> None:
    """Run the audit of an evidence bundle again on exports: identical, or what changed.

    Example: kpiaudit verify evidence.zip exports/

    Ends with 0 when inputs and every figure are the same, with 1 when not.
    """
    del debug  # `main` looks for it
    one_of(format, VERIFY_FORMATS, option="--format")
    from kpiaudit.evidence.bundle import open_bundle
    from kpiaudit.evidence.verification import compare, manifest_in
    from kpiaudit.renderers.verification import render_json, render_text

    with open_bundle(Path(bundle), name=bundle) as opened:
        manifest = manifest_in(opened)
        with (
            diagnostics.progress(quiet=quiet) as step,
            tempfile.TemporaryDirectory(prefix="kpiaudit-") as folder,
        ):
            settings = settings_in(opened, manifest, config=config, folder=Path(folder))
            request = request_in(manifest, exports, settings, name=bundle)
            rerun = run_again(replace(request, progress=step), manifest)
            found = compare(opened, manifest, rerun, first=top)
    write_out(
        render_text(found, bundle=bundle, top=top)
        if format == "text"
        else render_json(found, bundle=bundle)
    )
    raise typer.Exit(ExitCode.KEPT if found.is_identical else ExitCode.MISSED)


def settings_in(
    bundle: Bundle, manifest: Manifest, *, config: Path | None, folder: Path
) -> Settings:
    """Return the settings of a bundle's policy, its ICS files laid into an empty folder; or those of
    `config`. No path a policy in a bundle names is ever opened. Raises `KpiauditError`s.
    """
    from kpiaudit.settings import DEFAULT_SETTINGS

    if config is not None:
        from kpiaudit.cli.requests import settings_for

        settings = settings_for([], Common(config=config, quiet=True))
    elif manifest.policy is None:
        settings = DEFAULT_SETTINGS
    else:
        settings = policy_in(bundle, manifest, manifest.policy.name, folder=folder)
    if config is not None:
        return settings
    asked = manifest.request
    if asked.pseudonym_key and settings.us != type(settings.us)(domains=settings.us.domains):
        raise UsageError(
            "its [us] goes by pseudonyms, which no export can be read by",
            where=bundle.name,
            hint="name the policy it was made with: -c kpiaudit.toml",
        )
    return replace(settings, time_zone=asked.time_zone, max_reject_share=asked.max_reject_share)


def policy_in(bundle: Bundle, manifest: Manifest, name: str, *, folder: Path) -> Settings:
    """Return the settings of the policy a bundle holds. Raises `KpiauditError`s."""
    from kpiaudit.evidence.bundle import POLICY, damaged
    from kpiaudit.evidence.verification import holiday_files
    from kpiaudit.policy.load import parse_policy

    try:
        document = tomllib.loads(bundle.read(POLICY).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise damaged(bundle.name, f"{POLICY} is not TOML: {error}") from error
    if name == "pyproject.toml":
        document = inner(inner(document, "tool"), "kpiaudit")
    files = {}
    for calendar, file, content in holiday_files(bundle, manifest):
        (folder / file).write_bytes(content)
        files[calendar] = file
    for calendar, table in inner(document, "calendars").items():
        holidays = inner(table, "holidays")
        if "ics" in holidays:
            holidays["ics"] = files.get(calendar, "lost.ics")
    settings = parse_policy(document, path=f"{bundle.name}: {POLICY}", folder=folder)
    return replace(settings, path=name)


def request_in(manifest: Manifest, exports: list[str], settings: Settings, *, name: str) -> Request:
    """Return the request of a bundle for other exports, every system as of the same instant.

    Raises `ExportError` for options no run takes.
    """
    from kpiaudit.audit import Request
    from kpiaudit.cli.requests import zone_named
    from kpiaudit.evidence.bundle import damaged
    from kpiaudit.kpis.catalogue import IDS
    from kpiaudit.ledger import DIMENSIONS as WRITTEN

    asked = manifest.request
    try:
        since, until, as_of = (
            at and at.astimezone(UTC) for at in (asked.since, asked.until, asked.as_of)
        )
        pinned = {system: at.astimezone(UTC) for system, at in manifest.as_of.items()}
        zone_named(settings.time_zone or "UTC")
    except (OverflowError, UsageError) as error:
        raise damaged(name, f"its options cannot be: {error}") from error
    if odd := {dimension for by in asked.by for dimension in by} - set(GROUPABLE):
        raise damaged(name, f"there is no dimension {min(odd)!r}")
    if odd := set(asked.kpis) - set(IDS):
        raise damaged(name, f"there is no KPI {min(odd)!r}")
    return Request(
        paths=tuple(exports),
        settings=settings,
        by=asked.by,
        kpis=asked.kpis,
        since=since,
        until=until,
        as_of=as_of,
        pinned=pinned,
        chosen=asked.sources,
        top=asked.top,
        keep_going=asked.keep_going,
        pseudonyms=same_key(asked.pseudonym_key, name) if asked.pseudonym_key else None,
        portable=True,
    ).with_all_clocks(WRITTEN)


def same_key(key_id: str, name: str) -> Pseudonyms:
    """Return the pseudonyms a bundle was made with. Raises `UsageError` without their key."""
    from kpiaudit.cli.keys import KEY, KEY_FILE, pseudonyms_for

    found = pseudonyms_for(quiet=True)
    if found.key_id != key_id:
        raise UsageError(
            f"was made with the pseudonyms of key {key_id}",
            where=name,
            hint=f"set {KEY} to that key, or {KEY_FILE} to its file; a bundle made without either cannot be "
            "verified by anybody",
        )
    return found


def run_again(request: Request, manifest: Manifest) -> Rerun:
    """Return an audit in the form of a bundle; ICS files go by the names the manifest has for them."""
    from kpiaudit.assembly import assemble
    from kpiaudit.evidence.contents import manifest_of, rejects_text
    from kpiaudit.evidence.verification import Rerun
    from kpiaudit.ledger import clock_rows
    from kpiaudit.pipeline import audit, collect_summaries

    audited = audit(request)
    result = assemble(audited, collect_summaries(audited))
    names = {calendar: document.name for calendar, document in manifest.ics.items()}
    papers = papers_of(result, audited, None, ics=names)
    return Rerun(
        manifest=manifest_of(audited, papers, policy=manifest.policy, ics=manifest.ics),
        report=papers.report,
        rejects=rejects_text(audited.reading),
        clocks=clock_rows(audited),
    )


def inner(table: object, key: str) -> dict[str, Any]:
    """Return the table under a key of what may be a table; an empty one when there is none."""
    found = table.get(key) if isinstance(table, dict) else None
    return found if isinstance(found, dict) else {}
