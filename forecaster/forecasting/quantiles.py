"""Interpolate quantiles at levels that the network does not give."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from forecaster.errors import UsageError

__all__ = ["check_columns", "interpolate_levels"]


def check_columns(columns: Mapping[str, float], *, levels: tuple[float, ...]) -> None:
    """Raise UsageError, which names the option, where a column has a level outside of the range of `levels`."""
    for name, level in columns.items():
        if levels[0] - 1e-9 <= level <= levels[-1] + 1e-9:
            continue
        if "-q-" in name:
            raise UsageError(
                f"--quantiles {level:g}: the model knows those from {levels[0]:g} to {levels[-1]:g} only. "
                "Give one of them."
            )
        largest = f"{100 * (levels[-1] - levels[0]):g}"
        raise UsageError(
            f"--level {name.rpartition('-')[2]}: the model knows levels up to {largest} only. Give one of them."
        )


def interpolate_levels(
    quantiles: NDArray[np.float64], *, levels: tuple[float, ...], wanted: list[float]
) -> NDArray[np.float64]:
    """Quantiles at `wanted` levels, interpolated linearly between neighbouring `levels`: [..., len(wanted)]."""
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
