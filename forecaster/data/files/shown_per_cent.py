"""Find columns of a spreadsheet whose numbers it shows as per cent: 0.2 as 20 %."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from forecaster.data.files.content import Content
from forecaster.data.files.shown_dates import is_number

__all__ = ["PerCent", "can_show_per_cent"]

MARKED = re.compile(rb'numFmtId="(?:9|10)"|formatCode="[^"]*%')
"""The formats of a workbook that show per cent: two of their own, and any that is written with the sign."""

LITERAL = re.compile(r'"[^"]*"|\\.')
"""Parts of a format that are shown as they are: a sign in them does not scale the number."""


def can_show_per_cent(content: Content) -> bool:
    """Whether a workbook has such a format, without which those of its cells need not be read."""
    with content.open() as file, zipfile.ZipFile(file) as book:
        return "xl/styles.xml" in book.namelist() and MARKED.search(book.read("xl/styles.xml")) is not None


@dataclass(frozen=True)
class PerCent:
    """The last row, counted from 1, with a number that is `shown` as per cent, or not, of each column by its place."""

    shown: dict[int, int] = field(default_factory=dict)
    others: dict[int, int] = field(default_factory=dict)

    def note(self, sheet: Any) -> Iterator[tuple[Any, ...]]:
        """The values of each row of `sheet`, the formats of which are noted."""
        for number, row in enumerate(sheet.iter_rows(), start=1):
            for place, cell in enumerate(row):
                if is_number(cell.value):
                    is_shown = "%" in LITERAL.sub("", cell.number_format)
                    (self.shown if is_shown else self.others)[place] = number
            yield tuple(cell.value for cell in row)

    def find(self, columns: dict[int, str], *, first: int) -> frozenset[str]:
        """The `columns`, by their place, all of whose numbers in the rows from `first` on are per cent."""
        return frozenset(
            name for place, name in columns.items() if self.others.get(place, 0) < first <= self.shown.get(place, 0)
        )
