"""Find the column of the time among the first rows, and those that it needs beside it."""

import re
import shlex

import numpy as np
import pandas as pd

from forecaster.data.layouts.row_codes import Codes, are_alike
from forecaster.data.names.column_names import names_key, names_series
from forecaster.data.numbers.number_cells import looks_numeric
from forecaster.data.parts.part_cells import are_years, hold_times
from forecaster.data.parts.time_parts import TimeParts, fills_days, find_time_parts, prefer_whole_time, repeat_seldom
from forecaster.data.problems import list_names
from forecaster.data.roles.first_rows import FirstRows
from forecaster.data.roles.time_column import find_column_in_format, find_named_time, find_time, suggest_format
from forecaster.data.times.epochs import EPOCHS, EXCEL, NUMBER
from forecaster.errors import DataError

__all__ = ["find_parts", "find_time_column", "need_all_parts"]

BEHIND_DATE = re.compile(
    r"(?:\s+|T)\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s?[AaPp]\.?[Mm]\.?)?(?:\s?(?:Z|UTC|[-+]\d\d:?\d\d))?"
)
"""The time of day in a cell with a date."""
YEAR = re.compile(r"\s*(?:1[6-9]|20)\d\d(?:\.0)?\s*")
MOST_NUMBERED = 4
"""Columns with digits in their names from which on these may be meant as times."""


def find_time_column(rows: FirstRows) -> str:
    """The column of the time: the given one, or that which its name and its cells show. Raises DataError for none."""
    options, free = rows.options, rows.free
    if options.time is not None:
        return options.time
    time = None
    if options.date_format is not None:
        # nearly any number fits a word for numbers, also those of the target
        if options.date_format in (NUMBER, EXCEL, *EPOCHS):
            countable = [column for column in free if looks_numeric(free[column])]
            time = find_named_time(free[countable]) or find_named_time(free)
        time = time or find_column_in_format(free, date_format=options.date_format)
    time = time or find_time(free)
    if time is None:
        raise _explain_no_time(rows)
    return _prefer_finer(rows, prefer_whole_time(free, time))


def find_parts(rows: FirstRows, *, time: str) -> TimeParts | None:
    """The columns that complete the column `time`, and `time`; None where it needs none of them."""
    own = [column for column in rows.header if column not in rows.targets]
    parts = find_time_parts(rows.sample[own], time=time, ids=rows.ids)
    if parts is None or parts.is_named or not rows.options.merges_rows:
        return parts
    return parts if fills_days(rows.sample, parts.columns, keys=[*rows.ids]) else None


def need_all_parts(rows: FirstRows, parts: TimeParts, *, time: str) -> bool:
    """Whether the rows need all `parts` of the time: where one alone is no time, or rows repeat those in `time`."""
    if parts.is_certain or rows.counters:
        return True
    sample, key = rows.sample, _list_keys(rows, others=parts.columns)
    # a code beside the name of the month, such as MONAT01 beside Januar, is no series
    finer = [_number_cells(sample[column]) for column in parts.columns if column != time]
    key = [
        column
        for column in key
        if column in rows.ids or not any(are_alike(_number_cells(sample[column]), part) for part in finer)
    ]
    repeats = bool(sample.duplicated([*key, time]).any())
    repeats &= rows.options.duplicates is None or fills_days(sample, parts.columns, keys=key)
    return repeats and repeat_seldom(sample, [*key, *parts.columns])


def _number_cells(cells: "pd.Series[str]") -> Codes:
    return pd.factorize(cells)[0].astype(np.int64)


def _list_keys(rows: FirstRows, *, others: tuple[str, ...]) -> list[str]:
    """The columns that may say of which series a row is; `others` and those of times are none of them."""
    sample = rows.sample
    key = [*rows.ids, *(column for column in rows.header if names_series(column) or not looks_numeric(sample[column]))]
    key = [column for column in dict.fromkeys(key) if column not in (*others, *rows.targets)]
    return [column for column in key if column in rows.ids or not hold_times(sample[column])]


def _prefer_finer(rows: FirstRows, time: str) -> str:
    """`time`; or the column that says more of the same times, where rows of a series repeat those in `time`.

    That is one of dates beside their years, or one with a time of day behind each date; transactions are at other times
    each day, and keep the column of their dates.
    """
    sample, first = rows.sample, str(rows.sample[time].iloc[0]).strip().removesuffix(".0")
    # tables may have thousands of columns: the first cell tells nearly always
    candidates = [column for column in map(str, rows.free) if column != time and first in str(sample[column].iloc[0])]
    for column in candidates:
        clocks = _list_clocks(sample[column], sample[time])
        if clocks is None and not _hold_years(sample[column], sample[time]):
            continue
        key = _list_keys(rows, others=(time, column))
        repeated, less_repeated = (sample.duplicated([*key, name]).sum() for name in (time, column))
        is_finer = clocks is None or fills_days(sample.assign(**{column: clocks}), (time, column), keys=key)
        if is_finer and less_repeated < repeated:
            return column
    return time


def _hold_years(dates: "pd.Series[str]", years: "pd.Series[str]") -> bool:
    """Whether cells are dates, each with the year in the other column."""
    if not (all(map(YEAR.fullmatch, years.fillna("").unique())) and hold_times(dates)):
        return False
    return all(year.strip()[:4] in date for date, year in zip(dates.fillna(""), years, strict=True))


def _list_clocks(cells: "pd.Series[str]", dates: "pd.Series[str]") -> list[str] | None:
    """What is behind the cell of `dates` in each of `cells`; None where that is not always a time of day."""
    pairs = zip(cells.fillna("").str.strip(), dates.fillna("").str.strip(), strict=True)
    behind = [text.removeprefix(date) if date else "" for text, date in pairs]
    return behind if all(map(BEHIND_DATE.fullmatch, behind)) else None


def _counts_steps(cells: "pd.Series[str]") -> bool:
    """Whether a column counts its rows, in their order, from 0, 1 or any other number on."""
    if not all(cells.notna()) or not looks_numeric(cells):
        return False
    return len(cells) >= MOST_NUMBERED and bool((pd.to_numeric(cells, errors="coerce").diff()[1:] == 1).all())


def _explain_no_time(rows: FirstRows) -> DataError:
    """The error that no column holds times, with what the names and the cells suggest to do."""
    sample, header = rows.sample, rows.header
    # a column of rows that are counted is not in the file
    written = [column for column in header if not (rows.options.counts_rows and column in rows.targets)]
    named = [column for column in header if not re.fullmatch(r"column \d+", column)]
    periods = sum(any(map(str.isdigit, column)) for column in named) >= MOST_NUMBERED
    hint = ". If the columns are periods, name them as in 2024-01 or 2024-01-31." if periods else "."
    hint += suggest_format(rows.free) if hint == "." and rows.options.date_format is None else ""
    if not periods and all(looks_numeric(sample[column]) for column in header):
        hint = "; where the rows have no times, number them in a column 'step', and use --time step."
        if any(are_years(sample[column], name=column) for column in header):
            hint = "; where columns hold years and months, call these 'year' and 'month' in the first line."
    unkeyed = [column for column in header if not (names_series(column) or names_key(column))]
    counter = next((column for column in unkeyed if _counts_steps(sample[column])), None)
    if counter is not None:
        hint = f"; if {counter!r} numbers the steps, use --time {shlex.quote(counter)}."
    return DataError(
        f"{rows.name}: no time column among {list_names(written)}. Name it with --time, or call it 'timestamp'{hint}"
    )
