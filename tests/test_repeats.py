"""Rows that say again what another says, counted bucket by bucket as by a hand that holds them all."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kpiaudit.repeats import differing, repeats

START = datetime(2026, 9, 1, tzinfo=UTC)
COLUMNS = ("sent_at", "event", "customer", "message_id", "system", "row")


def rows(seed: int, count: int) -> list[tuple[datetime, str, str | None, str | None, str, int]]:
    draw = random.Random(seed)
    return [
        (
            START + timedelta(minutes=draw.randrange(40)),
            draw.choice(("inbound", "outbound", "status")),
            draw.choice(("Pia", "Ben", None)),
            draw.choice((None, None, None, "m1")),
            "whatsapp",
            row,
        )
        for row in range(count)
    ]


@pytest.mark.parametrize("bucket", [1, 7, 50, 1000])
@pytest.mark.parametrize("count", [0, 1, 2, 400])
def test_rows_without_an_id_that_repeat_another_are_counted(count: int, bucket: int) -> None:
    told = rows(seed=count, count=count)
    without = [row[:3] for row in told if row[3] is None and row[1] != "status"]
    frame = pl.DataFrame(told, schema=COLUMNS, orient="row")
    assert repeats(frame, bucket=bucket) == sum(n - 1 for n in Counter(without).values())


def test_rows_alike_in_all_but_their_place_all_repeat_the_first() -> None:
    same = (START, "inbound", "Pia", None, "whatsapp")
    frame = pl.DataFrame([(*same, row) for row in range(5)], schema=COLUMNS, orient="row")
    assert repeats(frame) == 4


def test_a_column_differs_where_some_rows_are_empty() -> None:
    frame = pl.DataFrame({"one": ["a", "a"], "some": ["a", None], "none": [None, None]})
    assert differing(frame) == ["some"]
