"""What `check` takes from a CI job and leaves to it: an earlier report, and the step's summary."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kpiaudit.cli.options import option
from kpiaudit.errors import OutputError, UsageError

if TYPE_CHECKING:
    from kpiaudit.gates import Baseline, Key, Terms
    from kpiaudit.report import Report

FailUnder = Annotated[
    float | None,
    typer.Option(
        "--fail-under",
        metavar="PCT",
        envvar="KPIAUDIT_FAIL_UNDER",
        min=0,
        max=100,
        help="Replace every SLA's goal.",
        show_default=False,
    ),
]
FailOnOption = Annotated[
    str, typer.Option("--fail-on", envvar="KPIAUDIT_FAIL_ON", help="fail, warn or never.")
]
NoWorseThan = Annotated[
    Path | None,
    option(
        "--no-worse-than",
        metavar="REPORT.json",
        env="KPIAUDIT_NO_WORSE_THAN",
        help="Let a missed goal pass that is no worse than in this earlier report.",
    ),
]
Tolerance = Annotated[
    float,
    typer.Option(
        "--tolerance",
        metavar="POINTS",
        envvar="KPIAUDIT_TOLERANCE",
        min=0,
        max=100,
        help="Percentage points a figure may lose and be no worse.",
    ),
]
LARGEST = 100_000_000


def baseline_in(path: Path, points: float) -> Baseline:
    """Return the figures of an earlier JSON report. Raises `UsageError` where the file is none."""
    from kpiaudit.gates import Baseline

    where = f"--no-worse-than {path}"
    hint = "write one with `kpiaudit report EXPORTS -o report.json`"
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError("is too large for a report", where=where, hint=hint)
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=where, hint=hint) from error
    except (ValueError, RecursionError) as error:
        raise UsageError("is not JSON", where=where, hint=hint) from error
    is_report = isinstance(document, dict) and {"schema_version", "slas"} <= document.keys()
    if not is_report or document["schema_version"] != 1:
        raise UsageError("is no report of kpiaudit", where=where, hint=hint)
    try:
        figures = dict(figures_in(document))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError("is a damaged report", where=where, hint=hint) from error
    return Baseline(name=path.name, points=points, figures=figures)


def figures_in(document: dict[str, Any]) -> Iterator[tuple[Key, Terms]]:
    """Yield every SLA's, group's and KPI's figure of a report, with what it was asked."""
    from kpiaudit.gates import Terms, apart_by, asked_of

    for sla in document["slas"]:
        asked = asked_of(sla["metric"], float(sla["target_seconds"]), sla["calendar"], sla["when"])
        yield ("sla", sla["name"], (), ()), Terms(share_in(sla), asked)
        for group in sla["groups"]:
            by = tuple(sorted(group["by"].items()))
            yield ("sla", sla["name"], by, ()), Terms(share_in(group), asked)
    for gate in document.get("gates", ()):
        if gate["kind"] == "kpi":
            by = tuple(sorted(gate["by"].items()))
            value = None if gate["value"] is None else float(gate["value"])
            apart = apart_by(gate.get("when", {}), is_floor=gate["goal_is_floor"])
            terms = Terms(value, (gate["unit"], gate["goal_is_floor"]))
            yield ("kpi", gate["name"], by, apart), terms


def share_in(figures: dict[str, Any]) -> float | None:
    """Return the adherence of an SLA or group; None where nothing was decided."""
    value = figures["adherence"]
    return None if value is None else float(value)


def add_step_summary(result: Report) -> None:
    """Append the gate as Markdown to the file GitHub names, within what it takes.

    Raises `OutputError` when it cannot be written.
    """
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    if not named:
        return
    from kpiaudit.renderers.github import SUMMARY_BYTES, summary

    path = Path(named)
    try:
        held = path.stat().st_size if path.exists() else 0
        text = summary(result, most_bytes=max(SUMMARY_BYTES - held, 0))
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror}", where=f"GITHUB_STEP_SUMMARY {named}"
        ) from error
