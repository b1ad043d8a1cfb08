"""Archives are read in place, counted while they are unpacked, and refused where they are not safe."""

from __future__ import annotations

import gzip
import io
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from books import flagged, link, with_entry, zipped
from commands import exchange, kpiaudit, messages
from polars.testing import assert_frame_equal

from kpiaudit.errors import ExportError, UsageError
from kpiaudit.exports import containers
from kpiaudit.exports.containers import Counted, members, opened
from kpiaudit.exports.discovery import discover
from kpiaudit.sources import shipped
from kpiaudit.sources.base import Claim, ExportFile, Found, ReadSettings

CSV = "conversation_id,sent_at,event\nc1,2026-09-01T10:00:00Z,inbound\n"
NDJSON = '{"conversation_id":"c1","sent_at":"2026-09-01T10:00:00Z","event":"inbound"}\n'


def found(path: Path) -> Found:
    return discover([str(path)], shipped(), keep_going=True)


def only(found: Found) -> Claim:
    (claim,) = found.claims
    return claim


def rows(claim: Claim) -> pl.DataFrame:
    frame = claim.source.read(claim.files, ReadSettings()).collect()
    return frame.select("conversation_id", "sent_at", "event", "row", "reject").sort("row")


def refusal(path: Path) -> str:
    with pytest.raises(ExportError) as refused:
        discover([str(path)], shipped())
    return str(refused.value)


def parquet() -> bytes:
    stream = io.BytesIO()
    pl.read_csv(io.StringIO(CSV)).with_columns(
        pl.col("sent_at").str.to_datetime(time_zone="UTC")
    ).write_parquet(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.csv", CSV.encode()),
        ("m.tsv", CSV.replace(",", "\t").encode("utf-16")),
        ("m.ndjson", NDJSON.encode()),
        ("m.parquet", parquet()),
        ("inner/deep/m.csv", b"\xef\xbb\xbf" + CSV.encode()),
        ("inner\\m.csv", CSV.encode()),
    ],
)
def test_a_member_reads_as_the_file_it_is(tmp_path: Path, name: str, content: bytes) -> None:
    plain = tmp_path / "plain" / name.replace("\\", "/")
    plain.parent.mkdir(parents=True)
    plain.write_bytes(content)
    archive = with_entry(tmp_path / "a.zip", name, content)
    claim = only(found(archive))
    assert [file.name for file in claim.files] == [f"a.zip/{name}".replace("\\", "/")]
    assert_frame_equal(rows(claim), rows(only(found(plain))))


def test_a_member_larger_than_a_first_look_reads_as_the_file_it_is(tmp_path: Path) -> None:
    lines = [f"c{at},2026-09-01T10:00:{at % 60:02}Z,inbound\n" for at in range(4000)]
    text = "conversation_id,sent_at,event\n" + "".join(lines)
    (tmp_path / "plain.csv").write_text(text, encoding="utf-8")
    for archive in (
        zipped(tmp_path / "a.zip", {"m.csv": text}),
        packed_by_gzip(tmp_path / "m.csv.gz", text.encode()),
    ):
        claim = only(found(archive))
        assert claim.files[0].content is None
        assert_frame_equal(rows(claim), rows(only(found(tmp_path / "plain.csv"))))


def packed_by_gzip(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content))
    return path


@pytest.mark.parametrize(
    ("name", "content"), [("m.csv.gz", CSV), ("m.json.gz", NDJSON * 2), ("m.jsonl.gz", NDJSON)]
)
def test_gzip_is_read_in_place(tmp_path: Path, name: str, content: str) -> None:
    claim = only(found(packed_by_gzip(tmp_path / name, content.encode())))
    assert claim.files[0].name == name
    assert rows(claim)["conversation_id"].unique().to_list() == ["c1"]
    assert rows(claim).height == content.count("inbound")


def test_nothing_is_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = zipped(tmp_path / "a.zip", {"m.csv": CSV})
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    rows(only(found(archive)))
    assert [path.name for path in tmp_path.rglob("*")] == ["a.zip"]


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda path: with_entry(path, "../m.csv"), "'../m.csv' leads out of the archive"),
        (lambda path: with_entry(path, "a/../../m.csv"), "leads out of the archive"),
        (lambda path: with_entry(path, "..\\m.csv"), "leads out of the archive"),
        (lambda path: with_entry(path, "/etc/m.csv"), "is an absolute path"),
        (lambda path: with_entry(path, "\\\\host\\m.csv"), "is an absolute path"),
        (lambda path: with_entry(path, "C:m.csv"), "names a drive"),
        (lambda path: with_entry(path, "c:\\m.csv"), "names a drive"),
        (lambda path: with_entry(path, "m\x1b[2J.csv"), "control characters in its name"),
        (lambda path: link(path, "m.csv", "/etc/passwd"), "is a link or a device"),
        (lambda path: with_entry(path, "m.csv", mode=stat.S_IFIFO | 0o600), "is a link or a device"),
    ],
)  # fmt: skip
def test_an_archive_no_honest_tool_makes_is_refused(
    tmp_path: Path, make: Callable[[Path], Path], fault: str
) -> None:
    text = refusal(make(tmp_path / "a.zip"))
    assert text.startswith("a.zip: is not safe: ")
    assert fault in text


