"""Weeks that are written as months are, such as 2024-05, in a column whose name says that they are weeks."""

import re

import numpy as np
import pandas as pd

from forecaster.data.times.date_formats import parse_texts, quote_formats
from forecaster.data.times.periods import guess_week_format
from forecaster.errors import DataError

__all__ = ["NAME_OF_WEEKS", "check_weeks", "describe_weeks", "guess_named_weeks"]

NAME_OF_WEEKS = re.compile(r"(?i)week|woche|kw|\bwk|semaine|semana|settiman|vecka|tydz")


def guess_named_weeks(filled: "pd.Series[str]", *, name: str, column: str) -> str | None:
    """The format of `filled` as ISO weeks where the name of their `column` says so; None for anything else.

    Raises DataError where a year has no such week.
    """
    found = guess_week_format(filled) if NAME_OF_WEEKS.search(column) else None
    if found is not None:
        check_weeks(filled, found, name=name, remedy="")
    return found


def check_weeks(filled: "pd.Series[str]", text_format: str, *, name: str, remedy: str) -> None:
    """Raise DataError, which ends in a `remedy`, where a year has no such week."""
    wall = parse_texts(filled, text_format)
    if np.isnat(wall).any():
        text = filled.iloc[int(np.argmax(np.isnat(wall)))]
        raise DataError(
            f"{name}: {text} is not an ISO week (year and week 01 to 52 or 53). Write the first day of each week as "
            f"2024-01-29{remedy}."
        )


def describe_weeks(filled: "pd.Series[str]", text_format: str) -> str:
    """What is said about weeks that are written as months are, and how to read these where they can be months."""
    wall = parse_texts(filled.iloc[:1], text_format)
    as_months = text_format.replace("%G", "%Y").replace("%V", "%m")
    can_be_months = not np.isnat(parse_texts(filled, as_months)).any()
    hint = f"; for months use {quote_formats([as_months])}" if can_be_months else ""
    return f"timestamps are read as ISO weeks, which begin on Monday ({filled.iloc[0]} is {str(wall[0])[:10]}){hint}"
