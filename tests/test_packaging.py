"""The package as others install it: built, unpacked elsewhere, and run from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

needs_hatchling = pytest.mark.skipif(
    find_spec("hatchling") is None, reason="hatchling, which builds the package, is not installed"
)
BUILD = """
import sys
from hatchling import build
print(getattr(build, sys.argv[1])(sys.argv[2]))
"""


def built(kind: str, root: Path, folder: Path) -> Path:
    """What hatchling makes of the repository: a wheel, an editable one, or the sources."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, f"build_{kind}", str(folder)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return folder / done.stdout.split()[-1]


def run(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command in another folder than the repository's."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )


@needs_hatchling
def test_the_wheel_reports_on_its_samples_from_any_folder(root: Path, tmp_path: Path) -> None:
    wheel = built("wheel", root, tmp_path)
    target = tmp_path / "installed"
    options = ("--quiet", "--no-deps", "--no-index", "--no-compile", "--target", str(target))
    run(tmp_path, "-m", "pip", "install", *options, str(wheel))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    report = ("-m", "kpiaudit", "report", "--sample", "--format", "json")
    done = run(elsewhere, *report, PYTHONPATH=str(target))
    assert f"reading the samples in {target.as_posix()}/kpiaudit/samples" in done.stderr
    packed = json.loads(done.stdout)
    lying = run(root, *report[:3], "sample_exports", *report[4:], PYTHONPATH=str(root))
    assert packed["slas"] == json.loads(lying.stdout)["slas"] != []


@needs_hatchling
def test_the_wheel_is_typed_and_holds_every_sample(root: Path, tmp_path: Path) -> None:
    held = set(zipfile.ZipFile(built("wheel", root, tmp_path)).namelist())
    samples = [path for path in (root / "sample_exports").rglob("*") if path.is_file()]
    shipped = {path.relative_to(root / "sample_exports").as_posix() for path in samples}
    assert {"kpiaudit/py.typed", *(f"kpiaudit/samples/{name}" for name in shipped)} <= held
    assert not [name for name in held if name.startswith(("tests/", "sample_exports/", "docs/"))]


@needs_hatchling
def test_a_checkout_installed_to_be_edited_holds_no_copy(root: Path, tmp_path: Path) -> None:
    held = zipfile.ZipFile(built("editable", root, tmp_path)).namelist()
    assert not [name for name in held if name.startswith("kpiaudit/")]


@needs_hatchling
def test_the_sources_hold_what_their_tests_read(root: Path, tmp_path: Path) -> None:
    with tarfile.open(built("sdist", root, tmp_path)) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "README.md", "pyproject.toml", "requirements.lock", "requirements-dev.lock",
        "tests/test_packaging.py", "kpiaudit/py.typed", "sample_exports/kpiaudit.toml",
        "docs/images/report.png", "LICENSE", ".ci/run", ".github/workflows/ci.yml", "action.yml",
        ".pre-commit-hooks.yaml", "docs/kpiaudit.schema.json",
    } <= held  # fmt: skip


def test_samples_are_read_by_their_own_policy_unless_another_is_named(
    root: Path, tmp_path: Path
) -> None:
    nearest = tmp_path / "kpiaudit.toml"
    mine = '\n[[sla]]\nname = "mine"\nmetric = "resolution"\ntarget = "8h"\ngoal = "50%"\nalso = true\n'
    theirs = (root / "sample_exports" / "kpiaudit.toml").read_text(encoding="utf-8")
    nearest.write_text(theirs + mine, encoding="utf-8")
    report = ("-m", "kpiaudit", "report", "--sample", "--format", "json", "--quiet")
    judged = [
        {sla["name"] for sla in json.loads(done.stdout)["slas"]}
        for done in (
            run(tmp_path, *report, PYTHONPATH=str(root)),
            run(tmp_path, *report, "-c", nearest.name, PYTHONPATH=str(root)),
        )
    ]
    assert judged[1] - judged[0] == {"mine"}
    assert "social-first-response" in judged[0]


def test_samples_and_exports_are_not_mixed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kpiaudit", "report", "--sample", "x.csv"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--sample: stands beside 'x.csv'" in done.stderr


def test_every_python_ci_runs_is_named_and_no_other(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    prefix = "Programming Language :: Python :: "
    named = [c.removeprefix(prefix) for c in project["classifiers"] if c.startswith(prefix)]
    workflow = (root / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    line = next(line for line in workflow.splitlines() if "python:" in line and "[" in line)
    assert json.loads(line.partition(":")[2]) == named == ["3.11", "3.12", "3.13", "3.14"]
