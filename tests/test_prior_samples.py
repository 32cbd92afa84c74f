"""What the prior samples is what the base model learned from, and its card names the command to repeat that.

A deliberate change to the prior, or a NumPy that samples other numbers from the same seed, changes these figures:
print `summarise` and put them in.
"""

from dataclasses import replace

import numpy as np
import pytest

from forecaster.learning.prior import FREQUENCIES, sample_series

DRAWN = {
    "yearly": (4631.255140, -246.371493, 404),
    "quarterly": (5260.575332, -132.700918, 333),
    "monthly": (6472.167327, -191.097735, 415),
    "weekly": (12140.371821, -200.970615, 573),
    "business_daily": (5387.146624, 189.905552, 264),
    "daily": (6601.434240, -60.046007, 421),
    "daily_long": (36876.199113, 430.412965, 2406),
    "hourly": (6195.943310, -63.025248, 358),
    "hourly_long": (36143.102614, -120.210833, 2073),
    "hourly_year": (27113.974742, -72.196945, 1462),
    "hourly_far": (27113.974742, -72.196945, 1462),
    "other": (5443.050452, -196.813917, 309),
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
