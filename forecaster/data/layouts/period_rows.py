"""Turn the rows of a table with the periods as columns into rows of one period each."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.layouts.notes_below import NOTE, find_notes_below
from forecaster.data.layouts.part_columns import find_part_columns, join_time
from forecaster.data.layouts.period_columns import PeriodColumns, find_period_columns, strip_flag
from forecaster.data.layouts.repeated_headers import HEADER, find_repeated_headers
from forecaster.data.read_options import ReadOptions

__all__ = ["find_periods_of_frame", "is_blank", "make_rows"]

SAMPLE_ROWS = 100


def make_rows(frame: pd.DataFrame, columns: PeriodColumns, *, wanted: list[str]) -> pd.DataFrame:
    """The `wanted` columns of the table with one period a row: all periods of the first row come first.

    `frame` has the columns of the table by their places: categories, texts or numbers. Rows without any cell, and those
    of notes below the table, have no times.
    """
    count = len(columns.places)
    grid = [frame[str(place)] for place in columns.places]
    is_filled = np.logical_or.reduce([cells.notna().to_numpy(bool) for cells in grid])
    others = [str(place) for place in (*dict(columns.keys), columns.row_time) if place is not None]
    named = np.sum([~is_blank(frame[other]) for other in others], axis=0)
    # a time alone is a row without values; it may also be something else, which is said where times are read
    fewest = 1 if columns.row_time is not None or len(others) == 1 else 2
    is_note = np.zeros(len(frame), bool)
    if len(frame) and not is_filled[-1]:
        last = len(frame) - int(np.argmax(is_filled[::-1])) if is_filled.any() else 0
        may_be_names = len(others) == 1 and columns.row_time is None
        is_note[last:] = find_notes_below(frame[others].iloc[last:], may_be_names=may_be_names)
    # a note fills one cell
    is_filled |= ~is_note & (named >= fewest)
    found: dict[str, Any] = {}
    for place, names in columns.keys:
        cells = frame[str(place)].where(is_filled)
        parts = _split(cells, count=len(names)) if len(names) > 1 else [cells]
        for name, part in zip(names, parts, strict=True):
            if name in wanted:
                found[name] = part.take(np.repeat(np.arange(len(frame)), count)).array
    if columns.row_time is None:
        codes = np.where(is_filled[:, None], np.arange(count), -1)
        texts = pd.Index(columns.times, dtype=object)
    else:
        row_times = frame[str(columns.row_time)]
        codes, texts = _join_times(row_times.where(is_filled & ~is_blank(row_times)), parts=columns.times)
    found[columns.time] = pd.Categorical.from_codes(codes.ravel(), categories=texts)
    found[columns.value] = _join(grid, has_flags=columns.has_flags)
    if NOTE in wanted:
        notes = np.full((len(frame), count), None, object)
        notes[is_note, 0] = "note"
        header = {str(place): columns.header[place] for place in columns.read_places}
        notes[find_repeated_headers(frame, header), 0] = HEADER
        found[NOTE] = notes.ravel()
    return pd.DataFrame({name: found[name] for name in wanted})


def find_periods_of_frame(
    cells: "dict[str, pd.Series[Any]]", samples: "dict[str, pd.Series[str]]", *, options: ReadOptions
) -> "tuple[PeriodColumns, dict[str, pd.Series[Any]]] | None":
    """How the columns `cells` of a frame have periods, and the columns of one period a row; None where they have none.

    `samples` are their first rows as text.
    """
    first = [cells.fillna("").head(SAMPLE_ROWS).to_list() for cells in samples.values()]
    header, lines = [*samples], list(zip(*first, strict=True))
    columns = find_period_columns(header, lines, options=options) or find_part_columns(header, lines, options=options)
    if columns is None:
        return None
    filled = {
        str(place): part.where(part.notna(), "") if part.dtype == object and place not in columns.places else part
        for place, part in enumerate(cells.values())
    }
    rows = make_rows(pd.DataFrame(filled), columns, wanted=[*columns.long_header])
    rows[columns.time] = rows[columns.time].astype(object)
    return columns, {str(name): part for name, part in rows.items()}


def is_blank(cells: "pd.Series[Any]") -> NDArray[np.bool_]:
    """Which cells hold no text."""
    return (cells.isna() | (cells == "")).to_numpy(bool)


def _join_times(row_times: "pd.Series[Any]", *, parts: tuple[str, ...]) -> "tuple[NDArray[np.int64], pd.Index[Any]]":
    """The times of the cells of each row, as indices [row, part] of texts; -1 for a row without a time.

    Texts that are no times, such as the name of a total, are the times of their rows as they are.
    """
    rows, distinct = pd.factorize(row_times)
    whole = [text for cell in distinct for text in join_time(str(cell), parts)]
    codes, texts = pd.factorize(np.array(whole, dtype=object))
    cells = np.append(codes.reshape(-1, len(parts)), np.full((1, len(parts)), -1), axis=0)
    return cells[rows], pd.Index(texts, dtype=object)


def _split(cells: "pd.Series[Any]", *, count: int) -> "list[pd.Series[Any]]":
    """The parts of cells that hold several keys between commas."""
    parts = cells.astype(str).str.split(",", n=count - 1, expand=True).reindex(columns=range(count))
    texts = [parts[number].fillna("").str.strip() for number in range(count)]
    return [part.astype("category") if isinstance(cells.dtype, pd.CategoricalDtype) else part for part in texts]


def _join(grid: "list[pd.Series[Any]]", *, has_flags: bool) -> Any:
    """The cells of the columns `grid`, those of a row one after the other, in the type that all of them have."""
    types = {str(cells.dtype) for cells in grid}
    if all(pd.api.types.is_numeric_dtype(cells.dtype) and cells.dtype.kind in "iuf" for cells in grid):
        return np.stack([cells.to_numpy(np.float64, na_value=np.nan) for cells in grid], axis=1).ravel()
    texts: NDArray[Any] = np.stack([cells.astype(object).to_numpy() for cells in grid], axis=1).ravel()
    if has_flags:
        codes, distinct = pd.factorize(texts)
        plain = [strip_flag(cell) if isinstance(cell, str) else cell for cell in distinct]
        texts = np.append(np.array(plain, object), np.array([np.nan], object))[codes]
    return pd.Categorical(texts) if "category" in types else texts
