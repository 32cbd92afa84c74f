"""One table of id, time and number columns, as they were read from one file or several."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.layouts.period_columns import PeriodColumns
from forecaster.data.layouts.period_rows import is_blank
from forecaster.data.number_style import NumberStyle
from forecaster.data.roles.columns import Columns

__all__ = ["BEYOND_HEADER", "Table", "is_blank"]

BEYOND_HEADER = "\0beyond"
"""The column of cells for which the header has no name."""


@dataclass(frozen=True)
class Table:
    """Cells of id, time and target columns as they were read, with the line number of each row.

    Lines are counted from 1 within their file; the bits above the lowest 40 hold the index of the file. A frame has
    row numbers instead, counted from 0; `line_name` is the word for them in messages. Of files with `periods` as
    columns, by their index, it is the line times the number of periods, and the place of the period. `find_respelled`
    gives names of series with blanks in front, as the function of that name does. `number_style` is
    how the file writes its numbers, and `notes` say how they were read. Columns that are `per_cent` are those of a
    spreadsheet that shows all numbers in them as such, 0.2 as 20 %.
    """

    name: str
    files: tuple[str, ...]
    frame: pd.DataFrame
    lines: NDArray[np.int64]
    line_name: str = "line"
    number_style: NumberStyle = field(default_factory=NumberStyle)
    notes: tuple[str, ...] = ()
    periods: dict[int, PeriodColumns] = field(default_factory=dict)
    per_cent: frozenset[str] = frozenset()
    find_respelled: Callable[[], dict[str, tuple[str, str]]] = dict

    @classmethod
    def join(cls, tables: list[Self], *, name: str) -> Self:
        """One table of the rows of all files."""
        if len(tables) == 1:
            return tables[0]
        columns = {}
        for column in tables[0].frame:
            cells = [table.frame[column] for table in tables]
            is_category = isinstance(cells[0].dtype, pd.CategoricalDtype)
            columns[column] = _join_categories(cells) if is_category else np.concatenate(cells)
        lines = [table.lines + (number << 40) for number, table in enumerate(tables)]
        files = tuple(table.name for table in tables)
        periods = {number: table.periods[0] for number, table in enumerate(tables) if table.periods}
        joined = cls(name, files, pd.DataFrame(columns), np.concatenate(lines), periods=periods)
        first, notes = tables[0], tuple(dict.fromkeys(note for table in tables for note in table.notes))
        return replace(joined, line_name=first.line_name, number_style=first.number_style, notes=notes)

    def replace_columns(self, columns: dict[str, Any]) -> "Table":
        """The table with other cells in some columns."""
        cells = {str(name): columns.get(str(name), cells) for name, cells in self.frame.items()}
        return replace(self, frame=pd.DataFrame(cells)) if columns else self

    def take(self, is_kept: NDArray[np.bool_]) -> Self:
        """The table with the rows that are kept, and the categories of these."""
        frame = self.frame[is_kept].reset_index(drop=True)
        for name in frame.select_dtypes("category"):
            frame[name] = frame[name].cat.remove_unused_categories()
        return replace(self, frame=frame, lines=self.lines[is_kept])

    def locate(self, line: Any, *, series: tuple[str, ...] = (), column: str = "", after: Any = -1) -> str:
        """Where in the input a row is, in words; without its file where that is the file of the line `after`."""
        file, number = int(line) >> 40, int(line) & ((1 << 40) - 1)
        if file in self.periods:
            number, column = self.periods[file].split(number, column=column)
        words = [self.files[file]] if file != int(after) >> 40 else []
        # of names that are there twice, all but the first hold the place of their column
        name, _, place = column.partition("\0")
        if name:
            words.append(f"column {name!r} (column {int(place) + 1})" if place else f"column {name!r}")
        words += [f"series {_one_line(', '.join(series))}"] if series else []
        return ", ".join([*words, f"{self.line_name} {number}"])

    def count_lines(self, is_row: NDArray[np.bool_]) -> int:
        """The number of lines that some rows are in."""
        lines = self.lines[is_row]
        for file, periods in self.periods.items():
            numbers = lines & ((1 << 40) - 1)
            lines = np.where(lines >> 40 == file, (file << 40) + numbers // len(periods.places), lines)
        return len(np.unique(lines))

    def locate_cell(self, column: str, row: int, *, ids: tuple[str, ...]) -> str:
        """Where a cell is, in words: its file, its column, its series where there are `ids`, and its line."""
        series = tuple(str(self.frame[name].iloc[row]) for name in ids)
        return self.locate(self.lines[row], series=series, column=column)

    def drop_blank_rows(self, columns: Columns) -> "Table":
        """The table without its empty rows; many spreadsheets end in such rows."""
        is_filled = self.frame[columns.time].notna().to_numpy(bool)
        if is_filled.all():
            return self
        named = [~is_blank(self.frame[column]) for column in columns.ids]
        others = self.frame.columns.intersection([*columns.targets, BEYOND_HEADER])
        is_filled = np.logical_or.reduce([is_filled, self.frame[others].notna().any(axis=1).to_numpy(bool), *named])
        return replace(self, frame=self.frame[is_filled].reset_index(drop=True), lines=self.lines[is_filled])


def _join_categories(parts: "list[pd.Series[Any]]") -> pd.Categorical:
    # pandas 3 has two types of text, and does not join categories of one with those of the other
    texts = [pd.Categorical.from_codes(cells.cat.codes, cells.cat.categories.astype(object)) for cells in parts]
    return pd.api.types.union_categoricals(texts)


def _one_line(text: str) -> str:
    return " ".join(text.split())
