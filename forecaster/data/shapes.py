"""A text that is a table, but not of a header and cells with a separator between them: its rows, and what they are."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from forecaster.data.first_line import FirstLine
from forecaster.data.numbers import parse_numbers

__all__ = ["DELIMITER", "Shape", "count_above", "may_be_plain", "unquote"]

DELIMITER = "\t"
"""Between the cells of the table that such a text is turned into."""
COMPARED = 20
"""Lines that show whether cells have a separator between them."""


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


def may_be_plain(lines: list[str]) -> bool:
    """Whether the first lines may hold one number each, or cells between blanks, or all numbers in one line."""
    filled = [line.strip() for line in lines[count_above(lines) :] if line.strip()]
    if len(filled) == 1:
        return bool(re.search(r"\d", filled[0])) and not re.search(r"[^\W\d_]{4}", filled[0])
    words = " ".join(filled[:COMPARED]).split(" ")
    return bool(parse_numbers([word for word in words if re.search("[,;|\t]", word)]).is_number.all())
