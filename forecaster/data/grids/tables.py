"""Read the cells of text files into one table of id, time and number columns."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from forecaster.data.cells.blanks_in_front import find_respelled
from forecaster.data.cells.copied_rows import refuse_copies
from forecaster.data.cells.joined_tables import join_tables
from forecaster.data.cells.left_out_lines import leave_out_headers, leave_out_longer_lines, leave_out_notes
from forecaster.data.cells.number_columns import Evidence, NumberColumn, Part, find_evidence, read_numbers
from forecaster.data.cells.shared_future import spread_over_series
from forecaster.data.cells.table import BEYOND_HEADER, Table, is_blank
from forecaster.data.cells.text_columns import SAMPLE_ROWS, explain_errors, read_columns, read_sample
from forecaster.data.covariate_sources.future_numbers import read_own_numbers
from forecaster.data.layouts.notes_below import NOTE
from forecaster.data.layouts.text_source import Source
from forecaster.data.number_style import NumberStyle, is_doubtful
from forecaster.data.numbers.number_cells import MISSING_WORDS, parse_numbers
from forecaster.data.problems import Problems, explain_absent
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns, check_targets, find_columns
from forecaster.data.roles.counted_rows import count_filled, count_rows
from forecaster.data.roles.future_columns import describe_absent, list_absent
from forecaster.data.roles.key_columns import find_ids, list_keys
from forecaster.data.roles.part_order import check_order
from forecaster.errors import DataError, ForecastError

__all__ = ["Table", "append_future", "is_blank", "read_future", "read_tables"]

FIRST_CELLS = 8
"""Cells of a column of numbers of which, most often, one shows the decimal mark."""


def read_tables(sources: list[Source], *, name: str, options: ReadOptions, problems: Problems) -> tuple[Table, Columns]:
    """The rows of all `sources` in one table called `name`; the roles of the columns come from the first source.

    Raises DataError for input that is not a table of text. Lines that are too long, and columns with text where
    numbers should be, go to the `problems`; the table has none of those lines, and no values in those columns.
    """
    problems.add(*(source.problem for source in sources if source.problem is not None))
    if options.decimal is not None:
        sources = [replace(source, decimal=options.decimal) for source in sources]
    has_periods = any(source.periods is not None for source in sources)
    counted, options = count_rows(sources[0].header, options=options, has_periods=has_periods, name=name)
    if counted:
        sources = [replace(source, header=(*source.header, counted), counted=counted) for source in sources]
    first = sources[0]
    with explain_errors(first):
        sample = read_sample(first)
    is_whole = len(sources) == 1 and len(sample) < SAMPLE_ROWS
    is_row_time = first.periods is not None and options.time == first.periods.row_time_name
    if first.time is not None and (is_row_time or not options.time):
        options = replace(options, time=first.time)
    if first.periods is not None and options.target is None:
        options = replace(options, target=first.periods.value)
    try:
        columns = find_columns(sample, name=first.name, options=options, is_whole=is_whole)
        if first.has_made_up_names:
            check_targets(sample, columns=columns, name=first.name, options=options)
    except ForecastError:
        problems.raise_any()  # it may follow from these
        raise
    keys = list_keys(
        sample.drop(columns=[*columns.explanatory]), columns=columns, options=options, periods=first.periods
    )
    keys = keys.take([source.header for source in sources])
    tables = _read_all(sources, columns=columns, keys=keys.columns, problems=problems)
    filled = sample
    if columns.undecided:
        late = _collect_late_cells(tables, columns.undecided, most=len(sample))
        filled, is_whole = pd.DataFrame({column: late.get(column, sample[column]) for column in sample}), True
        found = find_columns(filled, name=first.name, options=replace(options, ids=columns.ids or options.ids))
        # most undecided columns are text or empty, and need no second pass
        if found.targets != columns.targets:
            # the same lines are too long
            tables = _read_all(sources, columns=found, keys=keys.columns, problems=Problems())
        columns = found
    tables = _read_numbers(tables, sources, columns=columns, samples={0: sample}, options=options, problems=problems)
    table = join_tables(tables, columns=columns, name=name)
    ids = find_ids(table.frame, columns=columns, keys=keys, name=name, periods=first.periods)
    if ids is not None:
        options = replace(options, ids=ids)
        found = find_columns(filled, name=first.name, options=options, is_whole=is_whole)
        if found.targets != columns.targets:
            table = read_tables(sources, name=name, options=options, problems=Problems())[0]
        columns = replace(found, has_found_ids=True)
    elif first.periods is None:
        refuse_copies(table, columns=columns, keys=keys)
    used = [*columns.ids, columns.time, *columns.targets, *columns.explanatory]
    respelled = partial(find_respelled, sources, columns.ids or columns.constant)
    return replace(table, frame=table.frame[used], find_respelled=respelled), columns


def read_future(sources: list[Source], table: Table, *, columns: Columns, options: ReadOptions) -> Table:
    """`table` with the rows of `sources` below its own: times and covariates after the data, without targets.

    Raises DataError where such a file lacks a column of ids, the time or one that is known ahead.
    """
    if options.decimal is not None:
        sources = [replace(source, decimal=options.decimal) for source in sources]
    problems = Problems()
    problems.add(*(source.problem for source in sources if source.problem is not None))
    parts = []
    for source in sources:
        absent = list_absent(source.name, source.header, columns=columns)
        known = tuple(name for name in columns.known if name not in absent)
        ids = tuple(name for name in columns.ids if name in source.header)
        present = replace(columns, ids=ids, targets=(), undecided=(), known=known, past=(), static=())
        part = _read_all([source], columns=present, keys=(), problems=problems)[0]
        frame = pd.DataFrame({**part.frame, **dict.fromkeys(absent, np.nan)})
        parts.append(replace(part, frame=frame, notes=(*part.notes, *describe_absent(source.name, absent))))
    problems.raise_any()
    return append_future(table, parts, columns=columns, sources=sources)


def append_future(table: Table, parts: list[Table], *, columns: Columns, sources: list[Source] | None = None) -> Table:
    """`table` with the rows of `parts` below its own, which have only what is known ahead, read from `sources` of text.

    Raises DataError where it is not clear how these write numbers, or which series they are of.
    """
    parts = [spread_over_series(part, table, columns=columns) for part in parts]
    names = tuple(name for name in columns.known if name not in columns.categories)
    table, parts = read_own_numbers(table, parts, names=names, sources=sources)
    empty = dict.fromkeys((*columns.targets, *columns.past, *columns.static), np.nan)
    later = [replace(part, frame=part.frame.assign(**empty)[[*table.frame]]) for part in parts]
    joined = join_tables([table, *later], columns=columns, name=table.name)
    # the rows of the data name their own files
    lines = [table.lines] + [part.lines + (number << 40) for number, part in enumerate(later, start=len(table.files))]
    files = (*table.files, *(part.name for part in later))
    parts_of = enumerate(later, start=len(table.files))
    periods = table.periods | {number: part.periods[0] for number, part in parts_of if part.periods}
    joined = replace(joined, lines=np.concatenate(lines), files=files, periods=periods)
    notes = (*table.notes, *(note for part in parts for note in part.notes))
    return replace(joined, notes=notes, number_style=table.number_style, find_respelled=table.find_respelled)


def _read_all(sources: list[Source], *, columns: Columns, keys: tuple[str, ...], problems: Problems) -> list[Table]:
    """The tables of all sources, with the text of the columns `keys`, too."""
    tables = []
    for source in sources:
        _check_names(source, sources[0], columns=columns)
        with explain_errors(source):
            tables.append(_read_cells(source, columns=columns, keys=keys, problems=problems))
    return tables


def _read_numbers(
    tables: list[Table],
    sources: list[Source],
    *,
    columns: Columns,
    samples: dict[int, pd.DataFrame],
    options: ReadOptions,
    problems: Problems,
) -> list[Table]:
    """The tables with their target columns as numbers; `samples` are the first rows of some of the sources."""
    parts: dict[str, list[Part]] = {name: [] for name in columns.targets}
    for place, (table, source) in enumerate(zip(tables, sources, strict=True)):
        take_sample = cache(partial(_take_sample, source, samples.get(place)))
        find = cache(partial(_find_evidence, take_sample, columns=columns, delimiter=source.delimiter))
        texts = (
            {} if options.decimal is not None else _read_doubtful(source, table, columns=columns, sample=take_sample)
        )
        for name in columns.targets:
            locate = partial(table.locate_cell, name, ids=columns.ids)
            cells = table.frame[name].array
            is_text = isinstance(cells, pd.Categorical)
            values = None if is_text else table.frame[name].to_numpy(np.float64)
            parts[name].append(Part(values, cells if is_text else texts.get(name), source.decimal, find, locate))
    found = {
        name: NumberColumn([np.full(len(table.frame), np.nan) for table in tables], "") for name in columns.targets
    }
    for name in columns.targets:
        with problems.collect():
            found[name] = read_numbers(parts[name], name=name, options=options)
    notes = tuple(note for column in found.values() for note in column.notes)
    decimal = next((column.decimal for column in found.values() if column.decimal), sources[0].decimal)
    usual = ";" if decimal == "," else ","
    style = NumberStyle(usual if sources[0].is_rewritten else sources[0].delimiter, decimal)
    for place, table in enumerate(tables):
        read = {name: column.values[place] for name, column in found.items()}
        numbers = {name: values for name, values in read.items() if values is not parts[name][place].numbers}
        tables[place] = replace(table.replace_columns(numbers), number_style=style, notes=(*table.notes, *notes))
    return tables


def _take_sample(source: Source, sample: pd.DataFrame | None) -> pd.DataFrame:
    return read_sample(source) if sample is None else sample


def _find_evidence(take_sample: Callable[[], pd.DataFrame], *, columns: Columns, delimiter: str) -> Evidence:
    return find_evidence(take_sample(), times=columns.time_columns, ids=columns.ids, delimiter=delimiter)


def _read_doubtful(
    source: Source, table: Table, *, columns: Columns, sample: Callable[[], pd.DataFrame]
) -> dict[str, pd.Categorical]:
    """The text of the columns of plain numbers whose decimal mark may separate thousands."""
    written = [name for name in columns.targets if name != source.counted]
    numbers = [name for name in written if not isinstance(table.frame[name].dtype, pd.CategoricalDtype)]
    doubtful = [name for name in numbers if is_doubtful(table.frame[name].to_numpy(np.float64))]
    cells = {name: [*sample()[name].dropna().unique()] for name in doubtful}
    parts = {name: (texts[:FIRST_CELLS], texts[FIRST_CELLS:]) for name, texts in cells.items()}
    wanted = [name for name in doubtful if not any(parse_numbers(part).decimals for part in parts[name])]
    if not wanted:
        return {}
    rows = table.lines - source.first_line * source.rows_of_line
    # the sample of a short file holds all of its rows
    is_whole = source.periods is None and not table.notes and rows.max() < len(sample()) < SAMPLE_ROWS
    texts = (
        sample()[wanted].astype("category")
        if is_whole
        else read_columns(source, wanted=wanted, dtype="category", na_values=dict.fromkeys(wanted, MISSING_WORDS))
    )
    return {name: texts[name].array.take(rows) for name in wanted}


def _check_names(source: Source, first: Source, *, columns: Columns) -> None:
    """Raise DataError where a source lacks a column that is read from the first."""
    numbers = [*columns.targets, *columns.explanatory]
    present = {*source.header}
    absent = next((cell for cell in [*columns.ids, *columns.time_columns, *numbers] if cell not in present), None)
    if absent is None:
        return
    if source.has_made_up_names != first.has_made_up_names:
        bare, other = (source, first) if source.has_made_up_names else (first, source)
        raise DataError(f"{bare.name}: no header line, which {other.name} has. Put the same one above the rows.")
    raise DataError(explain_absent(source.name, absent, present=source.header))


def _read_cells(source: Source, *, columns: Columns, keys: tuple[str, ...], problems: Problems) -> Table:
    numbers = [column for column in (*columns.targets, *columns.explanatory) if column != source.counted]
    undecided = [column for column in columns.undecided if column in source.header]
    arguments: dict[str, Any] = {"wanted": [*columns.ids, *columns.time_columns, *numbers, *undecided, *keys]}
    arguments["na_values"] = dict.fromkeys([*columns.time_columns, *numbers, *undecided, BEYOND_HEADER], MISSING_WORDS)
    arguments["na_values"] |= {name: [""] for name in columns.explanatory}  # words are told from blanks
    arguments["wanted"] += [] if source.periods is None else [NOTE]
    others = [name for name in source.columns if name and name not in arguments["wanted"]] if source.counted else []
    arguments["wanted"] += others
    arguments["na_values"] |= {name: [""] for name in others}
    codes = [column for column in columns.explanatory if column in columns.categories]
    texts = [*columns.ids, *columns.time_columns, *undecided, *keys, *codes, *others, BEYOND_HEADER]
    dtypes = dict.fromkeys(numbers, "float64") | dict.fromkeys(texts, "category")
    try:
        frame = read_columns(source, dtype=dtypes, **arguments)
    except ValueError as error:
        if isinstance(error, UnicodeError | pd.errors.ParserError):
            raise
        # not all are plain numbers: see number_columns
        frame = read_columns(source, dtype="category", **arguments)
    lines = np.arange(len(frame)) + source.first_line * source.rows_of_line
    periods = {} if source.periods is None else {0: source.periods}
    table = Table(source.name, (source.name,), frame, lines, source.line_name, periods=periods)
    table = leave_out_headers(table)
    if columns.joined is not None:
        check_order(columns.joined, table.frame, name=source.name)
        table = replace(table, notes=(*table.notes, *columns.joined.explain_hours(table.frame)))
        table.frame[columns.time] = columns.joined.join(table.frame).astype("category")
    table = leave_out_notes(table)
    if source.counted:
        counts = count_filled(table.frame.drop(columns=BEYOND_HEADER))
        table = replace(table, frame=table.frame.drop(columns=others).assign(**{source.counted: counts}))
    table = table.drop_blank_rows(columns)
    if not len(table.frame):
        raise DataError(f"{source.name}: only a header line, no rows. Add at least a few rows of data.")
    return leave_out_longer_lines(table, columns=len(source.columns), problems=problems)


def _collect_late_cells(tables: list[Table], columns: tuple[str, ...], *, most: int) -> dict[Any, "pd.Series[str]"]:
    """The first `most` cells of each of `columns` that are not empty, taken out of the tables."""
    late: dict[Any, pd.Series[str]] = {}
    for column in columns:
        found = [table.frame.pop(column).dropna().head(most) for table in tables if column in table.frame]
        late[column] = pd.Series([cell for cells in found for cell in cells][:most], dtype=str)
    return late
