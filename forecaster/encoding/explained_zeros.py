"""Zeros that a covariate explains, such as sales of closed days: nothing to learn from, and certain where it says so.

Without this a closed week would be forecast as some hundreds, where an effect is taken off a level that moves, and the
distribution of the weeks beside it as if they might be closed as well.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.encoding import Encoding
from forecaster.windows import ExplainedZeros, Windows

__all__ = ["find_common_values", "leave_out_explained_zeros"]

MOST_OTHERS = 0.05
"""Share of the steps with an explaining value on which the target may be other than zero."""
FEWEST_TIMES, FEWEST_LEFT = 2, 8
"""How often the covariate has come to such a value, and steps that are left to forecast from, at the least."""
CHANCE = 0.001
"""Probability with which zeros that come at random would be taken for explained ones, by any of the covariates."""
FEWEST_SERIES = 5
"""Series that show the same before it holds for others, which do not show it."""


def leave_out_explained_zeros(windows: Windows, *, encoding: Encoding, horizon: int) -> Windows:
    """`windows` whose pasts have no value where a covariate explains zeros; `explained_zeros` are those ahead.

    That is at the lowest or the highest value that a covariate known ahead had in the past, if the target was zero when
    it was there: at a flag, a category, or no staff and no opening hours; and at values where other series are zero, of
    the pooled effects of the `encoding`, unless the target was not. Values of the past count alone.
    """
    common = {} if encoding.pooled is None else encoding.pooled.zero_at
    covariates = windows.covariates
    if covariates is None or not covariates.is_known.any() or not (common or (windows.past == 0).any()):
        return windows
    past, time = windows.past, windows.past.shape[1]
    values = covariates.values[:, : time + horizon, covariates.is_known]
    explained = np.zeros(values.shape, bool)
    for end in _find_ends(past, values[:, :time]):
        is_there = values == end[:, None]
        found = _count(past, is_there[:, :time])
        explained |= is_there & found.explain(tests=2 * values.shape[2])[:, None]
    is_left = (~np.isnan(past) & ~explained[:, :time].any(axis=2)).sum(axis=1) >= FEWEST_LEFT
    explained &= is_left[:, None, None]
    for name, known in common.items():
        for number in [place for place, own in enumerate(_list_known(windows)) if own == name]:
            is_there = np.isin(values[:, :, number : number + 1], known)
            agrees = _count(past, is_there[:, :time]).agree()
            explained[:, :, number : number + 1] |= is_there & agrees[:, None]
    by = np.zeros((len(past), len(covariates.is_known)), bool)
    by[:, covariates.is_known] = explained[:, time:].any(axis=1)
    is_zero = np.asarray(explained.any(axis=2))
    past = np.where(is_zero[:, :time], np.nan, past)
    return replace(windows, past=past, explained_zeros=ExplainedZeros(is_zero[:, time:], by))


def find_common_values(parts: list[Windows]) -> dict[str, tuple[float, ...]]:
    """The values of covariates at which at least FEWEST_SERIES of all windows are zero, and hardly any is not."""
    names = _list_known(parts[0])
    explaining: list[list[Array]] = [[] for _ in names]
    for windows in parts:
        values = _take_past(windows)
        for end in _find_ends(windows.past, values):
            explains = _count(windows.past, values == end[:, None]).explain(tests=2 * len(names))
            for place in range(len(names)):
                explaining[place].append(end[explains[:, place], place])
    found = {}
    for place, name in enumerate(names):
        distinct, counts = np.unique(np.concatenate(explaining[place]), return_counts=True)
        known = tuple(value for value in distinct[counts >= FEWEST_SERIES].tolist() if _holds(parts, place, value))
        if known:
            found[name] = known
    return found


@dataclass(frozen=True)
class _Counts:
    """Steps of pasts where a covariate is at some value, and others, [batch, covariate].

    steps, zeros   there, and those of them on which the target is zero
    others, other_zeros  elsewhere
    times          how often it has come there
    ends_in_zero   whether the target was zero when it was there last
    """

    steps: NDArray[np.int64]
    zeros: NDArray[np.int64]
    others: NDArray[np.int64]
    other_zeros: NDArray[np.int64]
    times: NDArray[np.int64]
    ends_in_zero: NDArray[np.bool_]

    def agree(self) -> NDArray[np.bool_]:
        """Where the target is zero there, or the covariate has never been there."""
        is_zero = self.ends_in_zero & (self.zeros >= (1 - MOST_OTHERS) * self.steps)
        return np.asarray(is_zero | (self.steps == 0))

    def explain(self, *, tests: int) -> NDArray[np.bool_]:
        """Where the target is zero there, and not by chance.

        The chance of so many zeros among so many steps is at most exp(-n · KL), with the relative entropy to the share
        of zeros elsewhere (Chernoff 1952; Hoeffding 1963). A single block, such as the newest year, is no rule.
        """
        share = self.zeros / np.maximum(self.steps, 1)
        # one more of each, as few steps do not show that there are none at all (Laplace)
        elsewhere = (self.other_zeros + 1) / (self.others + 2)
        rest = np.where(share < 1, (1 - share) * np.log(np.maximum(1 - share, 1e-9) / (1 - elsewhere)), 0.0)
        entropy = share * np.log(np.maximum(share, 1e-9) / elsewhere) + rest
        is_no_chance = (share > elsewhere) & (self.steps * entropy > np.log(tests / CHANCE))
        return np.asarray(is_no_chance & (self.times >= FEWEST_TIMES) & (self.steps > 0) & self.agree())


def _count(past: Array, is_there: NDArray[np.bool_]) -> _Counts:
    """What `past` [batch, time] is where covariates are, `is_there` [batch, time, covariate]."""
    is_known, is_zero = ~np.isnan(past)[:, :, None], (past == 0)[:, :, None]
    is_there = is_there & is_known
    newest = past.shape[1] - 1 - np.argmax(is_there[:, ::-1], axis=1)
    return _Counts(
        steps=is_there.sum(axis=1),
        zeros=(is_there & is_zero).sum(axis=1),
        others=(~is_there & is_known).sum(axis=1),
        other_zeros=(~is_there & is_zero).sum(axis=1),
        times=is_there[:, 0] + (is_there[:, 1:] & ~is_there[:, :-1]).sum(axis=1),
        ends_in_zero=np.take_along_axis(past, newest, axis=1) == 0,
    )


def _find_ends(past: Array, values: Array) -> tuple[Array, Array]:
    """The lowest and the highest value of each covariate on steps where `past` is known, [batch, covariate]."""
    seen = np.where(np.isnan(past)[:, :, None], np.nan, values)
    return np.fmin.reduce(seen, axis=1), np.fmax.reduce(seen, axis=1)


def _list_known(windows: Windows) -> list[str]:
    """The names of the covariates that are known ahead; none where they are drawn at random."""
    assert windows.covariates is not None
    names, is_known = windows.covariates.names, windows.covariates.is_known
    return [name for name, is_ahead in zip(names, is_known, strict=False) if is_ahead]


def _take_past(windows: Windows) -> Array:
    """The covariates that are known ahead, on the steps of the past."""
    assert windows.covariates is not None
    return windows.covariates.values[:, : windows.past.shape[1], windows.covariates.is_known]


def _holds(parts: list[Windows], place: int, value: float) -> bool:
    """Whether nearly all values of all series are zero where the covariate in a `place` has a `value`."""
    pairs = [(_take_past(windows)[:, :, place] == value, windows.past) for windows in parts]
    steps = sum(int((is_there & ~np.isnan(past)).sum()) for is_there, past in pairs)
    zeros = sum(int((is_there & (past == 0)).sum()) for is_there, past in pairs)
    return zeros >= (1 - MOST_OTHERS) * steps
