"""Cut windows of past and future values; the only module that slices a Panel along time, to prevent leakage.

Everything that a forecast may use comes from `cut_windows` and `describe_history`; the values that it is scored
against come from `cut_truth` only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import count_within, find_offsets
from forecaster.cutoffs import WindowIndex
from forecaster.data.attributes import Attributes
from forecaster.data.panel import Panel

__all__ = [
    "History",
    "WindowCovariates",
    "Windows",
    "count_changes",
    "cut_truth",
    "cut_windows",
    "describe_history",
    "iterate_windows",
    "keep_newest",
    "keep_until",
]

MOST_DESCRIBED = 250_000
"""Steps of the series whose whole pasts are described at once, or those of one series that is longer."""


@dataclass(frozen=True)
class WindowCovariates:
    """The covariates of a batch of windows.

    values   [batch, past_length + horizon, covariate]  NaN where missing, and after the cutoff where not known ahead
    is_known [covariate]                                which are known ahead
    names    [covariate]                                see `Covariates`; none where they are drawn at random
    attributes                                          of the series of each window, if there are any
    """

    values: NDArray[np.float64]
    is_known: NDArray[np.bool_]
    names: tuple[str, ...] = ()
    attributes: Attributes | None = None

    def __getitem__(self, chosen: Any) -> "WindowCovariates":
        """Those of some windows."""
        described = None if self.attributes is None else self.attributes.take(chosen)
        return WindowCovariates(self.values[chosen], self.is_known, self.names, described)


@dataclass(frozen=True)
class Windows:
    """The pasts of a batch of windows, and what is known ahead: all that a forecast may use.

    past       [batch, past_length]  float64, the newest step last; NaN where unobserved or before the series began
    lengths    [batch]               steps of `past` that lie within the series
    covariates                       None where the panel has none
    explained_zeros [batch, horizon, covariate]  where a covariate says that a step ahead is zero, see
                               `encoding/explained_zeros.py`; None where none were looked for, or found
    """

    past: NDArray[np.float64]
    lengths: NDArray[np.int64]
    covariates: WindowCovariates | None = None
    explained_zeros: NDArray[np.bool_] | None = None

    def take(self, rows: NDArray[np.int64], *, reach: int) -> "Windows":
        """Those of some `rows`, with arrays of at least `reach` steps of past: what is added is before the series."""
        missing = max(reach - self.past.shape[1], 0)
        past = np.pad(self.past[rows], ((0, 0), (missing, 0)), constant_values=np.nan)
        covariates = None if self.covariates is None else self.covariates[rows]
        if covariates is not None and missing:
            values = np.pad(covariates.values, ((0, 0), (missing, 0), (0, 0)), constant_values=np.nan)
            covariates = replace(covariates, values=values)
        explained = None if self.explained_zeros is None else self.explained_zeros[rows]
        return Windows(past, self.lengths[rows], covariates, explained)

    @property
    def is_zero(self) -> NDArray[np.bool_] | None:
        """Which steps ahead are zero as covariates say, [batch, horizon]; None where none are."""
        return None if self.explained_zeros is None else np.asarray(self.explained_zeros.any(axis=2))


@dataclass(frozen=True)
class History:
    """Statistics of the whole past of each window, [window].

    observed       number of observed values
    lowest, highest  of them; inf and -inf where there is none
    last           the newest of them; NaN where there is none
    mean_change    mean absolute difference of consecutive values; 0 where there are none
    mean           of all observed values; 0 where there is none
    """

    observed: NDArray[np.int64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    last: NDArray[np.float64]
    mean_change: NDArray[np.float64]
    mean: NDArray[np.float64]

    def __getitem__(self, chosen: Any) -> "History":
        """The statistics of some windows."""
        return History(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    @classmethod
    def join(cls, parts: Sequence["History"]) -> "History":
        """The statistics of the windows of several, one after the other."""
        return cls(**{field.name: np.concatenate([getattr(one, field.name) for one in parts]) for field in fields(cls)})


def cut_windows(panel: Panel, *, index: WindowIndex, past_length: int, horizon: int = 0) -> Windows:
    """The last `past_length` steps before the cutoffs of `index`; covariates also on the `horizon` steps after them."""
    starts = panel.offsets[index.series]
    cuts = starts + index.cutoffs
    past = _gather(panel.values, cuts[:, None] + np.arange(-past_length, 0), lowest=starts, above=cuts)
    covariates = _cut_covariates(panel, index=index, past_length=past_length, horizon=horizon)
    return Windows(past, np.minimum(index.cutoffs, past_length), covariates)


def cut_truth(panel: Panel, *, index: WindowIndex, horizon: int, held_out: int = 0) -> NDArray[np.float64]:
    """The values after the cutoffs of `index` [window, horizon], NaN where unknown.

    The last `held_out` steps of each series are unknown too.
    """
    ends = panel.offsets[index.series + 1] - held_out
    cuts = panel.offsets[index.series] + index.cutoffs
    return _gather(panel.values, cuts[:, None] + np.arange(horizon), lowest=cuts, above=ends)


def iterate_windows(
    panel: Panel, *, index: WindowIndex, past_length: int, batch_size: int, horizon: int = 0
) -> Iterator[tuple[slice, Windows]]:
    """Windows in batches of at most `batch_size`, with the slice of `index` of each batch; see `cut_windows`."""
    for start in range(0, len(index), batch_size):
        chosen = slice(start, start + batch_size)
        yield chosen, cut_windows(panel, index=index[chosen], past_length=past_length, horizon=horizon)


def keep_until(panel: Panel, *, until: Any) -> Panel:
    """The panel without the steps after the moment `until`, in the type of the panel's timestamps.

    A series that begins after it is empty.
    """
    lengths = np.zeros(len(panel), np.int64)
    filled = np.flatnonzero(panel.lengths)
    starts, ends = panel.starts[filled], np.broadcast_to(until, filled.shape)
    steps = panel.calendar.count_steps(starts, ends)
    # the last step counts only if it is not after `until`, which may be earlier in its month, or on a weekend
    steps = steps + (panel.calendar.advance(starts, steps) <= ends)
    lengths[filled] = np.clip(steps, 0, panel.lengths[filled])
    values = panel.values[np.repeat(panel.offsets[:-1], lengths) + count_within(lengths)]
    return replace(panel, values=values, offsets=find_offsets(lengths))


def keep_newest(panel: Panel, *, steps: int) -> Panel:
    """The panel with the newest `steps` of each series only, and the covariates on these and later steps."""
    left_out = np.maximum(panel.lengths - steps, 0)
    starts = panel.starts.copy()
    filled = panel.lengths > 0
    starts[filled] = panel.calendar.advance(panel.starts[filled], left_out[filled])
    values, offsets = _leave_out_first(panel.values, panel.offsets, left_out)
    covariates = panel.covariates
    if covariates is not None:
        rest, own_offsets = _leave_out_first(covariates.values, covariates.offsets, left_out)
        covariates = replace(covariates, values=rest, offsets=own_offsets, given_from=None)
    return replace(panel, values=values, offsets=offsets, starts=starts, covariates=covariates)


def _leave_out_first(
    values: NDArray[np.float64], offsets: NDArray[np.int64], left_out: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The `values` [step, ...] of series at `offsets` without the first steps of each, and their offsets."""
    lengths = np.diff(offsets)
    is_kept = count_within(lengths) >= np.repeat(left_out, lengths)
    return values[is_kept], find_offsets(np.maximum(lengths - left_out, 0))


