"""Which source reads a file: the one named for it, the one whose shape it has, or those of its lists."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch

from kpiaudit.errors import ExportError
from kpiaudit.exports.unclaimed import nobody_claims
from kpiaudit.sources.base import ExportFile, Source

Taker = tuple[ExportFile, Source, str, str]
"""A file, the source that reads it, as which part, and why."""


def claims_on(
    file: ExportFile,
    by_name: Mapping[str, Source],
    rules: Iterable[tuple[str, str, str]],
    mapped: Container[str],
) -> list[Taker]:
    """Return who reads a file, or, where nobody reads it whole, each of the lists in it that somebody does.

    An API asked for users beside tickets gives one page with a list of each. Raises `ExportError`.
    """
    try:
        return [(file, *taker) for taker in claim(file, by_name, rules, mapped)]
    except ExportError:
        sources = [source for name, source in by_name.items() if name not in mapped]
        found = [taker for one in lists_of(file) for taker in taken_alone(one, sources)]
        if not found:
            raise
        return found


def lists_of(file: ExportFile) -> list[ExportFile]:
    """Return what may be the lists of a JSON page, each as a file of its own."""
    if file.kind != "json" or file.records:
        return []
    keys = dict.fromkeys(path.split(".")[0] for path in file.columns if "." in path)
    return [
        replace(
            file,
            name=f"{file.name}/{key}",
            records=key,
            columns=tuple(
                path.removeprefix(f"{key}.") for path in file.columns if path.startswith(f"{key}.")
            ),
        )
        for key in keys
    ]


def taken_alone(file: ExportFile, sources: Sequence[Source]) -> list[Taker]:
    """Return the one source whose shape a list has, if there is one."""
    try:
        return [(file, *by_signature(file, sources))]
    except ExportError:
        return []


def claim(
    file: ExportFile,
    by_name: Mapping[str, Source],
    rules: Iterable[tuple[str, str, str]],
    mapped: Container[str],
) -> list[tuple[Source, str, str]]:
    """Return the one source and part that reads `file`, and why, then those it is a companion of.

    Mapped sources are chosen by glob alone. Raises `ExportError`.
    """
    matched = [
        (by_name[name], part, f"matches {pattern!r} ({name})")
        for name, part, pattern in rules
        if fnmatch(file.name, pattern) or fnmatch(file.base_name, pattern)
    ]
    readers = [taker for taker in matched if not taker[1]][:1]
    companions = {source.name: (source, part, why) for source, part, why in matched if part}
    if readers:
        (source, _, why), *_ = readers
        companions.pop(source.name, None)
        return [(source, best_part(file, source), why), *companions.values()]
    if companions:
        return list(companions.values())
    return [by_signature(file, [s for name, s in by_name.items() if name not in mapped])]


def by_signature(file: ExportFile, sources: Sequence[Source]) -> tuple[Source, str, str]:
    """Return the one source whose shape `file` has. Raises `ExportError` for none and for two."""
    fits = [
        (source, part, shape)
        for source in sources
        for part, shape in source.shapes.items()
        if shape.lacks(file) == frozenset()
    ]
    names = sorted({source.name for source, _, _ in fits})
    if len(names) > 1:
        raise ExportError(
            f"claimed by {len(names)} sources: {', '.join(names)}",
            where=file.name,
            hint=f"say which: --source {names[0]}='{file.name}'",
        )
    if not fits:
        raise nobody_claims(file, sources)
    source, part, shape = max(fits, key=lambda fit: len(fit[2].columns))
    columns = sorted(shape.columns)
    shown = ", ".join(columns[:4]) + (f" and {len(columns) - 4} more" if len(columns) > 4 else "")
    return source, part, f"has {shown}"


def best_part(file: ExportFile, source: Source) -> str:
    """Return the part of a source chosen by name whose columns `file` lacks the fewest of."""
    lacks = {part: shape.lacks(file) for part, shape in source.shapes.items()}
    possible = {part: len(missing) for part, missing in lacks.items() if missing is not None}
    if not possible:
        kinds = sorted({kind for shape in source.shapes.values() for kind in shape.kinds})
        raise ExportError(
            f"is {file.kind}, but {source.name} reads {', '.join(kinds)}",
            where=file.name,
            hint="name another source; `kpiaudit sources` lists them",
        )
    return min(possible, key=lambda part: possible[part])
