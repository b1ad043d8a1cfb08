"""The sample exports that come with kpiaudit, for a first look without an export of one's own."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from kpiaudit import diagnostics
from kpiaudit.cli.options import option
from kpiaudit.errors import UsageError

if TYPE_CHECKING:
    from kpiaudit.cli.options import Common

Sample = Annotated[
    bool, option("--sample", help="Audit the exports that come with kpiaudit, by their policy.")
]


def sample_folder() -> Path:
    """Return the folder of the samples: the package's own, or the repository's in a checkout.

    Raises `UsageError` where neither lies on disk.
    """
    package = resources.files("kpiaudit")
    if isinstance(package, Path):
        for folder in (package / "samples", package.parent / "sample_exports"):
            if (folder / "kpiaudit.toml").is_file():
                return folder
    raise UsageError(
        "no sample exports lie beside this kpiaudit",
        where="--sample",
        hint="install it from its wheel, or clone the repository",
    )


def chosen(exports: list[str] | None, common: Common, *, sample: bool) -> tuple[list[str], Common]:
    """Return what to audit, and by which options: the exports named, or the samples by their own policy.

    Raises `UsageError` for neither and for both.
    """
    if not sample:
        if not exports:
            raise UsageError(
                "missing argument 'EXPORTS...'", hint="name files or folders, or say --sample"
            )
        return exports, common
    if exports:
        raise UsageError(f"stands beside {exports[0]!r}", where="--sample", hint="leave one out")
    folder = sample_folder()
    diagnostics.note(f"reading the samples in {folder.as_posix()}", quiet=common.quiet)
    is_free = common.config is None and not common.no_config
    return [str(folder)], replace(common, config=folder / "kpiaudit.toml") if is_free else common
