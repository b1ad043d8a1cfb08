"""What an export may try on whoever reads it: lead out of its folder, nest without end, keep a pattern busy.

Texts are so long that a pattern which takes the square of their length would not end.
"""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import polars as pl
import pytest
from commands import exchange, kpiaudit, messages

from kpiaudit.decoding import records
from kpiaudit.errors import ExportError
from kpiaudit.exports import workbooks
from kpiaudit.exports.chats import LINE
from kpiaudit.exports.discovery import is_own_book
from kpiaudit.inert import markdown
from kpiaudit.readers.mail_headers import ADDRESS, IN_WORDS, sender_of

LONG = 300_000
links = pytest.mark.skipif(os.name != "posix", reason="links need no rights here")


@links
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_link_out_of_the_folder_is_not_followed_but_named(tmp_path: Path, what: str) -> None:
    folder, secret = tmp_path / "exports", tmp_path / "secret"
    messages(folder / "own.csv", exchange("a", 30))
    target = messages(secret / "other.csv", exchange("private", 300, agent="Zoe"))
    (folder / "link.csv").symlink_to(target if what == "file" else secret)
    ran = kpiaudit("report", folder, "--no-config", "--format", "json")
    assert "link.csv: is a link that leads out of the folder" in ran.err
    assert "Zoe" not in ran.out
    assert json.loads(ran.out)["integrity"]["rows"] == 2
    assert kpiaudit("check", folder, "--no-config").code == 2
    assert kpiaudit("check", folder, "--no-config", "--keep-going").code == 0


@links
def test_a_link_inside_the_folder_and_one_that_is_named_are_read(tmp_path: Path) -> None:
    own = messages(tmp_path / "exports/deep/own.csv", exchange("a", 30))
    (tmp_path / "exports/latest.csv").symlink_to(own)
    (tmp_path / "exports/newest").symlink_to(own.parent)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in ("exports", "exports/latest.csv"):
        ran = kpiaudit("check", tmp_path / path, "--no-config", "--format", "json")
        assert (ran.code, json.loads(ran.out)["integrity"]["rows"]) == (0, 2)


@links
def test_a_link_that_is_no_data_is_ignored_as_any_other_file(tmp_path: Path) -> None:
    messages(tmp_path / "exports/own.csv", exchange("a", 30))
    (tmp_path / "manual.pdf").write_text("x")
    (tmp_path / "exports/manual.pdf").symlink_to(tmp_path / "manual.pdf")
    assert kpiaudit("check", tmp_path / "exports", "--no-config").code == 0


@pytest.mark.parametrize(
    "junk", ["[" * 100_000 + "]" * 100_000, '"' + "x" * 2_000_000 + '"', "1" * LONG]
)
def test_json_nested_or_long_beyond_reason_is_no_bug_of_ours(tmp_path: Path, junk: str) -> None:
    sample = Path(__file__).resolve().parent.parent / "sample_exports/zendesk_json"
    for path in sample.iterdir():
        text = path.read_text()
        (tmp_path / path.name).write_text(text.replace("{", f'{{"junk": {junk}, ', 2))
    assert kpiaudit("inspect", tmp_path, "--no-config", "-q").code in {0, 2}


def test_brackets_that_never_pair_are_not_looked_for_in_all_the_rest_of_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = b"[\n" + b'{"id":1,\n' * 500
    looked: list[int] = []
    real = records.end_of_brackets

    def counted(text: records.Text, start: int, limit: int | None = None) -> int:
        looked.append((limit or len(text)) - start)
        return real(text, start, limit)

    monkeypatch.setattr(records, "end_of_brackets", counted)
    found = list(records.split(text, ""))
    monkeypatch.setattr(records, "IN_VAIN", 20_000)
    looked.clear()
    assert list(records.split(text, "")) == found
    assert len(found) == 500
    assert sum(looked) < 20_000 + 2 * len(text)


def test_a_path_into_a_damaged_file_is_looked_for_once() -> None:
    (found,) = records.split(b'"a":{' * LONG, "a.b.c")
    assert isinstance(found, records.Broken)
    text = b'{"a": {"x": {}, "b": {"c": [{"n":1}, {"n":2}'
    assert list(records.split(text, "a.b.c"))[:2] == [b'{"n":1}', b'{"n":2}']


