"""Choose among columns of numbers: one target, or the series of a wide table, or several that may be meant."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecaster.data.column_names import (
    find_closing_price,
    has_target_word,
    is_usual_target,
    names_flag,
    names_index,
    names_key,
    names_market,
    names_time_part,
    names_total_column,
)

__all__ = ["TargetChoice", "choose_series", "choose_targets", "counts_rows"]

LEAST_ROWS = 10
"""Rows from which on the cells alone show that a column is a flag or never changes."""
WIDEST_RANGE = 10_000
"""Ratio of the scales of two columns from which on they are not series of the same kind."""


@dataclass(frozen=True)
class TargetChoice:
    """The columns that may be forecast; `is_clear` where they are one target, or series that are alike."""

    columns: tuple[str, ...]
    is_clear: bool


def choose_targets(numbers: pd.DataFrame) -> TargetChoice:
    """Choose among the columns of `numbers`, whose first rows it holds: NaN where a cell is empty or text.

    The target is the only column with the usual name of a target, or the only one that is not an index, a flag, a
    key, a part of the time, a constant or what goes with closing prices. Several are the series of a wide table
    where their names or scales are alike.
    """
    header = [str(column) for column in numbers]
    kept = [column for column in header if not is_index(numbers[column], name=column)] or header
    close = find_closing_price(kept)
    named = [close] if close is not None else [column for column in kept if is_usual_target(column)]
    if named:
        return TargetChoice(tuple(named), len(named) == 1)
    main = [column for column in kept if not _is_secondary(numbers[column], name=column)]
    changing = [column for column in main if not _is_flag_or_constant(numbers[column])]
    worded = [column for column in main if has_target_word(column)] if len(main) < len(kept) else []
    for found in (main, changing, worded):
        if len(found) == 1:
            return TargetChoice(tuple(found), True)
    if not main:
        return TargetChoice(tuple(kept), False)
    parts = [column for column in main if not names_total_column(column)]
    has_one_target = any(names_market(column) for column in main) or any(
        names_key(column) for column in kept if column not in main
    )
    is_alike = _have_like_names(parts) or (not has_one_target and _have_like_scales(numbers[parts]))
    return TargetChoice(tuple(main), is_alike)


def choose_series(numbers: pd.DataFrame) -> TargetChoice:
    """All columns of a table that is known to be wide, without those that only number the rows."""
    header = [str(column) for column in numbers]
    series = tuple(column for column in header if not is_index(numbers[column], name=column))
    return TargetChoice(series or tuple(header), True)


def is_index(cells: "pd.Series[float]", *, name: str) -> bool:
    """Whether a column only numbers the rows: it is called so, and its cells count them."""
    return names_index(name) and counts_rows(cells)


def counts_rows(cells: "pd.Series[float]") -> bool:
    """Whether each cell is one more than the cell above."""
    with np.errstate(invalid="ignore"):  # of infinite cells
        return len(cells) > 1 and bool((np.diff(cells.to_numpy(np.float64)) == 1).all())


def _is_secondary(cells: "pd.Series[float]", *, name: str) -> bool:
    """Whether the name of a column, and its cells, show that it is there beside a target."""
    if names_flag(name) and _holds_flags(cells):
        return True
    is_whole = bool((cells.dropna() % 1 == 0).all())
    return is_whole and (names_key(name) or names_time_part(name))


def _is_flag_or_constant(cells: "pd.Series[float]") -> bool:
    return len(cells) >= LEAST_ROWS and (_holds_flags(cells) or cells.nunique() <= 1)


def _holds_flags(cells: "pd.Series[float]") -> bool:
    return bool(cells.dropna().isin([0, 1]).all())


def _have_like_names(columns: list[str]) -> bool:
    """Whether the names differ only in their numbers, or in one letter."""
    letters = {"".join("#" if letter.isdigit() else letter for letter in name) for name in columns}
    plain = {name.replace("#", "") for name in letters}
    return len(plain) == 1 or all(len(name) == 1 for name in columns)


def _have_like_scales(numbers: pd.DataFrame) -> bool:
    scales = numbers.abs().where(numbers != 0).median().dropna()
    return len(scales) < 2 or float(scales.max()) <= WIDEST_RANGE * float(scales.min())
