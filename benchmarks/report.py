"""Measure `forecast report` on 2,000 series: time, size of the page, and how long a browser takes to open it.

python -m benchmarks.report [--series 2000] [--length 120]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from tests.browser import CHROMIUM, DRIVER, REASON, open_browser

STEPS_PER_CYCLE = 12


def make_series(count: int, *, length: int) -> pd.DataFrame:
    """Monthly series with a trend, a season and noise."""
    generator = np.random.default_rng(0)
    steps = np.arange(length)
    season = np.sin(2 * np.pi * (steps + generator.integers(STEPS_PER_CYCLE, size=(count, 1))) / STEPS_PER_CYCLE)
    noise = np.exp(generator.normal(0, 0.05, (count, length)))
    values = generator.uniform(50, 5000, (count, 1)) * (1 + 0.004 * steps + 0.2 * season) * noise
    dates = pd.date_range("2015-01-01", periods=length, freq="MS").strftime("%Y-%m-%d")
    names = [f"shop {number:04d}" for number in range(count)]
    return pd.DataFrame(
        {"shop": np.repeat(names, length), "date": np.tile(dates, count), "sales": values.round(2).ravel()}
    )


def measure(folder: Path, *, series: int, length: int) -> None:
    """Print the figures."""
    make_series(series, length=length).to_csv(folder / "shops.csv", index=False)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    words = [sys.executable, "-m", "forecaster", "report", "shops.csv", "--id", "shop", "--quiet"]
    begun = time.perf_counter()
    subprocess.run(words, cwd=folder, env=environment, check=True)
    seconds = time.perf_counter() - begun
    page = folder / "report.html"
    print(f"{series:,} series of {length} steps: {seconds:.1f} s, {page.stat().st_size / 1e6:.1f} MB")
    if CHROMIUM is None or DRIVER is None:
        print(f"Opening it {REASON}")
        return
    with open_browser(folder) as browser:
        for _ in range(2):  # the first time, the browser itself still starts
            browser.open(page)
        print(f"ready in the browser after {browser.run('return performance.now()') / 1000:.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=2000)
    parser.add_argument("--length", type=int, default=120)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name), series=given.series, length=given.length)
