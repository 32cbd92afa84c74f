"""Find what all series do at the same time of each year, and how much of it repeats."""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from forecaster.arrays import Array, average, find_median
from forecaster.cutoffs import end_of_history, roll_cutoffs
from forecaster.data.calendar import Calendar
from forecaster.data.covariates import CALENDAR, HOLIDAYS, Covariates
from forecaster.data.panel import Panel, find_season, hash_names
from forecaster.encoding.shared_year import WEEKS, SharedYear, count_steps_of_week
from forecaster.evaluation.backtest import Backtest, BacktestPlan, compare
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.correlation import choose_measured
from forecaster.forecasting.opening import open_base
from forecaster.learning.dataset import LearningData
from forecaster.learning.gate import estimate_gain, measure_errors
from forecaster.learning.plan import TrainingPlan
from forecaster.learning.year_before import find_year_before
from forecaster.model.shared_year_card import LARGEST_CHANGE, SharedYearCard
from forecaster.windows import cut_windows

__all__ = ["LONGEST_WEEKS", "find_shared_year"]

NEIGHBOURS, MIN_NEIGHBOURS = 4, 3
"""Weeks before and after a step whose median is its usual value, and how many must be known on each side."""
LONGEST_WEEKS = WEEKS - NEIGHBOURS - 3
"""Of a horizon: a step uses values up to NEIGHBOURS weeks after the one a year before it, which is up to two weeks
later where Easter moves. None of them may be after the cutoff."""
MIN_SERIES = 5
MAX_SERIES, MAX_COMPARED, MAX_YEARS = 1000, 100, 5
SMALLEST = 0.05
"""Changes from week to week; smaller ones, as of series that have nothing in common, are not tried."""
MIN_CUTOFFS, MAX_CUTOFFS = 3, 16
STEP_WEEKS = 3
"""Weeks between two cutoffs that are compared, unless the horizon is longer."""
SHARES = (0.25, 0.5, 0.75, 1.0)
DIGITS = 4