def describe_history(panel: Panel, index: WindowIndex) -> History:
    """Statistics of the whole past of each window, however long it is."""
    places, groups = _divide_by_series(panel, index)
    return History.join([_describe_pasts(some, own) for some, own in groups])[places]


def count_changes(panel: Panel, index: WindowIndex) -> NDArray[np.int64]:
    """How often the value changed in the whole past of each window, [window]; gaps do not count as changes."""
    places, groups = _divide_by_series(panel, index)
    return np.concatenate([_count_changes(some, own) for some, own in groups])[places]


def _divide_by_series(
    panel: Panel, index: WindowIndex
) -> tuple[NDArray[np.int64], Iterator[tuple[Panel, WindowIndex]]]:
    """Where each window of `index` comes, if its series are taken a few at a time, of about MOST_DESCRIBED steps.

    And these series, with the windows of each: what is computed for every step then needs no memory for all of them.
    """
    numbers = panel.offsets[index.series] // MOST_DESCRIBED
    order = np.argsort(numbers, kind="stable")
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    return places, _take_series(panel, index[order], np.flatnonzero(np.diff(numbers[order])) + 1)


def _take_series(panel: Panel, index: WindowIndex, edges: NDArray[np.int64]) -> Iterator[tuple[Panel, WindowIndex]]:
    """The series of the windows before, between and after the `edges`, without covariates, and these windows."""
    for begin, end in pairwise([0, *edges.tolist(), len(index)]):
        own = index[begin:end]
        first, last = (int(own.series.min()), int(own.series.max()) + 1) if len(own) else (0, 0)
        edge, rest = panel.offsets[first], slice(first, last)
        some = replace(
            panel,
            values=panel.values[edge : panel.offsets[last]],
            offsets=panel.offsets[first : last + 1] - edge,
            starts=panel.starts[rest],
            ids=panel.ids[rest],
            covariates=None,
            attributes=None,
        )
        yield some, WindowIndex(own.series - first, own.cutoffs)


