"""The audit of `kpiaudit report`, in the table the other audits print.

    python benchmarks/audit_kpiaudit.py FILE

Runs the installed command and reprints its JSON; nothing is calculated here. Its seconds are whole, rounded up.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from audit_table import Line, print_table

SECONDS = ("mean_seconds", "median_seconds", "p90_seconds", "p95_seconds", "max_seconds")


def report(path: str) -> dict[str, Any]:
    """The report with the default promise, by agent. Raises `CalledProcessError` if it fails."""
    arguments = ["report", path, "--no-config", "--by", "agent", "--format", "json"]
    finished = subprocess.run(
        [sys.executable, "-m", "kpiaudit", *arguments], check=True, stdout=subprocess.PIPE
    )
    parsed: dict[str, Any] = json.loads(finished.stdout)
    return parsed


def line(name: str, figures: dict[str, Any]) -> Line:
    """One SLA or one of its groups as a line of the table."""
    mean, median, p90, p95, most = (figures[column] for column in SECONDS)
    return Line(
        name=name,
        clocks=figures["clocks"],
        met=figures["met"],
        breached=figures["breached"],
        open=figures["open"],
        n=figures["n"],
        seconds=(mean, median, p90, p95, most),
    )


def main() -> None:
    """Read the argument and print the table."""
    parser = argparse.ArgumentParser(description="First responses of a twcs file, by kpiaudit.")
    parser.add_argument("file", help="a file of the twcs shape")
    (sla,) = report(parser.parse_args().file)["slas"]
    by_agent = [group for group in sla["groups"] if list(group["by"]) == ["agent"]]
    brands = [line(group["by"]["agent"], group) for group in by_agent]
    print_table(line("total", sla), brands, whole_seconds=True)


if __name__ == "__main__":
    main()
