"""Ordinal dates: a year and the day of the year with three digits, such as 2024-005."""

import re

import numpy as np
import pandas as pd

from forecaster.data.times.date_formats import parse_texts, quote_formats
from forecaster.data.times.digits import NAME_OF_DATES
from forecaster.errors import DataError

__all__ = ["describe_ordinals", "guess_ordinals", "suggest_ordinal"]

ORDINAL = re.compile(r"(?:19|20)\d\d([-/])([0-3]\d\d)(.*)")
TIMES = ("", "T%H:%M", "T%H:%M:%S", " %H:%M", " %H:%M:%S")
LAST_PERIOD = 16
"""Accounts have periods of three digits, too: months, and four that close the year."""


def guess_ordinals(filled: "pd.Series[str]", *, name: str, column: str) -> str | None:
    """The format of ordinal dates; None where some are none, or may be periods of accounts in several years.

    None, too, where the name of their `column` does not speak of time, as numbers of orders are written alike. Raises
    DataError where it cannot be known whether they are days or such periods.
    """
    first = ORDINAL.fullmatch(filled.iloc[0])
    if first is None:
        return None  # the first one tells nearly always
    parts = filled.str.extract(rf"^(\d{{4}}){first[1]}(\d{{3}})")
    if parts.isna().any(axis=None):
        return None
    found = [f"%Y{first[1]}%j{time}" for time in (TIMES if first[3] else TIMES[:1])]
    text_format = next((one for one in found if not np.isnat(parse_texts(filled.iloc[:1], one)).any()), None)
    if text_format is None or first[3]:
        return text_format
    if parts[1].astype(int).max() > LAST_PERIOD:
        return text_format if not column or NAME_OF_DATES.search(column) else None
    if parts[0].nunique() > 1:
        return None
    raise DataError(
        f"{name}: {filled.iloc[0]} can be a period of accounts, which is a month, or a day of the year. Choose with "
        f"{quote_formats([f'%Y{first[1]}0%m', text_format])}."
    )


def suggest_ordinal(text: str) -> str | None:
    """The flag that reads a text as an ordinal date; None where it is none."""
    found = ORDINAL.fullmatch(text)
    return None if found is None or found[3] else quote_formats([f"%Y{found[1]}%j"])


def describe_ordinals(filled: "pd.Series[str]", text_format: str) -> str:
    """One line on what the dates are read as."""
    day = parse_texts(filled.iloc[:1], text_format)[0].astype("datetime64[D]")
    return f"dates are read as {text_format}, with the day of the year ({filled.iloc[0]} is {day})"
