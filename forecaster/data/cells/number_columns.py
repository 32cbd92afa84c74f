"""Read columns of numbers: find the decimal mark from all cells of a column, or refuse where two readings remain."""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.names.column_names import is_currency
from forecaster.data.numbers.number_cells import NumberCells, is_other_unit, parse_numbers, split_unit
from forecaster.data.numbers.written_number import SPACES
from forecaster.data.problems import count_more
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError

__all__ = ["Evidence", "NumberColumn", "Part", "find_evidence", "read_numbers"]

MOSTLY = 0.5
"""Share of the cells from which on what is no number is no mark of missing ones."""
DOTTED_DATE = r"\s*\d{1,2}\.\d{1,2}\.(?:\d{2}){1,2}\b.*"


@dataclass(frozen=True)
class Evidence:
    """What a file shows of how its numbers are written: the decimal marks of each column, dates, and the delimiter."""

    decimals: dict[str, set[str]] = field(default_factory=dict)
    has_dotted_dates: bool = False
    delimiter: str = ""


@dataclass(frozen=True)
class Part:
    """The cells of a column in one file: as plain numbers, as text, or both where only the text can tell.

    `decimal` is the mark that the plain numbers were read with. `find_evidence` looks at the rest of the file, and
    `locate` says where a row is.
    """

    numbers: NDArray[np.float64] | None
    texts: pd.Categorical | None
    decimal: str
    find_evidence: Callable[[], Evidence]
    locate: Callable[[int], str]


@dataclass(frozen=True)
class NumberColumn:
    """The values of a column, one array for each part; its decimal mark, "" where none is seen; and notes for users."""

    values: list[NDArray[np.float64]]
    decimal: str
    notes: tuple[str, ...] = ()


def find_evidence(
    sample: pd.DataFrame, *, times: tuple[str, ...], ids: tuple[str, ...], delimiter: str = ""
) -> Evidence:
    """The evidence in the first rows of a file, as text. `times`, the date first, and ids say nothing of numbers."""
    dates = sample.get(times[0], pd.Series([], dtype=str)).dropna()
    others = [column for column in sample if column not in (*times, *ids)]
    decimals = {str(column): parse_numbers(sample[column].dropna().unique()).decimals for column in others}
    return Evidence(decimals, len(dates) > 0 and bool(dates.str.fullmatch(DOTTED_DATE).all()), delimiter)


def read_numbers(parts: list[Part], *, name: str, options: ReadOptions) -> NumberColumn:
    """The numbers of column `name` from the cells of all its files. Raises DataError where they cannot be read."""
    cells = [
        None
        if part.texts is None
        else parse_numbers(part.texts.categories, missing=options.missing, may_have_unit=True)
        for part in parts
    ]
    seen = [_find_decimals(part, found) for part, found in zip(parts, cells, strict=True)]
    values, notes, marks = [], [], list(seen)
    for place, (part, found) in enumerate(zip(parts, cells, strict=True)):
        if part.numbers is not None and (found is None or not found.is_ambiguous.any()):
            values.append(part.numbers)
        elif found is not None and part.texts is not None:
            codes = part.texts.codes
            elsewhere = set().union(*seen[:place], *seen[place + 1 :])
            decimal = options.decimal or _choose_decimal(part, found, name=name, elsewhere=elsewhere)
            if part.numbers is None:
                _check_cells(part, found, decimal=decimal, is_given=options.decimal is not None)
            marks[place] = {decimal} if found.is_number.any() else set()
            values.append(np.append(found.values[decimal], np.nan)[codes])
            notes += _describe(found, codes, name=name, decimal=decimal, is_given=options.decimal is not None)
    _check_units(parts, cells)
    first = next((next(iter(mark)) for mark in marks if len(mark) == 1), "")
    return NumberColumn(values, first, tuple(dict.fromkeys(notes)))


def _find_decimals(part: Part, found: NumberCells | None) -> set[str]:
    """The decimal marks that the cells of one file show without doubt."""
    if found is not None:
        return found.decimals
    numbers = np.empty(0) if part.numbers is None else part.numbers
    return {part.decimal} if (np.isfinite(numbers) & (numbers != np.floor(numbers))).any() else set()


