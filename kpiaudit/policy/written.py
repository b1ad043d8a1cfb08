"""A policy as written, read with nothing taken for granted: what has the wrong type is passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def table(here: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the table under `key`, or an empty one."""
    value = here.get(key)
    return value if isinstance(value, dict) else {}


def items(here: Mapping[str, Any], key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the tables by name under `key`."""
    yield from (
        (name, entry) for name, entry in table(here, key).items() if isinstance(entry, dict)
    )


def tables(here: Mapping[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the tables of the list under `key` with their position from 0."""
    yield from ((i, entry) for i, entry in _listed(here, key) if isinstance(entry, dict))


def texts(here: Mapping[str, Any], key: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of the list under `key` with their position from 0."""
    yield from ((i, entry) for i, entry in _listed(here, key) if isinstance(entry, str))


def _listed(here: Mapping[str, Any], key: str) -> Iterator[tuple[int, Any]]:
    value = here.get(key)
    yield from enumerate(value if isinstance(value, list) else [])
