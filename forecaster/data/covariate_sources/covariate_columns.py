"""Read columns of covariates: numbers, yes and no, and categories, as numbers for a regression."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.cells.table import Table
from forecaster.data.covariate_sources.covariate_units import refuse_other_units
from forecaster.data.covariate_sources.marks import Timeline, describe_blanks, find_mark
from forecaster.data.covariate_sources.plain_cells import PlainCells
from forecaster.data.covariates import Wording
from forecaster.data.numbers.number_cells import LARGEST_VALUE, MISSING_WORDS, parse_numbers, read_marks, split_unit
from forecaster.data.numbers.number_marks import MISSING_MARKS
from forecaster.data.roles.columns import Columns
from forecaster.errors import DataError

__all__ = [
    "MISSING_CELLS",
    "NOTHING",
    "CovariateCells",
    "choose_decimal",
    "read_cells",
    "read_covariates",
]

MAX_CATEGORIES = 20
NOTHING = "none"
"""A category, such as no promotion; in a column of numbers a missing one."""
MISSING_CELLS = MISSING_MARKS | {word.casefold() for word in MISSING_WORDS} - {NOTHING}
"""Texts that stand for a missing cell, in lower case."""
YES = frozenset(("true", "yes", "y", "ja", "oui", "si", "sí", "sim", "wahr", "vrai", "on"))
CODE = re.compile(r"(-?)0*([0-9]+)(?:([.,][0-9]*[1-9])0*|[.,]0*)?")
"""A code that is the same without zeros before it and at the end of its decimals."""
NO = frozenset(("false", "no", "n", "nein", "non", "não", "falsch", "faux", "off"))


@dataclass(frozen=True)
class CovariateCells:
    """The covariates of the rows of a table, one feature for a number, one for each further category of a text.

    names, columns [feature]       the feature, and the column that it comes from
    values         [row, feature]  NaN where missing
    wordings                       of the columns that are text
    unshown                        what is wrong with categories that only the future has, see `Covariates`
    """

    names: tuple[str, ...]
    columns: tuple[str, ...]
    values: NDArray[np.float64]
    wordings: dict[str, Wording] = field(default_factory=dict)
    unshown: dict[tuple[str, str], DataError] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    per_cent: frozenset[str] = frozenset()
    blanks: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines on how blank cells are read."""
        return (*self.marks.values(), *self.blanks)


@dataclass(frozen=True)
class _Column:
    """The features of one column [row, feature], by category; None for the only feature of numbers."""

    categories: tuple[str | None, ...]
    values: NDArray[np.float64]
    wording: Wording | None = None
    unshown: tuple[tuple[str, DataError], ...] = ()
    mark: str = ""
    is_per_cent: bool = False
    blanks: str = ""


def read_covariates(
    table: Table, *, columns: Columns, timeline: Timeline, missing: tuple[str, ...] = ()
) -> CovariateCells:
    """The covariates of all rows of `table`, whose place in time is in `timeline`.

    Texts and numbers in `missing` stand for missing ones. Raises DataError for text among numbers, numbers that are too
    large, and too many categories.
    """
    found = {
        name: _read_column(table, name, columns=columns, timeline=timeline, missing=missing)
        for name in columns.covariates
    }
    for name, column in found.items():
        is_large = (np.abs(column.values) > LARGEST_VALUE).any(axis=1)
        if is_large.any():
            where = table.locate_cell(name, int(np.argmax(is_large)), ids=columns.ids)
            raise DataError(f"{where}: the value is too large to compute with. Leave the cell empty or fix it.")
    return CovariateCells(
        tuple(
            name if category is None else f"{name}={category}"
            for name, column in found.items()
            for category in column.categories
        ),
        tuple(name for name, column in found.items() for _ in column.categories),
        np.concatenate([np.zeros((len(table.frame), 0)), *(column.values for column in found.values())], axis=1),
        {name: column.wording for name, column in found.items() if column.wording is not None},
        {(name, text): error for name, column in found.items() for text, error in column.unshown},
        {name: column.mark for name, column in found.items() if column.mark},
        frozenset(name for name, column in found.items() if column.is_per_cent),
        tuple(column.blanks for column in found.values() if column.blanks),
    )


