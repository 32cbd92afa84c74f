"""Bring the covariates of rows together on steps that are aggregated: those of the data, and those of their future."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import count_within
from forecaster.data.calendar import DAY
from forecaster.data.grids.aggregation import Steps
from forecaster.data.open_week import MONDAY

__all__ = ["Parts", "divide_steps", "settle_steps"]

USUAL = 0.9
"""Share of the Mondays, say, of a series that have a row, from which on each Monday is expected to have one."""
SAME, WHOLE = 0.9, 0.95
"""Ratio of the fewest rows of a step to the most where all have as many, and share of them of a step that is whole."""
MICROSECOND = np.timedelta64(1, "us")


@dataclass(frozen=True)
class Parts:
    """The parts of steps that rows are: days, or moments where the steps are no longer than a day; all [row].

    places    the step, among all steps of all series; `series` is that of the row
    parts     the number of the day, or the moment; `moments` are in microseconds
    begins, ends  of the step, in days
    is_given  whether the row is of a file or a frame of the future, not of the data
    are_days  whether the parts are days
    are_whole  whether the rows of the future are whole steps: one for each, at the time that it is written with
    """

    places: NDArray[np.int64]
    series: NDArray[np.int64]
    parts: NDArray[np.int64]
    moments: NDArray[np.int64]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    is_given: NDArray[np.bool_]
    are_days: bool
    are_whole: bool

    def take(self, rows: NDArray[np.int64]) -> "Parts":
        """Those of the `rows` with these indices."""
        chosen: dict[str, Any] = {
            name: every[rows] for name, every in vars(self).items() if isinstance(every, np.ndarray)
        }
        return replace(self, **chosen)


def divide_steps(
    steps: Steps, places: NDArray[np.int64], series: NDArray[np.int64], *, is_given: NDArray[np.bool_]
) -> Parts:
    """The parts that rows are of the aggregated `steps`, which lie at `places` [row]."""
    moments, begins, ends = (
        ((times - MONDAY) / MICROSECOND).astype(np.int64) for times in (steps.times, steps.begins, steps.ends)
    )
    are_days = bool(len(ends)) and bool(np.median(ends - begins) > DAY)
    given = np.unique(_number_pairs(places[is_given], moments[is_given]))
    is_single = len(np.unique(places[is_given])) == len(given)
    are_whole = is_single and bool((steps.times == steps.written)[is_given].all())
    parts = moments // DAY if are_days else moments
    return Parts(places, series, parts, moments, begins // DAY, ends // DAY, is_given, are_days, are_whole)


def settle_steps(
    values: NDArray[np.float64],
    cells: NDArray[np.float64],
    parts: Parts,
    *,
    is_past: NDArray[np.bool_],
    is_known: NDArray[np.bool_],
    combines: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Set `values` [place, feature] of steps that the data and their future have a part each of, from `cells` [row, .].

    Only where it `combines` them: each part counts alike. The values of features that are `is_known` ahead are made
    missing in steps whose rows are not `is_past`, and of which neither has a part that it should. Returns the places of
    these, and of steps for which a row of the future counts as a whole, whatever the data say of their first days.
    """
    lacking, replaced = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number, filled in enumerate(cells.T):
        seen = np.flatnonzero(~np.isnan(filled))
        own = parts.take(seen)
        is_touched = np.zeros(len(values), bool)
        is_touched[own.places[own.is_given]] = True
        if combines and not own.are_whole:
            chosen = np.flatnonzero(is_touched[own.places])
            places, means = _combine(own.take(chosen), filled[seen[chosen]])
            values[places, number] = means
        if own.are_whole:
            of_data = own.places[~own.is_given & ~is_past[seen]]
            replaced.append(of_data[is_touched[of_data]])
        if is_known[number]:
            found = _find_unfinished(own, is_past=is_past[seen])
            found = found[~is_touched[found]] if own.are_whole else found
            values[found, number] = np.nan
            lacking.append(found)
    return np.unique(np.concatenate(lacking)), np.unique(np.concatenate(replaced))


