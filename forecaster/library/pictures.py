"""What is drawn of series: the end of the history, the forecast with its intervals, the last backtest."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.cutoffs import roll_cutoffs
from forecaster.data.panel import Panel
from forecaster.data.times.dates import format_times
from forecaster.data.times.offsets import to_local
from forecaster.errors import UsageError
from forecaster.evaluation.backtest import MODEL_NAME, BacktestPlan, Progress, find_best_baseline
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.rounding import most_decimals, round_values
from forecaster.forecasting.writing import columns_for
from forecaster.library.inputs import Given
from forecaster.library.picture_plan import PicturePlan

if TYPE_CHECKING:
    from forecaster.library.model import Model
    from forecaster.library.scores import Scores

__all__ = ["PICKS", "Picture", "Pictures", "Stretch", "take_pictures"]

PICKS = ("first", "worst", "best")
CYCLES_SHOWN, STEPS_SHOWN, HORIZONS_SHOWN = 4, 60, 3


@dataclass(frozen=True)
class Stretch:
    """Some steps of one series: `moments` [step], see `Pictures`, `texts` as the data write them, values by name."""

    moments: Array
    texts: tuple[str, ...]
    values: dict[str, Array]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Picture:
    """What is drawn of one series.

    history   the observed values, as `observed`; NaN where there is none
    forecast  columns with the names and numbers of the forecast file; None where the series has no forecast
    backtest  the same columns, of the last steps of the history, from the steps up to `cutoff` alone; None without
    thinned   one of so many steps of the history is shown: the lowest and the highest of each group
    """

    label: str
    history: Stretch
    forecast: Stretch | None
    backtest: Stretch | None = None
    cutoff: str = ""
    thinned: int = 1


@dataclass(frozen=True)
class Pictures:
    """Forecasts of all series with the backtest, from which the picture of each series is taken.

    Moments are milliseconds since 1970 in `zone` where `has_dates`, else the whole numbers that times in the data are.
    `columns` are those of the forecast file, with the level of each; `scores` is None where nothing could be held out,
    or the backtest was not `wanted`.
    """

    panel: Panel
    forecast: Forecast
    columns: dict[str, float]
    scores: "Scores | None" = None
    bounds: Bounds = field(default_factory=Bounds)
    wanted: bool = True

    @property
    def has_dates(self) -> bool:
        """Whether times are dates, and not just whole numbers."""
        return self.panel.time_style.format is not None

    @property
    def zone(self) -> str | None:
        """The zone of the moments; None where times have none, and where steps are days or longer."""
        style = self.panel.time_style
        return None if self.panel.calendar.uses_wall_clock or not style.has_offset else style.timezone or "UTC"

    @property
    def horizon(self) -> int:
        """Steps of each forecast."""
        return int(self.forecast.quantiles.shape[1])

    @property
    def levels(self) -> list[str]:
        """The intervals in per cent, as in the names of columns, the widest first."""
        found = [name.removeprefix("forecast-lo-") for name in self.columns if name.startswith("forecast-lo-")]
        return sorted(found, key=float, reverse=True)

    @property
    def usual_history(self) -> int:
        """Steps of history that are shown where nothing else is asked for."""
        return max(CYCLES_SHOWN * self.panel.calendar.periods[0], STEPS_SHOWN, HORIZONS_SHOWN * self.horizon)

    @cached_property
    def windows(self) -> dict[int, int]:
        """The window of the forecast of each series that has one."""
        known = ~np.isnan(self.forecast.median).any(axis=1)
        return {int(self.forecast.index.series[window]): int(window) for window in np.flatnonzero(known)}

    @cached_property
    def backtest_windows(self) -> dict[int, int]:
        """The newest window of the backtest of each series that has any."""
        # the newest cutoffs come last
        series = [] if self.scores is None else self.scores.backtest.index.series.tolist()
        return {number: window for window, number in enumerate(series)}

    @property
    def span(self) -> tuple[str, str] | None:
        """The first and the last step of all forecasts, as the data write them; None without any."""
        if not self.windows:
            return None
        windows = np.array([*self.windows.values()])
        starts, first = self.panel.starts[self.forecast.index.series[windows]], self.forecast.first_steps[windows]
        ends = [self.panel.calendar.advance(starts, first + step) for step in (0, self.horizon - 1)]
        outermost = np.array([ends[0].min(), ends[1].max()])
        style, uses_wall_clock = self.panel.time_style, self.panel.calendar.uses_wall_clock
        begin, end = map(str, format_times(outermost, style=style, uses_wall_clock=uses_wall_clock))
        return begin, end

    def take(self, series: int, *, history: int | None = None, most: int = 2000) -> Picture:
        """The picture of series number `series`, see `take_all`."""
        return self.take_all([series], history=history, most=most)[0]

    def take_all(self, numbers: Sequence[int], *, history: int | None = None, most: int = 2000) -> list[Picture]:
        """The pictures of the series `numbers`, with their last `history` steps, thinned to `most` of them."""
        if not numbers:
            return []
        plans = [self._plan(series, history=history, most=most) for series in numbers]
        steps = [part for plan in plans for part in (plan.steps, plan.ahead, plan.tested, plan.last)]
        moments, texts = self._name_steps(np.repeat(np.asarray(numbers, np.int64), 4), steps)
        pictures = []
        for position, (series, plan) in enumerate(zip(numbers, plans, strict=True)):
            parts = slice(4 * position, 4 * position + 4)
            named = list(zip(moments[parts], texts[parts], strict=True))
            observed = self.panel.values[self.panel.offsets[series] + plan.steps]
            shown = Stretch(*named[0], {"observed": observed})
            window, tested = self.windows.get(series), self.backtest_windows.get(series)
            forecast = None if window is None else Stretch(*named[1], self._name(self._rounded, window))
            backtest = None
            if window is not None and tested is not None:
                backtest = Stretch(*named[2], self._name(self._rounded_backtest, tested))
            cutoff = named[3][1][0] if backtest is not None else ""
            label = self.panel.label(series)
            pictures.append(Picture(label, shown, forecast, backtest, cutoff, plan.thinned))
        return pictures

    def _plan(self, series: int, *, history: int | None, most: int) -> "_Steps":
        end, nothing = int(self.panel.lengths[series]), np.zeros(0, np.int64)
        begin = max(0, end - (history or self.usual_history))
        chosen, thinned = _thin(self.panel.values[self.panel.offsets[series] :][begin:end], most=most)
        window, tested = self.windows.get(series), self.backtest_windows.get(series)
        ahead = nothing if window is None else self.forecast.first_steps[window] + np.arange(self.horizon)
        if tested is None or self.scores is None:
            return _Steps(begin + chosen, thinned, ahead, nothing, nothing)
        cutoff, length = self.scores.backtest.index.cutoffs[tested], self.scores.backtest.y_true.shape[1]
        return _Steps(begin + chosen, thinned, ahead, cutoff + np.arange(length), np.array([cutoff - 1]))

    def _name_steps(
        self, numbers: NDArray[np.int64], steps: list[NDArray[np.int64]]
    ) -> tuple[list[Array], list[tuple[str, ...]]]:
        """Moments and texts of the `steps` of each series of `numbers`: all at once, as that takes far less time."""
        panel, counts = self.panel, [len(part) for part in steps]
        times = panel.calendar.advance(panel.starts[np.repeat(numbers, counts)], np.concatenate(steps))
        written = format_times(times, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock)
        if self.zone not in (None, "UTC"):
            times = to_local(times, timezone=str(self.zone))
        counted = times.astype(np.int64) / (1000 if times.dtype.kind == "M" else 1)
        ends = np.cumsum(counts)[:-1]
        moments = np.split(counted, ends)
        return moments, [tuple(map(str, part)) for part in np.split(written, ends)]

    def measure(self, metric: str) -> dict[str, Array]:
        """The mean of `metric` over the windows of each series, by name of the model: [series], NaN without any."""
        if self.scores is None:
            return {}
        found, count = self.scores.backtest, len(self.panel)
        measured = {}
        for name in (MODEL_NAME, find_best_baseline(found.scores)[0]):
            values = found.scores[name].per_window[metric]
            known = ~np.isnan(values)
            sums = np.bincount(found.index.series[known], values[known], minlength=count)
            with np.errstate(invalid="ignore"):
                measured[name] = sums / np.bincount(found.index.series[known], minlength=count)
        return measured

    @property
    def metric(self) -> str:
        """The metric that series are ranked by: that in which the model is compared with the baselines."""
        return "MASE" if self.scores is None else find_best_baseline(self.scores.backtest.scores)[1]

    def choose(self, *, named: tuple[str, ...] = (), picks: tuple[str, ...] = (), count: int = 1) -> list[int]:
        """The series called `named`, then `count` of each of `picks`: the first, the worst and the best ones.

        Raises UsageError where a name is not there, or the series have no scores to compare.
        """
        chosen = [self.panel.find_observed(label) for label in named]
        first = sorted(self.windows)
        for pick in picks:
            order = first if pick == "first" else self._rank(pick)
            chosen += [series for series in order if series not in chosen][:count]
        return list(dict.fromkeys(chosen))

    def _rank(self, pick: str) -> list[int]:
        errors = self.measure(self.metric).get(MODEL_NAME, np.full(len(self.panel), np.nan))
        known = np.array([number for number in sorted(self.windows) if not np.isnan(errors[number])], int)
        if not len(known):
            why = (
                "that needs more steps than the horizon. Give a shorter --horizon"
                if self.wanted
                else "windows is 0. Give 1"
            )
            raise UsageError(f"--pick {pick}: no series could be scored, as {why}, or --pick first.")
        return [
            int(number) for number in known[np.argsort((1 if pick == "best" else -1) * errors[known], kind="stable")]
        ]

    @cached_property
    def _rounded(self) -> NDArray[np.float64]:
        return self._round(self.forecast)

    @cached_property
    def _rounded_backtest(self) -> NDArray[np.float64]:
        assert self.scores is not None
        return self._round(self.scores.backtest.forecast)

    def _round(self, forecast: Forecast) -> NDArray[np.float64]:
        """Quantiles as the forecast file has them, [window, horizon, column]."""
        decimals = most_decimals(self.panel.number_style.decimals, [self.bounds.lowest, self.bounds.highest])
        return round_values(forecast.at_levels(self.columns), decimals=decimals)

    def _name(self, quantiles: NDArray[np.float64], window: int) -> dict[str, Array]:
        return {name: quantiles[window, :, position] for position, name in enumerate(self.columns)}


@dataclass(frozen=True)
class _Steps:
    """The steps of a series to draw: of its history, one of `thinned`, its forecast, its backtest, and before that."""

    steps: NDArray[np.int64]
    thinned: int
    ahead: NDArray[np.int64]
    tested: NDArray[np.int64]
    last: NDArray[np.int64]


def take_pictures(
    model: "Model", given: Given, *, plan: PicturePlan, on_progress: Progress = lambda *_: None
) -> Pictures:
    """Forecast the series of `given` and, with `plan.windows`, the last steps of their history from those before them.

    Raises what `Model.forecast` and `Model.score` raise; where no series is longer than the horizon, there are no
    scores.
    """
    columns = columns_for(plan.levels, quantiles=[])
    on_progress(0.0, "forecasting")
    forecast = model.forecast(given, plan=plan.forecast_plan)
    pictures = Pictures(given.panel, forecast, columns, bounds=plan.bounds, wanted=plan.windows > 0)
    horizon = pictures.horizon
    can_hold_out = len(roll_cutoffs(given.panel, horizon=horizon, windows=1, step=horizon))
    if not pictures.wanted or not can_hold_out:
        return pictures
    on_progress(0.4, "scoring past forecasts")
    scored = BacktestPlan(horizon, plan.windows, worth=plan.worth)
    return replace(pictures, scores=model.score(given, plan=scored, seasons=plan.seasons, bounds=plan.bounds))


def _thin(values: Array, *, most: int) -> tuple[NDArray[np.int64], int]:
    """At most about `most` positions of `values`, and one of how many these are.

    Of each group of neighbours, the lowest and the highest value stay, so that no peak is lost.
    """
    if len(values) <= most:
        return np.arange(len(values)), 1
    size = -(-2 * len(values) // most)
    padded = np.full(-(-len(values) // size) * size, np.nan)
    padded[: len(values)] = values
    groups = padded.reshape(-1, size)
    begins = size * np.arange(len(groups))
    lowest = np.where(np.isnan(groups), np.inf, groups).argmin(axis=1)
    highest = np.where(np.isnan(groups), -np.inf, groups).argmax(axis=1)
    chosen = np.unique(np.concatenate([begins + lowest, begins + highest, [0, len(values) - 1]]))
    return chosen[chosen < len(values)], size // 2
