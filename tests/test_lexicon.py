"""Sentiment by a lexicon: asked for, of English texts of customers alone, named a hint with its limits."""

from __future__ import annotations

import csv
import json
import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest
from audits import report, written
from builders import canonical_csv, timeline
from commands import kpiaudit
from published import assert_published
from scores import PROMISE, groups, scored, total

from kpiaudit import lexicon
from kpiaudit.audit import Request
from kpiaudit.lexicon import SCORED, is_english, with_scores
from kpiaudit.pipeline import read
from kpiaudit.policy.load import load_policy
from kpiaudit.renderers import html, markdown
from kpiaudit.wanted import columns_wanted, is_scored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from builders import Row

VADER = '[definitions]\nsentiment = "vader"\n'
GLAD, COLD, CROSS = "this was great, thank you", "where is my parcel?", "this was horrible"
GERMAN = "die App ist super"


class ByWord:
    """A stand-in: 1 for great, -1 for horrible, 0.05 for fair, else 0; `seen` is what it was asked."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def polarity_scores(self, text: str) -> dict[str, float]:
        self.seen.append(text)
        words = {"great": 1.0, "horrible": -1.0, "fair": 0.05}
        return {"compound": next((told for word, told in words.items() if word in text), 0.0)}


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> ByWord:
    """The stand-in, where the lexicon would be."""
    made = ByWord()
    monkeypatch.setattr("kpiaudit.pipeline.analyzer", lambda: made)
    return made


def said(*texts: str, channel: str = "email", start: int = 0) -> list[Row]:
    """A conversation for each text: asked, and answered by ana in words nobody is to score."""
    rows = []
    for place, text in enumerate(texts, start):
        asked, answer = timeline(f"c{place}", "09:00 in", "09:05 out ana")
        rows += [asked | {"text": text}, answer | {"text": "this is horrible"}]
    return [row | {"channel": channel} for row in rows]


def quiet(_: str) -> None:
    """Tell no progress."""


@pytest.mark.parametrize(
    ("text", "score"),
    [  # the README of vaderSentiment 3.3.2
        ("VADER is smart, handsome, and funny.", 0.8316),
        ("VADER is smart, handsome, and funny!", 0.8439),
        ("VADER is VERY SMART, handsome, and FUNNY.", 0.9227),
        ("VADER is not smart, handsome, nor funny.", -0.7424),
        ("The book was good.", 0.4404),
        ("At least it isn't a horrible book.", 0.431),
        ("The plot was good, but the characters are uncompelling and the dialog is not great.", -0.7042),
        ("Today SUX!", -0.5461),
        # and what it is blind to, which is why it is a hint
        ("Great, another outage. Just what I needed today.", 0.6249),
    ],
)  # fmt: skip
def test_texts_have_the_scores_the_lexicon_documents(text: str, score: float) -> None:
    judge = lexicon.analyzer()
    assert list(lexicon.scored(pl.Series([text]), judge, quiet)) == [score]


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Where is my parcel?", True),
        ("Great, another outage. Just what I needed today.", True),  # one word of eight
        ("Great, another outage. Just what I really needed today.", False),  # one of nine
        ("@AcmeHelp https://t.co/theand thanks", True),  # handles and addresses are no words
        ("I don\u2019t know", True),
        ("Great service!", False),  # not plainly
        (GERMAN, False),
        ("La aplicación no funciona desde ayer", False),
        ("Où est ma commande ? Je l'attends depuis lundi.", False),
        ("12345 :-)", False),
        ("", False),
    ],
)
def test_only_what_is_plainly_english_is_scored(text: str, english: bool) -> None:
    assert pl.DataFrame({"text": [text]}).select(is_english("text")).item() is english


def test_every_distinct_text_of_customers_is_scored_once() -> None:
    judge = ByWord()
    frame = pl.DataFrame(
        {
            "event": ["inbound", "inbound", "outbound", "inbound", "note", "inbound", "inbound"],
            "is_automated": [False, False, False, True, False, False, False],
            "text": [GLAD, GLAD, CROSS, "out of the office: great", CROSS, None, "x " * 2_000],
        }
    )
    found = with_scores(frame, judge, quiet)
    assert judge.seen == [GLAD]
    assert found[SCORED].to_list() == [1.0, 1.0, None, None, None, None, None]
    assert found.drop(SCORED).equals(frame)


def test_the_head_of_a_text_is_scored_not_what_is_quoted_below() -> None:
    judge = ByWord()
    text = GLAD + " the" * 400 + " horrible"
    rows = {"event": ["inbound"], "is_automated": [False], "text": [text]}
    with_scores(pl.DataFrame(rows), judge, quiet)
    assert judge.seen == [text[:1_000]]


@pytest.mark.parametrize("name", ["sentiment", "rating"])
def test_an_export_that_tells_a_sentiment_itself_is_not_scored(name: str) -> None:
    judge = ByWord()
    rows = {"event": ["inbound"] * 2, "is_automated": [False] * 2, "text": [GLAD, CROSS]}
    own = with_scores(pl.DataFrame(rows | {name: [None, 0.5]}), judge, quiet)
    assert SCORED not in own.columns
    assert not judge.seen
    silent = with_scores(pl.DataFrame(rows | {name: [None, None]}), judge, quiet)
    assert silent[SCORED].to_list() == [1.0, -1.0]


def test_a_rating_of_the_service_is_no_sentiment_of_a_message() -> None:
    rows = {"event": ["inbound", "rated"], "is_automated": [False] * 2, "text": [GLAD, None]}
    found = with_scores(pl.DataFrame(rows | {"rating": [None, 0.0]}), ByWord(), quiet)
    assert found[SCORED].to_list() == [1.0, None]


def test_a_desk_is_what_a_hand_counts(tmp_path: Path, judge: ByWord) -> None:
    # 30 glad, 12 neutral (2 of them on the border), 18 cross, and five nobody can score
    rows = said(*[GLAD] * 30, *[COLD] * 10, *["it was fair"] * 2, *[CROSS] * 18, *[GERMAN] * 5)
    found = total(scored(tmp_path, rows, VADER), "sentiment_share")
    assert (found.value, found.n) == (30 / 60, 60)
    assert found.beside == {
        "numerator": 30, "neutral_share": 12 / 60, "negative_share": pytest.approx(18 / 60),
    }  # fmt: skip
    assert found.title == "Positive sentiment (hint)"
    assert found.note == (
        "a hint: the words of 60 of 65 customer messages, scored by VADER 3.3.2 "
        "(English alone; no irony, no context; not told by agent or of fewer than 50)"
    )
    assert len(judge.seen) == 4


def test_a_shift_is_of_conversations_with_two_scores(tmp_path: Path, judge: ByWord) -> None:
    rows: list[Row] = []
    for place in range(50):
        first, answer, last = timeline(f"c{place}", "09:00 in", "09:05 out ana", "09:10 in")
        rows += [first | {"text": CROSS}, answer, last | {"text": GLAD if place < 40 else COLD}]
    rows += said(CROSS, start=50)
    found = total(scored(tmp_path, rows, VADER), "sentiment_shift")
    # forty from -1 to 1, ten from -1 to 0; the one that wrote once has none
    assert found.value == pytest.approx((40 * 2 + 10 * 1) / 50)
    assert found.n == 50
    assert judge.seen


@pytest.mark.parametrize("count", [1, 49])
def test_fewer_than_fifty_are_no_figure(tmp_path: Path, judge: ByWord, count: int) -> None:
    found = total(scored(tmp_path, said(*[GLAD] * count), VADER), "sentiment_share")
    assert (found.value, found.computable, found.beside) == (None, False, {})
    assert found.reason == f"the lexicon scored {count} messages; it takes 50"
    assert judge.seen == [GLAD]


@pytest.mark.usefixtures("judge")
def test_fifty_are_a_figure(tmp_path: Path) -> None:
    found = total(scored(tmp_path, said(*[GLAD] * 50), VADER), "sentiment_share")
    assert (found.value, found.n, found.computable) == (1.0, 50, True)


@pytest.mark.usefixtures("judge")
@pytest.mark.parametrize("rows", [timeline("a", "09:00 in"), said(*[GERMAN] * 60)])
def test_without_english_text_it_is_not_computable(tmp_path: Path, rows: list[Row]) -> None:
    found = total(scored(tmp_path, rows, VADER), "sentiment_share")
    assert not found.computable
    assert found.reason == "sentiment, rating and English text missing in m.csv"
    assert found.note is None


@pytest.mark.usefixtures("judge")
def test_no_agent_and_no_group_of_few_is_told(tmp_path: Path) -> None:
    rows = said(*[GLAD] * 50) + said(*[CROSS] * 49, channel="chat", start=50)
    by = (("channel",), ("agent",), ("agent", "channel"))
    found = scored(tmp_path, rows, VADER, by=by)
    assert groups(found, "sentiment_share", "channel") == {"email": 1.0}
    assert groups(found, "sentiment_share", "agent") == {}
    assert groups(found, "sentiment_share", "agent", "channel") == {}
    assert groups(found, "first_response", "agent") == {"ana": 300.0}


@pytest.mark.usefixtures("judge")
def test_neither_the_order_of_rows_nor_the_batches_change_a_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"{text} {place % 7}" for place in range(40) for text in (GLAD, COLD, CROSS)]
    rows = said(*texts)
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one = scored(tmp_path / "one", rows, VADER).kpis
    random.Random(5).shuffle(rows)
    monkeypatch.setattr("kpiaudit.lexicon.BATCH", 2)
    assert scored(tmp_path / "other", rows, VADER).kpis == one


def test_no_text_is_read_where_the_policy_does_not_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never() -> ByWord:
        raise AssertionError

    monkeypatch.setattr("kpiaudit.pipeline.analyzer", never)
    rows = said(*[GLAD] * 60)
    request = written(tmp_path, {"m.csv": canonical_csv(rows)}, PROMISE)
    assert not is_scored(request)
    assert "text" not in columns_wanted(request, list(rows[0]))
    ordered = read(request).ordered
    assert not {"text", SCORED} & set(ordered.columns)
    assert not total(scored(tmp_path, rows), "sentiment_share").computable


def test_no_text_is_kept_once_it_is_scored(tmp_path: Path, judge: ByWord) -> None:
    rows = said(GLAD, CROSS)
    request = written(tmp_path, {"m.csv": canonical_csv(rows)}, VADER + PROMISE)
    ordered = read(request).ordered
    assert "text" not in ordered.columns
    theirs = ordered.filter(pl.col("event") == "inbound")
    assert theirs[SCORED].to_list() == [1.0, -1.0]
    assert sorted(judge.seen) == sorted([GLAD, CROSS])


@pytest.mark.parametrize(
    "narrowed",
    [
        lambda request: replace(request, is_inspection=True),
        lambda request: request.with_everything(text=True),
        lambda request: replace(request, conversation="c0"),
    ],
)
def test_a_run_that_counts_no_kpi_scores_nothing(
    tmp_path: Path, judge: ByWord, narrowed: Callable[[Request], Request]
) -> None:
    request = written(tmp_path, {"m.csv": canonical_csv(said(GLAD))}, VADER + PROMISE)
    assert is_scored(request)
    assert not is_scored(narrowed(request))
    assert SCORED not in read(narrowed(request)).ordered.columns
    assert not judge.seen


def test_without_the_extra_the_run_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpiaudit.lexicon.find_spec", lambda _: None)
    written(tmp_path, {"m.csv": canonical_csv(said(GLAD))}, VADER + PROMISE)
    ran = kpiaudit("report", tmp_path / "exports", "-c", tmp_path / "kpiaudit.toml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.first == 'kpiaudit: error: [definitions]: sentiment = "vader" needs an extra'
    assert "pip install 'kpiaudit[sentiment]'" in ran.err


@pytest.mark.parametrize("kpi", ["sentiment_share", "sentiment_shift"])
def test_a_hint_is_no_goal(tmp_path: Path, kpi: str) -> None:
    bound = '"0%"' if kpi == "sentiment_share" else "0"
    goal = f'[[kpi_goal]]\nkpi = "{kpi}"\nat_least = {bound}\n'
    written(tmp_path, {"m.csv": canonical_csv(said(GLAD))}, PROMISE)
    policy = tmp_path / "kpiaudit.toml"
    policy.write_text(VADER + goal + PROMISE, "utf-8")
    ran = kpiaudit("check", tmp_path / "exports", "-c", policy)
    assert ran.code == 2
    assert f'kpi_goal[1].kpi: {kpi} is a hint where [definitions] sentiment = "vader"' in ran.err
    policy.write_text(goal + PROMISE, "utf-8")
    assert kpiaudit("check", tmp_path / "exports", "-c", policy).code != 2


def shown_in_every_format(folder: Path, rows: Iterable[Row]) -> list[str]:
    written(folder, {"m.csv": canonical_csv(rows)}, VADER + PROMISE)
    given = (folder / "exports", "-c", folder / "kpiaudit.toml")
    found = scored(folder, rows, VADER)
    screens = [kpiaudit("report", *given), kpiaudit("report", *given, "--kpi", "sentiment_share")]
    return [html.render(found), markdown.render(found), *(one.out for one in screens)]


@pytest.mark.usefixtures("judge")
def test_the_limits_stand_wherever_the_figure_does(tmp_path: Path) -> None:
    for text in shown_in_every_format(tmp_path, said(*[GLAD] * 50)):
        flat = " ".join(text.split())
        assert "Positive sentiment (hint)" in flat
        assert "50 of 50 customer messages" in flat
        assert "VADER 3.3.2" in flat
        assert "no irony" in flat


@pytest.mark.usefixtures("judge")
def test_json_tells_the_note_of_a_hint_and_of_nothing_else(tmp_path: Path) -> None:
    written(tmp_path, {"m.csv": canonical_csv(said(*[GLAD] * 50))}, VADER + PROMISE)
    given = (tmp_path / "exports", "-c", tmp_path / "kpiaudit.toml", "--format", "json")
    ran = kpiaudit("report", *given)
    told = assert_published("report", ran.out)
    assert json.loads(ran.out)["definitions"]["sentiment"] == "vader"
    assert [kpi["kpi"] for kpi in told["kpis"] if "note" in kpi] == ["sentiment_share"]


@pytest.mark.real_exports
def test_the_tweets_of_a_real_export_are_felt_as_plain_python_counts_them(
    tmp_path: Path, real_exports: Path
) -> None:
    judge, common = lexicon.analyzer(), set(lexicon.ENGLISH.split())
    scores = []
    with (real_exports / "twcs" / "twcs_head1000.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["inbound"] != "True":
                continue
            plain = re.sub(r"https?://\S+|[@#]\S+", " ", row["text"][:1_000].replace("\u2019", "'"))
            words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", plain.lower())
            known = sum(word in common for word in words)
            if known and known * 8 >= len(words):
                scores.append(judge.polarity_scores(row["text"][:1_000])["compound"])
    (tmp_path / "kpiaudit.toml").write_text(VADER + PROMISE, "utf-8")
    request = Request((str(real_exports / "twcs"),), load_policy(tmp_path / "kpiaudit.toml"))
    found = total(report(request), "sentiment_share")
    assert found.n == len(scores) > lexicon.LEAST
    assert found.beside["numerator"] == sum(score > 0.05 for score in scores)
    negative = sum(score < -0.05 for score in scores) / len(scores)
    assert found.beside["negative_share"] == pytest.approx(negative)
