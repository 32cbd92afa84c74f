"""Recognise tables with a row for each year and a column for each of its months or quarters: `Year`, `Jan`, … `Dec`."""

import re
import shlex
from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecaster.data.column_names import names_annual, names_key, names_series
from forecaster.data.date_names import number_months
from forecaster.data.numbers import looks_numeric, parse_numbers
from forecaster.data.part_cells import WORDS, level_of_name, number_parts
from forecaster.data.period_columns import PeriodColumns, are_numbers, are_times, find_name, told_otherwise
from forecaster.data.read_options import ReadOptions

__all__ = ["explain_unread_parts", "find_part_columns", "is_year"]

YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d(?:\.0+)?")
NAMES_OF_TIMES = frozenset(("", "timestamp", "date", "time", "period", "ds"))
"""What a column of years may be called as well."""
NUMBERED_MONTH = re.compile(r"(?:m|month|monat|mois|mes|mese|maand)?[ _.]?0?([1-9]|1[0-2])", re.IGNORECASE)
FORMS = {"month": "-{:02d}", "quarter": "Q{}"}
"""What follows the year in the time of a cell."""
COUNTS = {"month": 12, "quarter": 4}
LEAST_YEARS = 0.8
"""Share of the cells that must be years; the others are totals or errors, which are named."""
LEAST_PARTS = 0.5
"""Share of the parts that must be there for the table to be called one that lacks some."""
LEAST_TOTALS = 0.9
"""Share of the rows in which a total is the sum, or the mean, of the others."""
TOLERANCE = 0.005
"""Largest relative difference of the two."""


def find_part_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, options: ReadOptions
) -> PeriodColumns | None:
    """The columns of a table of which the first `rows` are given; None where it is not certain that it is such a table.

    All months, or all quarters, stand in its header, in any order but that of another year, and numbers below them; in
    another column are years, and beside them at most names of series, and totals that are the sum or the mean.
    """
    found = _judge(header, rows, options=options)
    return found if isinstance(found, PeriodColumns) else None


def explain_unread_parts(sample: pd.DataFrame, *, options: ReadOptions) -> str | None:
    """Why a table with years as rows, and with months or quarters as columns, is not read as such; None for others."""
    header = [str(column) for column in sample]
    if not _find_parts(header)[1]:
        return None  # tables may have thousands of columns
    found = _judge(header, sample.fillna("").to_numpy().tolist(), options=options)
    return found if isinstance(found, str) else None


def is_year(text: str) -> bool:
    """Whether a text is a year and nothing else."""
    return YEAR.fullmatch(text) is not None


def _judge(header: Sequence[str], rows: Sequence[Sequence[str]], *, options: ReadOptions) -> PeriodColumns | str | None:
    """What the columns are, or why they are not read, or None where they are no parts of years."""
    names = [name.strip() for name in header]
    level, parts = _find_parts(names)
    if len(parts) < LEAST_PARTS * COUNTS.get(level, np.inf) or any("\0" in name for name in names):
        return None
    cells = {place: [row[place].strip() if place < len(row) else "" for row in rows] for place in range(len(names))}
    others = [place for place in range(len(names)) if place not in parts.values()]
    years = [place for place in others if _holds_years(cells[place], name=names[place])]
    if len(years) != 1 or options.date_format is not None:
        return None
    year = years[0]
    if told_otherwise(names, options=options, row_time=names[year]):
        return None
    if not are_numbers([cell for place in parts.values() for cell in cells[place]]):
        return None
    reason = _explain_parts(level, parts, names=names)
    if reason is not None:
        return reason
    keys, left_out = [], []
    for place in others:
        name = names[place]
        filled = [cell for cell in cells[place] if cell]
        if place == year or not name:
            continue
        if not filled or not looks_numeric(pd.Series(filled, dtype=str)):
            if len(set(filled)) > 1 and are_times([*dict.fromkeys(filled)], name=name):
                return f"{name!r} holds times as well: leave it out"
            keys.append(place)
        elif names_annual(name) and (kind := _find_total(cells, place, parts=[*parts.values()])):
            left_out.append(f"{name!r}, their {kind}")
        elif _is_named(name, options=options):
            keys.append(place)
        elif _counts_years(filled, years=cells[year]):
            left_out.append(f"{name!r}, which counts the rows")
        elif names_series(name) or names_key(name):
            keys.append(place)
        else:
            return (
                f"{name!r} is neither a {level}, nor the sum or mean of all: leave it out, or use --id "
                f"{shlex.quote(name)} if it identifies the series"
            )
    taken = {names[place] for place in keys}
    time, value = (find_name(word, taken=taken) for word in ("timestamp", "value"))
    return PeriodColumns(
        *(tuple(names), tuple(parts[number] for number in sorted(parts))),
        times=tuple(FORMS[level].format(number) for number in sorted(parts)),
        keys=tuple((place, (names[place],)) for place in keys),
        time=time,
        value=value,
        row_time=year,
        note=_describe(level, left_out=left_out, flag="--target COLUMN,…" if keys else "--wide"),
    )


