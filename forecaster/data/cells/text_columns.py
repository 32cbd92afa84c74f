"""Read columns of the cells of one text file, in the types that are asked for."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from forecaster.data.cells.table import BEYOND_HEADER
from forecaster.data.layouts.notes_below import find_notes_below
from forecaster.data.layouts.period_rows import make_rows
from forecaster.data.layouts.repeated_headers import find_repeated_headers
from forecaster.data.layouts.text_source import BROKEN_GZIP, Source
from forecaster.data.numbers.number_cells import MISSING_WORDS
from forecaster.errors import DataError

__all__ = ["SAMPLE_ROWS", "explain_errors", "iterate_columns", "read_all", "read_columns", "read_sample"]

SAMPLE_ROWS = 1000


@contextmanager
def explain_errors(source: Source) -> Iterator[None]:
    """Raise DataError for any error while the text of `source` is read."""
    try:
        yield
    except UnicodeError as error:
        raise source.explain_decode_error() from error
    except pd.errors.ParserError as error:
        raise _explain_parser_error(error, source=source) from error
    except BROKEN_GZIP as error:
        raise source.explain_broken_gzip() from error
    except OSError as error:
        raise DataError(f"{source.name}: cannot be read ({error.strerror or error}). Copy it again.") from error


def read_sample(source: Source) -> pd.DataFrame:
    """The first rows as text, without columns that have no name."""
    named = [cell for cell in source.header if cell and cell != source.counted]
    sample = read_columns(source, wanted=named, dtype=str, na_values=MISSING_WORDS, nrows=SAMPLE_ROWS)[named]
    sample = sample if len(sample) == SAMPLE_ROWS else sample[~find_notes_below(sample)]
    sample = sample[~find_repeated_headers(sample, {name: name for name in named})]
    return sample.assign(**{source.counted: "1"}) if source.counted else sample


def read_all(source: Source) -> pd.DataFrame:
    """All rows as text, without columns that have no name, and without rows that are empty."""
    named = [cell for cell in source.header if cell]
    with explain_errors(source):
        frame = read_columns(source, wanted=named, dtype=str, na_values=MISSING_WORDS)[named]
    return frame.dropna(how="all").reset_index(drop=True)


def read_columns(source: Source, *, wanted: list[str], **arguments: Any) -> pd.DataFrame:
    """The `wanted` columns and BEYOND_HEADER; a row for each line, blank ones too, or for each period of a line."""
    if source.periods is None:
        names = [cell or f"\0{position}" for position, cell in enumerate(source.columns)]
        return _read_text_columns(source, names=names, wanted=wanted, **arguments)
    names = [str(place) for place in range(len(source.columns))]
    used = [str(place) for place in source.periods.read_places]
    arguments["dtype"] = source.periods.spread(arguments["dtype"], default="category")
    arguments["na_values"] = source.periods.spread(arguments["na_values"], default=[])
    most = arguments.get("nrows")
    if most is not None:
        arguments["nrows"] = -(-most // source.rows_of_line)
    frame = _read_text_columns(source, names=names, wanted=used, **arguments)
    rows = make_rows(frame, source.periods, wanted=wanted)
    beyond = np.full((len(frame), source.rows_of_line), None, object)
    beyond[:, 0] = frame[BEYOND_HEADER].astype(object)  # said once of a line
    rows[BEYOND_HEADER] = beyond.ravel()
    return rows if most is None else rows.head(most).astype(object)


def iterate_columns(source: Source, *, wanted: list[str], rows: int, **arguments: Any) -> Iterator[pd.DataFrame]:
    """As `read_columns`, in chunks of so many `rows`, of a source whose rows are lines."""
    names = [cell or f"\0{position}" for position, cell in enumerate(source.header)]
    with _open_columns(source, names=names, wanted=wanted, chunksize=rows, **arguments) as chunks:
        yield from chunks


def _read_text_columns(
    source: Source, *, names: list[str], wanted: list[str], dtype: Any, **arguments: Any
) -> pd.DataFrame:
    """The columns among `names` that are `wanted`, and BEYOND_HEADER, as they are in the text."""
    dtypes = dtype if isinstance(dtype, dict) else dict.fromkeys([*wanted, BEYOND_HEADER], dtype)
    categories = [] if _keeps_text() else [column for column, kind in dtypes.items() if kind == "category"]
    dtypes = dtypes | dict.fromkeys(categories, object)
    with _open_columns(source, names=names, wanted=wanted, dtype=dtypes, **arguments) as frame:
        assert isinstance(frame, pd.DataFrame)
        return frame.astype(dict.fromkeys(categories, "category")) if categories else frame


@cache
def _keeps_text() -> bool:
    """Whether this pandas reads categories as text: since 3.1 it makes numbers of digits, so that 007 becomes 7."""
    cells = pd.read_csv(io.StringIO("cell\n007\n"), dtype="category")
    return bool(cells["cell"].iloc[0] == "007")


@contextmanager
def _open_columns(source: Source, *, names: list[str], wanted: list[str], **arguments: Any) -> Iterator[Any]:
    """What pandas gives for `arguments`, the rows or chunks of them."""
    names = [*names, BEYOND_HEADER]
    places = {name: place for place, name in reversed([*enumerate(names)])}
    with source.open_rows(first=source.delimiter.join(map(str, range(len(names))))) as rows:
        yield pd.read_csv(
            rows,
            sep=source.delimiter,
            decimal=source.decimal,
            header=0,
            names=names,
            usecols=[places[column] for column in [*wanted, BEYOND_HEADER]],
            index_col=False,
            skipinitialspace=arguments.pop("skipinitialspace", True),
            skip_blank_lines=False,
            keep_default_na=False,
            **arguments,
        )


def _explain_parser_error(error: Exception, *, source: Source) -> DataError:
    reason = str(error).removeprefix("Error tokenizing data. C error: ").strip()
    unclosed = re.fullmatch(r"EOF inside string starting at row (\d+)", reason)
    if unclosed:
        line = int(unclosed[1]) - 1 + source.first_line
        return DataError(
            f"{source.name}, line {line}: a quotation mark opened there is never closed. Close it, or remove it."
        )
    return DataError(f"{source.name}: broken line: {reason}. Fix it, or save the file again.")
