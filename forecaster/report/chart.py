"""Plot a series and its forecast in the terminal."""

import numpy as np
from numpy.typing import NDArray
from plotille import Canvas

from forecaster.arrays import Array

__all__ = ["LEGEND", "NARROWEST", "plot_forecast"]

LEGEND = "⠒ history  • forecast  · 80% interval"
HEIGHT, MOST_INTERVALS = 12, 5
"""Rows of the chart at about, and intervals between numbers on its axis at most."""
NARROWEST = 30
"""Columns that a chart needs at least."""
BAR = " ┤ "


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

    `labels` name the first step, the last observed one and the last forecast one. No line is wider than `width`, which
    is at least NARROWEST.
    """
    marks = _choose_marks(np.concatenate([history, median, low, high]))
    names = _write_marks(marks)
    margin = max(map(len, names))
    # whole rows between the marks, so that each stands where its value is
    per_interval = max(2, round(HEIGHT / (len(marks) - 1)))
    rows = per_interval * (len(marks) - 1) + 1
    columns, count = width - margin - len(BAR), len(history) + len(median)
    # a canvas has four dots in the height of a letter and two in its width; what is on its upper end is not drawn, so
    # that end is chosen such that the last step falls on the last dot, and the highest mark on the top row
    top = marks[0] + (marks[-1] - marks[0]) * rows / (rows - 1)
    per_step = (2 * columns - 1) / max(count - 1, 1)
    canvas = Canvas(columns, rows, xmin=0, ymin=float(marks[0]), xmax=2 * columns / per_step, ymax=float(top))
    for step, value in enumerate(history.tolist()):
        following = history[step + 1] if step + 1 < len(history) else np.nan
        if not np.isnan(value):
            canvas.line(step, value, step + (not np.isnan(following)), value if np.isnan(following) else following)
    for values, marker in ((low, "·"), (high, "·"), (median, "•")):
        for step, value in enumerate(values.tolist(), start=len(history)):
            if not np.isnan(value):
                canvas.point(step, value, marker=marker)
    lines = []
    for row, drawn in enumerate(canvas.plot(linesep="\n").split("\n")):
        number, rest = divmod(rows - 1 - row, per_interval)
        lines.append(f"{'' if rest else names[number]:>{margin}}{' │ ' if rest else BAR}{drawn}".rstrip(" ⠀"))
    last_seen = round(max(len(history) - 1, 0) * per_step) // 2
    return "\n".join([*lines, " " * (margin + len(BAR)) + _place_labels(labels, last_seen=last_seen, width=columns)])


def _choose_marks(values: Array) -> Array:
    """Round numbers around `values`, at equal intervals: the axis begins and ends with one of them.

    Where no value is negative, no mark is.
    """
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        low, high = (min(low, 0.0), max(high, 0.0)) if low else (0.0, 1.0)
    size = 10.0 ** np.floor(np.log10((high - low) / MOST_INTERVALS))
    for step in (factor * size for factor in (1, 2, 2.5, 5, 10, 20)):
        first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
        if last - first <= MOST_INTERVALS:
            break
    return np.asarray(step * np.arange(first, last + 1))


def _write_marks(marks: Array) -> list[str]:
    """The marks as text, with as many decimals as tell them apart; huge and tiny ones with an exponent."""
    step, largest = float(marks[1] - marks[0]), float(np.abs(marks).max())
    if largest >= 1e9 or largest < 1e-4:
        exact = (digits for digits in range(4, 17) if _are_close(marks, digits=digits, within=step / 10))
        digits = next(exact, 17)
        return [f"{mark + 0.0:.{digits}g}" for mark in marks]
    decimals = next(count for count in range(12) if np.isclose(round(step, count), step, rtol=1e-6))
    return [f"{mark + 0.0:,.{decimals}f}" for mark in marks.round(decimals)]


def _are_close(marks: Array, *, digits: int, within: float) -> bool:
    """Whether all `marks` are as near as that to themselves with so many significant digits."""
    return bool(all(abs(float(f"{mark:.{digits}g}") - mark) <= within for mark in marks.tolist()))


def _place_labels(labels: tuple[str, str, str], *, last_seen: int, width: int) -> str:
    """The labels below their steps, as far as there is room; the last one matters most, then the one before."""
    line = [" "] * width
    taken = width + 1
    for label, end in zip(labels[::-1], (width, last_seen + 1, len(labels[0])), strict=True):
        end = max(end, len(label))
        if end < taken and end <= width:
            line[end - len(label) : end] = label
            taken = end - len(label)
    return "".join(line).rstrip()
