"""Whole numbers that stand for the distinct cells of the rows of columns, and what rows have in common by them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Codes", "are_alike", "combine", "count_rows", "has_repeats"]

Codes = NDArray[np.int64]


def combine(parts: list[Codes]) -> Codes:
    """One number for each different combination of the codes in a row."""
    key, size = parts[0], int(parts[0].max(initial=0)) + 1
    for part in parts[1:]:
        count = int(part.max(initial=0)) + 1
        if size * count >= 1 << 62:
            key = pd.factorize(key)[0].astype(np.int64)
            size = int(key.max(initial=0)) + 1
        key, size = key * count + part, size * count
    return key


def has_repeats(parts: list[Codes]) -> bool:
    """Whether two rows have the same combination of codes."""
    # rows are mostly in the order of the first column, or of the last: that is seen much sooner than the repeats are
    for ordered in (parts, parts[::-1]):
        key = combine(ordered)
        if (key[1:] > key[:-1]).all():
            return False
    return len(pd.unique(key)) < len(key)


def count_rows(codes: Codes) -> Codes:
    """The number of rows of each code."""
    return np.bincount(pd.factorize(codes)[0])


def are_alike(one: Codes, other: Codes) -> bool:
    """Whether two columns group the rows in the same way."""
    count = len(pd.unique(one))
    return count == len(pd.unique(other)) and count == len(pd.unique(combine([one, other])))
