"""Find the column of the time among the first rows, and those that it needs beside it."""

from forecaster.data.column_names import names_series
from forecaster.data.epochs import EPOCHS, EXCEL, NUMBER
from forecaster.data.first_rows import FirstRows
from forecaster.data.numbers import looks_numeric
from forecaster.data.part_cells import are_years, hold_times
from forecaster.data.problems import list_names
from forecaster.data.time_column import find_column_in_format, find_named_time, find_time, suggest_format
from forecaster.data.time_parts import TimeParts, fills_days, find_time_parts, prefer_whole_time, repeat_seldom
from forecaster.errors import DataError

__all__ = ["find_parts", "find_time_column", "need_all_parts"]

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
    return prefer_whole_time(free, time)


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
    sample, header = rows.sample, rows.header
    key = [*rows.ids, *(column for column in header if names_series(column) or not looks_numeric(sample[column]))]
    key = [column for column in dict.fromkeys(key) if column not in (*parts.columns, *rows.targets)]
    key = [column for column in key if column in rows.ids or not hold_times(sample[column])]
    repeats = bool(sample.duplicated([*key, time]).any())
    repeats &= rows.options.duplicates is None or fills_days(sample, parts.columns, keys=key)
    return repeats and repeat_seldom(sample, [*key, *parts.columns])


def _explain_no_time(rows: FirstRows) -> DataError:
    """The error that no column holds times, with what the names and the cells suggest to do."""
    sample, header = rows.sample, rows.header
    periods = sum(any(map(str.isdigit, column)) for column in header) >= MOST_NUMBERED
    hint = ". If the columns are periods, name them as in 2024-01 or 2024-01-31." if periods else "."
    hint += suggest_format(rows.free) if hint == "." and rows.options.date_format is None else ""
    if not periods and all(looks_numeric(sample[column]) for column in header):
        hint = "; where the rows have no times, number them in a column 'step', and use --time step."
        if any(are_years(sample[column], name=column) for column in header):
            hint = "; where columns hold years and months, call these 'year' and 'month' in the first line."
    return DataError(
        f"{rows.name}: no time column among {list_names(header)}. Name it with --time, or call it 'timestamp'{hint}"
    )
