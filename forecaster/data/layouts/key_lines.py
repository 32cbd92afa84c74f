"""Find the rows below lines of keys and values, such as a title, a unit and a source, that stand above many tables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from forecaster.data.layouts.delimited import find_delimiter, join_quoted, split_line
from forecaster.data.layouts.first_line import DATE, YEAR, list_times
from forecaster.data.layouts.notes_below import pick_notes
from forecaster.data.layouts.preamble import VALUE
from forecaster.data.names.column_names import is_total_name
from forecaster.data.names.summary_rows import names_mean
from forecaster.data.names.time_names import has_time_word
from forecaster.data.numbers.number_cells import looks_numeric, parse_numbers
from forecaster.data.parts.part_cells import level_of_words
from forecaster.data.times.digits import NAME_OF_DATES
from forecaster.data.times.period_lengths import list_lengths

__all__ = ["KeyLines", "find_key_lines"]

FEWEST_LINES, MOST_LINES = 3, 30
"""Lines above the rows: fewer are a header with a title or a unit."""
FEWEST_ROWS, ROWS_FOR_LINE = 6, 2
"""Rows below the lines, and how many for each of these."""
COMPARED = 100
"""Rows that show what the columns hold."""
MOST_WORDS = 3
"""Lines below the first that are read as units and names of one header, where they hold no digits."""
LONGEST_SHOWN = 40
DIGITS = re.compile(r"(?:1[6-9]|20)\d\d|\d\D+\d|\d{6}")
"""Those of a time: a year, or two numbers, or more digits."""


@dataclass(frozen=True)
class KeyLines:
    """So many `lines` of keys and values above `rows`, which have `delimiter` between their cells.

    `names` are those of the columns, "" for one without, and `notes` say where they are from. Without names, the line
    at `header` is that of the names, as in other tables.
    """

    lines: int
    rows: tuple[tuple[str, ...], ...]
    delimiter: str
    header: int = 0
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Block:
    """The cells of the lines above the rows and the places of these lines, and the cells of the first rows.

    It `has_notes` below the rows.
    """

    keys: list[list[str]]
    places: list[int]
    rows: list[list[str]]
    has_notes: bool

    @property
    def used(self) -> list[int]:
        """The places of the columns that are not empty in all rows."""
        return [place for place in range(len(self.rows[0])) if any(row[place] for row in self.rows)]

    def list_cells(self, column: int) -> list[str]:
        return [row[column] for row in self.rows]

    def names(self, line: int, columns: Sequence[int]) -> bool:
        """Whether a line has different names for all of `columns`."""
        cells = self.keys[line]
        found = [cells[column] if column < len(cells) else "" for column in columns]
        return len({*found}) == len(found) and all(cell and not VALUE.fullmatch(cell) for cell in found)


def find_key_lines(lines: list[str], *, is_cut: bool, is_told: bool = False) -> KeyLines | None:
    """The lines of keys and values at the top of `lines`, whose last one `is_cut` off; None where there are none.

    Where it `is_told` that the first line that is not empty has the names, it is that one.
    Their first cells are words or empty, those of the rows below are all times, and there are many more rows. Lines
    that belong to a header, such as units, are none, nor are those below a header whose first name speaks of time.
    """
    joined = join_quoted(lines[: MOST_LINES + 2 * COMPARED])
    filled = [place for place, line in joined.items() if line.strip() and not line.lstrip().startswith("#")]
    filled = filled[: len(filled) - is_cut]
    first = _find_first_row([joined[place] for place in filled[: MOST_LINES + 1]])
    if first is None or first < (2 if is_told else FEWEST_LINES):
        return None
    delimiter = find_delimiter(joined[filled[first]])
    cells = [[cell.strip() for cell in split_line(joined[place], delimiter)] for place in filled[: first + COMPARED]]
    kept = _leave_out_notes(cells[first:])
    block = _Block(cells[:first], filled[:first], kept, has_notes=len(kept) < len(cells) - first)
    if not _stands_above(block) or _belongs_to_header(block):
        return None
    rows = tuple(map(tuple, block.rows))
    if not is_told and _ends_in_header(block):
        return KeyLines(filled[first], rows, delimiter, header=block.places[-1])
    numbers = [place for place in block.used[1:] if _holds_numbers(block.list_cells(place))]
    line = _find_names(block, numbers, is_told=is_told)
    if line is None:
        return None
    names = _name_columns(block, line)
    if len({*filter(None, names)}) < sum(map(bool, names)):
        return None
    shown = joined[block.places[line]]
    shown = shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"
    place = block.places[line] + 1
    note = f"{first} lines above the rows hold keys and values: only line {place}, {shown!r}, is read, for the names"
    unnamed = (f"column {place + 1} has no name, and is not read" for place in block.used if not names[place])
    notes = (f"{note} (--skip-lines for those of another)", *unnamed)
    return KeyLines(filled[first], rows, delimiter, names=names, notes=notes)


def _find_first_row(lines: list[str]) -> int | None:
    """The first line whose first cell is a time, below lines that begin with words or an empty cell."""
    for number, line in enumerate(lines):
        cell = split_line(line, find_delimiter(line))[0].strip()
        if _is_time(cell):
            return number
        if cell and not re.search(r"[^\W\d_]", cell):
            return None
    return None


@lru_cache(maxsize=256)  # lines begin with the same cell, and a file is looked at several times
def _is_time(cell: str) -> bool:
    if YEAR.fullmatch(cell) or DATE.fullmatch(cell):
        return True
    # most ids hold digits, too, and it takes long to read one as a time
    return DIGITS.search(cell) is not None and list_times([cell]) is not None


def _leave_out_notes(rows: list[list[str]]) -> list[list[str]]:
    """The rows without those at their end that are notes below the table."""
    filled = [place for place, row in enumerate(rows) if any(row)]
    noted = pick_notes([rows[place] for place in filled])
    return rows[: filled[noted[-1]]] if noted else rows[: filled[-1] + 1]


def _stands_above(block: _Block) -> bool:
    """Whether the lines stand above a table of times in its first column that is much longer."""
    keys, rows = block.keys, block.rows
    if len(rows) < max(FEWEST_ROWS, ROWS_FOR_LINE * len(keys)):
        return False
    width = len(rows[0])
    if width < 2 or any(len(row) != width for row in rows) or any(len(cells) > width for cells in keys):
        return False
    return _are_times(block.list_cells(0))


def _are_times(cells: list[str]) -> bool:
    """Whether cells are all times, or years in order, or periods of several lengths."""
    if all(map(YEAR.fullmatch, cells)):
        return cells in (sorted(cells), sorted(cells, reverse=True))
    return list_times(cells) is not None or len(list_lengths(_as_series(cells))) > 1


def _belongs_to_header(block: _Block) -> bool:
    """Whether the lines are a header and further names and units below it, or rows of sums, or wrong ones."""
    width, lines = len(block.rows[0]), [cells for cells in block.keys if sum(map(bool, cells)) > 1]  # others are titles
    is_plain = 0 < len(lines) <= 1 + MOST_WORDS and all(len(cells) == width for cells in lines)
    is_plain &= not any(re.search(r"\d", cell) for cells in lines[1:] for cell in cells)
    found = parse_numbers([cell for cells in block.keys[1:] for cell in cells[1:]])
    are_rows = bool((found.is_number | found.is_missing).all())
    are_rows |= any(is_total_name(cells[0]) or names_mean(cells[0]) for cells in block.keys)
    is_header = bool(lines) and lines[0] is block.keys[0] and _speaks_of_time(lines[0][0])
    return is_plain or are_rows or is_header


def _ends_in_header(block: _Block) -> bool:
    """Whether the last line has names for all columns: below a blank line, or as none of the others, or for a time.

    Where no other line has them, the first one may have no name, which is found where no notes are below.
    """
    used, last = block.used, len(block.keys) - 1
    is_only = not any(block.names(line, used[1:]) for line in range(last))
    if not block.names(last, used):
        may_lack_first = is_only and not block.has_notes and not block.keys[-1][0]
        return may_lack_first and block.names(last, used[1:])
    is_apart = block.places[-1] - block.places[-2] > 1
    return is_apart or is_only or _speaks_of_time(block.keys[-1][0])


def _find_names(block: _Block, numbers: list[int], *, is_told: bool) -> int | None:
    """The line that names the columns of `numbers`: one for a time, else the first below all titles; None for none."""
    if not numbers:
        return None
    titles = [line for line, cells in enumerate(block.keys) if len(cells) == 1]
    found = range(1) if is_told else range(titles[-1] + 1 if titles else 0, len(block.keys))
    named = [line for line in found if block.names(line, numbers)]
    for_time = (line for line in named if _speaks_of_time(block.keys[line][0]) and block.names(line, block.used))
    return next(for_time, next(iter(named), None))


def _name_columns(block: _Block, line: int) -> tuple[str, ...]:
    """The names of the columns: those of a line, but for the time; names of months or quarters are called so."""
    width = len(block.rows[0])
    names = [*block.keys[line], *[""] * (width - len(block.keys[line]))]
    if not _speaks_of_time(names[0]):
        names[0] = "year" if all(map(YEAR.fullmatch, block.list_cells(0))) else "timestamp"
    for place in block.used[1:]:
        levels = {level_of_words(cell) for cell in block.list_cells(place)} if not names[place] else {None}
        names[place] = names[place] or (levels.pop() or "" if len(levels) == 1 else "")
    return tuple(names)


def _holds_numbers(cells: list[str]) -> bool:
    return looks_numeric(_as_series(cells))


def _speaks_of_time(name: str) -> bool:
    return NAME_OF_DATES.search(name) is not None or has_time_word(name)


def _as_series(cells: list[str]) -> "pd.Series[str]":
    return pd.Series([cell or None for cell in cells], dtype=object)
