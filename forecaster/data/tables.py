"""Read the cells of text files into one table of id, time and number columns."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.columns import Columns, find_columns
from forecaster.data.read_options import ReadOptions
from forecaster.data.sniffing import BROKEN_GZIP, Source
from forecaster.errors import DataError

__all__ = ["MISSING_WORDS", "SAMPLE_ROWS", "Table", "is_blank", "read_tables"]

MISSING_WORDS = ["", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "None", "none"]
SAMPLE_ROWS = 1000
BEYOND_HEADER = "\0beyond"
"""The column of cells for which the header has no name."""


@dataclass(frozen=True)
class Table:
    """Cells of id, time and target columns as they were read, with the line number of each row.

    Lines are counted from 1 within their file; the bits above the lowest 40 hold the index of the file. A frame has
    row numbers instead, counted from 0; `line_name` is the word for them in messages.
    """

    name: str
    files: tuple[str, ...]
    frame: pd.DataFrame
    lines: NDArray[np.int64]
    line_name: str = "line"

    @classmethod
    def join(cls, tables: list[Self], *, name: str) -> Self:
        """One table of the rows of all files."""
        if len(tables) == 1:
            return tables[0]
        columns = {}
        for column in tables[0].frame:
            cells = [table.frame[column] for table in tables]
            is_category = isinstance(cells[0].dtype, pd.CategoricalDtype)
            columns[column] = pd.api.types.union_categoricals(cells) if is_category else np.concatenate(cells)
        lines = [table.lines + (number << 40) for number, table in enumerate(tables)]
        files = tuple(table.name for table in tables)
        return cls(name, files, pd.DataFrame(columns), np.concatenate(lines))

    def locate(self, line: Any, *, series: tuple[str, ...] = (), column: str = "", after: Any = -1) -> str:
        """Where in the input a row is, in words; without its file where that is the file of the line `after`."""
        file, number = int(line) >> 40, int(line) & ((1 << 40) - 1)
        words = [self.files[file]] if file != int(after) >> 40 else []
        words += [f"column {column!r}"] if column else []
        words += [f"series {_one_line(', '.join(series))}"] if series else []
        return ", ".join([*words, f"{self.line_name} {number}"])

    def drop_blank_rows(self, columns: Columns) -> "Table":
        """The table without its empty rows; many spreadsheets end in such rows."""
        is_filled = self.frame[columns.time].notna().to_numpy(bool)
        if is_filled.all():
            return self
        named = [~is_blank(self.frame[column]) for column in columns.ids]
        others = self.frame.columns.intersection([*columns.targets, BEYOND_HEADER])
        is_filled = np.logical_or.reduce([is_filled, self.frame[others].notna().any(axis=1).to_numpy(bool), *named])
        return replace(self, frame=self.frame[is_filled].reset_index(drop=True), lines=self.lines[is_filled])


def read_tables(sources: list[Source], *, name: str, options: ReadOptions) -> tuple[Table, Columns]:
    """The rows of all `sources` in one table called `name`; the roles of the columns come from the first source.

    Raises DataError for input that is not a table of text, and for text where numbers should be.
    """
    first = sources[0]
    with _explain_errors(first):
        sample = _read_sample(first)
    is_whole = len(sources) == 1 and len(sample) < SAMPLE_ROWS
    columns = find_columns(sample, name=first.name, decimal=first.decimal, options=options, is_whole=is_whole)
    tables = _read_all(sources, columns=columns)
    if columns.undecided:
        late = _collect_late_cells(tables, columns.undecided, most=len(sample))
        filled = pd.DataFrame({column: late.get(column, sample[column]) for column in sample})
        found = find_columns(filled, name=first.name, decimal=first.decimal, options=options)
        # most undecided columns are text or empty, and need no second pass
        tables = tables if found.targets == columns.targets else _read_all(sources, columns=found)
        columns = found
    return Table.join(tables, name=name), columns


def _read_all(sources: list[Source], *, columns: Columns) -> list[Table]:
    tables = []
    for source in sources:
        with _explain_errors(source):
            tables.append(_read_cells(source, columns=columns))
    return tables


@contextmanager
def _explain_errors(source: Source) -> Iterator[None]:
    """Raise DataError for any error while the text of `source` is read."""
    try:
        yield
    except UnicodeError as error:
        raise source.explain_decode_error() from error
    except pd.errors.ParserError as error:
        raise _explain_parser_error(error, source=source) from error
    except BROKEN_GZIP as error:
        raise source.explain_broken_gzip() from error
    except OSError as error:
        raise DataError(f"{source.name}: cannot be read ({error.strerror or error}). Copy it again.") from error


def _read_sample(source: Source) -> pd.DataFrame:
    """The first rows as text, without columns that have no name."""
    named = [cell for cell in source.header if cell]
    return _read_csv(source, wanted=named, dtype=str, na_values=MISSING_WORDS, nrows=SAMPLE_ROWS)[named]


def _read_cells(source: Source, *, columns: Columns) -> Table:
    absent = next((cell for cell in [*columns.ids, columns.time, *columns.targets] if cell not in source.header), None)
    if absent is not None:
        raise DataError(f"{source.name}: no column {absent!r}, which the files before it have.")
    undecided = [column for column in columns.undecided if column in source.header]
    arguments: dict[str, Any] = {"wanted": [*columns.ids, columns.time, *columns.targets, *undecided]}
    arguments["na_values"] = dict.fromkeys([columns.time, *columns.targets, *undecided, BEYOND_HEADER], MISSING_WORDS)
    try:
        texts = [*columns.ids, columns.time, *undecided, BEYOND_HEADER]
        dtypes = dict.fromkeys(texts, "category") | dict.fromkeys(columns.targets, "float64")
        frame = _read_csv(source, dtype=dtypes, **arguments)
    except ValueError as error:
        if isinstance(error, UnicodeError | pd.errors.ParserError):
            raise
        raise _find_text_among_numbers(
            _read_csv(source, dtype=str, **arguments), source=source, columns=columns
        ) from error
    lines = np.arange(len(frame)) + _first_line(source)
    table = Table(source.name, (source.name,), frame, lines).drop_blank_rows(columns)
    if not len(table.frame):
        raise DataError(f"{source.name}: only a header line, no rows. Add at least a few rows of data.")
    is_longer = table.frame.pop(BEYOND_HEADER).notna().to_numpy()
    if is_longer.any():
        where = table.locate(table.lines[np.argmax(is_longer)])
        raise DataError(
            f"{where}: more cells than the {len(source.header)} columns of the "
            "header. Put cells that hold the separator in quotation marks, and write numbers as 1234.5."
        )
    return table


def _collect_late_cells(tables: list[Table], columns: tuple[str, ...], *, most: int) -> dict[Any, "pd.Series[str]"]:
    """The first `most` cells of each of `columns` that are not empty, taken out of the tables."""
    late: dict[Any, pd.Series[str]] = {}
    for column in columns:
        found = [table.frame.pop(column).dropna().head(most) for table in tables if column in table.frame]
        late[column] = pd.Series([cell for cells in found for cell in cells][:most], dtype=str)
    return late


def _read_csv(source: Source, *, wanted: list[str], **arguments: Any) -> pd.DataFrame:
    """The `wanted` columns and BEYOND_HEADER; a row for each line, blank ones too."""
    names = [cell or f"\0{position}" for position, cell in enumerate(source.header)] + [BEYOND_HEADER]
    with source.open_rows(first=source.delimiter.join(map(str, range(len(names))))) as rows:
        frame: pd.DataFrame = pd.read_csv(
            rows,
            sep=source.delimiter,
            decimal=source.decimal,
            header=0,
            names=names,
            usecols=[names.index(column) for column in [*wanted, BEYOND_HEADER]],
            index_col=False,
            skipinitialspace=True,
            skip_blank_lines=False,
            keep_default_na=False,
            **arguments,
        )
    return frame


def _first_line(source: Source) -> int:
    return source.blank_lines + source.header_lines + 1


def is_blank(cells: "pd.Series[Any]") -> NDArray[np.bool_]:
    """Which cells hold no text."""
    return (cells.isna() | (cells == "")).to_numpy(bool)


def _explain_parser_error(error: Exception, *, source: Source) -> DataError:
    reason = str(error).removeprefix("Error tokenizing data. C error: ").strip()
    unclosed = re.fullmatch(r"EOF inside string starting at row (\d+)", reason)
    if unclosed:
        line = int(unclosed[1]) - 1 + _first_line(source)
        return DataError(
            f"{source.name}, line {line}: a quotation mark opened there is never closed. Close it, or remove it."
        )
    return DataError(f"{source.name}: broken line: {reason}. Fix it, or save the file again.")


def _find_text_among_numbers(texts: pd.DataFrame, *, source: Source, columns: Columns) -> DataError:
    table = Table(source.name, (source.name,), texts, np.arange(len(texts)) + _first_line(source))
    for column in columns.targets:
        cells = texts[column].str.strip()
        numbers = pd.to_numeric(cells.str.replace(source.decimal, ".", regex=False), errors="coerce")
        bad = (cells.notna() & numbers.isna()).to_numpy(bool)
        if bad.any():
            row = int(np.argmax(bad))
            series = tuple(str(texts[name].iloc[row]) for name in columns.ids)
            where = table.locate(table.lines[row], series=series, column=column)
            return DataError(
                f"{where}: {texts[column].iloc[row]!r} is not a number. "
                "Leave cells without a value empty, and write numbers as 1234.5."
            )
    return DataError(f"{source.name}: some cells of {', '.join(columns.targets)} are not numbers.")


def _one_line(text: str) -> str:
    return " ".join(text.split())
