"""What the prior samples is what the base model learned from, and its card names the command to repeat that.

A deliberate change to the prior, or a NumPy that samples other numbers from the same seed, changes these figures:
print `summarise` and put them in.
"""

from dataclasses import replace

import numpy as np
import pytest

from forecaster.learning.prior import FREQUENCIES, sample_series

DRAWN = {
    "yearly": (6765.947261, -150.671877, 369),
    "quarterly": (5612.973353, 85.538445, 334),
    "monthly": (6473.544782, -76.383568, 381),
    "weekly": (10178.385167, -76.579781, 548),
    "business_daily": (5296.991223, 148.506995, 418),
    "daily": (5197.526306, -108.992917, 356),
    "daily_long": (42735.359348, -448.673973, 2062),
    "hourly": (5413.047883, -112.984848, 387),
    "hourly_long": (26693.250864, -532.394140, 2057),
    "other": (7588.058777, 70.715328, 335),
}


def summarise(name: str) -> tuple[float, float, int]:
    """Two sums over 500 series of one frequency, each of them at most 1 in size, and how many values are missing."""
    frequency = FREQUENCIES[name]
    frequency = replace(frequency, periods=tuple(period or 9 for period in frequency.periods))
    length = max(60, min(2 * frequency.periods[-1], 400))
    series = sample_series(np.random.default_rng(7), count=500, length=length, frequency=frequency)
    size = np.nanmax(np.abs(series), axis=1, keepdims=True)
    unit = series / np.where(size > 0, size, 1)
    weights = np.random.default_rng(1).normal(size=unit.shape)
    return float(np.nansum(unit)), float(np.nansum(unit * weights)), int(np.isnan(series).sum())


@pytest.mark.parametrize("name", FREQUENCIES)
def test_the_same_seed_draws_the_same_series(name: str) -> None:
    assert summarise(name) == pytest.approx(DRAWN[name], abs=1e-5)
