"""Find the files that DATA names, one word or several, without those that forecast itself wrote."""

import csv
import gzip
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from forecaster.data.files.magic import GZIP, PARQUET
from forecaster.errors import NotFoundError, UsageError

__all__ = ["Found", "describe_names", "find_files", "is_own_header"]

LONGEST_HEADER = 1 << 16
"""Bytes of the first line that are read; the headers that forecast writes are far shorter."""
LISTED = 3
ENDINGS = (".csv", ".csv.gz", ".parquet", ".xlsx")
"""Of the files of a folder that are read."""
LOCK = "~$"
"""How names begin that Excel gives to files while it has a workbook open."""

LEVEL = r"\d+(?:\.\d+)?(?:e-\d+)?"
QUANTILES = (
    rf"forecast(?=\0forecast-)(?:\0forecast-mean)?(?:\0forecast-lo-({LEVEL})\0forecast-hi-\1)*(?:\0forecast-q-{LEVEL})*"
)
ANY = r"(?:[^\0]+\0)"
OWN_HEADERS = (
    # forecasts: id columns, time, quantiles
    rf"{ANY}+{QUANTILES}",
    # backtest.csv: id columns, cutoff, time, quantiles, actual, baselines
    rf"{ANY}*cutoff\0{ANY}{QUANTILES}\0actual(?:\0[^\0]+)*",
    # metrics.csv: id columns, model, scores
    rf"{ANY}*model\0MASE\0RMSSE\0sMAPE\0WAPE\0WQL\0bias(?:\0[^\0]+)*",
)
"""The names of the columns that `forecasting/writing.py` and `evaluation/records.py` write, joined by \\0."""


@dataclass(frozen=True)
class Found:
    """The files that hold the data, and `own`: those next to them that forecast wrote, which are left out."""

    files: list[Path]
    own: list[Path]

    def describe_own(self) -> str:
        """The names of the first few files that were left out, and the number of the others."""
        names = [str(path) for path in self.own[:LISTED]]
        more = len(self.own) - len(names)
        return ", ".join(names) + (f" and {more:,} more" if more else "")


def describe_names(names: Sequence[str]) -> str:
    """The names that were given as DATA, the first few of them in messages."""
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more:,} more" if more > 0 else "")


def find_files(*names: str) -> Found:
    """The files that DATA names: one, or those in a folder or matched by a glob; none for `-`, which is stdin.

    A file that is the only one named is always data; in folders and globs, files that are hidden or were written by
    forecast are left out, and so are the latter among several names, which may come from a glob that the shell
    expanded. Raises NotFoundError where none is left, UsageError for names that do not go together.
    """
    if len(names) == 1:
        return _find(names[0])
    if "-" in names:
        raise UsageError("DATA: - is stdin, which is not read together with files. Name only files, or only -.")
    is_folder = [Path(name).is_dir() for name in names]
    if any(is_folder) and not all(is_folder):
        folder, file = names[is_folder.index(True)], names[is_folder.index(False)]
        raise UsageError(f"DATA: {folder} is a folder, and {file} is not. Name either files or folders.")
    found = [_find(name) for name in names]
    files = [path for part in found for path in part.files]
    _refuse_repeated(files)
    own = [path for path in files if _is_own(path)]
    # all of them are, as the files of a folder are, meant where nothing else is named
    own = own if len(own) < len(files) else []
    is_own = set(own)
    left_out = [path for part in found for path in part.own]
    return Found([path for path in files if path not in is_own], own + left_out)


def _refuse_repeated(paths: list[Path]) -> None:
    """Raise UsageError where two paths are the same file: its rows would count twice."""
    first: dict[tuple[int, int], Path] = {}
    for path in paths:
        status = path.stat()
        before = first.setdefault((status.st_dev, status.st_ino), path)
        if before is not path:
            also = f", also as {before}," if str(before) != str(path) else ""
            raise UsageError(f"DATA: {path} is named twice{also} and would count twice. Name each file once.")


def _find(data: str) -> Found:
    """The files of one of the words that name the data."""
    if data == "-":
        return Found([], [])
    path = Path(data)
    try:
        if path.is_dir():
            paths = sorted(found for ending in ENDINGS for found in _match(path, f"*{ending}"))
            if not paths:
                endings = f"{', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
                raise NotFoundError(f"{data}: the folder holds no {endings} file. Name a file, or a folder with some.")
            return _leave_out_own(paths, data=data)
        if path.exists():
            return Found([path], [])
        pattern = str(path.relative_to(path.anchor)) if set("*?[") & set(data) else ""
        paths = sorted(_match(Path(path.anchor), pattern)) if pattern else []
    except (OSError, ValueError):  # a name that is too long, or an invalid pattern
        paths = []
    if not paths:
        raise NotFoundError(f"{data}: no such file. Check the spelling, or that the folder is mounted.")
    return _leave_out_own(paths, data=data)


def is_own_header(header: list[str]) -> bool:
    """Whether forecast writes files with these columns. A forecast of the median alone looks like any other table."""
    joined = "\0".join(header)
    return any(re.fullmatch(pattern, joined) for pattern in OWN_HEADERS)


def _match(folder: Path, pattern: str) -> list[Path]:
    """The files below `folder`; as in the shell, only a pattern part that begins with a dot matches hidden names."""
    dotted = [part for part in Path(pattern).parts if part.startswith(".")]

    def is_meant(path: Path) -> bool:
        hidden = [part for part in path.relative_to(folder).parts if part.startswith(".")]
        return all(any(fnmatchcase(part, wanted) for wanted in dotted) for part in hidden)

    found = [path for path in folder.glob(pattern) if is_meant(path) and path.is_file()]
    return [path for path in found if not path.name.startswith(LOCK)]


def _leave_out_own(paths: list[Path], *, data: str) -> Found:
    is_own = {path: _is_own(path) for path in paths}
    found = Found([path for path in paths if not is_own[path]], [path for path in paths if is_own[path]])
    if not found.files:
        raise NotFoundError(
            f"{data}: forecast itself wrote all files there ({found.describe_own()}). "
            "Put the data there, or name one of these files to read it."
        )
    return found


def _is_own(path: Path) -> bool:
    """Whether forecast wrote this file. A pipe can be read only once, and is not looked into."""
    return path.is_file() and any(map(is_own_header, _read_headers(path)))


def _read_headers(path: Path) -> list[list[str]]:
    """The names of the columns with each delimiter there may be; none where the file cannot be read."""
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
        if start == PARQUET:
            from forecaster.data.files.parquet import list_columns  # noqa: PLC0415 - not every run meets Parquet

            return [list_columns(path)]
        is_packed = start.startswith(GZIP)
        with gzip.open(path) if is_packed else path.open("rb") as file:
            line = file.readline(LONGEST_HEADER)
        text = line.decode("utf-8-sig", errors="replace")
        return [next(csv.reader([text], delimiter=delimiter), []) for delimiter in ",;\t|"]
    except (OSError, EOFError, zlib.error, csv.Error):  # reported when the data are read
        return []
