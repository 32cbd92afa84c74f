"""The content of each input, a file or the bytes that came from stdin or a pipe, and what kind of table it holds."""

import re
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from forecaster.data.files.content import Content, explain_unreadable
from forecaster.data.files.finding import Found, find_files
from forecaster.data.files.magic import PARQUET, ZIP
from forecaster.data.problems import count_more
from forecaster.errors import DataError
from forecaster.files import is_stream

__all__ = [
    "Kind",
    "can_be_read_again",
    "find_contents",
    "find_kind",
    "refuse_other_formats",
]

Kind = Literal["CSV", "Parquet", "Excel"]
OTHER_SPREADSHEETS = {"xl/workbook.bin": "an Excel file in binary form (.xlsb)", "content.xml": "an OpenDocument file"}
"""What zip archives with a file of this name are."""

MAGIC = {
    PARQUET: "a Parquet file",
    ZIP: "a zip archive or spreadsheet",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet (.xls), or one with a password",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
}
JSON = re.compile(rb"\s*(?:\{|\[\s*[\[{\"])")
"""Objects, and lists of objects, lists or texts; a list of numbers is read."""
JSON_LINES = re.compile(rb"\s*\{[^\n]*\}\r?\n\s*\{")
JSON_WITHIN = re.compile(rb"\s*\{[^{\[]*[{\[]\s*[{\[]")
"""One object a line; and a table within an object."""
MARKUP = {b"<!": "a web page or XML", b"<?": "a web page or XML", b"<html": "a web page"}

DESCRIPTORS = ("/dev", "/proc")
"""Folders of names such as /dev/stdin and /dev/fd/63, which are other files in the next process."""


def find_contents(names: Sequence[str]) -> tuple[list[Content], Found]:
    """The inputs that DATA `names`, `-` for stdin; and the files that were found.

    Raises what `find_files` raises, and NotFoundError for a pipe that cannot be read.
    """
    if tuple(names) == ("-",):
        return [Content("stdin", sys.stdin.buffer.read())], Found([], [])
    found = find_files(*names)
    return [Content(str(path), _read_stream(path) if is_stream(path) else path) for path in found.files], found


def find_kind(contents: Sequence[Content]) -> Kind:
    """What all of the inputs are; text counts as CSV. Raises DataError where they differ, or for other spreadsheets."""
    kinds = [_find_kind(content) for content in contents]
    other = next((number for number, kind in enumerate(kinds) if kind != kinds[0]), 0)
    if other:
        _refuse_empty(contents)
        _refuse_no_parquet(contents, kinds)
        names = [contents[number].name for number in (0, other)]
        suffixes = [Path(name).suffix for name in names]
        pattern = Path(names[0]).with_name(f"*{suffixes[0]}")
        such = f", such as '{pattern}'" if suffixes[0] != suffixes[1] else ""  # it would match both
        raise DataError(
            f"{names[0]} is {kinds[0]} and {names[1]} is {kinds[other]}: files of different kinds are not read as one, "
            f"as they may hold the same rows. Name those of one kind{such}."
        )
    return kinds[0]


def _refuse_empty(contents: Sequence[Content]) -> None:
    """Raise DataError where files have no bytes: they are of no kind, and to name others would not help."""
    empty = []
    for content in contents:
        with content.open() as file:
            if not file.read(1):
                empty.append(content.name)
    if empty:
        more = count_more(len(empty), one="file is, too", several="files are, too")
        raise DataError(
            f"{empty[0]}: the file is empty, as of a transfer or a run that was stopped. Write it again; if its "
            f"rows are not needed, move it elsewhere.{more}"
        )


def _refuse_no_parquet(contents: Sequence[Content], kinds: Sequence[Kind]) -> None:
    """Raise DataError for the first text that is called Parquet: beside Parquet files it is not meant to be a CSV."""
    for content, kind in zip(contents, kinds, strict=True):
        if kind == "CSV" and Path(content.name).suffix.lower() == ".parquet":
            raise DataError(
                f"{content.name}: the name ends in .parquet, but the content is text such as CSV. If it is a broken "
                "Parquet file, copy it again; else rename it, and name the files of one kind."
            )


def _find_kind(content: Content) -> Kind:
    with content.open() as file:
        try:
            start = file.read(4)
        except OSError as error:
            raise explain_unreadable(content.name, error) from error
        if start == ZIP:
            try:
                members = zipfile.ZipFile(file).namelist()
            except zipfile.BadZipFile:
                members = []
            if "xl/workbook.xml" in members:
                return "Excel"
            found = next((OTHER_SPREADSHEETS[member] for member in members if member in OTHER_SPREADSHEETS), None)
            if found is not None:
                raise DataError(f"{content.name}: this is {found}. Save it as .xlsx or CSV and try again.")
    return "Parquet" if start == PARQUET else "CSV"


def can_be_read_again(name: str) -> bool:
    """Whether one of the words that name the data stands for the same data later, as stdin and pipes do not."""
    path = Path(name).absolute()
    return name != "-" and not is_stream(path) and not any(path.is_relative_to(folder) for folder in DESCRIPTORS)


def refuse_other_formats(head: bytes, *, name: str) -> None:
    """Raise DataError for the first bytes of a file that is no text."""
    found = next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)
    if found is None and JSON.match(head):
        lines = ", lines=True" if JSON_LINES.match(head) else ""
        script = f", as pandas.read_json({Path(name).name!r}{lines}).to_csv('data.csv', index=False) does in Python,"
        script = "" if JSON_WITHIN.match(head) else script
        raise DataError(f"{name}: this is JSON, not CSV text. Save its table as CSV{script} and try again.")
    found = found or next((kind for mark, kind in MARKUP.items() if head.lstrip().lower().startswith(mark)), None)
    if found is not None:
        raise DataError(f"{name}: this is {found}, not CSV text. Save it as CSV and try again.")


def _read_stream(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise explain_unreadable(str(path), error) from error
