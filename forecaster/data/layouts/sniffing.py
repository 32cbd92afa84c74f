"""Detect the encoding, delimiter, decimal mark and header of each input file from its first bytes."""

import codecs
import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from forecaster.data.files.content import Content, explain_unreadable
from forecaster.data.files.contents import refuse_other_formats
from forecaster.data.files.encodings import (
    SAMPLE_BYTES,
    check_encoding,
    decode_head,
    describe_encoding,
    explain_decode_error,
    find_encoding,
    read_head,
)
from forecaster.data.layouts.blank_columns import find_blank_columns
from forecaster.data.layouts.delimited import (
    check_header,
    count_header_lines,
    find_decimal,
    find_delimiter,
    read_first_line,
    split_line,
    tell_apart,
)
from forecaster.data.layouts.first_line import FirstLine
from forecaster.data.layouts.header_lines import LinesBelow, add_years_above, find_first_line, find_lines_below, is_rule
from forecaster.data.layouts.key_lines import KeyLines, find_key_lines
from forecaster.data.layouts.number_lists import find_column, find_list
from forecaster.data.layouts.part_columns import find_part_columns
from forecaster.data.layouts.period_columns import find_period_columns
from forecaster.data.layouts.preamble import describe_preamble
from forecaster.data.layouts.shapes import DELIMITER, Shape, count_above
from forecaster.data.layouts.text_source import BROKEN_GZIP, Source, explain_broken_gzip, open_content
from forecaster.data.numbers.number_cells import parse_numbers
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError, UsageError

__all__ = ["find_sources"]

COMPARED_ROWS = 100
"""Rows that show whether the periods are columns."""
COMPARED = 20
"""Lines that show whether cells have a separator between them."""
LINE_END = re.compile(r"\r\n|\r|\n")
BETWEEN_CELLS = " \t,;|"
"""What a line without any cell that is filled consists of."""


def find_sources(contents: list[Content], *, options: ReadOptions | None = None) -> list[Source]:
    """The tables of text in `contents`.

    Raises NotFoundError where one cannot be read, DataError where one is not text in columns, UsageError for
    an unknown encoding in `options`.
    """
    options = options or ReadOptions()
    options = replace(options, encoding=check_encoding(options.encoding))
    return [_sniff(content.name, content=content.place, options=options) for content in contents]


def _sniff(name: str, *, content: Path | bytes, options: ReadOptions) -> Source:
    try:
        with open_content(content) as file:
            head = read_head(file)
    except BROKEN_GZIP as error:
        raise explain_broken_gzip(name) from error
    except OSError as error:
        raise explain_unreadable(name, error) from error
    if not head.removeprefix(codecs.BOM_UTF8).strip() or head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise _explain_empty(name)
    refuse_other_formats(head, name=name)
    encoding = options.encoding
    if encoding is None:
        encoding = find_encoding(head, name=name)
    text = decode_head(head, encoding=encoding, name=name)
    notes = () if options.encoding is not None else describe_encoding(text, encoding)
    lines = LINE_END.split(text)
    if not any(line.strip() for line in lines):
        raise _explain_empty(name)
    lines = _skip_lines(lines, name=name, options=options)
    source = Source(name, content, encoding, ",", ".", (), 0, notes=notes)
    try:
        if _may_be_plain(lines):
            whole = _read_text(content, encoding=encoding, name=name)
            whole_lines = _skip_lines(LINE_END.split(whole), name=name, options=options)
            shape = _find_shape(whole_lines, name=name, options=options)
            if shape is not None:
                table = _sniff_shape(source, shape, above=lines[: count_above(lines)])
                return _find_periods(table, shape.rows[:COMPARED_ROWS], options=options)
        return _sniff_table(source, lines, is_cut=len(head) >= SAMPLE_BYTES, options=options)
    except csv.Error as error:
        raise DataError(f"{name}: this is not a table of text in columns ({error}). Save it as CSV.") from error


def _skip_lines(lines: list[str], *, name: str, options: ReadOptions) -> list[str]:
    """The lines with empty ones for those that are to be skipped, and for those below these without a filled cell."""
    if options.skip_lines is None:
        return lines
    count = options.skip_lines
    first = next((place for place in range(count, len(lines)) if lines[place].strip(BETWEEN_CELLS)), None)
    if first is None:
        raise UsageError(f"--skip-lines {count}: {name} has no lines below these.")
    return [""] * first + lines[first:]


