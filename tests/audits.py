"""The way a user's files take, from text in a folder to the rows of the clocks file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from kpiaudit.assembly import assemble
from kpiaudit.audit import Audit, Request
from kpiaudit.ledger import DIMENSIONS, clock_rows
from kpiaudit.pipeline import audit, collect_summaries
from kpiaudit.policy.load import load_policy
from kpiaudit.report import Report


def audited(
    folder: Path, exports: Mapping[str, str], policy: str, *, as_of: datetime | None = None
) -> Audit:
    """Write the exports and the policy into `folder` and audit them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in exports.items():
        path = folder / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / "kpiaudit.toml").write_text(policy, "utf-8")
    settings = load_policy(folder / "kpiaudit.toml")
    return audit(
        Request(
            paths=(str(folder / "exports"),), settings=settings, as_of=as_of, dimensions=DIMENSIONS
        )
    )


def clocks(found: Audit) -> list[dict[str, Any]]:
    """Return the rows of the clocks file."""
    return clock_rows(found).to_dicts()


def report(found: Audit) -> Report:
    """Return the report of an audit."""
    return assemble(found, collect_summaries(found))


def of(rows: Iterable[dict[str, Any]], **wanted: object) -> list[dict[str, Any]]:
    """Return the rows that hold the wanted values."""
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def sla(name: str, metric: str, target: str, *more: str) -> str:
    """Return an `[[sla]]` table."""
    lines = [f'name = "{name}"', f'metric = "{metric}"', f'target = "{target}"', 'goal = "95%"']
    return "\n".join(["[[sla]]", *lines, *more, ""])
