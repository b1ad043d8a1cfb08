"""Figures of many rows: exact sums, and percentiles of each group."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from builders import timeline
from scores import groups, scored

from kpiaudit.kpis.cost import MEASURES, with_hours
from kpiaudit.kpis.measures import counted, median
from kpiaudit.schema import INSTANT, LABEL
from kpiaudit.settings import Team

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)
FROM_ACTIONS = [measure for measure in MEASURES if measure.grain == "actions"]


def shared_hours() -> pl.DataFrame:
    """200 hours, each of one agent of three, in which that agent wrote 1 to 20 times."""
    told = [
        (hour % 3, MONDAY + timedelta(hours=hour, seconds=second), hour)
        for hour in range(200)
        for second in range(hour % 20 + 1)
    ]
    random.Random(7).shuffle(told)
    return pl.DataFrame(
        {
            "agent": pl.Series([f"a{agent}" for agent, *_ in told], dtype=pl.String).cast(LABEL),
            "team": pl.Series(["desk"] * len(told)).cast(LABEL),
            "sent_at": pl.Series([at for _, at, _ in told], dtype=INSTANT),
            "conversation": pl.Series([hour for *_, hour in told], dtype=pl.UInt32),
            "is_reply": [True] * len(told),
        }
    )


def test_hours_shared_by_messages_add_up_to_whole_hours_exactly() -> None:
    teams = [Team("desk", cost_per_hour=30.0)]
    actions = with_hours(shared_hours(), teams)
    whole = counted(actions.lazy(), FROM_ACTIONS).collect().row(0, named=True)
    assert whole["replies_per_hour|active_hours"] == 200
    assert whole["cost_per_conversation|cost"] == 200 * 30
    parts = counted(actions.lazy(), FROM_ACTIONS, ("agent",)).collect()
    assert parts["replies_per_hour|active_hours"].to_list() == [67, 67, 66]
    assert parts["cost_per_conversation|cost"].to_list() == [67 * 30, 67 * 30, 66 * 30]


def test_hours_far_apart_are_shared_alike() -> None:
    """Two centuries between two hours are more places than a table would have."""
    near = shared_hours()
    far = near.with_columns(
        sent_at=pl.when(pl.col("conversation") == 0)
        .then(pl.col("sent_at").dt.offset_by("-200y"))
        .otherwise("sent_at")
    )
    shares = [with_hours(frame, []).sort("sent_at")["hours"].sort() for frame in (near, far)]
    assert shares[0].equals(shares[1])


@pytest.mark.parametrize("by", [(), ("team",), ("team", "agent")])
def test_percentiles_of_many_rows_are_those_of_each_group_sorted_apart(by: tuple[str, ...]) -> None:
    """More rows than one thread takes at a time, each of one of 40 groups, a tenth without seconds."""
    chance = random.Random(11)
    rows = [
        (f"t{chance.randrange(4)}", f"a{chance.randrange(10)}", chance.randrange(10**6))
        for _ in range(250_000)
    ]
    seconds = [None if number % 10 == 0 else float(number) for *_, number in rows]
    frame = pl.DataFrame(
        {"team": [row[0] for row in rows], "agent": [row[1] for row in rows], "wait": seconds}
    ).sort("wait")
    table = counted(frame.lazy(), [median("kpi", "waits", "wait")], by).collect()
    groups: dict[tuple[str, ...], list[float]] = {}
    for (team, agent, _), wait in zip(rows, seconds, strict=True):
        if wait is not None:
            groups.setdefault((team, agent)[: len(by)], []).append(wait)
    assert table.height == len(groups)
    for row in table.rows(named=True):
        waits = sorted(groups[tuple(row[name] for name in by)])
        for name, share in (("value", "0.5"), ("p90_seconds", "0.9"), ("p95_seconds", "0.95")):
            place = Fraction(share) * (len(waits) - 1)
            low = int(place)
            above = waits[min(low + 1, len(waits) - 1)]
            expected = waits[low] + (above - waits[low]) * float(place - low)
            assert row[f"kpi|{name}"] == pytest.approx(expected, rel=1e-12)


def test_the_medians_of_groups_are_those_of_waits_in_any_order(tmp_path: Path) -> None:
    """Ana answered in 50, 10, 40, 20 and 30 minutes and, second, in 5; Ben in 9, 1 and 2."""
    waits = {"ana": (50, 10, 40, 20, 30), "ben": (9, 1, 2)}
    rows = [
        row
        for agent, told in waits.items()
        for place, minutes in enumerate(told)
        for row in timeline(
            f"{agent}{place}",
            f"mon {9 + place:02}:00 in",
            f"{9 + place:02}:{minutes:02} out {agent}",
        )
    ]
    rows += timeline("late", "tue 09:00 in", "09:25 out ana", "10:00 in", "10:05 out ana")
    found = scored(tmp_path, rows, by=(("agent",),))
    assert groups(found, "first_response", "agent") == {"ana": 27.5 * 60, "ben": 2 * 60}
    middle = {
        one.by["agent"]: one.beside["median_seconds"]
        for one in found.kpis
        if one.kpi == "average_response" and tuple(one.by) == ("agent",)
    }
    assert middle == {"ana": 25 * 60, "ben": 2 * 60}
