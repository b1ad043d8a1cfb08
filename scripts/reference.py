"""The reference pages of docs/, from the program itself: python scripts/reference.py.

What lies between the two marks of a page is made here; the rest is written by hand. With `--check` it writes
nothing and ends with 1 where a page is not up to date.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from kpiaudit import definitions
from kpiaudit.kpis.catalogue import KPIS, NEEDS, OF_THE_POLICY
from kpiaudit.policy.published import schema
from kpiaudit.settings import Definitions
from kpiaudit.sources import NAMES

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
BEGIN: Final = "<!-- from here on made by scripts/reference.py -->"
END: Final = "<!-- up to here -->"
PLACES: Final = {
    "PolicyTable": "",
    "ValuePropositionTable": "[value_proposition]",
    "SlaTable": "[[sla]]",
    "KpiGoalTable": "[[kpi_goal]]",
    "ExclusionTable": "[[exclude]]",
    "CalendarTable": "[calendars.NAME]",
    "HolidaysTable": "[calendars.NAME.holidays]",
    "TeamTable": "[teams.NAME]",
    "UsTable": "[us]",
    "CategoryTable": "[categories.NAME]",
    "DefinitionsTable": "[definitions]",
    "SourceTable": "[sources.NAME]",
    "ColumnTable": "[sources.NAME.columns.OURS]",
    "JoinTable": "[[sources.NAME.join]]",
}
"""Table of the policy to where it stands, in the order of the page."""
PER_WEEKDAY: Final = "table of `mon` to `sun`, or ranges of them, to a list of spans"
PER_DATE: Final = "table of dates to a list of spans"


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(
        f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines
    )


def code(value: object) -> str:
    """Return a value as TOML writes it, as code."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list | tuple):
        return f"`[{', '.join(quoted(item) for item in value)}]`"
    return f"`{quoted(value)}`"


def quoted(value: object) -> str:
    """Return a text in quotes, anything else as it is."""
    return f'"{value}"' if isinstance(value, str) else str(value)


def place(name: str) -> str:
    """Return a link to the part of the page on a table of the policy."""
    where = PLACES[name]
    anchor = re.sub(r"[^\w\- ]", "", where.lower()).replace(" ", "-")
    return f"[`{where}`](#{anchor})"


