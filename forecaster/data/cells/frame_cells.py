"""The columns of a pandas frame by name, and their cells as the text that a file would hold."""

from typing import Any

import numpy as np
import pandas as pd

from forecaster.data.cells.text_columns import SAMPLE_ROWS
from forecaster.data.numbers.number_cells import MISSING_WORDS
from forecaster.errors import DataError

__all__ = ["is_text", "list_columns", "make_category", "take_sample", "write_texts"]


def list_columns(frame: pd.DataFrame, *, name: str) -> "dict[str, pd.Series[Any]]":
    """The columns by name, those of the index first; lists and the like in them are the text that shows them.

    Raises DataError where two have the same name, or one has an empty one.
    """
    index = frame.index
    found: list[tuple[str, pd.Series[Any]]] = []
    for level in range(index.nlevels):
        values = index.get_level_values(level)
        is_time = isinstance(values, pd.DatetimeIndex | pd.PeriodIndex)
        if values.name is not None or is_time or index.nlevels > 1:
            usual = "timestamp" if is_time else "series"
            found.append((str(usual if values.name is None else values.name), values.to_series()))
    found += [(str(label), frame.iloc[:, position]) for position, label in enumerate(frame.columns)]
    columns: dict[str, pd.Series[Any]] = {}
    for label, column in found:
        if not label:
            raise DataError(f"{name}: the name of a column is empty. Give it one.")
        if label in columns:
            raise DataError(f"{name}: two columns, or one and the index, have the same name {label!r}. Rename one.")
        columns[label] = _show_collections(column.reset_index(drop=True))
    return columns


def _show_collections(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    """`cells` as text where one of them is a list, a dict, an array or the like, which nothing can be made of."""
    if isinstance(cells.dtype, pd.ArrowDtype) and cells.dtype.pyarrow_dtype.num_fields:  # lists and objects of Arrow
        cells = cells.astype(object)
    if cells.dtype != object or pd.api.types.infer_dtype(cells, skipna=True) != "mixed":
        return cells
    is_hashable = cells.map(_is_hashable).to_numpy(bool)
    return cells if is_hashable.all() else cells.map(str).where(cells.notna(), None)


def _is_hashable(cell: object) -> bool:
    try:
        hash(cell)
    except TypeError:
        return False
    return True


def take_sample(cells: "pd.Series[Any]") -> "pd.Series[str]":
    """The first rows as text, with True as 1."""
    first = cells.iloc[:SAMPLE_ROWS]
    if pd.api.types.infer_dtype(first, skipna=True) == "boolean":
        first = first.astype("boolean").astype("Int8")
    texts = write_texts(first)
    return texts.mask(texts.isin(MISSING_WORDS))


def write_texts(cells: "pd.Series[Any]") -> "pd.Series[str]":
    """Cells as text, NaN where there is none; a weekly period is written as its first day."""
    if isinstance(cells.dtype, pd.PeriodDtype) and cells.dtype.freq.rule_code.startswith("W"):
        cells = cells.dt.start_time
    return cells.astype(str).astype(object).where(cells.notna().to_numpy(bool), np.nan)


def is_text(cells: "pd.Series[Any]") -> bool:
    """Whether all cells that are not missing are text."""
    return pd.api.types.infer_dtype(cells, skipna=True) == "string"


def make_category(cells: "pd.Series[Any]", *, missing: list[str] | None = None) -> pd.Categorical:
    """The distinct cells as text; texts in `missing` count as missing."""
    codes, distinct = pd.factorize(cells)
    texts = write_texts(pd.Series(distinct, dtype=distinct.dtype))
    text_codes, categories = pd.factorize(texts.mask(texts.isin(missing or [])))
    cell_codes = np.append(text_codes, -1)[codes]
    return pd.Categorical.from_codes(cell_codes, categories=pd.Index(categories, dtype=object))
