"""Read text files in chunks of rows, whose numbers are written plainly, for the engine to divide."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from forecaster.data.cells.table import BEYOND_HEADER
from forecaster.data.cells.text_columns import explain_errors, iterate_columns, read_columns
from forecaster.data.layouts.text_source import Source
from forecaster.data.number_style import is_doubtful
from forecaster.data.numbers.number_cells import MISSING_WORDS, parse_numbers
from forecaster.data.problems import explain_absent
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError
from forecaster.scale.engine import ROW
from forecaster.scale.roles import Roles

__all__ = ["check_sources", "read_chunks", "read_head"]

CHUNK_ROWS = 200_000


def check_sources(sources: Sequence[Source], *, options: ReadOptions) -> list[Source]:
    """The sources with the decimal mark that was named. Raises DataError for tables that are no list of rows."""
    for source in sources:
        if source.problem is not None:
            raise source.problem
        if source.periods is not None or source.is_rewritten:
            raise DataError(
                f"{source.name}: a table of this form is not read in parts. Write a row for each value, or leave "
                "--max-memory out."
            )
    return [replace(source, decimal=options.decimal or source.decimal) for source in sources]


def read_head(source: Source, *, rows: int) -> pd.DataFrame:
    """The first rows as text; a series may be called NA."""
    named = [cell for cell in source.header if cell]
    with explain_errors(source):
        return read_columns(source, wanted=named, dtype=str, na_values=[""], nrows=rows)[named]


def read_chunks(
    sources: Sequence[Source],
    *,
    roles: Roles,
    head: pd.DataFrame,
) -> Iterator[pd.DataFrame]:
    """The columns of all rows: those of numbers as such and all else as text, with the number of each row.

    `head` is the text of the first rows. Raises DataError for a cell that is no plain number, a line that is too long,
    or a column whose decimal mark may be that of thousands.
    """
    columns, numbers, options = roles.columns, roles.numbers, roles.reading
    shown = {name: parse_numbers(head[name].dropna().unique()).decimals for name in numbers}
    is_doubted = {name: options.decimal is None and not shown[name] for name in numbers}
    texts = [name for name in columns if name not in numbers]
    dtypes: dict[str, Any] = dict.fromkeys([*texts, BEYOND_HEADER], str) | dict.fromkeys(numbers, "float64")
    missing = dict.fromkeys([*columns, BEYOND_HEADER], MISSING_WORDS)
    missing |= {name: [""] for name in (*roles.ids, *roles.words)}  # words and names are told from blanks
    for place, source in enumerate(sources):
        absent = next((name for name in columns if name not in source.header), None)
        if absent is not None:
            raise DataError(explain_absent(source.name, absent, present=source.header))
        begin = source.first_line
        with explain_errors(source):
            chunks = iterate_columns(source, wanted=[*columns], rows=CHUNK_ROWS, dtype=dtypes, na_values=missing)
            while (chunk := _take(chunks, source=source, begin=begin, numbers=numbers)) is not None:
                is_long = chunk.pop(BEYOND_HEADER).notna().to_numpy()
                if is_long.any():
                    line = begin + int(np.argmax(is_long))
                    raise DataError(
                        f"{source.name}, line {line}: more cells than the {len(source.columns)} columns of the header. "
                        "Put cells that hold the separator in quotation marks, and write numbers as 1234.5."
                    )
                for name in numbers:
                    is_doubted[name] = is_doubted[name] and is_doubtful(chunk[name].to_numpy(np.float64))
                chunk[ROW] = np.arange(begin, begin + len(chunk)) + (place << 40)
                begin += len(chunk)
                yield chunk.dropna(how="all", subset=[*columns])
    for name, is_doubt in is_doubted.items():
        # numbers say nothing of their text: 26 is as good as 26.000
        if is_doubt and _has_two_readings(sources, name):
            raise DataError(
                f"{sources[0].name}, column {name!r}: all numbers have three digits behind the mark, which may "
                "separate thousands. Name the decimal mark with --decimal."
            )


def _has_two_readings(sources: Sequence[Source], name: str) -> bool:
    """Whether some cell of a column is another number with the other decimal mark, as 1.235; the text is read again."""
    for source in sources:
        with explain_errors(source):
            missing = {name: MISSING_WORDS}
            for chunk in iterate_columns(source, wanted=[name], rows=CHUNK_ROWS, dtype={name: str}, na_values=missing):
                if parse_numbers(chunk[name].dropna().unique()).is_ambiguous.any():
                    return True
    return False


def _take(chunks: Iterator[pd.DataFrame], *, source: Source, begin: int, numbers: Sequence[str]) -> pd.DataFrame | None:
    try:
        return next(chunks, None)
    except ValueError as error:
        if isinstance(error, UnicodeError | pd.errors.ParserError):
            raise
        raise DataError(
            f"{source.name}, from line {begin:,} on: a cell of {', '.join(map(repr, numbers))} is not a plain number "
            f"({error}). Write numbers such as 1234.5, and leave a cell empty where there is no value; or leave "
            "--max-memory out."
        ) from error
