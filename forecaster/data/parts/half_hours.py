"""Half-hours that are counted through each day, 1 to 48, as the settlement periods of power in Great Britain are."""

import re

import numpy as np
import pandas as pd

__all__ = [
    "HALF_HOUR",
    "HALF_HOURS",
    "HALF_HOURS_OF_DAY",
    "MINUTES",
    "are_half_hours",
    "names_half_hour",
    "write_half_hours",
]

HALF_HOUR = "half-hour"
MINUTES = 30
HALF_HOURS_OF_DAY, SHORT_DAY, LONG_DAY = 48, 46, 50
HALF_HOURS = r"settlement[ _]?period|half[ _-]?hour"
"""How they are called, in lower case."""
NAME = re.compile(rf"(?:{HALF_HOURS})(?:[ _]?(?:no|nr|number|id))?")


def names_half_hour(column: str) -> bool:
    """Whether a column of this name, in lower case, counts the half-hours of a day."""
    return NAME.fullmatch(column) is not None


def are_half_hours(texts: list[str]) -> bool:
    """Whether distinct cells are numbers from 1 to 48, or to 46 and 50 where the clocks change."""
    numbers = pd.to_numeric(np.array(texts, object), errors="coerce")
    is_number = (numbers % 1 == 0) & (numbers >= 1) & (numbers <= LONG_DAY)
    return bool(is_number.all() and numbers.min() == 1 and numbers.max() >= SHORT_DAY)


def write_half_hours(numbers: "pd.Series[str]") -> "pd.Series[str]":
    """The times of day at which half-hours begin, as texts such as 00:30 for 2; other texts as they are."""
    found = pd.to_numeric(numbers, errors="coerce")
    is_known = (found % 1 == 0) & found.between(1, HALF_HOURS_OF_DAY)
    minutes = (found.where(is_known, 1) - 1).astype(int) * MINUTES
    texts = (minutes // 60).map("{:02d}".format) + ":" + (minutes % 60).map("{:02d}".format)
    return texts.where(is_known, numbers)
