"""What the README and docs/ say is what the program does."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from imports import ROOT

from kpiaudit.errors import ExitCode
from kpiaudit.policy.meanings import MEANINGS
from kpiaudit.policy.published import schema
from kpiaudit.schema import SLA_METRICS
from kpiaudit.sources import NAMES

SET_UP = (
    "python3 -m venv .venv"
    " && .venv/bin/pip install -q -r {lock}"
    " && .venv/bin/pip install -q --no-deps -e ."
    " && "
)


@pytest.fixture
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def section(readme: str, heading: str) -> str:
    """The text under a heading, up to the next of the same or a higher level."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", readme, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {heading!r}"
    return found.group(1)


def pages() -> list[Path]:
    """Every page a reader is led to."""
    return [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]


@pytest.fixture(params=pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def page(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def sessions(page: Path) -> list[str]:
    """The console blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def replayed(shown: str) -> str:
    """A script that says what a terminal would: each line after `$ `, what it prints, then the next."""
    script = ["code=0"]
    for command in re.findall(r"^\$ (.*)", shown, re.MULTILINE):
        script += [
            f"printf '$ %s\\n' {shlex.quote(command)}",
            f"(exit $code); {command}",
            "code=$?",
        ]
    return "\n".join(script)


def without_code(text: str) -> str:
    """Markdown without what stands in code."""
    return re.sub(
        r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    )


def anchors(page: Path) -> set[str]:
    """What a link to a heading of a page may name, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def first_cells(text: str) -> list[str]:
    """The first column of every table, without header, backticks and arguments."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    cells = [row.split("|")[1].strip() for row in rows]
    return [cell for cell in cells[1:] if set(cell) - set("-: ")]


def kpiaudit(*arguments: str) -> str:
    """What the program prints on stdout; it must succeed."""
    return subprocess.run(
        [sys.executable, "-m", "kpiaudit", *arguments], capture_output=True, text=True, check=True
    ).stdout


def commands(*group: str) -> set[str]:
    """Every command `--help` lists, with those of a group as `group command`."""
    listed = kpiaudit(*group, "--help").partition("Commands:")[2].partition("\n\n")[0]
    names = re.findall(r"^  (\S+)", listed, re.MULTILINE)
    assert names or group, "--help lists no command"
    found: set[str] = set()
    for name in names:
        inner = commands(*group, name) if not group else set()
        found |= {f"{name} {command}" for command in inner} or {name}
    return found


def test_two_lines_do_everything(readme: str) -> None:
    lines = [line for line in readme.splitlines() if line.startswith("python3 -m venv")]
    assert lines == [
        SET_UP.format(lock="requirements.lock") + ".venv/bin/kpiaudit report sample_exports/",
        SET_UP.format(lock="requirements-dev.lock") + ".venv/bin/python -m pytest",
    ]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_names_hashes_and_no_address(root: Path, name: str) -> None:
    lock = (root / name).read_text(encoding="utf-8")
    pinned = re.findall(r"^[^\s-].*", lock, re.MULTILINE)
    hashed = re.findall(r"^\S+==\S+.* \\\n    --hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)
    assert len(pinned) == len(hashed) > 0
    assert "//" not in lock


def test_every_command_is_in_the_readme_and_no_other(readme: str) -> None:
    cells = first_cells(section(readme, "Commands"))
    documented = {re.sub(r" [A-Z.\[\]]+.*", "", cell.strip("`")) for cell in cells}
    assert documented == commands()


def test_every_source_is_in_the_readme_and_no_other(readme: str) -> None:
    cells = [cell.strip("`") for cell in first_cells(section(readme, "Exports it reads"))]
    assert sorted(cells) == sorted([*NAMES, "[sources.NAME]"])


def test_the_exit_codes_are_those_of_the_program(readme: str) -> None:
    documented = [int(cell) for cell in first_cells(section(readme, "Exit codes"))]
    assert documented == sorted(ExitCode)


@pytest.mark.parametrize(
    ("name", "heading"), [("README.md", "The promise"), ("docs/policy.md", "An example")]
)
def test_the_policies_shown_are_valid(name: str, heading: str, root: Path, tmp_path: Path) -> None:
    text = section((root / name).read_text(encoding="utf-8"), heading)
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example
    policy = tmp_path / "kpiaudit.toml"
    policy.write_text(example.group(1), encoding="utf-8")
    kpiaudit("config", "check", "-c", str(policy))


def test_pictures_are_light(root: Path) -> None:
    shown = {path.name: path.stat().st_size for path in (root / "docs" / "images").glob("*.png")}
    assert {"report.png", "terminal.png"} <= shown.keys()
    assert max(shown.values()) < 150_000


def test_the_reference_pages_say_what_the_program_does(root: Path) -> None:
    """To mend: python scripts/reference.py."""
    done = subprocess.run(
        [sys.executable, "scripts/reference.py", "--check"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_key_of_a_policy_is_explained_and_no_other() -> None:
    whole = schema()
    tables = {**whole["$defs"], "PolicyTable": whole}
    explained = {name: set(keys) for name, keys in MEANINGS.items()}
    assert explained == {name: set(table["properties"]) for name, table in tables.items()}


def test_every_metric_of_an_sla_is_told_and_no_other(root: Path) -> None:
    text = (root / "docs" / "metrics.md").read_text(encoding="utf-8")
    told = [cell.strip("`") for cell in first_cells(section(text, "Clocks"))]
    assert sorted(told) == sorted(SLA_METRICS)


def test_each_session_shown_is_the_true_output(
    page: Path, root: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Every console block of a page, one after another in one folder that holds sample_exports/.

    --update-golden writes what is true now into the page; read the difference.
    """
    if not sessions(page):
        return
    shutil.copytree(root / "sample_exports", tmp_path / "sample_exports")
    program = tmp_path / ".bin" / "kpiaudit"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m kpiaudit "$@"\n')
    program.chmod(0o755)
    places = {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]),
    }
    for shown in sessions(page):
        done = subprocess.run(
            ["bash", "-c", replayed(shown)],  # noqa: S607
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, **places},
        )
        if request.config.getoption("--update-golden"):
            text = page.read_text(encoding="utf-8")
            page.write_text(text.replace(f"```console\n{shown}", f"```console\n{done.stdout}", 1))
        else:
            assert done.stdout == shown


def test_the_readme_and_the_guide_show_sessions(root: Path) -> None:
    for name in ("README.md", "docs/getting-started.md", "docs/evidence.md", "docs/faq.md"):
        assert sessions(root / name), name


def test_every_relative_link_leads_somewhere(page: Path, root: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        led_to = (page.parent / path).resolve() if path else page
        assert led_to.exists(), target
        assert led_to.is_relative_to(root), target
        assert not anchor or anchor in anchors(led_to), target
