"""What is written around charts: titles, units, and where the backtest ends."""

from collections.abc import Sequence
from pathlib import Path

from forecaster.library.forecast_remarks import describe_kind
from forecaster.library.inputs import Given
from forecaster.library.pictures import Picture, Pictures
from forecaster.library.scores import FAIR
from forecaster.library.wording import count_things, name_series
from forecaster.report.descriptions import Wording

__all__ = [
    "describe_absent",
    "describe_backtest",
    "describe_fewer",
    "describe_thinning",
    "name_levels",
    "name_unit",
    "word_pictures",
]


def word_pictures(
    pictures: Pictures, chosen: Sequence[Picture], *, given: Given, title: str | None = None, unit: str | None = None
) -> Wording:
    """The words around the charts of `chosen`; a `title` and a `unit` that are given stand as they are."""
    only = chosen[0] if len(chosen) == 1 else None
    usual = only.label if only is not None and len(given.panel) > 1 else Path(given.name).name
    ahead = [picture.forecast.texts for picture in chosen if picture.forecast is not None]
    firsts, lasts = {texts[0] for texts in ahead}, {texts[-1] for texts in ahead}
    span = f", {next(iter(firsts))} to {next(iter(lasts))}" if len(firsts) == len(lasts) == 1 else ""
    steps = count_things(pictures.horizon, "step")
    levels = name_levels(pictures)
    subtitle = f"Forecast of {steps}{span}" + (f", with intervals of {levels}" if levels else "")
    remarks = []
    cutoffs = {picture.cutoff for picture in chosen if picture.backtest is not None}
    if cutoffs:
        last = f"the steps up to {next(iter(cutoffs))}" if len(cutoffs) == 1 else "the steps before it"
        remarks.append(f"Backtest: forecast from {last} alone")
    if any(picture.thinned > 1 for picture in chosen):
        remarks.append("history thinned to the lowest and highest of neighbours")
    if pictures.zone is not None:
        remarks.append(f"times in {pictures.zone}")
    caption = "; ".join(remarks)
    return Wording(title if title is not None else usual, subtitle, caption, name_unit(given) if unit is None else unit)


def name_levels(pictures: Pictures) -> str:
    """The levels of the intervals, the narrowest first: 50%, 80% and 95%; empty where there are none."""
    *others, last = [f"{level}%" for level in reversed(pictures.levels)] or [""]
    return " and ".join([", ".join(others), last] if others else [last])


def name_unit(given: Given) -> str:
    """The name of the column of the values; empty where there are several, or a column for each series."""
    columns = given.summary.columns
    return columns.targets[0] if len(columns.targets) == 1 and not columns.wide else ""


def describe_backtest(pictures: Pictures) -> list[str]:
    """A line on what the backtest is worth, where it needs one."""
    if pictures.scores is None:
        is_short = "no series is longer than the horizon, so nothing could be held out"
        return [f"No backtest: {is_short if pictures.wanted else 'the plan has 0 windows'}."]
    seen = pictures.scores.seen_windows
    if not seen:
        return []
    return [
        f"{seen} of {count_things(len(pictures.scores.backtest.index), 'window')} of the backtest lie in what the "
        f"model was trained on, so it looks better than it is. For a fair one {FAIR}"
    ]


def describe_thinning(chosen: Sequence[Picture]) -> list[str]:
    """A line where less than the whole history could be drawn."""
    most = max(picture.thinned for picture in chosen)
    if most == 1:
        return []
    return [
        f"The history is drawn with 1 of {most} steps, the lowest and the highest of neighbours: --history shows less."
    ]


def describe_fewer(drawn: int, *, asked: int, series: int, what: str) -> list[str]:
    """A line where fewer are drawn than were asked for, of so many `series`, and `what` the others do not have."""
    if drawn >= asked:
        return []
    why = "the data have no more" if drawn == series else f"no more have {what}"
    return [f"{drawn:,} series drawn instead of {asked:,}: {why}."]


def describe_absent(pictures: Pictures, chosen: Sequence[Picture], *, asked: int, is_ranked: bool) -> list[str]:
    """Lines on why fewer series are drawn than were asked for, or without a forecast.

    `is_ranked` where they are picked by their backtest.
    """
    panel, horizon, origins = pictures.panel, pictures.horizon, pictures.forecast.origins
    what = "a forecast and a backtest" if is_ranked else "a forecast"
    lines = describe_fewer(len(chosen), asked=asked, series=len(panel), what=what)
    is_less = bool(lines)
    drawn = {picture.label: picture.forecast is not None for picture in chosen}
    ended = [] if origins is None else origins.ended.tolist()
    for kind, numbers in (("ended", ended), ("failed", pictures.forecast.failed.tolist())):
        # those that were named are drawn without a forecast
        without = [one for one in numbers if one not in pictures.windows]
        absent = [one for one in without if not drawn.get(panel.label(one), not is_less)]
        if absent:
            lines.append(describe_kind(kind, len(absent), name_series(panel, absent), horizon=horizon))
    if is_less and is_ranked and pictures.scores is not None:
        unscored = [one for one in pictures.windows if one not in pictures.backtest_windows]
        if unscored:
            names = name_series(panel, unscored)
            lines.append(f"{len(unscored):,} series no longer than the horizon, so without a backtest: {names}.")
    return lines