def _sniff_table(source: Source, lines: list[str], *, is_cut: bool, options: ReadOptions) -> Source:
    """The source as a table of `lines` with a separator between cells."""
    lines = ["" if is_rule(line) else line for line in lines]
    is_told = options.skip_lines is not None
    keys = None if options.header else find_key_lines(lines, is_cut=is_cut, is_told=is_told)
    if keys is not None and keys.names:
        return _sniff_rows(source, keys, options=options)
    if is_told or keys is not None:
        above = next((place for place, line in enumerate(lines) if line.strip()), 0) if keys is None else keys.header
        first = lines[above]
    else:
        above, first = find_first_line(lines)
    delimiter = find_delimiter(first)
    header_lines = count_header_lines(lines[above:], delimiter=delimiter)
    head_line = " ".join(lines[above : above + header_lines])
    below, titles = LinesBelow(head_line), lines[:above]
    if options.header is not False:
        below = find_lines_below(head_line, lines[above + header_lines :], delimiter=delimiter)
        below, titles = add_years_above(below, titles, delimiter=delimiter)
    header_lines += below.lines
    rows = [below.names, *(line for line in lines[above + header_lines :] if line.strip())]
    if is_cut and len(rows) > 1:
        rows.pop()  # cut off in the middle
    first_line = read_first_line(rows, delimiter=delimiter, name=source.name, options=options)
    found = replace(
        source,
        delimiter=delimiter,
        decimal=find_decimal(rows[1:200], delimiter),
        header=first_line.header,
        lines_above=above,
        header_lines=0 if first_line.is_made_up else header_lines,
        notes=(*source.notes, *describe_preamble(titles), *below.notes, *first_line.notes),
        has_made_up_names=first_line.is_made_up,
        problem=first_line.problem,
        time=first_line.time,
    )
    return _find_periods(found, [split_line(row, delimiter) for row in rows[1 : COMPARED_ROWS + 1]], options=options)


def _sniff_rows(source: Source, keys: KeyLines, *, options: ReadOptions) -> Source:
    """The source as the table of the rows below lines of keys and values."""
    rows = [[*row] for row in keys.rows]
    made_up = FirstLine.of_values(rows, is_given=True) if options.header is False else None
    return replace(
        source,
        delimiter=keys.delimiter,
        decimal=find_decimal([keys.delimiter.join(row) for row in rows], keys.delimiter),
        header=keys.names if made_up is None else made_up.header,
        lines_above=keys.lines,
        header_lines=0,
        notes=source.notes + (keys.notes if made_up is None else made_up.notes),
        has_made_up_names=made_up is not None,
    )


def _find_periods(source: Source, rows: Sequence[Sequence[str]], *, options: ReadOptions) -> Source:
    """The source with its columns of periods, if the first `rows` show that it has such."""
    if source.has_made_up_names:
        return source
    finders = (find_period_columns, find_part_columns)
    periods = next((found for find in finders if (found := find(source.header, rows, options=options))), None)
    if periods is None:
        return source
    periods.check_names(name=source.name)
    notes = source.notes
    if not source.header[0] and (0, ("series",)) in periods.keys:
        notes = tuple(note for note in notes if not note.startswith("column 1 has no name"))
        notes += ("column 1 has no name, and is called 'series'",)
    notes += (periods.describe(),)
    return replace(source, periods=periods, header=periods.long_header, time=periods.time, notes=notes)


def _sniff_shape(source: Source, shape: Shape, *, above: list[str]) -> Source:
    """The source as the table that a text of this `shape` is turned into; the lines `above` it are not read."""
    header = shape.first_line.header
    problem = check_header(header, name=source.name, rows=len(shape.rows))
    decimal = find_decimal([DELIMITER.join(row) for row in shape.rows[:200]], DELIMITER)
    return replace(
        source,
        content=shape.write(),
        encoding="utf-8",
        delimiter=DELIMITER,
        decimal=decimal,
        header=tell_apart(header),
        problem=problem,
        lines_above=shape.skipped,
        header_lines=0,
        notes=(*source.notes, *describe_preamble(above), *shape.notes),
        has_made_up_names=shape.first_line.is_made_up,
        time=shape.time,
        line_name=shape.line_name,
        is_rewritten=True,
    )


def _may_be_plain(lines: list[str]) -> bool:
    """Whether the first lines may hold one number each, or cells between blanks, or all numbers in one line."""
    filled = [line.strip() for line in lines[count_above(lines) :] if line.strip()]
    if len(filled) == 1:
        return bool(re.search(r"\d", filled[0])) and not re.search(r"[^\W\d_]{4}", filled[0])
    words = " ".join(filled[:COMPARED]).split(" ")
    return bool(parse_numbers([word for word in words if re.search("[,;|\t]", word)]).is_number.all())


def _read_text(content: Path | bytes, *, encoding: str, name: str) -> str:
    """The whole text of a file."""
    try:
        with open_content(content) as file:
            text = file.read()
        return text.decode(encoding)
    except BROKEN_GZIP as error:
        raise explain_broken_gzip(name) from error
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        raise explain_decode_error(name, encoding=encoding, line=line) from error


def _find_shape(lines: list[str], *, name: str, options: ReadOptions) -> Shape | None:
    """The table that lines without a separator are, if any."""
    if sum(bool(line.strip()) for line in lines[count_above(lines) :]) == 1:
        return find_list(lines, name=name, options=options)
    shape = find_column(lines, name=name, options=options)
    return shape or find_blank_columns(lines, name=name, options=options)


def _explain_empty(name: str) -> DataError:
    return DataError(f"{name}: the file is empty. It needs a header line and rows below it.")
