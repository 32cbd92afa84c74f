"""Zeros that a covariate explains, such as sales of closed days: nothing to learn from, and certain where it says so.

Without this a closed week would be forecast as some hundreds, where an effect is taken off a level that moves, and the
distribution of the weeks beside it as if they might be closed as well.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel
from forecaster.encoding.encoding import Encoding
from forecaster.windows import Windows, iterate_windows

__all__ = ["SurveyOfZeros", "leave_out_explained_zeros", "survey_zeros"]

MOST_SALES = 0.02
"""Share of the steps with an explaining value on which the target may be other than zero all the same, by mistake; and
its mean there, as a share of that elsewhere."""
MOST_ZEROS, ENOUGH = 0.25, 60.0
"""Share of zeros on all other steps: where more are zero, demand is rare, and what seems to be none may be little,
unless so many values other than zero would have been expected."""
FEWEST_TIMES, FEWEST_LEFT = 2, 8
"""How often the covariate has come to such a value, and steps that are left to forecast from, at the least."""
CHANCE = 0.001
"""Probability with which zeros that come at random would be taken for explained ones, by any of the covariates."""
MOST_LEFT_OUT, LONGEST_STAY = 1 / 3, 7
"""Share of the steps, and mean number of steps in a row, of zeros that are left out of the past. More of them are part
of its season, such as nights and winters, without which that could not be seen."""
FEWEST_SERIES = 5
"""Series that show the same before it holds for others, which do not show it."""
BATCH_ELEMENTS = 4_000_000


def leave_out_explained_zeros(windows: Windows, *, encoding: Encoding, horizon: int) -> Windows:
    """`windows` with the `explained_zeros` ahead, and without those of the past, unless they are many.

    They are at the lowest or the highest value that a covariate known ahead had in the past, if the target was zero
    when it was there: at a flag, a category, or no staff and no opening hours; and at the values of the `encoding` at
    which other series are zero, unless the target was not. Values of the past count alone.
    """
    covariates, common = windows.covariates, encoding.zero_at
    if covariates is None or not covariates.is_known.any() or not (common or (windows.past == 0).any()):
        return windows
    past, time = _begin_with_value(windows.past), windows.past.shape[1]
    values = covariates.values[:, : time + horizon, covariates.is_known]
    explained = np.zeros(values.shape, bool)
    for end in _find_ends(past, values[:, :time]):
        is_there = values == end[:, None]
        explained |= is_there & _count(past, is_there[:, :time]).explain()[:, None]
    for place, name in enumerate(_list_known(windows)):
        if name in common:
            is_there = np.isin(values[:, :, [place]], common[name])
            explained[:, :, [place]] |= is_there & _count(past, is_there[:, :time]).agree()[:, None]
    # a series without any sale says nothing of when it has none
    explained &= np.asarray((~np.isnan(past)).any(axis=1))[:, None, None]
    by = np.zeros((len(past), horizon, len(covariates.is_known)), bool)
    by[:, :, covariates.is_known] = explained[:, time:]
    is_zero = np.asarray(explained[:, :time].any(axis=2))
    counts = _count(past, is_zero[:, :, None])
    steps = counts.steps[:, 0]
    is_few = steps <= np.minimum(MOST_LEFT_OUT * (steps + counts.others[:, 0]), LONGEST_STAY * counts.times[:, 0])
    return replace(windows, past=np.where(is_zero & is_few[:, None], np.nan, windows.past), explained_zeros=by)


@dataclass(frozen=True)
class SurveyOfZeros:
    """What many series together show of explained zeros.

    zero_at  values of covariates by name at which at least FEWEST_SERIES of them are zero, and hardly any is not
    columns  the columns that explain the zeros of any
    """

    zero_at: dict[str, tuple[float, ...]]
    columns: tuple[str, ...]


def survey_zeros(panel: Panel, *, encoding: Encoding, held_out: int = 0) -> SurveyOfZeros:
    """What the series of `panel` show of explained zeros, without their last `held_out` steps."""
    covariates = panel.covariates
    if covariates is None or not covariates.is_known.any() or not (panel.values == 0).any():
        return SurveyOfZeros({}, ())
    counts: Counter[tuple[int, float]] = Counter()
    for past, values in _iterate_pasts(panel, encoding=encoding, held_out=held_out):
        for end in _find_ends(past, values):
            series, places = np.nonzero(_count(past, values == end[:, None]).explain())
            counts.update(zip(places.tolist(), end[series, places].tolist(), strict=True))
    names, columns = (np.array(every)[covariates.is_known] for every in (covariates.names, covariates.columns))
    explaining = dict.fromkeys(columns[[place for place, _ in counts]].tolist())
    wanted = sorted(pair for pair, count in counts.items() if count >= FEWEST_SERIES)
    steps, zeros = np.zeros((2, len(wanted)))
    for past, values in _iterate_pasts(panel, encoding=encoding, held_out=held_out) if wanted else ():
        for number, (place, value) in enumerate(wanted):
            is_there = (values[:, :, place] == value) & ~np.isnan(past)
            steps[number] += is_there.sum()
            zeros[number] += (is_there & (past == 0)).sum()
    held = [pair for pair, is_zero in zip(wanted, zeros >= (1 - MOST_SALES) * steps, strict=True) if is_zero]
    zero_at = {name: tuple(value for place, value in held if names[place] == name) for name in names.tolist()}
    return SurveyOfZeros({name: known for name, known in zero_at.items() if known}, tuple(explaining))


@dataclass(frozen=True)
class _Counts:
    """Steps of pasts where a covariate is at some value, and others, [batch, covariate].

    steps, zeros   there, and those of them on which the target is zero
    others, other_zeros  elsewhere
    amount, other_amount  the sums of the sizes of its values there, and elsewhere
    times          how often it has come there
    ends_in_zero   whether the target was zero when it was there last
    """

    steps: NDArray[np.int64]
    zeros: NDArray[np.int64]
    others: NDArray[np.int64]
    other_zeros: NDArray[np.int64]
    amount: Array
    other_amount: Array
    times: NDArray[np.int64]
    ends_in_zero: NDArray[np.bool_]

    def agree(self) -> NDArray[np.bool_]:
        """Where the target is zero there, or the covariate has never been there."""
        is_zero = self.ends_in_zero & (self.zeros >= (1 - MOST_SALES) * self.steps)
        is_zero &= self.amount * self.others <= MOST_SALES * self.other_amount * self.steps
        return np.asarray(is_zero | (self.steps == 0))

    def explain(self) -> NDArray[np.bool_]:
        """Where the target is zero there, and not by chance.

        A stay there counts once, however many steps it takes, as zeros come in runs. A single one, such as the newest
        year, is no rule. The chance that all of them are zero is that of as many other steps.
        """
        # one more of each, as few steps do not show that there are none at all (Laplace)
        elsewhere = (self.other_zeros + 1) / (self.others + 2)
        tests = 2 * self.steps.shape[1]
        is_no_chance = self.times * np.log(elsewhere) < np.log(CHANCE / tests)
        is_rare = self.other_zeros > MOST_ZEROS * self.others
        is_little = (self.amount > 0) | (self.steps * (self.others - self.other_zeros) < ENOUGH * self.others)
        is_shown = (self.times >= FEWEST_TIMES) & (self.others >= FEWEST_LEFT) & ~(is_rare & is_little)
        return np.asarray(is_no_chance & is_shown & self.agree())


def _count(past: Array, is_there: NDArray[np.bool_]) -> _Counts:
    """What `past` [batch, time] is where covariates are, `is_there` [batch, time, covariate]."""
    is_known, is_zero, size = ~np.isnan(past), (past == 0)[:, :, None], np.nan_to_num(np.abs(past))
    # a step without a value neither ends a stay nor begins one
    newest_known = np.maximum.accumulate(np.where(is_known, np.arange(past.shape[1]), -1), axis=1)[:, :-1, None]
    was_there = np.take_along_axis(is_there, np.maximum(newest_known, 0), axis=1) & (newest_known >= 0)
    is_there = is_there & is_known[:, :, None]
    newest = past.shape[1] - 1 - np.argmax(is_there[:, ::-1], axis=1)
    amount = (size[:, None] @ is_there)[:, 0]
    return _Counts(
        steps=is_there.sum(axis=1),
        zeros=(is_there & is_zero).sum(axis=1),
        others=(~is_there & is_known[:, :, None]).sum(axis=1),
        other_zeros=(~is_there & is_zero).sum(axis=1),
        amount=amount,
        other_amount=size.sum(axis=1)[:, None] - amount,
        times=is_there[:, 0] + (is_there[:, 1:] & ~was_there).sum(axis=1),
        ends_in_zero=np.take_along_axis(past, newest, axis=1) == 0,
    )


def _begin_with_value(past: Array) -> Array:
    """`past` [batch, time] without the zeros before its first other value, such as those before a launch."""
    has_begun = np.logical_or.accumulate((past != 0) & ~np.isnan(past), axis=1)
    return np.where(has_begun, past, np.nan)


def _find_ends(past: Array, values: Array) -> tuple[Array, Array]:
    """The lowest and the highest value of each covariate on steps where `past` is known, [batch, covariate]."""
    seen = np.where(np.isnan(past)[:, :, None], np.nan, values)
    return np.fmin.reduce(seen, axis=1), np.fmax.reduce(seen, axis=1)


def _list_known(windows: Windows) -> list[str]:
    """The names of the covariates that are known ahead; none where they are drawn at random."""
    assert windows.covariates is not None
    names, is_known = windows.covariates.names, windows.covariates.is_known
    return [name for name, is_ahead in zip(names, is_known, strict=False) if is_ahead]


def _iterate_pasts(panel: Panel, *, encoding: Encoding, held_out: int) -> Iterator[tuple[Array, Array]]:
    """The pasts of all series, and their covariates that are known ahead, in batches whose arrays are not too large."""
    assert panel.covariates is not None
    ends = panel.lengths - held_out
    series = np.flatnonzero(ends > 0)
    past_length = encoding.reach_into(int(ends.max(initial=1)))
    size = max(1, BATCH_ELEMENTS // (past_length * len(panel.covariates)))
    index = WindowIndex(series, ends[series])
    for _, windows in iterate_windows(panel, index=index, past_length=past_length, batch_size=size):
        assert windows.covariates is not None
        yield _begin_with_value(windows.past), windows.covariates.values[:, :, windows.covariates.is_known]
