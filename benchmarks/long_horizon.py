"""The usual long-horizon protocol of ETT: `python -m benchmarks.long_horizon --every 24`.

ETTh1 and ETTh2 (Zhou et al. 2021), hourly: 12 months to train, 4 to validate and 4 to test, of 30 days each. Each
window of the test part, one after every step, is forecast 96, 192, 336 and 720 hours ahead from all that lies before
it; the base model learns nothing. MSE and MAE are those of the median, of all seven columns, standardised by the mean
and the deviation of the training part. `--every N` takes every Nth window only, which the output says. With `--trained`
the model has learned from the 16 months before the test part, by `forecast train` for each horizon.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import forecaster as library
from benchmarks.measuring import write_results
from benchmarks.series import SHARED
from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel
from forecaster.data.reading import read_panel
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.opening import open_base
from forecaster.windows import cut_truth

MONTH = 30 * 24
TRAINING, VALIDATION, TEST = 12 * MONTH, 4 * MONTH, 4 * MONTH
HORIZONS = (96, 192, 336, 720)
WINDOWS_AT_ONCE = 64
"""Cutoffs that are forecast together, which limits the memory."""


@dataclass(frozen=True)
class LongScores:
    """Errors of the standardised median over `windows` cutoffs of all columns, and the seconds that it took."""

    windows: int
    mse: float
    mae: float
    seconds: float

    def as_plain(self) -> dict[str, float]:
        """The same for JSON."""
        return {
            "windows": self.windows,
            "MSE": round(self.mse, 4),
            "MAE": round(self.mae, 4),
            "seconds": round(self.seconds, 1),
        }


def train(path: Path, *, horizon: int) -> Forecaster:
    """What `forecast train` makes of the months to train and to validate."""
    trained = library.train(pd.read_csv(path).head(TRAINING + VALIDATION), horizon=horizon).forecaster
    assert trained is not None
    return trained


def measure(panel: Panel, *, forecaster: Forecaster, horizon: int, every: int) -> LongScores:
    """Forecast `horizon` steps after every Nth cutoff of the test part, N being `every`."""
    begun = time.perf_counter()
    begin = TRAINING + VALIDATION
    cutoffs = np.arange(begin, begin + TEST - horizon + 1, every)
    training = np.stack([panel.values[start : start + TRAINING] for start in panel.offsets[:-1]])
    deviation = training.std(axis=1)  # the mean leaves errors as they are
    squared, absolute, count = 0.0, 0.0, 0
    for first in range(0, len(cutoffs), WINDOWS_AT_ONCE):
        index = _cross(len(panel), cutoffs[first : first + WINDOWS_AT_ONCE])
        forecast = forecaster.forecast(panel, index=index, horizon=horizon, bounds=Bounds(allow_negative=True))
        error = forecast.median - cut_truth(panel, index=index, horizon=horizon)
        error /= deviation[index.series, None]
        squared += float((error**2).sum())
        absolute += float(np.abs(error).sum())
        count += error.size
    return LongScores(len(cutoffs), squared / count, absolute / count, time.perf_counter() - begun)


def _cross(series: int, cutoffs: NDArray[np.int64]) -> WindowIndex:
    """All `cutoffs` of all series."""
    return WindowIndex(np.tile(np.arange(series), len(cutoffs)), np.repeat(cutoffs, series))


def main() -> None:
    """Measure the files named on the command line, or those at hand, and write `results/long_horizon.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="ETTh1.csv, ETTh2.csv (default: those in SHARED)")
    parser.add_argument("--every", type=int, default=24, help="take every Nth window (default: 24)")
    parser.add_argument("--horizons", default=",".join(map(str, HORIZONS)))
    parser.add_argument("--trained", action="store_true", help="after `forecast train`, for each horizon")
    arguments = parser.parse_args()
    files = arguments.files or [path for name in ("etth1", "etth2") if (path := SHARED / f"{name}.csv.gz").exists()]
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for path in files:
        panel, _ = read_panel(str(path))
        name = path.name.split(".")[0].lower()
        for horizon in map(int, arguments.horizons.split(",")):
            forecaster = train(path, horizon=horizon) if arguments.trained else open_base(panel)
            found = measure(panel, forecaster=forecaster, horizon=horizon, every=arguments.every)
            figures.setdefault(name, {})[str(horizon)] = found.as_plain()
            share = "all" if arguments.every == 1 else f"every {arguments.every}th window:"
            print(
                f"{name} {horizon:4d} ahead, {share} {found.windows} cutoffs: "
                f"MSE {found.mse:.4f}  MAE {found.mae:.4f}  ({found.seconds:.0f} s)",
                flush=True,
            )
    name = "long_horizon_trained" if arguments.trained else "long_horizon"
    write_results(name, figures={"every": arguments.every, **figures})


if __name__ == "__main__":
    main()