def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m.csv", CSV)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("m.csv", CSV)
    assert refusal(path) == "a.zip: holds 'm.csv' more than once"
    zipped(path, {"x/m.csv": CSV, "x\\m.csv": CSV})
    assert refusal(path) == "a.zip: holds 'x/m.csv' more than once"


@pytest.mark.parametrize("bit", [0x1, 0x40])
def test_an_encrypted_member_is_named_and_the_rest_is_read(tmp_path: Path, bit: int) -> None:
    path = flagged(zipped(tmp_path / "a.zip", {"secret.csv": CSV, "m.csv": CSV}), bit)
    seen = found(path)
    assert [str(problem) for problem in seen.unclaimed] == ["a.zip/secret.csv: is encrypted"]
    assert [file.name for file in only(seen).files] == ["a.zip/m.csv"]


@pytest.mark.parametrize("inner", ["inner.zip", "book.xlsx", "m.csv.gz", "all.tar"])
def test_an_archive_inside_an_archive_is_not_opened(tmp_path: Path, inner: str) -> None:
    seen = found(zipped(tmp_path / "a.zip", {inner: b"PK\5\6", "m.csv": CSV}))
    (problem,) = seen.unclaimed
    assert str(problem) == f"a.zip/{inner}: is an archive inside an archive"
    assert problem.hint == "unpack it and name the folder it was unpacked into"


def test_a_method_that_unpacks_much_at_one_go_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("m.csv", CSV)
    assert refusal(path).endswith("a.zip/m.csv: is packed by a method that is not read")


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "ENTRIES", 3)
    few = zipped(tmp_path / "few.zip", {f"{at}.csv": CSV for at in range(3)})
    many = zipped(tmp_path / "many.zip", {f"{at}.csv": CSV for at in range(4)})
    assert len(members(few, "few.zip")) == 3
    assert refusal(many) == "many.zip: holds 4 files, 3 at most"


def test_a_directory_out_of_proportion_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "DIRECTORY", 2000)
    path = zipped(tmp_path / "a.zip", {f"{at:0100}.csv": CSV for at in range(20)})
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "has a directory of 2 KiB, 1 KiB at most" in refusal(path)


def test_the_sizes_of_all_members_together_have_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "TOTAL", 3 * len(CSV))
    assert len(members(zipped(tmp_path / "a.zip", dict.fromkeys("abc", CSV)), "a.zip")) == 3
    assert "at most" in refusal(zipped(tmp_path / "b.zip", dict.fromkeys("abcd", CSV)))


@pytest.mark.parametrize("packing", ["zip", "gzip"])
def test_a_bomb_is_stopped_while_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str
) -> None:
    monkeypatch.setattr(containers, "FREE", 1 << 20)
    bomb = b"conversation_id,sent_at,event\n" + b"x" * (1 << 23)
    if packing == "zip":
        path = zipped(tmp_path / "bomb.zip", {"m.csv": bomb})
    else:
        path = packed_by_gzip(tmp_path / "bomb.csv.gz", bomb)
    (file,) = only(found(path)).files
    with opened(file) as stream:
        assert len(stream.read(1 << 20)) == 1 << 20
        with pytest.raises(ExportError, match="more than 200 times its size"):
            stream.read(1 << 20)


def test_what_is_counted_is_what_comes_out_not_what_the_archive_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "MEMBER", 1000)
    counted = Counted(io.BytesIO(b"x" * 5000), packed=5000, where="a.zip/m.csv")
    with pytest.raises(ExportError, match="unpacks to more than"):
        counted.read(5000)
    path = zipped(tmp_path / "a.zip", {"m.csv": "x,y\n" + "1,2\n" * 500})
    raw = bytearray(path.read_bytes())
    struct.pack_into("<L", raw, raw.index(b"PK\1\2") + 24, 40)
    path.write_bytes(raw)
    file = ExportFile(path, "a.zip/m.csv", "csv", (), packing="zip", member="m.csv")
    with opened(file) as stream, pytest.raises(ExportError, match="cannot be unpacked: bad CRC-32"):
        stream.read()


