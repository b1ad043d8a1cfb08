"""The JSON Schema of a policy, as it lies in docs/kpiaudit.schema.json."""

from __future__ import annotations

import json
from typing import Any

from kpiaudit.policy.meanings import MEANINGS
from kpiaudit.policy.models import PolicyTable


def schema() -> dict[str, Any]:
    """Return the schema of a policy, every key with what it means."""
    schema = PolicyTable.model_json_schema(mode="validation")
    for name, table in {**schema["$defs"], PolicyTable.__name__: schema}.items():
        for key, told in table["properties"].items():
            told.update({"description": MEANINGS[name][key]} if key in MEANINGS[name] else {})
    return schema


def schema_text() -> str:
    """Return the schema as JSON, its keys sorted: the same text from every version of the models' library
    that has the same schema.
    """
    published = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema(),
        "title": "kpiaudit.toml",
    }
    return json.dumps(published, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
