"""Find lines of keys and values above a table, such as `Unit,Percent`, as statistical offices and banks write them."""

import csv
import io
import re
from dataclasses import dataclass

from forecaster.data.delimited import find_delimiter, split_line
from forecaster.data.first_line import is_number, list_times
from forecaster.data.header_lines import LinesBelow, show_line
from forecaster.data.part_cells import level_of_words
from forecaster.errors import DataError

__all__ = ["KeyLines", "find_key_lines", "refuse_annotated_tables"]

MOST_KEYS, FEWEST_KEYS = 20, 2
FEWEST_ROWS, COMPARED = 3, 10
ANNOTATION = "#datatype"
YEAR = re.compile(r"(?:1[6-9]|20)\d\d")


@dataclass(frozen=True)
class KeyLines:
    """The place of the line with the names of the columns, and the lines of keys below it."""

    above: int
    below: LinesBelow


def find_key_lines(lines: list[str]) -> KeyLines | None:
    """The names and the lines of keys at the beginning of `lines`, above rows that begin with times; None for others.

    The names stand in the first line that fills more than its first cell; or directly above the rows, where a blank
    line is above them or the lines of keys have fewer cells.
    """
    filled = [place for place, line in enumerate(lines) if line.strip()][: MOST_KEYS + COMPARED]
    if len(filled) <= FEWEST_ROWS or any(lines[place].startswith("#") for place in filled[:MOST_KEYS]):
        return None
    delimiter = find_delimiter(lines[filled[-1]])
    if delimiter not in lines[filled[-1]] or any(lines[place].count('"') % 2 for place in filled):
        return None
    table = [[cell.strip() for cell in split_line(lines[place], delimiter)] for place in filled]
    first_row = next((number for number, cells in enumerate(table) if _is_time(cells[0])), 0)
    rows, heads = table[first_row : first_row + COMPARED], table[:first_row]
    width = len(rows[0])
    if len(rows) < FEWEST_ROWS or not all(_is_time(cells[0]) and len(cells) == width for cells in rows):
        return None
    names = next((number for number, cells in enumerate(heads) if len(cells) > 1 and any(cells[1:])), first_row)
    keys = heads[names + 1 :]
    if not keys or len(keys) > MOST_KEYS or not _are_keys(heads[names], keys):
        return None
    last = keys[-1]
    is_below_blank = filled[first_row - 1] > filled[first_row - 2] + 1
    is_wider = len(last) == width > max(map(len, (heads[names], *keys[:-1])))
    if all(last) and len(last) == width and (is_below_blank or is_wider):
        return KeyLines(filled[first_row - 1], LinesBelow(lines[filled[first_row - 1]]))
    if len(heads[names]) != width:
        return None
    header = _name_parts(heads[names], rows)
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="").writerow(header)
    count = len(keys)
    note = (
        f"{count} {'line' if count == 1 else 'lines'} below the header not read: {show_line(delimiter.join(keys[0]))}"
    )
    return KeyLines(filled[names], LinesBelow(text.getvalue(), filled[first_row] - filled[names] - 1, (note,)))


def refuse_annotated_tables(lines: list[str], *, name: str) -> None:
    """Raise DataError for several tables of InfluxDB one below the other, each with lines on its types."""
    places = [place for place, line in enumerate(lines) if line.startswith(ANNOTATION)]
    if len(places) > 1:
        raise DataError(
            f"{name}: it has several tables, each with its lines {ANNOTATION!r} and the like (again in line "
            f"{places[1] + 1}). Delete the lines that begin with #; headers that repeat are left out then."
        )


def _is_time(cell: str) -> bool:
    if not re.search(r"\d", cell):
        return False
    return YEAR.fullmatch(cell) is not None or list_times([cell]) is not None


def _are_keys(names: list[str], keys: list[list[str]]) -> bool:
    """Whether lines hold keys without digits, and values of which some are no numbers; a line of units has no key.

    What has fewer lines, or no digit in them, are units and further names, which are read elsewhere.
    """
    firsts = [cells[0] for cells in keys]
    if any(re.search(r"\d", first) for first in firsts) or not re.search(r"\d", "".join("".join(key) for key in keys)):
        return False
    if any(not first and any(map(is_number, cells[1:])) for first, cells in zip(firsts, keys, strict=True)):
        return False
    filled = [first for first in firsts if first]
    is_below_no_name = not names[0] and not filled
    has_words = any(cell and not is_number(cell) for cells in keys for cell in cells[1:])
    is_enough = len(keys) >= FEWEST_KEYS or is_below_no_name
    return is_enough and has_words and len(set(filled)) == len(filled)


def _name_parts(names: list[str], rows: list[list[str]]) -> list[str]:
    """The names, with those of two first columns that have none and hold years and their months or quarters."""
    levels = {level_of_words(cells[1]) for cells in rows} if names[:2] == ["", ""] and len(names) > 2 else set()
    level = levels.pop() if len(levels) == 1 else None
    if level is None or {"year", level} & {*names} or not all(YEAR.fullmatch(cells[0]) for cells in rows):
        return names
    return ["year", level, *names[2:]]