def _find_parts(names: list[str]) -> tuple[str, dict[int, int]]:
    """Whether columns are called by months or by quarters, and the place of each by its number; empty where neither."""
    texts = pd.Series(names, dtype=str)
    months = number_months(texts)
    numbered = texts.str.extract(f"^(?:{NUMBERED_MONTH.pattern})$", flags=re.IGNORECASE)[0].astype(float)
    quarters = number_parts(texts.where(texts.str.fullmatch(WORDS["quarter"])), "quarter").astype(float)
    for level, numbers in (("month", months), ("month", numbered), ("quarter", quarters)):
        found = {int(number): place for place, number in enumerate(numbers) if not np.isnan(number)}
        if len(found) >= LEAST_PARTS * COUNTS[level]:
            is_single = len(found) == int(numbers.notna().sum())
            return (level, found) if is_single else ("", {})
    return "", {}


def _holds_years(cells: list[str], *, name: str) -> bool:
    """Whether cells are years of the calendar by the name of their column, too."""
    filled = [cell for cell in cells if cell]
    if level_of_name(name) != "year" and name.casefold() not in NAMES_OF_TIMES:
        return False
    return bool(filled) and is_year(filled[0]) and sum(map(is_year, filled)) >= LEAST_YEARS * len(filled)


def _explain_parts(level: str, parts: dict[int, int], *, names: list[str]) -> str | None:
    """What is wrong with the columns of the parts, if anything."""
    absent = [number for number in range(1, COUNTS[level] + 1) if number not in parts]
    if absent:
        return f"there is none for {level} {absent[0]}: add it, and leave its cells empty"
    order = [number for number, _ in sorted(parts.items(), key=lambda part: part[1])]
    steps = np.diff(order) % COUNTS[level]
    for step, first in ((1, 1), (COUNTS[level] - 1, COUNTS[level])):
        if (steps == step).all() and order[0] != first:
            begin = names[parts[order[0 if step == 1 else -1]]]
            return (
                f"as they begin with {begin!r}, the years may, too, so that the last ones are of the next year: where "
                "they begin in January, put the columns in that order"
            )
    return None


def _is_named(name: str, *, options: ReadOptions) -> bool:
    """Whether options say what a column is."""
    given = (*(options.ids or ()), *(options.known or ()), *(options.past or ()), *(options.static or ()))
    return any(name in (text, *map(str.strip, text.split(","))) for text in given)


def _counts_years(cells: list[str], *, years: list[str]) -> bool:
    """Whether cells number the rows one after the other, where no year is there twice."""
    filled = [year for year in years if year]
    if len(set(filled)) < len(filled) or len(cells) != len(filled) or not all(map(str.isdecimal, cells)):
        return False
    return len(cells) > 1 and bool((np.diff([*map(int, cells)]) == 1).all())


def _find_total(cells: dict[int, list[str]], place: int, *, parts: list[int]) -> str | None:
    """Whether the column at a `place` is the "sum" or the "mean" of the `parts` in its rows; None where it is neither.

    Rows in which a part is empty count only where there are no others. What has decimals may have been rounded.
    """
    texts = [cells[part] for part in parts]
    read = [parse_numbers(column) for column in (*texts, cells[place])]
    rounding = _find_rounding([cell for column in texts for cell in column]), _find_rounding(cells[place])
    for mark in ".,":
        *values, totals = (np.asarray(column.values[mark], np.float64) for column in read)
        grid = np.stack(values)
        filled = (~np.isnan(grid)).sum(axis=0)
        is_compared = ~np.isnan(totals) & (filled == len(parts))
        is_compared = is_compared if is_compared.any() else ~np.isnan(totals) & (filled > 0)
        if not is_compared.any():
            continue
        sums = np.nansum(grid, axis=0)[is_compared]
        counts, total = filled[is_compared], totals[is_compared]
        for kind, expected, count in (("sum", sums, len(parts)), ("mean", sums / counts, 1)):
            error = 1.001 * (count * (rounding[0] if rounding[0] < 0.5 else 0) + rounding[1])
            is_same = np.isclose(total, expected, rtol=TOLERANCE, atol=error)
            if is_same.mean() >= LEAST_TOTALS:
                return kind
    return None


def _find_rounding(texts: list[str]) -> float:
    """Half of the last place that numbers have."""
    decimals = [len(found[1]) for text in texts if (found := re.search(r"[.,](\d+)\D*$", text))]
    return float(0.5 * 10.0 ** -max(decimals, default=0))


def _describe(level: str, *, left_out: list[str], flag: str) -> str:
    kept = f"; left out: {' and '.join(left_out)}" if left_out else ""
    return f"one row per year with a column per {level}: read as {level}ly{kept} ({flag} if each column is a series)"
