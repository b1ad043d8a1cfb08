"""What every test stands on: one zone, one width, goldens, and the folders nobody here wrote."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import settings

from kpiaudit import pipeline
from kpiaudit.wanted import columns_wanted

if TYPE_CHECKING:
    from kpiaudit.audit import Request
    from kpiaudit.messages import Conformed
    from kpiaudit.sources.base import Claim

os.environ["TZ"] = "UTC"
time.tzset()

settings.register_profile("default", deadline=None, max_examples=100, print_blob=True)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_exports"
TERMINAL = (
    "FORCE_COLOR",
    "GITHUB_ACTIONS",
    "NO_COLOR",
    "PY_COLORS",
    "TERMINAL_WIDTH",
    "TTY_COMPATIBLE",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the only way to change a golden file."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the program says now; read the difference before committing it",
    )


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show the same bytes on a laptop, in a pipe and on a CI machine."""
    for name in TERMINAL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def sample_exports(root: Path) -> Path:
    """The exports this project makes itself."""
    return root / "sample_exports"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str | bytes], None]:
    """Compare a result with `tests/golden/NAME`, byte for byte."""
    update = request.config.getoption("--update-golden")

    def compare(name: str, result: str | bytes) -> None:
        path = ROOT / "tests" / "golden" / name
        actual = result.encode() if isinstance(result, str) else result
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(actual)
        assert path.exists(), f"no golden file {name}; make it with --update-golden and read it"
        if isinstance(result, str):
            assert result == path.read_bytes().decode()
        assert actual == path.read_bytes()

    return compare


@pytest.fixture(autouse=True, scope="session")
def samples_read_once() -> Iterator[None]:
    """Remember what reading each sample gave, by all that decides it: most of the time of the many tests that
    audit all of them.
    """
    read = pipeline.collect_messages
    known: dict[tuple[object, ...], Conformed] = {}

    def remembered(claim: Claim, request: Request, *, careful: bool) -> Conformed:
        if not all(file.path.resolve().is_relative_to(SAMPLES) for file in claim.files):
            return read(claim, request, careful=careful)
        files = tuple(
            (replace(file, content=None), file.path.stat().st_mtime_ns, file.path.stat().st_size)
            for file in claim.files
        )
        settings = request.settings
        told = (settings.time_zone, settings.date_order, settings.us, settings.categories)
        asked = (
            sorted(columns_wanted(request, ("author", "author_role"))),
            *(request.all_columns, request.text, request.is_inspection, careful),
        )
        key = (claim.source.name, repr(files), repr((told, asked, settings.sources)))
        if key not in known:
            known[key] = read(claim, request, careful=careful)
        return known[key]

    with patch.object(pipeline, "collect_messages", remembered):
        yield


def folder_named_by(variable: str) -> Path:
    """The folder an environment variable names; without the variable the test is skipped."""
    named = os.environ.get(variable)
    if not named:
        pytest.skip(f"{variable} names no folder on this machine")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"{variable} names {named}, which is no folder")
    return folder


@pytest.fixture
def real_exports() -> Path:
    """Exports other people's tools wrote; mark the test `real_exports`."""
    return folder_named_by("KPIAUDIT_REAL_EXPORTS")


@pytest.fixture
def oracle() -> Path:
    """Published business-time and SLA cases; mark the test `oracle`."""
    return folder_named_by("KPIAUDIT_ORACLE")
