"""Tell by its cells whether a column of whole numbers is a key, such as that of a cost centre, whatever its name."""

import numpy as np
import pandas as pd

from forecaster.data.layouts.row_codes import are_alike, count_rows
from forecaster.data.names.column_names import names_no_series
from forecaster.data.names.time_names import has_time_word
from forecaster.data.numbers.number_cells import looks_numeric, parse_numbers, read_either

__all__ = ["acts_as_key", "hold_decimals", "mix_words_and_numbers", "names_by_number", "repeats_names"]

FIRST_CELLS = 50
"""Cells that show whether a column has decimals."""
LEAST_ROWS = 3
"""Rows of each key, on average, and times."""
LEAST_TIMES, MOSTLY = 5, 0.9
"""Of keys that each come equally often at nearly each time: fewest times, and least share of keys and times."""
LEAST_EVIDENCE = 10.0
"""Pairs of rows of a time that would have the same number by chance, but do not."""
PARTS = (7, 12, 24, 25, 48, 50, 96, 100, 288, 1440)
"""How many days, months, hours, half and quarter hours, and minutes there are; more where the clocks are changed."""


def acts_as_key(numbers: "pd.Series[float]", times: "pd.Series[str]") -> bool:
    """Whether times repeat, and few whole numbers tell such rows apart, or are the same ones at nearly each time."""
    values = numbers.to_numpy(np.float64)
    if not len(values) or np.isnan(values).any() or (values % 1 != 0).any():
        return False
    keys, moments = pd.factorize(values)[0], pd.factorize(times.to_numpy(object))[0]
    count, size = int(keys.max()) + 1, int(moments.max()) + 1
    if count < 2 or LEAST_ROWS * count > len(keys) or size < LEAST_ROWS or size == len(keys) or (moments < 0).any():
        return False
    table = np.zeros((size, count), np.int64)
    np.add.at(table, (moments, keys), 1)
    if table.max() == 1:
        rows = count_rows(moments).astype(np.float64)
        shares = count_rows(keys) / len(keys)
        return bool((rows * (rows - 1)).sum() / 2 * (shares**2).sum() >= LEAST_EVIDENCE)
    usual = np.median(table, axis=0)
    return size >= LEAST_TIMES and bool((usual >= 1).all()) and float((table == usual).mean()) >= MOSTLY


def names_by_number(cells: "pd.Series[str]", times: "pd.Series[str]", *, name: str) -> bool:
    """Whether a column of whole numbers acts as a key, and neither its name nor its cells are those of parts of a day.

    Cells are these where they count from 0 or 1 to a number of hours, of parts of them, or of days.
    """
    if names_no_series(name) or has_time_word(name) or not looks_numeric(cells):
        return False
    if mix_words_and_numbers(cells, times):
        return True
    numbers = read_either(cells)
    found = np.unique(numbers)
    is_count = found[0] in (0, 1) and found[-1] - found[0] == len(found) - 1
    return acts_as_key(numbers, times) and not (is_count and len(found) in PARTS)


def mix_words_and_numbers(cells: "pd.Series[str]", times: "pd.Series[str]") -> bool:
    """Whether whole numbers and words, such as K, 1 and 2 of the years of a school, act as keys together."""
    codes, distinct = pd.factorize(cells.str.strip())
    found = parse_numbers(list(distinct))
    is_word = ~found.is_number & ~found.is_missing
    numbers = found.values["."][found.is_number]
    if (codes < 0).any() or found.is_missing.any() or not is_word.any() or bool((numbers % 1 != 0).any()):
        return False
    return acts_as_key(pd.Series(codes, dtype=float), times)


def repeats_names(cells: "pd.Series[str]", others: pd.DataFrame) -> bool:
    """Whether whole numbers go one to one with the texts of another column, as those of accounts with their names."""
    values, codes = read_either(cells), pd.factorize(cells)[0].astype(np.int64)
    count = int(codes.max(initial=0)) + 1
    if count < 2 or LEAST_ROWS * count > len(codes) or not bool((values % 1 == 0).all()):
        return False
    return any(are_alike(codes, pd.factorize(others[name])[0].astype(np.int64)) for name in others)


def hold_decimals(cells: "pd.Series[str]") -> bool:
    """Whether the first cells are numbers, some of them with decimals, as no key is."""
    first = cells.dropna().head(FIRST_CELLS)
    return bool((read_either(first) % 1 > 0).any()) and looks_numeric(first)
