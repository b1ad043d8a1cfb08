"""The JSON Schemas in docs/, as anybody may use them and closed, so that a key nobody describes is seen."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

DOCS = Path(__file__).resolve().parent.parent / "docs"


@cache
def schema(name: str) -> dict[str, Any]:
    """The published schema of a command's JSON."""
    found: dict[str, Any] = json.loads((DOCS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found


def closed(node: Any) -> Any:  # noqa: ANN401
    """The same schema, in which an object holds nothing that is not described."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    inner = {key: closed(value) for key, value in node.items()}
    if "properties" in node and node.get("type") == "object":
        inner["additionalProperties"] = False
    return inner


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(
        closed(schema(name)), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def assert_published(name: str, text: str) -> dict[str, Any]:
    """Return the document of a JSON text that is as `docs/NAME.schema.json` says, and no more."""
    document: dict[str, Any] = json.loads(text)
    faults = [
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:200]}"
        for fault in validator(name).iter_errors(document)
    ]
    assert not faults, faults[:5]
    return document
