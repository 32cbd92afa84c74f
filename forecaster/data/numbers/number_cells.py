"""Numbers as people write them: signs, thousands, currencies, per cent; and which mark is the decimal one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.numbers.number_marks import (
    MISSING_MARKS,
    MULTIPLES,
    find_multiples,
    strip_mark,
)
from forecaster.data.numbers.written_number import SPACES, is_account_zero, is_currency, read_digits, split_cell

__all__ = [
    "LARGEST_VALUE",
    "MISSING_WORDS",
    "NumberCells",
    "find_unit",
    "is_other_unit",
    "is_per_cent",
    "is_wrapped",
    "looks_measured",
    "looks_numeric",
    "parse_numbers",
    "read_either",
    "read_marks",
    "split_unit",
    "unwrap_texts",
]

MISSING_WORDS = ["", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "None", "none"]
"""Texts that stand for a missing cell in columns of times and of numbers."""
MISSING = MISSING_MARKS | {word.casefold() for word in MISSING_WORDS}

WRITTEN_UNIT = re.compile(
    rf"(?P<number>.*\d[.,]?)[{SPACES}]*(?P<unit>(?=.{{1,16}}$)[°µ]?[^\W\d_][\w°/·.%²³^*-]*(?: [^\s\d]{{1,8}})?)"
)
"""A number and the unit behind it, such as 11.5 kWh."""
USUAL = re.compile(r"-?(?:([0-9]+|[1-9][0-9]{0,2}\.[0-9]{3})|[0-9]+\.[0-9]*)")
USUAL_COMMA = re.compile(r"-?(?:([1-9][0-9]{0,2},[0-9]{3})|[0-9]+,[0-9]*)")
"""Nearly all cells of nearly all files; the groups have those that are a number with the other decimal mark as well."""
TEXT_MARK = re.compile(r'(?:="([^"]*)"|\'([^\']+))')
CODE = re.compile(r"0\d+")
LARGEST_VALUE = 1e100
"""The largest magnitude that can still be squared and summed."""


@dataclass(frozen=True)
class NumberCells:
    """Distinct cells of a column, with the value of each for either decimal mark.

    texts       [cell]  as they were written
    values      "." and "," to [cell] float64; NaN where the cell is no number with that decimal mark
    is_missing  [cell]  stands for a missing value
    units       [cell]  the currency, % or unit that is written with the number, "" for none
    """

    texts: NDArray[Any]
    values: dict[str, NDArray[np.float64]]
    is_missing: NDArray[np.bool_]
    units: NDArray[Any]

    @property
    def is_ambiguous(self) -> NDArray[np.bool_]:
        """Which cells are one number with a decimal point and another with a decimal comma, such as 1.235."""
        point, comma = self.values["."], self.values[","]
        return np.asarray(~np.isnan(point) & ~np.isnan(comma) & (point != comma), bool)

    @property
    def is_number(self) -> NDArray[np.bool_]:
        """Which cells are numbers, with whichever decimal mark."""
        return ~np.isnan(self.values["."]) | ~np.isnan(self.values[","])

    def shows(self, mark: str) -> NDArray[np.bool_]:
        """Which cells are numbers only where `mark` is the decimal mark."""
        other = self.values["," if mark == "." else "."]
        return np.asarray(~np.isnan(self.values[mark]) & np.isnan(other), bool)

    @property
    def decimals(self) -> set[str]:
        """The decimal marks that some cell shows without doubt."""
        return {mark for mark in ".," if self.shows(mark).any()}

    def has_other_thousands(self) -> bool:
        """Whether thousands are separated by a space or an apostrophe in some cell."""
        numbers = self.texts[self.is_number]
        return any(re.search(rf"\d['’{SPACES}]\d", text) for text in numbers)

    def suggests_thousands(self) -> bool:
        """Whether the cells without a mark fit those of two readings only if the mark separates thousands.

        1.235 and 987 do: written with decimals that are always three, 987 would be 987.000.
        """
        has_mark = np.array([bool(re.search(rf"\d[.,'’{SPACES}]\d", text)) for text in self.texts], bool)
        size = np.abs(np.where(np.isnan(self.values["."]), self.values[","], self.values["."]))
        bare = size[self.is_number & ~has_mark & (size > 0)]
        marked = np.minimum(np.abs(self.values["."]), np.abs(self.values[","]))[self.is_ambiguous]
        return bool(len(bare) and len(marked) and np.median(bare) >= 10 * np.median(marked))


def parse_numbers(texts: Iterable[str], *, missing: tuple[str, ...] = (), may_have_unit: bool = False) -> NumberCells:
    """Read each of `texts` as a number, once with a decimal point and once with a decimal comma.

    `missing` are further marks of missing cells, beside MISSING_WORDS and MISSING_MARKS. Where the column
    `may_have_unit`, any word may stand behind the numbers if it is the same behind all of them.
    """
    written = [text.strip() for text in texts]
    cells = unwrap_texts(written)
    marks = MISSING | {word.casefold() for word in missing} if missing else MISSING
    is_missing = np.array([cell.casefold() in marks for cell in cells], bool)
    values = {mark: np.full(len(cells), np.nan) for mark in ".,"}
    units = np.full(len(cells), "", object)
    for place, cell in enumerate(cells):
        usual = None if is_missing[place] else USUAL.fullmatch(cell) or USUAL_COMMA.fullmatch(cell)
        if usual is not None:
            mark, other = ",." if "," in cell else ".,"
            values[mark][place] = float(cell.replace(",", "."))
            if usual[1] is not None:
                values[other][place] = float(cell.replace(mark, ""))
            continue
        cell = strip_mark(cell)
        split = None if is_missing[place] else split_cell(cell)
        if split is not None:
            sign, body, units[place] = split
            for mark in ".,":
                values[mark][place] = sign * read_digits(body, decimal=mark)
        elif not is_missing[place] and is_account_zero(cell):
            values["."][place] = values[","][place] = 0.0
    found = NumberCells(np.array(written, object), values, is_missing, units)
    if may_have_unit and (scaled := _read_multiples(found, cells)) is not None:
        return scaled
    if not may_have_unit or found.is_number.any():
        return found
    pairs = [None if is_none else split_unit(cell) for cell, is_none in zip(cells, is_missing, strict=True)]
    unit = next((pair[1] for pair in pairs if pair is not None), "")
    if not unit or any(pair is None or pair[1] != unit for pair in np.array(pairs, object)[~is_missing]):
        return found
    plain = parse_numbers("" if pair is None else pair[0] for pair in pairs)
    return replace(found, values=plain.values, units=np.where(is_missing, "", unit).astype(object))


def _read_multiples(found: NumberCells, cells: list[str]) -> NumberCells | None:
    """Cells of which some are in K and others are not, as 785K beside 1.10M; None where they are anything else."""
    filled = np.flatnonzero(~found.is_missing)
    if not any(cells[place][-1:] in MULTIPLES for place in filled):
        return None
    pairs = find_multiples([cells[place] for place in filled])
    plain = None if pairs is None else parse_numbers(number for number, _ in pairs)
    if pairs is None or plain is None or not plain.is_number.all():
        return None
    values, units = {mark: np.full(len(cells), np.nan) for mark in ".,"}, np.full(len(cells), "", object)
    for mark in ".,":
        values[mark][filled] = plain.values[mark] * [MULTIPLES.get(multiple, 1.0) for _, multiple in pairs]
    units[filled] = plain.units
    return replace(found, values=values, units=units)


def unwrap_texts(cells: list[str]) -> list[str]:
    """Cells without the marks by which spreadsheets keep them as text, such as '954.99 and ="954.99".

    They stay where one of them is a code with zeros at its front.
    """
    if not any(cell[:2] == '="' or cell[:1] == "'" for cell in cells):
        return cells
    plain = [TEXT_MARK.sub(r"\1\2", cell) if TEXT_MARK.fullmatch(cell) else cell for cell in cells]
    has_codes = any(CODE.fullmatch(inner) for inner, cell in zip(plain, cells, strict=True) if inner != cell)
    return cells if has_codes else plain


def is_wrapped(cells: "pd.Series[str]") -> bool:
    """Whether a spreadsheet keeps the first cell that is filled as text."""
    first = next((cell for cell in cells if isinstance(cell, str) and cell.strip()), "").strip()
    return TEXT_MARK.fullmatch(first) is not None


def split_unit(cell: str) -> tuple[str, str] | None:
    """The number of a cell, and the word behind it that may be its unit; None where it is none of these."""
    match = WRITTEN_UNIT.fullmatch(cell.strip())
    if match is None or split_cell(match["number"]) is None:
        return None
    return match["number"], match["unit"]


def is_other_unit(unit: str) -> bool:
    """Whether a unit is neither a currency nor per cent, so that numbers without it may be in another one."""
    return bool(unit) and not is_currency(unit)


def looks_measured(cells: "pd.Series[str]") -> bool:
    """Whether all cells that are not missing are numbers with the same word behind them, as in 11.5 kWh."""
    found = parse_numbers(cells.dropna().unique(), may_have_unit=True)
    return bool(found.is_number.any() and (found.is_number | found.is_missing).all())


def find_unit(cells: "pd.Series[str]") -> str:
    """The currency, % or unit of the first cell that is filled, "" for none; "text" where a spreadsheet keeps it so."""
    if is_wrapped(cells):
        return "text"  # may be a code
    first = next((cell for cell in cells if isinstance(cell, str) and cell.strip()), "")
    return str(parse_numbers([first], may_have_unit=True).units[0])


def read_either(cells: "pd.Series[str]") -> "pd.Series[float]":
    """Cells as numbers, with whatever decimal mark makes them one; NaN where they are empty or text."""
    texts = [cell if isinstance(cell, str) else "" for cell in cells.tolist()]
    found = parse_numbers(texts, may_have_unit=True)
    values = np.where(np.isnan(found.values["."]), found.values[","], found.values["."])
    return pd.Series(values, index=cells.index)


def read_marks(missing: tuple[str, ...], *, decimal: str) -> list[float]:
    """The numbers among the marks of missing values, such as -999; as in the file, where a mark has two readings."""
    # 142* and $- are marks of some cells, not of all those of their values
    found = parse_numbers(mark for mark in missing if strip_mark(mark) == mark and re.search(r"\d", mark))
    either = np.where(np.isnan(found.values["."]), found.values[","], found.values["."])
    numbers = np.where(found.is_ambiguous, found.values[decimal], either)
    return [float(number) for number in numbers if not np.isnan(number)]


def looks_numeric(cells: "pd.Series[str]", *, if_empty: bool = False) -> bool:
    """Whether most cells that are not missing are numbers; a stray text is reported when all rows are read."""
    found = parse_numbers([cell for cell in cells.tolist() if isinstance(cell, str)])
    filled = ~found.is_missing
    return float(found.is_number[filled].mean()) > 0.5 if filled.any() else if_empty


def is_per_cent(cells: "pd.Series[str]") -> bool:
    """Whether numbers are written with a per cent sign, as shares and changes of others are."""
    return any(isinstance(cell, str) and "%" in cell for cell in cells.tolist())
