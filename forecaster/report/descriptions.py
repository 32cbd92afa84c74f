"""Describe charts of series as data for Lets-Plot, which draws the same description to a file or in a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np

from forecaster.library.pictures import Picture, Stretch
from forecaster.report.looks import Look
from forecaster.report.plain import show_controls
from forecaster.report.time_axis import mark_times

__all__ = ["Description", "Layer", "Wording", "describe_pictures", "fill_layer", "list_layers", "plan_chart"]

Description = dict[str, Any]

WIDTH, HEIGHT = 960, 540
PANEL_WIDTH, PANEL_HEIGHT, MOST_COLUMNS = 480, 270, 3
PANEL_TITLE, PANEL_MARGIN = {"name": "text", "size": 14, "hjust": 0.5}, [4, 12, 4, 4]
LONGEST_NAME, LONGEST_TITLE, LONGEST_LINE = 40, 72, 100
OBSERVED, FORECAST, BACKTEST = "observed", "forecast", "backtest"
WIDEST_SHADE, NARROWEST_SHADE = 0.18, 0.42
MOST_BESIDE = 8
"""Parts of a chart that the legend names in one row."""


@dataclass(frozen=True)
class Layer:
    """A part of the chart: which `stretch` of a picture it shows, which of its `columns`, and how.

    One column is a line, two are the ends of an interval; `what` is its name in the legend. With `is_alone`, only
    steps without a neighbour are shown, which a line would not show. `drawn` is the layer of the description.
    """

    stretch: str
    columns: tuple[str, ...]
    what: str
    is_alone: bool
    drawn: dict[str, Any]


@dataclass(frozen=True)
class Wording:
    """What is written around the charts: a title, a line below it, one at the bottom, and the unit of the values."""

    title: str = ""
    subtitle: str = ""
    caption: str = ""
    unit: str = ""


def list_layers(levels: Sequence[str], *, has_backtest: bool = True) -> list[Layer]:
    """The layers of a chart with intervals of `levels`, the widest first, from the back to the front."""
    layers = [_interval("forecast", level, f"{level}% interval") for level in levels]
    if has_backtest:
        narrowest = list(levels[-1:])
        layers += [_interval("backtest", level, f"backtest {level}%") for level in narrowest]
    layers.append(_line("history", OBSERVED, OBSERVED, levels=()))
    if has_backtest:
        layers.append(_line("backtest", FORECAST, BACKTEST, levels=levels, linetype="dashed"))
    layers.append(_line("forecast", FORECAST, FORECAST, levels=levels, size=1.3))
    layers += [_points(layer) for layer in layers if len(layer.columns) == 1]
    return layers + [_bar(layer) for layer in layers if len(layer.columns) == 2]


def _interval(stretch: str, level: str, what: str) -> Layer:
    columns = (f"forecast-lo-{level}", f"forecast-hi-{level}")
    mapping = {"x": "x", "ymin": "low", "ymax": "high", "fill": "what", "group": "run"}
    drawn = {"geom": "ribbon", "mapping": mapping, "size": 0, "alpha": 1, "tooltips": "none"}
    return Layer(stretch, columns, what, False, drawn)


def _line(stretch: str, column: str, what: str, *, levels: Sequence[str], **style: Any) -> Layer:
    lines = [f"{what}|@value", *(f"{level}%|@{{forecast-lo-{level}}} to @{{forecast-hi-{level}}}" for level in levels)]
    drawn = {
        "geom": "line",
        "mapping": {"x": "x", "y": "y", "color": "what", "group": "run"},
        "size": 0.9,
        "tooltips": {"lines": lines, "title": "@time"},
        **style,
    }
    return Layer(stretch, (column,), what, False, drawn)


def _points(layer: Layer) -> Layer:
    style = {key: value for key, value in layer.drawn.items() if key in ("mapping", "tooltips")}
    drawn = {**style, "geom": "point", "size": 2.5, "show_legend": False}
    return Layer(layer.stretch, layer.columns, layer.what, True, drawn)


def _bar(layer: Layer) -> Layer:
    mapping = {"x": "x", "ymin": "low", "ymax": "high", "color": "what"}
    drawn = {"geom": "linerange", "mapping": mapping, "size": 2, "show_legend": False, "tooltips": "none"}
    return Layer(layer.stretch, layer.columns, layer.what, True, drawn)


def plan_chart(layers: Sequence[Layer], *, look: Look, has_dates: bool, unit: str = "") -> Description:
    """The description of a chart without its data: layers, colours, axes, theme."""
    lines = {OBSERVED: look.history, BACKTEST: look.backtest, FORECAST: look.forecast}
    ranges = {layer.what: layer for layer in layers if len(layer.columns) == 2 and not layer.is_alone}
    own = [what for what, layer in ranges.items() if layer.stretch == "forecast"]
    shades = dict(zip(own, np.linspace(WIDEST_SHADE, NARROWEST_SHADE, max(len(own), 2)), strict=False))
    fills = {
        what: look.fade(look.forecast if layer.stretch == "forecast" else look.backtest, shades.get(what, WIDEST_SHADE))
        for what, layer in ranges.items()
    }
    shown = [name for name in lines if any(layer.what == name for layer in layers)]
    rows = -(-(len(shown) + len(fills)) // MOST_BESIDE)
    strokes = ["dashed" if name == BACKTEST else "solid" for name in shown]
    return {
        "kind": "plot",
        "data": {},
        "mapping": {},
        "layers": [{**layer.drawn, "data": {}} for layer in layers],
        "scales": [
            {"aesthetic": "x", "name": "", **({"datetime": True} if has_dates else {})},
            {"aesthetic": "y", "name": unit},
            _name_colours("color", {name: lines[name] for name in shown} | fills, shown, rows, linetype=strokes),
            _name_colours("fill", fills, [*fills], rows),
        ],
        # where marks are given, labels that do not fit would be turned, all of them
        "theme": {**look.theme, **({"axis_text_x": {"name": "text", "angle": 0}} if has_dates else {})},
    }


def _name_colours(
    aesthetic: str, colours: dict[str, str], shown: list[str], rows: int, **drawn: list[str]
) -> dict[str, Any]:
    """A scale of `colours` by name, of which those `shown` are in the legend, where they look as `drawn`.

    The `rows` of the legend are those of all scales, as Lets-Plot joins them.
    """
    return {
        "aesthetic": aesthetic,
        "name": "",
        "discrete": True,
        "limits": [*colours],
        "breaks": shown,
        "values": [*colours.values()],
        "guide": {"name": "legend", "nrow": rows, "override_aes": drawn},
    }


def fill_layer(layer: Layer, picture: Picture) -> dict[str, list[Any]]:
    """The data of `layer`, a column for each of its values.

    Steps without a value are left out, and those between them are a run, which has a line of its own. `fillLayer` in
    `page_files/series.js` does the same.
    """
    stretch: Stretch | None = getattr(picture, layer.stretch)
    names = ("low", "high") if len(layer.columns) == 2 else ("y",)
    if stretch is None:
        return {"x": []}
    values = [stretch.values[column] for column in layer.columns]
    known = np.asarray(~np.isnan(values).any(axis=0))
    before, after = np.append(False, known[:-1]), np.append(known[1:], False)
    runs = np.cumsum(known & ~before)
    is_alone = known & ~before & ~after
    # a line has at least two ends; an interval of one step is drawn as a bar
    kept = is_alone if layer.is_alone else known & ~is_alone
    table: dict[str, list[Any]] = {
        "x": stretch.moments[kept].tolist(),
        "time": [text for text, is_kept in zip(stretch.texts, kept, strict=True) if is_kept],
        "what": [layer.what] * int(kept.sum()),
        "run": runs[kept].tolist(),
    }
    table |= {name: column[kept].tolist() for name, column in zip(names, values, strict=True)}
    if len(names) == 1:
        table["value"] = [write_number(value) for value in table["y"]]
        others = [name for name in stretch.values if name not in layer.columns]
        table |= {name: [write_number(value) for value in stretch.values[name][kept]] for name in others}
    return table


def write_number(value: float) -> str:
    """A number for a person to read, as exact as it is given: 1234.5 as 1,234.5."""
    if np.isnan(value):
        return "–"
    if abs(value) >= 1e15 or 0 < abs(value) < 1e-4:
        return f"{value:.9g}"
    return f"{round(float(value), 9):,}".removesuffix(".0")


def describe_pictures(
    pictures: Sequence[Picture], *, levels: Sequence[str], look: Look, has_dates: bool, wording: Wording
) -> Description:
    """One chart, or a grid of several, each with axes of its own."""
    columns = min(MOST_COLUMNS, int(np.ceil(np.sqrt(len(pictures)))))
    rows = -(-len(pictures) // columns)
    is_grid = len(pictures) > 1
    size = {"width": WIDTH, "height": HEIGHT}
    if is_grid:
        size = {"width": max(WIDTH, columns * PANEL_WIDTH), "height": max(HEIGHT, rows * PANEL_HEIGHT + 120)}
    layers = list_layers(levels, has_backtest=any(picture.backtest is not None for picture in pictures))
    plan = plan_chart(layers, look=look, has_dates=has_dates, unit=write_plain(wording.unit))
    filled = [[fill_layer(layer, picture) for layer in layers] for picture in pictures]
    plan["layers"] = _name_once(layers, plan["layers"], filled)
    figures = [_fill_chart(plan, tables, width=size["width"] / columns) for tables in filled]
    description = _arrange(figures, pictures, columns=columns, look=look) if is_grid else figures[0]
    title = {"text": _cut(wording.title, LONGEST_TITLE), "subtitle": _wrap(wording.subtitle)}
    description["ggtitle"] = {key: text for key, text in title.items() if text}
    if wording.caption:
        description["caption"] = {"text": _wrap(wording.caption)}
    return {**description, "ggsize": size}


def _name_once(
    layers: Sequence[Layer], drawn: list[dict[str, Any]], filled: list[list[dict[str, list[Any]]]]
) -> list[dict[str, Any]]:
    """The layers as they are `drawn`; the legend names each part once, also where it consists of single steps.

    `filled` are the data, [picture][layer].
    """
    used = [any(tables[number]["x"] for tables in filled) for number in range(len(layers))]
    named = {layer.what for layer, is_used in zip(layers, used, strict=True) if is_used and not layer.is_alone}
    return [
        {**one, "show_legend": is_used and not (layer.is_alone and layer.what in named)}
        for layer, one, is_used in zip(layers, drawn, used, strict=True)
    ]


def _fill_chart(plan: Description, tables: list[dict[str, list[Any]]], *, width: float) -> Description:
    """The chart of one series as it is planned, with the data in `tables`, one for each layer; `width` in pixels."""
    moments = [moment for table in tables for moment in table["x"]]
    times, values, *others = plan["scales"]
    values = {**values, **_limit_flat(tables)}
    if "datetime" in times:
        times = {**times, **mark_times(min(moments), max(moments), width=width)}
    layers = [
        {**layer, "data": table} if table["x"] else _name_only(layer, at=moments[0])
        for layer, table in zip(plan["layers"], tables, strict=True)
        if table["x"] or layer["show_legend"]
    ]
    return {**plan, "layers": layers, "scales": [times, values, *others]}


def _limit_flat(tables: list[dict[str, list[Any]]]) -> dict[str, Any]:
    """Limits of the axis where all values are one: from zero to it, where Lets-Plot would show as much on both sides of
    it, and so negative demand beside none at all. `limitFlat` in `page_files/series.js` does the same.
    """
    shown = {value for table in tables for name in ("y", "low", "high") for value in table.get(name, ())}
    if len(shown) != 1:
        return {}
    (only,) = shown
    return {"limits": [min(only, 0.0), max(only, 0.0)] if only else [0.0, 1.0]}


def _name_only(layer: dict[str, Any], *, at: float) -> dict[str, Any]:
    """A `layer` that only other charts of a grid have: the legend, one for all, needs it in each."""
    nothing: dict[str, list[Any]] = {name: [None] for name in layer["mapping"].values()}
    return {**layer, "data": {**nothing, "x": [at]}, "tooltips": "none", "na_rm": True}


def _arrange(figures: list[Description], pictures: Sequence[Picture], *, columns: int, look: Look) -> Description:
    """A grid of `figures`, each below the name of its series, with one legend."""
    theme = {**figures[0]["theme"], "plot_title": PANEL_TITLE, "plot_margin": PANEL_MARGIN}
    named = [
        {**figure, "theme": theme, "ggtitle": {"text": _cut(picture.label, LONGEST_NAME)}}
        for figure, picture in zip(figures, pictures, strict=True)
    ]
    rows = -(-len(figures) // columns)
    layout = {"name": "grid", "ncol": columns, "nrow": rows, "align": True, "guides": "collect"}
    rest = [None] * (rows * columns - len(figures))
    return {"kind": "subplots", "layout": layout, "figures": [*named, *rest], "theme": look.theme}


def _cut(text: str, length: int) -> str:
    return write_plain(text if len(text) <= length else f"{text[: length - 1]}…")


def _wrap(text: str) -> str:
    """`text` on two lines at the most."""
    return "\n".join(wrap(_cut(text, 2 * LONGEST_LINE - 20), LONGEST_LINE, break_on_hyphens=False))


def write_plain(text: str) -> str:
    """`text` on one line, of which nothing is taken for a formula or a link: a space of no width parts its mark."""
    text = show_controls(text)
    for mark in ("\\(", "\\)", "<a"):
        text = text.replace(mark, f"{mark[0]}\u200b{mark[1:]}")
    return text