def test_no_pattern_on_what_exports_hold_takes_the_square_of_its_length() -> None:
    assert workbooks.CELL.findall(b"<c " * LONG) == []
    assert workbooks.INDEX.findall(b"<c " * LONG) == []
    assert workbooks.INDEX.findall(b"<c " + b't="s" ' * LONG) == []
    assert ADDRESS.search(b"a" * LONG) is None
    assert IN_WORDS.search(b"a" * LONG) is None
    assert LINE.match("\u200e" * LONG) is None
    assert markdown(":" + "a" * LONG) == f"`:{'a' * LONG}`"


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        (b"kim@a.example", "kim@a.example"),
        (b"Kim, kim@a.example", "kim@a.example"),
        (b"@home kim@a.example", "kim@a.example"),
        (b"Kim kim at a.example", "kim@a.example"),
    ],
)
def test_a_sender_is_still_found(value: bytes, sender: str) -> None:
    assert sender_of(value) == sender


def test_a_sheet_that_never_ends_a_tag_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LONGEST_PIECE", 1_000)
    with pytest.raises(ExportError, match="without an end"):
        workbooks.string_lengths(iter([b" " * 2_000]), "x.xlsx")
    monkeypatch.setattr(workbooks, "CHUNK", 2_000)
    with pytest.raises(ExportError, match="without an end"):
        workbooks.check_sheet(iter([b" " * 2_000]), [], "x.xlsx")


@pytest.mark.parametrize(
    ("method", "is_ours"), [(zipfile.ZIP_DEFLATED, True), (zipfile.ZIP_LZMA, False)]
)
def test_a_workbook_is_ours_only_by_methods_that_cannot_swell(
    tmp_path: Path, method: int, is_ours: bool
) -> None:  # fmt: skip
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w", method) as book:
        book.writestr("docProps/custom.xml", '<property name="kpiaudit_version"/>')
    assert is_own_book(path) == is_ours


def panicking(path: Path) -> Path:
    """Messages as Parquet the decoder of which panics: a page of an encoding there is none of."""
    said = dict.fromkeys(("conversation_id", "sent_at"), ["2026-09-01T10:00:00Z"] * 20)
    rows = pl.DataFrame(said | {"event": ["inbound"] * 20})
    rows.write_parquet(path, compression="uncompressed")
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"\x2c\x15") + 4] = 0x7E
    path.write_bytes(raw)
    with pytest.raises(pl.exceptions.PanicException):
        pl.scan_parquet(path).collect()
    return path


@pytest.mark.parametrize("command", ["report", "check", "inspect"])
def test_a_file_a_decoder_panics_at_is_unreadable_not_empty(tmp_path: Path, command: str) -> None:
    damaged = panicking(tmp_path / "damaged.parquet")
    ran = kpiaudit(command, damaged)
    assert "damaged.parquet: cannot be read: what it holds is damaged" in ran.err
    assert ran.code == 2


def test_a_file_a_decoder_panics_at_is_passed_over_where_told_to(
    tmp_path: Path, sample_exports: Path
) -> None:
    damaged, sound = panicking(tmp_path / "damaged.parquet"), sample_exports / "zendesk_json"
    ran = kpiaudit("report", damaged, sound, "--keep-going", "--format", "json")
    alone = kpiaudit("report", sound, "--format", "json")
    told, wanted = (json.loads(one.out)["integrity"]["used"] for one in (ran, alone))
    assert told == wanted > 0
    assert "not read: damaged.parquet: cannot be read" in ran.err


def test_a_panic_anywhere_is_a_bug_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def panics(*_: object, **__: object) -> None:
        raise pl.exceptions.PanicException("out of range")

    monkeypatch.setattr("kpiaudit.pipeline.run_clocks", panics)
    ran = kpiaudit("check", messages(tmp_path / "m.csv", exchange("a", 5)))
    assert ran.code == 3
    assert ran.first == "kpiaudit: internal error: PanicException: out of range"
