"""Detect the encoding, delimiter, decimal mark and header of each input file from its first bytes."""

import codecs
import csv
import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from forecaster.data.finding import Found, find_files
from forecaster.data.preamble import describe_preamble, find_header
from forecaster.errors import DataError, NotFoundError, UsageError

__all__ = ["BROKEN_GZIP", "Source", "find_sources"]

SAMPLE_BYTES = 1 << 18
LONGEST_HEADER = 50
"""Lines of a header whose names hold line breaks."""
READ_AS_CP1252 = "not UTF-8: read as cp1252 (Western European Windows); another encoding is named with --encoding"
MAGIC = {
    b"PAR1": "a Parquet file",
    b"PK\x03\x04": "a zip archive or spreadsheet",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
}
MARKUP = {b"{": "JSON", b"[{": "JSON", b"<!": "a web page or XML", b"<?": "a web page or XML", b"<html": "a web page"}
DATE = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2}.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*")
NOT_FOR_FILES = ("punycode", "idna", "unicode_escape", "raw_unicode_escape")
"""Encodings of names and of source code."""
BROKEN_GZIP = (EOFError, gzip.BadGzipFile, zlib.error)


@dataclass(frozen=True)
class Source:
    """One table of text: where it is, and its encoding, delimiter and decimal mark.

    `header` holds the names of the columns, "" for one without a name; `lines_above` are not read, and it takes
    `header_lines`, more than one where a name has a line break. `notes` say what was found out about the file.
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

    @contextmanager
    def open_rows(self, *, first: str) -> Iterator[Any]:
        """A stream of the text below the header, with the line `first` in place of the header."""
        with (
            _open(self.content) as file,
            io.TextIOWrapper(file, encoding=self.encoding, newline="") as text,
        ):
            for _ in range(self.lines_above + self.header_lines):
                text.readline()
            yield _Rows(f"{first}\n", text)

    def explain_decode_error(self) -> DataError:
        """The error that names the line that is not in the encoding of the file."""
        number = None
        if self.encoding == "utf-8-sig":  # its lines can be split before they are decoded
            with _open(self.content) as file:
                number = next((number for number, line in enumerate(file, 1) if not _is_utf_8(line)), None)
        return _explain_decode_error(self.name, encoding=self.encoding, line=number)

    def explain_broken_gzip(self) -> DataError:
        """The error for a gzip file that cannot be decompressed."""
        return _explain_broken_gzip(self.name)


class _Rows:
    """A text file with the line `first` put before it; it has the methods that `pandas.read_csv` needs."""

    def __init__(self, first: str, file: TextIO) -> None:
        self._first, self._file = first, file

    def read(self, size: int = -1) -> str:
        first, self._first = self._first, ""
        return first or self._file.read(size)

    def __iter__(self) -> Iterator[str]:
        return iter(self._file)


def find_sources(data: str, *, encoding: str | None = None) -> tuple[list[Source], Found]:
    """The tables that `data` names: a file, `-` for stdin, or a folder or glob of files; and the files that were found.

    Raises NotFoundError where there is none, DataError where one is not text in columns, UsageError for
    an unknown `encoding`.
    """
    encoding = _check_encoding(encoding)
    if data == "-":
        return [_sniff("stdin", content=sys.stdin.buffer.read(), encoding=encoding)], Found([], [])
    found = find_files(data)
    return [_sniff(str(path), content=path, encoding=encoding) for path in found.files], found


@contextmanager
def _open(content: Path | bytes) -> Iterator[io.BytesIO | io.BufferedReader | gzip.GzipFile]:
    """The bytes of a file, decompressed."""
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as raw:
        is_packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if is_packed:
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield unpacked
        else:
            yield raw


def _sniff(name: str, *, content: Path | bytes, encoding: str | None) -> Source:
    try:
        if isinstance(content, Path) and content.is_fifo():  # it can be read only once
            content = content.read_bytes()
        with _open(content) as file:
            head = file.read(SAMPLE_BYTES)
    except BROKEN_GZIP as error:
        raise _explain_broken_gzip(name) from error
    except OSError as error:
        raise NotFoundError(f"{name}: cannot be read ({(error.strerror or str(error)).lower()}).") from error
    if not head.removeprefix(codecs.BOM_UTF8).strip() or head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise DataError(f"{name}: the file is empty. It needs a header line and rows below it.")
    _refuse_other_formats(head, name=name)
    notes: tuple[str, ...] = ()
    if encoding is None:
        encoding = _find_encoding(head, name=name)
        notes = (READ_AS_CP1252,) if encoding == "cp1252" else ()
    text = _decode(head, encoding=encoding, name=name)
    lines = re.split(r"\r\n|\r|\n", text)
    try:
        above = find_header(
            lines, split=lambda line, like: _split(line, _find_delimiter(like)), holds_values=_holds_values
        )
        notes += describe_preamble(lines[:above])
        delimiter = _find_delimiter(lines[above])
        header_lines = _count_header_lines(lines[above:], delimiter=delimiter)
        head_line = " ".join(lines[above : above + header_lines])
        lines = [head_line, *(line for line in lines[above + header_lines :] if line.strip())]
        if len(head) == SAMPLE_BYTES and len(lines) > 1:
            lines.pop()  # cut off in the middle
        header = tuple(cell.strip() for cell in _split(lines[0], delimiter))
        _check_header(header, name=name, rows=len(lines) - 1)
        decimal = _find_decimal(lines[1:200], delimiter)
    except csv.Error as error:
        raise DataError(f"{name}: this is not a table of text in columns ({error}). Save it as CSV.") from error
    return Source(name, content, encoding, delimiter, decimal, header, above, header_lines, notes)


def _find_delimiter(line: str) -> str:
    return max(",;\t|", key=lambda candidate: (len(_split(line, candidate)), candidate == ","))


def _count_header_lines(lines: list[str], *, delimiter: str) -> int:
    """The number of lines of the header: several where quoted names hold line breaks, 1 where a quote is not closed."""
    reader = csv.reader((f"{line}\n" for line in lines[:LONGEST_HEADER]), delimiter=delimiter)
    next(reader)
    return reader.line_num if reader.line_num < min(LONGEST_HEADER, len(lines)) else 1


def _refuse_other_formats(head: bytes, *, name: str) -> None:
    found = next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)
    found = found or next((kind for mark, kind in MARKUP.items() if head.lstrip().lower().startswith(mark)), None)
    if found is not None:
        raise DataError(f"{name}: this is {found}, not CSV text. Save it as CSV and try again.")


def _find_encoding(head: bytes, *, name: str) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in head:
        encoding = _find_utf_16(head)
        if encoding is None:
            raise DataError(f"{name}: this is a binary file, not CSV text. Save the table as CSV and try again.")
        return encoding
    return "utf-8-sig" if _decodes(head, "utf-8") or not _decodes(head, "cp1252") else "cp1252"


def _find_utf_16(head: bytes) -> str | None:
    """The order of the bytes of text in UTF-16 without a byte order mark, in which every other byte is mostly zero."""
    for encoding, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if zeros.count(0) > 0.9 * len(zeros) and others.isascii() and others.count(0) == 0:
            text = head[: len(head) // 2 * 2].decode(encoding, errors="replace")
            return encoding if all(letter.isprintable() or letter in "\r\n\t" for letter in set(text)) else None
    return None


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < SAMPLE_BYTES)
    except UnicodeDecodeError:
        return False
    return True


def _check_encoding(encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        found = codecs.lookup(encoding)
        "a".encode(encoding)  # some codecs are for bytes, not for text
        if found.name.replace("-", "_") in NOT_FOR_FILES:
            raise LookupError(encoding)
    except (LookupError, ValueError) as error:
        raise UsageError(f"--encoding {encoding}: no such encoding. Try utf-8, latin-1 or cp1252.") from error
    # with or without a byte order mark
    return "utf-8-sig" if found.name == "utf-8" else encoding


def _decode(head: bytes, *, encoding: str, name: str) -> str:
    is_whole = len(head) < SAMPLE_BYTES
    try:
        if codecs.lookup(encoding).name == "utf-16" and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise UnicodeDecodeError(encoding, head, 0, 2, "no byte order mark")
        # the sample may end within a character
        return codecs.getincrementaldecoder(encoding)().decode(head, final=is_whole)
    except UnicodeDecodeError as error:
        line = head[: error.start].count(b"\n") + 1
        raise _explain_decode_error(name, encoding=encoding, line=line) from error


def _explain_decode_error(name: str, *, encoding: str, line: int | None) -> DataError:
    where = name if line is None else f"{name}, line {line}"
    return DataError(
        f"{where}: the text is not {encoding.removesuffix('-sig')}. "
        "Save the file as UTF-8, or name its encoding, such as --encoding latin-1."
    )


def _explain_broken_gzip(name: str) -> DataError:
    return DataError(f"{name}: broken gzip file. Compress it again, or give it uncompressed.")


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _check_header(header: tuple[str, ...], *, name: str, rows: int) -> None:
    if rows == 0:
        raise DataError(f"{name}: only a header line, no rows. Add at least a few rows of data.")
    repeated = next((cell for position, cell in enumerate(header) if cell and cell in header[:position]), None)
    if repeated is not None:
        raise DataError(f"{name}: two columns are named {repeated!r}. Rename one of them.")
    if _holds_values(list(header)):
        kinds = ([cell for cell in header if matches(cell)] for matches in (DATE.fullmatch, _is_number))
        found = " and ".join(kind[0] for kind in kinds if kind)
        raise DataError(f"{name}: the first line holds values ({found}). Add a header line that names the columns.")


def _holds_values(cells: list[str]) -> bool:
    """Whether cells are all numbers, or numbers and dates, as in a row below the header."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    numbers = [cell for cell in filled if _is_number(cell)]
    return len(numbers) == len(filled) or bool(numbers and any(DATE.fullmatch(cell) for cell in filled))


def _find_decimal(lines: list[str], delimiter: str) -> str:
    """The decimal mark: a comma where it is not the delimiter and more cells are numbers with it than with a point."""
    if delimiter == ",":
        return "."
    cells = [cell.strip() for line in lines for cell in _split(line, delimiter)]
    with_comma = sum("," in cell and _is_number(cell.replace(",", ".", 1)) for cell in cells)
    with_point = sum("." in cell and _is_number(cell) for cell in cells)
    return "," if with_comma > with_point else "."


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter))
