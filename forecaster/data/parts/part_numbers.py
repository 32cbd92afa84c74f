"""Numbers beside years that may count months or quarters, and the periods with which accounts close a year."""

import re

import pandas as pd

from forecaster.data.names.column_names import names_series
from forecaster.data.parts.part_cells import YEARS, level_of_name
from forecaster.errors import DataError

__all__ = ["CLOSING_PERIODS", "list_part_numbers"]

COUNTS = (4, 12, 52, 53)
"""Of the quarters, months and weeks of a year."""
LAST_PERIOD = 16
CLOSING_PERIODS = (
    "the periods 13 to 16 of accounts close a year, and are no months. Leave their rows out, or add their values to "
    "those of period 12"
)
WORDS = {"M": "months", "Q": "quarters", "S": "half-years", "H": "half-years", "A": "years"}
CODE = re.compile(r"^([MQSHA])\d\d$")
"""Periods as the US Bureau of Labor Statistics writes them."""
PERIOD = re.compile(r"\s*P\d\d\s*")
NUMBER = re.compile(r"\s*0{0,2}[1-9]\d?(?:\.0+)?\s*")


def list_part_numbers(sample: pd.DataFrame, *, time: str, taken: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The columns that count from 1 to 12, 4 or 53 where the column `time` holds years, unless the name is of a series.

    Raises DataError for a column that by its name has such numbers, and has those of closing periods, too, or that has
    periods of several lengths.
    """
    first_time = next((cell for cell in sample[time] if isinstance(cell, str)), "")
    if not re.fullmatch(YEARS, first_time.strip()):
        return ()
    years = sample[time].dropna().str.strip()
    if years.is_unique or not bool(years.str.fullmatch(YEARS).all()):
        return ()
    found = []
    for column in map(str, sample):
        if column not in (time, *taken) and level_of_name(column) == "month":
            _refuse_mixed_periods(sample[column], name=name)
        is_month = level_of_name(column) == "month"
        first = next((cell for cell in sample[column] if isinstance(cell, str)), "")
        if column in (time, *taken) or not (NUMBER.fullmatch(first) or (is_month and PERIOD.fullmatch(first))):
            continue  # tables may have thousands of columns
        distinct = pd.Series(sample[column].dropna().unique(), dtype=str).str.strip()
        numbers = set(pd.to_numeric(distinct.str.removeprefix("P"), errors="coerce"))
        if len(numbers) in COUNTS and numbers == {*range(1, len(numbers) + 1)} and not names_series(column):
            found.append(column)
        is_closing = {*range(1, 13)} < numbers <= {*range(1, LAST_PERIOD + 1)}
        if is_closing and is_month:
            raise DataError(
                f"{name}: {column!r} has the numbers 1 to {max(numbers):.0f}: {CLOSING_PERIODS}; where a year has "
                "periods of four weeks, write the first day of each, as in 2024-01-29."
            )
    return tuple(found)


def _refuse_mixed_periods(cells: "pd.Series[str]", *, name: str) -> None:
    """Raise DataError where cells are months, such as M01, as well as quarters or half-years, such as Q01 and S01."""
    distinct = pd.Series(cells.dropna().unique(), dtype=str).str.strip()
    kinds = distinct.str.extract(CODE.pattern)[0]
    first = {kind: distinct[kinds == kind].iloc[0] for kind in kinds.dropna().unique()}
    if len(first) > 1 and bool(kinds.notna().all()):
        one, other = (f"{code!r} ({WORDS[kind]})" for kind, code in [*first.items()][:2])
        raise DataError(
            f"{name}, column {str(cells.name)!r}: it has {one} as well as {other}. Keep the rows of one length, and "
            "leave out the others, which hold the same again."
        )
