"""Find the roles of the columns once for all parts of an input, and refuse options that no part can follow alone."""

from dataclasses import replace
from typing import Any

import pandas as pd

from forecaster.data.columns import find_columns
from forecaster.data.frame_cells import list_columns
from forecaster.data.frames import list_samples
from forecaster.data.key_columns import find_ids, list_keys
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError, UsageError
from forecaster.library.model import Model

__all__ = ["HEAD_ROWS", "merge_options", "name_roles", "refuse_options"]

HEAD_ROWS = 200_000
"""Rows that show the roles of the columns."""
FLAGS = {
    "known": "--known",
    "past": "--past",
    "static": "--static",
    "categories": "--categories",
    "holidays": "--holidays",
    "calendar": "--calendar",
    "aggregate": "--aggregate",
}
"""Options whose result for a part depends on the other parts."""


def merge_options(reading: ReadOptions, *, model: Model, has_future: bool = False) -> ReadOptions:
    """The options, and those that a trained model remembers.

    Raises UsageError for what cannot be followed in parts, as a file of --future cannot.
    """
    merged = reading if model.is_base else reading.over(model.trained_card.source.read_options)
    refuse_options(merged, has_future=has_future)
    return merged


def refuse_options(reading: ReadOptions, *, has_future: bool = False) -> None:
    """Raise UsageError for options that cannot be followed in parts; all are named, as one alone would not help."""
    flags = [flag for name, flag in FLAGS.items() if getattr(reading, name) not in (None, ())]
    flags += ["--future"] if has_future else []
    if flags:
        named, need = " and ".join(flags), "needs" if len(flags) == 1 else "need"
        raise UsageError(
            f"{named}, given or remembered by the model, {need} all series at once, which are not there in parts: read "
            "the data in one go, without --max-memory and --engine."
        )
    if reading.wide:
        raise UsageError("--wide: a table with a column per series is not read in parts. Forecast it in one go.")


def name_roles(head: pd.DataFrame, *, name: str, reading: ReadOptions) -> tuple[ReadOptions, tuple[str, ...]]:
    """The options with the roles of the columns that the first rows, `head`, show; and the columns that are read.

    Raises DataError for a table that cannot be divided into parts: one series, or a table whose columns are series or
    times.
    """
    sample = list_samples(head)
    columns = find_columns(sample, name=name, options=reading)
    if columns.wide:
        raise DataError(
            f"{name}: its columns are series, and such a table is not read in parts. Leave --max-memory out, or write "
            "it with a column for the series and a row for each value."
        )
    keys = list_keys(sample, columns=columns, options=reading, periods=None)
    ids: tuple[str, ...] | None = columns.ids
    if keys.columns:
        wanted = dict.fromkeys((*columns.ids, *keys.columns, *columns.time_columns))
        cells = list_columns(head, name=name)
        texts: dict[str, Any] = {column: _make_category(cells[column]) for column in wanted}
        if columns.joined is not None:
            texts[columns.time] = pd.Categorical(columns.joined.join(pd.DataFrame(cells).astype(object)))
        ids = find_ids(pd.DataFrame(texts), columns=columns, keys=keys, name=name, periods=None) or columns.ids
        columns = find_columns(sample, name=name, options=replace(reading, ids=ids))
    if not ids:
        raise DataError(
            f"{name}: no column names the series, so that it cannot be divided into parts. Name it with --id, or leave "
            "--max-memory out."
        )
    if not columns.targets:
        raise DataError(f"{name}: its first rows show no column to forecast. Name it with --target.")
    read = tuple(dict.fromkeys((*ids, *columns.time_columns, *columns.targets)))
    if len({column.casefold() for column in read}) < len(read):
        raise DataError(f"{name}: names of columns differ only in capitals, which parts do not keep apart. Rename one.")
    named = replace(
        reading,
        ids=ids,
        time=reading.time if columns.joined is not None else columns.time,
        target=",".join(columns.targets),
        wide=False,
    )
    return named, read


def _make_category(cells: "pd.Series[Any]") -> pd.Categorical:
    codes, distinct = pd.factorize(cells)
    return pd.Categorical.from_codes(codes, categories=pd.Index(pd.Series(distinct).astype(str), dtype=object))
