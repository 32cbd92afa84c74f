"""Score the forecasts of past runs against the values that have come since, and judge whether the model still holds.

The rule, in its order (`Verdict`), for the runs of the present model alone:

- fewer than MIN_VALUES values have come since: "fine", as nothing can be said yet;
- from MIN_RUNS runs on: "retrain" where the forecasts are worse than those of the seasonal naive baseline, or their
  error is above RETRAIN_ERROR times what the held-out windows of the same runs promised, or the 80% interval holds
  less than RETRAIN_COVERAGE of the values;
- "watch" where any of these holds in fewer runs, or the error is above WATCH_ERROR times the promise, or the 80%
  interval holds less than WATCH_COVERAGE[0] or more than WATCH_COVERAGE[1] of the values;
- otherwise "fine".
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel, find_periods, find_season
from forecaster.evaluation.backtest import MODEL_NAME, Backtest, BacktestPlan, ModelScores, compare
from forecaster.forecasting.forecast import Forecast
from forecaster.library.wording import count_things
from forecaster.nightly.distinct import Placed, count_origins, count_values, place_newest
from forecaster.nightly.past_forecasts import PastForecast
from forecaster.nightly.promises import Promise, average_promises
from forecaster.windows import cut_truth

__all__ = ["BASELINE", "AgeScores", "Monitoring", "SeriesScores", "Verdict", "score_runs"]

BASELINE = "SeasonalNaive"
MIN_VALUES, MIN_RUNS = 20, 3
WATCH_ERROR, RETRAIN_ERROR = 1.2, 1.5
WATCH_COVERAGE, RETRAIN_COVERAGE = (0.7, 0.95), 0.6
INTERVAL = 0.8
MAX_SERIES = 10

Verdict = Literal["fine", "watch", "retrain"]
Scores = dict[str, float | None]


@dataclass(frozen=True)
class AgeScores:
    """Scores on the steps `first` to `last` after the forecasts were made, the first one being 1."""

    first: int
    last: int
    values: int
    overall: Scores
    baseline: Scores
    coverage: float | None


@dataclass(frozen=True)
class SeriesScores:
    """Scores of one series over all runs."""

    series: str
    values: int
    overall: Scores
    coverage: float | None


@dataclass(frozen=True)
class Monitoring:
    """Forecasts of past runs next to what came: overall, by age, and the series with the largest errors.

    `runs` and `values` are how many could be scored, each forecast and each value once; `promise` is what those runs
    promised. `reasons` say why the verdict is what it is, `left_out` which runs could not be compared with the data,
    and why.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    runs: int
    values: int
    overall: Scores
    baseline: Scores
    promise: Promise
    coverage: dict[str, float | None]
    ages: tuple[AgeScores, ...] = ()
    worst: tuple[SeriesScores, ...] = ()
    left_out: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Monitoring: {self.verdict}, {count_things(self.runs, 'run')}, {count_things(self.values, 'value')}>"

    def as_plain(self) -> dict[str, Any]:
        """All of it as JSON-compatible values."""
        return asdict(self)


def score_runs(panel: Panel, past: Sequence[PastForecast], *, model: str | None = None) -> Monitoring:
    """Score the forecasts of `past` runs, the oldest first and at the same levels, against the values of `panel`.

    The verdict is on the runs of `model` alone, as those of models that it replaced say nothing about it; None for all.
    """
    scored = [
        (one.past, found)
        for one in place_newest(panel, [one for one in past if len(one.ids)])
        if (found := _score_run(panel, one)) is not None
    ]
    pieces = [found for _, found in scored]
    if not pieces:
        reason = "no value has come yet for a step that was forecast"
        return Monitoring("fine", (reason,), 0, 0, {}, {}, past[-1].promise if past else Promise(), {})
    whole = _join(pieces)
    scores = whole.scores
    own, naive = scores[MODEL_NAME], scores[BASELINE]
    coverage = {f"{nominal:g}": measured for nominal, measured in own.coverage.items()}
    judged = [(one.promise, found) for one, found in scored if model is None or one.model == model]
    replaced = [found.index for one, found in scored if model is not None and one.model != model]
    verdict, reasons = _judge(panel, judged, whole=None if replaced else whole)
    if replaced:
        others = count_things(count_origins(panel, replaced), "run")
        reasons += (f"{others} of models that were replaced {'does' if others == '1 run' else 'do'} not count",)
    ages = tuple(_score_age(panel, whole, first, last) for first, last in _split_ages(whole.y_true.shape[1]))
    return Monitoring(
        verdict,
        reasons,
        count_origins(panel, [piece.index for piece in pieces]),
        count_values(panel, whole.index, whole.y_true),
        own.overall,
        naive.overall,
        average_promises([(one.promise, found) for one, found in scored]),
        coverage,
        tuple(age for age in ages if age.values),
        _find_worst(panel, whole),
    )


