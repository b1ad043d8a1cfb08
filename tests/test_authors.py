"""Exports without roles: `[us]` says who is who, and is asked for when it does not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import polars as pl
import pytest
from commands import kpiaudit

from kpiaudit.authors import roles_of
from kpiaudit.schema import LABEL
from kpiaudit.settings import Us

CHAT = """thread,when,who,text
t1,2026-09-01T09:00:00Z,Kim,hello
t1,2026-09-01T09:10:00Z,Ana Diaz,hi
t1,2026-09-01T09:11:00Z,AcmeBot,survey
t2,2026-09-01T10:00:00Z,lee@shop.example,where is it
t2,2026-09-01T10:20:00Z,ben@mail.acme.example,there
t3,2026-09-01T11:00:00Z,ANA DIAZ,we write first
"""
MAPPING = """
[sources.chat]
files = "chat.csv"
columns = { conversation_id = "thread", sent_at = "when", author = "who", channel = { constant = "chat" } }
"""
US = """
[us]
agents = ["Ana Diaz"]
domains = ["acme.example"]
bots = ["acmebot"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "chat.csv").write_text(CHAT)
    return tmp_path


def test_without_us_the_senders_are_listed_busiest_first_with_the_lines_to_paste(
    folder: Path,
) -> None:
    (folder / "kpiaudit.toml").write_text(MAPPING)
    ran = kpiaudit("report", folder, "--quiet")
    assert ran.code == 2
    assert "chat.csv" in ran.first
    assert "does not say who is us" in ran.first
    assert "'ANA DIAZ' (1)" in ran.first
    _, _, line = ran.err.partition("keeping only your own: ")
    us = tomllib.loads(line)["us"]
    assert us["agents"][:2] == ["ANA DIAZ", "AcmeBot"]
    assert us["domains"] == ["mail.acme.example", "shop.example"]


def test_the_question_who_is_us_says_of_how_many_files_it_is(folder: Path) -> None:
    for name in ("chat2.csv", "chat3.csv", "chat4.csv", "chat5.csv"):
        (folder / name).write_text(CHAT)
    (folder / "kpiaudit.toml").write_text(MAPPING.replace("chat.csv", "chat*.csv"))
    ran = kpiaudit("report", folder, "--quiet")
    assert ran.code == 2
    assert "chat.csv, chat2.csv, chat3.csv and 2 more: does not say who is us" in ran.first


def test_us_decides_roles_by_name_domain_and_bot(folder: Path) -> None:
    (folder / "kpiaudit.toml").write_text(MAPPING + US)
    ran = kpiaudit("normalize", folder, "--quiet")
    assert ran.code == 0
    header, *rows = ran.out.splitlines()
    names = header.split(",")
    told = [dict(zip(names, row.split(","), strict=True)) for row in rows]
    assert [(r["event"], r["author_role"], r["agent"]) for r in told] == [
        ("inbound", "customer", ""),
        ("outbound", "agent", "Ana Diaz"),
        ("outbound", "bot", "AcmeBot"),
        ("inbound", "customer", ""),
        ("outbound", "agent", "ben@mail.acme.example"),
        ("outbound", "agent", "ANA DIAZ"),
    ]
    assert [r["customer"] for r in told] == ["Kim", "", "", "lee@shop.example", "", ""]


def test_a_domain_is_no_ending_of_another(folder: Path) -> None:
    (folder / "chat.csv").write_text(CHAT.replace("lee@shop.example", "lee@notacme.example"))
    (folder / "kpiaudit.toml").write_text(MAPPING + US)
    ran = kpiaudit("normalize", folder, "--quiet")
    assert "lee@notacme.example" in ran.out
    assert ran.out.count("inbound") == 2


@pytest.mark.parametrize("named", ["@next", "next", "@Next"])
def test_an_author_written_with_an_at_sign_is_who_it_names(folder: Path, named: str) -> None:
    """A forum's `@next` was taken for a customer though `[us]` named it as it stands."""
    (folder / "chat.csv").write_text(
        "thread,when,who,text\nt1,2026-09-01T09:00:00Z,Kim,hello\nt1,2026-09-01T09:10:00Z,@next,hi\n"
    )
    (folder / "kpiaudit.toml").write_text(MAPPING + f'[us]\nagents = ["{named}"]\n')
    ran = kpiaudit("normalize", folder, "--quiet")
    header, *rows = ran.out.splitlines()
    told = [dict(zip(header.split(","), row.split(","), strict=True)) for row in rows]
    assert [row["author_role"] for row in told] == ["customer", "agent"]


def test_a_policy_without_an_sla_is_named_and_not_called_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "kpiaudit.toml").write_text(MAPPING + US)
    outputs = [folder / "out" / f"report.{kind}" for kind in ("md", "html")]
    outputs[0].parent.mkdir()
    ran = kpiaudit("report", "chat.csv", "--quiet", "-o", outputs[0], "-o", outputs[1])
    said = "kpiaudit.toml holds no SLA: the default promise is judged"
    for text in (ran.out, *(output.read_text() for output in outputs)):
        assert said in " ".join(text.split())
        assert "none found" not in text


def test_authors_that_are_labels_have_the_roles_of_their_names() -> None:
    us = Us(agents=("Ana",), bots=("Bot",), domains=("acme.example",))
    names = ["Ana", None, "Kim", "ben@acme.example", "bot", "Kim", "ana "]
    roles = ["agent", None, "customer", "agent", "bot", "customer", "agent"]
    for kind in (pl.String(), LABEL):
        found = roles_of(pl.Series("author", names, kind), us).to_list()
        assert [role for role, name in zip(found, names, strict=True) if name] == [
            role for role in roles if role
        ]