def _choose_decimal(part: Part, found: NumberCells, *, name: str, elsewhere: set[str]) -> str:
    """The decimal mark of one file. Raises DataError for two of them, and where neither is certain."""
    codes = _codes(part)
    if len(found.decimals) == 2:
        rows = [_first_row(found.shows(mark), codes) for mark in ".,"]
        one, other = [repr(str(found.texts[codes[row]])) for row in rows]
        raise DataError(
            f"{part.locate(rows[0])}: {one} has a decimal point, and {other} ({part.locate(rows[1])}) a decimal comma. "
            "Write both alike."
        )
    if found.decimals:
        return next(iter(found.decimals))
    if not found.is_ambiguous.any():
        return "."
    evidence = part.find_evidence()
    known = elsewhere.union(*(marks for column, marks in evidence.decimals.items() if column != name))
    if len(known) == 1:
        return next(iter(known))
    row = _first_row(found.is_ambiguous, codes)
    mark = "." if "." in str(found.texts[codes[row]]) else ","
    other = "," if mark == "." else "."
    votes = {mark} if found.has_other_thousands() else set()
    if found.suggests_thousands():
        votes.add(other)
    # German dates come with decimal commas, but not where commas separate the cells
    is_german = evidence.has_dotted_dates and evidence.delimiter != ","
    if (evidence.delimiter == "," and mark == ".") or (is_german and mark == ","):
        votes.add(mark)
    if len(votes) == 1 and not known:
        return votes.pop()
    readings = {decimal: f"{found.values[decimal][codes[row]]:.15g}" for decimal in ",."}
    raise DataError(
        f"{part.locate(row)}: {_show(found.texts[codes[row]])} is {readings[',']} or {readings['.']}, and the cells do "
        f"not show which. Name the decimal mark: --decimal , for {readings[',']}, --decimal . for {readings['.']}."
    )


def _check_cells(part: Part, found: NumberCells, *, decimal: str, is_given: bool) -> None:
    """Raise DataError for a cell that is no number, and for numbers of several units."""
    codes = _codes(part)
    bad = np.isnan(found.values[decimal]) & ~found.is_missing
    if bad.any():
        row = _first_row(bad, codes)
        text = str(found.texts[codes[row]])
        given = f" with --decimal {decimal}" if is_given else ""
        is_mark = not is_currency(text) and (bad[codes[codes >= 0]].mean() < MOSTLY or not re.search(r"\d", text))
        mark = f", or name the mark with --missing {shlex.quote(text)}" if is_mark else ""
        remedy = f"Leave cells without a value empty{mark}; write numbers as 1234.5."
        if split_unit(text) is not None:
            remedy = "Write the same unit behind all numbers of the column, or behind none."
            _check_written_units(part, found, first=row)
        raise DataError(
            f"{part.locate(row)}: {_show(text)} is not a number{given}. {remedy}"
            + count_more(int(np.append(bad, False)[codes].sum()), one="cell is none", several="cells are none")
        )
    numbers = ~found.is_missing & (found.values[decimal] != 0)
    units = _list_units(found, decimal=decimal)
    # a currency may be written once, per cent cannot be left out
    if len(units) > 1 or (units == ["%"] and (found.units[numbers] == "").any()):
        rows = [_first_row(numbers & (found.units == unit), codes) for unit in (units[0], (*units, "")[1])]
        raise _explain_units([str(found.texts[codes[row]]) for row in rows], where=part.locate(max(rows)))


def _check_written_units(part: Part, found: NumberCells, *, first: int) -> None:
    """Raise DataError where the cell of a row has another unit than that of the row `first`."""
    codes = _codes(part)
    pairs = [split_unit(str(text)) for text in found.texts]
    units = np.array(["" if pair is None else pair[1] for pair in pairs], object)
    is_other = (units != "") & (units != units[codes[first]])
    if is_other.any():
        row = _first_row(is_other, codes)
        raise _explain_units([str(found.texts[codes[place]]) for place in (first, row)], where=part.locate(row))


