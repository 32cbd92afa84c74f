"""Whether a run fits its memory: estimated from the files before any of them is read, and measured at the end."""

import gzip
import math
import re
import resource
import sys
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from forecaster.data.covariates import Covariates
from forecaster.data.files.magic import GZIP, PARQUET, ZIP
from forecaster.data.files.parquet import count_cells
from forecaster.data.panel import Panel, find_periods
from forecaster.encoding.covariate_basis import count_features
from forecaster.encoding.effects import MAX_ELEMENTS
from forecaster.encoding.encode import MAX_JOINT
from forecaster.encoding.encoding import LONGEST_PAST, Encoding
from forecaster.errors import ConfigurationError, UsageError
from forecaster.forecasting.forecaster import count_windows
from forecaster.library.footprint import BASE, count_for_training
from forecaster.machine import count_usable_cpus
from forecaster.nightly.record import MemoryRecord
from forecaster.settings import default_context_length

__all__ = ["check_files", "check_series", "measure_peak"]

BYTES_PER_ROW, BYTES_PER_PARQUET_ROW, CELLS_PER_ROW = 165, 195, 3
"""What reading takes for a row of ids, a time and a value."""
BYTES_PER_CELL, BYTES_PER_COLUMN = 130, 8000
"""What each cell more takes, as of a wide table, and each of its columns."""
BYTES_PER_SERIES, BYTES_PER_STEP, BYTES_PER_FORECAST = 800, 40, 600
"""What a series takes, each step of its past, and each step of its forecast; and of the past one that is scored."""
BYTES_AT_ONCE = 730
"""What each step takes of the pasts that are encoded at once, some on each core."""
BYTES_PER_COVARIATE, BYTES_AT_ONCE_PER_COVARIATE = 20, 150
"""What each covariate takes at a step, and at one that is encoded at once."""
BYTES_PER_FEATURE, FEWEST_CORES = 120, 2
"""What each feature of those known ahead takes at each step that its effects are learned from at once, on each core, on
two or more."""
BLOCK = 1 << 20
SEPARATORS = (b",", b";", b"\t")


def check_files(files: Sequence[Path], *, limit: int, trains: bool) -> MemoryRecord:
    """What it takes to read `files`, by the number of their cells.

    Raises ConfigurationError where that is above `limit`, UsageError for Excel files, whose cells are
    not known before they are read.
    """
    needed, values = BASE, 0
    for path in files:
        with path.open("rb") as raw:
            kind = raw.read(4)
        rows, cells = _count_cells(path, kind)
        more = max(cells - CELLS_PER_ROW * rows, 0)
        needed += (BYTES_PER_PARQUET_ROW if kind == PARQUET else BYTES_PER_ROW) * rows
        needed += BYTES_PER_CELL * more + BYTES_PER_COLUMN * (more // max(rows, 1))
        values += rows + more
    return _require(MemoryRecord(limit, needed), learned=values if trains else None)


def check_series(memory: MemoryRecord, panel: Panel, *, horizon: int, trains: bool) -> MemoryRecord:
    """What the whole run takes, now that the series are known; `memory` is what it took to read them.

    Raises ConfigurationError where that is above the limit.
    """
    window = min(int(panel.lengths.max(initial=0)), LONGEST_PAST) + horizon
    at_once = window * min(len(panel), count_usable_cpus() * count_windows(window))
    needed = BASE + BYTES_PER_STEP * len(panel.values) + BYTES_AT_ONCE * at_once
    scored = int((panel.lengths > horizon).sum())
    needed += len(panel) * BYTES_PER_SERIES + (len(panel) + scored) * BYTES_PER_FORECAST * horizon
    if panel.covariates is not None:
        needed += _count_for_covariates(panel, panel.covariates, window=window, at_once=at_once)
    learned = len(panel.values) if trains else None
    found = _require(replace(memory, needed_bytes=needed), learned=learned)
    return replace(found, needed_bytes=max(memory.needed_bytes, found.needed_bytes))


def _count_for_covariates(panel: Panel, covariates: Covariates, *, window: int, at_once: int) -> int:
    """What the covariates take, those of holidays and the calendar as well, in two regressions of each past."""
    known, periods = int(covariates.is_known.sum()), find_periods(panel)
    features = count_features(known, period=periods[0])
    # effects are learned from no more of a past than the encoding reads
    past = min(window, Encoding(default_context_length(periods[0]), periods).past_length)
    learned = past * min(len(panel), count_windows(window)) * features
    effects = BYTES_PER_FEATURE * min(learned, max(MAX_ELEMENTS, past * features))
    # of more than so many the other regression has only the sum of their effects
    joint = len(covariates) if len(covariates) <= MAX_JOINT else 1
    return (
        BYTES_PER_COVARIATE * covariates.values.size
        + BYTES_AT_ONCE_PER_COVARIATE * at_once * joint
        + effects * max(count_usable_cpus(), FEWEST_CORES)
    )


def _require(memory: MemoryRecord, *, learned: int | None) -> MemoryRecord:
    """`memory` and what a training takes that may learn from so many values. Raises ConfigurationError for too much."""
    extra = 0 if learned is None else count_for_training(learned)
    needed, limit = memory.needed_bytes + extra, memory.limit_bytes
    if needed > limit:
        larger = -(-needed // 100_000_000) * 100
        cheaper = f" --train never needs {extra / 1e6:,.0f} MB less." if extra else ""
        raise ConfigurationError(
            f"--max-memory: the run needs about {math.ceil(needed / 1e6):,} MB for these data, and the limit is "
            f"{math.floor(limit / 1e6):,} MB. A run reads all series at once: give --max-memory {larger}MB or fewer "
            f"series, or use forecast predict --max-memory, which forecasts in parts, without gates.{cheaper}"
        )
    return replace(memory, needed_bytes=needed)


def measure_peak(memory: MemoryRecord) -> MemoryRecord:
    """The same with the most memory that this process has had until now."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with suppress(OSError):
        # on Linux, the former begins with what the program that started this one had
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
        peak = peak if found is None else int(found[1])
    return replace(memory, peak_bytes=peak * unit)


def _count_cells(path: Path, begin: bytes) -> tuple[int, int]:
    """How many rows and cells a file that begins so has, or more: separators within quotes count, too."""
    if begin.startswith(ZIP):
        raise UsageError(f"--max-memory: how much an Excel file needs, {path}, is not known. Leave it out.")
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
    return counts[b"\n"], counts[b"\n"] + max(counts[mark] for mark in SEPARATORS)
