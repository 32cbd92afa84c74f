"""Give cells of a spreadsheet that are numbers, and are only shown as dates, their numbers back."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

__all__ = ["is_number", "undo_dates"]

Row = tuple[Any, ...]

FIRST_YEAR = 1950
"""Dates before are small numbers, such as 1010.5 for noon of 6 October 1902, where the sheet has later dates, too."""
FEWEST_DATES = 3
"""Later dates in other columns that show that earlier ones are none."""
DIGITS = 7
"""Of the fraction of a day; a spreadsheet shows thousandths of a second."""


def undo_dates(rows: Sequence[Row], *, epoch: Any) -> tuple[list[Row], int]:
    """The rows with numbers for dates that cannot be any, and how many these are; days are counted from `epoch`.

    They cannot be where all other cells of their column are numbers or such dates, too, but for a name above them.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    late = [sum(_is_date(cell) and cell.year >= FIRST_YEAR for cell in column) for column in columns]
    count = 0
    for place, column in enumerate(columns):
        filled = [number for number, cell in enumerate(column) if _is_date(cell) or is_number(cell)]
        below = filled[1:] if filled and _is_late(column[filled[0]]) else filled
        dates = [number for number in below if _is_date(column[number])]
        has_numbers = any(is_number(column[number]) for number in below)
        if not dates or any(_is_late(column[number]) for number in dates):
            continue
        if has_numbers or sum(late) - late[place] >= FEWEST_DATES:
            for number in dates:
                column[number] = _count_days(column[number], epoch=epoch)
            count += len(dates)
    return ([*zip(*columns, strict=True)] if count else [*rows]), count


def _is_date(cell: Any) -> bool:
    return isinstance(cell, datetime)


def _is_late(cell: Any) -> bool:
    return _is_date(cell) and cell.year >= FIRST_YEAR


def is_number(cell: Any) -> bool:
    """Whether a cell of a spreadsheet holds a number."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _count_days(cell: datetime, *, epoch: Any) -> float:
    from openpyxl.utils.datetime import to_excel  # noqa: PLC0415 - an extra

    days = round(float(to_excel(cell, epoch=epoch)), DIGITS)
    return int(days) if cell.time() == time() else days