def _check_units(parts: list[Part], cells: list[NumberCells | None]) -> None:
    """Raise DataError where the numbers of two files have different units, or only those of one have any."""
    shown: dict[str, tuple[Part, str, int]] = {}
    for part, found in zip(parts, cells, strict=True):
        numbers = part.numbers
        if numbers is not None and (np.isfinite(numbers) & (numbers != 0)).any():
            row = int(np.argmax(np.isfinite(numbers) & (numbers != 0)))
            shown.setdefault("", (part, f"{numbers[row]:.15g}", row))
        elif found is not None and found.is_number.any():
            row = _first_row(found.is_number, _codes(part))
            place = int(_codes(part)[row])
            shown.setdefault(str(found.units[place]), (part, str(found.texts[place]), row))
    units = [unit for unit in shown if unit]
    if len(units) > 1 or ("" in shown and any(unit == "%" or is_other_unit(unit) for unit in units)):
        (_, one, _), (part, other, row) = list(shown.values())[:2]
        raise _explain_units([one, other], where=part.locate(row))


def _list_units(found: NumberCells, *, decimal: str) -> list[str]:
    numbers = ~found.is_missing & (found.values[decimal] != 0)
    return [str(unit) for unit in dict.fromkeys(found.units[numbers]) if unit]


def _explain_units(texts: list[str], *, where: str) -> DataError:
    one, other = map(repr, texts)
    return DataError(f"{where}: {one} and {other} are of different units. Write all cells in the same unit.")


def _describe(found: NumberCells, codes: NDArray[Any], *, name: str, decimal: str, is_given: bool) -> list[str]:
    """What to say of cells that are not plain numbers: one example, and marks that were taken for missing."""
    notes = []
    counts = np.bincount(codes[codes >= 0], minlength=len(found.texts))
    values = found.values[decimal]
    is_open = not found.decimals and bool(found.is_ambiguous.any()) and not is_given
    texts = [str(text).replace(decimal, ".") for text in found.texts]
    is_shown = np.array([_differs(text, value) for text, value in zip(texts, values, strict=True)], bool)
    if is_shown.any() or is_open:
        cell = _first_cell(found.is_ambiguous if found.is_ambiguous.any() else is_shown, codes)
        other = "," if decimal == "." else "."
        hint = f" (--decimal {other} reads {found.values[other][cell]:.15g})" if is_open else ""
        unit = str(found.units[cell])
        read_as = ", in per cent" if unit == "%" else f", in {unit}" if is_other_unit(unit) else ""
        notes.append(
            f"numbers in {name!r} such as {_show(found.texts[cell])} are read as {values[cell]:.15g}{read_as}{hint}"
        )
    is_zero = np.array([_is_dash(str(text)) for text in found.texts], bool) & (values == 0) & (counts > 0)
    if is_zero.any():
        text, count = str(found.texts[int(np.argmax(is_zero))]), int(counts[is_zero].sum())
        notes.append(
            f"{_show(text)} in {name!r} read as 0, as accounts show it ({count:,} cell{'s' * (count != 1)}; --missing "
            f"{shlex.quote(text)} takes it for missing)"
        )
    marks = np.flatnonzero(found.is_missing & (counts > 0))
    if len(marks):
        named = " and ".join(repr(str(text)) for text in list(dict.fromkeys(found.texts[marks]))[:3])
        count = int(counts[marks].sum())
        notes.append(f"{named} in {name!r} taken for missing ({count:,} cell{'s' * (count != 1)})")
    return notes


def _is_dash(text: str) -> bool:
    """Whether a cell has no digit, as the zeros of accounts."""
    return not any(map(str.isdigit, text))


def _show(text: str) -> str:
    """A cell as people see it: narrow and hard spaces look like others."""
    return repr(re.sub(f"[{SPACES}]", " ", str(text)))


def _differs(text: str, value: float) -> bool:
    """Whether a number is not the one that a program would read in its text."""
    try:
        return not np.isnan(value) and float(text) != value
    except ValueError:
        return True


def _codes(part: Part) -> NDArray[Any]:
    return np.empty(0, np.int64) if part.texts is None else part.texts.codes


def _first_cell(wanted: NDArray[np.bool_], codes: NDArray[Any]) -> int:
    return int(codes[_first_row(wanted, codes)])


def _first_row(wanted: NDArray[np.bool_], codes: NDArray[Any]) -> int:
    """The first row whose cell is `wanted`, where `codes` are the cells of the rows, -1 for none."""
    return int(np.argmax(np.append(wanted, False)[codes]))