def _describe_pasts(panel: Panel, index: WindowIndex) -> History:
    starts = panel.offsets[index.series]
    ends = starts + index.cutoffs
    values = np.append(panel.values, np.nan)
    seen = ~np.isnan(values)
    changes = np.abs(np.diff(values, prepend=np.nan))
    observed = _reduce(np.add, seen.astype(np.int64), starts, ends, empty=0)
    return History(
        observed=observed,
        lowest=_reduce(np.minimum, np.where(seen, values, np.inf), starts, ends, empty=np.inf),
        highest=_reduce(np.maximum, np.where(seen, values, -np.inf), starts, ends, empty=-np.inf),
        last=_find_last(values, starts, ends),
        # the first step of a series has no change
        mean_change=_reduce(np.add, np.nan_to_num(changes), starts + 1, ends, empty=0.0)
        / np.maximum(_reduce(np.add, ~np.isnan(changes) * 1.0, starts + 1, ends, empty=0.0), 1),
        mean=_reduce(np.add, np.where(seen, values, 0.0), starts, ends, empty=0.0) / np.maximum(observed, 1),
    )


def _count_changes(panel: Panel, index: WindowIndex) -> NDArray[np.int64]:
    seen = np.flatnonzero(~np.isnan(panel.values))
    series = np.repeat(np.arange(len(panel)), panel.lengths)[seen]
    is_change = np.zeros(len(panel.values) + 1, np.int64)
    is_change[seen[1:]] = (np.diff(panel.values[seen]) != 0) & (series[1:] == series[:-1])
    starts = panel.offsets[index.series]
    return _reduce(np.add, is_change, starts, starts + index.cutoffs, empty=0)


def _cut_covariates(panel: Panel, *, index: WindowIndex, past_length: int, horizon: int) -> WindowCovariates | None:
    covariates = panel.covariates
    if covariates is None or not len(covariates):
        return None
    starts, ends = covariates.offsets[index.series], covariates.offsets[index.series + 1]
    steps = (starts + index.cutoffs)[:, None] + np.arange(-past_length, horizon)
    columns = [
        _gather(column, steps, lowest=starts, above=ends if is_known else np.minimum(starts + index.cutoffs, ends))
        for column, is_known in zip(covariates.values.T, covariates.is_known, strict=True)
    ]
    described = None if panel.attributes is None else panel.attributes.take(index.series)
    return WindowCovariates(np.stack(columns, axis=2), covariates.is_known, covariates.names, described)


def _gather(
    values: NDArray[np.float64],
    steps: NDArray[np.int64],
    *,
    lowest: NDArray[np.int64],
    above: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Values at `steps` [batch, time], NaN outside of `lowest` and `above` [batch]."""
    inside = (steps >= lowest[:, None]) & (steps < above[:, None])
    gathered = values[np.where(inside, steps, 0)] if len(values) else np.full(steps.shape, np.nan)
    return np.where(inside, gathered, np.nan)


def _reduce(
    operation: np.ufunc, values: NDArray[Any], starts: NDArray[np.int64], ends: NDArray[np.int64], *, empty: float
) -> NDArray[Any]:
    """`operation` over `values` from each of `starts` to each of `ends`; `empty` where the interval is empty."""
    if not len(starts):
        return np.zeros(0, values.dtype)
    edges = np.stack([starts, ends], axis=1).ravel()
    return np.where(ends > starts, operation.reduceat(values, edges)[::2], empty).astype(values.dtype)


def _find_last(values: NDArray[np.float64], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    newest = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(len(values))))
    position = newest[ends - 1]
    return np.where((position >= starts) & (ends > starts), values[position], np.nan)
