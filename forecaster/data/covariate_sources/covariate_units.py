"""The units of covariates: per cent in some cells, or in one file only, is brought to the same unit, or refused."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.cells.table import Table
from forecaster.data.numbers.number_cells import NumberCells, parse_numbers
from forecaster.errors import DataError

__all__ = ["compare_units", "refuse_other_units"]

PER_CENT = "%"


def refuse_other_units(name: str, column: str, found: NumberCells, *, is_number: NDArray[np.bool_]) -> None:
    """Raise DataError where the cells that are numbers, in a `column` of the file `name`, have different units.

    A currency may be left out, per cent may not.
    """
    _check_units(name, column, _find_units(found, is_number=is_number))


def _check_units(name: str, column: str, first: dict[str, str]) -> None:
    units = [unit for unit in first if unit]
    if len(units) > 1 or (PER_CENT in first and "" in first):
        one, other = (first[unit] for unit in [*units, ""][:2])
        raise DataError(
            f"{name}, column {column!r}: {one!r} and {other!r} are of different units. Write all of its cells in the "
            "same unit."
        )


def compare_units(table: Table, part: Table, name: str) -> float:
    """What numbers of the column `name` in a `part` of the future are multiplied with to have the unit of the data.

    That is 1, but where a spreadsheet shows the numbers of one as per cent, 0.2 as 20 %, and the other writes 20%.
    Raises DataError where the units are not the same, or may not be.
    """
    own, other = _read_units(table, name), _read_units(part, name)
    if not own or not other:
        return 1.0
    for file, units in ((table.name, own), (part.name, other)):
        _check_units(file, name, units)
    is_shown, is_shown_there = name in table.per_cent, name in part.per_cent
    if PER_CENT in own and is_shown_there:
        return 100.0
    if PER_CENT in other and is_shown:
        return 0.01
    named = {unit for unit in (*own, *other) if unit}
    if len(named) > 1 or (named == {PER_CENT} and own.keys() != other.keys()):
        one, another = own[max(own)], other[max(other)]
        raise DataError(
            f"{part.name}, column {name!r}: {another!r} and, in the data, {one!r} are of different units, or may be. "
            "Write the same unit, such as %, in both."
        )
    if is_shown != is_shown_there and (_find_largest(table, name) > 1) != (_find_largest(part, name) > 1):
        shown, plain = ("the data", part.name) if is_shown else (part.name, "the data")
        raise DataError(
            f"{part.name}, column {name!r}: its numbers are of another size than those of the data, and only those of "
            f"{shown} are shown as per cent. Write % behind those in {plain}, or show both as numbers."
        )
    return 1.0


def _find_units(found: NumberCells, *, is_number: NDArray[np.bool_]) -> dict[str, str]:
    """The units that numbers other than 0 are written with, "" for none, each with its first text."""
    with np.errstate(invalid="ignore"):
        is_zero = (found.values["."] == 0) | (found.values[","] == 0)
    places = np.flatnonzero(is_number & ~is_zero)[::-1]
    return {str(found.units[place]): str(found.texts[place]) for place in places}


def _read_units(table: Table, name: str) -> dict[str, str]:
    cells: pd.Series[Any] = table.frame[name]
    if isinstance(cells.dtype, pd.CategoricalDtype):
        found = parse_numbers(map(str, cells.cat.categories[np.unique(cells.cat.codes[cells.cat.codes >= 0])]))
        return _find_units(found, is_number=found.is_number & ~found.is_missing)
    numbers = cells.to_numpy(np.float64)
    filled = np.flatnonzero(np.isfinite(numbers) & (numbers != 0))
    return {"": f"{numbers[filled[0]]:.15g}"} if len(filled) else {}


def _find_largest(table: Table, name: str) -> float:
    cells: pd.Series[Any] = table.frame[name]
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return 0.0
    return float(np.nanmax(np.abs(cells.to_numpy(np.float64)), initial=0.0))
