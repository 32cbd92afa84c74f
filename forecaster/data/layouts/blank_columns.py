"""Read tables whose columns are separated by blanks, such as printed ones of fixed width."""

import csv
import re
from collections import Counter
from dataclasses import dataclass

from forecaster.data.layouts.first_line import CLOCK, FirstLine, explain_unclear, judge_first_line, list_times
from forecaster.data.layouts.header_lines import is_rule
from forecaster.data.layouts.notes_below import FOOTER
from forecaster.data.layouts.shapes import Shape, count_above
from forecaster.data.numbers.number_cells import parse_numbers
from forecaster.data.problems import count_more
from forecaster.data.read_options import ReadOptions
from forecaster.data.times.digits import NAME_OF_DATES
from forecaster.errors import DataError

__all__ = ["find_blank_columns"]

NOTE = "columns are separated by blanks"
COMPARED = 200
MOST_WORDS = 4
"""Words of a time, as in `1 Jan 2024 13:00`."""
MOSTLY = 0.8
"""Share of lines with the same number of columns from which on the others are errors."""
MARK = re.compile(r"[,;|]")
GROUPED = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?")
YEAR = re.compile(r"\d{4}|\d[-/.]\d{1,2}[-/.]\d")
HOUR_AND_NUMBER = re.compile(r"(?:[01]\d|2[0-3]),\d+")
HALF_DAYS = ("am", "pm", "a.m.", "p.m.")

Rows = list[list[str]]


@dataclass(frozen=True)
class _Layout:
    """The words of a row that are one cell: those of a time, `words` from the word `start` on."""

    start: int
    words: int

    def join(self, rows: Rows) -> Rows:
        """The rows with the words of the time in one cell."""
        if self.words == 1:
            return rows
        end = self.start + self.words
        return [row and [*row[: self.start], " ".join(row[self.start : end]), *row[end:]] for row in rows]


def find_blank_columns(lines: list[str], *, name: str, options: ReadOptions) -> Shape | None:
    """The table of `lines` with blanks between their columns; None where they do not agree on such columns.

    Raises DataError where blanks may be in numbers, too, and for lines that have another number of columns than most.
    """
    above = count_above(lines)
    lines = ["" if is_rule(line) or FOOTER.fullmatch(line.strip()) else line for line in lines[above:]]
    for is_wide in (True, False):  # two blanks or more, then any
        rows = _split(lines, is_wide=is_wide)
        if options.decimal == "." and any("," in cell for row in rows[:COMPARED] for cell in row):
            continue  # a separator
        if len(rows) == len(lines) and len(rows[0]) > 0 and any(rows[1:]) and not _has_other_marks(rows):
            shape = _find_table(rows, above=above, is_wide=is_wide, name=name, options=options)
            if shape is not None:
                return shape
    return None


def _split(lines: list[str], *, is_wide: bool) -> Rows:
    has_quotes = any('"' in line for line in lines)
    if is_wide:
        return [] if has_quotes else [re.split(r"\s{2,}", line.strip()) if line.strip() else [] for line in lines]
    if not has_quotes:
        return [line.split() for line in lines]
    return list(csv.reader((" ".join(line.split()) for line in lines), delimiter=" "))


def _has_other_marks(rows: Rows) -> bool:
    """Whether separators of other tables are in the first rows, elsewhere than in numbers."""
    marked = [cell for row in rows[:COMPARED] for cell in row if MARK.search(cell)]
    return not bool(parse_numbers(marked).is_number.all())


def _find_table(rows: Rows, *, above: int, is_wide: bool, name: str, options: ReadOptions) -> Shape | None:
    head, filled = rows[0], [row for row in rows[1:] if row]
    width, agreeing = Counter(map(len, filled)).most_common(1)[0]
    if not is_wide and (agreeing < len(filled) or (width > 2 and len(head) == 2 and NAME_OF_DATES.search(head[0]))):
        joined = _join_thousands(rows)
        if joined is not None:
            return _find_table(joined, above=above, is_wide=True, name=name, options=options)
    if width < 2 or agreeing < MOSTLY * len(filled):
        return None
    sample = [row for row in filled if len(row) == width][:COMPARED]
    layouts = _find_layouts(sample)
    found = _place_header(rows, sample, layouts, is_wide=is_wide, name=name, options=options)
    if found is None:
        return None
    layout, first_line, time = found
    last = [row[-1] for row in sample]
    if options.decimal is None and width == 2 and layouts and all(map(HOUR_AND_NUMBER.fullmatch, last)):
        raise DataError(
            f"{name}: {last[0]!r} after a date can be a number, or an hour and a number. Say which: --decimal , for a "
            "number, --decimal . for an hour."
        )
    if agreeing < len(filled):
        raise _explain_lengths(rows, width=width, above=above, name=name)
    skipped = int(not first_line.is_made_up)
    return Shape(
        layout.join(rows[skipped:]), first_line, skipped=above + skipped, time=time, notes=(NOTE, *first_line.notes)
    )


