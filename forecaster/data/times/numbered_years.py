"""Months of years that are counted from 1 on, as 1-01 to 3-12."""

import re

import numpy as np
import pandas as pd

__all__ = ["describe_numbered_years", "pad_numbered_years", "pad_year"]

NUMBERED = re.compile(r"(?P<year>[1-9]\d?)(?P<mark>[-/.])(?P<month>0?[1-9]|1[0-2])")
MOST_YEARS = 68
"""Two digits of years above this are of the century before."""
MONTHS = 12
SHORT_YEAR = re.compile(r"^(\d)(?!\d)")


def pad_numbered_years(texts: "pd.Series[str]", filled: "pd.Series[str]") -> "tuple[pd.Series[str], str] | None":
    """`texts` such as 1-01 as 01-01, and their format; None where any of `filled` is no month of a numbered year.

    They are where they begin in the year 1, go beyond it, and leave no month out: days of a month have more than 12
    numbers, and years that are none follow each other in another order.
    """
    first = NUMBERED.fullmatch(str(filled.iloc[0]))
    if first is None:
        return None  # there may be millions of texts
    parts = filled.str.extract(f"^{NUMBERED.pattern}$")
    if parts.isna().any(axis=None) or (parts["mark"] != first["mark"]).any():
        return None
    years = parts["year"].astype(int)
    months = np.unique(MONTHS * (years - 1) + parts["month"].astype(int) - 1)
    if months[0] >= MONTHS or not MONTHS <= months[-1] < MONTHS * MOST_YEARS or len(months) <= months[-1] - months[0]:
        return None
    return texts.str.replace(SHORT_YEAR, r"0\1", regex=True), f"%y{first['mark']}%m"


def pad_year(text: str) -> str:
    """A `text` such as 1-01 as 01-01."""
    return SHORT_YEAR.sub(r"0\1", text)


def describe_numbered_years(filled: "pd.Series[str]") -> str:
    """What is said about months of numbered years."""
    year, month = re.split(r"\D", str(filled.iloc[0]))
    return (
        f"timestamps are read as months of years that are counted from 1 on ({filled.iloc[0]}: month {int(month)} of "
        f"year {year}; --date-format reads others)"
    )
