"""Whether a run fits its memory: estimated from the files before any of them is read, and measured at the end."""

import gzip
import re
import resource
import sys
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from forecaster.data.magic import GZIP, PARQUET, ZIP
from forecaster.data.parquet import count_cells
from forecaster.errors import ConfigurationError, UsageError
from forecaster.nightly.record import MemoryRecord

__all__ = ["check_fit", "measure_peak"]

BASE, TRAINING = 250_000_000, 600_000_000
"""Bytes without data, where the run only forecasts, and where it may train."""
BYTES_PER_ROW, CELLS_PER_ROW = 350, 3
"""What a row takes, of ids, a time and a value: reading and forecasting; wider tables in proportion."""
BLOCK = 1 << 20
SEPARATORS = (b",", b";", b"\t")


def check_fit(files: Sequence[Path], *, limit: int, trains: bool) -> MemoryRecord:
    """What a run on `files` needs, by the number of their cells. Raises ConfigurationError where that is above `limit`.

    Raises UsageError for Excel files, whose cells are not known before they are read.
    """
    rows = -(-sum(map(_count_cells, files)) // CELLS_PER_ROW)
    needed = (TRAINING if trains else BASE) + BYTES_PER_ROW * rows
    if needed > limit:
        larger = -(-needed // 100_000_000) * 100
        cheaper = " --train never needs 350 MB less." if trains else ""
        raise ConfigurationError(
            f"--max-memory: the run needs about {needed / 1e6:,.0f} MB for these data, and the limit is "
            f"{limit / 1e6:,.0f} MB. A run reads all series at once: give --max-memory {larger}MB or fewer series, or "
            f"use forecast predict --max-memory, which forecasts in parts, without gates.{cheaper}"
        )
    return MemoryRecord(limit, needed)


def measure_peak(memory: MemoryRecord) -> MemoryRecord:
    """The same with the most memory that this process has had until now."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with suppress(OSError):
        # on Linux, the former begins with what the program that started this one had
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
        peak = peak if found is None else int(found[1])
    return replace(memory, peak_bytes=peak * unit)


def _count_cells(path: Path) -> int:
    """How many cells a file has, or more: separators within quotes count, too."""
    with path.open("rb") as raw:
        begin = raw.read(4)
    if begin.startswith(ZIP):
        raise UsageError(f"{path}: how much memory an Excel file needs is not known. Leave --max-memory out.")
    if begin == PARQUET:
        return count_cells(path)
    counts = dict.fromkeys((b"\n", *SEPARATORS), 0)
    # a broken archive is reported when the data are read
    with (
        gzip.open(path) if begin.startswith(GZIP) else path.open("rb") as file,
        suppress(EOFError, OSError, zlib.error),
    ):
        while block := file.read(BLOCK):
            for mark in counts:
                counts[mark] += block.count(mark)
    return counts[b"\n"] + max(counts[mark] for mark in SEPARATORS)
