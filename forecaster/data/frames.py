"""Read a pandas frame into a Panel, as if from a file with the same cells, and give forecasts the frame's types."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.cells.frame_cells import is_text, list_columns, make_category, take_sample, write_texts
from forecaster.data.cells.number_columns import Evidence, NumberColumn, Part, find_evidence, read_numbers
from forecaster.data.cells.text_columns import SAMPLE_ROWS
from forecaster.data.grids.grid import ReadSummary
from forecaster.data.grids.tables import Table, append_future
from forecaster.data.layouts.notes_below import find_notes_below
from forecaster.data.layouts.number_lists import number_frame
from forecaster.data.layouts.period_columns import PeriodColumns
from forecaster.data.layouts.period_rows import find_periods_of_frame
from forecaster.data.numbers.number_cells import MISSING_WORDS
from forecaster.data.panel import Panel
from forecaster.data.problems import Problems
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns, find_columns
from forecaster.data.roles.counted_rows import count_filled, count_rows
from forecaster.data.roles.future_columns import describe_absent, list_absent
from forecaster.data.roles.joined_time import JoinedTime
from forecaster.data.roles.key_columns import find_ids, list_keys
from forecaster.data.roles.part_order import check_order
from forecaster.data.table_to_panel import check_future_use, make_panel
from forecaster.data.times.frame_times import find_periods, find_zone, is_zone, refuse_some_zones, restore_times
from forecaster.errors import DataError

__all__ = ["NAME", "Origin", "append_later", "list_samples", "read_frame", "read_later", "restore_types"]

NAME, FUTURE_NAME = "the frame", "the future frame"


@dataclass(frozen=True)
class Origin:
    """Where the rows of a frame were read from: its name and its files, and the number of each row as in `Table`."""

    name: str
    files: tuple[str, ...]
    rows: NDArray[np.int64]
    line_name: str = "row"
    per_cent: frozenset[str] = frozenset()

    def spread(self, count: int) -> "Origin":
        """The rows with `count` periods each, of which each is a row now; see `Table`."""
        files, numbers = self.rows >> 40, self.rows & ((1 << 40) - 1)
        spread = (files << 40)[:, None] + numbers[:, None] * count + np.arange(count)
        return replace(self, rows=spread.ravel())


@dataclass(frozen=True)
class _FrameRows:
    """The columns of a frame, with one row for each time, and how they are read.

    The `sample` has the first rows of `cells` as text: all of them where that `is_whole`. `texts` are the cells of ids
    and of the time, once it is known which columns these are.
    """

    cells: "dict[str, pd.Series[Any]]"
    sample: "dict[str, pd.Series[str]]"
    is_whole: bool
    options: ReadOptions
    origin: Origin
    periods: PeriodColumns | None
    notes: tuple[str, ...]
    texts: dict[str, pd.Categorical] = field(default_factory=dict)


def read_frame(
    frame: "pd.DataFrame | pd.Series[Any]",
    *,
    options: ReadOptions | None = None,
    origin: Origin | None = None,
    future: "pd.DataFrame | Callable[[Table, Columns], Table] | None" = None,
) -> tuple[Panel, ReadSummary]:
    """Read a frame, long or wide, into a Panel; `future` has covariates on later steps. They are not changed.

    For a future that is no frame, it appends its rows to those of the data.

    An index counts as columns where it has a name, several levels or timestamps. Times may be of any type whose text
    is what a file would hold; targets may be numbers of any type, and True is 1. Times that have a zone are read
    and written in it. `options.encoding` is ignored, and so is `options.date_format` where dates are not text.
    Raises DataError and UsageError as `read_panel` does; rows are counted from 0, as in `frame.iloc`, unless it was
    read from files: then `origin` has their numbers.
    """
    rows, columns = _find_roles(_lay_out(frame, options=options or ReadOptions(), origin=origin))
    problems = Problems()
    table = _make_table(rows, columns=columns, problems=problems)
    files = len(table.files)
    if future is not None:
        check_future_use(columns)
        if isinstance(future, pd.DataFrame):
            table = append_future(table, [read_later(future, columns=columns)], columns=columns)
        else:
            table = future(table, columns)
    return make_panel(table, columns=columns, options=rows.options, problems=problems, files=files)


def _lay_out(frame: "pd.DataFrame | pd.Series[Any]", *, options: ReadOptions, origin: Origin | None) -> _FrameRows:
    """The columns of a frame, with one row for each time. Raises DataError where it has no rows."""
    if isinstance(frame, pd.Series):
        frame = frame.to_frame("y" if frame.name is None else frame.name)
    numbered = number_frame(frame) if origin is None and options.time is None else None
    if numbered is not None:
        frame, options = numbered.frame, replace(options, time=numbered.time)
    origin = origin or Origin(NAME, (NAME,), np.arange(len(frame)))
    if not len(frame):
        raise DataError(f"{origin.name}: no rows. Give at least a few.")
    cells = list_columns(frame, name=origin.name)
    sample = {column: take_sample(texts) for column, texts in cells.items()}
    periods: PeriodColumns | None = None
    by_row = find_periods_of_frame(cells, sample, options=options)
    if by_row is not None:
        periods, cells = by_row
        periods.check_names(name=origin.name)
        sample = {column: take_sample(texts) for column, texts in cells.items()}
        origin = origin.spread(len(periods.places))
        given = None if options.time == periods.row_time_name else options.time
        options = replace(options, time=given or periods.time, target=options.target or periods.value)
    options = replace(options, time=options.time or find_periods(cells))
    is_whole = len(origin.rows) < SAMPLE_ROWS
    if is_whole:
        is_row = ~find_notes_below(pd.DataFrame(sample))
        sample = {column: texts[is_row] for column, texts in sample.items()}
    has_periods = periods is not None
    counted, options = count_rows([*cells], options=options, has_periods=has_periods, name=origin.name)
    if counted:
        cells[counted] = pd.Series(count_filled(pd.DataFrame(cells)))
        sample[counted] = pd.Series("1", index=next(iter(sample.values())).index)
    notes = (() if periods is None else (periods.describe(),)) + (() if numbered is None else (numbered.note,))
    return _FrameRows(cells, sample, is_whole, options, origin, periods, notes)


def _find_roles(rows: _FrameRows) -> tuple[_FrameRows, Columns]:
    """The roles of the columns, and the rows with the column of the time, and with the options that follow from it."""
    name, options, cells, sample, is_whole = rows.origin.name, rows.options, {**rows.cells}, rows.sample, rows.is_whole
    columns = find_columns(pd.DataFrame(sample), name=name, options=options, is_whole=is_whole)
    if columns.undecided:
        late = {column: take_sample(cells[column].dropna().reset_index(drop=True)) for column in columns.undecided}
        sample, is_whole = sample | late, True
        known = replace(options, ids=columns.ids or options.ids)  # not all rows show that ids are those of rows
        columns = find_columns(pd.DataFrame(sample), name=name, options=known)
    if columns.joined is not None:
        cells[columns.time], notes = _join_time(cells, columns.joined, name=name)
        rows = replace(rows, notes=rows.notes + notes)
    if pd.api.types.infer_dtype(cells[columns.time], skipna=True).startswith(("date", "period")):
        options = replace(options, date_format=None)
    zone = find_zone(cells[columns.time])
    if zone is not None and options.timezone is None and is_zone(str(zone)):
        options = replace(options, timezone=str(zone))
    keys = list_keys(pd.DataFrame(sample), columns=columns, options=options, periods=rows.periods)
    texts = {one: make_category(cells[one]) for one in (*columns.ids, *keys.columns)}
    texts[columns.time] = make_category(cells[columns.time], missing=MISSING_WORDS)
    ids = find_ids(pd.DataFrame(texts), columns=columns, keys=keys, name=name, periods=rows.periods)
    if ids is not None:
        found = find_columns(pd.DataFrame(sample), name=name, options=replace(options, ids=ids), is_whole=is_whole)
        columns = replace(found, has_found_ids=True)
    texts = {one: texts[one] for one in (*columns.ids, columns.time)}
    return replace(rows, cells=cells, sample=sample, options=options, texts=texts), columns


def _make_table(rows: _FrameRows, *, columns: Columns, problems: Problems) -> Table:
    """The rows as a table with numbers; columns that hold none go to the `problems`. Raises DataError for no rows."""
    origin, cells = rows.origin, rows.cells
    explained = {one: _read_covariate(cells[one], is_code=one in columns.categories) for one in columns.explanatory}
    of_files = {} if rows.periods is None else dict.fromkeys(range(len(origin.files)), rows.periods)
    table = Table(origin.name, origin.files, pd.DataFrame(rows.texts), origin.rows, origin.line_name, periods=of_files)
    table = replace(table, per_cent=origin.per_cent)
    refuse_some_zones(cells[columns.time], locate=partial(table.locate_cell, columns.time, ids=columns.ids))
    # numbers that are not text are written with a point whatever the texts are written with
    written = {key: column for key, column in rows.sample.items() if key in rows.texts or is_text(cells[key])}
    find = partial(find_evidence, pd.DataFrame(written), times=columns.time_columns, ids=columns.ids)
    found = {target: NumberColumn([np.full(len(origin.rows), np.nan)], "") for target in columns.targets}
    for target in columns.targets:
        locate = partial(table.locate_cell, target, ids=columns.ids)
        with problems.collect():
            found[target] = _read_numbers(cells[target], name=target, find=find, locate=locate, options=rows.options)
    notes = tuple(note for column in found.values() for note in column.notes) + rows.notes
    numbers = {target: column.values[0] for target, column in found.items()}
    whole = replace(table, frame=pd.DataFrame({**rows.texts, **numbers, **explained}), notes=notes)
    whole = whole.drop_blank_rows(columns)
    if not len(whole.frame):
        problems.raise_any()
        raise DataError(f"{origin.name}: all rows are empty. Give at least a few with values.")
    return whole


def _join_time(
    cells: "dict[str, pd.Series[Any]]", joined: JoinedTime, *, name: str
) -> "tuple[pd.Series[str], tuple[str, ...]]":
    parts = pd.DataFrame({column: write_texts(cells[column]).astype(object) for column in joined.columns})
    check_order(joined, parts, name=name)
    return joined.join(parts), joined.explain_hours(parts)


def read_later(future: pd.DataFrame, *, columns: Columns, origin: Origin | None = None) -> Table:
    """The rows of `future`, with what is known ahead. Raises DataError where it lacks a column."""
    origin = origin or Origin(FUTURE_NAME, (FUTURE_NAME,), np.arange(len(future)))
    cells = list_columns(future, name=origin.name)
    absent = list_absent(origin.name, cells, columns=columns)
    notes: tuple[str, ...] = ()
    if columns.joined is not None:
        cells[columns.time], notes = _join_time(cells, columns.joined, name=origin.name)
    texts = {name: make_category(cells[name]) for name in columns.ids if name in cells}
    texts[columns.time] = make_category(cells[columns.time], missing=MISSING_WORDS)
    explained = {
        name: np.nan if name in absent else _read_covariate(cells[name], is_code=name in columns.categories)
        for name in columns.known
    }
    table = Table(origin.name, origin.files, pd.DataFrame({**texts, **explained}), origin.rows, origin.line_name)
    return replace(table, notes=(*notes, *describe_absent(origin.name, absent)), per_cent=origin.per_cent)


def append_later(future: pd.DataFrame, origin: Origin, table: Table, columns: Columns) -> Table:
    """`table` with the rows of `future`, which come from `origin`, below its own."""
    return append_future(table, [read_later(future, columns=columns, origin=origin)], columns=columns)


def _read_covariate(cells: "pd.Series[Any]", *, is_code: bool) -> Any:
    """Numbers as they are, True as 1, and anything else as text, as well as whole numbers that are codes."""
    if pd.api.types.is_complex_dtype(cells.dtype):
        raise DataError(f"Column {cells.name!r}: complex numbers explain nothing. Give real ones.")
    is_code = is_code and pd.api.types.is_integer_dtype(cells.dtype)
    if is_code or is_text(cells) or not pd.api.types.is_numeric_dtype(cells.dtype):
        return make_category(cells, missing=[""])
    return cells.to_numpy(np.float64, na_value=np.nan)


def list_samples(frame: "pd.DataFrame | pd.Series[Any]") -> pd.DataFrame:
    """The first rows of a frame as text."""
    cells = list_columns(frame.to_frame("y") if isinstance(frame, pd.Series) else frame, name=NAME)
    return pd.DataFrame({name: take_sample(column) for name, column in cells.items()})


def _read_numbers(
    cells: "pd.Series[Any]",
    *,
    name: str,
    find: Callable[[], Evidence],
    locate: Callable[[int], str],
    options: ReadOptions,
) -> NumberColumn:
    """Cells as numbers, NaN where there is none; text is read as in a file. Raises DataError for anything else."""
    if pd.api.types.infer_dtype(cells, skipna=True) == "boolean":
        values = np.asarray(cells.astype("boolean").to_numpy(np.float64, na_value=np.nan), np.float64)
        note = f"{name}: True counts as 1 and False as 0 (--max 1 --allow-fractions forecasts a share from 0 to 1)"
        return NumberColumn([values], "", (note,))
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_complex_dtype(cells.dtype):
        return NumberColumn([cells.to_numpy(np.float64, na_value=np.nan)], "")
    is_written = cells.map(lambda cell: isinstance(cell, str)).to_numpy(bool)
    is_complex = cells.map(lambda cell: isinstance(cell, complex | np.complexfloating)).to_numpy(bool)
    others = cells.astype(object).mask(is_written)
    numbers = pd.to_numeric(others.mask(is_complex), errors="coerce")
    bad = (others.notna() & numbers.isna() & ~write_texts(others).isin(MISSING_WORDS)).to_numpy(bool)
    if bad.any():
        row = int(np.argmax(bad))
        raise DataError(f"{locate(row)}: {cells.iloc[row]!r} is not a number. Leave cells without a value missing.")
    texts = make_category(cells.astype(object).where(is_written).str.strip(), missing=MISSING_WORDS)
    found = read_numbers([Part(None, texts, ".", find, locate)], name=name, options=options)
    return replace(found, values=[np.where(is_written, found.values[0], numbers.to_numpy(np.float64))])


def restore_types(table: pd.DataFrame, frame: "pd.DataFrame | pd.Series[Any]", *, panel: Panel) -> pd.DataFrame:
    """`table` of forecasts with the ids and times in the types that they have in `frame`, which `panel` was read from.

    Where the frame has text it stays text; the ids of a wide frame are the names of its columns.
    """
    frame = frame.to_frame("y") if isinstance(frame, pd.Series) else frame
    cells = list_columns(frame, name=NAME)
    restored = table.copy()
    for name in panel.id_columns:
        if name in cells:
            distinct = pd.Series(cells[name].dropna().unique(), dtype=cells[name].dtype)
            by_text = dict(zip(write_texts(distinct), distinct, strict=True))
            restored[name] = pd.Series([by_text[text] for text in table[name]], dtype=distinct.dtype)
    for name in {panel.time_column, "cutoff"} & {*table}:
        if panel.time_column in cells:
            restored[name] = restore_times(table[name], like=cells[panel.time_column])
    labels = [*[name for name in frame.index.names if name is not None], *frame.columns]
    names = {str(label): label for label in labels if not isinstance(label, str)}
    if panel.id_columns == ("series",) and "series" not in cells and names:
        restored["series"] = [names.get(text, text) for text in table["series"]]
    return restored.rename(columns=names)
