"""Split text with a separator between cells: the separator, the decimal mark, and the names of the columns."""

import csv
import re

from forecaster.data.layouts.first_line import (
    FirstLine,
    are_consecutive_years,
    explain_unclear,
    is_number,
    judge_first_line,
    list_times,
)
from forecaster.data.layouts.period_columns import FEWEST_PERIODS, find_period_columns
from forecaster.data.names.date_names import names_month
from forecaster.data.names.time_names import has_time_word
from forecaster.data.numbers.number_cells import MISSING_WORDS
from forecaster.data.problems import count_more
from forecaster.data.read_options import ReadOptions
from forecaster.data.times.digits import NAME_OF_DATES
from forecaster.errors import DataError

__all__ = [
    "check_header",
    "count_header_lines",
    "find_decimal",
    "find_delimiter",
    "join_quoted",
    "read_first_line",
    "split_line",
    "tell_apart",
]

QUOTED = re.compile(r'(?<![^,;\t|]) *"(?:[^"]|"")*"')
"""A cell in quotes."""
LONGEST_HEADER = 50
"""Lines of a header whose names hold line breaks."""
COMPARED = 100
"""Lines that the first one is compared with."""


def find_delimiter(line: str) -> str:
    """What separates the cells of a line, a comma where nothing does."""
    candidates = ",;\t|"
    plain = QUOTED.sub("", line)
    # what stands in quotes separates nothing
    line = plain if any(candidate in plain for candidate in candidates) else line
    if "," in line and not re.search(r"(?<!\d),|,(?!\d)", line) and re.search(r"[;\t|]", line):
        candidates = ";\t|"  # the commas are in numbers
    # commas such as those of June 7, 2020
    are_in_texts = "," in line and not re.search(r",(?! )", line)

    def count_cells(candidate: str) -> int:
        # a long line without it is longer than a cell may be
        return len(split_line(line, candidate)) if candidate in line else 1

    return max(candidates, key=lambda candidate: (count_cells(candidate), (candidate == ",") != are_in_texts))


def join_quoted(lines: list[str]) -> dict[int, str]:
    """The first lines by their places, those that a cell in quotes goes on in joined to the one that it begins in."""
    joined: dict[int, str] = {}
    place = 0
    while place < len(lines):
        last = place
        if lines[place].count('"') % 2:
            ends = range(place + 1, min(place + LONGEST_HEADER, len(lines)))
            # where the quote is not closed, it stands for itself
            last = next((end for end in ends if lines[end].count('"') % 2), place)
        joined[place] = " ".join(lines[place : last + 1])
        place = last + 1
    return joined


def count_header_lines(lines: list[str], *, delimiter: str) -> int:
    """The number of lines of the header: several where quoted names hold line breaks, 1 where a quote is not closed."""
    reader = csv.reader((f"{line}\n" for line in lines[:LONGEST_HEADER]), delimiter=delimiter)
    next(reader)
    return reader.line_num if reader.line_num < min(LONGEST_HEADER, len(lines)) else 1


def read_first_line(rows: list[str], *, delimiter: str, name: str, options: ReadOptions) -> FirstLine:
    """The names of the columns. Raises DataError where they are wrong, or where it is unclear whether they are any."""
    header, *others = ([cell.strip() for cell in split_line(row, delimiter)] for row in rows[: COMPARED + 1])
    is_data = options.header is False
    if options.header is None and others:
        found = False if _names_series_of_pandas(header) else judge_first_line(header, others)
        if found is None and find_period_columns(header, others, options=options) is not None:
            found = False  # names of times above numbers
        if found is None:
            raise explain_unclear(header, name=name)
        is_data = found
    if is_data:
        return FirstLine.of_values([header, *others], is_given=options.header is False)
    problem = check_header(tuple(header), name=name, rows=len(rows) - 1)
    lacks_first = _lacks_first_name(header, others, delimiter=delimiter, is_quoted=rows[-1].startswith('"'))
    header = [""] * lacks_first + header
    unnamed = [place for place, cell in enumerate(header) if not cell and not _counts_rows(others, place)]
    notes = [f"column {place + 1} has no name, and is not read" for place in unnamed]
    if lacks_first and not unnamed:
        notes.append("the header has one name fewer than the rows have cells: the first column, of row names, has none")
    has_times = unnamed[:1] == [0] and list_times([row[0] for row in others if row]) is not None
    has_times = has_times or (not header[0] and _names_years(header, others))
    if not header[0] and "timestamp" not in header and (has_times or _are_parts_of_years(header[1:])):
        header[0], notes = (
            "timestamp",
            ["column 1 has no name, and is called 'timestamp'", *notes[unnamed[:1] == [0] :]],
        )
    counts_steps = not header[0] and "step" not in header and _counts_steps(header, others)
    if counts_steps:
        header[0] = "step"
        notes.append("the rows have no times: column 1, which numbers them, is called 'step'")
    time = "step" if counts_steps else None
    return FirstLine(tell_apart(tuple(header)), notes=tuple(notes), problem=problem, time=time)


