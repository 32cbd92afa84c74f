"""Leave out lines of a table that are no rows of it: repeated headers, notes below it, lines that are too long."""

from dataclasses import replace

import numpy as np

from forecaster.data.cells.table import BEYOND_HEADER, Table
from forecaster.data.layouts.notes_below import NOTE, count_notes, find_notes_below
from forecaster.data.layouts.repeated_headers import HEADER, describe_repeated, find_repeated_headers
from forecaster.data.names.column_names import is_total_name
from forecaster.data.problems import Problems, count_more
from forecaster.errors import DataError

__all__ = ["leave_out_headers", "leave_out_longer_lines", "leave_out_notes"]


def leave_out_headers(table: Table) -> Table:
    """The table of one file without the rows that repeat its header, and with a note that says so.

    Of a table with the periods as columns, the rows have the mark HEADER in the column NOTE.
    """
    frame = table.frame
    if table.periods:
        periods, is_first = table.periods[0], frame[NOTE].eq(HEADER).to_numpy(bool)
        is_header = np.repeat(is_first[:: len(periods.places)], len(periods.places))
    else:
        names = {str(column): str(column) for column in frame if column != BEYOND_HEADER}
        is_header = find_repeated_headers(frame, names)
    if not is_header.any() or is_header.all():
        return table
    where = table.locate(table.lines[np.argmax(is_header)], column=BEYOND_HEADER)
    note = f"left out: {describe_repeated(table.count_lines(is_header), table.line_name)} ({where})"
    return replace(table.take(~is_header), notes=(*table.notes, note))


def leave_out_notes(table: Table) -> Table:
    """The table without the notes below it, and with a note that says so."""
    is_note = table.frame.pop(NOTE).notna().to_numpy(bool) if table.periods else find_notes_below(table.frame)
    if not is_note.any():
        return table
    where = table.locate(table.lines[np.argmax(is_note)], column=BEYOND_HEADER)
    note = f"left out: {count_notes(int(is_note.sum()), table.line_name)} ({where})"
    return replace(table.take(~is_note), notes=(*table.notes, note))


def leave_out_longer_lines(table: Table, *, columns: int, problems: Problems) -> Table:
    """The table without the lines that have more cells than `columns`, which go to the `problems`.

    Google Analytics writes what a total is behind its cells; those lines are no problem.
    """
    beyond = table.frame.pop(BEYOND_HEADER)
    is_longer = beyond.notna().to_numpy()
    if not is_longer.any():
        return table
    is_total = beyond.map(lambda cell: isinstance(cell, str) and is_total_name(cell)).to_numpy(bool)
    if is_total.any() and not is_total.all():
        first, name = table.locate(table.lines[np.argmax(is_total)]), str(beyond[is_total].iloc[0]).strip()
        count = int(is_total.sum())
        lines = f"{count:,} {table.line_name}{'s' * (count > 1)}"
        note = f"left out: {lines} with {name!r} behind the cells of the header's columns ({first})"
        table = replace(table.take(~is_total), notes=(*table.notes, note))
        is_longer = is_longer[~is_total]
        if not is_longer.any():
            return table
    where = table.locate(table.lines[np.argmax(is_longer)], column=BEYOND_HEADER)
    more = count_more(int(is_longer.sum()), one="line has too many", several="lines have too many")
    problems.add(
        DataError(
            f"{where}: more cells than the {columns} columns of the "
            f"header. Put cells that hold the separator in quotation marks, and write numbers as 1234.5.{more}"
        )
    )
    table = table.take(~is_longer)
    if not len(table.frame):
        problems.raise_any()
    return table
