"""Read a sheet of an Excel file into a frame: find the sheet and its header, and the types of its columns."""

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.files.content import Content
from forecaster.data.files.shown_dates import is_number, undo_dates
from forecaster.data.files.shown_per_cent import PerCent, can_show_per_cent
from forecaster.data.layouts.first_line import judge_first_line
from forecaster.data.layouts.notes_below import count_notes, pick_notes
from forecaster.data.layouts.period_columns import FEWEST_PERIODS
from forecaster.data.layouts.preamble import describe_preamble
from forecaster.data.layouts.repeated_headers import describe_repeated
from forecaster.data.layouts.years_above import YEARS_ABOVE, find_below_years, join_years
from forecaster.errors import ConfigurationError, DataError, ForecastError, UsageError

__all__ = ["Sheet", "read_sheet"]

MOST_TITLES = 20
"""Filled rows above a header that may be titles."""
MIN_ROWS = 3
"""Rows with a number below the header that a sheet needs to be taken for a table."""
TIMES = "timestamp"
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Sheet:
    """The table in a sheet, the number of each of its rows there, and what was found out about it.

    It shows the numbers of columns that are `per_cent` as such.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    notes: tuple[str, ...] = ()
    per_cent: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Cells:
    """The cells of a sheet, how many `dates` were numbers, and what is shown as per cent."""

    rows: list[Row]
    dates: int
    per_cent: PerCent


def read_sheet(
    content: Content, *, sheet: str | None = None, has_names: bool = False, skipped: int | None = None
) -> Sheet:
    """The table in the sheet of that name, or in the first one that holds a table; formulas have their last values.

    Where it `has_names`, the first row of the table is taken for these, even if it looks like values. So is the first
    one below `skipped` rows.
    Raises ConfigurationError where openpyxl is not installed, UsageError where there is no such sheet, DataError where
    the file is broken, or holds no table.
    """
    try:
        import openpyxl  # noqa: PLC0415, F401 - an extra
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{content.name}: reading Excel needs an extra, installed with: pip install 'forecast-lstm[excel]'. "
            "Or save the sheet as CSV."
        ) from error
    try:
        with warnings.catch_warnings():  # on styles and extensions, which are not read
            warnings.simplefilter("ignore")
            return _read_book(content, sheet=sheet, has_names=has_names, skipped=skipped)
    except ForecastError:
        raise
    # whatever openpyxl meets in an archive that is broken
    except Exception as error:
        raise DataError(
            f"{content.name}: the Excel file cannot be read ({type(error).__name__}: {error}). "
            "Open it in a spreadsheet program and save it again, or save the sheet as CSV."
        ) from error


def _read_book(content: Content, *, sheet: str | None, has_names: bool, skipped: int | None) -> Sheet:
    with _open_book(content, data_only=True) as book:
        find = partial(_find_header, has_names=has_names, skipped=skipped)
        titles, title, read = _choose_sheet(book, content, sheet=sheet, find=find)
    rows, header = read.rows, find(read.rows)
    below = rows if header is None else rows[header + 1 :]
    if header is None or any(cell is None or cell == 0 for row in below for cell in row):
        _check_formulas(content, title, first=len(rows) - len(below) + 1)
    if header is None:
        raise DataError(
            f"{content.name}, sheet {title!r}: no row of names of columns above rows of values. "
            "Put one there, say --header if the first row holds names, or name another --sheet."
        )
    found = _make_frame(rows, header=header, name=f"{content.name}, sheet {title!r}")
    others = ", ".join(repr(other) for other in titles if other != title)
    which = (f"sheet {title!r} read; another is selected with --sheet: {others}",) if others and sheet is None else ()
    count = read.dates
    dates = (f"{count:,} {'number' if count == 1 else 'numbers'} shown as dates: read as numbers",) if count else ()
    places = {place: name for place, name in enumerate(map(_name, rows[header])) if name}
    per_cent = read.per_cent.find(places, first=header + 2)
    return Sheet(found.frame, found.rows, which + found.notes + dates, per_cent)


def _choose_sheet(
    book: Any, content: Content, *, sheet: str | None, find: Callable[[list[Row]], int | None]
) -> tuple[list[str], str, _Cells]:
    """The titles of all sheets, and the title and the cells of the one that is read, in which there is a header."""
    titles, name = [part.title for part in book.worksheets], content.name
    if sheet is not None and sheet not in titles:
        raise UsageError(f"--sheet {sheet}: {name} has no such sheet: there are {', '.join(titles)}.")
    has_formats, read = can_show_per_cent(content), dict[str, _Cells]()
    for title in titles if sheet is None else [sheet]:
        if sheet is None and book[title].sheet_state != "visible":
            continue
        per_cent = PerCent()
        found = _read_rows(book[title], per_cent=per_cent if has_formats else None)
        read[title] = _Cells(*undo_dates(found, epoch=book.epoch), per_cent)
        if find(read[title].rows) is not None:
            return titles, title, read[title]
    # the message says what is wrong with the first sheet that has anything in it
    filled = next((title for title, cells in read.items() if cells.rows), None)
    if filled is None:
        raise DataError(f"{name}: there is nothing in {'the sheet' if sheet else 'any sheet'}. Name another file.")
    return titles, filled, read[filled]


@contextmanager
def _open_book(content: Content, *, data_only: bool) -> Iterator[Any]:
    import openpyxl  # noqa: PLC0415

    with content.open() as file:
        yield openpyxl.load_workbook(file, read_only=True, data_only=data_only)


def _read_rows(sheet: Any, *, per_cent: PerCent | None = None) -> list[Row]:
    """The cells of all rows down to the last that has any; `per_cent` notes which are shown as such."""
    sheet.reset_dimensions()  # some programs write wrong ones
    cells = sheet.iter_rows(values_only=True) if per_cent is None else per_cent.note(sheet)
    rows = [tuple(map(_clean, row)) for row in cells]
    while rows and not _is_filled(rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    return [row + (None,) * (width - len(row)) for row in rows]


def _clean(cell: Any) -> Any:
    """A cell; text without spaces around it, times of day and durations as text."""
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return cell.isoformat() if isinstance(cell, time) else cell


def _is_filled(row: Row) -> bool:
    return any(cell is not None for cell in row)


def _count(row: Row) -> int:
    return sum(cell is not None for cell in row)


def _has_number(cell: Any) -> bool:
    return is_number(cell) or isinstance(cell, date) or (isinstance(cell, str) and any(map(str.isdigit, cell)))


def _find_header(rows: Sequence[Row], *, has_names: bool, skipped: int | None) -> int | None:
    """The index of the row of names, below titles; None where there are no rows of a table below it."""
    filled = [number for number, row in enumerate(rows) if _is_filled(row)]
    if skipped is not None:
        return next((number for number in filled[:-1] if number >= skipped), None)
    below_years = find_below_years([*map(_name, rows[number])] for number in filled[: MOST_TITLES + 1])
    if below_years is not None:
        return filled[below_years]
    for place, number in enumerate(filled[:MOST_TITLES]):
        below = [rows[later] for later in filled[place + 1 : place + 1 + MOST_TITLES]]
        dates = sum(isinstance(cell, date) for cell in rows[number])
        if 0 < dates < FEWEST_PERIODS and not any(map(is_number, rows[number])):
            continue  # a title such as: from, 1 January 2024
        # one column may have no name, and no title is as wide as the table
        is_wide = _count(rows[number]) >= max(2, max(map(_count, below), default=0) - 1)
        values = sum(_count(row) > 1 and any(map(_has_number, row)) for row in below)
        if is_wide and values >= min(MIN_ROWS, len(below)) > 0:
            return number if has_names or _holds_names(rows[number], below) else None
    return None


def _holds_names(row: Row, below: Sequence[Row]) -> bool:
    """Whether a row holds names, and not values as those below it; where it may be either, it does not."""
    first, *others = ([_name(cell) for cell in cells] for cells in (row, *below))
    return judge_first_line(first, others) is False


def _make_frame(rows: list[Row], *, header: int, name: str) -> Sheet:
    names, called = _call_times([_name(cell) for cell in rows[header]], rows[header + 1 :])
    titles = rows[:header]
    joined = join_years([_name(cell) for cell in titles[-1]], names) if titles else None
    if joined is not None:
        names, called, titles = joined, (*called, YEARS_ABOVE), titles[:-1]
    repeated = next((cell for place, cell in enumerate(names) if cell and cell in names[:place]), None)
    if repeated is not None:
        raise DataError(f"{name}, row {header + 1}: two columns are named {repeated!r}. Rename one of them.")
    below, noted = _leave_out_notes(rows[header + 1 :], names=names)
    copies = [number for number, row in enumerate(below) if row == rows[header]]
    below = [row for row in below if row != rows[header]]
    columns = {cell: _infer([row[place] for row in below]) for place, cell in enumerate(names) if cell}
    lines = [" ".join(str(cell) for cell in row if cell is not None) for row in titles]
    notes = (*called, *(note.replace("line", "row", 1) for note in describe_preamble(lines)))
    notes += (f"left out: {count_notes(len(noted), 'row')} ({name}, row {header + 2 + noted[-1]})",) if noted else ()
    if copies:
        notes += (f"left out: {describe_repeated(len(copies), 'row')} ({name}, row {header + 2 + copies[0]})",)
    numbers = np.delete(np.arange(len(below) + len(copies)), copies) + header + 2
    return Sheet(pd.DataFrame(columns), numbers, notes)


def _call_times(names: list[str], rows: list[Row]) -> tuple[list[str], tuple[str, ...]]:
    """The names of the columns, and a note where the first one had none, and gets the usual one, as it holds times."""
    cells = [row[0] for row in rows if _is_filled(row)]
    are_times = bool(cells) and all(isinstance(cell, date) for cell in cells)
    if are_times and not names[0] and TIMES not in names:
        return [TIMES, *names[1:]], (f"column 1 has no name, and is called {TIMES!r}",)
    return names, ()


def _leave_out_notes(rows: list[Row], *, names: Sequence[str]) -> tuple[list[Row], list[int]]:
    """The rows without the notes below them, and the indices of these, from the last one on."""
    may_be_names = bool(rows) and (isinstance(rows[0][0], str) or len(rows[0]) < 2)  # of series
    filled = [number for number, row in enumerate(rows) if _is_filled(row)]
    noted = pick_notes([rows[number] for number in filled], may_be_names=may_be_names, names=names)
    if len(noted) == len(filled):
        return rows, []
    return rows[: filled[len(filled) - len(noted) - 1] + 1], [filled[place] for place in noted]


def _name(cell: Any) -> str:
    """The name of a column: text in one line, a date without a time of day, a whole number as such; "" for none."""
    if cell is None:
        return ""
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return f"{cell:.15g}" if isinstance(cell, float) else " ".join(str(cell).split())


def _infer(cells: list[Any]) -> "pd.Series[Any]":
    """The cells of one column, in the type that all of them have, else as they are, with dates as text."""
    column = pd.Series(cells, dtype=object)
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "datetime":
        return column.astype("datetime64[us]")
    if kind in ("integer", "floating", "mixed-integer-float", "boolean"):
        exact: Any = {"integer": "Int64", "boolean": "boolean"}.get(kind, "float64")
        return column.astype(exact)
    dates = [cell for cell in cells if isinstance(cell, datetime)]
    written = "%Y-%m-%d" if all(cell.time() == time() for cell in dates) else "%Y-%m-%d %H:%M:%S"
    return column.map(lambda cell: cell.strftime(written) if isinstance(cell, datetime) else cell)


def _check_formulas(content: Content, title: str, *, first: int) -> None:
    """Raise DataError where a formula was never computed: it has no value or, from some programs, a zero."""
    with _open_book(content, data_only=True) as book, _open_book(content, data_only=False) as book_of_formulas:
        values, formulas = book[title], book_of_formulas[title]
        values.reset_dimensions()
        formulas.reset_dimensions()
        pairs = [
            (formula.coordinate, value)
            for number, rows in enumerate(zip(values.iter_rows(), formulas.iter_rows(), strict=True), start=1)
            if number >= first
            for value, formula in zip(*rows, strict=True)
            if formula.data_type == "f"
        ]
    # an empty text is a value, too
    empty = [place for place, value in pairs if value.value is None and value.data_type == "n"]
    if not empty and all(value.value == 0 for _, value in pairs) and _asks_for_values(content):
        empty = [place for place, _ in pairs]
    if empty:
        raise DataError(
            f"{content.name}, sheet {title!r}, cell {empty[0]}: the formula has no value yet. "
            "Open the file in a spreadsheet program and save it."
        )


def _asks_for_values(content: Content) -> bool:
    """Whether the program that wrote the workbook left all formulas to the one that opens it."""
    with content.open() as file, zipfile.ZipFile(file) as book:
        return re.search(rb"fullCalcOnLoad=.(1|true)", book.read("xl/workbook.xml")) is not None
