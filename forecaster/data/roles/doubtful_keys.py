"""Columns that may, or only seem to, name the series: it is asked what they are."""

import re
import shlex

import numpy as np
import pandas as pd

from forecaster.data.layouts.row_codes import Codes
from forecaster.data.names.column_names import names_series
from forecaster.data.names.date_names import names_month, number_months
from forecaster.data.parts.part_cells import YEARS
from forecaster.data.roles.columns import Columns
from forecaster.errors import DataError

__all__ = ["ask_for_series", "join_names", "refuse_parts_of_years"]

FEWEST_RUNS = 3
"""Rows for each value of a column that may be the name of a series although no time repeats."""
MONTHS = 12
PARTS = {MONTHS: "month", 4: "quarter"}
"""What so many names beside years may be."""
INITIALS = "JFMAMJJASONDJF"
"""Three of them in a row are a season, as climatologists write it."""
WORD = re.compile(r"[^\W\d_]{3,}")


def ask_for_series(usable: dict[str, Codes], *, name: str) -> None:
    """Raise DataError where no time repeats, but a column has the name of a key and several values that come back."""
    for column, codes in usable.items():
        count = len(pd.unique(codes))
        if names_series(column) and len(codes) >= FEWEST_RUNS * count:
            raise DataError(
                f"{name}: no timestamp repeats, but the column {column!r} has {count:,} different values. If each is "
                f"a series of its own, use --id {shlex.quote(column)}; if all rows are one series, use --id ''."
            )


def refuse_parts_of_years(frame: pd.DataFrame, *, ids: tuple[str, ...], columns: Columns, name: str) -> None:
    """Raise DataError where years are the times, and a column of `ids` holds what looks like their months or quarters.

    That is so where it has 12 or 4 names with those of all months, or of every third one as `Jan-Mar`, or three
    initials, as `DJF`.
    """
    if not ids or columns.joined is not None:
        return
    times = [str(text).strip() for text in frame[columns.time].cat.categories]
    if not all(re.fullmatch(YEARS, time) for time in times):
        return
    for column in ids:
        if column in columns.ids:
            continue
        texts = [str(text).strip() for text in frame[column].dropna().unique()]
        part = PARTS.get(len(texts))
        if part is not None and _name_months(texts):
            numbers = "1 to 12" if part == "month" else "Q1 to Q4"
            raise DataError(
                f"{name}: {column!r} ({texts[0]!r}, {texts[1]!r} … {texts[-1]!r}) may be the {part}s of the years in "
                f"{columns.time!r}. Write them as {numbers} in a column {part!r}; where each is a series of its own, "
                f"use --id {shlex.quote(','.join(ids))}."
            )


def join_names(columns: tuple[str, ...]) -> str:
    """The names of `columns` for a message."""
    return " and ".join(map(repr, columns))


def _name_months(texts: list[str]) -> bool:
    """Whether the distinct `texts` begin with all months, or every third one, or are initials of three in a row."""
    if all(len(text) == len("DJF") and text in INITIALS for text in texts):
        return True
    named = [next(filter(names_month, WORD.findall(text)), "") for text in texts]
    months = np.sort(number_months(pd.Series(named, dtype=str)).to_numpy(np.float64))
    return bool((np.diff(months) == MONTHS / len(texts)).all())
