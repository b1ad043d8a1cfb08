"""The architecture, read from the imports: one way, light at the front, heavy work in one place."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter

import pytest
from imports import called, imported, modules, ours, reached

from kpiaudit.sources import NAMES

VALUES = {
    "calendars.days", "comparison.compared", "definitions", "drafting.drafted", "errors", "evidence.changes", "explanation.explained", "inert",
    "gates", "kpis", "kpis.catalogue", "privacy", "redaction", "report", "settings", "sources.base", "suppression", "views.shown",
    "whatif.outlook",
}  # fmt: skip
READING = {"exports", "readers", "sources"}
MAY_IMPORT = {
    "main": {"cli", "values"},
    "cli": {"cli", "pipeline", "policy", "renderers", "values", "schema"} | READING,
    "pipeline": {"pipeline", "stages", "values", "schema"} | READING,
    "renderers": {"renderers", "values"},
    "policy": {"policy", "values", "schema"},
    "readers": {"readers", "exports", "sources", "values", "schema"},
    "exports": {"exports", "sources", "values", "schema"},
    "sources": {"sources", "values"},
    "stages": {"stages", "values", "schema"},
    "schema": {"values"},
    "values": {"values"},
}
FLOW = ("messages", "conversations", "clocks", "adherence")
HEAVY = {"dateutil", "holidays", "icalendar", "msgspec", "polars", "pydantic"}
FORBIDDEN = {"aiohttp", "http", "httpx", "numpy", "pandas", "requests", "socket", "urllib"}
COLLECT = {"collect", "collect_all", "collect_async", "collect_batches", "sink_batches"}
PYTHON_PER_ROW = {"apply", "map_batches", "map_elements", "map_groups"}
ROWS_AS_PYTHON = {"iter_rows", "iter_slices", "rows", "to_dicts"}
CLOCKS = {"date.today", "datetime.now", "datetime.today", "datetime.utcnow", "time.time"}
CLOCKS |= {"time.localtime", "time.gmtime"}
VAGUE = {"common", "handler", "helpers", "manager", "misc", "utils"}


LAYERED = {
    "cli", "exports", "pipeline", "policy", "readers", "renderers", "schema", "sources",
}  # fmt: skip
OTHERS = {
    "__main__": "main",
    "assembly": "pipeline",
    "audit": "pipeline",
    "calendars.almanac": "pipeline",
    "calendars.closures": "schema",
    "charts": "renderers",
    "comparison.contrasts": "pipeline",
    "decoding": "readers",
    "diagnostics": "cli",
    "disagreements": "pipeline",
    "drafting": "pipeline",
    "evidence": "pipeline",
    "explanation": "pipeline",
    "explanation.explain": "stages",
    "findings": "pipeline",
    "kpi_frames": "pipeline",
    "ledger": "pipeline",
    "models.chosen": "pipeline",
    "pseudonyms": "pipeline",
    "quality": "pipeline",
    "quotes": "pipeline",
    "scorecard": "pipeline",
    "search": "pipeline",
    "shortlist": "pipeline",
    "tables": "pipeline",
    "views.chosen": "pipeline",
    "wanted": "pipeline",
    "whatif": "pipeline",
    "whatif.supposed": "stages",
    "zones": "schema",
}


def layer(name: str) -> str:
    """The layer a module belongs to, by its own name or its package's; what has no other is a stage."""
    within = name.removeprefix("kpiaudit").removeprefix(".")
    head = within.split(".")[0]
    if not within or within in VALUES:
        return "values"
    for known in (within, head):
        if known in OTHERS:
            return OTHERS[known]
    return head if head in LAYERED else "stages"


def calls(tree: ast.AST) -> set[str]:
    return {call for call, _ in called(tree)}


def product(name: str) -> str | None:
    """The product whose exports a module reads, such as `zendesk`; None for what all sources share."""
    stem = name.removeprefix("kpiaudit.sources.").removeprefix("kpiaudit.readers.")
    known = {source.split("_")[0] for source in NAMES}
    head = stem.split("_")[0]
    return head if layer(name) in {"readers", "sources"} and head in known else None


