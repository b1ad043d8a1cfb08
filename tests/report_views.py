"""KPIs, models and views of the report made by hand: their sums are those of its SLAs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from report_figures import HOUR, figures

from kpiaudit.report import Claim, Figures, KpiResult, ModelResult
from kpiaudit.views.shown import (
    Block,
    Distribution,
    HoursOfWeek,
    KpiPoint,
    KpiTrend,
    Trend,
    TrendPoint,
    Views,
)

SOCIAL = "social-first-response"
MONDAYS = tuple(date(2026, 2, 23) + timedelta(weeks=week) for week in range(5))
CUSTOMER_MESSAGES = 5650
AGENT_REPLIES = 4500


def kpis() -> tuple[KpiResult, ...]:
    """A KPI of every unit; one missed goal, one that is not computable, one of nothing, one in groups."""
    not_told = "not computable: no ratings in twitter/twcs_2026-03.csv"
    return (
        KpiResult(
            kpi="csat",
            title="Satisfied customers",
            value=164 / 181,
            unit="share",
            n=181,
            beside={"numerator": 164.0, "mean_score": 0.874, "response_rate": 181 / 1629},
            goal=0.9,
            verdict="pass",
        ),
        KpiResult(
            kpi="deflection_rate",
            title="Conversations that ended without a human",
            value=212 / 1629,
            unit="share",
            n=1629,
            beside={"numerator": 212.0},
            goal=0.25,
            verdict="fail",
        ),
        KpiResult(
            kpi="average_response",
            title="Average wait for an answer",
            value=3412.75,
            unit="seconds",
            n=2454,
            beside={"median_seconds": 1201.0, "p90_seconds": 9020.5},
            goal=2 * HOUR,
            goal_is_floor=False,
            verdict="pass",
        ),
        KpiResult(kpi="conversations", title="Conversations", value=1629.0, unit="count", n=1629),
        *(
            KpiResult(
                kpi="conversations",
                title="Conversations",
                value=float(number),
                unit="count",
                n=number,
                by={"channel": channel},
            )
            for channel, number in (("email", 1202), ("form", 15), ("social", 412))
        ),
        KpiResult(
            kpi="replies_per_conversation",
            title="Replies per conversation",
            value=4500 / 1629,
            unit="ratio",
            n=1629,
        ),
        KpiResult(
            kpi="sentiment_shift",
            title="Sentiment, last less first message",
            value=-0.125,
            unit="score",
            n=64,
        ),
        KpiResult(
            kpi="cost_per_conversation",
            title="Cost of a conversation",
            value=3.4,
            unit="money",
            n=1217,
        ),
        KpiResult(
            kpi="one_touch_rate", title="Solved with one reply", value=None, unit="share", n=0
        ),
        KpiResult(
            kpi="csat",
            title="Satisfied customers",
            value=None,
            unit="share",
            n=0,
            by={"channel": "social"},
            computable=False,
            reason=not_told,
        ),
    )


def models() -> tuple[ModelResult, ...]:
    """A declaration that holds, one that does not, one that nothing declares."""
    return (
        ModelResult(
            "designated",
            "Social Care",
            (
                Claim(
                    claim="designated_share",
                    value=0.62,
                    unit="share",
                    n=1890,
                    sentence="a designated team doing 38 % of its replies on e-mail",
                    holds=False,
                ),
                Claim(
                    claim="replies_per_active_hour",
                    value=7.4,
                    unit="ratio",
                    n=255,
                    sentence="7.4 replies in an active hour",
                ),
            ),
        ),
        ModelResult(
            "internal",
            "Day Desk",
            (
                Claim(
                    claim="adherence",
                    value=1004 / 1005,
                    unit="share",
                    n=1005,
                    sentence="99.9 % kept, the best of three teams",
                    holds=True,
                ),
            ),
        ),
        ModelResult(
            "chatbot",
            "",
            (
                Claim(
                    claim="containment",
                    value=None,
                    unit="share",
                    n=0,
                    sentence="",
                    computable=False,
                    reason="not computable: no bot is named in [us].bots",
                ),
            ),
        ),
    )


def views() -> Views:
    """Trends by week and day, two distributions, the hours of the week."""
    return Views(
        trends=(_social(), _email(), _resolution(), _voice()),
        distributions=(
            Distribution(
                SOCIAL,
                HOUR,
                (0, 900, 1800, HOUR, 2 * HOUR, 4 * HOUR, 24 * HOUR),
                (190, 111, 70, 14, 8, 6, 3),
            ),
            Distribution(
                "email-first-response",
                8 * HOUR,
                (0, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR),
                (300, 400, 304, 200, 3, 1),
            ),
        ),
        hours=_hours(),
        kpi_trends=_kpi_trends(),
    )


def _kpi_trends() -> tuple[KpiTrend, ...]:
    """Of the KPIs that lead; nobody rated anything in the second whole week."""
    told: dict[str, tuple[tuple[float, int], ...]] = {
        "average_response": ((3000.5, 99), (3100, 640), (4000, 700), (3500, 600), (3600, 415)),
        "csat": ((30, 36), (46, 50), (0, 0), (48, 52), (40, 43)),
        "conversations": ((81, 81), (402, 402), (455, 455), (405, 405), (286, 286)),
        "deflection_rate": ((11, 81), (52, 402), (60, 455), (50, 405), (39, 286)),
    }
    last = len(MONDAYS) - 1
    trends = []
    for kpi in (kpi for kpi in kpis() if kpi.kpi in told and not kpi.by):
        points = tuple(
            KpiPoint(
                monday,
                place in {0, last},
                None if not n else part / n if kpi.unit == "share" else part,
                n,
            )
            for place, (monday, (part, n)) in enumerate(zip(MONDAYS, told[kpi.kpi], strict=True))
        )
        trends.append(KpiTrend(kpi.kpi, kpi.title, kpi.unit, "week", points))
    return tuple(trends)


def _social() -> Trend:
    points = (
        figures(9, 1, median=812),
        figures(98, 6, median=690),
        figures(101, 12, unanswered=5, median=1011.5),
        figures(92, 7, unanswered=3, median=760),
        figures(71, 5, still_open=6, at_risk=2, excluded=4, unanswered=7, median=655),
    )
    return Trend(SOCIAL, "week", 0.95, _weeks(points))


def _email() -> Trend:
    points = (
        figures(40, 0, median=1.5 * HOUR),
        figures(300, 1, median=2 * HOUR),
        figures(330, 0, median=2.1 * HOUR),
        figures(310, 2, median=2.2 * HOUR),
        figures(224, 1, still_open=2, unanswered=2, median=1.8 * HOUR),
    )
    return Trend("email-first-response", "week", 0.9, _weeks(points))


def _voice() -> Trend:
    return Trend("voice-answer", "week", 0.995, _weeks((figures(0, 0),) * 5))


def _resolution() -> Trend:
    """March up to the 28th: 7 met and 2 breached a working day, nothing on Sundays."""
    points = []
    for place in range(28):
        day = date(2026, 3, 1) + timedelta(days=place)
        values = figures(7, 2, median=29 * HOUR) if day.weekday() < 5 else figures(0, 0)
        if day.day == 9:
            values = figures(7, 14, unanswered=9, median=60 * HOUR)
        elif day.day == 27:
            values = figures(7, 2, still_open=31, at_risk=8, unanswered=31, median=12 * HOUR)
        elif day.day == 28:
            values = figures(8, 0, median=2 * HOUR)
        points.append(TrendPoint(day, day.day in {1, 28}, values))
    return Trend("resolution", "day", 0.8, tuple(points))


def _weeks(points: Sequence[Figures]) -> tuple[TrendPoint, ...]:
    last = len(MONDAYS) - 1
    return tuple(
        TrendPoint(monday, place in {0, last}, values)
        for place, (monday, values) in enumerate(zip(MONDAYS, points, strict=True))
    )


def _hours() -> HoursOfWeek:
    hours = [(day, hour) for day in range(7) for hour in range(24)]
    asked = [(8 if day < 5 else 3) * (1 + (7 <= hour < 22) * 6) + hour % 3 for day, hour in hours]
    answered = [(day < 5 and 9 <= hour < 18) * (9 + hour % 4) for day, hour in hours]
    late = [
        (day == 4 and 14 <= hour < 20) * 3 + (day == 0 and 6 <= hour < 9) for day, hour in hours
    ]
    return HoursOfWeek(
        demand=spread(CUSTOMER_MESSAGES, asked),
        answers=spread(AGENT_REPLIES, answered),
        breached={SOCIAL: spread(31, late)},
        decided={SOCIAL: spread(402, [40 * x + y for x, y in zip(late, asked, strict=True)])},
        backlog=tuple(
            4.0 + ask / 2 - min(answer, ask) / 4
            for ask, answer in zip(asked, answered, strict=True)
        ),
        to_avert={SOCIAL: 11},
        blocks={SOCIAL: tuple(Block(4, hour, hour + 1, 5) for hour in (15, 17, 19))},
    )


def spread(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """`total` shared out by weight in whole numbers: the sum is `total`."""
    whole, given, seen = sum(weights), 0, 0
    shares = []
    for weight in weights:
        seen += weight
        upto = total * seen // whole
        shares.append(upto - given)
        given = upto
    return tuple(shares)
