"""Learn a correction of what a network's median misses, and keep as much of it as held-out cutoffs agree on."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.cutoffs import WindowIndex, end_of_history, index_training_windows
from forecaster.data.panel import Panel
from forecaster.encoding.correction import Correction, limit, measure_distance
from forecaster.encoding.error_features import Regressors
from forecaster.encoding.running_totals import find_last_totals
from forecaster.evaluation.backtest import MODEL_NAME, Backtest
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.local_clock import find_time_of_day
from forecaster.learning.adapter import MOST_NUMBERS, count_numbers, estimate_seconds, fit_adapter
from forecaster.learning.dataset import LearningData
from forecaster.learning.error_examples import ExampleReader, Examples
from forecaster.learning.error_regression import PENALTIES, fit_regression
from forecaster.learning.error_validation import MIN_WINDOWS, Fit, Validation, validate
from forecaster.learning.gate import SHARES, choose_share, measure_gain, pick_share
from forecaster.model.correction_card import CorrectionCard
from forecaster.model.kept_card import KeptCard

__all__ = ["Corrected", "Searched", "correct_errors"]

MIN_CUTOFFS = 3
"""Held-out cutoffs without which nothing is learned: one or two cannot agree."""
MAX_WINDOWS = 8000
MAX_STEPS_READ, MAX_STEPS_WITH_COVARIATES = 16_000_000, 8_000_000
"""Steps of past that are encoded in all, which bounds the time."""
PART, PART_WITH_COVARIATES = 256, 64
"""Windows that are forecast at once: a few seconds at the most."""
MOST_LISTED = 1_000_000
LONGEST_LAG, SHORTEST_LAGS, MIN_LENGTH_IN_LAGS = 200, 28, 4
MAX_WEIGHTS = 20_000
TIMES_LEARNED = 3
"""To choose it, to score it on the held-out windows, and to keep it."""
CONFIDENCE = 0.5
"""In what cutoffs before the held-out ones show."""
USUAL, SHRINKAGE, SMALLEST = 0.99, 0.01, 1e-6
"""The quantile of the distances that is usual; what is added to the products: a share of their mean, or at least."""


@dataclass(frozen=True)
class Corrected:
    """A correction that is kept: what was `found` with it on the held-out windows, and the one to forecast with.

    The first was learned from the windows before those, the `card` is of one that was learned from them as well.
    """

    found: Backtest
    card: CorrectionCard


@dataclass(frozen=True)
class Searched:
    """What came of the search for errors that can be foreseen: None where too little is known, or nothing is kept.

    `unread` are the windows to learn from for which there was no time.
    """

    corrected: Corrected | None = None
    unread: int = 0


def correct_errors(
    forecaster: Forecaster,
    found: Backtest,
    *,
    data: LearningData,
    correlation: float,
    seconds: float = math.inf,
    check: Callable[[], None] = lambda: None,
) -> Searched:
    """Learn to foresee the errors of `forecaster`, without calibration, and correct its forecasts `found`.

    `found` are those of the held-out windows of `data`. They decide how much of the correction is kept, see
    `choose_share`; so do cutoffs before them that it was not learned from, where it does not harm the newest. Where
    steps are shorter than a day it is learned, and used, for forecasts that begin at the same time of day as those
    after the end of most series. To learn, windows are forecast, which takes most of the time. After `seconds` no more
    of them are, and the correction is learned from those that were: what then follows, about a tenth of the time, comes
    on top. `check` is called every few seconds, and may raise. Running totals are not corrected.
    """
    ends = monotonic() + seconds
    time_of_day = _find_usual_time(data.panel)
    is_total = find_last_totals(data.panel, encoding=data.encoding)
    is_due = _begins_at(data.panel, found.index, time_of_day) & ~is_total[found.index.series]
    if len(np.unique(found.index.cutoff_index[is_due])) < MIN_CUTOFFS:
        return Searched()
    lags = _count_lags(data, periods=forecaster.encoding.periods)
    if lags is None:
        return Searched()
    every = _sample(data, series=~is_total, forecaster=forecaster, time_of_day=time_of_day, min_past=lags)
    if len(every) < MIN_WINDOWS:
        return Searched()
    index, quantiles = _forecast(forecaster, every, data=data, ends=ends, check=check)
    unread = len(every) - len(index)
    if len(index) < MIN_WINDOWS:
        return Searched(None, unread)
    reader = ExampleReader.of(forecaster, data=data, lags=lags, index=index)
    examples = reader.read(index, quantiles, held_out=data.held_out_steps)
    examples = examples.take(examples.features.unit > 0)
    check()
    ways: list[Fit] = [partial(fit_regression, penalty=penalty) for penalty in PENALTIES]
    needed = TIMES_LEARNED * estimate_seconds(data.horizon)
    if not unread and _suits_adapter(reader.regressors, horizon=data.horizon) and monotonic() + needed <= ends:
        ways.append(partial(fit_adapter, check=check))
    validation = validate(examples, horizon=data.horizon, ways=ways)
    if validation is None:
        return Searched(None, unread)
    held_out = reader.read(found.index, found.forecast.quantiles)
    first = _learn(examples, reader.regressors, fit=validation.fit)
    before = found.forecast.quantiles
    is_due &= first.find_usual(held_out.features)
    expected = limit(first.regress(held_out.features), before, levels=forecaster.levels) * is_due[:, None]
    kept = choose_share(before, _shift(found, expected), correlation=correlation)
    earlier = _choose_by_earlier(validation, series=kept.series, horizon=data.horizon, correlation=correlation)
    if earlier.share > kept.share and _has_lower_mase(_shift(found, earlier.share * expected), found):
        kept = earlier
    better = _shift(found, kept.share * expected)
    if kept.share == 0 or not _has_lower_mase(better, found):
        return Searched(None, unread)
    joined = examples.join(held_out.take(is_due))
    last = _learn(joined, reader.regressors, fit=validation.fit)
    card = replace(last, time_of_day=time_of_day).as_card(windows=len(joined.ages), kept=kept)
    return Searched(Corrected(better, card), unread)


def _forecast(
    forecaster: Forecaster, every: WindowIndex, *, data: LearningData, ends: float, check: Callable[[], None]
) -> tuple[WindowIndex, Array]:
    """As many windows of `every` as can be forecast until the moment `ends`, in their order, and their quantiles.

    Each part is spread over all of them, so that those of each series and of all times are among them.
    """
    size = PART if data.panel.covariates is None else PART_WITH_COVARIATES
    own, parts = np.full((len(every), data.horizon, len(forecaster.levels)), np.nan), -(-len(every) // size)
    is_read, bounds = np.zeros(len(every), bool), Bounds(allow_negative=True)
    for first in range(parts):
        check()
        if monotonic() >= ends:
            break
        part = slice(first, None, parts)
        own[part] = forecaster.forecast(data.panel, index=every[part], horizon=data.horizon, bounds=bounds).quantiles
        is_read[part] = True
    return every[is_read], own[is_read]


def _choose_by_earlier(validation: Validation, *, series: int, horizon: int, correlation: float) -> KeptCard:
    """The share to keep by cutoffs before the held-out ones, from which the regression was not learned either.

    Cutoffs within the same horizon count as one. Half of what they show is kept, as the times may have changed since.
    """
    errors, expected = validation.newest.errors, validation.expected
    cutoffs = np.unique(validation.newest.ages // horizon, return_inverse=True)[1]
    gains = {
        share: measure_gain(
            np.abs(errors), np.abs(errors - share * expected), cutoff_index=cutoffs, correlation=correlation
        )
        for share in SHARES
    }
    most = CONFIDENCE * pick_share(gains)[0]
    share = max((share for share in SHARES if share <= most), default=0.0)
    gain = gains[share or min(SHARES)]
    return KeptCard(share, round(gain.mean, 5), round(gain.error, 5), int(cutoffs.max()) + 1, series)


def _learn(examples: Examples, regressors: Regressors, *, fit: Fit) -> Correction:
    """A correction by these examples, for any time of day."""
    past = examples.features.past
    products = past.T @ past / len(past)
    added = max(SHRINKAGE * np.trace(products) / len(products), SMALLEST)
    precision = np.linalg.inv(products + added * np.eye(len(products)))
    usual = float(np.quantile(measure_distance(examples.features, precision), USUAL))
    return Correction(regressors, fit(examples), precision, usual)


def _suits_adapter(regressors: Regressors, *, horizon: int) -> bool:
    """Whether there is something that an adapter could read as it is, and not too much of it."""
    sizes = (regressors.lags, regressors.static, regressors.ahead)
    return bool(regressors.names or regressors.codes) and count_numbers(sizes, horizon=horizon) <= MOST_NUMBERS


def _shift(found: Backtest, expected: Array) -> Backtest:
    """`found` with all quantiles moved by what is `expected` of their errors."""
    quantiles = found.forecast.quantiles + expected[:, :, None]
    forecast = replace(found.forecast, quantiles=quantiles)
    return replace(found, forecast=forecast, quantiles=found.quantiles | {MODEL_NAME: quantiles})


def _has_lower_mase(one: Backtest, other: Backtest) -> bool:
    """Whether the median is better, too, and not only the loss over all quantiles."""
    ours, theirs = (every.scores[MODEL_NAME].overall["MASE"] for every in (one, other))
    return ours is not None and theirs is not None and ours < theirs


def _find_usual_time(panel: Panel) -> int | None:
    """The time of day at which most forecasts from the ends of the series begin; None where that is no matter."""
    times = find_time_of_day(panel, end_of_history(panel))
    if times is None:
        return None
    values, counts = np.unique(times, return_counts=True)
    return int(values[counts.argmax()])


def _begins_at(panel: Panel, index: WindowIndex, time_of_day: int | None) -> NDArray[np.bool_]:
    """Which windows of `index` begin at that time of day."""
    times = None if time_of_day is None else find_time_of_day(panel, index)
    return np.ones(len(index), bool) if times is None else times == time_of_day


def _sample(
    data: LearningData, *, series: NDArray[np.bool_], forecaster: Forecaster, time_of_day: int | None, min_past: int
) -> WindowIndex:
    """Windows of some `series` to learn from, whose horizon ends before the held-out steps, in their order."""
    panel, generator = data.panel, np.random.default_rng(0)
    longest = int(panel.lengths.max())
    every = index_training_windows(
        panel, held_out=data.held_out_steps + data.horizon - 1, min_past=min_past, recent=longest
    )
    every = every[series[every.series]]
    some = np.sort(generator.permutation(len(every))[:MOST_LISTED])
    every = every[some]
    every = every[_begins_at(panel, every, time_of_day)]
    steps = MAX_STEPS_READ if panel.covariates is None else MAX_STEPS_WITH_COVARIATES
    most = min(MAX_WINDOWS, steps // forecaster.encoding.reach_into(longest))
    return every[np.sort(generator.permutation(len(every))[:most])]


def _count_lags(data: LearningData, *, periods: tuple[int, ...]) -> int | None:
    """How many of the newest steps are read: over the longest season that is not too long; None for too few."""
    lags = max(SHORTEST_LAGS, *(period + 1 for period in periods if period < LONGEST_LAG), 0)
    typical = int(np.median(data.panel.lengths[data.panel.lengths > 0]))
    lags = min(lags, typical // MIN_LENGTH_IN_LAGS, MAX_WEIGHTS // data.horizon)
    return lags if lags > max(periods[0], 1) else None
