"""Years with fractions, as R writes the times of a `ts`: 1949.08333 is 1949-02, 1990.25 the second quarter of 1990."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.panel import DECIMAL_YEAR, TimeStyle
from forecaster.data.times.date_formats import parse_texts
from forecaster.data.times.times_text import TimesText
from forecaster.errors import DataError

__all__ = ["DECIMALS", "format_decimal_years", "parse_decimal_years"]

PATTERN = r"(\d{4})(?:\.(\d{0,15}))?"
YEARS_ALONE = (1000, 2999)
YEARS = (1600, 2150)
"""What numbers with fractions are taken for years."""
PARTS = {2: "half-years", 4: "quarters", 12: "months"}
WEEKS = 52
FEWEST = 4
"""Numbers that lie on a grid of months: fewer may do so by chance."""
FLOAT_ERROR = 1e-7
"""Of years that were added up step by step and are written with all their digits: 3 seconds."""
SHARPNESS = 4
"""Steps of the grid are so many times as long as the rounding of the numbers, or more."""
DECIMALS = 4
"""They tell months apart without doubt."""


def parse_decimal_years(texts: "pd.Series[str]", filled: "pd.Series[str]", *, name: str) -> TimesText | None:
    """`texts`, of which `filled` are not empty, as years, or as months, quarters or half-years in fractions of years.

    None where they are no such. Raises DataError for weeks, of which a year has no whole number.
    """
    if re.fullmatch(PATTERN, filled.iloc[0]) is None or not bool(filled.str.fullmatch(PATTERN).all()):
        return None
    if not filled.str.contains(".", regex=False).any():
        return None
    numbers: NDArray[np.float64] = np.asarray(filled.astype(float), np.float64)
    fractions = filled.str.extract(f"^{PATTERN}$")[1].fillna("")
    digits = fractions.str.len()
    parts = 1
    notes: tuple[str, ...] = ()
    if (numbers % 1 == 0).all():
        if not YEARS_ALONE[0] <= numbers.min() <= numbers.max() <= YEARS_ALONE[1]:
            return None
    else:
        found = _find_parts(filled, numbers, digits=int(digits.max()), name=name)
        if found is None:
            return None
        parts = found
        place = int(np.argmax(numbers % 1 > 0))
        shown = str(_find_months(numbers[place : place + 1], parts)[0])[:7]
        notes = (
            f"timestamps are read as {PARTS[parts]} in fractions of years ({filled.iloc[place]} begins in {shown})",
        )
    wall = _find_months(pd.to_numeric(texts, errors="coerce").to_numpy(np.float64), parts)
    return TimesText(wall, wall, _find_style(filled, _find_months(numbers, parts), digits), notes)


def format_decimal_years(stamps: pd.DatetimeIndex, *, style: TimeStyle) -> NDArray[np.object_]:
    """Months in fractions of years, with the decimals of the `style`."""
    fewest, most = style.decimals
    numbers = stamps.year.to_numpy() + (stamps.month.to_numpy() - 1) / 12
    return np.array([_write(float(number), fewest, most) for number in numbers], object)


def _write(number: float, fewest: int, most: int) -> str:
    whole, _, fraction = f"{number:.{most}f}".partition(".")
    kept = fraction[:fewest] + fraction[fewest:].rstrip("0")
    return f"{whole}.{kept}" if kept else whole


def _find_months(numbers: NDArray[np.float64], parts: int) -> NDArray[np.datetime64]:
    """The first months of the `parts` of years that begin at `numbers` of years, NaT for NaN."""
    counts = np.rint(np.nan_to_num(numbers) * parts).astype(np.int64) * (12 // parts) - 12 * 1970
    months = counts.astype("datetime64[M]").astype("datetime64[us]")
    return np.where(np.isnan(numbers), np.datetime64("NaT", "us"), months)


def _find_parts(filled: "pd.Series[str]", numbers: NDArray[np.float64], *, digits: int, name: str) -> int | None:
    """How many parts a year has; None where the fractions are no parts of years, or may be the numbers of months."""
    if not YEARS[0] <= numbers.min() <= numbers.max() <= YEARS[1]:
        return None
    if not np.isnat(parse_texts(filled, "%Y.%m")).any() and not (numbers % 1 == 0.5).all():
        return None
    for parts in PARTS:
        if _lie_on_grid(numbers, parts, digits=digits) and (parts < 12 or len(numbers) >= FEWEST):
            return parts
    steps = np.diff(np.unique(np.rint(numbers * WEEKS)))
    if _lie_on_grid(numbers, WEEKS, digits=digits, sharpness=1) and len(steps) >= WEEKS and (steps == 1).all():
        raise DataError(
            f"{name}: {filled.iloc[0]}, {filled.iloc[1]} and so on are {WEEKS} parts of each year, which are no weeks "
            "of the calendar. Write the first day of each week, as 2024-01-29; or number the rows in a column 'step', "
            f"and use --time step --season {WEEKS}."
        )
    return None


def _lie_on_grid(numbers: NDArray[np.float64], parts: int, *, digits: int, sharpness: int = SHARPNESS) -> bool:
    """Whether all numbers are whole numbers of `parts` of a year, but for their rounding."""
    rounding = max(FLOAT_ERROR, (0.51 if digits <= 2 else 1.01) * 10.0**-digits)
    is_near = np.abs(numbers - np.rint(numbers * parts) / parts) <= rounding
    return 1 / parts >= sharpness * rounding and bool(is_near.all())


def _find_style(filled: "pd.Series[str]", wall: NDArray[np.datetime64], digits: "pd.Series[int]") -> TimeStyle:
    """How the numbers are written; with more decimals where theirs are rounded in another way."""
    fewest, most = int(digits.min()), int(digits.max())
    style = TimeStyle(DECIMAL_YEAR, decimals=(fewest, most))
    is_same = most > 2 or bool((format_decimal_years(pd.DatetimeIndex(wall), style=style) == filled.to_numpy()).all())
    return style if is_same else TimeStyle(DECIMAL_YEAR, decimals=(fewest, DECIMALS))
