"""Leave out lines of a table that are no rows of it: those that repeat its header, and notes below it."""

from dataclasses import replace

import numpy as np

from forecaster.data.cells.table import BEYOND_HEADER, Table
from forecaster.data.layouts.notes_below import NOTE, count_notes, find_notes_below
from forecaster.data.layouts.repeated_headers import HEADER, describe_repeated, find_repeated_headers

__all__ = ["leave_out_headers", "leave_out_notes"]


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
