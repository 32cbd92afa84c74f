"""Split text with a separator between cells: the separator, the decimal mark, and the names of the columns."""

import csv
import re

from forecaster.data.first_line import FirstLine, explain_unclear, is_number, judge_first_line
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError

__all__ = ["check_header", "count_header_lines", "find_decimal", "find_delimiter", "read_first_line", "split_line"]

LONGEST_HEADER = 50
"""Lines of a header whose names hold line breaks."""
COMPARED = 100
"""Lines that the first one is compared with."""


def find_delimiter(line: str) -> str:
    """What separates the cells of a line, a comma where nothing does."""
    candidates = ",;\t|"
    if "," in line and not re.search(r"(?<!\d),|,(?!\d)", line) and re.search(r"[;\t|]", line):
        candidates = ";\t|"  # the commas are in numbers
    return max(candidates, key=lambda candidate: (len(split_line(line, candidate)), candidate == ","))


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
        found = judge_first_line(header, others)
        if found is None:
            raise explain_unclear(header, name=name)
        is_data = found
    if is_data:
        return FirstLine.of_values([header, *others], is_given=options.header is False)
    check_header(tuple(header), name=name, rows=len(rows) - 1)
    return FirstLine(tuple(header))


def check_header(header: tuple[str, ...], *, name: str, rows: int) -> None:
    """Raise DataError for a header without rows, and for two columns of one name."""
    if rows == 0:
        raise DataError(f"{name}: only a header line, no rows. Add at least a few rows of data.")
    repeated = next((cell for position, cell in enumerate(header) if cell and cell in header[:position]), None)
    if repeated is not None:
        raise DataError(f"{name}: two columns are named {repeated!r}. Rename one of them.")


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
