"""Choose among columns of numbers: one target, or the series of a wide table, or several that may be meant."""

import re
import shlex
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecaster.data.names.column_names import (
    find_closing_price,
    has_target_word,
    is_usual_target,
    list_words,
    names_actual,
    names_cost,
    names_counter,
    names_flag,
    names_index,
    names_key,
    names_market,
    names_receipt,
    names_receipt_alone,
    names_record,
    names_total_column,
    normalise_name,
    split_words,
)
from forecaster.data.names.seasons import SEASONS_OF_YEAR, names_season_column
from forecaster.data.names.time_names import names_decimal_year, names_time_part
from forecaster.data.names.weather_names import names_weather
from forecaster.data.problems import list_names
from forecaster.errors import DataError

__all__ = [
    "PLAN_NAME",
    "TargetChoice",
    "ask_for_target",
    "choose_targets",
    "counts_beside_measure",
    "counts_rows",
    "leave_out_indices",
    "list_measured",
    "refuse_plan",
]

LEAST_ROWS = 10
"""Rows from which on the cells alone show that a column is a flag or never changes."""
MOST_NAMED = 3
FEWEST_COUNTED = 3
"""Rows that a column must number to be taken for an index by its place or its cells."""
PLAN_NAME = "target"
"""The usual name of a column to forecast that is also that of a plan."""
LIKE_PLAN = 2.0
"""Largest ratio of the scales of a plan and of what was measured."""
MOSTLY = 0.95
"""Share of the rows in which the number of a receipt is not lower than that before, or not higher."""
LEAST_SORTED = 30
"""Rows in which a column that is called `Order` must nearly always rise to hold numbers of orders, and not counts."""
WIDEST_RANGE = 10_000
"""Ratio of the scales of two columns from which on they are not series of the same kind."""
AMOUNTS = list_words("amount amounts betrag beträge betraege montant importe importo bedrag kwota belopp")
DECIMAL_YEARS = (1000, 2200)
COORDINATES = list_words("latitude longitude lat lon lng latitud longitud breitengrad längengrad laengengrad")
HEIGHTS = list_words("elevation altitude elev höhe hoehe")
"""Where a station stands; the height of a lake or a river changes."""
PRECISION = re.compile(
    r"(?:.*_)?(?:unc|uncert|uncertainty|sdev|st\._?dev|std_?(?:dev|err|error)|standard_(?:deviation|error))\.?|stdev"
    r"|standardabweichung|écart_type|(?:#_?|n)(?:obs|days)"
)
"""Names of columns of how exact a measurement is, and of the number of those that it is the mean of."""


@dataclass(frozen=True)
class TargetChoice:
    """The columns that may be forecast; `is_clear` where they are one target, or series that are alike."""

    columns: tuple[str, ...]
    is_clear: bool


def choose_targets(numbers: pd.DataFrame, *, units: dict[str, str] | None = None) -> TargetChoice:
    """Choose among the columns of `numbers`, whose first rows it holds: NaN where a cell is empty or text.

    The target is the only column with the usual name of a target, or the only one that is not a flag, a key, a part of
    the time, a constant or what goes with closing prices. Several are the series of a wide table where their names or
    scales are alike, and not some of them costs or prices of the others, or the weather, or with other `units`.
    """
    kept = [str(column) for column in numbers]
    close = find_closing_price(kept)
    named = [close] if close is not None else [column for column in kept if is_usual_target(column)]
    amounts = [column for column in kept if _names_amount(column)]
    if len(named) == 1 and amounts and counts_beside_measure(named[0], amounts):
        named = [column for column in kept if column in (*named, *amounts)]
    if named:
        return TargetChoice(tuple(named), len(named) == 1)
    main = [column for column in kept if not _is_secondary(numbers[column], name=column)]
    changing = [column for column in main if not _is_flag_or_constant(numbers[column])]
    worded = [column for column in main if has_target_word(column)] if len(main) < len(kept) else []
    for found in (main, changing, worded):
        if len(found) == 1:
            return TargetChoice(tuple(found), True)
    if not main:
        return TargetChoice(tuple(kept), False)
    parts = [column for column in main if not names_total_column(column)]
    has_one_target = any(names_market(column) for column in main) or any(
        names_key(column) or names_receipt(column) or names_receipt_alone(column) or _names_precision(column)
        for column in kept
        if column not in main
    )
    may_be_receipts = any(names_receipt_alone(column) and _are_receipts(numbers[column]) for column in main)
    kinds = {(names_cost(column), (units or {}).get(column, "")) for column in main}
    is_weather = {names_weather(column) for column in main} - {None}
    if len(kinds) > 1 or len(is_weather) > 1 or may_be_receipts:
        return TargetChoice(tuple(main), False)
    is_alike = _have_like_names(parts) or (not has_one_target and _have_like_scales(numbers[parts]))
    return TargetChoice(tuple(main), is_alike)