def find_shared_year(data: LearningData, *, plan: TrainingPlan) -> SharedYearCard | None:
    """What all series of `data` do at the same time of each year, as far as the base model is better with it.

    Compared are forecasts of the base model from cutoffs of the newest year that lie a year or more after the first
    step: everything that is added to them was known at the cutoff. The share is kept whose gain is surest to be
    more than chance. None where the steps are not weeks, days or open days, where there are too few series or years, or
    nothing repeats; and where columns of the data explain the values, as what they did a year before would count twice.
    """
    panel, week = data.panel, count_steps_of_week(data.panel.calendar)
    is_explained = panel.covariates is not None and bool(_list_known(panel.covariates))
    if week is None or len(panel) < MIN_SERIES or is_explained or not (plan.from_base and plan.finds_shared_year):
        return None
    known_from = (WEEKS + NEIGHBOURS) * week
    step = max(data.horizon, STEP_WEEKS * week)
    length = int(np.median(panel.lengths[panel.lengths > 0]))
    cutoffs = min((length - known_from - data.horizon) // step + 1, MAX_CUTOFFS)
    if cutoffs < MIN_CUTOFFS or data.horizon > LONGEST_WEEKS * week:
        return None
    begin, mean, variance = _measure_deviations(panel, week=week)
    values = _repeat_years(mean, variance, begin=begin, calendar=panel.calendar, week=week)
    year = SharedYear(panel.calendar, begin, values, week)
    if np.sqrt(np.mean(values**2)) < SMALLEST:
        return None
    is_measured = np.isin(np.arange(len(panel)), choose_measured(panel)[:MAX_COMPARED])
    index = roll_cutoffs(
        panel,
        horizon=data.horizon,
        windows=cutoffs,
        step=step,
        min_past=known_from,
        ends=np.where(is_measured, panel.lengths, 0),
    )
    if not len(index):
        return None
    base = open_base(panel, seasons=plan.seasons, pooled=data.encoding.pooled)
    base = replace(base, encoding=replace(base.encoding, zero_at=data.encoding.zero_at))
    with_year = replace(base, encoding=replace(base.encoding, shared_year=year))
    bounds = Bounds(allow_negative=True)
    without, forecast = (
        forecaster.forecast(panel, index=index, horizon=data.horizon, bounds=bounds) for forecaster in (base, with_year)
    )
    season = find_season(panel, periods=base.encoding.periods)
    found = compare(panel, forecast, BacktestPlan(data.horizon), season=season, bounds=bounds)
    gains = {share: estimate_gain(_measure_gains(without.quantiles, found, share=share)) for share in SHARES}
    share = max(SHARES, key=lambda share: gains[share].lowest)
    if gains[share].lowest <= 0:
        return None
    return SharedYearCard(
        begin=str(begin),
        values=values.round(DIGITS).tolist(),
        week=week,
        share=share,
        gain=round(gains[share].mean, 5),
        error=round(gains[share].error, 5),
        cutoffs=len(np.unique(index.cutoff_index)),
        series=len(np.unique(index.series)),
    )


def _measure_gains(base: Array, found: Backtest, *, share: float) -> Array:
    """By which fraction the error of the quantiles `base` is lower with this `share` of what was `found`, [cutoff].

    Each cutoff counts the same, as one before Christmas would otherwise hide what all others show.
    """
    quantiles = base + share * (found.forecast.quantiles - base)
    before, after = (measure_errors(found, every, base=base) for every in (base, quantiles))
    known = ~np.isnan(before)
    weigh = partial(np.bincount, np.repeat(found.index.cutoff_index, before.shape[1]))
    totals = [weigh(np.where(known, errors, 0.0).ravel()) for errors in (before, after)]
    return np.asarray(1 - totals[1][totals[0] > 0] / totals[0][totals[0] > 0])


def _list_known(covariates: Covariates) -> list[str]:
    """The columns that are known ahead, without holidays and what the calendar says."""
    named = zip(covariates.columns, covariates.is_known, strict=True)
    return [name for name, is_known in named if is_known and name != HOLIDAYS and not name.startswith(f"{CALENDAR} ")]


def _measure_deviations(panel: Panel, *, week: int) -> tuple[np.datetime64, Array, Array]:
    """How far all series together are off their usual values at each step [step], and its variance; from a time on.

    In mean changes from week to week. The usual value of a step is the median of the same step in the weeks around it.
    Both are NaN where fewer than MIN_SERIES series are known, and at either end, where growth would look like one.
    """
    some = np.sort(np.argsort(hash_names(panel), kind="stable")[:MAX_SERIES])
    panel = replace(panel, covariates=None).take(some[panel.lengths[some] > 0])
    begin = panel.starts.min()
    first = panel.calendar.count_steps(np.full(len(panel), begin), panel.starts)
    whole = int((first + panel.lengths).max())
    whole += -whole % week
    late, time = whole - (first + panel.lengths), min(whole, (MAX_YEARS + 1) * WEEKS * week)
    begin = panel.calendar.advance(np.array([begin]), np.array([whole - time]))[0]
    index = end_of_history(panel)
    # every series at its own place among the steps that all have in common
    past = cut_windows(panel, index=index, past_length=time).past
    steps = np.arange(time) + late[:, None]
    past = np.where(steps < time, np.take_along_axis(past, np.minimum(steps, time - 1), axis=1), np.nan)
    weeks = past.reshape(len(past), -1, week)
    around = sliding_window_view(
        np.pad(weeks, ((0, 0), (NEIGHBOURS, NEIGHBOURS), (0, 0)), constant_values=np.nan), 2 * NEIGHBOURS + 1, axis=1
    )
    total, squares, count = np.zeros((3, *weeks.shape[1:]))
    changes = _measure_changes(past, week=week).reshape(weeks.shape)
    for series in range(len(past)):
        nearby = around[series].reshape(-1, around.shape[-1])
        sides = (~np.isnan(nearby[:, :NEIGHBOURS]), ~np.isnan(nearby[:, NEIGHBOURS + 1 :]))
        is_between = np.minimum(*(side.sum(axis=1) for side in sides)) >= MIN_NEIGHBOURS
        usual = np.where(is_between, find_median(nearby), np.nan)
        away = (weeks[series] - usual.reshape(weeks.shape[1:])) / changes[series]
        away = np.clip(away, -LARGEST_CHANGE, LARGEST_CHANGE)
        known = ~np.isnan(away)
        total += np.where(known, away, 0.0)
        squares += np.where(known, away**2, 0.0)
        count += known
    enough = count >= MIN_SERIES
    count = np.where(enough, count, np.nan)
    mean = total / count
    variance = np.maximum(squares / count - mean**2, 0.0) / (count - 1)
    return begin, mean.ravel(), variance.ravel()


def _measure_changes(past: Array, *, week: int) -> Array:
    """The mean change from week to week over the year up to the newest step of the usual value: [batch, time].

    NaN where it is 0 or unknown. So nothing that is said of a step depends on values more than NEIGHBOURS weeks later.
    """
    time = past.shape[1]
    difference = np.full(past.shape, np.nan)
    difference[:, week:] = np.abs(past[:, week:] - past[:, :-week])
    known = ~np.isnan(difference)
    sums, counts = (
        np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1) for values in (np.where(known, difference, 0.0), known)
    )
    end = np.minimum(np.arange(time) + NEIGHBOURS * week + 1, time)
    begin = np.maximum(end - WEEKS * week, 0)
    total, count = sums[:, end] - sums[:, begin], counts[:, end] - counts[:, begin]
    return np.where(total > 0, total / np.maximum(count, 1), np.nan)


def _repeat_years(mean: Array, variance: Array, *, begin: np.datetime64, calendar: Calendar, week: int) -> Array:
    """What is expected of each step: the mean of the same steps of the years before, shrunk by its variance.

    It reaches a year beyond the last step; 0 where no year before is known.
    """
    steps = np.arange(len(mean) + WEEKS * week)
    times = calendar.advance(np.full(len(steps), begin), steps)
    means, variances = np.full((2, MAX_YEARS, len(steps)), np.nan)
    for years in range(1, MAX_YEARS + 1):
        sources = steps - years * WEEKS * week
        is_known = sources >= 0
        if week > 1:
            days = times.astype("datetime64[D]")
            before = find_year_before(days, years=years)
            moments = np.where(np.isnat(before), begin, before + (times - days))
            sources = calendar.count_steps(np.full(len(steps), begin), moments)
            # not before the first step, nor on a closed day
            is_known = ~np.isnat(before) & (calendar.advance(np.full(len(steps), begin), sources) == moments)
        is_known &= (sources >= 0) & (sources < len(mean))
        means[years - 1, is_known] = mean[sources[is_known]]
        variances[years - 1, is_known] = variance[sources[is_known]]
    known = (~np.isnan(means)).sum(axis=0)
    expected = np.nan_to_num(average(means, axis=0))
    noise = np.nan_to_num(average(variances, axis=0)) / np.maximum(known, 1)
    square = expected**2
    return np.asarray(expected * np.maximum(1 - noise / np.where(square > 0, square, 1.0), 0.0))
