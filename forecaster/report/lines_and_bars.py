"""Describe lines and bars by name, as data for Lets-Plot, in both looks."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from forecaster.arrays import Array
from forecaster.report.descriptions import Description, write_number, write_plain
from forecaster.report.looks import LOOKS, Look

__all__ = ["describe_bars", "describe_lines"]

MOST_LABELS = 8


def describe_lines(
    lines: Mapping[str, Array],
    *,
    labels: Sequence[str],
    limits: tuple[float, float] | None = None,
    is_logarithmic: bool = False,
    size: tuple[int, int] | None = None,
    title: str = "",
) -> dict[str, Description]:
    """Each of `lines` [step] over `labels` [step], broken where it is NaN."""
    table: dict[str, list[Any]] = {"x": [], "y": [], "what": [], "time": [], "value": [], "run": []}
    for name, values in lines.items():
        known = ~np.isnan(values) & ((values > 0) | (not is_logarithmic))
        runs = np.cumsum(np.diff(np.append(False, known).astype(int)) != 0)
        _extend(table, name, values, kept=known, labels=labels)
        table["run"] += [f"{name} {run}" for run in runs[known]]
    mapping = {"x": "x", "y": "y", "color": "what", "group": "run"}
    layers = [_layer("line", table, mapping, size=1.0), _layer("point", table, mapping, size=1.2)]
    y = {"aesthetic": "y", "name": "", **({"trans": "log10"} if is_logarithmic else {}), **_limit(limits)}
    return _describe(layers, [_mark(labels), y], names=[*lines], aesthetic="color", title=title, size=size)


def describe_bars(
    bars: Mapping[str, Array],
    *,
    labels: Sequence[str],
    limits: tuple[float, float] | None = None,
    is_stacked: bool = False,
    size: tuple[int, int] | None = None,
    title: str = "",
) -> dict[str, Description]:
    """Bars of each group side by side, or on each other; `bars` are [group], and NaN has no bar."""
    table: dict[str, list[Any]] = {"x": [], "y": [], "what": [], "time": [], "value": []}
    for name, values in bars.items():
        _extend(table, name, values, kept=~np.isnan(values), labels=labels)
    position = {"name": "stack"} if is_stacked else {"name": "dodge"}
    layer = _layer("bar", table, {"x": "x", "y": "y", "fill": "what"}, stat="identity", position=position, size=0)
    y = {"aesthetic": "y", "name": "", **_limit(limits)}
    return _describe([layer], [_mark(labels), y], names=[*bars], aesthetic="fill", title=title, size=size)


def _extend(table: dict[str, list[Any]], name: str, values: Array, *, kept: Any, labels: Sequence[str]) -> None:
    steps = np.flatnonzero(kept)
    table["x"] += steps.tolist()
    table["y"] += values[steps].tolist()
    table["what"] += [write_plain(name)] * len(steps)
    table["time"] += [write_plain(labels[int(step)]) for step in steps]
    table["value"] += [write_number(float(f"{value:.4g}")) for value in values[steps]]


def _layer(geom: str, table: dict[str, list[Any]], mapping: dict[str, str], **style: Any) -> dict[str, Any]:
    tooltips = {"lines": ["@what|@value"], "title": "@time"}
    return {"geom": geom, "data": table, "mapping": mapping, "tooltips": tooltips, **style}


def _limit(limits: tuple[float, float] | None) -> dict[str, Any]:
    return {} if limits is None else {"limits": list(limits)}


def _mark(labels: Sequence[str]) -> dict[str, Any]:
    """The horizontal axis, with as many of the `labels` [step] as fit."""
    breaks = [*range(0, len(labels), max(1, -(-len(labels) // MOST_LABELS)))]
    return {"aesthetic": "x", "name": "", "breaks": breaks, "labels": [write_plain(labels[step]) for step in breaks]}


def _describe(
    layers: list[dict[str, Any]],
    axes: list[dict[str, Any]],
    *,
    names: list[str],
    aesthetic: str,
    title: str,
    size: tuple[int, int] | None,
) -> dict[str, Description]:
    """The description in each look."""

    def describe(look: Look) -> Description:
        colours = {
            "aesthetic": aesthetic,
            "name": "",
            "discrete": True,
            "limits": [write_plain(name) for name in names],
            "values": [look.others[number % len(look.others)] for number in range(len(names))],
            "guide": {"name": "legend", "ncol": 5},
        }
        described: Description = {
            "kind": "plot",
            "data": {},
            "mapping": {},
            "layers": layers,
            "scales": [*axes, colours],
        }
        if title:
            described["ggtitle"] = {"text": write_plain(title)}
        if size is not None:
            described["ggsize"] = {"width": size[0], "height": size[1]}
        return {**described, "theme": look.theme}

    return {name: describe(look) for name, look in LOOKS.items()}
