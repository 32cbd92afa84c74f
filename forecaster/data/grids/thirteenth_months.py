"""Leave out months 13, in which statistics of energy and prices write the total or the mean of the year.

Accounts and shops that divide a year into 13 periods write them in the same way, so the cells have to tell.
"""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.cells.table import Table
from forecaster.data.roles.columns import Columns

__all__ = ["leave_out_thirteenth_months"]

MONTH = re.compile(r"\s*((?:19|20)\d\d)[-/.]?(0[1-9]|1[0-3])\s*")
MONTHS = 12
CLOSE_TO_SUM, CLOSE_TO_MEAN = 0.01, 0.3
"""Difference of a month 13 from the sum of the twelve others, relative, and from their mean, in standard deviations of
them, as it may be weighted: at the most."""
SHARE, FEWEST_FOR_MEAN = 0.8, 4
"""In which share of the whole years it is so, and in how many: a thirteenth period may be near the mean, too."""


def leave_out_thirteenth_months(table: Table, *, columns: Columns) -> tuple[Table, tuple[str, ...]]:
    """The table without months 13 that are the total or the mean of their year, and a note on these."""
    cells = table.frame[columns.time]
    if not isinstance(cells.dtype, pd.CategoricalDtype) or not columns.targets:
        return table, ()
    texts = cells.cat.categories
    if not len(texts) or MONTH.fullmatch(str(texts[0])) is None:  # there may be a million other times
        return table, ()
    found = [MONTH.fullmatch(str(text)) for text in texts]
    numbers = np.array([0 if one is None else int(one[2]) for one in found])
    if (numbers == 0).any() or not (numbers == MONTHS + 1).any():
        return table, ()
    months = np.append(numbers, 0)[cells.cat.codes.to_numpy()]
    years = np.append([int(one[1]) for one in found if one is not None], 0)[cells.cat.codes.to_numpy()]
    is_total = months == MONTHS + 1
    if not is_total.any() or not _are_totals(table, columns=columns, years=years, months=months):
        return table, ()
    first = table.locate(table.lines[np.argmax(is_total)])
    rows = f"{table.count_lines(is_total):,} rows of a month 13"
    return table.take(~is_total), (f"left out: {rows}, the total or the mean of a year ({first})",)


def _are_totals(table: Table, *, columns: Columns, years: NDArray[np.int64], months: NDArray[np.int64]) -> bool:
    """Whether nearly all months 13 of whole years are the sum of their months, or nearly the mean of them."""
    frame = pd.DataFrame({"year": years, "month": months, "value": table.frame[columns.targets[0]].to_numpy(float)})
    keys = ["year"]
    for column in columns.ids:
        frame[f"id {column}"] = table.frame[column].cat.codes.to_numpy()
        keys.append(f"id {column}")
    is_month = frame["month"] <= MONTHS
    others = frame[is_month].groupby(keys)["value"].agg(["sum", "mean", "std", "count"])
    whole = others[others["count"] == MONTHS]
    both = frame[~is_month].set_index(keys)["value"].to_frame("all").join(whole, how="inner").dropna()
    if both.empty:
        return False
    is_sum = np.isclose(both["all"], both["sum"], rtol=CLOSE_TO_SUM)
    is_mean = (both["all"] - both["mean"]).abs() <= CLOSE_TO_MEAN * both["std"]
    years_seen = len(both.index.unique("year")) if len(keys) > 1 else len(both)
    return float(is_sum.mean()) >= SHARE or (years_seen >= FEWEST_FOR_MEAN and float(is_mean.mean()) >= SHARE)
