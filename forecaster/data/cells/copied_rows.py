"""Rows that are copies of others: without them, columns may show the series that with them do not."""

import shlex
from dataclasses import replace

import numpy as np

from forecaster.data.cells.table import Table
from forecaster.data.roles.columns import Columns
from forecaster.data.roles.key_columns import Keys, find_ids
from forecaster.errors import DataError

__all__ = ["refuse_copies"]

MOST_NAMED = 5


def refuse_copies(table: Table, *, columns: Columns, keys: Keys) -> None:
    """Raise DataError where some rows are copies of others, and only without them the `keys` tell the series apart."""
    frame = table.frame
    if not keys.ids or not frame.duplicated([*columns.ids, columns.time]).any():
        return
    is_copy = frame.duplicated().to_numpy(bool) & frame[columns.time].notna().to_numpy(bool)
    if not is_copy.any():
        return
    rest = frame[~is_copy].reset_index(drop=True)
    ids = find_ids(rest, columns=columns, keys=replace(keys, mixing=()), name=table.name, periods=None)
    if ids is None:
        return
    rows = np.flatnonzero(is_copy)
    file = table.lines[rows[0]]
    first = table.locate(file)
    others = [table.locate(table.lines[row], after=file) for row in rows[1:MOST_NAMED]]
    more = f" and {len(rows) - MOST_NAMED:,} more" if len(rows) > MOST_NAMED else ""
    listed = f", as are {', '.join(others)}{more}" if others else ""
    flag = f"--id {shlex.quote(','.join(ids))}"
    raise DataError(
        f"{first}: this row is a copy of one before{listed}. Without the copies, {' and '.join(map(repr, ids))} would "
        f"tell the series apart: remove them, or use {flag} --duplicates last, which keeps one of each."
    )
