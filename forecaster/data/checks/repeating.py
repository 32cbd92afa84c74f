"""Find after how many steps values repeat, where the steps have no calendar that tells their season."""

import numpy as np

from forecaster.arrays import Array
from forecaster.data.panel import Panel

__all__ = ["find_repeating"]

MOST_SERIES, SHORTEST, LONGEST = 100, 3, 400
"""The longest series are looked at, and cycles of so many steps."""
FEWEST_CYCLES = 3
LEAST_CORRELATION, LEAST_EVIDENCE = 0.35, 4.0
"""Correlation of changes one cycle apart, at the least; and in standard deviations of what it would be by chance."""
NEARLY, NEIGHBOURS = 0.85, 1.1
"""Share of the highest correlation that a shorter cycle needs, as two cycles are one as well; and how far others may
be, of which a usual one is taken: the peak of smooth values is flat."""
ROUNDED = 1e-9
USUAL = (4, 5, 7, 12, 24, 48, 52, 96, 144, 168, 288, 336, 365)


def find_repeating(panel: Panel) -> int | None:
    """The number of steps after which changes of the values repeat; None where they do not.

    By the autocorrelation of first differences, averaged over series; missing values count as no change.
    """
    chosen = np.argsort(-panel.lengths, kind="stable")[:MOST_SERIES]
    most = min(int(panel.lengths[chosen].max(initial=0)) // FEWEST_CYCLES, LONGEST)
    if most < SHORTEST:
        return None
    parts = [_correlate(panel.values[panel.offsets[one] : panel.offsets[one + 1]], most=most) for one in chosen]
    lengths = np.array([len(part) for part in parts])
    total, count = np.zeros((2, most + 2))
    for part in parts:
        total[: len(part)] += part
        count[: len(part)] += 1
    found = total / np.maximum(count, 1)
    noise = 1 / np.sqrt(np.maximum(panel.lengths[chosen][lengths > 0].sum(), 1))
    inner = found[SHORTEST:-1]
    is_peak = (inner >= found[SHORTEST - 1 : -2]) & (inner >= found[SHORTEST + 1 :])
    is_peak &= inner >= max(LEAST_CORRELATION, LEAST_EVIDENCE * noise)
    # smooth values are like those a few steps away
    is_peak &= inner - np.minimum.accumulate(found)[SHORTEST - 1 : -2] >= LEAST_CORRELATION
    peaks = np.flatnonzero(is_peak) + SHORTEST
    if not len(peaks):
        return None
    first = peaks[found[peaks] >= NEARLY * found[peaks].max()][0]
    near = np.arange(np.ceil(first / NEIGHBOURS), min(NEIGHBOURS * first, most) + 1).astype(np.int64)
    near = near[found[near] >= NEARLY * found[near].max()]
    usual = near[np.isin(near, USUAL)]
    return int(usual[0] if len(usual) else near[np.argmax(found[near])])


def _correlate(values: Array, *, most: int) -> Array:
    """The autocorrelation of the changes of one series at the lags 0 to at `most` one more, fewer for a short one."""
    lags = min(most + 1, len(values) // FEWEST_CYCLES)
    changes = np.nan_to_num(np.diff(values))
    changes -= changes.mean() if len(changes) else 0.0
    power = float((changes**2).sum())
    # the changes of a straight line differ by rounding alone
    if lags < SHORTEST or np.abs(changes).max() <= ROUNDED * np.nanmax(np.abs(values), initial=0.0):
        return np.zeros(0)
    size = 2 ** int(np.ceil(np.log2(2 * len(changes))))
    spectrum = np.abs(np.fft.rfft(changes, size)) ** 2
    return np.asarray(np.fft.irfft(spectrum, size)[: lags + 1] / power)
