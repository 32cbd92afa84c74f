"""A text that is a table, but not of a header and cells with a separator between them: its rows, and what they are."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from forecaster.data.layouts.first_line import FirstLine

__all__ = ["DELIMITER", "Shape", "count_above", "unquote"]

DELIMITER = "\t"
"""Between the cells of the table that such a text is turned into."""


@dataclass(frozen=True)
class Shape:
    """The rows of cells of a text, below `skipped` lines; an empty one for an empty line.

    `time` is the column of the time where it is known. Rows are named `line_name` and its number in messages.
    """

    rows: Sequence[Sequence[str]]
    first_line: FirstLine
    skipped: int = 0
    time: str | None = None
    line_name: str = "line"
    notes: tuple[str, ...] = ()

    def write(self) -> bytes:
        """The table as text in UTF-8, with each row in its own line."""
        text = io.StringIO("\n" * self.skipped)
        text.seek(0, io.SEEK_END)
        csv.writer(text, delimiter=DELIMITER, lineterminator="\n").writerows(self.rows)
        return text.getvalue().encode()


def count_above(lines: list[str]) -> int:
    """The number of empty lines and comments above the first line that is neither."""
    return next((place for place, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)


def unquote(text: str) -> str:
    """A cell without blanks and quotation marks around it."""
    plain = text.strip()
    inner = plain[1:-1]
    return inner.strip() if len(plain) > 1 and plain[0] == plain[-1] == '"' and '"' not in inner else plain
