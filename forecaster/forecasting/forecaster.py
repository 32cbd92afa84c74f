"""Forecasts of many windows, from a network that runs on ONNX Runtime alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex, end_of_history
from forecaster.data.panel import Panel
from forecaster.data.read_options import FutureFill
from forecaster.encoding.correction import Correction
from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.explained_zeros import leave_out_explained_zeros
from forecaster.encoding.shared_year import remove_year
from forecaster.forecasting.blending import average_with_climatology, average_with_second
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.calibration import Calibration
from forecaster.forecasting.end_options import EndOptions
from forecaster.forecasting.filled import Asked, Filled
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.future import fill_future, require_future
from forecaster.forecasting.left_out_values import LeftOut, find_left_out
from forecaster.forecasting.local_clock import find_time_of_day, follow_local_clock
from forecaster.forecasting.mean import average_with_past, correct_mean, integrate_quantiles, limit_to_past
from forecaster.forecasting.origins import CommonEnd, find_origins
from forecaster.forecasting.repeated_values import estimate_repeats, keep_repeats
from forecaster.forecasting.restoring import Calibrated, Uncalibrated, describe_open
from forecaster.forecasting.tails import compress_tails
from forecaster.forecasting.unseen_values import Unseen, find_unseen
from forecaster.forecasting.widening import widen_by_unknown
from forecaster.forecasting.zeros import estimate_zeros, make_discrete
from forecaster.machine import count_usable_cpus, map_on_cores
from forecaster.windows import History, Windows, cut_windows, describe_history

__all__ = ["Forecaster", "count_windows", "divide_windows", "support_of_equal"]

MOST_STEPS, FEW_STEPS, FEW_WINDOWS = 100_000, 14_000, 32
"""Steps of past and horizon in one batch: at most, and what the caches of a core hold, unless these are few windows."""
ROUNDED_ALIKE = 4
"""A network rounds a window by its place among so many: batches of multiples leave it the same, whatever their size."""
SHORT_HISTORY = 3


def support_of_equal(observed: NDArray[np.int64]) -> NDArray[np.float64]:
    """The level of the widest interval without any width that so many `observed` equal values support.

    Had values no order in time, the next of n + 1 would be the only highest or the only lowest with a probability of
    2 / (n + 1) at the most (Wilks 1941). So 80% is believed from 9 equal values on, and 95% from 39 on.
    """
    return np.asarray((np.maximum(observed, 1) - 1) / (np.maximum(observed, 1) + 1))


def count_windows(time: int) -> int:
    """How many windows of `time` steps a batch has at the most."""
    return max(1, min(MOST_STEPS // time, max(FEW_STEPS // time, FEW_WINDOWS)))


def divide_windows(windows: int, *, most: int, cores: int) -> list[slice]:
    """Batches of so many `windows`, at `most` in each, of about the same size, so that no core waits for the others."""
    together = ROUNDED_ALIKE if most >= 2 * ROUNDED_ALIKE else 1
    count = -(-windows // (most - together + 1))
    if windows >= FEW_WINDOWS * cores:
        count = -(-count // cores) * cores
    edges = [windows * number // max(count, 1) // together * together for number in range(count)] + [windows]
    return [slice(begin, end) for begin, end in pairwise(edges)]


@dataclass(frozen=True)
class Forecaster:
    """A network with its encoding and calibration: windows in, quantiles in data units out.

    `run` gives the network's own quantiles at `levels`, see `NetworkSession.run`; `horizon` is the default number of
    steps to forecast, `calibration_of_totals` is for running totals beside other series, `correction` is added to
    them, `mean_factor` corrects the mean of what is never negative and no total, see `fit_mean_factor`.
    """

    run: Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]
    encoding: Encoding
    levels: tuple[float, ...]
    horizon: int
    calibration: Calibration | None = None
    calibration_of_totals: Calibration | None = None
    mean_factor: float = 1.0
    correction: Correction | None = None

    def forecast(
        self,
        panel: Panel,
        *,
        index: WindowIndex | None = None,
        horizon: int | None = None,
        bounds: Bounds | None = None,
        lead: NDArray[np.int64] | None = None,
        history: History | None = None,
    ) -> Forecast:
        """Forecast `horizon` steps after each cutoff of `index` (default: the end of every series).

        `lead` [window] is how many steps after each cutoff are passed over before them (default: none). `history` is
        that of the windows, where `panel` does not have their whole pasts.
        """
        horizon, bounds = horizon or self.horizon, bounds or Bounds()
        index = end_of_history(panel) if index is None else index
        lead = np.zeros(len(index), np.int64) if lead is None else lead
        # seasons follow the local clock, and everything else the steps of the data
        local, local_index, wanted = follow_local_clock(panel, index, wanted=lead[:, None] + np.arange(horizon))
        history = describe_history(panel, index) if history is None else history
        # equal values tell nothing of how much a series moves, and only many of them that it does not
        is_still = (history.lowest == history.highest) | (history.observed < 2)
        claimed = np.abs(2 * np.asarray(self.levels) - 1).round(9)
        is_unsupported = is_still[:, None] & (claimed > support_of_equal(history.observed)[:, None])
        is_corrected = self.find_corrected(panel, index)
        asked = Asked(local, local_index, wanted, history, bounds, is_unsupported, is_corrected)
        columns = () if panel.covariates is None else panel.covariates.columns
        filled = Filled.make(len(index), horizon=horizon, levels=len(self.levels), columns=len(columns))
        past_length = self.encoding.reach_into(int(local_index.cutoffs.max(initial=0)))
        fill = partial(self._fill_in, filled, asked=asked, past_length=past_length)
        most = count_windows(past_length + asked.ahead)
        batches = divide_windows(len(index), most=most, cores=count_usable_cpus())
        clipped = sum(map_on_cores(fill, batches))
        is_bounded = filled.finish(bounds, lowest_seen=history.lowest)
        year = self.encoding.shared_year
        return Forecast(
            index,
            filled.quantiles,
            self.levels,
            filled.mean,
            filled.zero_probability,
            filled.is_count,
            (history.lowest == history.highest) & (history.observed > 1),
            history.observed < SHORT_HISTORY,
            np.setdiff1d(np.arange(len(panel)), index.series[history.observed > 0]),
            clipped,
            is_bounded,
            mean_factor=self.mean_factor,
            past_mean=filled.past_mean,
            past_weight=filled.past_weight,
            is_zero=filled.is_zero,
            zero_by=tuple(dict.fromkeys(np.array(columns, object)[filled.zero_by.any(axis=0)])),
            lacks_year=None if year is None else year.ends_before(local, local_index, horizon=asked.ahead),
            is_uncorrected=None if self.correction is None else ~(is_corrected | filled.is_total),
            own_season=filled.own_season,
            is_total=filled.is_total,
        )

    def _fill_in(self, filled: Filled, chosen: slice, *, asked: Asked, past_length: int) -> int:
        """Fill in the forecasts of one batch; gives at how many steps a quantile was clipped."""
        index, wanted, history = asked.index[chosen], asked.wanted[chosen], asked.history[chosen]
        longest, lowest = int(wanted.max()) + 1, history.lowest
        given = cut_windows(asked.panel, index=index, past_length=past_length, horizon=asked.ahead)
        windows = leave_out_explained_zeros(given, encoding=self.encoding, horizon=asked.ahead)
        free, expected = remove_year(
            windows, self.encoding.shared_year, panel=asked.panel, index=index, horizon=longest
        )
        own = describe_open(history, given=given.past, left=windows.past)
        calibrated = self.forecast_windows(free, own, horizon=longest, is_corrected=asked.is_corrected[chosen])
        found, filled.own_season[chosen] = calibrated.quantiles, calibrated.own_season
        filled.is_total[chosen] = calibrated.is_total
        found += expected[:, :, None]
        if windows.explained_zeros is not None:
            by = np.take_along_axis(windows.explained_zeros, wanted[:, :, None], axis=1)
            filled.is_zero[chosen], filled.zero_by[chosen] = by.any(axis=2), by.any(axis=1)
        found[np.broadcast_to(asked.is_unsupported[chosen][:, None], found.shape)] = np.nan
        found = compress_tails(found, history, levels=self.levels)
        if not asked.bounds.allow_negative:
            repeats = estimate_repeats(windows, periods=self.encoding.periods, horizon=found.shape[1])
            found = keep_repeats(found, repeats, levels=self.levels)
        bounded = np.take_along_axis(found, wanted[:, :, None], axis=1)
        clipped = asked.bounds.apply(bounded, lowest_seen=lowest).any(axis=2).sum()
        past = np.where(lowest[:, None] >= 0, windows.past, np.nan)
        zeros = estimate_zeros(past, windows.lengths, periods=self.encoding.periods, horizon=found.shape[1])
        past_mean = np.take_along_axis(zeros.mean, wanted, axis=1)
        filled.past_mean[chosen], filled.past_weight[chosen] = past_mean, zeros.weight
        limited = limit_to_past(bounded, history, levels=self.levels)
        average = average_with_past(integrate_quantiles(limited, levels=self.levels), past_mean, zeros.weight)
        corrected = self._correct(average, limited, asked.bounds, lowest)
        filled.mean[chosen] = np.where(calibrated.is_total[:, None], average, corrected)
        if asked.bounds.end_at_zero:
            allow_fractions = asked.bounds.allow_fractions
            discrete = make_discrete(found, past, zeros, levels=self.levels, allow_fractions=allow_fractions)
            found, filled.is_count[chosen] = discrete.quantiles, discrete.is_count
            filled.zero_probability[chosen] = np.take_along_axis(discrete.zero_probability, wanted, axis=1)
        filled.quantiles[chosen] = np.take_along_axis(found, wanted[:, :, None], axis=1)
        return int(clipped)

    def _correct(
        self,
        mean: NDArray[np.float64],
        quantiles: NDArray[np.float64],
        bounds: Bounds,
        lowest_seen: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """`mean` [window, horizon] times the factor, where that applies, and within the bounds."""
        corrected = correct_mean(mean, quantiles, factor=self.mean_factor, levels=self.levels)
        mean = np.where((lowest_seen >= 0)[:, None], corrected, mean)[:, :, None]
        bounds.apply(mean, lowest_seen=lowest_seen)  # tails go on beyond the outermost quantiles
        return np.asarray(mean[:, :, 0])

    def forecast_ends(
        self,
        panel: Panel,
        *,
        horizon: int | None = None,
        bounds: Bounds | None = None,
        options: EndOptions | None = None,
        fill: FutureFill | None = None,
        common_end: CommonEnd | None = None,
    ) -> Forecast:
        """Forecast what comes after the history, for the same steps where most series end together.

        `common_end` is given where these series are only a part of those that decide it. Covariates that are known
        ahead but missing there are filled in by the rule `fill`. Raises DataError where any is missing and no rule is
        given.
        """
        horizon = horizon or self.horizon
        origins = find_origins(panel, horizon=horizon, options=options or EndOptions(), common_end=common_end)
        unseen: tuple[Unseen, ...] = ()
        left_out: tuple[LeftOut, ...] = ()
        if panel.covariates is not None:
            index, lead = origins.index, origins.lead
            if fill is not None:
                period = self.encoding.periods[0]
                panel = fill_future(panel, index, lead=lead, horizon=horizon, rule=fill, period=period)
            require_future(panel, index, lead=lead, horizon=horizon, is_part=common_end is not None)
            assert panel.covariates is not None  # as it was before it was filled in
            unseen = tuple(find_unseen(panel.covariates, index, lead=lead, horizon=horizon))
            left_out = tuple(find_left_out(panel, index, lead=lead, horizon=horizon, encoding=self.encoding))
        forecast = self.forecast(panel, index=origins.index, horizon=horizon, bounds=bounds, lead=origins.lead)
        pooled = self.encoding.pooled
        return replace(
            forecast,
            failed=np.setdiff1d(forecast.failed, origins.ended),
            origins=origins,
            shared=() if pooled is None else pooled.names,
            unseen=unseen,
            left_out=left_out,
        )

    def find_corrected(self, panel: Panel, index: WindowIndex) -> NDArray[np.bool_]:
        """Which windows the correction is for, [window]: those that begin at the time of day that it has learned."""
        wanted = None if self.correction is None else self.correction.time_of_day
        times = None if wanted is None else find_time_of_day(panel, index)
        return np.full(len(index), self.correction is not None) if times is None else times == wanted

    def forecast_windows(
        self, windows: Windows, history: History, *, horizon: int, is_corrected: NDArray[np.bool_]
    ) -> Calibrated:
        """Calibrated quantiles in data units before any bound.

        The `history` tells what a series was that is constant, or unobserved, over all steps that the network sees.
        `is_corrected` [window] is from `find_corrected`; windows unlike those learned from are taken out of it.
        """
        encoded = encode(windows, encoding=self.encoding, horizon=horizon, levels=self.levels)
        scaled = self.run(encoded.inputs, encoded.candidates).astype(np.float64)
        scaled = average_with_second(scaled, encoded, levels=self.levels)
        scaled = average_with_climatology(scaled, encoded)
        scaled = widen_by_unknown(scaled, encoded.unsure, levels=self.levels)
        is_constant = encoded.scales.noise_scale == 0
        is_blank = np.isnan(windows.past[:, -self.encoding.recent_length :]).all(axis=1)
        found = Uncalibrated(
            scaled,
            encoded,
            np.where(is_blank, history.last, encoded.scales.level),
            np.where(is_constant, history.mean_change, encoded.scales.noise_scale),
            self.levels,
            self.encoding.periods,
        )
        if self.correction is None:
            return Calibrated(
                found.restore(self.calibration, of_totals=self.calibration_of_totals),
                encoded.followed_season,
                encoded.totals.is_total,
            )
        expected, is_due = self.correction.expect(windows, found.restore(), levels=self.levels)
        is_due &= is_corrected[:, None] & ~encoded.totals.is_total[:, None]
        is_corrected &= is_due[:, 0]
        plain = found.restore(self.correction.without, of_totals=self.calibration_of_totals)
        restored = np.where(is_due[:, :, None], found.restore(self.calibration), plain)
        restored += np.where(is_due, expected, 0.0)[:, :, None]
        return Calibrated(restored, encoded.followed_season, encoded.totals.is_total)
