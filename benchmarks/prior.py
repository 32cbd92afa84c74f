"""Plot samples of the synthetic series, and measure how fast they are generated: `python -m benchmarks.prior`."""

import argparse
import time
from dataclasses import replace

import numpy as np
import plotille
from numpy.typing import NDArray

from benchmarks.measuring import write_results
from forecaster.learning.prior import FREQUENCIES, sample_series

WIDTH, HEIGHT, GAP = 34, 6, "   "
STEPS = {"yearly": 35, "quarterly": 50, "monthly": 120, "weekly": 200, "daily_long": 800, "hourly_long": 500}


def plot_small(series: NDArray[np.float64]) -> list[str]:
    """One series plotted as lines of Braille characters."""
    known = np.isfinite(series)
    low, high = float(series[known].min()), float(series[known].max())
    margin = (high - low) * 0.02 or 1.0
    canvas = plotille.Canvas(WIDTH, HEIGHT, 0, low - margin, len(series), high + margin)
    for step in np.flatnonzero(known[1:] & known[:-1]):
        canvas.line(float(step), float(series[step]), float(step + 1), float(series[step + 1]))
    return [str(line) for line in canvas.plot().splitlines()]


def main() -> None:
    """Print the plots and how many series of 150 monthly steps a core makes per second; write `results/prior.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, default=2, help="rows of three series for each frequency")
    arguments = parser.parse_args()
    generator = np.random.default_rng(arguments.seed)
    for name, frequency in FREQUENCIES.items():
        periods = frequency.periods if frequency.periods[0] else (9,)
        print(f"\n{name}, periods {periods}")
        length = STEPS.get(name, 100)
        sampled = sample_series(
            generator, count=3 * arguments.rows, length=length, frequency=replace(frequency, periods=periods)
        )
        for row in range(arguments.rows):
            small = [plot_small(series) for series in sampled[3 * row : 3 * row + 3]]
            for lines in zip(*small, strict=True):
                print(GAP.join(line.ljust(WIDTH) for line in lines))
            print()
    sample_series(generator, count=1024, length=150, frequency=FREQUENCIES["monthly"])
    started = time.process_time()
    for _ in range(10):
        sample_series(generator, count=1024, length=150, frequency=FREQUENCIES["monthly"])
    rate = round(10 * 1024 / (time.process_time() - started))
    print(f"{rate:,} series of 150 steps a second on one core")
    print(write_results("prior", figures={"series_of_150_steps_per_core_second": rate}))


if __name__ == "__main__":
    main()
