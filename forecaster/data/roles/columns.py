"""Detect the role of each column of a table: id, time, target or not used."""

import shlex
from dataclasses import replace

import pandas as pd

from forecaster.data.layouts.first_line import list_times
from forecaster.data.numbers.number_cells import looks_numeric
from forecaster.data.parts.part_cells import hold_times
from forecaster.data.parts.part_numbers import list_part_numbers
from forecaster.data.parts.time_parts import TimeParts, list_parts, refuse_centuries
from forecaster.data.problems import list_names
from forecaster.data.read_options import ReadOptions, RememberedOptions
from forecaster.data.roles.column_roles import Columns
from forecaster.data.roles.first_rows import FirstRows, leave_out_counter, take_given
from forecaster.data.roles.given_columns import check_given, split_names
from forecaster.data.roles.joined_time import JOINED_NAME, JoinedTime, join_parts
from forecaster.data.roles.number_keys import hold_decimals
from forecaster.data.roles.part_order import settle_order
from forecaster.data.roles.sample_rows import find_constant
from forecaster.data.roles.static_columns import check_static, find_unchanging
from forecaster.data.roles.taken_roles import refuse_taken_roles
from forecaster.data.roles.time_role import find_parts, find_time_column, need_all_parts
from forecaster.data.roles.value_roles import find_ids_by_name, find_values
from forecaster.errors import DataError, UsageError

__all__ = ["Columns", "check_targets", "find_columns"]

FIRST_TIMES = 20


def find_columns(sample: pd.DataFrame, *, name: str, options: ReadOptions, is_whole: bool = True) -> Columns:
    """Determine the role of each column from its name, then from its cells.

    `sample` holds the first rows as text; where it `is_whole`, a column that is empty there is empty in all rows.
    `options` override what would be detected. Raises DataError that names the file and the flag to use.
    """
    if options.known or options.past or options.static or options.categories:
        return _find_with_covariates(sample, name=name, options=options, is_whole=is_whole)
    rows = take_given(sample, name=name, options=options, is_whole=is_whole)
    is_time_found = options.time is None
    if is_time_found:
        refuse_centuries(rows.sample, name=name)
        rows = leave_out_counter(rows)
    time = find_time_column(rows)
    parts = find_parts(rows, time=time)
    if is_time_found and parts is not None:
        joined = None if JOINED_NAME in rows.header else join_parts(parts, rows.sample)
        if joined is not None and need_all_parts(rows, parts, time=time):
            return _find_beside_joined(rows, parts, joined)
        if joined is not None:
            parts = parts if parts.is_named else None
        elif parts.is_certain:
            raise DataError(f"{name}: {parts.describe()} If {time!r} alone numbers the steps, use --time {time}.")
    return _find_beside_time(rows, time, parts)


def _find_beside_joined(rows: FirstRows, parts: TimeParts, joined: JoinedTime) -> Columns:
    """The roles of the columns beside a time that is joined from several."""
    joined = settle_order(joined, rows.sample, name=rows.name)
    given = {*rows.ids, *rows.targets}
    # what follows from the joined columns, such as the quarter of a month, is no series
    taken = {*parts.columns, *list_parts(rows.sample)} - given
    others = rows.sample[[column for column in rows.header if column not in taken]]
    place = next(place for place, column in enumerate(rows.header) if column in taken)
    others.insert(place, JOINED_NAME, joined.join(rows.sample))
    options = replace(rows.options, time=JOINED_NAME)
    roles = find_columns(others, name=rows.name, options=options, is_whole=rows.is_whole)
    derived = tuple(column for column in rows.header if column in taken and column not in parts.columns)
    derived += rows.counters
    no_keys = (*roles.no_keys, *derived)
    return replace(roles, joined=joined, time_parts=None, ignored=roles.ignored + derived, no_keys=no_keys)


def _find_beside_time(rows: FirstRows, time: str, time_parts: TimeParts | None) -> Columns:
    """The roles of the columns beside that of the time, which may need some of them."""
    sample = rows.sample
    counts = list_part_numbers(sample, time=time, taken=(*rows.ids, *rows.targets), name=rows.name)
    ids = find_ids_by_name(rows, time=time)
    values = find_values(rows, time=time, ids=ids.columns)
    forecast = {time, *ids.columns, *values.targets}
    ignored = tuple(column for column in rows.header if column not in forecast)
    roles = Columns(
        *(ids.columns, time, values.targets, values.is_wide, (*ignored, *rows.counters), time_parts, values.undecided),
        row_id=ids.row_id,
    )
    if not values.targets:
        return roles
    parts = list_parts(sample)
    dated = tuple(column for column in ignored if column in parts or hold_times(sample[column]))
    return replace(
        roles,
        may_be_parts=tuple(column for column in ignored if column in counts),
        may_be_static=find_unchanging(sample, ids=ids.columns, ignored=ignored),
        constant=find_constant(sample, ignored) if rows.is_whole else (),
        no_keys=(*dated, *(column for column in ignored if column not in dated and hold_decimals(sample[column]))),
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


def _is_whole_time(cells: "pd.Series[str]") -> bool:
    """Whether each cell of a column of times is a date, and not all are the same one."""
    return bool(cells.notna().all()) and cells.nunique() > 1 and list_times([*cells.iloc[:FIRST_TIMES]]) is not None
