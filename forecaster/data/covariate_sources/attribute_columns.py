"""Read columns that describe the series: one value for each, or an error where it changes."""

import numpy as np
from numpy.typing import NDArray

from forecaster.data.attributes import Attributes
from forecaster.data.cells.table import Table
from forecaster.data.covariate_sources.covariate_columns import read_cells
from forecaster.data.covariate_sources.plain_cells import PlainCells
from forecaster.data.numbers.number_cells import LARGEST_VALUE
from forecaster.data.roles.columns import Columns
from forecaster.errors import DataError

__all__ = ["read_attributes"]


def read_attributes(
    table: Table, codes: NDArray[np.int64], *, columns: Columns, missing: tuple[str, ...] = ()
) -> Attributes:
    """The attributes of all series, of which each row of `table` has one, its number in `codes` [row].

    Several targets of the same row are series one after the other. Raises DataError where an attribute changes within a
    series, for text among numbers, and for numbers that are too large.
    """
    numbers: dict[str, NDArray[np.float64]] = {}
    categories: dict[str, NDArray[np.str_]] = {}
    copies, count = len(columns.targets), int(codes.max(initial=-1)) + 1
    for name in columns.static:
        cells = read_cells(table, name, columns=columns, missing=missing)
        first = _find_first(table, name, cells, codes, columns=columns, count=count)
        is_there = np.tile(first >= 0, copies)
        rows = np.tile(np.maximum(first, 0), copies)
        if cells.numbers is not None:
            numbers[name] = np.where(is_there, cells.numbers[rows], np.nan)
        else:
            categories[name] = np.where(is_there, np.append(cells.texts, "")[cells.codes[rows]], "")
    return Attributes(numbers, categories)


def _find_first(
    table: Table, name: str, cells: PlainCells, codes: NDArray[np.int64], *, columns: Columns, count: int
) -> NDArray[np.int64]:
    """The first row of each series that has a value, -1 where none has."""
    values = cells.codes.astype(np.float64) if cells.numbers is None else cells.numbers
    is_filled = cells.codes >= 0 if cells.numbers is None else ~np.isnan(values)
    filled = np.flatnonzero(is_filled)
    if not len(filled):
        return np.full(count, -1)
    if cells.numbers is not None and (np.abs(values[filled]) > LARGEST_VALUE).any():
        row = int(filled[np.argmax(np.abs(values[filled]) > LARGEST_VALUE)])
        where = table.locate_cell(name, row, ids=columns.ids)
        raise DataError(f"{where}: the value is too large to compute with. Leave the cell empty or fix it.")
    first = np.full(count, -1)
    first[codes[filled[::-1]]] = filled[::-1]  # of those of one series the first one stays
    changes = values[filled] != values[first[codes[filled]]]
    if changes.any():
        row = int(filled[np.argmax(changes)])
        before = int(first[codes[row]])
        where = table.locate_cell(name, row, ids=columns.ids)
        other = table.locate(table.lines[before], after=table.lines[row])
        shown = [
            repr(str(cells.texts[cells.codes[at]])) if cells.numbers is None else f"{values[at]:g}"
            for at in (row, before)
        ]
        raise DataError(
            f"{where}: {shown[0]}, but {shown[1]} in {other}. An attribute of a series (--static) does not change "
            "within it: fix the cell, or name the column with --known or --past."
        )
    return first
