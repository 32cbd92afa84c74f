"""Where windows are cut: the cutoffs of training, of a backtest and of a forecast. Nothing is cut here."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import count_within
from forecaster.data.panel import Panel

__all__ = ["WindowIndex", "end_of_history", "index_training_windows", "roll_cutoffs"]


@dataclass(frozen=True)
class WindowIndex:
    """Where windows are cut: the first `cutoffs` steps of `series` are past. Both int64, [window]."""

    series: NDArray[np.int64]
    cutoffs: NDArray[np.int64]

    @classmethod
    def none(cls) -> "WindowIndex":
        """An index without windows."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))

    @property
    def cutoff_index(self) -> NDArray[np.int64]:
        """The number of each window's cutoff [window], 0 for the oldest; for an index from `roll_cutoffs`."""
        return np.cumsum(np.diff(self.series, prepend=self.series[:1] - 1) <= 0)

    def __len__(self) -> int:
        return len(self.series)

    def __getitem__(self, chosen: Any) -> "WindowIndex":
        return WindowIndex(self.series[chosen], self.cutoffs[chosen])


def end_of_history(panel: Panel) -> WindowIndex:
    """One window per series that has any step, with the cutoff at its end."""
    series = np.flatnonzero(panel.lengths)
    return WindowIndex(series, panel.lengths[series])


def roll_cutoffs(
    panel: Panel,
    *,
    horizon: int,
    windows: int,
    step: int,
    min_past: int = 1,
    ends: NDArray[np.int64] | None = None,
) -> WindowIndex:
    """The last `windows` cutoffs of each series, `step` steps apart, the newest `horizon` steps before its end.

    Cutoffs with fewer than `min_past` steps before them are left out. Sorted by cutoff, the
    oldest first, then by series. With `ends` [series] each series ends there.
    """
    ends = panel.lengths if ends is None else ends
    # at most as many as fit in the longest series
    windows = min(windows, int(ends.max(initial=0)) // step + 1)
    back = horizon + step * np.arange(windows - 1, -1, -1)
    cutoffs = ends[None, :] - back[:, None]  # [window, series]
    cutoff_index, series = np.nonzero(cutoffs >= max(min_past, 1))
    return WindowIndex(series.astype(np.int64), cutoffs[cutoff_index, series])


def index_training_windows(panel: Panel, *, held_out: int, min_past: int, recent: int) -> WindowIndex:
    """All training windows: the first forecast step lies before the last `held_out` steps of its series.

    Only the newest `recent` cutoffs of a series count, with at least `min_past` steps before each.
    Two integers per window; the windows themselves are cut when they are needed.
    """
    highest = panel.lengths - held_out - 1
    lowest = np.maximum(highest - recent + 1, min_past)
    counts = np.maximum(highest - lowest + 1, 0)
    series = np.repeat(np.arange(len(panel)), counts)
    return WindowIndex(series, lowest[series] + count_within(counts))
