from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kpiaudit import renderers
from kpiaudit.errors import UsageError

if TYPE_CHECKING:
    from kpiaudit.report import Report


@pytest.mark.parametrize("kind", renderers.FILE_KINDS)
def test_every_kind_renders_to_text_that_ends_its_line(kind: str, report: Report) -> None:
    assert renderers.load(kind).render(report).endswith("\n")


@pytest.mark.parametrize(
    ("path", "kind"), [("out/a.json", "json"), ("A.CSV", "csv"), ("a.b.html", "html")]
)
def test_a_suffix_names_the_kind(path: str, kind: str) -> None:
    assert renderers.kind_of(path) == kind


@pytest.mark.parametrize("path", ["report", "report.jsn", ".json"])
def test_a_suffix_of_no_kind_is_refused_with_the_kinds_there_are(path: str) -> None:
    with pytest.raises(UsageError) as caught:
        renderers.kind_of(path)
    assert caught.value.where == path
    assert ".json, .csv" in str(caught.value.hint)


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'json'"):
        renderers.load("jsno")


def test_choosing_a_renderer_loads_none() -> None:
    code = (
        "import sys, kpiaudit.renderers as r; r.kind_of('a.json');"
        "sys.exit(any(m in sys.modules for m in [*r.FILE_KINDS.values(), 'rich', 'polars']))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
