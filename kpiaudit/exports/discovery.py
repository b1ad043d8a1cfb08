"""Find the files of a run, look at each once, and let exactly one source claim it."""

from __future__ import annotations

import os
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from kpiaudit.errors import ExportError, UsageError, nearest
from kpiaudit.exports.claiming import claims_on
from kpiaudit.exports.containers import METHODS, PACKED, UNPACK_IT, Member, members
from kpiaudit.exports.looking import DATA_SUFFIXES, EMPTY, NO_RECORDS, look
from kpiaudit.exports.mail import MAILDIR, is_mail_by_name
from kpiaudit.exports.scripts import is_told_by_name
from kpiaudit.report import Ignored
from kpiaudit.sources.base import Claim, ExportFile, Found, Packing, Source

POLICY_NAMES = ("kpiaudit.toml", "pyproject.toml")
WORKBOOKS = frozenset({".xlsx", ".xlsm"})
OWN_CSV_HEADERS = (
    ("system", "source", "conversation_id", "metric", "ordinal"),
    ("sla", "metric", "calendar", "target_seconds", "goal"),
    ("sla", "metric", "system", "conversation_id"),
    ("export", "row", "rule"),
)
READ_ME = "readme.txt"
EVIDENCE_MARK = b"kpiaudit evidence"
"""How a bundle of evidence ends: the comment of its zip."""

STRAY = "is a link that leads out of the folder"
STRAY_HINT = "copy what it links to, or name that itself"
HIDDEN = (".", "~$", "__MACOSX")
OWN_MARK = b'name="kpiaudit_version"'
"""What the custom properties of our own workbook hold."""
OWN_MOST = 1 << 16

HELD = 1 << 28
"""Bytes of small files kept from the first look, so that these are opened once."""


def discover(
    paths: Sequence[str],
    sources: Sequence[Source],
    *,
    chosen: Sequence[tuple[str, str]] = (),
    mapped: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    keep_going: bool = False,
    portable: bool = False,
) -> Found:
    """Look at every file under `paths` (files, folders, globs) and sort them by source.

    `chosen` holds `(source name, glob)` from `--source`, `mapped` source name to `(part, glob)` from
    `[sources.*]`; both beat signatures. Raises `UsageError` for a path that is not there and
    `ExportError` for a named file that cannot be read (unless `keep_going`) and where there are files
    but no export. `portable` names are free of the machine's folders.
    """
    by_name = {source.name: source for source in sources}
    rules = [(name, "", pattern) for name, pattern in chosen]
    rules += [(name, part, glob) for name, globs in (mapped or {}).items() for part, glob in globs]
    for name, _, _ in rules:
        if name not in by_name:
            raise UsageError(
                f"no source is called {name!r}{nearest(name, by_name)}",
                where="--source",
                hint="`kpiaudit sources` lists them all",
            )
    claimed: dict[str, list[ExportFile]] = {}
    evidence: dict[str, dict[str, str]] = {}
    ignored: list[Ignored] = []
    unclaimed: list[ExportError] = []
    walked = list(walk(paths))
    strays = {path for path, name, is_named in walked if not is_named and leads_out(path, name)}
    files = named_apart(walked, portable=portable)
    held = HELD
    for seen, is_named in look_at_all(files, strays):
        if isinstance(seen, Ignored):
            ignored.append(seen)
            continue
        try:
            if isinstance(seen, ExportError):
                raise seen
            takers = claims_on(seen, by_name, rules, mapped or {})
        except ExportError as problem:
            if is_named and not keep_going:
                raise
            unclaimed.append(problem)
            continue
        held -= len(seen.content or b"")
        for file, source, part, why in takers:
            kept = file if held >= 0 else replace(file, content=None)
            claimed.setdefault(source.name, []).append(replace(kept, part=part))
            evidence.setdefault(source.name, {})[file.name] = why
    claims = tuple(
        Claim(by_name[name], tuple(files), evidence[name])
        for name, files in sorted(claimed.items())
    )
    if files and not claims:
        raise no_export(paths, ignored, unclaimed)
    return Found(claims, tuple(ignored), tuple(unclaimed), len(files))


def no_export(
    paths: Sequence[str], ignored: Sequence[Ignored], unclaimed: Sequence[ExportError]
) -> ExportError:
    """Return the error for paths that hold files and no export: what the files are instead."""
    if unclaimed:
        first = unclaimed[0]
        more = f" (and {len(unclaimed) - 1} more files)" if len(unclaimed) > 1 else ""
        return ExportError(f"no export in {', '.join(paths)}: {first}{more}", hint=first.hint)
    reasons = Counter(file.reason for file in ignored)
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    return ExportError(
        f"holds no export: {told}",
        where=", ".join(paths),
        hint="exports are csv, tsv, txt, json, ndjson, parquet, xlsx or mbox files, in zip or gzip too; "
        "`kpiaudit sources` lists the formats",
    )