def test_imports_point_one_way() -> None:
    wrong = {
        name: others
        for name, module in modules().items()
        if (
            others := {
                other
                for other in ours(module.tree)
                if other != "kpiaudit" and layer(other) not in MAY_IMPORT[layer(name)]
            }
        )
    }
    assert not wrong


def test_no_module_imports_itself_through_others() -> None:
    graph = {name: ours(module.tree, at_start=True) - {name} for name, module in modules().items()}
    assert set(TopologicalSorter(graph).static_order()) == modules().keys()


@pytest.mark.parametrize("position", range(len(FLOW)))
def test_nothing_flows_back(position: int) -> None:
    stage = modules()[f"kpiaudit.{FLOW[position]}"]
    later = {f"kpiaudit.{name}" for name in FLOW[position + 1 :]}
    assert not ours(stage.tree) & later


def test_a_source_never_imports_another_source() -> None:
    products = {name: made for name in modules() if (made := product(name))}
    for package in ("sources", "readers"):
        assert products.keys() >= {f"kpiaudit.{package}.{name}" for name in NAMES}
    for name, made in products.items():
        others = {products.get(other, made) for other in ours(modules()[name].tree)}
        assert others <= {made}, name


def test_the_front_loads_nothing_heavy() -> None:
    front = [name for name in modules() if layer(name) in {"cli", "main", "sources", "values"}]
    assert "kpiaudit.__main__" in front
    for name in front:
        loaded = {other.split(".")[0] for other in reached(name)}
        assert not loaded & HEAVY, name


def test_neither_network_nor_pandas() -> None:
    for name, module in modules().items():
        assert not {other.split(".")[0] for other in imported(module.tree)} & FORBIDDEN, name


def test_frames_are_collected_in_the_pipeline() -> None:
    """Readers may: their look-ups are small, and a record decoder has its rows already."""
    for name, module in modules().items():
        if name != "kpiaudit.pipeline" and layer(name) != "readers":
            assert not calls(module.tree) & COLLECT, name


def test_no_python_runs_per_row() -> None:
    for name, module in modules().items():
        assert not calls(module.tree) & PYTHON_PER_ROW, name
    for stage in FLOW:
        assert not calls(modules()[f"kpiaudit.{stage}"].tree) & ROWS_AS_PYTHON, stage


def test_the_machines_clock_is_read_by_as_of_now_alone() -> None:
    readers = [
        name
        for name, module in modules().items()
        for call, _ in called(module.tree)
        if call in CLOCKS
    ]
    assert len(readers) <= 1, readers
    assert all(layer(name) == "cli" for name in readers), readers


def test_only_the_command_line_catches_everything_and_who_loads_foreign_code() -> None:
    wide = {"BaseException", "Exception", "None"}
    for name, module in modules().items():
        caught = {
            ast.unparse(kind) if (kind := handler.type) else "None"
            for handler in ast.walk(module.tree)
            if isinstance(handler, ast.ExceptHandler)
        }
        assert name in {"kpiaudit.cli.main", "kpiaudit.sources"} or not caught & wide, name


def test_a_module_is_one_room_and_a_function_one_page() -> None:
    for name, module in modules().items():
        assert module.lines <= 400, name
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{name}: {node.name}"


def test_a_module_is_named_after_what_it_holds() -> None:
    for name in modules():
        assert not set(name.split(".")) & VAGUE, name


def test_the_reading_itself_sees_what_it_should() -> None:
    tree = ast.parse(
        "from typing import TYPE_CHECKING\n"
        "import polars as pl\n"
        "if TYPE_CHECKING:\n    import pydantic\n"
        "def read():\n    from kpiaudit import errors\n    return pl.scan_csv('x').collect()\n"
        "when = datetime.now()\n"
    )
    assert imported(tree) >= {"polars", "pydantic", "kpiaudit.errors"}
    assert imported(tree, at_start=True) == {"polars", "typing", "typing.TYPE_CHECKING"}
    assert ours(tree) == {"kpiaudit", "kpiaudit.errors"}
    assert calls(tree) >= {"collect", "datetime.now"}
    assert "polars" in reached("kpiaudit.schema")
