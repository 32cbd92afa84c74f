"""Find the names of the columns below titles, and the lines below them that belong to the header, such as units."""

import csv
import io
import re
from dataclasses import dataclass, replace

from forecaster.data.layouts.delimited import find_delimiter, join_quoted, split_line
from forecaster.data.layouts.first_line import DATE, YEAR, holds_values, list_times
from forecaster.data.layouts.preamble import MOST_TITLES, find_header
from forecaster.data.layouts.years_above import YEARS_ABOVE, find_below_years, join_years
from forecaster.data.numbers.number_cells import parse_numbers
from forecaster.data.parts.part_cells import DATES, YEARS

__all__ = ["LinesBelow", "add_years_above", "find_first_line", "find_lines_below", "is_rule"]

MOST_LINES = 3
MOST_JOINED = 100
"""First lines that are joined where a cell goes on in the next one."""
COMPARED = 20
"""Rows below such lines that show which column holds the times."""
LONGEST_SHOWN = 40
YEAR_CELL = re.compile(rf"[,;|\t\"](?:{YEARS})(?=[,;|\t\"])")
WIDTH = re.compile(r"\d{1,3}[sdn]")
"""How wide a column is, and of which type, as files of the USGS say below the names."""
UNIT = re.compile(r"(?=.*(?:[^\W\d_]|=))(?:\d\S* ?)?(?:\S*[^\s\d]\S*|(?<=/)\d+)(?: \S*[^\s\d]\S*)*")
"""A unit that may hold digits, but no number behind words, such as `10^6 km`, `m3/s`, `EUR/1000 l`, `2015=100`."""
RULE = re.compile(r"[\s|+]*[-=]{3,}[-=+|,;\s]*")


@dataclass(frozen=True)
class LinesBelow:
    """So many `lines` below the first one of a header that are no rows, its `names` with what they add, and notes."""

    names: str
    lines: int = 0
    notes: tuple[str, ...] = ()


def is_rule(line: str) -> bool:
    """Whether a line is drawn with dashes, as printed tables have it below their header."""
    return RULE.fullmatch(line) is not None


def find_first_line(lines: list[str]) -> tuple[int, str]:
    """The index and the text of the header, or of the first row where there is none, below titles and comments."""
    joined = join_quoted(lines[:MOST_JOINED])
    places, lines = [*joined], [*joined.values()]

    def split(line: str, like: str) -> list[str]:
        return split_line(line, find_delimiter(like))

    filled = [place for place, line in enumerate(lines) if line.strip()][:MOST_TITLES]
    if any(YEAR_CELL.search(lines[place]) for place in filled):
        below_years = find_below_years(split(lines[place], lines[place]) for place in filled)
        if below_years is not None:
            return places[filled[below_years]], lines[filled[below_years]]
    above = find_header(lines, split=split, holds_values=holds_values)
    cells = split(lines[above], lines[above])
    is_title = bool(cells[0].strip()) and not any(cell.strip() for cell in cells[1:])
    above = find_header(lines, split=split, holds_values=lambda _: False) if is_title else above
    below = next((place for place in range(above + 1, len(lines)) if lines[place].strip()), above)
    if _groups_times(split(lines[above], lines[above]), split(lines[below], lines[above])):
        return places[below], lines[below]
    if all(cell.strip() for cell in split(lines[above], lines[above])[1:]):
        return places[above], lines[above]
    filled = [place for place, line in enumerate(lines) if place >= above and line.strip()][: MOST_LINES + COMPARED]
    rows = [[cell.strip() for cell in split(lines[place], lines[above])] for place in filled]
    more = [number for number in range(1, MOST_LINES + 1) if _names_more(rows[0], rows[number:])]
    above = filled[more[-1]] if more else above
    return places[above], lines[above]


