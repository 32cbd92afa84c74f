"""Choose among several formats of dates the one that puts the rows of a file in order."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.times.date_formats import parse_texts

__all__ = ["find_ordered_format"]

FEWEST_TIMES = 8
"""Distinct times that are in order by no accident."""
FEWEST_BREAKS = 3
"""Places at which a wrong format puts a row before the one above it; one or two may be errors of the file."""


def find_ordered_format(
    texts: "pd.Series[str]", codes: NDArray[np.int64], groups: NDArray[np.int64], formats: tuple[str, ...]
) -> str | None:
    """The only one of `formats` by which the rows of each group rise, or fall, from the first to the last.

    `codes` [row] are indices of `texts`, and `groups` [row] the series and the file of a row. None where another
    format does nearly so, and where the texts themselves are in order, as somebody may have sorted them.
    """
    order = np.argsort(groups, kind="stable")
    order = order[codes[order] >= 0]
    codes = codes[order]
    is_within = np.diff(groups[order]) == 0
    if len(np.unique(codes)) < FEWEST_TIMES or not is_within.any():
        return None
    _, ranks = np.unique(texts.to_numpy(str), return_inverse=True)
    if not _count_breaks(ranks[codes], is_within):
        return None
    breaks = {}
    for text_format in formats:
        times = parse_texts(texts, text_format)
        if np.isnat(times[codes]).any():
            return None
        breaks[text_format] = _count_breaks(times[codes].astype(np.int64), is_within)
    ordered = [text_format for text_format, count in breaks.items() if count == 0]
    others = [count for count in breaks.values() if count]
    return ordered[0] if len(ordered) == 1 and min(others, default=0) >= FEWEST_BREAKS else None


def _count_breaks(moments: NDArray[Any], is_within: NDArray[np.bool_]) -> int:
    """How many steps within a group go another way than most."""
    steps = np.diff(moments)[is_within]
    return int(min((steps < 0).sum(), (steps > 0).sum()))