def ask_for_target(choice: TargetChoice, *, name: str, is_long: bool) -> DataError:
    """The error where several columns of numbers may be meant."""
    first = shlex.quote(",".join(choice.columns[:2]))
    wide = "" if is_long else "; if each column is a series of its own, use --wide"
    return DataError(
        f"{name}: several columns hold numbers ({list_names(list(choice.columns))}). "
        f"Name the one to forecast with --target, or several, as in --target {first}{wide}."
    )


def refuse_plan(numbers: pd.DataFrame, *, plan: str, name: str) -> None:
    """Raise DataError where the column called `target` may be a plan, as another may be what was measured."""
    measured = _list_measured(numbers, plan=plan) if plan in numbers else []
    if measured:
        flags = [f"--target {shlex.quote(column)}" for column in (*measured[:MOST_NAMED], plan)]
        raise DataError(
            f"{name}: {plan!r} may be the column to forecast, or a plan beside what was measured "
            f"({list_names(measured)}). Name the one to forecast: {', '.join(flags[:-1])} or {flags[-1]}."
        )


def list_measured(numbers: pd.DataFrame, *, first: str) -> list[str]:
    """The columns that do more than number the rows; `first` is the one before all others of the file."""
    names = (str(column) for column in numbers)
    return [column for column in names if not is_index(numbers[column], name=column, is_first=column == first)]


def leave_out_indices(numbers: pd.DataFrame, *, name: str, first: str) -> pd.DataFrame:
    """The columns that do more than number the rows; `first` is the one before all others of the file.

    Raises DataError, which begins with the `name` of the data, where there is none.
    """
    header, kept = [str(column) for column in numbers], list_measured(numbers, first=first)
    if header and not kept:
        named = header[0]
        raise DataError(
            f"{name}: no column to forecast: {named!r} only numbers the rows, and no other one holds numbers. If it "
            f"is what was measured, use --target {shlex.quote(named)}."
        )
    return numbers[kept]


def is_index(cells: "pd.Series[float]", *, name: str, is_first: bool = False) -> bool:
    """Whether a column only numbers the rows: its cells count them, and it is called so or is the first of the file."""
    if names_record(name) and _are_receipts(cells):
        return True
    if not counts_rows(cells) and not counts_rows(cells[::-1]):
        return names_counter(name) and _counts_rows_of_series(cells)
    is_first = is_first and not has_target_word(name) and len(cells) >= FEWEST_COUNTED and cells.min() in (0, 1)
    return is_first or names_index(name) or names_counter(name)


def _counts_rows_of_series(cells: "pd.Series[float]") -> bool:
    """Whether cells count the rows of several series, one below the other, from the same number on."""
    values = cells.to_numpy(np.float64)
    begins = np.flatnonzero(np.diff(values) != 1) + 1 if len(values) else np.zeros(0)
    is_again = len(begins) > 0 and bool((values[begins] == values[0]).all()) and values[0] in (0, 1)
    return is_again and len(values) >= FEWEST_COUNTED * (len(begins) + 1)


def counts_beside_measure(name: str, others: list[str]) -> bool:
    """Whether a column counts the rows behind others that are measured, as the trades beside the price."""
    is_count = name.strip().casefold() in ("count", "cnt")
    return is_count and any(is_usual_target(other) or _names_amount(other) for other in others)


def _names_amount(name: str) -> bool:
    """Whether a column of this name usually holds money."""
    return names_cost(name) or not AMOUNTS.isdisjoint(split_words(name))


def counts_rows(cells: "pd.Series[float]") -> bool:
    """Whether each cell is one more than the cell above."""
    with np.errstate(invalid="ignore"):  # of infinite cells
        return len(cells) > 1 and bool((np.diff(cells.to_numpy(np.float64)) == 1).all())


