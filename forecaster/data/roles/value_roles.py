"""Find the ids by their usual names, and the columns of values that are forecast, beside the column of the time."""

import re
from dataclasses import dataclass, replace

import pandas as pd

from forecaster.data.layouts.crossed_times import refuse_crossed_times
from forecaster.data.names.column_names import TARGET_NAMES
from forecaster.data.numbers.number_cells import (
    find_unit,
    is_per_cent,
    looks_measured,
    looks_numeric,
    parse_numbers,
    read_either,
)
from forecaster.data.parts.part_cells import level_of_name
from forecaster.data.parts.prefixed_parts import find_prefixed_parts
from forecaster.data.parts.time_parts import list_parts
from forecaster.data.problems import list_names
from forecaster.data.roles.first_rows import FirstRows
from forecaster.data.roles.number_keys import acts_as_key, mix_words_and_numbers, repeats_names
from forecaster.data.roles.row_ids import differ_in_rows
from forecaster.data.roles.static_columns import find_coordinates
from forecaster.data.roles.targets import (
    PLAN_NAME,
    TargetChoice,
    ask_for_target,
    choose_targets,
    counts_beside_measure,
    counts_rows,
    leave_out_indices,
    list_measured,
    refuse_plan,
)
from forecaster.data.roles.time_column import holds_dated_digits
from forecaster.errors import DataError

__all__ = ["Ids", "Values", "find_ids_by_name", "find_values"]

COUNT_EVENTS = " Where each row is an event, count them: --freq D --aggregate count."
MOST_MINUTES = 60
"""Different minutes, and seconds, at which rows are measured at the most; events have more."""
ID_NAMES = ("unique_id", "item_id", "series_id", "id", "series")


@dataclass(frozen=True)
class Ids:
    """The columns of ids, and the one with the usual name of an id that numbers the rows, if there is one."""

    columns: tuple[str, ...]
    row_id: str | None = None


@dataclass(frozen=True)
class Values:
    """The columns that are forecast; there may be none yet where some are `undecided`, as the first rows are empty.

    `is_wide` where each of them is a series of its own.
    """

    targets: tuple[str, ...]
    is_wide: bool
    undecided: tuple[str, ...]


def find_ids_by_name(rows: FirstRows, *, time: str) -> Ids:
    """The given ids, or the column that has the usual name of one and does not number the rows."""
    options, sample = rows.options, rows.sample
    if options.ids or options.wide or options.counts_rows:
        return Ids(rows.ids)
    found = _find_by_name([column for column in rows.header if column not in (time, *rows.targets)], ID_NAMES)
    if found is None:
        return Ids(())
    # a column that counts the rows of a single series is no id, whatever it is called; where times repeat, the cells of
    # all rows show whether it is
    is_count = counts_rows(read_either(sample[found]))
    row_id = found if rows.is_whole and not is_count and differ_in_rows(sample[found], sample[time]) else None
    is_count |= row_id is not None
    return Ids(() if is_count and (not options.merges_rows or sample[time].is_unique) else (found,), row_id)


def find_values(rows: FirstRows, *, time: str, ids: tuple[str, ...]) -> Values:
    """The columns that are forecast. Raises DataError where there are none, or where it has to be asked which they are.

    That is so where several hold numbers and none is clearly the one that is meant.
    """
    sample, wide = rows.sample, bool(rows.options.wide)
    remaining = [column for column in rows.header if column != time and column not in ids]
    numeric = _list_numeric(rows, remaining, time=time, ids=ids)
    target = rows.targets[0] if rows.targets else None
    undecided: tuple[str, ...] = ()
    if target is None and not wide:
        places = find_coordinates(sample, numeric=numeric, time=time)
        texts = sample[[*ids, *(column for column in remaining if column not in numeric)]]
        numeric = [column for column in numeric if column not in places]
        if not sample[time].is_unique:
            numeric = [column for column in numeric if not repeats_names(sample[column], texts)] or numeric
        target = _find_named_target(rows, [column for column in remaining if column not in places], numeric=numeric)
        if target is None and not rows.is_whole:
            undecided = tuple(column for column in remaining if _is_empty(sample[column]))
    if not numeric and undecided:
        return Values((), False, undecided)
    if target is not None:
        return Values(rows.targets or (target,), False, undecided)
    if not numeric:
        raise _explain_no_values(rows, remaining, time=time)
    targets = _choose_among(rows, numeric, time=time, ids=ids)
    return Values(targets, wide or len(targets) > 1, undecided)


