"""Times that are two in one: half in the rows and half in the columns, or years such as 2000/01."""

import re

import numpy as np
import pandas as pd

from forecaster.data.layouts.first_line import CLOCK, list_times
from forecaster.data.layouts.part_columns import explain_unread_parts
from forecaster.data.layouts.period_columns import FEWEST_PERIODS, PARTS, WEEKDAYS, are_periods
from forecaster.data.names.date_names import names_month
from forecaster.data.names.seasons import names_season
from forecaster.data.numbers.number_cells import looks_numeric
from forecaster.data.parts.time_parts import names_part
from forecaster.data.read_options import ReadOptions
from forecaster.data.times.dates import parse_times
from forecaster.errors import DataError, UsageError

__all__ = ["explain_no_times", "refuse_crossed_times"]

LEAST_PARTS = 0.6
"""Share of the columns that are named as parts of the time; others may be totals."""
YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d")
JOINED_YEARS = re.compile(r"^(\d{4})[/-](\d{2}|\d{4})$")
FEWEST_YEARS = 3
PART = re.compile(r"(?:m|month|q|qtr|quarter)?\s*0?\d{1,2}", re.IGNORECASE)
"""Names of months and quarters in columns, where the rows are years."""
HOUR_WORDS = r"hours?|hrs?|he|hour[ _]?ending|stunden?|uhr|heures?|horas?|ora|uur"
HOUR = re.compile(
    rf"\d{{1,2}}\s?[ap]\.?\s?m\.?|(?:{HOUR_WORDS})[ _.]?\d{{1,2}}|\d{{1,2}}[ _.]?(?:h|{HOUR_WORDS})", re.IGNORECASE
)
"""An hour by its name alone: 1 AM, Hour 1, 14h."""
CLOCK_RANGE = re.compile(rf"(?:{CLOCK.pattern})\s*(?:-|–|to|bis)\s*(?:{CLOCK.pattern})")
NUMBERED = re.compile(
    r"(?:h|q|x|d|w|day|tag|week|kw|period|sp|interval|int)?[ _.]?(\d{1,4})(?:\s?(?:-|–)\s?(\d{1,2}))?", re.IGNORECASE
)
"""A number that may be that of an hour, a day or a week, and the next one where it is a range such as 00-01."""
COUNTS = {
    "day": (24, 25, 48, 96, 288, 1440),
    "week": (7,),
    "month": (28, 29, 30, 31),
    "year": (4, 12, 52, 53, 365, 366),
}
"""How many parts the steps of the rows have."""
CLOCK_STEPS = (15, 30, 60)
"""Minutes between columns that are called 0000, 0015, … as a clock without its colon shows them."""


def refuse_crossed_times(
    sample: pd.DataFrame, *, time: str, series: tuple[str, ...], name: str, ids: tuple[str, ...], options: ReadOptions
) -> None:
    """Raise DataError where the columns that would be a `series` each are parts of the time, as its rows are.

    Each column would be forecast as a series of its own, and no forecast would be one of the next month or hour. With
    `ids`, or where rows repeat a time, a remedy is named that goes with several rows of a time.
    """
    cells = sample[time].dropna().str.strip()
    names = [column.strip() for column in series]
    are_steps = _may_be_steps(cells)
    reason = explain_unread_parts(sample, options=options)
    if reason is None and not _are_crossed(
        cells, names, time=time, are_steps=are_steps, date_format=options.date_format
    ):
        return
    last = f" {series[-1]}" if len(series) > 2 else ""
    may_be_wide = options.wide is None and not ids and cells.is_unique
    flag = "use --wide" if may_be_wide else "name those to forecast with --target"
    remedy = f"; where each column is a series of its own, {flag}" if are_steps else ""
    why = ": such tables are not read. Write" if reason is None else f"; {reason}. Or write"
    raise DataError(
        f"{name}: the rows are times ({time!r}), and so are the columns ({series[0]}, {series[1]} …{last}){why} one "
        f"row for each time, with the whole time in one column and the value in another{remedy}."
    )


def explain_no_times(texts: "pd.Series[str]") -> str | None:
    """Why distinct `texts` are no times, although they are parts of such, and what to do; None for others."""
    filled = texts[texts != ""]
    first = f"{filled.iloc[0]!r} and the others are" if len(filled) else ""
    if (years := _find_joined_years(texts)) is not None:
        return f"{first} years that end in the next one. Write the first year alone, as in {years[:4]}."
    if not len(filled):
        return None
    # of one cell, Jan-01 may be a month of 2001
    if all(map(names_month, filled)) and (len(filled) > 1 or filled.iloc[0].strip(". ").isalpha()):
        return f"{first} months without their years. Add a column 'year', or write both in one cell, as in 2024-01."
    if all(re.fullmatch(WEEKDAYS, text.rstrip(".")) for text in filled):
        return f"{first} weekdays without a date. Write the date of each row, as in 2024-01-31."
    return None


