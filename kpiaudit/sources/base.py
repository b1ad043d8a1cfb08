"""What a source is: a name, the shapes of the files it claims, and one function that reads them.

A source never imports another source. It returns one LazyFrame with a row for **every** row of every
file it was given: messages, rejects (`reject`, `value`) and companions or drafts (`skip`). The identity
`rows = used + duplicates + rejects + skipped` is computed from that frame alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import polars as pl

    from kpiaudit.errors import ExportError
    from kpiaudit.report import Ignored
    from kpiaudit.settings import DateOrder, SourceMapping, Us

FileKind = Literal["csv", "json", "ndjson", "parquet", "mbox", "eml", "chat"]
Packing = Literal["", "zip", "gzip", "xlsx"]

REPEATED = "repeated header"
"""The `reject` a scan gives the header of a file that was appended to another: skipped, not refused."""
BLANK_ROW = "blank row"
"""The `reject` of a row with none of the columns filled that are read: skipped, not refused."""
NO_RECORD = (REPEATED, BLANK_ROW)


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One data file as found on disk, in an archive or a workbook, with what a first look at it told.

    Its bytes come from `containers.opened`, whatever it is packed in.
    """

    path: Path
    name: str
    """As shown and recorded in `export`: relative to what the user named, with `/`."""
    kind: FileKind
    columns: tuple[str, ...]
    """CSV and Parquet: the header. JSON: the dotted key paths of the first record. Mail: the names of the
    fields of the first message's header."""
    encoding: str = "utf-8"
    delimiter: str = ","
    records: str = ""
    """JSON: dotted path of the list that holds the records; empty for an array or one record a line."""
    part: str = ""
    """Which of its source's shapes the file was claimed as (`tickets`, `users`)."""
    packing: Packing = ""
    member: str = ""
    """The entry of the archive, or the sheet of the workbook, at `path`."""
    preamble: int = 0
    """Lines before the header of a delimited file."""
    header: str = ""
    """The header line a file lacks: `containers.opened` puts it before the first."""
    lead: int = 0
    """Bytes before the data of a script, which `containers.opened` leaves out."""
    content: bytes | None = field(default=None, repr=False, compare=False)
    """All of it, unpacked, where the first look saw it to its end: it need not be opened again."""

    @property
    def base_name(self) -> str:
        """Its own name, without folders, archive and `.gz`: what a glob is matched with."""
        name = PurePosixPath(self.name if self.packing else self.path.name).name
        return name[: -len(".gz")] if self.packing == "gzip" else name


@dataclass(frozen=True, slots=True)
class Shape:
    """What gives one kind of file away: its kind and the columns or key paths it must have.

    A file with one of `none_of` is something else.
    """

    kinds: tuple[FileKind, ...]
    columns: frozenset[str]
    none_of: frozenset[str] = frozenset()
    is_missed: bool = True
    """An export without such a file lacks something; False for another form of the same, or what tells
    nothing."""

    def lacks(self, file: ExportFile) -> frozenset[str] | None:
        """Return the columns `file` lacks; empty when it fits, None when its kind rules it out."""
        if file.kind not in self.kinds:
            return None
        have = normalized(file.columns)
        if have & normalized(self.none_of):
            return None
        if normalized(self.columns) <= have:
            return frozenset()
        return frozenset(c for c in self.columns if normal(c) not in have)


@lru_cache(maxsize=4096)
def normalized(columns: Iterable[str]) -> frozenset[str]:
    """Return headers as signatures compare them; a file is held against every shape there is."""
    return frozenset(map(normal, columns))


def normal(column: str) -> str:
    """Return a header as signatures compare it: no mark, no outer spaces, lower case."""
    return column.lstrip("\ufeff").strip().lower()


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """The part of the settings that says what the data is."""

    time_zone: str | None = None
    date_order: DateOrder | None = None
    """What is believed where a file's dates could be read two ways."""
    us: Us | None = None
    mapping: SourceMapping | None = None
    text: bool = False
    """Read message bodies too; a lazy scan needs no telling, a record decoder does."""
    careful: bool = False
    """Decode record by record: slower, and every damaged row becomes a reject with its number. Set when
    the fast scan of a file failed."""


Read = Callable[[Sequence[ExportFile], ReadSettings], "pl.LazyFrame"]


def reader(name: str) -> Read:
    """Return the `read` of `kpiaudit.readers.<name>`, which is imported when there is something to read."""

    def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
        module = import_module(f"kpiaudit.readers.{name}")
        frame: pl.LazyFrame = module.read(files, settings)
        return frame

    return read


@dataclass(frozen=True, slots=True)
class Source:
    """The reader of one export format, `<product>_<export>`."""

    name: str
    system: str
    title: str
    shapes: Mapping[str, Shape]
    """Part name to shape. The first part is the one without which the rest mean nothing."""
    read: Read
    constants: Mapping[str, str] = field(default_factory=dict)
    """MESSAGES columns that hold one value for the whole export: channel, visibility, platform, grain."""
    seen_in_the_wild: bool = True
    note: str = ""
    """One sentence: where the user clicks, what the export cannot tell."""
    one_row_one_message: bool = False
    """Every row of the file is at most one message: rows need not be told apart to be counted."""
    has_boundaries: bool = True
    """A conversation_id is one conversation; False where it is a thread that never ends."""
    told_better_by: str = ""
    """A source of the same system that tells the same conversations better, without an id in common."""
    integer_ids: bool = False
    """The reader gives `message_id`, `conversation_id` and `reply_to` as Int64."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One source and the files it reads together, in path order."""

    source: Source
    files: tuple[ExportFile, ...]
    evidence: Mapping[str, str]
    """File name to the sentence why the source claims it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What lies under the paths a user named."""

    claims: tuple[Claim, ...]
    ignored: tuple[Ignored, ...]
    unclaimed: tuple[ExportError, ...]
    """Data files no source claims, or that cannot be looked at: each with the reason and a hint."""
    file_count: int
    left_out: tuple[str, ...] = ()
    """Sources of other packages that could not be used: a sentence each."""
