"""Where the policy of a run is found."""

from __future__ import annotations

import tomllib
from pathlib import Path

POLICY_NAME = "kpiaudit.toml"


def find_policy(start: Path) -> Path | None:
    """Return the policy nearest to the folder `start`, or None.

    Looks in `start` and upward, up to and including the first folder that holds `.git`. In one folder
    kpiaudit.toml beats a pyproject.toml; a pyproject.toml without `[tool.kpiaudit]` is passed over.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        own = folder / POLICY_NAME
        if own.is_file():
            return own
        shared = folder / "pyproject.toml"
        if shared.is_file() and _has_table(shared):
            return shared
        if (folder / ".git").exists():
            return None
    return None


def _has_table(pyproject: Path) -> bool:
    try:
        content = pyproject.read_bytes()
    except OSError:
        return False
    try:
        tool = tomllib.loads(content.decode("utf-8-sig")).get("tool")
    except ValueError:
        # Broken TOML that speaks of us is handed on, so that the reader of the policy names the line.
        return b"[tool.kpiaudit" in content
    return isinstance(tool, dict) and "kpiaudit" in tool