def _find_joined_years(texts: "pd.Series[str]") -> str | None:
    """The first of `texts` where each of them is a year with the last digits of the next one; else None.

    As months they would be thirteen apart.
    """
    if len(texts) < FEWEST_YEARS or not re.match(JOINED_YEARS, texts.iloc[0]):
        return None  # the first one tells nearly always
    found = texts.str.extract(JOINED_YEARS)
    if found.isna().any(axis=None):
        return None
    next_years = (found[0].astype(int) + 1).astype(str)
    is_next = (next_years == found[1]) | (next_years.str[2:] == found[1])
    return str(texts.iloc[0]) if is_next.all() else None


def _are_crossed(
    cells: "pd.Series[str]", names: list[str], *, time: str, are_steps: bool, date_format: str | None
) -> bool:
    """Whether the rows with the times `cells` and the columns called `names` have a part of the time each."""
    if len(names) < 2 or len(set(names)) < len(names):
        return False
    if all(map(YEAR.fullmatch, names)) and are_periods(names, date_format=None) and _are_parts(cells, time=time):
        return True
    if len(names) < FEWEST_PERIODS:
        return False
    are_years = bool(cells.str.fullmatch(YEAR).all())
    # beside the parts there may be totals of the year
    parts = [_names_part(name) or (are_years and bool(PART.fullmatch(name))) for name in names]
    if sum(parts) >= max(FEWEST_PERIODS, LEAST_PARTS * len(parts)):
        return True
    if (looks_numeric(cells) or not are_steps) and are_periods(names, date_format=None):
        return True
    counted = _count_parts(names)
    if not counted or not are_steps:
        return counted > 0
    return counted in COUNTS.get(_find_step(cells, time=time, date_format=date_format), ())


def _may_be_steps(cells: "pd.Series[str]") -> bool:
    """Whether the times of the rows can be steps of series: clocks and names of months or days repeat."""
    return not (cells.str.fullmatch(CLOCK).all() or cells.map(names_month).all() or cells.str.fullmatch(WEEKDAYS).all())


def _are_parts(cells: "pd.Series[str]", *, time: str) -> bool:
    """Whether the times of the rows are parts of a year."""
    is_number = names_part(time) and looks_numeric(cells) and not cells.str.fullmatch(YEAR).any()
    return bool(is_number or cells.str.fullmatch(PARTS).all() or not _may_be_steps(cells))


def _names_part(name: str) -> bool:
    patterns = (CLOCK, CLOCK_RANGE, HOUR, WEEKDAYS)
    return names_month(name) or names_season(name) or any(pattern.fullmatch(name.rstrip(".")) for pattern in patterns)


def _count_parts(names: list[str]) -> int:
    """How many parts of a larger step the names number from 0 or 1 on; 0 where they do not."""
    found = [match for name in names if (match := NUMBERED.fullmatch(name))]
    if len(found) < LEAST_PARTS * len(names):
        return 0
    numbers = np.array([int(match[1]) for match in found])
    ends = [int(match[2]) for match in found if match[2]]
    is_range = not ends or (len(ends) == len(found) and bool((np.array(ends[:-1]) == numbers[1:]).all()))
    if numbers[0] in (0, 1) and (np.diff(numbers) == 1).all() and is_range:
        return len(found)
    steps = np.diff(numbers // 100 * 60 + numbers % 100)
    is_clock = steps[0] in CLOCK_STEPS and bool((steps == steps[0]).all()) and bool((numbers % 100 < 60).all())
    return len(found) if is_clock and numbers[-1] <= 2400 and not ends else 0


def _find_step(cells: "pd.Series[str]", *, time: str, date_format: str | None) -> str:
    """The step of the times of the rows, as a word; empty where it is none of those that have parts."""
    distinct = pd.Series(cells.unique(), dtype=str)
    try:
        times = None if date_format is not None else list_times([*distinct])
        times = times or parse_times(distinct, name="", column=time, date_format=date_format)
    except (DataError, UsageError):
        return ""
    wall = times.wall[~times.unreadable]
    if wall.dtype.kind != "M" or len(wall) < 2:
        return ""
    if times.style.format == "%Y":
        return "year"
    moments = np.sort(wall.astype("datetime64[us]"))
    if (moments != moments.astype("datetime64[D]")).any():
        return ""
    days = np.diff(moments).astype("timedelta64[D]").astype(np.int64)
    if days.min() >= 365:
        return "year"
    if 28 <= days.min() <= 31:
        return "month"
    return "week" if (days % 7 == 0).all() else "day"
