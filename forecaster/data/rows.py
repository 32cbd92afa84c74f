"""The observations of all files: what each row says, rows of one moment merged, rows without a value trimmed."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.columns import Columns
from forecaster.data.tables import Table
from forecaster.errors import DataError

__all__ = ["Duplicates", "Rows", "merge_duplicates", "show_moment", "starts_group", "starts_series", "trim_unobserved"]

Duplicates = Literal["refuse", "sum", "mean", "last", "first"]
MOST_NAMED = 5


@dataclass(frozen=True)
class Rows:
    """The observations of all files, one each row: series, time by the clock and in UTC, value, line."""

    codes: NDArray[np.int64]
    wall: NDArray[Any]
    instant: NDArray[Any]
    values: NDArray[np.float64]
    lines: NDArray[np.int64]

    def take(self, places: Any) -> "Rows":
        """The rows at `places`, or where a mask is true."""
        return Rows(*(column[places] for column in vars(self).values()))


def merge_duplicates(
    rows: Rows,
    moments: NDArray[Any],
    ids: list[tuple[str, ...]],
    *,
    table: Table,
    duplicates: Duplicates,
    columns: Columns,
) -> Rows:
    """Rows of one series at one moment become one. Rows are sorted; DataError where they are to be refused.

    The error names those of `columns` that may tell such rows apart.
    """
    is_new = starts_group(rows.codes, moments)
    if is_new.all():
        return rows
    if duplicates == "refuse":
        row = int(np.argmin(is_new))
        where = table.place(rows.lines[row], series=ids[rows.codes[row]])
        before = table.place(rows.lines[row - 1], beside=rows.lines[row])
        if columns.time_parts is not None:
            reason = columns.time_parts.describe()
            raise DataError(f"{where}: {show_moment(rows.wall[row])} is there already ({before}); {reason}")
        repeated = int((~is_new).sum())
        candidates = f" ({', '.join(columns.ignored[:MOST_NAMED])})" if columns.ignored else ""
        raise DataError(
            f"{where}: {show_moment(rows.wall[row])} is there already ({before}); {repeated:,} "
            f"{'row repeats' if repeated == 1 else 'rows repeat'} a timestamp. If another column{candidates} tells "
            "series apart name it with --id; to merge such rows use --duplicates sum, mean, last or first."
        )
    group = np.cumsum(is_new) - 1
    # sums and means leave missing values out; a group with nothing else stays missing
    merged = pd.Series(rows.values).groupby(group)
    values = {
        "sum": lambda: merged.sum(min_count=1),
        "mean": merged.mean,
        "last": merged.last,
        "first": merged.first,
    }
    return replace(rows.take(is_new), values=values[duplicates]().to_numpy().astype(np.float64))


def trim_unobserved(rows: Rows, *, series: int) -> tuple[Rows, int]:
    """Drop the rows before the first and after the last value of each series."""
    observed = ~np.isnan(rows.values)
    place = np.arange(len(rows.values))
    last = np.full(series, -1)
    np.maximum.at(last, rows.codes[observed], place[observed])
    first = np.full(series, len(place))
    np.minimum.at(first, rows.codes[observed], place[observed])
    keep = (place >= first[rows.codes]) & (place <= last[rows.codes])
    return (rows if keep.all() else rows.take(keep)), int((~keep).sum())


def starts_series(codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the sorted rows is the first of its series."""
    return np.append(True, codes[1:] != codes[:-1])


def starts_group(codes: NDArray[np.int64], moments: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of the sorted rows is the first of its series and moment."""
    return np.append(True, (codes[1:] != codes[:-1]) | (moments[1:] != moments[:-1]))


def show_moment(moment: Any) -> str:
    """A moment in words, without the parts that are zero."""
    text = str(moment).replace("T", " ")
    return text.removesuffix(".000000").removesuffix(" 00:00:00")
