"""Plot a series and its forecast in the terminal."""

import numpy as np
import plotille
from numpy.typing import NDArray

__all__ = ["plot_forecast"]

MARGIN, HEIGHT = 24, 12
"""Columns that the axis and its numbers take next to the canvas, and lines of the canvas."""


def plot_forecast(
    history: NDArray[np.float64],
    *,
    median: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    labels: tuple[str, str, str],
    width: int,
) -> str:
    """The end of `history` [time], then `median` between `low` and `high` [horizon], as lines of text.

    `labels` name the first step, the last observed one and the last forecast one.
    """
    figure = plotille.Figure()
    figure.width, figure.height = max(width - MARGIN, 20), HEIGHT
    figure.color_mode = "names"
    figure.with_colors = False
    figure.origin = False
    past = np.arange(len(history))
    ahead = np.arange(len(history), len(history) + len(median))
    known = ~np.isnan(history)
    figure.plot(past[known].tolist(), history[known].tolist())
    for bound in (low, high):
        if not np.isnan(bound).any():
            figure.scatter(ahead.tolist(), bound.tolist(), marker="·")
    figure.scatter(ahead.tolist(), median.tolist(), marker="•")
    shown = np.concatenate([history[known], median, low[~np.isnan(low)], high[~np.isnan(high)]])
    room = 0.05 * (shown.max() - shown.min()) or max(abs(shown.max()), 1.0)
    figure.set_y_limits(float(shown.min() - room), float(shown.max() + room))
    figure.set_x_limits(0, len(history) + len(median))
    figure.register_label_formatter(float, _format)
    # plotille's own axis has numbers; this one has the first, the last observed and the last forecast step
    lines = str(figure.show()).splitlines()[1:-2]
    middle = round(figure.width * (len(history) - 0.5) / (len(history) + len(median)))
    indent = " " * (lines[0].index("|") + 2) if "|" in lines[0] else " " * 12
    axis = labels[0].ljust(max(middle - len(labels[1]), len(labels[0]) + 1)) + labels[1]
    return "\n".join([*lines, indent + axis + labels[2].rjust(max(figure.width - len(axis), len(labels[2]) + 1))])


def _format(value: float, chars: int, delta: float, left: bool = False) -> str:
    """A number on the axis, rounded to about a hundredth of `delta`, the range of the axis."""
    decimals = int(np.clip(2 - np.floor(np.log10(delta)), 0, 9)) if delta > 0 else 0
    text = f"{value:,.{decimals}f}"
    text = text if len(text) <= chars else f"{value:.4g}"
    return text.ljust(chars) if left else text.rjust(chars)
