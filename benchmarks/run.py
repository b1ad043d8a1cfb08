"""Measure kpiaudit against the floor, DuckDB and pandas, and print the table.

    python benchmarks/run.py [--rows 2800000] [--rounds 5]

Every program is a whole process. In each round they run one after another, so that a ratio compares
two runs of the same minute; the table shows medians. This program stays small on purpose: on Linux
a child's peak memory is never less than its parent's.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
DATA = HERE / "data"
SIX_SLAS = HERE / "six_slas.toml"
PYTHON = sys.executable
KPIAUDIT = str(Path(PYTHON).with_name("kpiaudit"))
STARTS_PER_ROUND = 4
"""A start takes hundredths of a second: more of them cost little and steady the median."""


@dataclass(frozen=True, slots=True)
class Program:
    """A command line; `rounds` limits how often a slow one runs."""

    name: str
    command: tuple[str, ...]
    rounds: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One process: seconds of wall clock and of processor, peak resident memory in MiB."""

    wall: float
    cpu: float
    peak: float
    exit_code: int


@dataclass(frozen=True, slots=True)
class Goal:
    """`above` divided by `below`, wall clock, run by run, against a bound; of `above` what it takes `on_top` of
    another program, where one is named.
    """

    above: str
    below: str
    bound: float
    on_top: str | None = None
    is_floor: bool = False
    """The ratio must reach the bound instead of staying under it."""


Runs = dict[str, list[Run]]

GOALS = (
    Goal("kpiaudit report", "floor", 2.2),
    Goal("duckdb, pointer jumping", "kpiaudit report", 2.5, is_floor=True),
    Goal("duckdb, recursive", "kpiaudit report", 2.5, is_floor=True),
    Goal("kpiaudit report", "kpiaudit report, a tenth", 11),
    Goal("report, six SLAs", "floor", 2.6),
    Goal("kpiaudit explain", "floor", 1.8),
    Goal("KPIs by agent, by day", "floor", 0.6, on_top="report by agent, by day"),
    Goal("KPIs by agent and day", "floor", 0.6, on_top="report by agent and day"),
    Goal("kpiaudit --version", "python -c pass", 2),
    Goal("kpiaudit --help", "python -c pass", 9),
)


def measure(command: Sequence[str]) -> Run:
    """Run a command to its end, its output thrown away; exit code 127 when there is none."""
    if not Path(command[0]).exists():
        return Run(math.nan, math.nan, math.nan, 127)
    began = time.perf_counter()
    null = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=null, stdout=null, stderr=null) as child:
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / scale, child.returncode)


def script(name: str, *arguments: str) -> tuple[str, ...]:
    """The command line of a program of this folder."""
    return (PYTHON, str(HERE / name), *arguments)


def audits(file: Path, tenth: Path) -> list[Program]:
    """What is measured on the data; DuckDB and pandas only where they are installed."""
    report = (KPIAUDIT, "report", "--no-config")
    programs = [
        Program("floor", script("floor.py", str(file))),
        Program("kpiaudit report", (*report, str(file))),
        Program("kpiaudit report, a tenth", (*report, str(tenth))),
        Program("report, six SLAs", (KPIAUDIT, "report", "-c", str(SIX_SLAS), str(file))),
        Program("kpiaudit explain", (KPIAUDIT, "explain", "--no-config", str(file), "1")),
    ]
    for words, by in (
        ("agent, by day", ("--by", "agent", "--by", "day")),
        ("agent and day", ("--by", "agent,day")),
    ):
        programs.append(Program(f"report by {words}", (*report, *by, str(file))))
        programs.append(Program(f"KPIs by {words}", (*report, "--kpi", "all", *by, str(file))))
    if importlib.util.find_spec("duckdb"):
        for name, chains in (("pointer jumping", "jumping"), ("recursive", "recursive")):
            command = script("audit_duckdb.py", str(file), "--chains", chains)
            programs.append(Program(f"duckdb, {name}", command))
    if importlib.util.find_spec("pandas"):
        programs.append(Program("pandas", script("audit_pandas.py", str(file)), rounds=1))
    return programs


def starts() -> list[Program]:
    """What is measured without data."""
    return [
        Program("python -c pass", (PYTHON, "-c", "pass")),
        Program("kpiaudit --version", (KPIAUDIT, "--version")),
        Program("kpiaudit --help", (KPIAUDIT, "--help")),
    ]


def measure_all(programs: Sequence[Program], rounds: int) -> Runs:
    """Run the programs in turn, `rounds` times after one round that warms up and is not counted."""
    runs: Runs = {program.name: [] for program in programs}
    for number in range(-1, rounds):
        for program in programs:
            if number < 0 and program.rounds:
                continue
            if program.rounds is None or number < program.rounds:
                print(f"round {number + 1}/{rounds}: {program.name}", file=sys.stderr)
                run = measure(program.command)
                runs[program.name] += [run] if number >= 0 else []
    return runs


