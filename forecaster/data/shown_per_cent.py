"""Find columns of a spreadsheet whose numbers it shows as per cent: 0.2 as 20 %."""

import re
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from forecaster.data.contents import Content

__all__ = ["find_shown_per_cent"]

MARKED = re.compile(rb'numFmtId="(?:9|10)"|formatCode="[^"]*%')
"""The formats of a workbook that show per cent: two of their own, and any that is written with the sign."""

LITERAL = re.compile(r'"[^"]*"|\\.')
"""Parts of a format that are shown as they are: a sign in them does not scale the number."""


def find_shown_per_cent(
    content: Content, columns: dict[int, str], *, first: int, open_sheet: Callable[[], AbstractContextManager[Any]]
) -> frozenset[str]:
    """The `columns`, by their place, all of whose numbers in the rows from `first` on, counted from 1, are per cent.

    The formats of the cells of the sheet that `open_sheet` opens are only read where the workbook has such a one.
    """
    with content.open() as file, zipfile.ZipFile(file) as book:
        if "xl/styles.xml" not in book.namelist() or not MARKED.search(book.read("xl/styles.xml")):
            return frozenset()
    counts = dict.fromkeys(columns, 0)
    others = set[int]()
    with open_sheet() as sheet:
        for row in sheet.iter_rows(min_row=first):
            for place in columns.keys() - others:
                cell = row[place] if place < len(row) else None
                if cell is None or not isinstance(cell.value, int | float) or isinstance(cell.value, bool):
                    continue
                if "%" in LITERAL.sub("", cell.number_format):
                    counts[place] += 1
                else:
                    others.add(place)
    return frozenset(columns[place] for place, count in counts.items() if count and place not in others)
