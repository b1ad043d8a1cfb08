"""Archives and workbooks of a few lines, honest and hostile, made without the libraries that read them."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Cell = str | int | float | None
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DATE_STYLE = 1


def zipped(path: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write an archive of deflated files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def with_entry(path: Path, name: str, content: bytes = b"a,b\n1,2\n", *, mode: int = 0) -> Path:
    """Write an archive of one entry, its name and file mode as given."""
    entry = zipfile.ZipInfo("x")
    entry.filename = name
    entry.external_attr = mode << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry, content)
    return path


def link(path: Path, name: str, target: str) -> Path:
    """Write an archive of one symbolic link."""
    return with_entry(path, name, target.encode(), mode=stat.S_IFLNK | 0o777)


def flagged(path: Path, bit: int) -> Path:
    """Set a flag of the first entry in its header and in the directory of an archive."""
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        raw[raw.index(mark) + offset] |= bit
    path.write_bytes(raw)
    return path


def column(number: int) -> str:
    """The letters of a column, `A` being 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def sheet_xml(rows: Sequence[Sequence[Cell]], strings: list[str]) -> str:
    """A worksheet; texts are shared, a number below 0.5 off a day is written as it is."""
    lines = []
    for row, cells in enumerate(rows, 1):
        written = ""
        for place, cell in enumerate(cells, 1):
            at = f"{column(place)}{row}"
            if isinstance(cell, str):
                strings.append(cell)
                written += f'<c r="{at}" t="s"><v>{len(strings) - 1}</v></c>'
            elif isinstance(cell, float):
                written += f'<c r="{at}" s="{DATE_STYLE}"><v>{cell!r}</v></c>'
            elif cell is not None:
                written += f'<c r="{at}"><v>{cell}</v></c>'
        lines.append(f'<row r="{row}">{written}</row>')
    return f'{XML}<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def workbook_parts(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> dict[str, str]:
    """The files of a workbook: text, whole numbers, and floats that are days since 1899-12-30."""
    strings: list[str] = []
    bodies = [sheet_xml(rows, strings) for rows in sheets.values()]
    numbers = range(1, len(bodies) + 1)
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in numbers
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{CONTENT}.worksheet+xml"/>'
        for at in numbers
    )
    shared = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    return {
        "[Content_Types].xml": (
            f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{CONTENT}.sheet.main+xml"/>'
            f"{types}</Types>"
        ),
        "_rels/.rels": (
            f'{XML}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
            f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{XML}<Relationships xmlns="{PACKAGE}">{links}'
            f'<Relationship Id="rId98" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
            f'<Relationship Id="rId99" Type="{RELATIONS}/styles" Target="styles.xml"/>'
            "</Relationships>"
        ),
        "xl/sharedStrings.xml": f'{XML}<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/styles.xml": (
            f'{XML}<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
            '<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>'
        ),
        **{f"xl/worksheets/sheet{at}.xml": body for at, body in zip(numbers, bodies, strict=True)},
    }


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> Path:
    """Write a workbook."""
    return zipped(path, workbook_parts(sheets))
