"""Find the files that DATA names, without those that forecast itself wrote."""

import csv
import gzip
import re
import zlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from forecaster.errors import NotFoundError

__all__ = ["Found", "find_files", "is_own_header"]

LONGEST_HEADER = 1 << 16
"""Bytes of the first line that are read; the headers that forecast writes are far shorter."""
LISTED = 3

LEVEL = r"\d+(?:\.\d+)?(?:e-\d+)?"
QUANTILES = rf"forecast(?=\0forecast-)(?:\0forecast-lo-({LEVEL})\0forecast-hi-\1)*(?:\0forecast-q-{LEVEL})*"
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


def find_files(data: str) -> Found:
    """The files that `data` names: one, or those in a folder or matched by a glob; none for `-`, which is stdin.

    A file that is named directly is always data; in folders and globs, files that are hidden or were written by
    forecast are left out. Raises NotFoundError where none is left.
    """
    if data == "-":
        return Found([], [])
    path = Path(data)
    try:
        if path.is_dir():
            paths = sorted(_match(path, "*.csv") + _match(path, "*.csv.gz"))
            if not paths:
                raise NotFoundError(
                    f"{data}: the folder holds no .csv or .csv.gz file. Name a file, or a folder with some."
                )
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

    return [path for path in folder.glob(pattern) if is_meant(path) and path.is_file()]


def _leave_out_own(paths: list[Path], *, data: str) -> Found:
    is_own = {path: any(map(is_own_header, _read_headers(path))) for path in paths}
    found = Found([path for path in paths if not is_own[path]], [path for path in paths if is_own[path]])
    if not found.files:
        raise NotFoundError(
            f"{data}: forecast itself wrote all files there ({found.describe_own()}). "
            "Put the data there, or name one of these files to read it."
        )
    return found


def _read_headers(path: Path) -> list[list[str]]:
    """The names of the columns with each delimiter there may be; none where the file cannot be read."""
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path) if is_packed else path.open("rb") as file:
            line = file.readline(LONGEST_HEADER)
        text = line.decode("utf-8-sig", errors="replace")
        return [next(csv.reader([text], delimiter=delimiter), []) for delimiter in ",;\t|"]
    except (OSError, EOFError, zlib.error, csv.Error):  # reported when the data are read
        return []