def look_at_all(
    files: Iterable[tuple[Path, str, bool]], strays: Collection[Path] = ()
) -> Iterator[tuple[ExportFile | Ignored | ExportError, bool]]:
    """Yield what every file holds, in path order; of `strays`, links out of their folders, that they are."""
    for path, name, is_named in files:
        if path in strays and (path.is_dir() or not reason_to_ignore(path, name, is_named=False)):
            yield ExportError(STRAY, where=name, hint=STRAY_HINT), False
            continue
        yield from look_inside(path, name, is_named=is_named)


def look_inside(
    path: Path, name: str, *, is_named: bool
) -> Iterator[tuple[ExportFile | Ignored | ExportError, bool]]:
    """Yield what a file holds, or each file of an archive and each sheet of a workbook, and whether the
    user named it; an error stands for what cannot be read.
    """
    suffix = path.suffix.lower()
    try:
        reason = reason_to_ignore(path, name, is_named=is_named)
        if reason or suffix not in {".zip", *WORKBOOKS}:
            yield (
                Ignored(name, reason) if reason else look_closer(path, name, is_named=is_named),
                is_named,
            )
            return
        packing: Packing = "zip" if suffix == ".zip" else "xlsx"
        inside = members(path, name) if packing == "zip" else sheets(path, name)
    except ExportError as problem:
        yield or_ignored(problem, name), is_named
        return
    for member in inside:
        try:
            yield look_at_member(path, f"{name}/{member.name}", member, packing), False
        except ExportError as problem:
            is_empty_sheet = packing == "xlsx" and problem.message == EMPTY
            place = f"{name}/{member.name}"
            yield (
                Ignored(place, "empty sheet") if is_empty_sheet else or_ignored(problem, place),
                False,
            )


def or_ignored(problem: ExportError, name: str) -> ExportError | Ignored:
    """Return a problem, unless it is that a list has no elements: the last page of an API is no fault."""
    return Ignored(name, NO_RECORDS) if problem.message == NO_RECORDS else problem


def look_closer(path: Path, name: str, *, is_named: bool) -> ExportFile | Ignored:
    """Return what a file holds, or why it is ignored. Raises `ExportError` for a named file that is no
    data and for a data file that cannot be read.
    """
    is_gzip = path.suffix.lower() == ".gz" and Path(path.stem).suffix.lower() != ".tar"
    if path.suffix.lower() in PACKED and not is_gzip:
        raise ExportError("is packed", where=name, hint=UNPACK_IT)
    only_mail = not is_named and not has_data_suffix(path)
    file = look(path, name, packing="gzip" if is_gzip else "", keep=True, only_mail=only_mail)
    if file is None and is_named:
        raise ExportError(
            "is no data file: its first bytes are not text", where=name, hint="name an export"
        )
    if file is None:
        return Ignored(name, "not a data file")
    own = own_output(file)
    return Ignored(name, own) if own else file


def look_at_member(path: Path, name: str, member: Member, packing: Packing) -> ExportFile | Ignored:
    """Return what a file of an archive, or a sheet, holds, or why it is ignored. Raises `ExportError`."""
    if packing == "zip":
        reason = reason_to_ignore(Path(member.name), member.name, is_named=False)
        if reason:
            return Ignored(name, reason)
    if member.fault:
        raise ExportError(member.fault, where=name, hint=UNPACK_IT)
    only_mail = packing == "zip" and not has_data_suffix(Path(member.name))
    file = look(path, name, packing=packing, member=member.entry, keep=True, only_mail=only_mail)
    own = "not a data file" if file is None else own_output(file)
    return file if file is not None and own is None else Ignored(name, own or "")


def sheets(path: Path, name: str) -> list[Member]:
    """Return the sheets of a workbook that hold anything. Raises `ExportError`."""
    from kpiaudit.exports.workbooks import sheet_names  # polars

    return [Member(sheet, sheet) for sheet in sheet_names(path, name)]


def walk(paths: Sequence[str]) -> Iterator[tuple[Path, str, bool]]:
    """Yield (path, name shown, named by the user) of every file, sorted, each once."""
    seen: set[Path] = set()
    for given in paths:
        for path, name, is_named in walk_one(given):
            real = path.resolve()
            if real not in seen:
                seen.add(real)
                yield path, name, is_named


def named_apart(
    files: list[tuple[Path, str, bool]], *, portable: bool = False
) -> list[tuple[Path, str, bool]]:
    """Return the files in path order, those that share a name shown by their whole path instead.

    `portable` shows them from the folder they have in common; all files, if that is not enough.
    """
    counts = Counter(name for _, name, _ in files)
    alike = [path for path, name, _ in files if counts[name] > 1]
    if not alike:
        return files
    if not portable:
        return [
            (path, name if counts[name] == 1 else path.as_posix(), is_named)
            for path, name, is_named in files
        ]
    apart = from_common_folder(alike)
    names = [apart.get(path, name) for path, name, _ in files]
    if len(set(names)) < len(names):
        apart = from_common_folder([path for path, _, _ in files])
    return [(path, apart.get(path, name), is_named) for path, name, is_named in files]


