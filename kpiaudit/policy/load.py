"""Reading a policy: the whole of it, or every mistake in it at once."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from kpiaudit.errors import PolicyError
from kpiaudit.policy.build import build
from kpiaudit.policy.checks import check
from kpiaudit.policy.discovery import POLICY_NAME
from kpiaudit.policy.faults import found, told
from kpiaudit.policy.models import PolicyTable

if TYPE_CHECKING:
    from kpiaudit.settings import Settings

_TABLE = "tool.kpiaudit"


def load_policy(path: Path) -> Settings:
    """Return the settings that a kpiaudit.toml, or the table in a pyproject.toml, stands for.

    Raises PolicyError with every mistake; keys number the items of lists from 1, in file order.
    """
    name = _displayed(path)
    document = _document(path, name)
    if path.name != "pyproject.toml":
        return parse_policy(document, path=name, folder=path.parent)
    tool = document.get("tool")
    policy = tool.get("kpiaudit") if isinstance(tool, dict) else None
    if not isinstance(policy, dict):
        raise PolicyError(name, [("", f"has no [{_TABLE}] table")])
    try:
        return parse_policy(policy, path=name, folder=path.parent)
    except PolicyError as err:
        faults = [(f"{_TABLE}.{key}", text) for key, text in err.faults]
        raise PolicyError(name, faults) from None


def parse_policy(policy: dict[str, Any], *, path: str, folder: Path) -> Settings:
    """Return the settings that the tables of a policy stand for.

    `path` is what the policy is called in messages; files it names are looked for in `folder`.
    Raises PolicyError with every mistake, as `sla[1].target` and a sentence.
    """
    faults = list(check(policy, folder=folder))
    try:
        valid = PolicyTable.model_validate(policy)
    except ValidationError as err:
        faults += found(err.errors(include_url=False))
    if faults:
        raise PolicyError(path, told(faults, policy))
    return build(valid, path=path, folder=folder, raw=policy)


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of a policy, for editors and `config schema`."""
    schema: dict[str, object] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    for key, value in PolicyTable.model_json_schema().items():
        schema[key] = _without_null(value)
    return schema | {"title": POLICY_NAME}


def _without_null(schema: object) -> object:
    """A schema less the nulls that Python needs and TOML does not have."""
    if isinstance(schema, list):
        return [_without_null(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _without_null(value)
        for key, value in schema.items()
        if not (key == "default" and value is None)
    }
    choices = [entry for entry in schema.get("anyOf", ()) if entry != {"type": "null"}]
    if len(choices) > 1:
        kept["anyOf"] = [_without_null(entry) for entry in choices]
    if len(choices) == 1:
        del kept["anyOf"]
        return {**choices[0], **kept}
    return kept


def _document(path: Path, name: str) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise PolicyError(name, [("", "is not UTF-8 text; save it as UTF-8")]) from err
    except FileNotFoundError as err:
        raise PolicyError(name, [("", "there is no such file")]) from err
    except OSError as err:
        reason = (err.strerror or "it cannot be opened").lower()
        raise PolicyError(name, [("", f"cannot be read: {reason}")]) from err
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise PolicyError(name, [_syntax_fault(str(err), text)]) from err


def _syntax_fault(message: str, text: str) -> tuple[str, str]:
    match = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", message, re.DOTALL)
    if match:
        what, line, column = match.groups()
    else:
        lines = text.rstrip("\n").split("\n")
        what, line, column = (
            message.removesuffix(" (at end of document)"),
            len(lines),
            len(lines[-1]),
        )
    return f"line {line}, column {column}", f"not TOML: {what[:1].lower()}{what[1:]}"


def _displayed(path: Path) -> str:
    """The path as messages show it: from the working folder where one holds the other."""
    folder, here = path.resolve().parent, Path.cwd()
    if folder.is_relative_to(here) or here.is_relative_to(folder):
        return Path(os.path.relpath(path.resolve(), here)).as_posix()
    return str(path)
