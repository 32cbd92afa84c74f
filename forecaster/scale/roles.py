"""Find the roles of the columns once for all parts of an input, and refuse options that no part can follow alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from forecaster.data.cells.frame_cells import list_columns
from forecaster.data.covariate_sources.covariate_columns import MAX_CATEGORIES, MISSING_CELLS
from forecaster.data.frames import list_samples
from forecaster.data.numbers.number_cells import MISSING_WORDS, parse_numbers
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns, find_columns
from forecaster.data.roles.future_columns import list_absent
from forecaster.data.roles.key_columns import find_ids, list_keys
from forecaster.errors import DataError, UsageError
from forecaster.library.model import Model
from forecaster.library.remembered import merge_remembered

__all__ = ["HEAD_ROWS", "Roles", "merge_options", "name_roles", "refuse_options"]

FEATURES_OF_DATES = 20
"""Features of holidays, and of the calendar, about."""
HEAD_ROWS = 200_000
"""Rows that show the roles of the columns."""


@dataclass(frozen=True)
class Roles:
    """How all parts are read: the options, with the columns that they name, and the columns that are read.

    found     the roles of the columns
    columns   all that are read
    ids       those by which rows are divided into parts
    numbers   those of plain numbers
    words     those that explain or describe, and are no numbers
    features  how many features the covariates have, about
    """

    reading: ReadOptions
    found: Columns
    columns: tuple[str, ...]
    ids: tuple[str, ...]
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    features: int

    @property
    def divides_by_all(self) -> bool:
        """Whether rows are divided by all columns that name the series."""
        return self.ids == self.reading.ids

    def keep_known(self, present: Collection[str], *, name: str) -> "Roles":
        """The roles of the columns that are `present` in a future, the file `name`.

        Without an id all parts have its rows. Raises DataError where it lacks a column, see `list_absent`.
        """
        list_absent(name, present, columns=self.found)
        wanted = (*self.ids, *self.found.time_columns, *self.found.known)
        columns = tuple(name for name in wanted if name in present)
        ids = self.ids if {*self.ids} <= {*columns} else ()
        numbers, words = (tuple(name for name in names if name in columns) for names in (self.numbers, self.words))
        return replace(self, columns=columns, ids=ids, numbers=numbers, words=words)


def merge_options(reading: ReadOptions, *, model: Model) -> ReadOptions:
    """The options, and those that a trained model remembers. Raises UsageError for what parts cannot follow."""
    merged = reading if model.is_base else merge_remembered(reading, model.memory)
    refuse_options(merged)
    return merged


def refuse_options(reading: ReadOptions) -> None:
    """Raise UsageError for options that cannot be followed in parts."""
    if reading.aggregate is not None:
        raise UsageError(
            "--aggregate, given or remembered by the model, needs all series at once, which are not there in parts: "
            "read the data in one go, without --max-memory and --engine."
        )
    if reading.wide:
        raise UsageError("--wide: a table with a column per series is not read in parts. Forecast it in one go.")


def name_roles(head: pd.DataFrame, *, name: str, reading: ReadOptions) -> Roles:
    """The roles of the columns that the first rows, `head`, show.

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
        written = [name for name in columns.time_columns if pd.api.types.is_string_dtype(cells[name].dtype)]
        cells |= {name: cells[name].mask(cells[name].isin(MISSING_WORDS)) for name in written}
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
    read = tuple(dict.fromkeys((*ids, *columns.time_columns, *columns.targets, *columns.explanatory)))
    if len({column.casefold() for column in read}) < len(read):
        raise DataError(f"{name}: names of columns differ only in capitals, which parts do not keep apart. Rename one.")
    named = replace(
        reading,
        ids=ids,
        time=reading.time if columns.joined is not None else columns.time,
        target=",".join(columns.targets),
        wide=False,
    )
    words, features = _find_words(list_columns(head, name=name), columns=columns)
    numbers = tuple(column for column in columns.explanatory if column not in words)
    features += FEATURES_OF_DATES * (bool(reading.holidays) + bool(reading.calendar))
    return Roles(named, columns, read, tuple(ids), (*columns.targets, *numbers), words, features)


def _find_words(cells: "Mapping[str, pd.Series[Any]]", *, columns: Columns) -> tuple[tuple[str, ...], int]:
    """The columns that explain or describe and are no numbers, and how many features the covariates have, about.

    All of the first rows show it, as those of the first year may be blank.
    """
    distinct = {column: _list_distinct(cells[column]) for column in columns.explanatory}
    words = tuple(
        column for column, texts in distinct.items() if column in columns.categories or not _are_numbers(texts)
    )
    sizes = {column: min(max(len(distinct[column]), 1), MAX_CATEGORIES) for column in words}
    return words, sum(sizes.get(column, 1) for column in columns.covariates)


def _list_distinct(cells: "pd.Series[Any]") -> list[str]:
    """The distinct cells of a column as text, without those for missing ones."""
    texts = (str(cell).strip() for cell in cells.dropna().unique())
    return [text for text in texts if text.casefold() not in MISSING_CELLS]


def _are_numbers(distinct: list[str]) -> bool:
    return bool(parse_numbers(distinct).is_number.all())


def _make_category(cells: "pd.Series[Any]") -> pd.Categorical:
    codes, distinct = pd.factorize(cells)
    return pd.Categorical.from_codes(codes, categories=pd.Index(pd.Series(distinct).astype(str), dtype=object))