def _list_measured(numbers: pd.DataFrame, *, plan: str) -> list[str]:
    """The columns that may be what was measured, if `plan` is one: they are called so, or have the same scale."""
    scales = numbers.abs().median()
    others = [str(column) for column in numbers if column != plan and "target" not in str(column).casefold()]
    others = [column for column in others if not _is_beside(numbers[column], name=column)]
    return [
        column
        for column in others
        if names_actual(column) or scales[plan] / LIKE_PLAN <= scales[column] <= scales[plan] * LIKE_PLAN
    ]


def _is_beside(cells: "pd.Series[float]", *, name: str) -> bool:
    return is_index(cells, name=name) or _is_secondary(cells, name=name) or _is_flag_or_constant(cells)


def _is_secondary(cells: "pd.Series[float]", *, name: str) -> bool:
    """Whether the name of a column, and its cells, show that it is there beside a target."""
    if names_flag(name) and _holds_flags(cells):
        return True
    place = normalise_name(name)
    if place in COORDINATES or (place in HEIGHTS and _count_values(cells) <= 1):
        return True
    if _names_precision(name):
        return True
    if names_season_column(name) and bool(cells.dropna().isin(range(1, SEASONS_OF_YEAR + 1)).all()):
        return True
    if names_decimal_year(name) and _are_decimal_years(cells.dropna()):
        return True
    if not (names_key(name) or names_time_part(name) or _holds_receipts(cells, name=name)):
        return False
    return bool((cells.dropna() % 1 == 0).all())


def _are_decimal_years(cells: "pd.Series[float]") -> bool:
    """Whether cells may be years with fractions: they rise from row to row, or begin again, by a year at the most."""
    return bool(cells.between(*DECIMAL_YEARS).all()) and bool((cells.diff().dropna() <= 1).all())


def _names_precision(name: str) -> bool:
    """Whether a column of this name usually says how exact the one beside it is, as `sdev`, `average_unc`, `ndays`."""
    is_code = name.isupper() and name.isalpha()  # of a stock, or a university
    return not is_code and PRECISION.fullmatch(normalise_name(name)) is not None


def _holds_receipts(cells: "pd.Series[float]", *, name: str) -> bool:
    """Whether the name of a column and its cells show that it holds the numbers of receipts."""
    if names_receipt(name):
        return _are_receipts(cells)
    return names_receipt_alone(name) and len(cells) >= LEAST_SORTED and _are_sorted(cells)


def _are_receipts(cells: "pd.Series[float]") -> bool:
    """Whether whole numbers nearly always rise, or nearly always fall, or never repeat."""
    filled = cells.dropna()
    if len(filled) < LEAST_ROWS or bool((filled % 1 != 0).any()):
        return False
    return _are_sorted(filled) or filled.is_unique


def _are_sorted(cells: "pd.Series[float]") -> bool:
    """Whether numbers nearly always rise, or nearly always fall."""
    steps = np.diff(cells.dropna().to_numpy(np.float64))
    return any((sign * steps >= 0).mean() >= MOSTLY for sign in (1, -1)) and bool((steps != 0).any())


def _is_flag_or_constant(cells: "pd.Series[float]") -> bool:
    return len(cells) >= LEAST_ROWS and (_holds_flags(cells) or _count_values(cells) <= 1)


def _holds_flags(cells: "pd.Series[float]") -> bool:
    values = cells.to_numpy(np.float64)
    return bool(((values == 0) | (values == 1) | np.isnan(values)).all())


def _count_values(cells: "pd.Series[float]") -> int:
    values = cells.to_numpy(np.float64)
    return len(np.unique(values[~np.isnan(values)]))


def _have_like_names(columns: list[str]) -> bool:
    """Whether the names differ only in their numbers, or in one letter."""
    letters = {"".join("#" if letter.isdigit() else letter for letter in name) for name in columns}
    plain = {name.replace("#", "") for name in letters}
    return len(plain) == 1 or all(len(name) == 1 for name in columns)


def _have_like_scales(numbers: pd.DataFrame) -> bool:
    scales = numbers.abs().where(numbers != 0).median().dropna()
    return len(scales) < 2 or float(scales.max()) <= WIDEST_RANGE * float(scales.min())
