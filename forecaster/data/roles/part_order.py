"""What the order of the rows shows of a time in several columns: the season or the month with which a year begins."""

import shlex
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.names.column_names import is_total_name
from forecaster.data.names.seasons import SEASONS_OF_YEAR, hold_seasons, number_seasons
from forecaster.data.parts.part_cells import number_parts
from forecaster.data.roles.joined_time import JoinedTime
from forecaster.errors import DataError

__all__ = ["check_order", "settle_order"]

PARTS = {"quarter": 4, "month": 12}
FEWEST_WRAPS, FEWEST_PARTS = 2, 12
"""Years in which December, or the fourth quarter, stands before January; or parts in such an order, in one year."""


def settle_order(joined: JoinedTime, sample: pd.DataFrame, *, name: str) -> JoinedTime:
    """`joined` with its seasons in the order of the rows. Raises DataError where these show none, see `check_order`."""
    if "quarter" in joined.levels:
        column = joined.columns[joined.levels.index("quarter")]
        if hold_seasons(sample[column]):
            return replace(joined, seasons=_order_seasons(joined, sample, column=column, name=name))
    check_order(joined, sample, name=name)
    return joined


def check_order(joined: JoinedTime, frame: pd.DataFrame, *, name: str) -> None:
    """Raise DataError where the rows of each year go from July to June, for example: it may be a fiscal year.

    So it does for a cell that is no season where the others are.
    """
    level = joined.levels[-1]
    if joined.seasons:
        column = joined.columns[joined.levels.index("quarter")]
        cells = pd.Series(frame[column].dropna().unique(), dtype=str)
        unknown = [cell for cell in cells[number_seasons(cells).isna()] if not is_total_name(cell)]
        if unknown:
            known = ", ".join(joined.seasons)
            raise DataError(f"{name}, column {column!r}: {unknown[0]!r} is no season, as others are ({known}). Fix it.")
    if joined.seasons or level not in PARTS or joined.levels[0] != "year":
        return
    year, column = joined.columns[0], joined.columns[-1]
    pairs = _list_pairs(frame, year=year, column=column)
    numbers = pd.to_numeric(number_parts(pairs[column], level), errors="coerce").to_numpy(np.float64) - 1
    years = pd.to_numeric(pairs[year], errors="coerce").to_numpy(np.float64)
    is_known = ~np.isnan(numbers + years)
    pairs, years, parts = pairs[is_known], years[is_known], numbers[is_known].astype(np.int64)
    firsts = _find_firsts(years, parts, count=PARTS[level])
    if not firsts or 0 in firsts:
        return
    wraps = len(np.unique(years[1:][(years[1:] == years[:-1]) & (np.abs(np.diff(parts)) == PARTS[level] - 1)]))
    if wraps < FEWEST_WRAPS and not (wraps and len(parts) >= FEWEST_PARTS):
        return
    first = int(np.argmax(np.isin(parts, firsts)))
    shown, at = str(pairs[column].iloc[first]), f"{years[first]:.0f}"
    raise DataError(
        f"{name}: the rows of each {year!r} go from {shown!r} through the end of a year to its beginning, so {year!r} "
        f"may be a fiscal year: {shown!r} of {at} can be in {at} or in {years[first] - 1:.0f}. Write the calendar year "
        f"of each row in {year!r}; if it is there, sort the rows by time."
    )


def _order_seasons(joined: JoinedTime, sample: pd.DataFrame, *, column: str, name: str) -> tuple[str, ...]:
    """The names of the seasons from the one with which a year begins."""
    year = joined.columns[0]
    pairs = _list_pairs(sample, year=year, column=column)
    pairs = pairs[number_seasons(pairs[column]).notna()]
    seasons = number_seasons(pairs[column])
    words = dict(zip(seasons, pairs[column].str.strip(), strict=True))
    remedy = f"if each season is a series of its own, use --id {shlex.quote(column)}."
    if len(words) < SEASONS_OF_YEAR:
        raise DataError(
            f"{name}: {column!r} holds seasons, but not all four ({', '.join(words.values())}). Write the date of each "
            f"row, such as 2024-06, in one column; {remedy}"
        )
    years = pd.to_numeric(pairs[year], errors="coerce").to_numpy(np.float64)
    firsts = _find_firsts(years, np.asarray(seasons, np.int64), count=SEASONS_OF_YEAR)
    if len(firsts) != 1:
        raise DataError(
            f"{name}: {column!r} holds seasons, and the order of the rows does not show with which of them a "
            f"{year!r} begins. Sort the rows by time, or write quarters, Q1 to Q4; {remedy}"
        )
    return tuple(words[(firsts[0] + number) % SEASONS_OF_YEAR] for number in range(SEASONS_OF_YEAR))


def _list_pairs(frame: pd.DataFrame, *, year: str, column: str) -> pd.DataFrame:
    """The distinct years and parts, the rows of each year together, in the order in which they first come."""
    pairs = frame[[year, column]].dropna().drop_duplicates().astype(str)
    order = np.argsort(pd.factorize(pairs[year])[0], kind="stable")
    return pairs.iloc[order].reset_index(drop=True)


def _find_firsts(years: NDArray[np.float64], parts: NDArray[np.int64], *, count: int) -> list[int]:
    """The parts with which each year may begin, so that its parts rise as the years do, or fall as these do.

    The rows of each year stand together; `parts` are numbered from 0 to `count`.
    """
    steps = np.sign(np.diff(years))
    sign = -1 if steps.sum() < 0 else 1
    is_within = steps == 0
    fits = [bool((sign * np.diff((parts - first) % count)[is_within] > 0).all()) for first in range(count)]
    return [first for first in range(count) if fits[first]]
