"""Explain a forecast: contributions of segments of the past, gates, memory, and weights of candidate forecasts."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.cutoffs import WindowIndex, end_of_history
from forecaster.data.panel import Panel
from forecaster.encoding.encode import encode, settle_season
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.error_shares import split_correction
from forecaster.encoding.explained_zeros import leave_out_explained_zeros
from forecaster.encoding.prepared_pasts import ColumnParts, explain_effects
from forecaster.encoding.running_totals import take_increments
from forecaster.encoding.shared_year import remove_year
from forecaster.errors import DataError
from forecaster.forecasting.forecaster import Forecaster
from forecaster.inspection.mix import complete_mix
from forecaster.network.names import Weights
from forecaster.network.trace import LayerTrace, trace_network
from forecaster.settings import NetworkShape
from forecaster.windows import History, Windows, cut_windows, describe_history

__all__ = ["ColumnEffects", "Explanation", "Segment", "explain_columns", "explain_forecast", "measure_memory"]

MAX_SEGMENTS = 12
LONGEST_MEMORY = 1e6
"""Maximum in steps, as the memory of a gate that never forgets is infinite."""


@dataclass(frozen=True)
class Segment:
    """Steps of the past, counted back from the cutoff: from `begin` to `end`, the newest step being 1.

    `contribution` [horizon] is how much lower the forecast would be if nothing had been observed there; in data units.
    """

    begin: int
    end: int
    contribution: Array

    def __repr__(self) -> str:
        return f"<Segment: {self.begin} to {self.end} steps back>"


@dataclass(frozen=True)
class ColumnEffects:
    """What the `columns` add to each step of the forecast, [horizon, column]: those known ahead, and, apart and with
    their lags in the names, those that act some steps later.

    added    in data units: how much lower the forecast would be without all of these effects is their sum
    factors  by which the forecast is multiplied, where effects grow with the level; else None
    """

    columns: tuple[str, ...]
    added: Array
    factors: Array | None

    def __repr__(self) -> str:
        return f"<ColumnEffects: {', '.join(self.columns)}, {len(self.added)} steps>"


@dataclass(frozen=True)
class Explanation:
    """What the network computed for one series at the end of its history.

    history       [time]           the past that it used, NaN where unobserved; data units
    median        [horizon]        its forecast, before any bound; data units
    segments      the newest first; together they are all of `history`
    layers        the lowest first, with a batch of one
    mix           [horizon, candidate]  the weight of each candidate forecast, named in `candidates`, and of the
                  second forecast that the median is averaged with, see `forecaster.forecasting.blending`
    effects       of covariates; None without any that has one or is known ahead
    """

    history: Array
    context_length: int
    median: Array
    segments: list[Segment]
    layers: list[LayerTrace]
    mix: Array
    candidates: tuple[str, ...]
    effects: ColumnEffects | None = None

    def __repr__(self) -> str:
        return f"<Explanation: {len(self.median)} steps after {len(self.history)}, in {len(self.segments)} segments>"


def explain_forecast(
    panel: Panel, forecaster: Forecaster, *, series: int, horizon: int, weights: Weights, shape: NetworkShape
) -> Explanation:
    """Forecast series number `series` of `panel`, and record the network's states; `weights` are those of the network.

    Raises DataError where the series has no value.
    """
    encoding = forecaster.encoding
    every = end_of_history(panel)
    index = every[every.series == series]
    history = describe_history(panel, index)
    if not history.observed.any():
        raise DataError(f"Series {panel.label(series)} has no value: there is nothing to look at. Name another one.")
    given = cut_windows(panel, index=index, past_length=encoding.past_length, horizon=horizon)
    usual = leave_out_explained_zeros(given, encoding=encoding, horizon=horizon)
    windows, expected = remove_year(usual, encoding.shared_year, panel=panel, index=index, horizon=horizon)
    windows, encoding = settle_season(windows, encoding=encoding)
    forecaster = replace(forecaster, encoding=encoding)
    cuts = _cut_segments(int(windows.lengths[0]), period=encoding.periods[0])
    medians = _forecast_without(
        windows,
        cuts,
        history=history,
        forecaster=forecaster,
        horizon=horizon,
        is_corrected=forecaster.find_corrected(panel, index),
    )
    medians = medians + expected
    if windows.is_zero is not None:
        medians[:, windows.is_zero[0]] = 0.0
    encoded = encode(windows, encoding=encoding, horizon=horizon, levels=forecaster.levels)
    precise = {name: values.astype(np.float64) for name, values in weights.items()}
    trace = trace_network(
        encoded.inputs.astype(np.float64), encoded.candidates.astype(np.float64), weights=precise, shape=shape
    )
    segments = [
        Segment(begin, end, medians[0] - without) for (begin, end), without in zip(cuts, medians[1:], strict=True)
    ]
    mix, names = complete_mix(trace, encoded, forecaster=forecaster)
    return Explanation(
        given.past[0, -int(windows.lengths[0]) :],
        encoding.context_length,
        medians[0],
        segments,
        trace.layers,
        mix,
        names,
        _explain_columns(panel, windows, forecaster, index=index, median=medians[0]),
    )


def explain_columns(panel: Panel, forecaster: Forecaster, *, series: int, median: Array) -> ColumnEffects | None:
    """What columns add to the forecast of series number `series`, of which `median` is [horizon].

    None where there is none that is known ahead or acts later. Those known ahead need values on the steps of the
    forecast.
    """
    every = end_of_history(panel)
    encoding = forecaster.encoding
    index, horizon = every[every.series == series], len(median)
    windows = cut_windows(panel, index=index, past_length=encoding.past_length, horizon=horizon)
    windows = leave_out_explained_zeros(windows, encoding=encoding, horizon=horizon)
    windows, _ = remove_year(windows, encoding.shared_year, panel=panel, index=index, horizon=horizon)
    windows, encoding = settle_season(windows, encoding=encoding)
    return _explain_columns(panel, windows, replace(forecaster, encoding=encoding), index=index, median=median)


def _explain_columns(
    panel: Panel, windows: Windows, forecaster: Forecaster, *, index: WindowIndex, median: Array
) -> ColumnEffects | None:
    """The effects of the columns that the encoding hands over, and what the correction of errors reads of them."""
    horizon = len(median)
    correction, by_column = _split_correction(panel, windows, forecaster, index=index, horizon=horizon)
    seen, totals = take_increments(windows, encoding=forecaster.encoding)
    own = totals.take_increments((median - correction)[None])[0]
    effects = _split_by_column(panel, seen, median=own, encoding=forecaster.encoding)
    if effects is not None and totals.is_total[0]:
        effects = ColumnEffects(effects.columns, np.cumsum(effects.added, axis=0), None)
    if not by_column:
        return effects
    columns = tuple(dict.fromkeys([*(() if effects is None else effects.columns), *by_column]))
    added = np.zeros((horizon, len(columns)))
    for number, name in enumerate(columns):
        if effects is not None and name in effects.columns:
            added[:, number] += effects.added[:, effects.columns.index(name)]
        added[:, number] += by_column.get(name, 0.0)
    return ColumnEffects(columns, added, None)


def _split_correction(
    panel: Panel, windows: Windows, forecaster: Forecaster, *, index: WindowIndex, horizon: int
) -> tuple[Array, dict[str, Array]]:
    """What the correction adds to a forecast [horizon], and what of it comes from each column; nothing without one."""
    correction, covariates = forecaster.correction, panel.covariates
    if correction is None or covariates is None or not forecaster.find_corrected(panel, index).all():
        return np.zeros(horizon), {}
    # as in a forecast: neither calibrated, nor with what all series do at this time of the year
    network = replace(forecaster, correction=None, calibration=None)
    history, never = describe_history(panel, index), np.zeros(len(index), bool)
    quantiles = network.forecast_windows(windows, history, horizon=horizon, is_corrected=never).quantiles
    columns = dict(zip(covariates.names, covariates.columns, strict=True))
    whole, by_column = split_correction(correction, windows, quantiles, levels=forecaster.levels, columns=columns)
    open_steps = 1.0 if windows.is_zero is None else 1.0 - windows.is_zero[0]
    return whole * open_steps, {name: added * open_steps for name, added in by_column.items()}


def _split_by_column(panel: Panel, windows: Windows, *, median: Array, encoding: Encoding) -> ColumnEffects | None:
    """The effects of the columns on a forecast of which the `median` is [horizon]."""
    covariates = panel.covariates
    if covariates is None or not len(covariates):
        return None
    at_once, later = explain_effects(windows, encoding=encoding, horizon=len(median))
    if windows.is_zero is not None:
        at_once.values[windows.is_zero[0]] = 0.0
        later.values[windows.is_zero[0]] = 0.0
    direct = _add_up(at_once, [covariates.columns[owner] for owner in at_once.owners], median=median)
    total = at_once.values.sum(axis=1)
    without = median / np.exp(total) if at_once.is_factor else median - total
    names = _name_late(later, covariates.columns)
    late = _add_up(later, names, median=without)
    found = [(parts, of) for parts, of in ((at_once, direct), (later, late)) if parts.values.any()]
    columns = (*direct.columns, *late.columns)
    if not columns:
        return None
    added = np.concatenate([direct.added, late.added], axis=1)
    if not found or not all(parts.is_factor for parts, _ in found):
        return ColumnEffects(columns, added, None)
    factors = np.concatenate([np.exp(of.added) if of.factors is None else of.factors for of in (direct, late)], axis=1)
    if windows.explained_zeros is not None:
        zeros = windows.explained_zeros[0]
        for number, name in enumerate(direct.columns):
            is_own = np.array([column == name for column in covariates.columns])
            factors[zeros[:, is_own & covariates.is_known].any(axis=1), number] = 0.0
    return ColumnEffects(columns, added, factors)


def _name_late(later: ColumnParts, columns: tuple[str, ...]) -> list[str]:
    """The names of columns that act later: with all steps after which they do."""
    of = [columns[owner] for owner in later.owners]
    lags = {name: sorted({int(lag) for lag, own in zip(later.lags, of, strict=True) if own == name}) for name in of}
    return [f"{name} after {', '.join(map(str, lags[name]))} step{'s' * (lags[name] != [1])}" for name in of]


def _add_up(parts: ColumnParts, names: list[str], *, median: Array) -> ColumnEffects:
    """The `parts`, of columns with these `names`, by name, for values of which the `median` is [horizon]."""
    columns = tuple(dict.fromkeys(names))
    is_own = np.array([[name == column for column in columns] for name in names], float).reshape(
        len(names), len(columns)
    )
    by_column = parts.values @ is_own
    if not parts.is_factor:
        return ColumnEffects(columns, by_column, None)
    # each factor has the share of the whole difference that its logarithm has of theirs
    total = by_column.sum(axis=1, keepdims=True)
    is_small = np.abs(total) < 1e-9
    mean = np.where(is_small, 1.0, -np.expm1(-total) / np.where(is_small, 1.0, total))
    return ColumnEffects(columns, median[:, None] * mean * by_column, np.exp(by_column))


def measure_memory(layer: LayerTrace) -> Array | None:
    """Steps after which each unit's state has decayed to 1/e, [hidden]; None for a cell without such a gate.

    From the mean logarithm over all steps of the forget gate, or of a GRU's update gate.
    """
    gate = layer.gates.get("forget", layer.gates.get("update"))
    if gate is None:
        return None
    decay = -np.log(np.maximum(gate, 1e-12)).mean(axis=(0, 1))
    return np.asarray(np.minimum(1 / np.maximum(decay, 1e-12), LONGEST_MEMORY))


def _cut_segments(length: int, *, period: int) -> list[tuple[int, int]]:
    """At most 12 segments from the cutoff back to `length`, in whole seasons where those are short enough."""
    size = -(-length // MAX_SEGMENTS)
    if period < length // 2:
        size = -(-size // period) * period
    return [(begin, min(begin + size - 1, length)) for begin in range(1, length + 1, size)]


def _forecast_without(
    windows: Windows,
    cuts: list[tuple[int, int]],
    *,
    history: History,
    forecaster: Forecaster,
    horizon: int,
    is_corrected: NDArray[np.bool_],
) -> Array:
    """Medians [1 + segment, horizon] in data units: with all of the past, then without each of `cuts`."""
    past = np.repeat(windows.past, 1 + len(cuts), axis=0)
    width = past.shape[1]
    for row, (begin, end) in enumerate(cuts, start=1):
        past[row, width - end : width - begin + 1] = np.nan
    count = len(past)
    found = forecaster.forecast_windows(
        Windows(
            past,
            np.repeat(windows.lengths, count),
            None if windows.covariates is None else windows.covariates[np.zeros(count, np.int64)],
        ),
        history[np.zeros(count, np.int64)],
        horizon=horizon,
        is_corrected=np.repeat(is_corrected, count),
    )
    return np.asarray(found.quantiles[:, :, forecaster.levels.index(0.5)])
