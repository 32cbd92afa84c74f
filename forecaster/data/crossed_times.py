"""Times that are two in one: half in the rows and half in the columns, or years such as 2000/01."""

import re

import pandas as pd

from forecaster.data.date_names import names_month
from forecaster.data.first_line import CLOCK
from forecaster.data.numbers import looks_numeric
from forecaster.data.period_columns import FEWEST_PERIODS, are_periods
from forecaster.errors import DataError

__all__ = ["find_joined_years", "refuse_crossed_times"]

LEAST_PARTS = 0.6
"""Share of the columns that are named as parts of the time; others may be totals."""
YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d")
JOINED_YEARS = re.compile(r"^(\d{4})[/-](\d{2})$")
FEWEST_YEARS = 3
PART = re.compile(r"(?:m|month|q|quarter)?\s*0?\d{1,2}", re.IGNORECASE)
"""Names of months and quarters in columns, where the rows are years."""


def refuse_crossed_times(sample: pd.DataFrame, *, time: str, series: tuple[str, ...], name: str) -> None:
    """Raise DataError where the columns that would be a `series` each are parts of the time, as its rows are.

    Each column would be forecast as a series of its own, and no forecast would be one of the next month or hour.
    """
    if len(series) < FEWEST_PERIODS or len(set(series)) < len(series):
        return
    cells = sample[time].dropna().str.strip()
    are_years = bool(cells.str.fullmatch(YEAR).all())
    # beside the parts there may be totals of the year
    names = [column.strip() for column in series]
    parts = [
        names_month(name) or bool(CLOCK.fullmatch(name)) or (are_years and bool(PART.fullmatch(name))) for name in names
    ]
    rows_are_parts = looks_numeric(cells) or bool(cells.str.fullmatch(CLOCK).all())
    has_parts = sum(parts) >= max(FEWEST_PERIODS, LEAST_PARTS * len(parts))
    if not has_parts and not (rows_are_parts and are_periods(list(series), date_format=None)):
        return
    raise DataError(
        f"{name}: the rows are times ({time!r}), and so are the columns ({series[0]}, {series[1]} …): such tables are "
        "not read. Write one row for each time, with the whole time in one column and the value in another; where each "
        "column is a series of its own, use --wide."
    )


def find_joined_years(texts: "pd.Series[str]") -> str | None:
    """The first of `texts` where each of them is a year with the last digits of the next one; else None.

    As months they would be thirteen apart.
    """
    found = texts.str.extract(JOINED_YEARS)
    if len(found) < FEWEST_YEARS or found.isna().any(axis=None):
        return None
    is_next = (found[0].astype(int) + 1) % 100 == found[1].astype(int)
    return str(texts.iloc[0]) if is_next.all() else None
