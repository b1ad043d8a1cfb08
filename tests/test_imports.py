"""What a run loads, seen from outside: the front of the program stays light."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import kpiaudit
from kpiaudit.cli.commands import COMMANDS, load

HEAVY = {"dateutil", "holidays", "msgspec", "polars", "pydantic"}


def run(*arguments: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """Run the program; return what it did and every module it imported."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "kpiaudit", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = re.findall(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\S+)$", done.stderr, re.MULTILINE)
    assert "kpiaudit" in loaded
    return done, set(loaded)


def packages(loaded: set[str]) -> set[str]:
    return {name.split(".")[0] for name in loaded}


def test_version_loads_nothing_but_itself() -> None:
    done, loaded = run("--version")
    assert done.returncode == 0
    assert kpiaudit.__version__ in done.stdout
    assert not packages(loaded) & {*HEAVY, "rich", "typer"}


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--help"], ["check", "--help"]])
def test_help_loads_neither_polars_nor_a_source_nor_a_renderer(arguments: list[str]) -> None:
    done, loaded = run(*arguments)
    assert done.returncode == 0
    assert "Usage" in done.stdout
    assert not packages(loaded) & HEAVY
    assert not [name for name in loaded if name.startswith(("kpiaudit.sources.", "kpiaudit.rend"))]


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["report"], ["report", "sample_exports", "--no-such-option"]]
)
def test_a_usage_error_is_told_before_anything_heavy_is_loaded(arguments: list[str]) -> None:
    done, loaded = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert not packages(loaded) & HEAVY


def test_the_installed_script_and_the_module_are_one_program() -> None:
    script = Path(sys.executable).with_name("kpiaudit")
    if not script.exists():
        pytest.skip("kpiaudit is not installed beside this Python")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == run("--version")[0].stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_sentence_listed_is_the_one_the_command_says_itself(name: str) -> None:
    assert (load(name).help or "").splitlines()[0].replace("\b", "") == COMMANDS[name].summary
