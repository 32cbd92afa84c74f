"""Place the covariates of rows on the steps of their series, and on those after their ends."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import find_offsets
from forecaster.data.cells.table import Table
from forecaster.data.covariate_sources.covariate_columns import CovariateCells
from forecaster.data.covariates import Covariates, Overlap
from forecaster.data.grids.aggregation import Steps
from forecaster.data.grids.covariate_steps import divide_steps, settle_steps
from forecaster.data.grids.rows import show_moment
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError

__all__ = ["CovariateRows", "place_covariates", "settle_overlap"]

NO_OFFSET = (
    "has no UTC offset, as the times of the data have. Write it, or name the zone of local times with --timezone"
)
TWICE_OR_NEVER = "is there twice on the clock of {}, or never. Write its UTC offset, as in +02:00, in the same cell"


@dataclass(frozen=True)
class CovariateRows:
    """The rows of the data, then those of their future: the series, the time and the covariates of each.

    codes         [row]  number of the series, for the first target
    wall, instant [row]  times, see `Rows`
    is_past       [row]  whether the series has a value at that time or later
    past_rows            how many rows are of the data, not of a file or a frame of their future
    copies               how many targets there are: the covariates are the same for all
    within               the steps of the rows, where these are aggregated
    """

    codes: NDArray[np.int64]
    wall: NDArray[Any]
    instant: NDArray[Any]
    cells: CovariateCells
    is_past: NDArray[np.bool_]
    past_rows: int
    copies: int
    within: Steps | None = None

    def spread(self, series: int) -> "CovariateRows":
        """A row for each target, whose `series` are numbered one after the other; they may begin at other times."""
        codes = (self.codes[:, None] + series * np.arange(self.copies)).ravel()
        wall, instant, values = (
            np.repeat(every, self.copies, axis=0) for every in (self.wall, self.instant, self.cells.values)
        )
        within = self.within
        if within is not None:
            within = Steps(*(np.repeat(every, self.copies) for every in vars(within).values()))
        cells, is_past = replace(self.cells, values=values), np.repeat(self.is_past, self.copies)
        return CovariateRows(codes, wall, instant, cells, is_past, self.past_rows * self.copies, self.copies, within)

    @property
    def is_given(self) -> NDArray[np.bool_]:
        """Which rows are of a file or a frame of the future."""
        return np.arange(len(self.codes)) >= self.past_rows

    def named(self) -> "CovariateRows":
        """The rows at the times that their steps are written with."""
        if self.within is None:
            return self
        moved = self.within.written - self.within.times
        return replace(self, wall=self.wall + moved, instant=self.instant + moved)


def place_covariates(
    panel: Panel, rows: CovariateRows, *, known: tuple[str, ...], table: Table, options: ReadOptions
) -> tuple[Covariates, tuple[str, ...]]:
    """The covariates on the calendar of `panel`, and notes; several rows of one step are averaged, see `settle_steps`.

    Where `options` take the first or last of repeated rows, it is that of those with a value, too. Raises DataError
    for rows after the data that are there twice, with other values, unless `options` say how rows are merged.

    Raises DataError for rows after the data that are not on the steps of the series.
    """
    calendar = panel.calendar
    rows = (rows.spread(len(panel) // rows.copies) if rows.copies > 1 else rows).named()
    times = rows.wall if calendar.uses_wall_clock or rows.wall.dtype.kind == "i" else rows.instant
    if times.dtype.kind == "M":
        reason = NO_OFFSET if options.timezone is None else TWICE_OR_NEVER.format(options.timezone)
        _check_future(panel, rows, is_wrong=np.isnat(times), reason=reason, table=table)
    is_filled = panel.lengths[rows.codes] > 0
    starts = np.where(is_filled, panel.starts[rows.codes], panel.starts[panel.lengths > 0][0])
    steps = calendar.count_steps(starts, times)
    is_placed = is_filled & (steps >= 0)
    if calendar.has_closed_steps:
        is_placed &= calendar.is_open(times)
    is_off = is_placed & ~_lies_on_steps(panel, starts, steps, times)
    reason = f"does not fit the steps of the data ({calendar.name}). Write the times as in the data"
    _check_future(panel, rows, is_wrong=is_off, reason=reason, table=table)
    lengths = panel.lengths.copy()
    np.maximum.at(lengths, rows.codes[is_placed], steps[is_placed] + 1)
    offsets = find_offsets(lengths)
    is_given = rows.is_given
    places = offsets[rows.codes] + steps
    values = np.full((int(offsets[-1]), rows.cells.values.shape[1]), np.nan)
    # what a file of the future says holds, whatever the rows below the data say
    later = is_placed & is_given
    is_twice = later & (steps < panel.lengths[rows.codes])
    twice = np.unique(np.stack([rows.codes[is_twice], steps[is_twice]]), axis=1)
    overlap = None
    for is_chosen in (is_placed & ~is_given, later):
        if is_chosen is later and twice.size:
            overlap = Overlap(twice[0], twice[1], values[offsets[twice[0]] + twice[1]])
        for number, filled in enumerate(rows.cells.values.T):
            seen = np.flatnonzero(is_chosen & ~np.isnan(filled))
            if not options.merges_rows:
                _refuse_others(panel, rows, seen, places[seen], number=number, table=table)
            if options.duplicates in ("first", "last"):
                seen = seen[::-1] if options.duplicates == "first" else seen
                values[places[seen], number] = filled[seen]  # of those at one place the last one stays
                continue
            count = np.bincount(places[seen], minlength=len(values))
            total = np.bincount(places[seen], weights=filled[seen], minlength=len(values))
            values[:, number] = np.where(count > 0, total / np.maximum(count, 1), values[:, number])
    given_from = np.full(len(panel), np.iinfo(np.int64).max)
    np.minimum.at(given_from, rows.codes[is_placed & is_given], steps[is_placed & is_given])
    is_known = np.array([column in known for column in rows.cells.columns], bool)
    unfinished, notes = frozenset[tuple[int, int]](), tuple[str, ...]()
    if rows.within is not None:
        placed = np.flatnonzero(is_placed)
        within = Steps(*(moments[placed] for moments in vars(rows.within).values()))
        parts = divide_steps(within, places[placed], rows.codes[placed], is_given=is_given[placed])
        is_past = (steps < panel.lengths[rows.codes])[placed]
        combines = options.duplicates not in ("first", "last")
        lacking, replaced = settle_steps(
            values, rows.cells.values[placed], parts, is_past=is_past, is_known=is_known, combines=combines
        )
        (series, moments), (_, begun) = (_find_moments(panel, offsets, found) for found in (lacking, replaced))
        unfinished = frozenset(zip(series.tolist(), moments.astype(np.int64).tolist(), strict=True))
        if len(begun):
            day = show_moment(begun[0])
            notes = (
                f"--future has one row for each step: that of {day} counts for the whole step, without the rows of the "
                "data in it",
            )
    cells = rows.cells
    shared = (cells.names, cells.columns, is_known, values, offsets, cells.wordings, given_from, cells.unshown)
    return Covariates(*shared, overlap, unfinished, tuple(cells.marks), cells.per_cent), notes


def _find_moments(
    panel: Panel, offsets: NDArray[np.int64], places: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """The series and the times of the steps at `places` among all steps."""
    series = np.searchsorted(offsets, places, "right") - 1
    return series, panel.calendar.advance(panel.starts[series], places - offsets[series])


def settle_overlap(panel: Panel) -> tuple[Panel, list[str]]:
    """`panel` with the covariates of the data on all steps of the past that a file of the future has, too.

    A line says so. Raises DataError where the two do not agree.
    """
    covariates = panel.covariates
    if covariates is None or covariates.overlap is None:
        return panel, []
    overlap = covariates.overlap
    is_past = overlap.steps < panel.lengths[overlap.series]
    if not is_past.any():
        return panel, []
    series, steps, own = overlap.series[is_past], overlap.steps[is_past], overlap.values[is_past]
    places = covariates.offsets[series] + steps
    given = covariates.values[places]
    differs = (np.abs(given - own) > 1e-9 * np.abs(own)) & covariates.is_known
    if differs.any():
        row = int(np.argmax(differs.any(axis=1)))
        name = covariates.columns[int(np.argmax(differs[row]))]
        moments = panel.calendar.advance(panel.starts[series], steps)
        last = show_moment(moments.max())
        label = f"{panel.label(int(series[row]))}, " if panel.ids[series[row]] else ""
        raise DataError(
            f"{label}{show_moment(moments[row])}: --future has another value of {name!r} than the data, in which this "
            f"step has passed. Leave the rows that have passed out of --future (there are some up to {last}), or make "
            "the two agree."
        )
    values = covariates.values.copy()
    values[places] = np.where(covariates.find_gaps(own), given, own)
    count = (
        "1 step that the data have already is"
        if len(steps) == 1
        else f"{len(steps):,} steps that the data have already are"
    )
    line = f"  --future: {count} left out, and those of the data hold"
    return replace(panel, covariates=replace(covariates, values=values, overlap=None)), [line]


def _lies_on_steps(
    panel: Panel, starts: NDArray[Any], steps: NDArray[np.int64], times: NDArray[Any]
) -> NDArray[np.bool_]:
    """Which times are those of their steps; any day of a month stands for it."""
    placed = panel.calendar.advance(starts, steps)
    if panel.calendar.unit == "month":
        return np.asarray(placed.astype("datetime64[M]") == times.astype("datetime64[M]"))
    return np.asarray(placed == times)


def _refuse_others(
    panel: Panel,
    rows: CovariateRows,
    chosen: NDArray[np.int64],
    places: NDArray[np.int64],
    *,
    number: int,
    table: Table,
) -> None:
    """Raise DataError for the first of the `chosen` rows after the data that has another value of a covariate.

    `places` [row] are equal for rows of the same step.
    """
    order = np.argsort(places, kind="stable")
    values = rows.cells.values[chosen[order], number]
    is_other = np.zeros(len(rows.codes), bool)
    is_other[chosen[order][1:]] = (places[order][1:] == places[order][:-1]) & (values[1:] != values[:-1])
    column = rows.cells.columns[number]
    reason = f"is there twice, with different values of {column!r}. Leave one row of each step"
    _check_future(panel, rows, is_wrong=is_other, reason=reason, table=table)


def _check_future(panel: Panel, rows: CovariateRows, *, is_wrong: NDArray[np.bool_], reason: str, table: Table) -> None:
    """Raise DataError for the first row after the data that is wrong for a `reason`."""
    is_wrong = is_wrong & ~rows.is_past
    if is_wrong.any():
        row = int(np.argmax(is_wrong))
        where = table.locate(table.lines[row // rows.copies], series=panel.ids[rows.codes[row]])
        raise DataError(f"{where}: {show_moment(rows.wall[row])} {reason}.")
