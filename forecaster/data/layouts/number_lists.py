"""Read a list of numbers without any times, pasted in one line or one number a line, as a series of numbered steps."""

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from forecaster.data.layouts.first_line import FirstLine
from forecaster.data.layouts.shapes import Shape, count_above, unquote
from forecaster.data.numbers.number_cells import looks_numeric, parse_numbers
from forecaster.data.read_options import ReadOptions
from forecaster.data.times.epochs import find_epoch
from forecaster.errors import DataError

__all__ = ["Numbered", "find_column", "find_list", "number_frame"]

SAMPLE = 1000
FEWEST = 3
"""Numbers in one line that are a series."""
MOST_GROUPS = 4
"""Groups of digits that a person writes as one number."""
VALUE = "value"
NO_SEASON = "numbered steps have no season unless --season names it, as in --season 12"
SURE = re.compile(r"\s*[;\t|]\s*")
"""What separates numbers and is not written within one."""
LISTING = re.compile(r",\s+")
THOUSANDS = re.compile(r"\d{1,2} \d{3}(?:[.,]\d+)?")
COMPACT_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d")
YEAR = re.compile(r"(?:19|20)\d\d")


def find_list(lines: list[str], *, name: str, options: ReadOptions) -> Shape | None:
    """The series of the only line that is not blank; None where it is no list of numbers.

    Raises DataError where it can be read as several lists.
    """
    line = lines[count_above(lines)].strip().strip("[]").strip(" ,;")
    cells = _split(line, name=name, decimal=options.decimal)
    if len(cells) < FEWEST or not _are_numbers(cells) or _are_times(cells):
        return None
    note = f"{len(cells):,} numbers in one line: steps 1 to {len(cells):,} of one series; {NO_SEASON}"
    rows = [[str(step), cell] for step, cell in enumerate(cells, 1)]
    return Shape(rows, FirstLine(("step", VALUE), True), time="step", line_name="number", notes=(note,))


def find_column(lines: list[str], *, name: str, options: ReadOptions) -> Shape | None:
    """The series of `lines` that hold a number each, below a name or not; None where they do not.

    Raises DataError where it is unclear whether the first line is a name, or where a line may be several columns.
    """
    above = count_above(lines)
    first, *below = [unquote(line) for line in lines[above:]]
    while below and not below[-1]:
        below.pop()
    sample = [cell for cell in below[:SAMPLE] if cell]
    if not sample or not looks_numeric(pd.Series(sample)) or _are_times(sample):
        return None
    has_name = not _are_numbers([first]) if options.header is None else options.header
    if has_name and re.search(r"[,;|\t]", first):
        return None
    cells = below if has_name else [first, *below]
    commas = [cell.count(",") for cell in cells[:SAMPLE]]
    has_units = all(parse_numbers(cells[:SAMPLE]).units)
    if not has_name and not has_units and options.decimal != "," and len(set(commas)) == 1 and commas[0]:
        return None  # several columns are as likely
    _check_blanks(cells[:SAMPLE], has_name=has_name, name=name)
    if options.header is None and not has_name:
        _check_first(first, sample, name=name)
    if "" in cells:
        line = above + int(has_name) + cells.index("") + 1
        raise DataError(
            f"{name}, line {line}: an empty line between numbers. Write NA where a value is missing, or drop the line."
        )
    header = " ".join(first.split()) if has_name else VALUE
    step = "number" if header.casefold() == "step" else "step"
    notes = [_describe_column(len(cells))]
    if not has_name and options.header is None:
        notes.append(f"no header: the first line ({first}) is the first value (or --header)")
    rows = [[str(number), cell] for number, cell in enumerate(cells, 1)]
    first_line = FirstLine((step, header), not has_name)
    return Shape(rows, first_line, skipped=above + int(has_name), time=step, notes=tuple(notes))


@dataclass(frozen=True)
class Numbered:
    """A `frame` of one column with another one of numbered steps, `time`, and what is said about it."""

    frame: pd.DataFrame
    time: str
    note: str


