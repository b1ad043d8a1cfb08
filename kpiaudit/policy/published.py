"""The JSON Schema of a policy, as it lies in docs/kpiaudit.schema.json."""

from __future__ import annotations

import json

from kpiaudit.policy.models import PolicyTable


def schema_text() -> str:
    """Return the schema as JSON, its keys sorted: the same text from every version of the models' library
    that has the same schema.
    """
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **PolicyTable.model_json_schema(mode="validation"),
        "title": "kpiaudit.toml",
    }
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
