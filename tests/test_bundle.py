"""The zip of a bundle: the same bytes each time, and nothing hostile is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpiaudit.errors import ExportError
from kpiaudit.evidence import bundle
from kpiaudit.evidence.bundle import MANIFEST, open_bundle, write_bundle
from kpiaudit.exports.discovery import EVIDENCE_MARK

MEGABYTE = 1 << 20
ALL = {
    "clocks.csv": [b"a,b\n", b"1,2\n"],
    "manifest.json": [b"{}"],
    "rejects.csv": [b"c\n"],
    "report.json": [b"{}"],
}


def made(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """A zip somebody else wrote, its end that of a bundle."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = EVIDENCE_MARK
        for name, content in entries:
            archive.writestr(name, content)
    return path


def refusal(path: Path, entry: str = MANIFEST) -> str:
    with (
        pytest.raises(ExportError) as caught,
        open_bundle(path, name="x.zip") as opened,
    ):
        opened.read(entry)
    assert caught.value.where == "x.zip"
    assert caught.value.hint
    return caught.value.message


def test_the_same_entries_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"
    write_bundle(first, ALL)
    write_bundle(second, dict(reversed(ALL.items())))
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert archive.namelist() == sorted(ALL)
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}


def test_entries_are_consumed_in_the_order_of_their_names(tmp_path: Path) -> None:
    seen: list[str] = []

    def noted(name: str) -> Iterator[bytes]:
        seen.append(name)
        yield name.encode()

    write_bundle(tmp_path / "a.zip", {name: noted(name) for name in reversed(ALL)})
    assert seen == ["clocks.csv", "manifest.json", "rejects.csv", "report.json"]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_bundle(tmp_path / "a.zip", ALL)
    with open_bundle(tmp_path / "a.zip", name="a.zip") as opened:
        assert {name: opened.read(name) for name in ALL} == {
            name: b"".join(chunks) for name, chunks in ALL.items()
        }
        # printf 'a,b\n1,2\n' | sha256sum
        digest = "492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470"
        assert opened.digest("clocks.csv") == digest


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "..\\..\\evil",
        "C:\\evil",
        "sub/manifest.json",
        "./manifest.json",
        "Manifest.json",
        "manifest.json/",
        "inner.zip",
        "holidays-0.ics",
        "holidays-../1.ics",
        "holidays-1.ics\n",
        "",
    ],
)
def test_a_name_no_bundle_has_is_refused(tmp_path: Path, name: str) -> None:
    path = made(tmp_path / "x.zip", (zipfile.ZipInfo(name), b"x"), (MANIFEST, b"{}"))
    assert "which no bundle does" in refusal(path)


def test_a_name_cut_short_by_a_zero_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", ("manifest.jsonXevil", b"{}"))
    path.write_bytes(path.read_bytes().replace(b"manifest.jsonXevil", b"manifest.json\0evil"))
    assert "which no bundle does" in refusal(path)


def test_an_entry_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", ("manifest.jsox", b"{}"), (MANIFEST, b"{}"))
    path.write_bytes(path.read_bytes().replace(b"manifest.jsox", b"manifest.json"))
    assert refusal(path) == "is not as it was written: holds manifest.json twice"


def directory_of(data: bytes) -> int:
    """Where the list of entries starts: the first of its signatures."""
    return data.index(b"PK\x01\x02")


def patched(path: Path, offset: int, new: bytes) -> None:
    """Change bytes of the only entry in the list of entries."""
    data = bytearray(path.read_bytes())
    start = directory_of(bytes(data)) + offset
    data[start : start + len(new)] = new
    path.write_bytes(data)


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", (MANIFEST, b"{}"))
    patched(path, 8, struct.pack("<H", 1))
    assert refusal(path) == "is not as it was written: manifest.json is encrypted"


def test_another_way_of_packing_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", (MANIFEST, b"{}"))
    patched(path, 10, struct.pack("<H", zipfile.ZIP_LZMA))
    assert "packed in a way no bundle is" in refusal(path)


def test_an_entry_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", (MANIFEST, bytes(64 * MEGABYTE)))
    assert path.stat().st_size * bundle.MAX_RATIO + bundle.FREE < 64 * MEGABYTE
    assert "unpacks to more than a bundle holds" in refusal(path)


def test_an_entry_that_says_it_is_huge_is_refused_unread(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", (MANIFEST, b"{}"))
    patched(path, 24, struct.pack("<L", 0xFFFF_FFFE))
    assert "unpacks to more than a bundle holds" in refusal(path)


def test_an_entry_that_says_it_is_small_gives_no_more_than_that(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", (MANIFEST, bytes(64 * MEGABYTE)))
    patched(path, 24, struct.pack("<L", 10))
    assert refusal(path) == "is not as it was written: manifest.json cannot be unpacked"


def test_bytes_are_counted_while_they_are_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the sizes in the list of entries believed, this would go on to the end."""

    class Long(io.RawIOBase):
        left = 64

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return bytes(size if self.left else 0)

    path = made(tmp_path / "x.zip", (MANIFEST, b"{}"))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: Long())
    assert "unpacks to more than a bundle holds" in refusal(path)


def test_a_zip_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MANIFEST, "{}")
    assert refusal(path) == "is no bundle of evidence, or is cut off"


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", EVIDENCE_MARK, b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    assert refusal(path) == "is no bundle of evidence, or is cut off"


def test_a_bundle_cut_off_or_damaged_anywhere_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "a.zip"
    write_bundle(whole, ALL)
    data, path = whole.read_bytes(), tmp_path / "x.zip"
    for cut in range(0, len(data), 7):
        path.write_bytes(data[:cut])
        assert refusal(path) == "is no bundle of evidence, or is cut off"
    for at in range(0, len(data), 3):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            with open_bundle(path, name="x.zip") as opened:
                found = {name: opened.read(name) for name in opened.entries}
        except ExportError:
            continue
        assert found.items() <= {name: b"".join(text) for name, text in ALL.items()}.items()


def test_a_long_list_of_entries_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "x.zip", *((f"holidays-{n}.ics", b"") for n in range(1, 1_100)))
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert refusal(path) == "is not as it was written: lists more entries than a bundle has"


def test_a_zip_whose_end_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", (MANIFEST, b"{}"))
    data, end = path.read_bytes(), 22 + len(EVIDENCE_MARK)
    path.write_bytes(data[:-end] + b"PK\x06\x07" + bytes(16) + data[-end:])
    assert refusal(path) == "is not as it was written: is larger than a bundle can be"


def test_a_bundle_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.zip") == "cannot be read: No such file or directory"
    assert refusal(tmp_path) == "cannot be read: Is a directory"