def _read_column(table: Table, name: str, *, columns: Columns, timeline: Timeline, missing: tuple[str, ...]) -> _Column:
    is_past = timeline.is_past
    cells = read_cells(table, name, columns=columns, missing=missing, is_past=is_past)
    is_empty = table.frame[name].isna().to_numpy(bool)
    mark = find_mark(cells, name=name, is_empty=is_empty, timeline=timeline)
    if mark is not None:
        wording = cells.wording or (None if cells.numbers is not None else Wording((mark.text,), np.ones((1, 1))))
        return _Column((None,), mark.values[:, None], wording, mark=mark.describe(name))
    blanks = describe_blanks(cells, name=name, is_empty=is_empty, timeline=timeline)
    if cells.numbers is not None:
        return _Column((None,), cells.numbers[:, None], cells.wording, is_per_cent=cells.is_per_cent, blanks=blanks)
    found = _split_categories(table, name, cells.texts, cells.codes, columns=columns, is_past=is_past)
    return replace(found, blanks=blanks)


def read_cells(
    table: Table,
    name: str,
    *,
    columns: Columns,
    missing: tuple[str, ...],
    is_past: NDArray[np.bool_] | None = None,
) -> PlainCells:
    """The cells of the column `name`: numbers, yes and no as 1 and 0, or categories.

    Texts and numbers in `missing` stand for missing ones. Raises DataError for text among numbers; where only rows that
    are not `is_past` [row] have numbers, it is these that are wrong.
    """
    cells = table.frame[name]
    no_texts, no_codes = np.zeros(0, str), np.full(len(cells), -1)
    if name in columns.categories:
        return _read_codes(cells, missing=missing)
    marks = read_marks(missing, decimal=table.number_style.decimal)
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        numbers = cells.to_numpy(np.float64)
        return PlainCells(np.where(np.isin(numbers, marks), np.nan, numbers), no_texts, no_codes)
    # in order, so that the features are the same in whatever order the rows are
    texts, of_category = np.unique(
        np.array([str(text).strip() for text in cells.cat.categories], str), return_inverse=True
    )
    codes = np.append(of_category, -1)[cells.cat.codes.to_numpy()].astype(np.int64)
    words = [str(text).casefold() for text in texts]
    is_missing = np.array(
        [word in MISSING_CELLS or text in missing for word, text in zip(words, texts, strict=True)], bool
    )
    is_flag = np.array([word in YES or word in NO for word in words], bool)
    is_bit = np.isin(words, ("0", "1"))
    sole = None
    if is_past is not None:
        sole = _find_sole_word(texts, codes[is_past], is_said=is_flag | is_bit, is_missing=is_missing)
    if sole is not None:
        is_flag[sole] = True
    # a file of the future may have 1 and 0 for them, as those that are all true or false are read
    if is_flag.any() and (is_flag | is_missing | is_bit).all():
        is_yes = [word in YES or word == "1" or place == sole for place, word in enumerate(words)]
        flags = np.where(is_missing, np.nan, np.array(is_yes, np.float64))
        wording = Wording(tuple(map(str, texts[~is_missing])), flags[~is_missing, None])
        return PlainCells(np.append(flags, np.nan)[codes], no_texts, no_codes, wording)
    found = parse_numbers(map(str, texts))
    if not found.is_number.any() and (~is_missing).sum() > MAX_CATEGORIES:
        found = parse_numbers(map(str, texts), missing=(*map(str, texts[is_missing]),), may_have_unit=True)
    read, is_unclear = choose_decimal(found.values, usual=table.number_style.decimal)
    if is_unclear.any():
        row = int(np.argmax(np.append(is_unclear, False)[codes]))
        raise DataError(
            f"{table.locate_cell(name, row, ids=columns.ids)}: {str(texts[codes[row]])!r} may have a decimal comma or "
            "a decimal point, as both are in this column. Write all of its cells with one of them."
        )
    is_number = ~np.isnan(read) & ~is_missing
    if is_number.any():
        is_text = ~is_number & ~is_missing & (np.array(words) != NOTHING)
        if is_text.any():
            row = int(np.argmax(np.append(is_text, False)[codes]))
            has_number, has_text = (np.append(kind, False)[codes] for kind in (is_number, is_text))
            if is_past is not None and has_text[is_past].any() and not has_number[is_past].any():
                wrong = int(np.argmax(has_number))
                have = ", ".join(repr(str(text)) for text in texts[np.unique(codes[is_past & (codes >= 0)])][:5])
                raise DataError(
                    f"{table.locate_cell(name, wrong, ids=columns.ids)}: {str(texts[codes[wrong]])!r} is a number, "
                    f"and the data have words in this column ({have}). Write one of these, or leave the cell empty."
                )
            raise DataError(
                f"{table.locate_cell(name, row, ids=columns.ids)}: {str(texts[codes[row]])!r} is not a number, as "
                "other cells of this column are. Write numbers in all of them, or leave the cell empty."
            )
        is_number &= ~np.isin(read, marks)
        refuse_other_units(table.name, name, found, is_number=is_number)
        is_per_cent = bool((found.units[is_number] == "%").any())
        read = np.where(is_number, read, np.nan)
        return PlainCells(np.append(read, np.nan)[codes], no_texts, no_codes, is_per_cent=is_per_cent)
    codes = np.where(np.append(is_missing, True)[codes], -1, codes)
    return PlainCells(None, texts, codes)


