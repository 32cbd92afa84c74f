"""Round forecasts to the digits that the input justifies, and write numbers as the input writes them."""

import csv
from typing import Any, BinaryIO, Literal, TextIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.number_style import NumberStyle, count_decimals, is_doubtful

__all__ = ["as_whole", "most_decimals", "round_forecasts", "round_values", "write_csv"]

MORE_DECIMALS = 2
"""Decimals of forecasts beyond those of the input."""
SIGNIFICANT = 3
"""Digits that small forecasts keep, in up to four further decimals: sums of rare sales stay right."""


def most_decimals(decimals: int | None, bounds: list[float | None]) -> int | None:
    """The decimals of the input or of the bounds, whichever has more, so that no bound is rounded beyond itself."""
    counts = [decimals, *(count_decimals(np.array([bound])) for bound in bounds if bound is not None)]
    known = [count for count in counts if count is not None]
    return max(known) if len(known) == len(counts) else None


def round_forecasts(table: pd.DataFrame, *, columns: list[str], decimals: int | None) -> pd.DataFrame:
    """The table with `columns` rounded to two decimals more than `decimals`, those of the input; None for all."""
    if decimals is None:
        return table
    rounded: dict[str, Any] = {
        name: round_values(table[name].to_numpy(np.float64), decimals=decimals) for name in columns
    }
    return table.assign(**rounded)


def round_values(values: NDArray[np.float64], *, decimals: int | None) -> NDArray[np.float64]:
    """Forecasts rounded to two decimals more than `decimals`, those of the input, small ones to a few more."""
    if decimals is None:
        return values
    fewest = decimals + MORE_DECIMALS
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = SIGNIFICANT - 1 - np.floor(np.log10(np.abs(values)))
    wanted = np.clip(np.nan_to_num(needed, nan=0, posinf=0), fewest, fewest + 4)
    rounded = values.copy()
    for number in np.unique(wanted):
        rounded = np.where(wanted == number, np.round(values, int(number)), rounded)
    return rounded + 0.0  # no -0.0


def as_whole(numbers: NDArray[np.float64]) -> "pd.Series[int] | pd.Series[float]":
    """Whole numbers as such: 12, not 12.0."""
    filled = numbers[~np.isnan(numbers)]
    is_whole = bool(((filled == np.round(filled)) & (np.abs(filled) < 2**53)).all())
    return pd.Series(numbers).astype("Int64") if is_whole else pd.Series(numbers)


def write_csv(table: pd.DataFrame, file: BinaryIO | TextIO, *, style: NumberStyle, is_packed: bool = False) -> None:
    """Write the table as CSV text with the delimiter and the decimal mark of `style`."""
    if style != NumberStyle(decimals=style.decimals):
        # 1,235 alone would have two readings
        unclear = [
            name for name in table.select_dtypes("float64") if _has_three_decimals(table[name].to_numpy(np.float64))
        ]
        texts: dict[str, Any] = {str(name): [_write_number(value, style) for value in table[name]] for name in unclear}
        table = table.assign(**texts)
    packing: Literal["gzip"] | None = "gzip" if is_packed else None
    quoting = _choose_quoting(table)
    if quoting == csv.QUOTE_MINIMAL and style.decimal == ".":
        # pandas would make texts of a fixed width of the numbers, which takes half of the time; the digits are the same
        table = table.astype(dict.fromkeys(table.select_dtypes("float64"), object))
    table.to_csv(file, index=False, sep=style.delimiter, decimal=style.decimal, compression=packing, quoting=quoting)


def _choose_quoting(table: pd.DataFrame) -> Literal[0, 2]:
    """Quote all texts where some hold a carriage return, which would otherwise be written bare and end the line."""
    texts = [str(column) for column in table]
    others = table.select_dtypes(exclude=["number", "datetime", "datetimetz"])
    for _, cells in others.items():  # two columns may have the same name
        texts += cells.dropna().astype(str).unique().tolist()
    return csv.QUOTE_NONNUMERIC if any("\r" in text for text in texts) else csv.QUOTE_MINIMAL


def _has_three_decimals(values: NDArray[np.float64]) -> bool:
    return is_doubtful(values) and not bool((np.round(values, 2) == values).any())


def _write_number(value: float, style: NumberStyle) -> str:
    return "" if np.isnan(value) else f"{value:.4f}".replace(".", style.decimal)