def generate(rows: int) -> Path:
    """The file of that size under `data/`, made when it is not there."""
    DATA.mkdir(exist_ok=True)
    file = DATA / f"twcs_{rows}.csv"
    if not file.exists():
        partial = file.with_suffix(".partial")
        subprocess.run(script("generate_twcs.py", str(rows), str(partial)), check=True)
        partial.rename(file)
    with file.open("rb") as warm:
        while warm.read(2**20):
            pass
    return file


def table_of(name: str, *arguments: str) -> str | None:
    """What an audit prints; None when it is not installed or fails."""
    finished = subprocess.run(
        script(name, *arguments), check=False, capture_output=True, text=True, encoding="utf-8"
    )
    return finished.stdout if finished.returncode == 0 else None


def print_equality(file: Path) -> None:
    """Say of each audit whether its table is kpiaudit's, value for value."""
    ours = table_of("audit_kpiaudit.py", str(file))
    print("\n| table of | equal to kpiaudit's |\n|---|---|")
    for name in ("audit_duckdb.py", "audit_pandas.py"):
        theirs = table_of(name, str(file), "--whole-seconds")
        known = ours is not None and theirs is not None
        print(f"| {name} | {('yes' if ours == theirs else 'NO') if known else 'could not run'} |")


def print_runs(runs: Runs) -> None:
    """Print the medians, each beside its ratio to the first program's."""
    first = statistics.median(run.wall for run in next(iter(runs.values())))
    print("\n| program | runs | wall s | CPU s | peak MiB | wall, ratio | note |")
    print("|---|--:|--:|--:|--:|--:|---|")
    for name, measured in runs.items():
        wall = statistics.median(run.wall for run in measured)
        cpu = statistics.median(run.cpu for run in measured)
        peak = max(run.peak for run in measured)
        failed = sorted({run.exit_code for run in measured} - {0})
        note = f"FAILED, exit {failed}" if failed else ""
        columns = f"{wall:.3f} | {cpu:.3f} | {peak:.0f} | {wall / first:.2f}"
        print(f"| {name} | {len(measured)} | {columns} | {note} |")


def print_goals(runs: Runs) -> None:
    """Print the median of each goal's paired ratios, and whether it is reached."""
    print("\n| goal | bound | measured | lowest to highest | by CPU | |")
    print("|---|--:|--:|--:|--:|---|")
    for goal in GOALS:
        named = (goal.above, goal.below, goal.on_top or goal.below)
        rounds = zip(*(runs.get(name, ()) for name in named), strict=False)
        sound = [taken for taken in rounds if not any(run.exit_code for run in taken)]
        walls = [tuple(run.wall for run in taken) for taken in sound]
        cpus = [tuple(run.cpu for run in taken) for taken in sound]
        ratios = [(a - less * bool(goal.on_top)) / b for a, b, less in walls]
        bound = f"{'>=' if goal.is_floor else '<='} {goal.bound}"
        told = f"({goal.above} - {goal.on_top})" if goal.on_top else goal.above
        print(f"| {told} / {goal.below} | {bound} |", end=" ")
        if not ratios:
            print("| | | could not run |")
            continue
        ratio = statistics.median(ratios)
        reached = ratio >= goal.bound if goal.is_floor else ratio <= goal.bound
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        by_cpu = statistics.median((a - less * bool(goal.on_top)) / b for a, b, less in cpus)
        print(f"{ratio:.2f} | {spread} | {by_cpu:.2f} | {'reached' if reached else 'MISSED'} |")


def print_setting(file: Path, rows: int) -> None:
    """Print what the figures depend on."""
    installed = filter(importlib.util.find_spec, ("polars", "duckdb", "pandas"))
    versions = [f"Python {platform.python_version()}", *(f"{p} {version(p)}" for p in installed)]
    size = file.stat().st_size / 1e6
    print(f"{rows:,} rows, {size:,.0f} MB; {os.cpu_count()} cores; {', '.join(versions)}.")


def main() -> None:
    """Read the arguments, generate, measure, print."""
    parser = argparse.ArgumentParser(description="Measure kpiaudit against floor, DuckDB, pandas.")
    parser.add_argument("--rows", type=int, default=2_800_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.rows < 10 or arguments.rounds < 1:
        parser.error("at least ten rows and one round")
    file, tenth = generate(arguments.rows), generate(arguments.rows // 10)
    on_data = measure_all(audits(file, tenth), arguments.rounds)
    on_nothing = measure_all(starts(), arguments.rounds * STARTS_PER_ROUND)
    print_setting(file, arguments.rows)
    print_runs(on_data)
    print_runs(on_nothing)
    print_goals({**on_data, **on_nothing})
    print_equality(file)


if __name__ == "__main__":
    main()
