"""Find the columns that identify the series from the cells: the smallest set under which no row repeats a time."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.layouts.blank_names import refuse_blank_names
from forecaster.data.layouts.period_columns import PeriodColumns
from forecaster.data.layouts.row_codes import Codes, are_alike, combine, count_rows, has_repeats
from forecaster.data.names.column_names import names_key, names_no_series, names_series
from forecaster.data.names.summary_rows import names_summary
from forecaster.data.names.time_names import has_time_word
from forecaster.data.numbers.number_cells import is_wrapped, looks_numeric, parse_numbers
from forecaster.data.parts.part_cells import hold_times
from forecaster.data.parts.time_parts import list_parts
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns
from forecaster.data.roles.doubtful_keys import ask_for_series, join_names, refuse_parts_of_years
from forecaster.data.roles.mixed_amounts import list_mixing, refuse_mixed_amounts
from forecaster.data.roles.number_keys import names_by_number
from forecaster.data.times.clocks import find_repeated_hours
from forecaster.errors import DataError

__all__ = ["Keys", "find_ids", "list_keys"]

MOST_COLUMNS = 4
MOST_CANDIDATES = 12
SUBSET = 20_000
"""Rows that are looked at first: most sets of columns fail there."""
LEAST_ROWS = 2
"""Rows of a series, on average: fewer, and the columns name the rows and not the series."""
LEAST_FILLED = 0.02
"""Share of all times at which a series has a row, on average; single purchases of customers have a smaller one."""
LEAST_EVIDENCE, LEAST_EVIDENCE_NAMED = 3.0, 1.0
"""Pairs of rows that would agree in a column by chance, but do not; fewer where the name says what it is."""
LEAST_REPEATED, LEAST_REPEATED_NAMED = 0.5, 0.1
"""Share of the rows that repeat a time without a column: a few corrections that a remark tells apart are no series."""
MOST_RANK = 2
"""Of measurements, which name rows only where nothing else does."""


@dataclass(frozen=True)
class Keys:
    """The columns that may be `ids`, and those that may say of amounts that they are of several kinds, `mixing`."""

    ids: tuple[str, ...] = ()
    mixing: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(dict.fromkeys((*self.ids, *self.mixing)))

    def take(self, headers: list[tuple[str, ...]]) -> "Keys":
        """Those of them that are in all `headers`."""
        names = set(self.columns).intersection(*headers)
        return Keys(*(tuple(name for name in kept if name in names) for kept in (self.ids, self.mixing)))


def list_keys(sample: pd.DataFrame, *, columns: Columns, options: ReadOptions, periods: PeriodColumns | None) -> Keys:
    """The columns not used that may identify the series, by name and by the cells of the first rows, `sample`.

    They are text, or whole numbers whose name is that of a key. None where `options` say what the series are, or what
    becomes of rows that repeat a time. In a table with `periods` as columns they are any, as each of its rows was a
    series.
    """
    if options.ids or options.counts_rows:
        return Keys()
    if periods is not None and periods.row_time is None:
        return Keys(tuple(name for name in periods.key_names if name in columns.ignored))
    mixing = list_mixing(sample, columns=columns)
    if options.wide or options.merges_rows or columns.time_parts is not None:
        return Keys((), mixing)
    parts = {*list_parts(sample), *columns.time_columns}
    others = [name for name in columns.ignored if name not in parts]
    others = [name for name in others if name not in columns.may_be_parts]
    found = [name for name in others if _may_identify(sample[name], name=name)]
    # those whose names say it come first, and are taken where others would do as well
    found = sorted(found, key=lambda name: not names_series(name))
    times = sample[columns.time] if columns.joined is None else columns.joined.join(sample)
    found += [name for name in others if name not in found and names_by_number(sample[name], times, name=name)]
    return Keys(tuple(found[:MOST_CANDIDATES]), mixing)


def find_ids(
    frame: pd.DataFrame, *, columns: Columns, keys: Keys, name: str, periods: PeriodColumns | None
) -> tuple[str, ...] | None:
    """The id columns among `keys` that the rows of `frame` show without doubt; None where they show none.

    Raises DataError, which names the choices, where several sets of columns would give different series, where they
    look like parts of years, or where the amounts of a series are of several kinds. In a table with `periods` as
    columns that cannot be: any columns will do that tell its rows apart.
    """
    if not keys.columns:
        return None
    if periods is not None and periods.row_time is None:
        return _find_key_of_rows(frame, columns=columns, candidates=keys.ids)
    ids = _find_certain(frame, columns=columns, candidates=keys.ids, name=name) if keys.ids else None
    refuse_parts_of_years(frame, ids=ids or (), columns=columns, name=name)
    refuse_mixed_amounts(frame, mixing=keys.mixing, columns=columns, ids=ids or columns.ids, name=name)
    return ids


def _find_certain(
    frame: pd.DataFrame, *, columns: Columns, candidates: tuple[str, ...], name: str
) -> tuple[str, ...] | None:
    """The smallest set of columns under which no row repeats a time; None where there is none, or it is in doubt."""
    is_row = _has_time(frame[columns.time])
    cells = {column: frame[column].array for column in (columns.time, *columns.ids, *candidates)}
    base = combine([_take_codes(cells[column], is_row) for column in (columns.time, *columns.ids)])
    usable = _list_usable({column: _take_codes(cells[column], is_row) for column in candidates}, cells)
    if len(pd.unique(base)) == len(base):
        if not columns.ids:
            ask_for_series(usable, name=name)
        return None
    given = [_take_codes(cells[column], is_row) for column in columns.ids]
    times = int(_take_codes(cells[columns.time], is_row).max()) + 1
    fitting: list[tuple[str, ...]] = []
    for key in _list_unique(base, usable):
        if fitting and len(key) > len(fitting[0]):
            break
        series = combine([*given, *(usable[column] for column in key)])
        if _is_certain(base, series, key=key, usable=usable, times=times):
            fitting.append(key)
    if not fitting:
        is_twice = find_repeated_hours(frame[columns.time])
        if is_twice.any() and not is_twice.all():  # in local times they are there twice in each series
            return _find_certain(frame[~is_twice], columns=columns, candidates=candidates, name=name)
        texts = {column: frame[column][is_row] for column in candidates}
        refuse_blank_names(base, texts, name=name)
        return None
    first, *others = (combine([usable[column] for column in key]) for key in fitting)
    other = next((key for key, codes in zip(fitting[1:], others, strict=True) if not are_alike(first, codes)), None)
    if other is not None:
        one, two = (shlex.quote(",".join((*columns.ids, *key))) for key in (fitting[0], other))
        raise DataError(
            f"{name}: timestamps repeat, and the columns {join_names(fitting[0])} as well as {join_names(other)} "
            f"would distinguish the series, but give different ones. Name those that are meant: --id {one} or "
            f"--id {two}."
        )
    return (*columns.ids, *(column for column in columns.ignored if column in fitting[0]))


def _find_key_of_rows(frame: pd.DataFrame, *, columns: Columns, candidates: tuple[str, ...]) -> tuple[str, ...] | None:
    """The columns that tell apart the rows of a table each of which was a series.

    The smallest set of columns of text without empty cells is taken, then of any. All, where none is enough; None where
    there is one row.
    """
    is_row = _has_time(frame[columns.time])
    cells = {column: frame[column].array for column in (columns.time, *columns.ids, *candidates)}
    base = combine([_take_codes(cells[column], is_row) for column in (columns.time, *columns.ids)])
    if not has_repeats([base]):
        return None
    # an empty cell is a name, too
    codes = {column: _take_codes(cells[column], is_row) + 1 for column in candidates}
    ranks = {column: _rank(cells[column], codes[column] - 1, name=column) for column in candidates}
    usable: dict[str, Codes] = {}
    for rank in sorted(set(ranks.values())):
        for column in (column for column in candidates if ranks[column] == rank):
            own = codes[column]
            if (own != own[0]).any() and not any(are_alike(own, other) for other in usable.values()):
                usable[column] = own
        key = next(_list_unique(base, usable), None)
        if key is None and usable and not has_repeats([base, *usable.values()]):
            key = tuple(usable)
        if key is not None:
            return (*columns.ids, *(column for column in columns.ignored if column in key))
    texts = [column for column in usable if ranks[column] < MOST_RANK]
    return (*columns.ids, *(column for column in columns.ignored if column in texts)) or None


def _rank(cells: Any, codes: Codes, *, name: str) -> int:
    """How well a column names rows: 0 as text or by a key, 1 with empty cells or by number, 2 by measurements."""
    texts = pd.Series(cells.categories, dtype=str)
    if looks_numeric(texts):
        values = parse_numbers(texts).values["."]
        is_whole = bool((values[~np.isnan(values)] % 1 == 0).all())
        if not (is_whole and (names_series(name) or names_key(name))):
            return MOST_RANK
    blank = [place for place, text in enumerate(texts) if not text.strip()]
    return int((codes < 0).any() or bool(np.isin(codes, blank).any()) or names_no_series(name))


def _may_identify(cells: "pd.Series[str]", *, name: str) -> bool:
    filled = pd.Series([cell for cell in cells.dropna().unique() if cell.strip()], dtype=str)
    if not len(filled) or names_no_series(name) or has_time_word(name):
        return False
    if looks_numeric(filled) and not is_wrapped(filled):
        values = parse_numbers(filled).values["."]
        return (names_series(name) or names_key(name)) and bool((values[~np.isnan(values)] % 1 == 0).all())
    return not hold_times(filled)


def _has_time(times: "pd.Series[Any]") -> NDArray[np.bool_]:
    """Which rows have a time, and not the name of a total instead."""
    totals = [place for place, text in enumerate(times.cat.categories) if names_summary(str(text))]
    codes = times.cat.codes.to_numpy()
    return np.asarray((codes >= 0) & ~np.isin(codes, totals))


def _take_codes(cells: Any, is_row: NDArray[np.bool_]) -> Codes:
    return np.asarray(cells.codes[is_row], np.int64)


def _list_usable(codes: dict[str, Codes], cells: dict[str, Any]) -> dict[str, Codes]:
    """The columns without empty cells that are not constant, and not another name for one before them."""
    usable: dict[str, Codes] = {}
    for column, own in codes.items():
        texts = cells[column].categories
        empty = [place for place, text in enumerate(texts) if not str(text).strip()]
        if not len(own) or (own < 0).any() or np.isin(own, empty).any() or (own == own[0]).all():
            continue
        if not any(are_alike(own, other) for other in usable.values()):
            usable[column] = own
    return usable


def _list_unique(base: Codes, usable: dict[str, Codes]) -> Iterator[tuple[str, ...]]:
    """The sets of columns under which no row repeats the `base`, the smallest first; none holds another."""
    is_first = base % (len(base) // SUBSET + 1) == 0
    few = {column: codes[is_first] for column, codes in usable.items()}
    # without these there are repeated rows, whatever the other columns are
    needed = {
        column
        for column in usable
        if has_repeats([base[is_first], *(codes for other, codes in few.items() if other != column)])
    }
    found: list[set[str]] = []
    for size in range(1, MOST_COLUMNS + 1):
        for key in combinations(usable, size):
            if not needed <= set(key) or any(before <= set(key) for before in found):
                continue
            if has_repeats([base[is_first], *(few[column] for column in key)]):
                continue
            if not has_repeats([base, *(usable[column] for column in key)]):
                found.append(set(key))
                yield key


def _is_certain(base: Codes, series: Codes, *, key: tuple[str, ...], usable: dict[str, Codes], times: int) -> bool:
    """Whether each column of a key is needed for many rows, would not do by chance, and the series have rows enough."""
    count, rows = len(pd.unique(series)), len(series)
    if rows < LEAST_ROWS * count or rows < LEAST_FILLED * count * times:
        return False
    for column in key:
        sizes = count_rows(combine([base, *(usable[other] for other in key if other != column)])).astype(np.float64)
        repeated = sizes[sizes > 1].sum() / rows
        shares = count_rows(usable[column]) / rows
        evidence = (sizes * (sizes - 1)).sum() / 2 * (shares**2).sum()
        is_named = names_series(column)
        if evidence < (LEAST_EVIDENCE_NAMED if is_named else LEAST_EVIDENCE):
            return False
        if repeated < (LEAST_REPEATED_NAMED if is_named else LEAST_REPEATED):
            return False
    return True
