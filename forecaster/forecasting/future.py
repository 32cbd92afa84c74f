"""Covariates that are known ahead must be there on every step that is forecast: find what is missing, or fill it in."""

from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import count_within, find_offsets
from forecaster.cutoffs import WindowIndex
from forecaster.data.covariate_sources.covariate_columns import NOTHING
from forecaster.data.covariates import Covariates
from forecaster.data.panel import Panel
from forecaster.data.read_options import FutureFill
from forecaster.data.times.dates import format_times
from forecaster.errors import DataError, UsageError

__all__ = [
    "MissingFuture",
    "complete_future",
    "fill_future",
    "find_missing_future",
    "needed_steps",
    "require_future",
]

MOST_NAMED = 5
FILLS_OF_WORDS = "last, seasonal or mean"
"""The rules that fill in categories: the mean is the share of each, and none of them is zero."""


@dataclass(frozen=True)
class MissingFuture:
    """Values of covariates that are missing where they are needed: `series`, `steps` and `columns`, [missing] each.

    Steps are counted from the start of their series.
    """

    series: NDArray[np.int64]
    steps: NDArray[np.int64]
    columns: NDArray[Any]

    def __len__(self) -> int:
        return len(self.series)


def needed_steps(index: WindowIndex, *, lead: NDArray[np.int64], horizon: int) -> tuple[NDArray[np.int64], ...]:
    """The steps from each cutoff to the end of its forecast, as series [step] and steps of it [step]."""
    counts = lead + horizon
    series = np.repeat(index.series, counts)
    return series, np.repeat(index.cutoffs, counts) + count_within(counts)


def find_missing_future(
    covariates: Covariates, index: WindowIndex, *, lead: NDArray[np.int64], horizon: int
) -> MissingFuture:
    """The values that are missing between the cutoffs of `index` and `horizon` steps after the `lead` [window]."""
    series, steps = needed_steps(index, lead=lead, horizon=horizon)
    values = covariates.take(series, steps)
    columns = dict.fromkeys(
        column for column, is_known in zip(covariates.columns, covariates.is_known, strict=True) if is_known
    )
    gaps = covariates.find_gaps(values)
    missing = [gaps[:, covariates.columns.index(column)] for column in columns]
    rows, numbers = np.nonzero(np.stack(missing, axis=1)) if missing else (np.zeros(0, np.int64),) * 2
    return MissingFuture(series[rows], steps[rows], np.array([*columns], object)[numbers])


def fill_future(
    panel: Panel, index: WindowIndex, *, lead: NDArray[np.int64], horizon: int, rule: FutureFill, period: int
) -> Panel:
    """`panel` with a value for each known covariate on every step that is forecast.

    By `rule`: the last one before the cutoff, that of a season of `period` steps earlier, the mean, or zero. Raises
    UsageError for any other rule, and for zero where a category is missing.
    """
    if rule not in get_args(FutureFill):
        raise UsageError(f"--future-fill {rule}: not one of {' '.join(get_args(FutureFill))}.")
    covariates = panel.covariates
    assert covariates is not None
    ends = np.zeros(len(panel), np.int64)
    ends[index.series] = index.cutoffs + lead + horizon
    lengths = np.maximum(np.diff(covariates.offsets), ends)
    offsets = find_offsets(lengths)
    values = np.full((int(offsets[-1]), len(covariates)), np.nan)
    before = np.repeat(np.arange(len(panel)), np.diff(covariates.offsets))
    values[np.arange(len(before)) - covariates.offsets[before] + offsets[before]] = covariates.values
    extended = replace(covariates, values=values, offsets=offsets)
    series, steps = needed_steps(index, lead=lead, horizon=horizon)
    places = offsets[series] + steps
    missing = covariates.find_gaps(values[places]) & covariates.is_known
    if rule == "zero":
        _refuse_zero(covariates, is_missing=np.asarray(missing.any(axis=0)))
    values[places] = np.where(missing, _guess(panel, extended, series, steps, rule=rule, period=period), values[places])
    return replace(panel, covariates=extended)


def _refuse_zero(covariates: Covariates, *, is_missing: NDArray[np.bool_]) -> None:
    """Raise UsageError for the first column of categories that `is_missing` [feature]: which one is 0 is not known."""
    for column in np.array(covariates.columns, object)[is_missing]:
        if covariates.is_category(column):
            texts = covariates.wordings[column].texts
            have = ", ".join(map(repr, texts[:MOST_NAMED])) + (" …" if len(texts) > MOST_NAMED else "")
            shown = NOTHING if NOTHING in texts else texts[0]
            raise UsageError(
                f"--future-fill zero: column {column!r} holds words ({have}), of which none is zero. Write the right "
                f"one, such as {shown!r}, below the data or in --future FILE, or use --future-fill {FILLS_OF_WORDS}."
            )


