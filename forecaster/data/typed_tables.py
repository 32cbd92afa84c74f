"""Read Parquet and Excel files, whose cells have types, into a Panel: as frames."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.cells.frame_cells import list_columns
from forecaster.data.files.content import Content
from forecaster.data.files.contents import find_kind
from forecaster.data.frames import Origin, read_frame, read_later
from forecaster.data.grids.grid import ReadSummary
from forecaster.data.grids.tables import Table, append_future, read_future
from forecaster.data.layouts.sniffing import find_sources
from forecaster.data.panel import Panel
from forecaster.data.problems import explain_absent
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns
from forecaster.errors import DataError, UsageError

__all__ = ["read_typed", "read_typed_future"]


def read_typed(
    contents: list[Content], *, name: str, options: ReadOptions, future: list[Content] | None = None
) -> tuple[Panel, ReadSummary]:
    """Read files of one kind, Parquet or Excel, into a Panel; the summary has their table as a frame.

    `future` has covariates on later steps, and may be text, too.

    The roles of the columns come from all rows; those that the first file lacks are not read. Raises the errors of
    `read_panel`, UsageError for --no-header; rows are counted from 0 in Parquet, and as in the spreadsheet in Excel.
    """
    if options.header is False:
        raise UsageError(
            f"--no-header: {name} is not text. Name its columns in the file, and use --header; or save a sheet as CSV."
        )
    read = _read_frames(contents, options=options)
    files = tuple(content.name for content in contents)
    later: Callable[[Table, Columns], Table] | None = None
    if future is not None:
        later = partial(_append, future, options=options)
    origin = Origin(name, files, read.rows, per_cent=read.per_cent)
    panel, summary = read_frame(read.frame, options=options, origin=origin, future=later)
    return panel, replace(summary, notes=(*summary.notes, *read.notes), frame=read.frame)


def read_typed_future(contents: list[Content], *, columns: Columns, options: ReadOptions) -> Table:
    """The rows of files of one kind, Parquet or Excel, which have covariates on later steps than the data."""
    read = _read_frames(contents, options=replace(options, sheet=None, header=None, skip_lines=None))
    files = tuple(content.name for content in contents)
    return read_later(read.frame, columns=columns, origin=Origin(files[0], files, read.rows, per_cent=read.per_cent))


def _append(future: list[Content], table: Table, columns: Columns, *, options: ReadOptions) -> Table:
    """`table` with the rows of `future` below its own."""
    if find_kind(future) == "CSV":
        options = replace(options, skip_lines=None)
        return read_future(find_sources(future, options=options), table, columns=columns, options=options)
    return append_future(table, [read_typed_future(future, columns=columns, options=options)], columns=columns)


@dataclass(frozen=True)
class _Read:
    """The rows of all files, their numbers and the columns that are `per_cent`, as in `Table`, and notes on them."""

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    notes: tuple[str, ...]
    per_cent: frozenset[str]


def _read_frames(contents: list[Content], *, options: ReadOptions) -> _Read:
    notes: tuple[str, ...]
    per_cent = frozenset[str]()
    if find_kind(contents) == "Parquet":
        from forecaster.data.files.parquet import read_parquet  # noqa: PLC0415 - each only where it is met

        frames = [read_parquet(content) for content in contents]
        rows = [np.arange(len(frame)) for frame in frames]
        folder = next((part for content in contents for part in Path(content.name).parent.parts if "=" in part), None)
        notes = (f"names of folders such as {folder!r} are not read as columns",) if folder else ()
    else:
        from forecaster.data.layouts.spreadsheets import read_sheet  # noqa: PLC0415

        read = partial(read_sheet, sheet=options.sheet, has_names=bool(options.header), skipped=options.skip_lines)
        sheets = [read(content) for content in contents]
        frames = [sheet.frame for sheet in sheets]
        rows = [sheet.rows for sheet in sheets]
        per_cent = frozenset.intersection(*(sheet.per_cent for sheet in sheets))
        notes = tuple(dict.fromkeys(note for sheet in sheets for note in sheet.notes))
    files = tuple(content.name for content in contents)
    numbers = np.concatenate([part + (number << 40) for number, part in enumerate(rows)])
    return _Read(frames[0] if len(frames) == 1 else _join(frames, files=files), numbers, notes, per_cent)


def _join(frames: list[pd.DataFrame], *, files: tuple[str, ...]) -> pd.DataFrame:
    """The rows of all frames, with the columns of the first. Raises DataError where another lacks one."""
    parts = [list_columns(frame, name=name) for frame, name in zip(frames, files, strict=True)]
    for part, name in zip(parts, files, strict=True):
        absent = next((column for column in parts[0] if column not in part), None)
        if absent is not None:
            raise DataError(explain_absent(name, absent, present=part))
    return pd.DataFrame({column: _join_cells([part[column] for part in parts]) for column in parts[0]})


def _join_cells(parts: "list[pd.Series[Any]]") -> "pd.Series[Any]":
    """The cells of one column of all files. Where the types differ, an id 1 stays the id 1.0 of another file."""
    if len({str(part.dtype) for part in parts}) > 1:
        filled = [part for part in parts if part.notna().any()]
        shared = _find_shared_type(filled)
        # a column without any value may have any type
        parts = [part if part.notna().any() else part.astype(object).where(part.notna(), None) for part in parts]
        parts = [part.astype(shared) for part in parts]
    return pd.concat(parts, ignore_index=True)


def _find_shared_type(parts: "list[pd.Series[Any]]") -> Any:
    if all(isinstance(part.dtype, pd.DatetimeTZDtype) for part in parts):
        zones = {str(part.dt.tz) for part in parts}
        return f"datetime64[us, {zones.pop()}]" if len(zones) == 1 else object
    if all(part.dtype.kind == "M" and not isinstance(part.dtype, pd.DatetimeTZDtype) for part in parts):
        return "datetime64[us]"
    if all(pd.api.types.is_numeric_dtype(part.dtype) and part.dtype.kind in "iuf" for part in parts):
        seen = [part.dropna() for part in parts]
        is_whole = all(bool(((part % 1 == 0) & (part >= -(2.0**63)) & (part < 2.0**63)).all()) for part in seen)
        return "Int64" if is_whole else "Float64"
    return object