def _list_numeric(rows: FirstRows, remaining: list[str], *, time: str, ids: tuple[str, ...]) -> list[str]:
    """The columns among the `remaining` that hold numbers which may be forecast; all of them in a wide table."""
    sample, wide = rows.sample, rows.options.wide
    # --wide includes columns that are empty in the first rows
    numeric = [column for column in remaining if looks_numeric(sample[column], if_empty=bool(wide))]
    if not wide and not sample[time].is_unique:
        numeric = [column for column in numeric if not mix_words_and_numbers(sample[column], sample[time])]
    numeric = [column for column in numeric if not is_per_cent(sample[column])] or numeric
    numeric = [column for column in numeric if wide or not holds_dated_digits(sample[column])] or numeric
    numeric = numeric or [column for column in remaining if looks_measured(sample[column])]
    if ids or wide or sample[time].is_unique:
        return numeric
    measured = [column for column in numeric if not acts_as_key(read_either(sample[column]), sample[time])]
    return measured if list_measured(_read_columns(sample[measured]), first=rows.header[0]) else numeric


def _find_named_target(rows: FirstRows, columns: list[str], *, numeric: list[str]) -> str | None:
    """The column whose name says that its values are meant. Raises DataError where it is a plan beside values."""
    target = _find_by_name(columns, TARGET_NAMES)
    if target is None or counts_beside_measure(target, [column for column in numeric if column != target]):
        return None
    if target.strip().casefold() == PLAN_NAME:
        refuse_plan(_read_columns(rows.sample[numeric]), plan=target, name=rows.name)
    return target


def _choose_among(rows: FirstRows, numeric: list[str], *, time: str, ids: tuple[str, ...]) -> tuple[str, ...]:
    """The targets among the columns of numbers. Raises DataError where it is not clear which they are."""
    sample, options, first = rows.sample, rows.options, rows.header[0]
    if not options.wide:
        refuse_crossed_times(sample, time=time, series=tuple(numeric), name=rows.name, ids=ids, options=options)
    numbers = leave_out_indices(_read_columns(sample[numeric]), name=rows.name, first=first)
    is_long = bool(ids) or options.wide is False
    units = {str(column): find_unit(sample[column]) for column in numbers}
    choice = TargetChoice((*numbers,), True) if options.wide else choose_targets(numbers, units=units)
    parts = {*find_prefixed_parts(rows.header, level_of_name)} & {*list_parts(sample)}
    measured = tuple(column for column in choice.columns if column not in parts)
    choice = choice if options.wide or not measured else replace(choice, columns=measured)
    if len(choice.columns) > 1 and (is_long or not choice.is_clear):
        is_event = not ids and _may_be_of_events(sample[time])
        asked = ask_for_target(choice, name=rows.name, is_long=is_long)
        raise DataError(f"{asked}{COUNT_EVENTS}") if is_event else asked
    return choice.columns


def _explain_no_values(rows: FirstRows, remaining: list[str], *, time: str) -> DataError:
    """The error that no column holds numbers, with a cell that is nearly one."""
    sample = rows.sample
    cells = [cell for column in remaining for cell in sample[column].dropna()]
    found = parse_numbers(cells)
    wrong = [cell for cell, is_fine in zip(cells, found.is_number | found.is_missing, strict=True) if not is_fine]
    # of a column of numbers and words any word is wrong
    others = wrong if found.is_number.any() else []
    near = next((cell for cell in wrong if re.search(r"\d", cell)), next(iter(others), None))
    hint = f" Cells such as {near!r} are not numbers: write 1234.5." if near else ""
    empty = [column for column in remaining if _is_empty(sample[column])]
    hint += f" No row has a value in {list_names(empty)}." if empty else ""
    counting = ""
    has_clock = bool(sample[time].str.contains(r"\d:\d\d", na=False).any())
    if has_clock or bool(sample.duplicated(time).any()):
        counting = COUNT_EVENTS
    return DataError(
        f"{rows.name}: no numeric column other than the time column {time!r}.{hint} Name the values with --target."
        f"{counting}"
    )


def _may_be_of_events(times: "pd.Series[str]") -> bool:
    """Whether times repeat, or have minutes of any kind, as those of events have."""
    minutes = times.str.extract(r"\d(:\d\d(?::\d\d)?)")[0]
    return bool(times.duplicated().any()) or minutes.nunique() > MOST_MINUTES


def _find_by_name(header: list[str], names: tuple[str, ...]) -> str | None:
    lowered = {column.strip().casefold(): column for column in reversed(header)}
    return next((lowered[name] for name in names if name in lowered), None)


def _read_columns(sample: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({column: read_either(cells) for column, cells in sample.items()})


def _is_empty(cells: "pd.Series[str]") -> bool:
    return not bool((cells.dropna().str.strip() != "").any())