def _guess(
    panel: Panel,
    covariates: Covariates,
    series: NDArray[np.int64],
    steps: NDArray[np.int64],
    *,
    rule: FutureFill,
    period: int,
) -> NDArray[np.float64]:
    """Values for `steps` of `series`, [step, covariate], from the steps of each series that have a target."""
    if rule == "zero":
        return np.zeros((len(series), len(covariates)))
    ends = panel.lengths[series]
    if rule == "seasonal":
        back = -(-(steps + 1 - ends) // period) * period
        seasonal = covariates.take(series, steps - back)
        return np.where(
            covariates.find_gaps(seasonal),
            _guess(panel, covariates, series, steps, rule="last", period=period),
            seasonal,
        )
    begins = covariates.offsets[:-1]
    edges = np.stack([begins, begins + panel.lengths], axis=1).ravel()
    values = np.append(covariates.values, np.full((1, len(covariates)), np.nan), axis=0)
    seen = ~np.isnan(values)
    if rule == "last":
        seen = ~covariates.find_gaps(values)
        newest = np.maximum.reduceat(np.where(seen, np.arange(len(values))[:, None], 0), edges)[::2]
        guessed = values[newest, np.arange(len(covariates))]
    else:
        sums, counts = (np.add.reduceat(every, edges)[::2] for every in (np.nan_to_num(values), seen.astype(np.int64)))
        guessed = sums / np.maximum(counts, 1)
    has_any = np.logical_or.reduceat(seen, edges)[::2] & (panel.lengths > 0)[:, None]
    return np.where(has_any, guessed, 0.0)[series]


def complete_future(panel: Panel, series: int, *, horizon: int, rule: FutureFill | None, period: int) -> Panel:
    """`panel` with all that is known ahead after the end of one of its `series`, filled in by `rule`, if any.

    Raises DataError where something is missing.
    """
    if panel.covariates is None:
        return panel
    index = WindowIndex(np.array([series]), panel.lengths[[series]])
    lead = np.zeros(1, np.int64)
    if rule is not None:
        panel = fill_future(panel, index, lead=lead, horizon=horizon, rule=rule, period=period)
    require_future(panel, index, lead=lead, horizon=horizon)
    return panel


def require_future(
    panel: Panel, index: WindowIndex, *, lead: NDArray[np.int64], horizon: int, is_part: bool = False
) -> None:
    """Raise DataError, with the first places, where what is known ahead is missing on a step to forecast.

    Where the panel `is_part` of the data, it says so, as others may lack some, too.
    """
    if panel.covariates is None:
        return
    covariates = panel.covariates
    missing = find_missing_future(covariates, index, lead=lead, horizon=horizon)
    if not len(missing):
        return
    shown = []
    for series, step, column in list(zip(missing.series, missing.steps, missing.columns, strict=True))[:MOST_NAMED]:
        moment = panel.calendar.advance(panel.starts[series : series + 1], np.array([step]))
        style, is_wall = panel.time_style, panel.calendar.uses_wall_clock
        time = format_times(moment, style=style, uses_wall_clock=is_wall)[0]
        shown.append(f"{panel.label(int(series))}, {time}, {column}" if panel.ids[series] else f"{time}, {column}")
    times = panel.calendar.advance(panel.starts[missing.series], missing.steps).astype(np.int64)
    is_partial = not covariates.unfinished.isdisjoint(zip(missing.series.tolist(), times.tolist(), strict=True))
    partial = (
        " A step that is aggregated from several rows needs them all, those of the days that have passed in the data "
        "and the others in --future FILE, or one row there at its own time."
    ) * is_partial
    more = f" and {len(missing) - len(shown):,} more" if len(missing) > len(shown) else ""
    what = (
        "1 value of what is known ahead is"
        if len(missing) == 1
        else f"{len(missing):,} values of what is known ahead are"
    )
    steps, them = "step" if horizon == 1 else f"{horizon} steps", "it" if len(missing) == 1 else "them"
    has_words = any(covariates.is_category(str(column)) for column in np.unique(missing.columns))
    rules = FILLS_OF_WORDS if has_words else "last, seasonal, mean or zero"
    where = "in one part of the data, and maybe in others, " if is_part else ""
    raise DataError(
        f"{where}{what} missing on the {steps} to forecast: {'; '.join(shown)}{more}. Add rows with {them} below the "
        "data or in --future FILE ('forecast template' writes all that are needed, with what FILE has), or fill "
        f"{them} in with --future-fill {rules}.{partial}"
    )
