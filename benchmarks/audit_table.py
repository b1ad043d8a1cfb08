"""The one table every audit here prints, so that four programs can be compared value for value."""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

UNASSIGNED = "(unassigned)"
TARGET_SECONDS = 3600
HEADER = (
    "name", "clocks", "met", "breached", "open", "adherence",
    "n", "mean", "median", "p90", "p95", "max",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """First responses of one brand, or of all: counts, and seconds over the `n` answered clocks."""

    name: str
    clocks: int
    met: int
    breached: int
    open: int
    n: int
    seconds: tuple[float | None, float | None, float | None, float | None, float | None]
    """Mean, median, 90th and 95th percentile, maximum; None where nothing is answered."""

    def cells(self, *, whole_seconds: bool) -> list[str]:
        """The line as text: adherence with six decimals, nothing where a value is undefined."""
        written = whole if whole_seconds else tenths
        decided = self.met + self.breached
        adherence = f"{self.met / decided:.6f}" if decided else ""
        counts = [str(count) for count in (self.clocks, self.met, self.breached, self.open)]
        return [self.name, *counts, adherence, str(self.n), *map(written, self.seconds)]


def tenths(seconds: float | None) -> str:
    """Seconds with one decimal, half up, after shedding the last bits in which two programs differ.

    A 95th percentile of whole seconds is a multiple of 0.05: without the first rounding the noise of
    floating point would decide the ties.
    """
    if seconds is None or math.isnan(seconds):
        return ""
    exact = Decimal(str(round(float(seconds), 4)))
    return str(exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def whole(seconds: float | None) -> str:
    """Seconds rounded up to whole ones, as the files kpiaudit writes carry them."""
    if seconds is None or math.isnan(seconds):
        return ""
    return str(math.ceil(round(float(seconds), 4)))


def print_table(total: Line, brands: Iterable[Line], *, whole_seconds: bool) -> None:
    """Print the total and then the brands in order of their names, as CSV on stdout."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(HEADER)
    for line in (total, *sorted(brands, key=lambda line: line.name)):
        writer.writerow(line.cells(whole_seconds=whole_seconds))


def argument_parser(description: str) -> argparse.ArgumentParser:
    """What every audit here takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("file", help="a file of the twcs shape")
    parser.add_argument(
        "--whole-seconds", action="store_true", help="round seconds up, as kpiaudit's files do"
    )
    return parser
