"""Interpolate quantiles at levels that the network does not give."""

import numpy as np
from numpy.typing import NDArray

from forecaster.errors import UsageError

__all__ = ["interpolate_levels"]


def interpolate_levels(
    quantiles: NDArray[np.float64], *, levels: tuple[float, ...], wanted: list[float]
) -> NDArray[np.float64]:
    """Quantiles at `wanted` levels, interpolated linearly between neighbouring `levels`: [..., len(wanted)].

    Raises UsageError for a level outside of the range of `levels`.
    """
    for level in wanted:
        if not levels[0] - 1e-9 <= level <= levels[-1] + 1e-9:
            raise UsageError(
                f"Quantile {level:g} is outside of what the model knows, {levels[0]:g} to {levels[-1]:g}. "
                f"Give --level up to {100 * (levels[-1] - levels[0]):g}, and --quantiles between these."
            )
    columns = []
    for level in wanted:
        above = min(max(int(np.searchsorted(levels, level - 1e-9)), 1), len(levels) - 1)
        share = (level - levels[above - 1]) / (levels[above] - levels[above - 1])
        share = float(np.clip(np.round(share, 9), 0, 1))
        # at the network's own levels the values are copied, free of rounding errors
        if share in (0.0, 1.0):
            columns.append(quantiles[..., above if share else above - 1])
        else:
            columns.append((1 - share) * quantiles[..., above - 1] + share * quantiles[..., above])
    return np.stack(columns, axis=-1)