def _score_run(panel: Panel, placed: Placed) -> Backtest | None:
    """The forecasts of one run with the values that came since; None where none did for a step that counts."""
    index, quantiles = placed.index, placed.quantiles
    if not len(index) or np.isnan(placed.keep_counted(cut_truth(panel, index=index, horizon=quantiles.shape[1]))).all():
        return None
    forecast = _restore(index, quantiles, placed.past.levels)
    found = compare(panel, forecast, BacktestPlan(), season=find_season(panel, periods=find_periods(panel)))
    return replace(found, y_true=placed.keep_counted(found.y_true))


def _restore(index: WindowIndex, quantiles: NDArray[np.float64], levels: tuple[float, ...]) -> Forecast:
    """A forecast of which only the quantiles are known; its median stands for its mean."""
    median, nothing = quantiles[:, :, levels.index(0.5)], np.zeros(len(index), bool)
    return Forecast(
        index,
        quantiles,
        levels,
        mean=median,
        zero_probability=np.zeros_like(median),
        is_count=nothing,
        is_constant=nothing,
        is_short=nothing,
        failed=np.zeros(0, np.int64),
        clipped=0,
    )


def _join(pieces: list[Backtest]) -> Backtest:
    """Some runs as one backtest; steps that a shorter horizon did not forecast are unknown."""
    horizon = max(piece.y_true.shape[1] for piece in pieces)
    index = WindowIndex(
        *(np.concatenate([getattr(piece.index, name) for piece in pieces]) for name in ("series", "cutoffs"))
    )
    y_true = np.concatenate([_pad(piece.y_true, horizon) for piece in pieces])
    names = (MODEL_NAME, BASELINE)  # others, such as zero, are not there for every run
    quantiles = {name: np.concatenate([_pad(piece.quantiles[name], horizon) for piece in pieces]) for name in names}
    # unknown steps are no missing forecasts: all of a window count where the truth is known
    quantiles = {name: np.where(np.isnan(y_true)[:, :, None], 0.0, every) for name, every in quantiles.items()}
    forecast = _restore(index, quantiles[MODEL_NAME], pieces[0].forecast.levels)
    absolute = np.concatenate([piece.absolute_scale for piece in pieces])
    squared = np.concatenate([piece.squared_scale for piece in pieces])
    return Backtest(index, pieces[0].season, forecast, y_true, quantiles, absolute, squared)


def _pad(values: NDArray[np.float64], horizon: int) -> NDArray[np.float64]:
    width = [(0, 0), (0, horizon - values.shape[1])] + [(0, 0)] * (values.ndim - 2)
    return np.pad(values, width, constant_values=np.nan)


def _split_ages(horizon: int) -> list[tuple[int, int]]:
    """The first and last step of each group of ages: 1, 2 to 3, 4 to 7, and so on."""
    edges = [1 << power for power in range(horizon.bit_length())]
    return [(first, min(2 * first - 1, horizon)) for first in edges]