def from_common_folder(paths: Sequence[Path]) -> dict[Path, str]:
    """Return each path as seen from the deepest folder that holds them all."""
    folder = os.path.commonpath([path.resolve().parent for path in paths])
    return {path: path.resolve().relative_to(folder).as_posix() for path in paths}


def is_evidence(path: Path) -> bool:
    """Return whether a file ends as our bundles of evidence do."""
    try:
        with path.open("rb") as stream:
            stream.seek(-min(len(EVIDENCE_MARK), path.stat().st_size), os.SEEK_END)
            return stream.read() == EVIDENCE_MARK
    except OSError:
        return False


def walk_one(given: str) -> Iterator[tuple[Path, str, bool]]:
    """Yield the files one argument stands for: a file, a folder, a glob."""
    path = Path(given)
    if path.is_dir():
        if is_closed(path):
            raise ExportError("may not be read", where=given, hint="check its permissions")
        for found in sorted(path.rglob("*"), key=lambda p: p.relative_to(path).parts):
            if found.is_file() or is_closed(found) or is_stray_folder(found, path):
                yield found, found.relative_to(path).as_posix(), False
    elif path.is_file():
        yield path, path.name, True
    elif any(letter in given for letter in "*?["):
        base = Path(path.anchor) if path.is_absolute() else Path()
        pattern = path.relative_to(path.anchor).as_posix() if path.is_absolute() else given
        matches = sorted(base.glob(pattern))
        if not matches:
            raise UsageError(
                "no file matches", where=given, hint="check the pattern and the folder you are in"
            )
        for match in matches:
            yield from walk_one(str(match))
    elif path.exists():
        raise ExportError("is not a regular file", where=given, hint="name a file or a folder")
    else:
        raise UsageError("no such file or folder", where=given, hint="check the path")


def leads_out(path: Path, name: str) -> bool:
    """Return whether what lies in a folder under a name is a link to somewhere else."""
    if not path.is_symlink():
        return False
    folder = path.parents[len(Path(name).parts) - 1]
    return not path.resolve().is_relative_to(folder.resolve())


def is_stray_folder(found: Path, folder: Path) -> bool:
    """Return whether a link stands for a folder outside; one inside is walked where it lies."""
    return (
        found.is_symlink() and found.is_dir() and leads_out(found, str(found.relative_to(folder)))
    )


def is_closed(path: Path) -> bool:
    """Return whether a path is a folder whose files cannot be listed or opened."""
    return path.is_dir() and not os.access(path, os.R_OK | os.X_OK)


def reason_to_ignore(path: Path, name: str, *, is_named: bool) -> str | None:
    """Return why a file in a folder is not looked at, None when it is."""
    if is_closed(path):
        raise ExportError("may not be read", where=name, hint="check its permissions")
    suffix = path.suffix.lower()
    if (suffix == ".zip" and is_evidence(path)) or (suffix in WORKBOOKS and is_own_book(path)):
        return "written by kpiaudit"
    if is_named:
        return None
    is_maildir = path.parent.name in MAILDIR and not path.name.startswith(".")
    if not is_maildir and any(part.startswith(HIDDEN) for part in name.split("/")):
        return "hidden"
    if path.name in POLICY_NAMES:
        return "policy"
    if path.name.lower() == READ_ME:
        return "not a data file"
    if has_data_suffix(path) or not path.suffix or is_mail_by_name(path):
        return None
    return "not a data file"


def has_data_suffix(path: Path) -> bool:
    """Return whether a file is called as data is, packed or not."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]] or [""]
    if suffixes[-1] == ".gz" and len(suffixes) == 2:
        return suffixes[0] in DATA_SUFFIXES
    return suffixes[-1] in DATA_SUFFIXES | PACKED or is_told_by_name(path)


def is_own_book(path: Path) -> bool:
    """Return whether a workbook says that kpiaudit wrote it."""
    try:
        with ZipFile(path) as book:
            entry = book.getinfo("docProps/custom.xml")
            is_small = entry.file_size < OWN_MOST and entry.compress_type in METHODS
            return is_small and OWN_MARK in book.read(entry)
    except (BadZipFile, zlib.error, KeyError, OSError, RuntimeError, NotImplementedError):
        return False


def own_output(file: ExportFile) -> str | None:
    """Return the reason when `file` is something kpiaudit wrote, not an export."""
    if "kpiaudit_version" in file.columns:
        return "written by kpiaudit"
    if any(file.columns[: len(header)] == header for header in OWN_CSV_HEADERS):
        return "written by kpiaudit"
    return None