def _read_codes(cells: "pd.Series[Any]", *, missing: tuple[str, ...]) -> PlainCells:
    """Cells whose numbers are codes: the categories 1 and 2.5, whether they are written as 1, 01 and 1.0, or 2.50."""
    number, distinct = pd.factorize(cells)
    written = [str(text).strip() for text in distinct]
    texts = np.array([_write_code(text) for text in written], str)
    is_missing = [
        text.casefold() in MISSING_CELLS or bool({text, code} & {*missing})
        for text, code in zip(written, texts.tolist(), strict=True)
    ]
    texts, codes = np.unique(texts, return_inverse=True)
    codes = np.where(is_missing, -1, codes)
    return PlainCells(None, texts, np.append(codes, -1)[number].astype(np.int64))


def _write_code(text: str) -> str:
    found = CODE.fullmatch(text)
    return f"{found[1]}{found[2]}{found[3] or ''}" if found else text


def _find_sole_word(
    texts: NDArray[np.str_], past: NDArray[np.int64], *, is_said: NDArray[np.bool_], is_missing: NDArray[np.bool_]
) -> int | None:
    """The only one of the `texts` in the cells of the `past`, a word such as x, where all others say yes or no.

    The future has these for what the past marks. None where there are no others.
    """
    seen = np.unique(past[past >= 0])
    seen = seen[~is_missing[seen]]
    if len(seen) != 1 or is_said[seen[0]] or not is_said.any() or (is_said | is_missing).sum() != len(texts) - 1:
        return None
    text = str(texts[seen[0]])
    is_number = bool(parse_numbers([text]).is_number[0])
    return None if is_number or text.casefold() == NOTHING else int(seen[0])


def choose_decimal(
    values: Mapping[str, NDArray[np.float64]], *, usual: str
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The numbers of cells, from their `values` [cell] by decimal mark, and which cells it does not decide.

    That is the `usual` mark of the table if it reads every cell that is a number, else the other one if that does. In a
    column with both marks, cells that either one reads, as different numbers, are not decided.
    """
    first, second = values[usual], values["," if usual == "." else "."]
    needs_first, needs_second = np.isnan(second) & ~np.isnan(first), np.isnan(first) & ~np.isnan(second)
    if not needs_second.any():
        return first, np.zeros(len(first), bool)
    if not needs_first.any():
        return second, np.zeros(len(first), bool)
    is_unclear = ~np.isnan(first) & ~np.isnan(second) & (first != second)
    return np.where(np.isnan(first), second, first), is_unclear


def _split_categories(
    table: Table,
    name: str,
    texts: NDArray[np.str_],
    codes: NDArray[np.int64],
    *,
    columns: Columns,
    is_past: NDArray[np.bool_],
) -> _Column:
    """1 where a row has a category and 0 where it has another, for all categories."""
    past = np.unique(codes[is_past & (codes >= 0)])
    have = f"The data have {', '.join(repr(str(texts[code])) for code in past[:5])}." if len(past) else ""
    seen, rows = np.unique(codes, return_index=True)
    seen, rows = seen[seen >= 0], rows[seen >= 0]
    unshown = tuple(
        (
            str(texts[code]),
            DataError(
                f"{table.locate_cell(name, int(row), ids=columns.ids)}: {str(texts[code])!r} is only in the future, so "
                f"nothing is known of its effect. {have or 'The data have no value of this column.'}"
            ),
        )
        for code, row in sorted(zip(seen, rows, strict=True), key=lambda pair: int(pair[1]))
        if code not in past
    )
    if len(seen) > MAX_CATEGORIES:
        measured = next((str(text) for text in texts[seen] if split_unit(str(text)) is not None), None)
        hint = "" if measured is None else f", and write cells such as {measured!r} as numbers alone"
        raise DataError(
            f"{table.name}, column {name!r}: {len(seen)} categories, more than {MAX_CATEGORIES}. "
            f"Group them, or leave the column out{hint}."
        )
    # with two categories one feature says all
    kept = seen[1:] if len(seen) == 2 else seen
    values = np.where(codes[:, None] < 0, np.nan, codes[:, None] == kept)
    wording = Wording(tuple(str(texts[code]) for code in seen), (seen[:, None] == kept).astype(np.float64))
    return _Column(tuple(str(texts[code]) for code in kept), values, wording, unshown)