def _score_age(panel: Panel, whole: Backtest, first: int, last: int) -> AgeScores:
    steps = np.arange(1, whole.y_true.shape[1] + 1)
    y_true = np.where((steps >= first) & (steps <= last), whole.y_true, np.nan)
    of_age = replace(whole, y_true=y_true)
    own, naive = of_age.scores[MODEL_NAME], of_age.scores[BASELINE]
    values = count_values(panel, whole.index, y_true)
    return AgeScores(first, last, values, own.overall, naive.overall, own.coverage.get(INTERVAL))


def _find_worst(panel: Panel, whole: Backtest) -> tuple[SeriesScores, ...]:
    """The series with the largest errors: in seasonal naive errors, or in parts of their size where there are none."""
    own = whole.scores[MODEL_NAME].per_window
    metric = "MASE" if not np.isnan(own["MASE"]).all() else "WAPE"
    known = ~np.isnan(own[metric])
    series, group = np.unique(whole.index.series[known], return_inverse=True)
    if not len(series):
        return ()
    means = np.bincount(group, weights=own[metric][known]) / np.bincount(group)
    found = []
    for place in np.argsort(-means, kind="stable")[:MAX_SERIES]:
        chosen = whole.index.series == series[place]
        scores = whole.score(chosen)[MODEL_NAME]
        index = WindowIndex(whole.index.series[chosen], whole.index.cutoffs[chosen])
        values = count_values(panel, index, whole.y_true[chosen])
        found.append(
            SeriesScores(panel.label(int(series[place])), values, scores.overall, scores.coverage.get(INTERVAL))
        )
    return tuple(found)


def _judge(
    panel: Panel, judged: list[tuple[Promise, Backtest]], *, whole: Backtest | None
) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict on some runs, and its reasons; `whole` is all of them as one, where it is known."""
    if not judged:
        return "fine", ("no value has come yet for a step that the present model forecast",)
    whole = whole or _join([found for _, found in judged])
    own, naive = whole.scores[MODEL_NAME], whole.scores[BASELINE]
    # errors are compared with what the same runs promised; a run with too short a past has promised nothing
    kept = [(promise, found) for promise, found in judged if promise.overall]
    errors = (
        own if len(kept) == len(judged) else _join([found for _, found in kept]).scores[MODEL_NAME] if kept else None
    )
    return _apply_rule(
        own,
        naive,
        promise=average_promises(kept),
        errors={} if errors is None else errors.overall,
        runs=count_origins(panel, [found.index for _, found in judged]),
        values=count_values(panel, whole.index, whole.y_true),
    )


def _apply_rule(
    own: ModelScores, naive: ModelScores, *, promise: Promise, errors: Scores, runs: int, values: int
) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict by the rule above, and its reasons; `errors` are those of the runs that promised something."""
    if values < MIN_VALUES:
        have = "has" if values == 1 else "have"
        return "fine", (f"only {count_things(values, 'value')} {have} come since, too few to judge by",)
    severe, mild = [], []
    metric = next((name for name in ("MASE", "WQL") if own.overall[name] is not None), None)
    if metric is not None:
        error, rival = own.overall[metric], naive.overall[metric]
        if error is not None and rival is not None and error > rival:
            severe.append(f"{metric} {error:.3f} is above {rival:.3f} of the seasonal naive forecast")
        error, promised = errors.get(metric), promise.overall.get(metric)
        if error is not None and promised:
            found = f"{metric} {error:.3f} is {error / promised:.2f} times the {promised:.3f} of the held-out windows"
            if error > RETRAIN_ERROR * promised:
                severe.append(found)
            elif error > WATCH_ERROR * promised:
                mild.append(found)
    inside = own.coverage.get(INTERVAL)
    if inside is not None:
        found = f"the 80% interval held {inside:.0%} of the values"
        if inside < RETRAIN_COVERAGE:
            severe.append(found)
        elif not WATCH_COVERAGE[0] <= inside <= WATCH_COVERAGE[1]:
            mild.append(found)
    if severe and runs >= MIN_RUNS:
        return "retrain", tuple(severe + mild)
    if severe or mild:
        return "watch", tuple(severe + mild)
    return "fine", ("errors and coverage are as promised",)