def number_frame(frame: pd.DataFrame) -> Numbered | None:
    """The only column of a frame whose rows are as pandas numbers them, as a series; None where it has no numbers."""
    index = frame.index
    is_numbered = isinstance(index, pd.RangeIndex) and index.name is None and (index.start, index.step) == (0, 1)
    if not is_numbered or frame.shape[1] != 1:
        return None
    cells = frame.iloc[:, 0].dropna().iloc[:SAMPLE]
    if not len(cells) or not pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_complex_dtype(cells):
        return None
    if _are_times([f"{value:.0f}" if value % 1 == 0 else "" for value in cells.astype(float)]):
        return None
    time = "number" if str(frame.columns[0]).casefold() == "step" else "step"
    numbered = frame.copy(deep=False)
    numbered.insert(0, time, np.arange(1, len(frame) + 1))
    return Numbered(numbered, time, _describe_column(len(frame)))


def _describe_column(count: int) -> str:
    return f"one column of numbers: steps 1 to {count:,} of one series; {NO_SEASON}"


def _split(line: str, *, name: str, decimal: str | None) -> list[str]:
    """The numbers of a line as text, none where it holds other text too.

    Raises DataError where it can be split in two ways.
    """
    if SURE.search(line):
        return [cell for cell in SURE.split(line) if cell]
    words = re.split(r",?\s+", line)
    splits = {tuple(cells) for cells in ([line], LISTING.split(line), words)}
    if decimal != "," or len(words) == 1:
        splits.add(tuple(re.split(r",?\s+|,", line)))
    readings = sorted(filter(lambda cells: _may_be_meant(cells, decimal=decimal), splits), key=len)
    has_decimals = not LISTING.search(line) and all("," in word for word in words)
    if len(words) > 1 and has_decimals and tuple(words) in readings:
        return words  # 1,5 2,5 3,5
    if len(readings) > 1 and len(readings[-1]) >= FEWEST:
        raise _ask(line, f"{len(readings[0]):,} or {len(readings[-1]):,} numbers", name=name)
    short = [place for place, word in enumerate(words) if len(word) < 3]
    if len(short) > 1 and all(THOUSANDS.fullmatch(" ".join(words[place : place + 2])) for place in short):
        raise _ask(line, "numbers with or without thousands", name=name)
    return [*readings[0]] if readings else []


def _ask(line: str, readings: str, *, name: str) -> DataError:
    shown = line if len(line) <= 30 else f"{line[:30]}…"
    return DataError(
        f"{name}: {shown!r} can be {readings}. Put semicolons between the numbers, and no blanks within them."
    )


def _may_be_meant(cells: tuple[str, ...], *, decimal: str | None) -> bool:
    groups = (len(re.findall(r"\d+", cell)) for cell in cells)
    return _are_numbers(cells, decimal=decimal) and max(groups) <= MOST_GROUPS


def _are_numbers(cells: tuple[str, ...] | list[str], *, decimal: str | None = None) -> bool:
    """Whether each cell is a number or stands for a missing one."""
    found = parse_numbers(cells)
    is_number = found.is_number if decimal is None else ~np.isnan(found.values[decimal])
    return bool((is_number | found.is_missing).all() and is_number.any())


def _are_times(cells: list[str]) -> bool:
    """Whether numbers are years in order, dates without separators, or seconds since 1970."""
    if all(map(YEAR.fullmatch, cells)) and set(np.diff([*map(int, cells)])) == {1}:
        return True
    if all(map(COMPACT_DATE.fullmatch, cells)):
        return True
    return all(cell.isdecimal() and len(cell) > 9 for cell in cells) and find_epoch([*map(Decimal, cells)]) is not None


def _check_blanks(cells: list[str], *, has_name: bool, name: str) -> None:
    """Raise DataError where blanks may separate columns as well as thousands."""
    filled = [cell for cell in cells if cell]
    if not all(re.search(r"\d\s+\d", cell) for cell in filled):
        return
    words = [cell.split() for cell in filled]
    counts = [int(found[0]) if found[0].isdecimal() else None for found in words]
    numbers_rows = counts[0] in (0, 1) and counts == list(range(counts[0], counts[0] + len(counts)))
    if len({len(found) for found in words}) == 1 and (numbers_rows or not has_name):
        raise DataError(
            f"{name}: a line such as {cells[0]!r} can be one number or several columns. Write numbers without blanks, "
            "or put commas between the columns and name them in a header line."
        )


def _check_first(first: str, others: list[str], *, name: str) -> None:
    """Raise DataError where the first number of a column may be its name: a year, or the 0 that pandas writes."""
    is_year = YEAR.fullmatch(first) and not any(map(YEAR.fullmatch, others))
    if is_year or (first == "0" and "0" not in others):
        raise DataError(
            f"{name}: the first line ({first}) can be a value or the name of the column. Say which: --no-header for a "
            "value, --header for the name."
        )
