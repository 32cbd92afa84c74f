"""Line and bar charts as self-contained SVG, to be embedded in a page or saved as a file."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

import numpy as np

from forecaster.arrays import Array

__all__ = ["plot_bars", "plot_lines"]

WIDTH, HEIGHT = 960, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 10, 12, 28
LEGEND_ROW, LEGEND_ENTRY = 20, 190
MAX_LABELS, TICKS = 8, 5
COLOURS = ("#3b6fb6", "#d1603d", "#4f9d69", "#8e5ea2", "#c9a227", "#3aa6a6", "#7f7f7f", "#b24c63", "#1f3a5f", "#94b447")
BAR_SHARE = 0.8


def plot_lines(
    lines: Mapping[str, Array],
    *,
    labels: Sequence[str],
    limits: tuple[float, float] | None = None,
    logarithmic: bool = False,
    title: str = "",
) -> str:
    """Each of `lines` [step], broken where it is NaN, over `labels` [step]."""
    shown = {name: np.where(values > 0, values, np.nan) if logarithmic else values for name, values in lines.items()}
    low, high = limits or _find_limits(list(shown.values()), from_zero=False, logarithmic=logarithmic)
    place = _place(low, high, logarithmic=logarithmic)
    count = max(len(values) for values in shown.values())
    parts = []
    for colour, values in zip(_colours(len(shown)), shown.values(), strict=True):
        begins = np.isnan(np.append(np.nan, values[:-1]))
        ends = np.isnan(np.append(values[1:], np.nan))
        # a line of length 0 is a dot, because of its round ends
        path = " ".join(
            f"{'M' if begins[number] else 'L'}{_across(number, count):.1f} {place(value):.1f}"
            + ("h0" if begins[number] and ends[number] else "")
            for number, value in enumerate(values)
            if not np.isnan(value)
        )
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-linecap="round"/>')
    marks = [(_across(number, count), labels[number]) for number in _choose_labels(len(labels))]
    return _frame(
        parts, marks=marks, ticks=_choose_ticks(low, high, logarithmic), place=place, names=list(lines), title=title
    )


def plot_bars(
    bars: Mapping[str, Array],
    *,
    labels: Sequence[str],
    limits: tuple[float, float] | None = None,
    stacked: bool = False,
    title: str = "",
) -> str:
    """Bars of each group side by side, or `stacked`; `bars` are [group], and NaN has no bar."""
    values = np.stack(list(bars.values()))  # [name, group]
    tops = np.nancumsum(values, axis=0) if stacked else values
    bottoms = np.vstack([np.zeros(values.shape[1]), tops[:-1]]) if stacked else np.zeros_like(values)
    low, high = limits or _find_limits([tops], from_zero=True, logarithmic=False)
    place = _place(low, high, logarithmic=False)
    room = (WIDTH - LEFT - RIGHT) / values.shape[1]
    width = BAR_SHARE * room / (1 if stacked else len(values))
    parts = []
    for (name, group), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        left = LEFT + group * room + (1 - BAR_SHARE) * room / 2 + (0 if stacked else name * width)
        ends = sorted(place(float(np.clip(end, low, high))) for end in (bottoms[name, group], tops[name, group]))
        size = f'width="{width:.1f}" height="{ends[1] - ends[0]:.1f}"'
        parts.append(f'<rect x="{left:.1f}" y="{ends[0]:.1f}" {size} fill="{_colours(len(values))[name]}"/>')
    marks = [(LEFT + (group + 0.5) * room, labels[group]) for group in _choose_labels(len(labels))]
    return _frame(parts, marks=marks, ticks=_choose_ticks(low, high, False), place=place, names=list(bars), title=title)


def _frame(
    parts: list[str],
    *,
    marks: list[tuple[float, str]],
    ticks: list[float],
    place: Callable[[float], float],
    names: list[str],
    title: str,
) -> str:
    """The complete chart: axes, `parts` as its content, and the legend below."""
    per_row = (WIDTH - LEFT) // LEGEND_ENTRY
    height = HEIGHT + LEGEND_ROW * -(-len(names) // per_row)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height + (30 if title else 0)}" '
        'font-family="sans-serif" font-size="12" fill="#444">'
    ]
    if title:
        out.append(f'<text x="{LEFT}" y="20" font-size="15">{escape(title)}</text><g transform="translate(0 30)">')
    for tick in ticks:
        y = place(tick)
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:.4g}</text>')
    out += parts
    out += [
        f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{escape(label)}</text>'
        for x, label in marks
    ]
    for number, (name, colour) in enumerate(zip(names, _colours(len(names)), strict=True)):
        x, y = LEFT + LEGEND_ENTRY * (number % per_row), HEIGHT + LEGEND_ROW * (number // per_row)
        out.append(f'<rect x="{x}" y="{y}" width="11" height="11" fill="{colour}"/>')
        out.append(f'<text x="{x + 17}" y="{y + 10}">{escape(name)}</text>')
    return "".join([*out, "</g>" if title else "", "</svg>"])


def _across(number: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * number / max(count - 1, 1)


def _place(low: float, high: float, *, logarithmic: bool) -> Callable[[float], float]:
    """A function from a value to its y coordinate."""

    def measure(value: float) -> float:
        return float(np.log10(value)) if logarithmic else value

    bottom, top = measure(low), measure(high)
    return lambda value: HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (measure(value) - bottom) / ((top - bottom) or 1.0)


def _find_limits(values: list[Array], *, from_zero: bool, logarithmic: bool) -> tuple[float, float]:
    known = np.concatenate([row[~np.isnan(row)] for row in values])
    if not len(known):
        return (0.1, 1.0) if logarithmic else (0.0, 1.0)
    low, high = float(known.min()), float(known.max())
    if from_zero:
        return min(low, 0.0), max(high, 0.0)
    room = 0.0 if logarithmic else 0.05 * (high - low)
    return low - room, high + room


def _choose_ticks(low: float, high: float, logarithmic: bool) -> list[float]:
    """Round numbers between the limits."""
    if logarithmic:
        first, last = int(np.ceil(np.log10(low))), int(np.floor(np.log10(high)))
        return [10.0**power for power in range(first, last + 1, max(1, (last - first) // TICKS))]
    if high <= low:
        return [low]
    rough = (high - low) / TICKS
    size = 10.0 ** np.floor(np.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return [float(step * number) for number in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]


def _choose_labels(count: int) -> range:
    return range(0, count, max(1, -(-count // MAX_LABELS)))


def _colours(count: int) -> list[str]:
    return [COLOURS[number % len(COLOURS)] for number in range(count)]
