"""What the prior samples is what the base model learned from, and its card names the command to repeat that.

A deliberate change to the prior, or a NumPy that samples other numbers from the same seed, changes these figures:
print `summarise` and put them in.
"""

from dataclasses import replace

import numpy as np
import pytest

from forecaster.learning.prior import FREQUENCIES, sample_series

DRAWN = {
    "yearly": (8020.772130, 6.356631, 348),
    "quarterly": (5573.170076, -122.724139, 369),
    "monthly": (4865.685767, -108.056940, 462),
    "weekly": (8732.503967, -39.593191, 540),
    "business_daily": (5753.307781, 116.172461, 319),
    "daily": (6789.436550, 62.035199, 398),
    "daily_long": (33868.973542, -196.661589, 2527),
    "hourly": (5591.766168, -160.904960, 265),
    "hourly_long": (27629.788426, 260.307797, 2397),
    "hourly_year": (27800.535468, 271.585641, 2472),
    "hourly_far": (27800.535468, 271.585641, 2472),
    "other": (6252.444382, 180.946888, 323),
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
