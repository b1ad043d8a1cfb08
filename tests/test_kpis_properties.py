"""What holds of KPIs whatever was written: sums over any partition, shares, order, and honest blanks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from builders import MONDAY, instant, timeline
from hypothesis import given, settings
from hypothesis import strategies as st
from scores import groups, scored, total

from kpiaudit.kpis.catalogue import BY_ID, IDS, KPIS

if TYPE_CHECKING:
    from random import Random

    from kpiaudit.report import Report

TEAMS = """
[teams.front]
tier = 1
agents = ["ana"]
cost_per_hour = 20
[teams.back]
tier = 2
agents = ["ben"]
cost_per_hour = 30
[calendars.office]
time_zone = "UTC"
hours = { mon-sun = ["00:00-24:00"] }
"""
COUNTED = ("inbound_messages", "conversations", "handle_time_total", "backlog")
SUMMED = {
    "unanswered_rate", "resolution_rate", "containment_rate", "deflection_rate", "one_touch_rate",
    "reopen_rate", "reassignment_rate", "csat_response_rate", "abandonment_rate", "csat",
    "adherence", "escalation_rate", "sentiment_share", "service_share",
}  # fmt: skip
LINES = st.sampled_from(
    [
        "in customer=kim category=delivery channel=chat sentiment=0.5",
        "in customer=lea channel=email rating=0.25 sentiment=-1",
        "out ana handle_time=60 channel=chat",
        "out ben channel=email",
        "bot channel=chat",
        "note ben",
        "handoff",
        "status pending",
        "status resolved",
        "status open",
        "rated rating=1 channel=chat",
        "rated rating=0",
    ]
)
TALKS = st.lists(
    st.lists(st.tuples(st.integers(0, 20_000), LINES), min_size=1, max_size=7),
    min_size=1,
    max_size=6,
)


def rows(talks: list[list[tuple[int, str]]]) -> list[dict[str, str]]:
    """The rows of conversations whose messages are minutes of the fortnight, each with an id."""
    found = []
    for number, talk in enumerate(talks):
        for place, (minute, words) in enumerate(sorted(talk, key=lambda line: line[0])):
            day, clock = divmod(minute, 24 * 60)
            when = f"{MONDAY + timedelta(days=day)} {clock // 60:02}:{clock % 60:02}"
            found += timeline(f"c{number}", f"{when} {words} id={number * 10 + place}")
    return found


@settings(max_examples=15, deadline=None)
@given(
    TALKS, st.sampled_from([("agent",), ("channel",), ("day",), ("hour", "team"), ("category",)])
)
def test_totals_are_the_sums_over_any_partition(
    talks: list[list[tuple[int, str]]], by: tuple[str, ...]
) -> None:
    with TemporaryDirectory() as folder:
        found = scored(Path(folder), rows(talks), TEAMS, by=(by,), as_of=instant("thu+4 00:00"))
    for kpi in (*COUNTED, *SUMMED):
        parts = [one for one in found.kpis if one.kpi == kpi and tuple(one.by) == by]
        whole = total(found, kpi)
        if not whole.computable:
            assert not parts
            continue
        if kpi == "backlog" and "day" in by:
            assert not parts or parts[-1].value == whole.value
            continue
        assert sum(part.n for part in parts) == whole.n
        top = [part.beside.get("numerator", part.value) or 0 for part in parts]
        assert sum(top) == pytest.approx(whole.beside.get("numerator", whole.value) or 0)
    hours = [one for one in found.kpis if one.kpi == "replies_per_hour" and tuple(one.by) == by]
    if hours:
        split = sum(part.beside["active_hours"] or 0 for part in hours)
        assert split <= (total(found, "replies_per_hour").beside["active_hours"] or 0) + 1e-9


@settings(max_examples=15, deadline=None)
@given(TALKS)
def test_shares_lie_between_nothing_and_all_and_categories_sum_to_one(
    talks: list[list[tuple[int, str]]],
) -> None:
    with TemporaryDirectory() as folder:
        found = scored(Path(folder), rows(talks), TEAMS, by=(("agent",),))
    for one in found.kpis:
        assert one.n >= 0
        assert one.computable == (one.reason is None)
        if one.unit == "share" and one.value is not None:
            assert 0 <= one.value <= 1, one
        if one.value is not None and one.n and "numerator" in one.beside and one.unit == "share":
            assert one.value == pytest.approx((one.beside["numerator"] or 0) / one.n)
    for kpi in ("messages_by_category", "conversations_by_category"):
        shares = groups(found, kpi, "category")
        if shares:
            assert sum(share or 0 for share in shares.values()) == pytest.approx(1)
    felt = total(found, "sentiment_share")
    if felt.value is not None:
        sides = [felt.beside["neutral_share"] or 0, felt.beside["negative_share"] or 0]
        assert felt.value + sum(sides) == pytest.approx(1)
    ages = total(found, "backlog")
    if ages.computable:
        assert sum(value or 0 for value in ages.beside.values()) == ages.value


@settings(max_examples=8, deadline=None)
@given(TALKS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    talks: list[list[tuple[int, str]]], random: Random
) -> None:
    written = rows(talks)
    shuffled = list(written)
    random.shuffle(shuffled)
    by = (("agent", "day"), ("tag",))
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        first = scored(Path(one), written, TEAMS, by=by)
        second = scored(Path(other), shuffled, TEAMS, by=by)
    assert first.kpis == second.kpis


BARE = [*timeline("a", "2026-03-02 09:00 in")]
NOTHING_SAID = {
    kpi.id
    for kpi in KPIS
    if not set(kpi.needs) <= {"inbound", "message_grain"}
}  # fmt: skip


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """One question and nothing else."""
    return scored(tmp_path_factory.mktemp("bare"), BARE)


@pytest.mark.parametrize("kpi", sorted(NOTHING_SAID))
def test_a_kpi_without_its_input_says_which_and_where(bare: Report, kpi: str) -> None:
    found = total(bare, kpi)
    assert (found.computable, found.value, found.n) == (False, None, 0)
    assert found.reason is not None
    assert " missing in " in found.reason
    lacks = set(BY_ID[kpi].needs)
    if not lacks <= {"tier", "cost_per_hour", "calendar", "agent", "team"}:
        assert found.reason.endswith("missing in m.csv")


@pytest.mark.parametrize("kpi", ["tier", "cost_per_hour", "calendar"])
def test_what_the_policy_lacks_is_said_of_the_policy(tmp_path: Path, kpi: str) -> None:
    answered = [*timeline("a", "2026-03-02 09:00 in", "09:10 out ana")]
    names = {"tier": "escalation_rate", "cost_per_hour": "cost_per_conversation"}
    found = total(scored(tmp_path, answered), names.get(kpi, "active_hour_share"))
    assert found.reason is not None
    assert found.reason.endswith("kpiaudit.toml")
    assert kpi in found.reason


def test_with_one_conversation_every_figure_is_that_one(tmp_path: Path) -> None:
    one = [*timeline("a", "2026-03-02 09:00 in", "09:10 out ana", "09:10 status resolved")]
    found = scored(tmp_path, one, as_of=instant("mon+2 09:00"))
    figures = {kpi: total(found, kpi).value for kpi in ("first_response", "resolution")}
    assert figures == {"first_response": 600, "resolution": 600}
    assert total(found, "first_response").beside == {
        "mean_seconds": 600, "p90_seconds": 600, "p95_seconds": 600, "max_seconds": 600, "unanswered": 0
    }  # fmt: skip
    assert total(found, "one_touch_rate").value == 1
    assert total(found, "backlog").value == 0


def test_with_everything_open_nothing_is_resolved_and_all_is_backlog(tmp_path: Path) -> None:
    waiting = [
        *timeline("a", "2026-03-02 09:00 in", "09:00 status open"),
        *timeline("b", "2026-03-03 09:00 in", "09:00 status pending"),
    ]
    found = scored(tmp_path, waiting, as_of=instant("fri 09:00"))
    shown = {kpi: total(found, kpi).value for kpi in IDS if total(found, kpi).computable}
    assert (shown["resolution_rate"], shown["backlog"], shown["unanswered_rate"]) == (0, 2, 1)
    assert (shown["resolution"], shown["first_response"], shown["reopen_rate"]) == (
        None,
        None,
        None,
    )
    # of four days and of three
    assert {k: v for k, v in total(found, "backlog").beside.items() if v} == {"3-7d": 2}


def test_ties_leave_the_median_where_it_is(tmp_path: Path) -> None:
    alike = [
        row
        for name in "abcd"
        for row in timeline(name, "2026-03-02 09:00 in", "09:05 out ana")
    ]  # fmt: skip
    found = total(scored(tmp_path, alike), "first_response")
    assert (found.value, found.beside["p95_seconds"], found.n) == (300, 300, 4)


def test_nothing_at_all_is_not_computable(tmp_path: Path) -> None:
    found = scored(tmp_path, BARE, as_of=instant("2026-03-01 00:00"))
    assert found.kpis
    assert not any(one.computable for one in found.kpis)


def test_a_period_chooses_by_beginning(tmp_path: Path) -> None:
    two = [
        *timeline("a", "2026-03-02 09:00 in", "09:10 out ana", "2026-03-04 09:00 in"),
        *timeline("b", "2026-03-03 09:00 in", "09:30 out ana"),
    ]
    found = scored(tmp_path, two, since=instant("2026-03-03 00:00"))
    assert total(found, "conversations").value == 1
    assert total(found, "inbound_messages").value == 2
    assert total(found, "first_response").value == 1800
