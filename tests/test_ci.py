"""What docs/ci.md and the action tell a CI job to run: red on a breached export, green on a kept one."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import exchange, kpiaudit, messages

from kpiaudit.errors import ExitCode

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
SYSTEMS = ("GitHub Actions", "GitLab", "Azure Pipelines", "Jenkins")
COMMAND = re.compile(r"^\s*(?:- )?(?:run: |script: |sh ')?(kpiaudit .*?)'?$", re.MULTILINE)


def section(heading: str) -> str:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found
    blocks = re.findall(r"```\w+\n(.*?)```", found[1], re.DOTALL)
    return "\n".join(blocks)


def lines_of(heading: str) -> list[str]:
    lines = COMMAND.findall(section(heading))
    assert lines
    return lines


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment in which `kpiaudit` is this program."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "kpiaudit"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m kpiaudit "$@"\n')
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KPIAUDIT_")}
    path = f"{folder}{os.pathsep}{kept['PATH']}"
    return kept | {"PATH": path, "PYTHONPATH": str(ROOT), "GITHUB_STEP_SUMMARY": ""}


def job(tmp_path: Path, *, is_kept: bool) -> Path:
    folder = tmp_path / "job"
    messages(folder / "exports" / "desk.csv", exchange("c1", 30 if is_kept else 90))
    (folder / ".git").mkdir()
    return folder


def run(line: str, folder: Path, shell: dict[str, str]) -> int:
    return subprocess.run(
        ["/bin/bash", "-ec", line], cwd=folder, env=shell, capture_output=True, check=False
    ).returncode


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_lines_of_a_recipe_pass_a_kept_promise_and_fail_a_broken_one(
    system: str, is_kept: bool, tmp_path: Path, shell: dict[str, str]
) -> None:
    folder = job(tmp_path, is_kept=is_kept)
    (line,) = lines_of(system)
    assert run(line, folder, shell) == (0 if is_kept else 1)
    assert json.loads((folder / "kpiaudit.json").read_text())["exit_code"] == (not is_kept)
    suites = ElementTree.parse(folder / "kpiaudit.xml").getroot()  # noqa: S314
    assert suites.get("failures") == ("0" if is_kept else "1")
    assert all(name in section(system) for name in re.findall(r"[\w.]+\.xml", line))


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_action_does_the_same(tmp_path: Path, shell: dict[str, str], is_kept: bool) -> None:
    folder = job(tmp_path, is_kept=is_kept)
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    (line,) = re.findall(r"run: (kpiaudit .*)$", text, re.MULTILINE)
    inputs = dict(re.findall(r"^  ([\w-]+):\n(?:    .*\n)*?    default: (.*)$", text, re.MULTILINE))
    given = re.findall(r"^        (\w+): \$\{\{ inputs\.([\w-]+) \}\}$", text, re.MULTILINE)
    env = {name: inputs.get(key, "exports/").strip('"') for name, key in given}
    assert {"EXPORTS", "JUNIT", "KPIAUDIT_CONFIG", "KPIAUDIT_NO_WORSE_THAN"} <= env.keys()
    assert "${{" not in line
    assert run(line, folder, shell | env) == (0 if is_kept else 1)
    assert (folder / "kpiaudit.xml").is_file()


def test_the_ratchet_of_the_guide_holds_what_is_below_its_goal(
    tmp_path: Path, shell: dict[str, str]
) -> None:
    folder = job(tmp_path, is_kept=False)
    first, second = lines_of("A team below its goal")
    assert run(first, folder, shell) == 0
    assert run(second, folder, shell) == 0
    messages(folder / "exports" / "desk.csv", [*exchange("c1", 30), *exchange("c2", 90)])
    assert run(first, folder, shell) == 0
    messages(folder / "exports" / "desk.csv", exchange("c1", 90))
    assert run(second, folder, shell) == 1


def test_the_hook_checks_the_policy_it_is_given(tmp_path: Path, shell: dict[str, str]) -> None:
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    (entry,) = re.findall(r"entry: (.*)$", hook, re.MULTILINE)
    assert f"entry: {entry}" in section("Before a commit")
    policy = tmp_path / "kpiaudit.toml"
    for text, code in ('time_zone = "UTC"\n', 0), ("colour = 1\n", 2):
        policy.write_text(text)
        assert run(f"{entry} {shlex.quote(str(policy))}", tmp_path, shell) == code


def test_the_guide_tells_every_exit_code() -> None:
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", GUIDE, re.MULTILINE)] == sorted(
        ExitCode
    )


def test_the_published_schema_of_a_policy_is_the_programs_own() -> None:
    published = (ROOT / "docs" / "kpiaudit.schema.json").read_text(encoding="utf-8")
    assert kpiaudit("config", "schema").out == published


def test_the_schema_takes_the_sample_policy_and_refuses_mistakes() -> None:
    import tomllib

    from jsonschema import Draft202012Validator

    schema = json.loads((ROOT / "docs" / "kpiaudit.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    policy = tomllib.loads((ROOT / "sample_exports" / "kpiaudit.toml").read_text(encoding="utf-8"))
    told = json.loads(json.dumps(policy, default=str))
    assert not [fault.message for fault in validator.iter_errors(told)]
    assert list(validator.iter_errors({"colour": "red"}))
    assert list(validator.iter_errors({"sla": [{"name": "a", "metric": "first_respons"}]}))