def _names_series_of_pandas(header: list[str]) -> bool:
    """Whether the names are those that pandas writes for a series without one: none, and 0."""
    return header == ["", "0"]


def _counts_steps(header: list[str], rows: list[list[str]]) -> bool:
    """Whether the rows of a single column of numbers without times are numbered from 0 or 1 on, as R writes `ts`."""
    if len(header) != 2 or _speaks_of_time(header[1]) or not _counts_rows(rows, 0) or rows[0][0] not in ("0", "1"):
        return False
    cells = [row[1] for row in rows if len(row) == 2]
    return len(cells) > 1 and all(is_number(cell) for cell in cells if cell and cell not in MISSING_WORDS)


def _names_years(header: list[str], rows: list[list[str]]) -> bool:
    """Whether the first column holds years in order, one a row, and no other one may be the time."""
    if not are_consecutive_years([row[0] for row in rows if row]) or any(map(_speaks_of_time, header)):
        return False
    others = range(1, len(header))
    return not any(list_times([row[place] for row in rows if place < len(row)]) for place in others)


def _speaks_of_time(name: str) -> bool:
    return NAME_OF_DATES.search(name) is not None or has_time_word(name)


def _are_parts_of_years(names: list[str]) -> bool:
    """Whether all names are those of months or of quarters, so that years stand beside them, as R writes `ts`."""
    is_part = [names_month(name) or re.fullmatch("(?:Q|Qtr)[1-4]", name) is not None for name in names]
    return len(names) >= FEWEST_PERIODS and all(is_part)


def _lacks_first_name(header: list[str], rows: list[list[str]], *, delimiter: str, is_quoted: bool) -> bool:
    """Whether the first column has no name, not even an empty one, as R writes tables with the names of the rows.

    Rows may also have a cell more for other reasons, such as decimal commas, so that the column of times must be under
    the right name only where the first column is left out. `is_quoted` where the first cell of a row is.
    """
    filled = [row for row in rows if any(row)]
    width = len(header)
    if not filled or any(len(row) != width + 1 for row in filled) or not any(row[-1] for row in filled):
        return False
    columns = [[row[place] for row in filled] for place in range(width + 1)]
    times = next((place for place, cells in enumerate(columns) if list_times(cells)), None)
    if times is None:
        return False
    if times == 0:
        # else the last number may be cut in two by its decimal comma, or each row have a cell too much at its end
        has_time = any(map(_speaks_of_time, header))
        return width == 1 or (delimiter != "," and not has_time)
    is_right = NAME_OF_DATES.search(header[times - 1]) is not None
    is_other_right = times < width and NAME_OF_DATES.search(header[times]) is not None
    names_rows = len(set(columns[0])) == len(filled) and (is_quoted or _counts_rows(rows, 0))
    return names_rows and not is_other_right and (is_right or is_quoted)


def _counts_rows(rows: list[list[str]], place: int) -> bool:
    """Whether a column is empty, or only numbers the rows."""
    cells = [row[place] for row in rows if place < len(row) and any(row)]
    numbers = [int(cell) for cell in cells if cell.isdecimal()]
    is_count = len(numbers) == len(cells) > 0 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return is_count or not any(cells)


def check_header(header: tuple[str, ...], *, name: str, rows: int) -> DataError | None:
    """The error for two columns of one name, if there are such. Raises DataError for a header without rows."""
    if rows == 0:
        raise DataError(f"{name}: only a header line, no rows. Add at least a few rows of data.")
    repeated = [cell for cell, is_repeated in zip(header, _find_repeated(header), strict=True) if is_repeated]
    if not repeated:
        return None
    more = count_more(len(set(repeated)), one="name is there twice", several="names are there twice")
    return DataError(f"{name}: two columns are named {repeated[0]!r}. Rename one of them.{more}")


def tell_apart(header: tuple[str, ...]) -> tuple[str, ...]:
    """The names of columns with a mark at those that are there already."""
    return tuple(
        f"{cell}\0{position}" if is_repeated else cell
        for position, (cell, is_repeated) in enumerate(zip(header, _find_repeated(header), strict=True))
    )


def _find_repeated(header: tuple[str, ...]) -> list[bool]:
    """Which columns have the name of one before them."""
    seen: set[str] = set()
    found = []
    for cell in header:
        found.append(bool(cell) and cell in seen)
        seen.add(cell)
    return found


def find_decimal(lines: list[str], delimiter: str) -> str:
    """The decimal mark: a comma where it is not the delimiter and more cells are numbers with it than with a point."""
    if delimiter == ",":
        return "."
    cells = [cell.strip() for line in lines for cell in split_line(line, delimiter)]
    with_comma = sum("," in cell and is_number(cell.replace(",", ".", 1)) for cell in cells)
    with_point = sum("." in cell and is_number(cell) for cell in cells)
    return "," if with_comma > with_point else "."


def split_line(line: str, delimiter: str) -> list[str]:
    """The cells of a line."""
    return next(csv.reader([line], delimiter=delimiter))
