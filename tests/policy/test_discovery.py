from __future__ import annotations

from pathlib import Path

from kpiaudit.policy.discovery import find_policy


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path.resolve()


def test_the_policy_beside_the_start_is_found(tmp_path: Path) -> None:
    policy = write(tmp_path / "kpiaudit.toml")
    assert find_policy(tmp_path) == policy


def test_the_nearest_policy_above_is_found(tmp_path: Path) -> None:
    write(tmp_path / "kpiaudit.toml")
    near = write(tmp_path / "a" / "kpiaudit.toml")
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    assert find_policy(tmp_path / "a" / "b" / "c") == near


def test_kpiaudit_toml_beats_pyproject_in_one_folder(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.kpiaudit]\n")
    policy = write(tmp_path / "kpiaudit.toml")
    assert find_policy(tmp_path) == policy


def test_a_nearer_pyproject_beats_a_farther_kpiaudit_toml(tmp_path: Path) -> None:
    write(tmp_path / "kpiaudit.toml")
    near = write(tmp_path / "a" / "pyproject.toml", "[tool.kpiaudit]\n")
    assert find_policy(tmp_path / "a") == near


def test_a_pyproject_without_our_table_is_passed_over(tmp_path: Path) -> None:
    policy = write(tmp_path / "kpiaudit.toml")
    write(tmp_path / "a" / "pyproject.toml", "[tool.ruff]\n")
    assert find_policy(tmp_path / "a") == policy


def test_the_repository_root_is_searched_but_nothing_above_it(tmp_path: Path) -> None:
    write(tmp_path / "kpiaudit.toml")
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "src").mkdir()
    assert find_policy(tmp_path / "repo" / "src") is None
    policy = write(tmp_path / "repo" / "kpiaudit.toml")
    assert find_policy(tmp_path / "repo" / "src") == policy


def test_a_folder_named_like_the_policy_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "kpiaudit.toml").mkdir()
    assert find_policy(tmp_path) is None


def test_broken_toml_that_speaks_of_us_is_found_and_other_broken_toml_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path / "pyproject.toml", "[tool.ruff\n")
    assert find_policy(tmp_path) is None
    broken = write(tmp_path / "pyproject.toml", "[tool.kpiaudit]\nx = \n")
    assert find_policy(tmp_path) == broken
