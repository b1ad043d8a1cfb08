"""A reading of the package's own source: who imports whom, and who calls what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "kpiaudit"


@dataclass(frozen=True)
class Module:
    """One file of the package, parsed."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def lines(self) -> int:
        return len(self.path.read_text(encoding="utf-8").splitlines())


@cache
def modules() -> dict[str, Module]:
    """Every module of the package by dotted name; a package goes by its own name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8"), str(path)))
    return found


def imported(tree: ast.AST, *, at_start: bool = False) -> set[str]:
    """Dotted names a tree imports; `at_start` leaves out functions and `if TYPE_CHECKING`.

    `from a import b` gives `a` and `a.b`, for `b` may be a module.
    """
    names: set[str] = set()
    for node in _walk(tree, at_start=at_start):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def ours(tree: ast.AST, *, at_start: bool = False) -> set[str]:
    """Modules of this package that a tree imports."""
    return imported(tree, at_start=at_start) & modules().keys()


def reached(start: str) -> set[str]:
    """Every dotted name, ours or not, that importing `start` loads by our own hand."""
    seen: set[str] = set()
    todo = {start}
    while todo:
        name = todo.pop()
        seen.add(name)
        if module := modules().get(name):
            parents = {name.rsplit(".", 1)[0]} if "." in name else set()
            todo |= (imported(module.tree, at_start=True) | parents) - seen
    return seen


def called(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every call as (`collect` or `datetime.now`, line): the last two dotted parts, then the last."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Name):
            yield function.id, node.lineno
        elif isinstance(function, ast.Attribute):
            yield function.attr, node.lineno
            owner = function.value
            before = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", None)
            if before:
                yield f"{before}.{function.attr}", node.lineno


def _walk(tree: ast.AST, *, at_start: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if at_start and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if at_start and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _walk(node, at_start=at_start)