def _find_layouts(sample: Rows) -> list[_Layout]:
    """Where the first words of all rows, or those after a number of the row, are a time: the shortest one first.

    A longer one has a time of day: another number after a complete date may be a value. Behind a number nothing need
    follow: that is the value, as `uniq -c` writes it.
    """
    found: list[_Layout] = []
    for start in (0, 1):
        for words in range(1, min(MOST_WORDS, min(map(len, sample)) - 1) + 1):
            is_clock = all(_is_clock(row[start + words - 1]) for row in sample)
            texts = [" ".join(row[start : start + words]) for row in sample]
            if (is_clock or not found) and all(map(YEAR.search, texts)) and list_times(texts):
                found.append(_Layout(start, words))
        if found:
            break
    return found


def _is_clock(word: str) -> bool:
    return CLOCK.fullmatch(word) is not None or word.casefold() in HALF_DAYS


def _place_header(
    rows: Rows, sample: Rows, layouts: list[_Layout], *, is_wide: bool, name: str, options: ReadOptions
) -> tuple[_Layout, FirstLine, str | None] | None:
    """The layout of the rows, the names of their columns, and the time where it is known; None where nothing fits."""
    head, width, plain = rows[0], len(sample[0]), _Layout(0, 1)
    if len(head) == width:
        holds_values = _judge(head, sample, layouts) if options.header is None else not options.header
        if holds_values is None:
            raise explain_unclear(head, name=name)
        if not holds_values:
            return (plain, FirstLine(tuple(head)), None) if layouts or not is_wide else None
        if not layouts:
            return None
        layout = layouts[-1]
        if not is_wide:
            _check_thousands(layout.join(sample), start=layout.start + 1, name=name)
        return layout, FirstLine.of_values(layout.join(rows), is_given=options.header is False), None
    if options.header is False or _judge_alone(head):
        return None
    for layout in layouts:
        if len(head) == width - layout.words + 1:
            return layout, FirstLine(tuple(head)), None
    for layout in layouts or [plain]:
        if len(head) == width - layout.words:  # the first column has no name
            first = [row[0] for row in layout.join(sample)]
            if layout.start == 0 and layouts:
                if any(map(NAME_OF_DATES.search, head)):
                    return None
                _check_thousands(layout.join(sample), start=1, name=name)
                return layout, FirstLine(("timestamp", *head)), None
            if first[0] in ("0", "1") and first == [str(number + int(first[0])) for number in range(len(first))]:
                step = "step" if len(head) == 1 else None
                return layout, FirstLine((step or "", *head)), step
    return None


def _judge(head: list[str], sample: Rows, layouts: list[_Layout]) -> bool | None:
    """Whether the first line holds values, whichever words are the time; None where that cannot be known."""
    found = [judge_first_line(layout.join([head])[0], layout.join(sample)) for layout in [*layouts, _Layout(0, 1)]]
    return True if True in found else None if None in found else False


def _judge_alone(head: list[str]) -> bool:
    """Whether a first line that is shorter than the others holds numbers."""
    return bool(parse_numbers(head).is_number.any())


def _join_thousands(rows: Rows) -> Rows | None:
    """Rows of a time and one number, whose thousands are separated by blanks in some; None where they are not."""
    layouts = _find_layouts([row for row in rows[1:] if row][:COMPARED])
    if len(layouts) != 1 or layouts[0].start:
        return None
    words = layouts[0].words
    is_data = list_times([" ".join(rows[0][:words])]) is not None
    joined = [row and [" ".join(row[:words]), " ".join(row[words:])] for row in rows[1 - is_data :]]
    numbers = parse_numbers({row[1] for row in joined[:COMPARED] if row})
    if not (numbers.is_number | numbers.is_missing).all():
        return None
    return joined if is_data else [rows[0], *joined]


def _check_thousands(rows: Rows, *, start: int, name: str) -> None:
    """Raise DataError where the words after the time of every row may be one number as well as several."""
    numbers = [" ".join(row[start:]) for row in rows]
    if all(map(GROUPED.fullmatch, numbers)):
        raise DataError(
            f"{name}: {numbers[0]!r} can be one number or several columns. Write numbers without blanks, or name the "
            "columns in a header line."
        )


def _explain_lengths(rows: Rows, *, width: int, above: int, name: str) -> DataError:
    others = [place for place, row in enumerate(rows) if place and row and len(row) != width]
    more = count_more(len(others), one="line differs, too", several="lines differ, too")
    count = len(rows[others[0]])
    return DataError(
        f"{name}, line {above + others[0] + 1}: {count} column{'s' * (count != 1)}, where most lines have {width}. "
        f"Write NA for an empty cell, or separate the columns with commas.{more}"
    )
