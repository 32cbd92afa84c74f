"""Survey the parts of an input: what each shows of the whole, so that all parts are forecast as in one go."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.arrays import find_offsets
from forecaster.data.calendar import DAY, Calendar
from forecaster.data.cells.frame_cells import is_text
from forecaster.data.cells.frame_cells import list_columns as list_cells
from forecaster.data.cells.table import Table
from forecaster.data.checks.audit import audit
from forecaster.data.checks.findings import Finding
from forecaster.data.frames import Origin, read_frame
from forecaster.data.frequency import leave_out_closed
from forecaster.data.grids.sparse_rows import extend_to_last, infer_finest
from forecaster.data.names.column_names import is_total_name
from forecaster.data.panel import Panel, TimeStyle, choose_season
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns
from forecaster.data.times.moments import parse_moment
from forecaster.errors import DataError
from forecaster.forecasting.earlier_pasts import EarlierPasts
from forecaster.forecasting.self_calibration import choose_guides, count_cutoffs, keep_for_calibration
from forecaster.library.inputs import Given, use_dates
from forecaster.library.model import Model
from forecaster.scale.shown_columns import ShownColumn, list_attributes, list_columns
from forecaster.windows import keep_until

__all__ = ["Basis", "PartReader", "Survey", "extend_panel", "find_basis", "stretch", "survey_part"]

AppendFuture = Callable[[Table, Columns], Table]


@dataclass(frozen=True)
class PartReader:
    """How each part is read: with the same roles of the columns, up to the timestamp `until`.

    The types of ids and times are those of the forecasts where the input `has_types`, as Parquet and frames have. The
    model `remembers_holidays` that the user has not named.
    """

    name: str
    reading: ReadOptions
    until: str | None = None
    has_types: bool = True
    remembers_holidays: bool = False

    def read(self, frame: pd.DataFrame, *, origin: Origin | None = None, future: AppendFuture | None = None) -> Given:
        """One part; `origin` says where its rows come from, and `future` appends later ones.

        Raises what `read_data` raises.
        """
        # whether a series is the total of the others is for all parts to say
        options = replace(self.reading, totals=True)
        panel, summary = read_frame(frame, options=options, origin=origin, future=future)
        if self.reading.totals is None:
            _refuse_totals(panel, name=self.name)
        if self.until is not None:
            panel = keep_until(panel, until=parse_moment(self.until, panel=panel))
        # a row of each series has the types of its cells
        roles, cells = summary.columns, list_cells(frame, name=self.name)
        types = pd.DataFrame({name: cells[name] for name in (*roles.ids, *roles.time_columns)})
        types = types[~types.duplicated([*roles.ids])]
        _refuse_written_numbers(panel, cells, name=self.name)
        return replace(
            self.name_dates(panel),
            summary=replace(summary, frame=None),
            findings=audit(panel, summary),
            frame=types if self.has_types else None,
        )

    def name_dates(self, panel: Panel) -> Given:
        """A panel with the holidays, and what the calendar tells, that explain it; all else is not known of it."""
        plain = Given(panel, self.name, (), None, remembers_holidays=self.remembers_holidays)  # type: ignore[arg-type]
        return use_dates(plain, self.reading)


@dataclass(frozen=True)
class Basis:
    """What the forecasts of earlier cutoffs depend on, of the whole: the seasons, the horizon and the longest series.

    The length of the longest counts only in as far as it changes the number of cutoffs and whether it has a season.
    """

    periods: tuple[int, ...]
    horizon: int
    season: int
    cutoffs: int


@dataclass(frozen=True)
class Survey:
    """What a part, or several, show: `calendar` and `time_style` have to be those of all other parts.

    lengths  [series]  how many steps each series has, and `ends` when it ends, of those that have any
    times              the distinct times with a value, other than that of missing rows
    grid               the first times of all series
    guides             the series that calibrate the intervals, chosen for the `basis`
    """

    calendar: Calendar
    time_style: TimeStyle
    decimals: int | None
    lengths: NDArray[np.int64]
    starts: NDArray[Any]
    times: NDArray[Any]
    grid: NDArray[Any]
    guides: EarlierPasts
    basis: Basis
    counts: "Counter[str]"
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    columns: str
    covariates: Mapping[str, ShownColumn]
    attributes: Mapping[str, ShownColumn]

    @property
    def span(self) -> Panel:
        """A panel with the steps of all series, each once: few series without values or names."""
        filled = np.flatnonzero(self.lengths > 0)
        first = self.starts[filled].min()
        begins = self.calendar.count_steps(np.broadcast_to(first, filled.shape), self.starts[filled])
        order = np.argsort(begins)
        begins, ends = begins[order], np.maximum.accumulate((begins + self.lengths[filled])[order])
        is_gap = np.append(True, begins[1:] > ends[:-1])
        lengths = ends[np.append(is_gap[1:], True)] - begins[is_gap]
        starts = self.starts[filled][order][is_gap]
        return replace(self, lengths=lengths, starts=starts).skeleton

    @property
    def skeleton(self) -> Panel:
        """A panel with the starts and lengths of all series, without values or names."""
        offsets = find_offsets(self.lengths)
        values = np.broadcast_to(np.float64(np.nan), (int(offsets[-1]),))
        return Panel(values, offsets, self.starts, [()] * len(self.lengths), self.calendar, time_style=self.time_style)

    def fill_up(self) -> "Survey":
        """The survey with all series up to the last time of all, as where missing rows have a meaning."""
        lengths = extend_to_last(self.last, self.starts, self.lengths, calendar=self.calendar)
        return replace(self, lengths=lengths)

    @property
    def last(self) -> NDArray[Any]:
        """The last time of all."""
        filled = self.lengths > 0
        return np.atleast_1d(self.calendar.advance(self.starts[filled], self.lengths[filled] - 1).max())

    def check_closed(self, reading: ReadOptions, *, name: str) -> None:
        """Raise DataError where all parts together show other steps than each part alone, or closed days or hours."""
        calendar = self.calendar
        if reading.fill is not None and reading.frequency is None and len(self.grid) > 1:
            found = infer_finest(self.grid)
            if found is None or found.multiple != calendar.multiple:
                raise DataError(
                    f"{name}: the times of its parts do not lie on the same {calendar.name} steps. Name the step with "
                    "--freq (such as D, W, MS or h)."
                )
        is_fixed = calendar.unit == "microsecond" and calendar.special is None and calendar.multiple <= DAY
        if reading.frequency is not None or not is_fixed or not len(self.times):
            return
        is_first = np.arange(len(self.times)) == 0
        is_told = reading.closed is not None
        found = leave_out_closed(
            calendar, self.times, is_first=is_first, observed=np.ones(len(self.times), bool), is_told=is_told
        )
        if found != calendar:
            raise DataError(
                f"{name}: all parts together have values only on {found.name} steps, which a part alone does not show. "
                f"Name the step: --freq {calendar.alias}, or --freq B for Monday to Friday."
            )


def find_basis(skeleton: Panel, *, model: Model, seasons: tuple[int, ...]) -> Basis:
    """What the forecasts of earlier cutoffs of these series depend on."""
    given = Given(skeleton, "the data", (), None)  # type: ignore[arg-type]  # only its panel is looked at
    forecaster = model.prepare(given, seasons=seasons)
    longest = int(skeleton.lengths.max(initial=0))
    periods = forecaster.encoding.periods
    season = choose_season(longest, periods=periods)
    return Basis(periods, forecaster.horizon, season, count_cutoffs(forecaster, longest=longest))


def survey_part(
    given: Given,
    *,
    model: Model,
    seasons: tuple[int, ...],
    fill: float | None = None,
    longest: int | None = None,
) -> Survey:
    """What one part shows; its guides are chosen as if the longest series of the whole had `longest` steps."""
    panel, summary = given.panel, given.summary
    longest = max(longest or 0, int(panel.lengths.max(initial=0)))
    basis_panel = stretch(panel, longest=longest)
    basis = find_basis(basis_panel, model=model, seasons=seasons)
    forecaster = model.prepare(replace(given, panel=basis_panel), seasons=seasons)
    counts = Counter(
        rows=summary.rows // len(summary.columns.targets),
        merged_rows=summary.merged_rows,
        missing_values=summary.missing_values,
        missing_rows=summary.missing_rows,
        trailing_rows=summary.trailing_rows,
    )
    return Survey(
        panel.calendar,
        panel.time_style,
        panel.number_style.decimals,
        panel.lengths,
        panel.starts,
        _list_times(panel, fill=fill),
        np.unique(panel.starts[panel.lengths > 0]),
        keep_for_calibration(
            panel.take(choose_guides(panel, forecaster, longest=longest)), forecaster, longest=longest
        ),
        basis,
        counts,
        given.findings,
        summary.notes,
        summary.columns.describe(),
        list_columns(panel.covariates, known=summary.columns.known, past=summary.columns.past),
        list_attributes(panel.attributes),
    )


def stretch(panel: Panel, *, longest: int) -> Panel:
    """The starts and lengths of `panel`, with one of them as long as the `longest` of the whole."""
    lengths = panel.lengths.copy()
    lengths[np.argmax(lengths)] = longest
    offsets = find_offsets(lengths)
    values = np.broadcast_to(np.float64(np.nan), (int(offsets[-1]),))
    return replace(panel, values=values, offsets=offsets)


def _refuse_totals(panel: Panel, *, name: str) -> None:
    """Raise DataError where a series has the name of a total, as no part shows whether it is the sum of the others."""
    count = len(panel.ids[0]) if panel.ids else 0
    for position in range(count):
        total = next((text for text in {key[position] for key in panel.ids} if is_total_name(text)), None)
        if total is not None:
            raise DataError(
                f"{name}, series {total!r}: whether it is the sum of the others is not known in parts. --totals "
                "forecasts it like them; or leave it out of the file, or --max-memory out."
            )


def _refuse_written_numbers(panel: Panel, cells: "Mapping[str, pd.Series[Any]]", *, name: str) -> None:
    """Raise DataError for a column that explains and holds numbers as text, whose decimal mark all parts would show."""
    if panel.covariates is None:
        return
    covariates = panel.covariates
    for column in covariates.list_columns():
        is_number = column in covariates.names and column not in covariates.wordings
        if is_number and is_text(cells[column]) and cells[column].notna().any():
            raise DataError(
                f"{name}, column {column!r}: numbers that are written as text are not read in parts. Save them as "
                "numbers such as 1234.5, or leave --max-memory out."
            )


def extend_panel(panel: Panel, *, last: NDArray[Any], fill: float) -> Panel:
    """The panel with all series up to the `last` time, at which a missing row means `fill`."""
    lengths = extend_to_last(last, panel.starts, panel.lengths, calendar=panel.calendar)
    offsets = find_offsets(lengths)
    values = np.full(int(offsets[-1]), fill)
    values[_place(panel.offsets, offsets)] = panel.values
    covariates = panel.covariates
    if covariates is not None:
        own_offsets = find_offsets(np.maximum(np.diff(covariates.offsets), lengths))
        explained = np.full((int(own_offsets[-1]), len(covariates)), np.nan)
        explained[_place(covariates.offsets, own_offsets)] = covariates.values
        covariates = replace(covariates, values=explained, offsets=own_offsets)
    return replace(panel, values=values, offsets=offsets, covariates=covariates)


def _place(before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the steps of series at the offsets `before` are where these are those `after`, [step]."""
    return np.arange(int(before[-1])) + np.repeat(after[:-1] - before[:-1], np.diff(before))


def _list_times(panel: Panel, *, fill: float | None) -> NDArray[Any]:
    """The distinct times at which any series has a value, other than `fill`."""
    filled = np.flatnonzero(panel.lengths > 0)
    if not len(filled):
        return panel.starts[:0]
    first = panel.starts[filled].min()
    begins = panel.calendar.count_steps(np.broadcast_to(first, filled.shape), panel.starts[filled])
    lengths = panel.lengths[filled]
    places = np.arange(len(panel.values)) + np.repeat(begins - panel.offsets[filled], lengths)
    seen = np.flatnonzero(np.bincount(places[~np.isnan(panel.values) & (panel.values != fill)]))
    return np.asarray(panel.calendar.advance(np.broadcast_to(first, seen.shape), seen))
