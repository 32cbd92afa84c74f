"""How fast the commands start, read and forecast: `python -m benchmarks.speed`.

Ratios compare with importing the required packages only, measured in the same run.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measuring import FORECAST, show_results, time_command, time_in_turns
from benchmarks.series import M3_OTHER, M3_SUITES, write_m3
from forecaster.data.reading import read_panel

AIRLINE = Path(__file__).resolve().parents[1] / "sample_data" / "air_passengers.csv"
REPEATS = 9


WHOLE_M3 = """
import sys
from forecaster.machine import collect_rarely, compute_without_threads, end_without_collecting
compute_without_threads()
collect_rarely()
from forecaster.data.reading import read_panel
from forecaster.forecasting.opening import open_base
from forecaster.forecasting.self_calibration import calibrate_by_past
for path, horizon in zip(sys.argv[1::2], map(int, sys.argv[2::2])):
    panel, _ = read_panel(path)
    forecaster = calibrate_by_past(panel, open_base(panel))
    assert forecaster.forecast(panel, horizon=horizon).quantiles.shape[:2] == (len(panel), horizon)
end_without_collecting()
"""
"""All 3,003 series in one process, as `forecast predict` does it for each file without a model."""


def measure_reading(folder: Path) -> dict[str, float]:
    """Seconds to read a million rows of 1,000 series, with pandas alone and into a Panel."""
    path = folder / "million.csv"
    hours = pd.date_range("2024-01-01", periods=1000, freq="h").strftime("%Y-%m-%d %H:%M:%S")
    values = np.random.default_rng(0).normal(100, 10, 1_000_000).round(3)
    ids = np.repeat([f"series-{number:04d}" for number in range(1000)], 1000)
    pd.DataFrame({"unique_id": ids, "ds": np.tile(hours, 1000), "y": values}).to_csv(path, index=False)
    pandas_seconds, panel_seconds = [], []
    for _ in range(5):
        started = time.perf_counter()
        pd.read_csv(path, dtype={"unique_id": "category", "ds": "category", "y": "float64"})
        pandas_seconds.append(time.perf_counter() - started)
        started = time.perf_counter()
        read_panel(str(path))
        panel_seconds.append(time.perf_counter() - started)
    own, whole = float(np.median(pandas_seconds)), float(np.median(panel_seconds))
    return {"pandas_seconds": own, "panel_seconds": whole, "beyond_pandas_seconds": whole - own}


def main() -> None:
    """Measure, print and write `results/speed.json`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        quick = ["--steps", "20", "--quiet"]
        time_command([FORECAST, "train", str(AIRLINE), *quick], folder=folder)
        python = [sys.executable, "-c"]
        help_run, typer_alone, predict, imports, pandas_alone, package, functions = time_in_turns(
            [
                [FORECAST, "--help"],
                [*python, "import typer"],
                [FORECAST, "predict", str(AIRLINE)],
                [*python, "import pandas, onnxruntime, typer, rich"],
                [*python, "import pandas"],
                [*python, "import forecaster"],
                [*python, "import forecaster; forecaster.predict, forecaster.train, forecaster.Model"],
            ],
            folder=folder,
            repeats=REPEATS,
        )
        past, _ = write_m3(M3_SUITES[2], folder=folder)
        time_command([FORECAST, "train", str(past), "--horizon", "18", "--model", "m3", *quick], folder=folder)
        m3 = time_command([FORECAST, "predict", str(past), "--model", "m3"], folder=folder, repeats=5)
        suites = (*M3_SUITES, M3_OTHER)
        files = [word for suite in suites for word in (str(write_m3(suite, folder=folder)[0]), str(suite.horizon))]
        m3_base = time_command([*python, WHOLE_M3, *files], folder=folder, repeats=5)
        figures = {
            "help_seconds": help_run.seconds,
            "help_to_import_typer": help_run.seconds / typer_alone.seconds,
            "predict_airline_seconds": predict.seconds,
            "predict_airline_to_imports": predict.seconds / imports.seconds,
            "import_forecaster_to_pandas": package.seconds / pandas_alone.seconds,
            "first_use_of_forecaster_to_pandas": functions.seconds / pandas_alone.seconds,
            "predict_airline_peak_mb": predict.peak_mb,
            "predict_m3_monthly_seconds": m3.seconds,
            "predict_m3_monthly_peak_mb": m3.peak_mb,
            "predict_whole_m3_base_seconds": m3_base.seconds,
            **{f"million_rows_{key}": value for key, value in measure_reading(folder).items()},
        }
    show_results("speed", figures=figures)


if __name__ == "__main__":
    main()
