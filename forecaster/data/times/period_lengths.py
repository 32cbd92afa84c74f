"""The lengths of periods that texts name, such as years and quarters."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["PeriodLength", "list_lengths"]

FEWEST = 2
"""Different periods of each length; a single one among others is a wrong cell."""
PATTERNS = {
    12: r"(?:1[6-9]|20)\d\d",
    6: r"(?i)\d{4}[ -]?[hs][12]",
    3: r"(?i)\d{4}[ -]?q[1-4]",
    1: r"\d{4}[ -](?:[A-Za-z]{3,9}|0[1-9]|1[0-2])|\d{4}[ -]?[Mm](?:0?[1-9]|1[0-2])",
}
NAMES = {12: "years", 6: "half-years", 3: "quarters", 1: "months"}


@dataclass(frozen=True)
class PeriodLength:
    """Periods of so many `months`, and which of the texts name one."""

    months: int
    is_such: NDArray[np.bool_]

    @property
    def name(self) -> str:
        return NAMES[self.months]


def list_lengths(texts: "pd.Series[str]") -> list[PeriodLength]:
    """The lengths of the periods that distinct `texts` are, the longest first; none where all are of one, or others.

    A star behind them, as of provisional figures, does not count.
    """
    if not len(texts) or not any(
        re.fullmatch(pattern, str(texts.iloc[0]).removesuffix("*")) for pattern in PATTERNS.values()
    ):
        return []  # tables may have thousands of columns
    texts = texts.str.removesuffix("*")
    found = {months: texts.str.fullmatch(pattern).to_numpy(bool) for months, pattern in PATTERNS.items()}
    lengths = [PeriodLength(months, is_such) for months, is_such in found.items() if is_such.any()]
    is_whole = bool(np.logical_or.reduce([*found.values()]).all())
    return lengths if is_whole and len(lengths) > 1 and all(each.is_such.sum() >= FEWEST for each in lengths) else []