def test_a_member_that_says_it_is_too_large_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "MEMBER", len(CSV))
    seen = found(zipped(tmp_path / "a.zip", {"big.csv": CSV + CSV, "m.csv": CSV}))
    assert [str(problem) for problem in seen.unclaimed] == [
        "a.zip/big.csv: is larger than 62 bytes"
    ]
    assert [file.name for file in only(seen).files] == ["a.zip/m.csv"]


def test_an_archive_cut_off_is_an_export_error(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"m.csv": CSV * 20})
    path.write_bytes(path.read_bytes()[:-30])
    assert refusal(path) == "a.zip: cannot be unpacked: file is not a zip file"
    cut = packed_by_gzip(tmp_path / "m.csv.gz", os.urandom(1 << 10).hex().encode())
    cut.write_bytes(cut.read_bytes()[:-50])
    assert refusal(cut).startswith("m.csv.gz: cannot be unpacked: compressed file ended")


def test_a_member_with_wrong_bytes_is_an_export_error(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("m.csv", CSV)
    path.write_bytes(path.read_bytes().replace(b"inbound", b"outbund"))
    assert "a.zip/m.csv: cannot be unpacked: bad CRC-32" in refusal(path)


def test_a_directory_that_points_elsewhere_is_an_export_error(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"m.csv": CSV})
    path.write_bytes(path.read_bytes().replace(b"PK\3\4", b"PK\3\5"))
    assert "no file stands where its directory says" in refusal(path)


def test_an_archive_behind_a_program_that_unpacks_it_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"m.csv": CSV})
    path.write_bytes(b"MZ" * 500 + path.read_bytes())
    assert rows(only(found(path)))["conversation_id"].to_list() == ["c1"]


def test_an_archive_of_nothing_is_an_export_error(tmp_path: Path) -> None:
    assert refusal(zipped(tmp_path / "a.zip", {})) == "a.zip: holds no file"


def test_what_is_no_data_in_an_archive_is_ignored_and_listed(tmp_path: Path) -> None:
    inside: dict[str, bytes | str] = {
        "m.csv": CSV,
        "__MACOSX/._m.csv": b"\0\5\x16",
        ".hidden.csv": CSV,
        "media/cat.jpg": b"\xff\xd8",
        "kpiaudit.toml": "",
    }
    seen = found(zipped(tmp_path / "a.zip", inside))
    assert seen.unclaimed == ()
    assert {file.path: file.reason for file in seen.ignored} == {
        "a.zip/__MACOSX/._m.csv": "hidden",
        "a.zip/.hidden.csv": "hidden",
        "a.zip/media/cat.jpg": "not a data file",
        "a.zip/kpiaudit.toml": "policy",
    }


def test_a_glob_is_matched_with_the_name_inside_the_archive(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"inner/m.csv": CSV})
    packed_by_gzip(tmp_path / "n.csv.gz", CSV.encode())
    for pattern in ("*.csv", "m.csv", "a.zip/*"):
        chosen = discover([str(path)], shipped(), chosen=[("kpiaudit_messages", pattern)])
        assert only(chosen).evidence["a.zip/inner/m.csv"].startswith("matches")
    chosen = discover(
        [str(tmp_path / "n.csv.gz")], shipped(), chosen=[("kpiaudit_messages", "n.csv")]
    )
    assert only(chosen).evidence["n.csv.gz"].startswith("matches")
    with pytest.raises(UsageError):
        discover([str(path)], shipped(), chosen=[("nobody", "*.csv")])


@pytest.mark.parametrize("suffix", [".7z", ".tar.gz", ".tgz", ".rar", ".bz2"])
def test_other_archives_are_named_with_what_to_do(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"7z\xbc\xaf")
    assert refusal(path) == f"a{suffix}: is packed"


def test_a_report_on_an_archive_is_the_report_on_its_folder(tmp_path: Path) -> None:
    for at in range(3):
        messages(tmp_path / "folder" / f"{at}.csv", exchange(f"c{at}", 10 * at + 5))
    files: dict[str, bytes | str] = {
        path.name: path.read_bytes() for path in (tmp_path / "folder").iterdir()
    }
    (tmp_path / "packed").mkdir()
    zipped(tmp_path / "packed" / "a.zip", files)
    plain, packed = (
        kpiaudit("report", tmp_path / name, "--no-config", "--format", "csv")
        for name in ("folder", "packed")
    )
    assert packed.out == plain.out
    assert packed.out.count("\n") > 1
    inspected = kpiaudit("inspect", tmp_path / "packed", "--no-config").out
    assert "a.zip/0.csv" in inspected
