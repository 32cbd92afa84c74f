"""Cycles of pasts, scaled for linear regressions: without their typical day, and with spikes made small."""

from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Array, average, find_median

__all__ = ["ScaledCycles"]

SCALED_CYCLES = 56
"""Newest cycles whose level and deviation scale all of the past: within a year, what is usual changes."""


@dataclass(frozen=True)
class ScaledCycles:
    """Folded pasts [batch, cycle, period] without their typical day, as asinh of multiples of their usual deviation."""

    values: Array
    middle: Array
    deviation: Array
    profile: Array

    @classmethod
    def of(cls, folded: Array) -> "ScaledCycles":
        """Scale by median and median absolute deviation of the newest cycles, so that spikes count little."""
        batch, cycles, period = folded.shape
        newest = folded[:, -SCALED_CYCLES:].reshape(batch, -1)
        is_blank = np.isnan(newest).all(axis=1, keepdims=True)
        is_used = (np.arange(cycles * period) >= cycles * period - newest.shape[1]) | is_blank
        flat = np.where(is_used, folded.reshape(batch, -1), np.nan)
        middle = find_median(flat)[:, None, None]
        deviation = 1.4826 * find_median(np.abs(flat - middle[:, 0]))[:, None, None]
        mean = average(np.abs(flat - middle[:, 0]), axis=1)[:, None, None]
        deviation = np.where(deviation > 1e-3 * mean, deviation, mean)
        deviation = np.where(deviation > 0, deviation, 1.0)
        values = np.arcsinh((folded - middle) / deviation)
        profile = np.nan_to_num(average(values, axis=1))[:, None]
        return cls(values - profile, middle, deviation, profile)

    def restore(self, values: Array) -> Array:
        """Scaled values [batch, cycle, period] in the units of the data."""
        return self.middle + self.deviation * np.sinh(values + self.profile)
