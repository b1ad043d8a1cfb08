"""What comes first: the worst group, but hours, days and months as the calendar has them."""

from __future__ import annotations

from datetime import timedelta

from report_figures import figures

from kpiaudit.drafting.drafted import Kept, Mapped
from kpiaudit.renderers.ranking import shown_of, worst_first
from kpiaudit.renderers.starter import Answers, starter
from kpiaudit.report import Group


def test_the_worst_weekdays_are_picked_and_told_from_monday_on() -> None:
    met = {"Wed": 9, "Sun": 1, "Mon": 5}
    groups = [Group({"weekday": day}, figures(count, 10 - count)) for day, count in met.items()]
    assert [g.by["weekday"] for g in worst_first(groups)] == ["Sun", "Mon", "Wed"]
    assert [g.by["weekday"] for g in shown_of(worst_first(groups), 2)] == ["Mon", "Sun"]


def test_a_first_policy_leaves_out_what_nobody_would_promise() -> None:
    long, usual = timedelta(days=730), timedelta(hours=4)
    kept = [
        Kept(channel, "first_response", 9, target, 1.0, target)
        for channel, target in (("review", long), ("email", usual))
    ]
    text = starter(None, Mapped(), kept, Answers("UTC", False, 0.9))
    assert 'name = "review-first-response"' in text
    assert '\nname = "email-first-response"' in text
    assert '\nname = "review-first-response"' not in text
