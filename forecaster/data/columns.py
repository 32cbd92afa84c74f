"""Detect the role of each column of a table: id, time, target or not used."""

import re
import shlex
from dataclasses import replace

import pandas as pd

from forecaster.data.column_names import TARGET_NAMES, names_series
from forecaster.data.crossed_times import refuse_crossed_times
from forecaster.data.epochs import EPOCHS, EXCEL, NUMBER
from forecaster.data.first_line import list_times
from forecaster.data.given_columns import check_given, split_names
from forecaster.data.joined_time import JOINED_NAME, join_parts
from forecaster.data.number_keys import acts_as_key, hold_decimals, repeats_names
from forecaster.data.numbers import find_unit, is_per_cent, looks_measured, looks_numeric, read_either
from forecaster.data.part_cells import are_years, hold_times
from forecaster.data.part_numbers import list_part_numbers
from forecaster.data.part_order import settle_order
from forecaster.data.problems import list_names
from forecaster.data.read_options import ReadOptions, RememberedOptions
from forecaster.data.roles import TARGET_COLUMN, Columns
from forecaster.data.row_ids import differ_in_rows
from forecaster.data.sample_rows import find_constant, keep_plain_rows
from forecaster.data.static_columns import check_static, find_coordinates, find_unchanging
from forecaster.data.taken_roles import refuse_taken_roles
from forecaster.data.targets import (
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
from forecaster.data.time_column import (
    find_column_in_format,
    find_counter,
    find_named_time,
    find_time,
    holds_dated_digits,
    suggest_format,
)
from forecaster.data.time_parts import (
    fills_days,
    find_time_parts,
    list_parts,
    prefer_whole_time,
    refuse_centuries,
    repeat_seldom,
)
from forecaster.errors import DataError, UsageError

__all__ = ["Columns", "check_targets", "find_columns"]

ID_NAMES = ("unique_id", "item_id", "series_id", "id", "series")
FIRST_TIMES = 20
MOST_NUMBERED = 4
"""Columns with digits in their names from which on these may be meant as times."""


def find_columns(sample: pd.DataFrame, *, name: str, options: ReadOptions, is_whole: bool = True) -> Columns:
    """Determine the role of each column from its name, then from its cells.

    `sample` holds the first rows as text; where it `is_whole`, a column that is empty there is empty in all rows.
    `options` override what would be detected. Raises DataError that names the file and the flag to use.
    """
    if options.known or options.past or options.static or options.categories:
        return _find_with_covariates(sample, name=name, options=options, is_whole=is_whole)
    sample = keep_plain_rows(sample)
    header = [str(column) for column in sample.columns]
    ids, time, wide = split_names(options.ids, header), options.time, options.wide
    given_targets = split_names((options.target,) if options.target is not None else (), header)
    target = given_targets[0] if given_targets else None
    given = [("--id", column) for column in ids] + [("--time", time)]
    given += [("--target", column) for column in given_targets]
    check_given([(flag, column) for flag, column in given if column is not None], header=header, name=name)
    if len(given_targets) > 1 and TARGET_COLUMN in header:
        raise DataError(
            f"{name}: forecasts of several targets have a column {TARGET_COLUMN!r}. Rename the one there is."
        )
    if wide and (ids or target):
        flag = f"--id {ids[0]}" if ids else f"--target {target}"
        raise UsageError(f"--wide and {flag} do not go together: in a wide table each column is a series.")
    unassigned = [column for column in header if column not in (*ids, *given_targets)]
    is_found = time is None
    if is_found:
        refuse_centuries(sample, name=name)
    free = sample[unassigned]
    counter = find_counter(free) if is_found and options.date_format is None else None
    if counter is not None:
        sample = sample.drop(columns=counter)
        header, unassigned = ([column for column in kept if column != counter] for kept in (header, unassigned))
        free = sample[unassigned]
    counters = () if counter is None else (counter,)
    if time is None:
        if options.date_format is not None:
            # nearly any number fits a word for numbers, also those of the target
            if options.date_format in (NUMBER, EXCEL, *EPOCHS):
                countable = [column for column in unassigned if looks_numeric(sample[column])]
                time = find_named_time(sample[countable]) or find_named_time(free)
            time = time or find_column_in_format(free, date_format=options.date_format)
        time = time or find_time(free)
    if time is None:
        periods = sum(any(map(str.isdigit, column)) for column in header) >= MOST_NUMBERED
        hint = ". If the columns are periods, name them as in 2024-01 or 2024-01-31." if periods else "."
        hint += suggest_format(sample[unassigned]) if hint == "." and options.date_format is None else ""
        if not periods and all(looks_numeric(sample[column]) for column in header):
            hint = "; where the rows have no times, number them in a column 'step', and use --time step."
            if any(are_years(sample[column], name=column) for column in header):
                hint = "; where columns hold years and months, call these 'year' and 'month' in the first line."
        raise DataError(
            f"{name}: no time column among {list_names(header)}. Name it with --time, or call it 'timestamp'{hint}"
        )
    time = prefer_whole_time(free, time) if is_found else time
    time_parts = find_time_parts(
        sample[[column for column in header if column not in given_targets]], time=time, ids=ids
    )
    if time_parts is not None and not time_parts.is_named and options.merges_rows:
        time_parts = time_parts if fills_days(sample, time_parts.columns, keys=[*ids]) else None
    joined = join_parts(time_parts, sample) if is_found and time_parts is not None else None
    if joined is not None and time_parts is not None and JOINED_NAME not in header:
        key = [*ids, *(column for column in header if names_series(column) or not looks_numeric(sample[column]))]
        key = [column for column in dict.fromkeys(key) if column not in (*time_parts.columns, *given_targets)]
        key = [column for column in key if column in ids or not hold_times(sample[column])]
        repeats = bool(sample.duplicated([*key, time]).any())
        repeats &= options.duplicates is None or fills_days(sample, time_parts.columns, keys=key)
        if time_parts.is_certain or counters or (repeats and repeat_seldom(sample, [*key, *time_parts.columns])):
            joined = settle_order(joined, sample, name=name)
            # what follows from the joined columns, such as the quarter of a month, is no series
            taken = {*time_parts.columns, *list_parts(sample)} - {*ids, *given_targets}
            others = sample[[column for column in header if column not in taken]]
            place = next(place for place, column in enumerate(header) if column in taken)
            others.insert(place, JOINED_NAME, joined.join(sample))
            roles = find_columns(others, name=name, options=replace(options, time=JOINED_NAME), is_whole=is_whole)
            derived = tuple(column for column in header if column in taken and column not in time_parts.columns)
            derived += counters
            no_keys = (*roles.no_keys, *derived)
            return replace(roles, joined=joined, time_parts=None, ignored=roles.ignored + derived, no_keys=no_keys)
        time_parts = time_parts if time_parts.is_named else None
    if is_found and time_parts is not None and time_parts.is_certain:
        raise DataError(f"{name}: {time_parts.describe()} If {time!r} alone numbers the steps, use --time {time}.")
    remaining = [column for column in header if column != time]
    counts = list_part_numbers(sample, time=time, taken=(*ids, *given_targets), name=name)
    row_id: str | None = None
    if not options.ids and not wide:
        found = _find_by_name([column for column in remaining if column not in given_targets], ID_NAMES)
        # a column that counts the rows of a single series is no id, whatever it is called; where times repeat, the
        # cells of all rows show whether it is
        is_count = found is not None and counts_rows(read_either(sample[found]))
        if found is not None and is_whole and not is_count and differ_in_rows(sample[found], sample[time]):
            row_id = found
        is_count |= row_id is not None
        ids = (found,) if found and not (is_count and (not options.merges_rows or sample[time].is_unique)) else ()
    remaining = [column for column in remaining if column not in ids]
    # --wide includes columns that are empty in the first rows
    numeric = [column for column in remaining if looks_numeric(sample[column], if_empty=bool(wide))]
    numeric = [column for column in numeric if not is_per_cent(sample[column])] or numeric
    numeric = [column for column in numeric if wide or not holds_dated_digits(sample[column])] or numeric
    numeric = numeric or [column for column in remaining if looks_measured(sample[column])]
    if not (ids or wide or sample[time].is_unique):
        measured = [column for column in numeric if not acts_as_key(read_either(sample[column]), sample[time])]
        numeric = measured if list_measured(_read_columns(sample[measured]), first=header[0]) else numeric
    undecided: tuple[str, ...] = ()
    if target is None and not wide:
        places = find_coordinates(sample, numeric=numeric, time=time)
        texts = sample[[*ids, *(column for column in remaining if column not in numeric)]]
        numeric = [column for column in numeric if column not in places]
        if not sample[time].is_unique:
            numeric = [column for column in numeric if not repeats_names(sample[column], texts)] or numeric
        target = _find_by_name([column for column in remaining if column not in places], TARGET_NAMES)
        if target is not None and counts_beside_measure(target, [column for column in numeric if column != target]):
            target = None
        if target is not None and target.strip().casefold() == PLAN_NAME:
            refuse_plan(_read_columns(sample[numeric]), plan=target, name=name)
        if target is None and not is_whole:
            undecided = tuple(column for column in remaining if not len(_find_filled(sample[column])))
    if not numeric and undecided:
        return Columns(ids, time, (), False, (*remaining, *counters), time_parts, undecided)
    if target is None and not numeric:
        near = next((cell for column in remaining for cell in sample[column].dropna() if re.search(r"\d", cell)), None)
        hint = f" Cells such as {near!r} are not numbers: write 1234.5." if near else ""
        empty = [column for column in remaining if not len(_find_filled(sample[column]))]
        hint += f" No row has a value in {list_names(empty)}." if empty else ""
        raise DataError(
            f"{name}: no numeric column other than the time column {time!r}.{hint} Name the values with --target."
        )
    if target is not None:
        targets = given_targets or (target,)
    else:
        if not wide:
            refuse_crossed_times(sample, time=time, series=tuple(numeric), name=name, ids=ids, options=options)
        numbers = leave_out_indices(_read_columns(sample[numeric]), name=name, first=header[0])
        is_long = bool(ids) or wide is False
        units = {str(column): find_unit(sample[column]) for column in numbers}
        choice = TargetChoice((*numbers,), True) if wide else choose_targets(numbers, units=units)
        if len(choice.columns) > 1 and (is_long or not choice.is_clear):
            raise ask_for_target(choice, name=name, is_long=is_long)
        targets = choice.columns
    forecast = {*targets}
    ignored = tuple(column for column in remaining if column not in forecast)
    is_wide = target is None and (len(targets) > 1 or bool(wide))
    unchanging, parts = find_unchanging(sample, ids=ids, ignored=ignored), list_parts(sample)
    dated = tuple(column for column in ignored if column in parts or hold_times(sample[column]))
    return Columns(
        *(ids, time, targets, is_wide, (*ignored, *counters), time_parts, undecided),
        may_be_parts=tuple(column for column in ignored if column in counts),
        may_be_static=unchanging,
        constant=find_constant(sample, ignored) if is_whole else (),
        no_keys=(*dated, *(column for column in ignored if column not in dated and hold_decimals(sample[column]))),
        row_id=row_id,
        whole_times=tuple(column for column in dated if column not in parts and _is_whole_time(sample[column])),
    )


def _find_with_covariates(sample: pd.DataFrame, *, name: str, options: ReadOptions, is_whole: bool) -> Columns:
    """The roles of the columns where some are declared to be covariates; the others are found without these."""
    header = [str(column) for column in sample.columns]
    known, past, static = (split_names(names, header) for names in (options.known, options.past, options.static))
    if isinstance(options, RememberedOptions):
        static = tuple(column for column in static if column in header or column not in options.dispensable)
    flags = (("--known", known), ("--past", past), ("--static", static))
    given = [(flag, column) for flag, names in flags for column in names]
    roles = [("--id", column) for column in split_names(options.ids, header)] + [("--time", options.time or "")]
    roles += [("--target", column) for column in split_names((options.target or "",), header)]
    check_given([*given, *(pair for pair in roles if pair[1])], header=header, name=name)
    categories = _find_categories((*known, *past, *static), header=header, name=name, options=options)
    others = sample[[column for column in header if column not in (*known, *past, *static)]]
    plain = replace(options, known=(), past=(), static=(), categories=())
    try:
        found = find_columns(others, name=name, options=plain, is_whole=is_whole)
    except DataError as error:
        refuse_taken_roles(sample, given, name=name, options=plain, error=error)
        raise
    check_static(static, is_wide=found.wide)
    return replace(found, known=known, past=past, static=static, categories=categories)


def _find_categories(
    explanatory: tuple[str, ...], *, header: list[str], name: str, options: ReadOptions
) -> tuple[str, ...]:
    """The columns whose numbers are codes. Raises UsageError for one that explains and describes nothing."""
    categories = split_names(options.categories, header)
    if isinstance(options, RememberedOptions):
        categories = tuple(column for column in categories if column in header or column not in options.dispensable)
    check_given([("--categories", column) for column in dict.fromkeys(categories)], header=header, name=name)
    unused = next((column for column in categories if column not in explanatory), None)
    if unused is not None:
        raise UsageError(
            f"--categories {unused}: {name} is not explained by it. Name it with --known, --past or --static, too."
        )
    return categories


def check_targets(sample: pd.DataFrame, *, columns: Columns, name: str, options: ReadOptions) -> None:
    """Raise DataError where several columns hold numbers, and no name tells which one is to be forecast."""
    others = [str(column) for column in sample if column not in (*columns.ids, *columns.time_columns)]
    numeric = tuple(column for column in others if looks_numeric(sample[column]))
    if len(numeric) > 1 and options.target is None and options.wide is None:
        raise DataError(
            f"{name}: several columns hold numbers ({list_names([*numeric])}), and no header names them. Name the one "
            f"to forecast, as in --target {shlex.quote(numeric[-1])}, and with --id those that identify a series; if "
            "each column is a series of its own, use --wide."
        )


def _find_by_name(header: list[str], names: tuple[str, ...]) -> str | None:
    lowered = {column.strip().casefold(): column for column in reversed(header)}
    return next((lowered[name] for name in names if name in lowered), None)


def _is_whole_time(cells: "pd.Series[str]") -> bool:
    """Whether each cell of a column of times is a date, and not all are the same one."""
    return bool(cells.notna().all()) and cells.nunique() > 1 and list_times([*cells.iloc[:FIRST_TIMES]]) is not None


def _read_columns(sample: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({column: read_either(cells) for column, cells in sample.items()})


def _find_filled(cells: "pd.Series[str]") -> "pd.Series[str]":
    filled = cells.dropna()
    return filled[filled.str.strip() != ""]