def _combine(parts: Parts, values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The places of steps, and the mean of the `values` [row] of the parts of each.

    A row of the future holds instead of those of the data at its moment, and a row for a whole day for that day.
    """
    _, part = np.unique(_number_pairs(parts.places, parts.parts), return_inverse=True)
    _, moment = np.unique(_number_pairs(parts.places, parts.moments), return_inverse=True)
    given = np.bincount(part, weights=parts.is_given)
    starts_day = parts.is_given & (parts.moments % DAY == 0)
    is_replaced = np.bincount(moment, weights=parts.is_given)[moment] > 0
    is_replaced |= (given == 1)[part] & (np.bincount(part, weights=starts_day)[part] > 0)
    kept = np.flatnonzero(parts.is_given | ~is_replaced)
    numbers, rows = np.unique(part[kept], return_inverse=True)
    means = np.bincount(rows, weights=values[kept]) / np.bincount(rows)
    owner = np.zeros(len(numbers), np.int64)
    owner[rows] = parts.places[kept]
    places, step = np.unique(owner, return_inverse=True)
    return places, np.bincount(step, weights=means) / np.bincount(step)


def _number_pairs(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same number for the same pairs, and different ones for others, which are sorted in far less time."""
    values, number = np.unique(other, return_inverse=True)
    return np.asarray(one * len(values) + number)


def _find_unfinished(parts: Parts, *, is_past: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The places of the steps after the past that only some of their days, or rows, are given for."""
    if is_past.all() or not is_past.any():
        return np.zeros(0, np.int64)
    return _find_lack_of_days(parts, is_past) if parts.are_days else _find_lack_of_rows(parts, is_past)


def _find_lack_of_rows(parts: Parts, is_past: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Steps that have fewer rows than the past ones of their series, which all have as many."""
    places, first, counts = np.unique(parts.places, return_index=True, return_counts=True)
    series, of_past = parts.series[first], is_past[first]
    fewest = np.full(int(series.max()) + 1, np.inf)
    most = np.zeros(len(fewest))
    np.minimum.at(fewest, series[of_past], counts[of_past])
    np.maximum.at(most, series[of_past], counts[of_past])
    is_regular = (fewest >= SAME * most) & (most > 0)
    return np.asarray(places[~of_past & is_regular[series] & (counts < WHOLE * fewest[series])])


def _find_lack_of_days(parts: Parts, is_past: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Steps without some day of the week on which the past of their series has a row."""
    count = int(parts.series.max()) + 1
    _, rows = np.unique(_number_pairs(parts.series[is_past], parts.parts[is_past]), return_index=True)
    series, days = parts.series[is_past][rows], parts.parts[is_past][rows]
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(first, series, days)
    np.maximum.at(last, series, days)
    there = np.bincount(7 * series + days % 7, minlength=7 * count).reshape(count, 7)
    has_any = last >= first
    span = np.where(has_any, last - first + 1, 0)[:, None]
    possible = (span + 6 - (np.arange(7) - np.where(has_any, first, 0)[:, None]) % 7) // 7
    is_usual, is_always = there >= USUAL * np.maximum(possible, 1), there == np.maximum(possible, 1)
    # from where to where the future is told
    newest, begin, end = last.copy(), np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    own = ~parts.is_given
    np.maximum.at(newest, parts.series[own], parts.parts[own])
    np.minimum.at(begin, parts.series[parts.is_given], parts.parts[parts.is_given])
    np.maximum.at(end, parts.series[parts.is_given], parts.parts[parts.is_given])
    ahead = np.flatnonzero(~is_past)
    places, rows = np.unique(parts.places[ahead], return_index=True)
    rows = ahead[rows]
    lengths = (parts.ends - parts.begins)[rows]
    step = np.repeat(np.arange(len(places)), lengths)
    day = np.repeat(parts.begins[rows], lengths) + count_within(lengths)
    owner, weekday = parts.series[rows][step], day % 7
    is_there = np.isin(places[step] * (1 << 24) + day, (parts.places * (1 << 24) + parts.parts)[~is_past])
    # a holiday between the days that are told may be closed
    is_told = (day <= newest[owner]) | ((day >= begin[owner]) & (day <= end[owner]))
    expected = np.where(is_told, is_always[owner, weekday], is_usual[owner, weekday])
    return np.asarray(places[np.unique(step[expected & ~is_there])])
