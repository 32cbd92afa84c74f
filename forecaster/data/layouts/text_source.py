"""A table of text in a file or in memory: where it is, how its text is to be read, and its rows as a stream."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from forecaster.data.files.encodings import explain_decode_error, is_utf_8
from forecaster.data.files.magic import GZIP
from forecaster.data.layouts.period_columns import PeriodColumns
from forecaster.errors import DataError

__all__ = ["BROKEN_GZIP", "Source", "explain_broken_gzip", "open_content"]

BROKEN_GZIP = (EOFError, gzip.BadGzipFile, zlib.error)


@dataclass(frozen=True)
class Source:
    """One table of text: where it is, and its encoding, delimiter and decimal mark.

    `header` holds the names of the columns, "" for one without a name; `lines_above` are not read, and it takes
    `header_lines`, more than one where a name has a line break, none where the names are made up. `time` is the
    column of the time where it is known, and messages name a row by `line_name` and its number. With `periods` the text
    has a column for each of them, and `header` the names for one period a row. Where the table
    `is_rewritten`, its delimiter is not that of the file. `notes` say what was found out about the file, and
    `problem` what is wrong with its header. A column that is `counted` is the last of the header, and not in the text:
    it is one in each row.
    """

    name: str
    content: Path | bytes
    encoding: str
    delimiter: str
    decimal: str
    header: tuple[str, ...]
    lines_above: int
    header_lines: int = 1
    notes: tuple[str, ...] = ()
    has_made_up_names: bool = False
    time: str | None = None
    line_name: str = "line"
    is_rewritten: bool = False
    periods: PeriodColumns | None = None
    problem: DataError | None = None
    counted: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns in the text."""
        if self.periods is not None:
            return self.periods.header
        return self.header[:-1] if self.counted else self.header

    @property
    def first_line(self) -> int:
        """The number of the line below the header."""
        return self.lines_above + self.header_lines + 1

    @property
    def rows_of_line(self) -> int:
        """The number of rows that a line becomes."""
        return 1 if self.periods is None else len(self.periods.places)

    @contextmanager
    def open_rows(self, *, first: str) -> Iterator[Any]:
        """A stream of the text below the header, with the line `first` in place of the header."""
        with (
            open_content(self.content) as file,
            io.TextIOWrapper(file, encoding=self.encoding, newline="") as text,
        ):
            for _ in range(self.lines_above + self.header_lines):
                text.readline()
            yield _Rows(f"{first}\n", text)

    def explain_decode_error(self) -> DataError:
        """The error that names the line that is not in the encoding of the file."""
        number = None
        if self.encoding == "utf-8-sig":  # its lines can be split before they are decoded
            with open_content(self.content) as file:
                number = next((number for number, line in enumerate(file, 1) if not is_utf_8(line)), None)
        return explain_decode_error(self.name, encoding=self.encoding, line=number)

    def explain_broken_gzip(self) -> DataError:
        """The error for a gzip file that cannot be decompressed."""
        return explain_broken_gzip(self.name)


class _Rows:
    """A text file with the line `first` put before it; it has the methods that `pandas.read_csv` needs."""

    def __init__(self, first: str, file: TextIO) -> None:
        self._first, self._file = first, file

    def read(self, size: int = -1) -> str:
        first, self._first = self._first, ""
        return first or self._file.read(size)

    def __iter__(self) -> Iterator[str]:
        return iter(self._file)


@contextmanager
def open_content(content: Path | bytes) -> Iterator[io.BytesIO | io.BufferedReader | gzip.GzipFile]:
    """The bytes of a file, decompressed."""
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as raw:
        is_packed = raw.read(len(GZIP)) == GZIP
        raw.seek(0)
        if is_packed:
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield unpacked
        else:
            yield raw


def explain_broken_gzip(name: str) -> DataError:
    return DataError(f"{name}: broken gzip file. Compress it again, or give it uncompressed.")
