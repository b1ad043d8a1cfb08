"""The way a user's files take, from text in a folder to the rows of the clocks file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kpiaudit.assembly import assemble
from kpiaudit.audit import Request
from kpiaudit.ledger import DIMENSIONS, clock_rows
from kpiaudit.pipeline import audit, collect_summaries
from kpiaudit.policy.load import load_policy

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from kpiaudit.report import Report
    from kpiaudit.settings import Settings


def written(
    folder: Path,
    exports: Mapping[str, str],
    policy: str | Settings,
    *,
    as_of: datetime | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Request:
    """Write the exports, and a policy that is text, into `folder` and return the request for them."""
    for name, text in exports.items():
        path = folder / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    if isinstance(policy, str):
        (folder / "kpiaudit.toml").write_text(policy, "utf-8")
        policy = load_policy(folder / "kpiaudit.toml")
    return Request(
        paths=(str(folder / "exports"),), settings=policy, as_of=as_of, since=since, until=until
    )


def clocks(request: Request) -> list[dict[str, Any]]:
    """Return the rows `kpiaudit clocks` writes."""
    return clock_rows(audit(request.with_all_clocks(DIMENSIONS))).to_dicts()


def report(request: Request) -> Report:
    """Return what `kpiaudit report` shows."""
    found = audit(request)
    return assemble(found, collect_summaries(found))


def of(rows: Iterable[dict[str, Any]], **wanted: object) -> list[dict[str, Any]]:
    """Return the rows that hold the wanted values."""
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def sla(name: str, metric: str, target: str, *more: str) -> str:
    """Return an `[[sla]]` table."""
    lines = [f'name = "{name}"', f'metric = "{metric}"', f'target = "{target}"', 'goal = "95%"']
    return "\n".join(["[[sla]]", *lines, *more, ""])
