"""Numbers beside years that may count months or quarters, and the periods with which accounts close a year."""

import re

import pandas as pd

from forecaster.data.column_names import names_series
from forecaster.data.part_cells import YEARS, level_of_name
from forecaster.errors import DataError

__all__ = ["CLOSING_PERIODS", "list_part_numbers"]

COUNTS = (4, 12, 52, 53)
"""Of the quarters, months and weeks of a year."""
LAST_PERIOD = 16
CLOSING_PERIODS = (
    "the periods 13 to 16 of accounts close a year, and are no months. Leave their rows out, or add their values to "
    "those of period 12"
)
NUMBER = re.compile(r"\s*0{0,2}[1-9]\d?(?:\.0+)?\s*")


def list_part_numbers(sample: pd.DataFrame, *, time: str, taken: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The columns that count from 1 to 12, 4 or 53 where the column `time` holds years, unless the name is of a series.

    Raises DataError for a column that by its name has such numbers, and has those of closing periods, too.
    """
    first_time = next((cell for cell in sample[time] if isinstance(cell, str)), "")
    if not re.fullmatch(YEARS, first_time.strip()):
        return ()
    years = sample[time].dropna().str.strip()
    if years.is_unique or not bool(years.str.fullmatch(YEARS).all()):
        return ()
    found = []
    for column in map(str, sample):
        first = next((cell for cell in sample[column] if isinstance(cell, str)), "")
        if column in (time, *taken) or not NUMBER.fullmatch(first):
            continue  # tables may have thousands of columns
        numbers = set(pd.to_numeric(pd.Series(sample[column].dropna().unique()), errors="coerce"))
        if len(numbers) in COUNTS and numbers == {*range(1, len(numbers) + 1)} and not names_series(column):
            found.append(column)
        is_closing = {*range(1, 13)} < numbers <= {*range(1, LAST_PERIOD + 1)}
        if is_closing and level_of_name(column) == "month":
            raise DataError(
                f"{name}: {column!r} has the numbers 1 to {max(numbers):.0f}: {CLOSING_PERIODS}; where a year has "
                "periods of four weeks, write the first day of each, as in 2024-01-29."
            )
    return tuple(found)
