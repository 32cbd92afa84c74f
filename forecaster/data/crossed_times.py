"""Refuse tables in which a time is half in the rows and half in the columns: years by months, hours by days."""

import pandas as pd

from forecaster.data.date_names import names_month
from forecaster.data.first_line import CLOCK
from forecaster.data.numbers import looks_numeric
from forecaster.data.period_columns import FEWEST_PERIODS, are_periods
from forecaster.errors import DataError

__all__ = ["refuse_crossed_times"]


def refuse_crossed_times(sample: pd.DataFrame, *, time: str, series: tuple[str, ...], name: str) -> None:
    """Raise DataError where the columns that would be a `series` each are parts of the time, as its rows are.

    Each column would be forecast as a series of its own, and no forecast would be one of the next month or hour.
    """
    if len(series) < FEWEST_PERIODS or len(set(series)) < len(series):
        return
    cells = sample[time].dropna()
    rows_are_parts = looks_numeric(cells) or bool(cells.str.strip().str.fullmatch(CLOCK).all())
    if not all(map(names_month, series)) and not (rows_are_parts and are_periods(list(series), date_format=None)):
        return
    raise DataError(
        f"{name}: the rows are times ({time!r}), and so are the columns ({series[0]}, {series[1]} …): such tables are "
        "not read. Write one row for each time, with the whole time in one column and the value in another; where each "
        "column is a series of its own, use --wide."
    )