def find_lines_below(head: str, lines: list[str], *, delimiter: str) -> LinesBelow:
    """What stands below the line `head` of names, before the first row; `lines` are those below it.

    Lines without any digit but in units of columns of numbers, such as `10^6 km`, or one of the widths of columns,
    stand above the rows, where these have times in a column. Names that are there twice get those of the next lines;
    where the last line fills the first cell alone, or one below no name, as pandas writes the name of an index, it is
    its name.
    """
    # lines of dashes are empty here
    blank = next((place for place, line in enumerate(lines) if line.strip()), 0)
    names, *rows = (
        next(csv.reader([line], delimiter=delimiter)) for line in (head, *filter(str.strip, lines[:COMPARED]))
    )
    rows = rows[: MOST_LINES + COMPARED]
    are_widths = bool(rows) and len(rows[0]) == len(names) > 1 and all(map(WIDTH.fullmatch, rows[0]))
    count = next((place for place, row in enumerate(rows) if re.search(r"\d", "".join(row))), 0)
    count = count or int(are_widths or _holds_units(rows))
    added = [[cell.strip() for cell in row] for row in rows[:count]]
    if not 0 < count <= MOST_LINES or any(len(row) != len(names) for row in added) or not _have_times(rows[count:]):
        return LinesBelow(head, blank)
    first = delimiter.join(added[0])
    shown = first if len(first) <= LONGEST_SHOWN else f"{first[:LONGEST_SHOWN]}…"
    names = [name.strip() for name in names]
    added = [[""] * len(names)] if are_widths else added
    named = [place for place, cell in enumerate(added[-1]) if cell]
    # a cell below a name is its unit
    index = named[0] if len(named) == 1 and (named[0] == 0 or not names[named[0]]) else -1
    if index >= 0:
        names[index] = added.pop()[index]
    if len({name for name in names if name}) < sum(map(bool, names)) and added:
        pairs = enumerate(zip(names, added[0], strict=True))
        names = [name if place == index or not cell else f"{name} {cell}".strip() for place, (name, cell) in pairs]
    number = [place for place, line in enumerate(lines) if line.strip()][count - 1] + 1
    note = f"{count} {'line' if count == 1 else 'lines'} below the header not read: {shown!r}"
    return LinesBelow(_join(names, delimiter), number, (note,))


def add_years_above(found: LinesBelow, above: list[str], *, delimiter: str) -> tuple[LinesBelow, list[str]]:
    """`found` with the years in the last of the lines `above` the header, if it has such, and the lines above these."""
    place = next((place for place in range(len(above) - 1, -1, -1) if above[place].strip()), None)
    if place is None:
        return found, above
    years, names = (next(csv.reader([line], delimiter=delimiter)) for line in (above[place], found.names))
    joined = join_years(years, names)
    if joined is None:
        return found, above
    return replace(found, names=_join(joined, delimiter), notes=(YEARS_ABOVE, *found.notes)), above[:place]


def _join(names: list[str], delimiter: str) -> str:
    """A line of these names."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="").writerow(names)
    return text.getvalue()


def _names_more(names: list[str], rows: list[list[str]]) -> bool:
    """Whether the first of the rows below `names` has names for columns of numbers that have none there.

    So it is in pivot tables of spreadsheets, and where a name stands above a group of columns.
    """
    if len(rows) < 2 or any(len(row) != len(names) for row in rows):
        return False
    cells, *below = rows
    found = parse_numbers(cells)
    lacks = [place for place, name in enumerate(names) if place and not name and not found.is_missing[place]]
    if found.is_number.any() or not all(cell for cell, name in zip(cells[1:], names[1:], strict=True) if name):
        return False
    has_numbers = all(parse_numbers([row[place] for row in below]).is_number.any() for place in lacks)
    return bool(lacks) and has_numbers and not any(list_times([cell]) for cell in cells if cell)


def _groups_times(names: list[str], cells: list[str]) -> bool:
    """Whether names that are there several times stand above different times, of columns that begin alike."""
    filled = [place for place, name in enumerate(names) if name.strip()]
    if not filled or filled[0] == 0 or len({names[place] for place in filled}) == len(filled):
        return False
    times = [cell.strip() for cell in cells if cell.strip()]
    if filled != [place for place, cell in enumerate(cells) if cell.strip()] or len({*times}) < len(times):
        return False
    return all(map(YEAR.fullmatch, times)) or list_times(times) is not None


def _holds_units(rows: list[list[str]]) -> bool:
    """Whether the first row holds units with digits, above columns of numbers, and those below it are values."""
    below = rows[1:]
    with_digits = [place for place, cell in enumerate(rows[0]) if re.search(r"\d", cell)] if len(below) > 1 else []
    if not with_digits or with_digits[0] == 0 or len(rows[0]) > min(map(len, below)):
        return False
    words = [rows[0][place].strip() for place in with_digits]
    is_number = parse_numbers([row[place] for place in with_digits for row in below]).is_number
    return all(map(UNIT.fullmatch, words)) and bool(is_number.all()) and not parse_numbers(words).is_number.any()


def _have_times(rows: list[list[str]]) -> bool:
    """Whether one of several columns of the rows holds times, or the first one years."""
    width = min(map(len, rows), default=0)
    columns = [[row[place].strip() for row in rows] for place in range(width)]
    if width > 1 and all(map(YEAR.fullmatch, columns[0])):
        return True
    forms = (DATE, re.compile(DATES["month"]))
    return width > 1 and any(
        any(all(map(form.fullmatch, cells)) for form in forms) or list_times(cells) is not None for cells in columns
    )
