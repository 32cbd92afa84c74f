"""Read the numbers of a file of the future by its own decimal mark, and those of the data by theirs."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.cells.table import Table
from forecaster.data.covariate_sources.covariate_columns import choose_decimal
from forecaster.data.covariate_sources.covariate_units import compare_units
from forecaster.data.layouts.text_source import Source
from forecaster.data.numbers.number_cells import parse_numbers
from forecaster.errors import DataError

__all__ = ["read_own_numbers"]

MARKS = {".": "point", ",": "comma"}


def read_own_numbers(
    table: Table, parts: list[Table], *, names: tuple[str, ...], sources: list[Source] | None = None
) -> tuple[Table, list[Table]]:
    """The data `table` and the `parts` of their future, with numbers in the columns `names` that are numbers in all.

    The `sources` of the parts are known of text. Raises DataError where the mark of a part may be for thousands, and
    where its unit may be another one.
    """
    for name in names:
        usual = _read(table, name, usual=table.number_style.decimal)
        if usual is None:
            continue
        numbers, mark = usual
        marks = [mark] * len(parts) if sources is None else [source.decimal for source in sources]
        read = [_read(part, name, usual=own) for part, own in zip(parts, marks, strict=True)]
        if not all(read):
            continue
        for part, source in zip(parts, sources or [], strict=False):
            if source.decimal != mark and not _is_sure(part, source, names=names, other=mark):
                _refuse_doubtful(part, name, source, other=mark)
        if all(
            _are_bits(one.frame[name], found[0], is_usual=found[1] == table.number_style.decimal)
            for one, found in zip([table, *parts], [usual, *filter(None, read)], strict=True)
        ):
            continue  # blanks and words for missing values are told apart later
        factors = [compare_units(table, part, name) for part in parts]
        table = table.replace_columns({name: numbers})
        parts = [
            part.replace_columns({name: one[0] * factor})
            for part, one, factor in zip(parts, read, factors, strict=True)
            if one
        ]
    return table, parts


def _read(table: Table, name: str, *, usual: str) -> tuple[NDArray[np.float64], str] | None:
    """The numbers of a column, and their decimal mark; None where it holds words, or the mark is not clear."""
    cells: pd.Series[Any] = table.frame[name]
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        return cells.to_numpy(np.float64), usual
    found = parse_numbers(map(str, cells.cat.categories))
    read, is_unclear = choose_decimal(found.values, usual=usual)
    if is_unclear.any() or not (found.is_missing | ~np.isnan(read)).all():
        return None
    is_other = not np.array_equal(read, found.values[usual], equal_nan=True)
    mark = usual if not is_other else "," if usual == "." else "."
    return np.append(read, np.nan)[cells.cat.codes], mark


def _are_bits(cells: "pd.Series[Any]", numbers: NDArray[np.float64], *, is_usual: bool) -> bool:
    """Whether a column has only 0 and 1, if it is text, by the mark that is usual in the data."""
    is_text = isinstance(cells.dtype, pd.CategoricalDtype)
    return (is_usual or not is_text) and bool(np.isin(numbers[~np.isnan(numbers)], (0, 1)).all())


def _is_sure(part: Table, source: Source, *, names: tuple[str, ...], other: str) -> bool:
    """Whether some cell of a part shows which mark is that of its decimals."""
    for name in names:
        cells = part.frame[name]
        if not isinstance(cells.dtype, pd.CategoricalDtype):
            thousands = cells.to_numpy(np.float64) * 1000
            if (np.round(thousands) % 10 == 0)[np.round(cells) != cells].any():
                return True  # fewer decimals than thousands would have digits
            continue
        texts = [str(text) for text in cells.cat.categories]
        found = parse_numbers(texts).values
        if (np.isnan(found[other]) & ~np.isnan(found[source.decimal])).any():
            return True
        if source.delimiter == "," and any(
            "." in text and not np.isnan(found["."][at]) for at, text in enumerate(texts)
        ):
            return True
    return False


def _refuse_doubtful(part: Table, name: str, source: Source, *, other: str) -> None:
    """Raise DataError where a cell of the column is another number by the mark of the data."""
    cells = part.frame[name]
    if isinstance(cells.dtype, pd.CategoricalDtype):
        found = parse_numbers(map(str, cells.cat.categories)).values
        is_doubtful = (~np.isnan(found["."]) & ~np.isnan(found[","]) & (found["."] != found[","])).any()
    else:
        is_doubtful = source.delimiter != "," and bool((np.round(cells) != cells)[cells.notna()].any())
    if is_doubtful:
        raise DataError(
            f"{source.name}, column {name!r}: its numbers may have a decimal {MARKS[source.decimal]}, other than those "
            f"of the data, or separate thousands. Write them with a decimal {MARKS[other]}, as the data are."
        )