def taken(key: Mapping[str, Any], name: str = "") -> str:
    """Return in words what a key of the policy takes, from its JSON Schema."""
    if "anyOf" in key:
        kinds = [taken(kind, name) for kind in key["anyOf"] if kind.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in key:
        return place(key["$ref"].rpartition("/")[2])
    if name == "kpi":
        return "the id of [a KPI](metrics.md#kpis)"
    if "enum" in key:
        return ", ".join(code(word) for word in key["enum"])
    kind = key.get("type")
    if kind == "array":
        inner = key["items"]
        if "$ref" in inner:
            return place(inner["$ref"].rpartition("/")[2])
        return f"list of {taken(inner)}"
    if kind == "object":
        return taken_by_table(key, name)
    if key.get("format") == "date":
        return "dates, `2026-12-24`"
    shown = f", such as {code(key['examples'][0])}" if key.get("examples") else ""
    if "%" in key.get("pattern", ""):
        return "share" + (shown or f", such as {code(key.get('default', '95%'))}")
    least = f" from {key['minimum']} up" if "minimum" in key else ""
    return {"integer": "whole number", "number": "number", "boolean": "`true`, `false`"}.get(
        str(kind), "text"
    ) + (least or shown)


def taken_by_table(key: Mapping[str, Any], name: str) -> str:
    """Return in words what a key that is a table of its own takes."""
    if name in {"shifts", "breaks"}:
        return f'{PER_DATE}, `"09:00-12:00"`'
    if "patternProperties" in key:
        return f'{PER_WEEKDAY}, `"09:00-17:30"`'
    inner = key.get("additionalProperties", {})
    if "$ref" in inner:
        return place(inner["$ref"].rpartition("/")[2])
    if inner.get("anyOf"):
        return f"table of our columns to {taken(inner)}"
    names = key.get("propertyNames", {}).get("enum")
    return f"table of {', '.join(map(code_word, names))} to {taken(inner)}" if names else "table"


def code_word(word: str) -> str:
    """Return a word as code."""
    return f"`{word}`"


def default(key: Mapping[str, Any], name: str, place: str) -> str:
    """Return what holds where a key is left out."""
    if place == "DefinitionsTable":
        return code(definitions.in_words(Definitions())[name])
    value = key.get("default")
    return "" if value in (None, [], {}) else code(value)


def policy() -> str:
    """Return the reference of the policy, table by table."""
    whole = schema()
    tables = {**whole["$defs"], "PolicyTable": whole}
    parts = []
    for name, where in PLACES.items():
        found = tables[name]
        required = found.get("required", ())
        rows = [
            (
                code_word(key),
                taken(value, key),
                "required" if key in required else default(value, key, name),
                value["description"],
            )
            for key, value in found["properties"].items()
        ]
        head = f"## `{where}`" if where else "## Top of the file"
        parts.append(f"{head}\n\n{found['description']}\n\n")
        parts.append(table(("key", "takes", "left out", "means"), rows) + "\n")
    return "".join(parts)


def metrics() -> str:
    """Return the options with every profile, and the KPIs by family."""
    ours = definitions.in_words(Definitions())
    profiles = {
        name: definitions.in_words(profile.definitions)
        for name, profile in definitions.PROFILES.items()
    }
    rows = []
    for name, meaning in definitions.MEANINGS.items():
        others = [
            f"{profile}: {code(words[name])}"
            for profile, words in profiles.items()
            if words[name] != ours[name]
        ]
        rows.append((code_word(name), meaning, code(ours[name]), "; ".join(others)))
    parts = ["## Definitions\n\n", table(("option", "decides", "contract", "others"), rows)]
    parts.append("\n### Profiles\n\n")
    told = [
        (code_word(name), profile.title, "; ".join(profile.read_in), profile.limits)
        for name, profile in definitions.PROFILES.items()
    ]
    parts.append(table(("profile", "the rules of", "read in", "what no option says"), told))
    parts.append("\n## KPIs\n")
    for family in dict.fromkeys(kpi.family for kpi in KPIS):
        rows = [
            (
                code_word(kpi.id),
                kpi.title,
                kpi.definition,
                kpi.unit,
                "; ".join(NEEDS[need] for need in kpi.needs),
                kpi.better or "neither",
            )
            for kpi in KPIS
            if kpi.family == family
        ]
        heads = ("KPI", "title", "counts", "unit", "needs", "better")
        parts.append(f"\n### {family.capitalize()}\n\n" + table(heads, rows))
    of_policy = ", ".join(NEEDS[need] for need in NEEDS if need in OF_THE_POLICY)
    parts.append(f"\nA policy meets these needs, exports the rest: {of_policy}.\n")
    return "".join(parts)


def sources() -> str:
    """Return what every source reads, in the words of its module."""
    parts = []
    for name in NAMES:
        module = import_module(f"kpiaudit.sources.{name}")
        source = module.SOURCE
        seen = "yes" if source.seen_in_the_wild else "not yet"
        files = ", ".join(source.shapes)
        facts = f"System `{source.system}`. Files: {files}. Seen in the wild: {seen}."
        sample = f"[Sample](../sample_exports/{name}/)"
        text = inspect.getdoc(module) or ""
        parts.append(f"### {name}\n\n{text}\n\n{facts} {sample}.\n\n")
    return "".join(parts)


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "policy.md": policy,
    "metrics.md": metrics,
    "sources.md": sources,
}


def made(name: str) -> str:
    """Return a page as it should be: its own words, and between the marks what the program says."""
    text = (DOCS / name).read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{PAGES[name]().strip()}\n\n{END}{after}"


def main() -> None:
    """Write every page, or with --check say which is not up to date."""
    stale = [name for name in PAGES if made(name) != (DOCS / name).read_text(encoding="utf-8")]
    if "--check" in sys.argv[1:]:
        sys.exit(f"not up to date: {', '.join(stale)}" if stale else 0)
    for name in stale:
        (DOCS / name).write_text(made(name), encoding="utf-8")
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
