"""Parse the times of a table; those of a file of the future may be written in another way than those of the data."""

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.cells.table import Table
from forecaster.data.layouts.crossed_times import explain_no_times
from forecaster.data.layouts.row_codes import combine
from forecaster.data.names.date_names import names_month
from forecaster.data.parts.part_numbers import CLOSING_PERIODS
from forecaster.data.problems import Problems, count_more
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns
from forecaster.data.times.date_formats import check_short_years, quote_formats
from forecaster.data.times.dates import TimesText, parse_times
from forecaster.data.times.offsets import to_instants
from forecaster.data.times.ordinal_dates import suggest_ordinal
from forecaster.data.times.other_calendars import check_calendar
from forecaster.data.times.periods import guess_week_format
from forecaster.data.times.time_order import find_ordered_format
from forecaster.errors import DataError, SeveralFormatsError, UsageError

__all__ = ["parse_time_cells"]

MONTH_AND_YEAR = r"(?:0?[1-9]|1[0-2])([-/])\d{2}"
FRACTION_OF_YEAR = r"(?:1[6-9]|20)\d\d\.\d{2,}"
DAY_OF_YEAR = r"\d{1,2}([-/.]) ?\d{1,2}\1?"
"""A day without its year, as 1/31 or 31.1., where it is not written with the name of a month."""
LAST_DAY = 31
CLOSING_PERIOD = r"^01[3-6]\D|\d{4}\D?01[3-6]$"


def parse_time_cells(
    table: Table, *, columns: Columns, options: ReadOptions, problems: Problems, files: int
) -> TimesText:
    """The distinct times; cells that are none go to the `problems`.

    Rows of other than the first `files` are of the future.
    """
    cells = table.frame[columns.time]
    distinct = pd.Series(cells.cat.categories.to_list(), dtype=str).str.strip()
    if options.date_format is None and (reason := explain_no_times(distinct)) is not None:
        raise DataError(f"{table.name}, column {columns.time!r}: {reason}")
    codes = cells.cat.codes.to_numpy().astype(np.int64)
    name = f"{table.name}, column {columns.time!r}"
    parse = partial(parse_times, column=columns.time, timezone=options.timezone)
    is_later = table.lines >> 40 >= files

    def parse_alike(texts: "pd.Series[str]") -> TimesText:
        try:
            return parse(texts, name=name, date_format=options.date_format)
        except SeveralFormatsError as error:
            past = replace(table, frame=table.frame[~is_later], lines=table.lines[~is_later])
            chosen = _choose_by_order(past, distinct, error.formats, columns=columns)
            if chosen is None:
                raise
            times = parse(texts, name=name, date_format=check_short_years(texts, chosen, name=name))
            others = [text_format for text_format in error.formats if text_format != chosen]
            note = (
                f"dates are read as {chosen}, which alone puts the rows in order ({quote_formats(others)} reads others)"
            )
            return replace(times, notes=(*times.notes, note))

    if is_later.any():
        is_past = np.isin(np.arange(len(distinct)), codes[~is_later])
        later = table.files[files]
        parse_later = partial(_parse_local, parse=partial(parse, name=f"{later}, column {columns.time!r}"))
        has_zone = options.timezone is not None
        times = _parse_with_future(
            distinct, parse_alike, is_past=is_past, parse_later=parse_later, name=later, has_zone=has_zone
        )
        if options.timezone is not None and times.style.has_offset:
            times = _take_for_local(times, distinct, ~is_past, timezone=options.timezone, name=later)
    else:
        times = parse_alike(distinct)
    times = check_calendar(times, distinct, where=name, date_format=options.date_format)
    unreadable = times.unreadable[codes] & (codes >= 0)
    joined = columns.joined
    if unreadable.any() and joined is not None and "week" in joined.levels and not joined.has_health_weeks:
        problems.add(_explain_weeks(table, unreadable, distinct=distinct, columns=columns))
    elif unreadable.any():
        row = int(np.argmax(unreadable))
        where = table.locate(table.lines[row], column=columns.time)
        given = options.date_format
        reason = "cannot be read as a timestamp like the others" if given is None else f"is no date like {given}"
        remedy = f"Fix it, or {'give the date format with' if given is None else 'give another'} --date-format"
        if given is None and (weeks := guess_week_format(distinct)) is not None:
            remedy = f"If these are ISO weeks, use {quote_formats([weeks])}"
        elif given is None and (ordinal := suggest_ordinal(str(distinct[codes[row]]))) is not None:
            remedy = f"If it is a year and the day of the year, use {ordinal}"
        elif given is None and (short := re.fullmatch(MONTH_AND_YEAR, distinct[codes[row]])) is not None:
            flag = quote_formats([f"%m{short[1]}%y"])
            remedy = (
                f"If these are months and years, use {flag}; if they are days, write the year too, as in 2024-01-31"
            )
        elif given is None and re.fullmatch(FRACTION_OF_YEAR, distinct[codes[row]]):
            remedy = (
                "If it is a fraction of a year, write the date, as 2024-01-31; or number the rows in a column 'step', "
                "and use --time step"
            )
        elif given is None and _lacks_year(distinct[codes[row]]):
            remedy = "If it is a day, write its year, too, as in 2024-01-31"
        if given is None and re.search(CLOSING_PERIOD, str(distinct[codes[row]])):
            problems.add(DataError(f"{where}: {distinct[codes[row]]!r} is no month: {CLOSING_PERIODS}."))
            return times
        if table.lines[row] >> 40 >= files:
            remedy = "Write it as the times of the data are"
        more = count_more(int(unreadable.sum()), one="cell cannot be read", several="cells cannot be read")
        problems.add(DataError(f"{where}: {distinct[codes[row]]!r} {reason}. {remedy}.{more}"))
    return times


def _lacks_year(text: str) -> bool:
    """Whether a text may be a day without its year: two numbers, or one of up to 31 beside the name of a month."""
    words = re.findall(r"[^\W\d_]+", text)
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    is_named = len(words) == len(numbers) == 1 and names_month(words[0]) and 1 <= numbers[0] <= LAST_DAY
    return is_named or re.fullmatch(DAY_OF_YEAR, text) is not None


def _explain_weeks(
    table: Table, unreadable: NDArray[np.bool_], *, distinct: "pd.Series[str]", columns: Columns
) -> DataError:
    """The error for weeks that a year does not have, as where they are counted from 1 January on."""
    assert columns.joined is not None
    row = int(np.argmax(unreadable))
    cell = str(distinct[table.frame[columns.time].cat.codes.iloc[row]])
    where = table.locate(table.lines[row])
    names = " and ".join(map(repr, columns.joined.columns))
    ids = f"--id {shlex.quote(','.join(columns.ids))} " * columns.has_found_ids
    more = count_more(int(unreadable.sum()), one="cell is none", several="cells are none")
    return DataError(
        f"{where}: {cell.removesuffix(' (no week)')!r}, from {names}, is no week of that year. Fix it; if weeks are "
        "counted from 1 January on, as %U, %W and WEEKNUM do, write the first day of each row in one column instead, "
        f"as 2024-01-29, and use {ids}--freq W --aggregate sum (W-SAT where weeks begin on Sunday), as the new year "
        f"divides a week.{more}"
    )


def _choose_by_order(
    table: Table, distinct: "pd.Series[str]", formats: tuple[str, ...], *, columns: Columns
) -> str | None:
    """The only one of `formats` that puts the rows of each series and file in order."""
    codes = table.frame[columns.time].cat.codes.to_numpy().astype(np.int64)
    keys = [table.frame[column].cat.codes.to_numpy().astype(np.int64) for column in columns.ids]
    return find_ordered_format(distinct, codes, combine([table.lines >> 40, *keys]), formats)


def _parse_with_future(
    texts: "pd.Series[str]",
    parse: "Callable[[pd.Series[str]], TimesText]",
    *,
    is_past: NDArray[np.bool_],
    parse_later: "Callable[[pd.Series[str], str | None], TimesText]",
    name: str,
    has_zone: bool,
) -> TimesText:
    """The distinct times `texts` of the data, which `is_past` [text] tells, and of the file `name` of their future.

    Where `parse` cannot read all of them as written alike, `parse_later` reads those of the future, by a format of
    their own. Raises DataError where that could be several, of which not exactly one goes on where the data end.
    """
    blank = (texts.isna() | (texts == "")).to_numpy(bool)
    try:
        together = parse(texts)
    except DataError:
        together = None
    if together is not None and not (together.unreadable & ~blank).any():
        return _write_as_past(together, texts, parse, is_past=is_past)
    past, example = parse(texts[is_past]), texts[is_past & ~blank].iloc[0]
    try:
        later = _read_later(texts[~is_past], past, parse_later)
    except (DataError, UsageError) as error:
        reason = str(error).split(" Choose with ")[0].rstrip(".")
        raise DataError(f"{reason}. Write the times of {name} as those of the data, such as {example!r}.") from error
    is_local = has_zone and past.style.has_offset and not later.style.has_offset
    is_alike = later.wall.dtype == past.wall.dtype and (is_local or later.style.has_offset == past.style.has_offset)
    if not is_alike or (later.unreadable & ~blank[~is_past]).any() or past.unreadable.all():
        return together if together is not None else parse(texts)
    wall, instant = np.empty(len(texts), past.wall.dtype), np.empty(len(texts), past.instant.dtype)
    wall[is_past], instant[is_past] = past.wall, past.instant
    wall[~is_past] = later.wall
    instant[~is_past] = np.full(len(later.wall), "NaT", later.wall.dtype) if is_local else later.instant
    first = int(np.argmax(~is_past & ~blank))
    shown = np.datetime_as_string(wall[first], unit="D") if wall.dtype.kind == "M" else str(wall[first])
    note = f"{name}: times such as {texts.iloc[first]!r} are read as {shown}, other than those of the data"
    notes = past.notes if texts.iloc[first].startswith(shown) else (*past.notes, note)
    return replace(past, wall=wall, instant=instant, notes=notes)


def _write_as_past(
    times: TimesText,
    texts: "pd.Series[str]",
    parse: "Callable[[pd.Series[str]], TimesText]",
    *,
    is_past: NDArray[np.bool_],
) -> TimesText:
    """The `times`, in the style of those of the data alone, where they are read alike and have no UTC offset.

    Those of a future with one are dates, or stay as they are: which hours of the data they are is not known.
    """
    try:
        past = parse(texts[is_past])
    except DataError:  # the future tells in which of several ways they are read
        return times
    if past.style == times.style or past.style.has_offset or not np.array_equal(past.wall, times.wall[is_past]):
        return times
    if times.style.has_offset and not _are_dates(times.wall):
        return times
    return replace(times, instant=times.wall, style=past.style)


def _are_dates(times: NDArray[np.datetime64]) -> bool:
    known = times[~np.isnat(times)]
    return bool((known == known.astype("datetime64[D]")).all())


def _parse_local(texts: "pd.Series[str]", date_format: str | None, *, parse: "Callable[..., TimesText]") -> TimesText:
    """The times of the future by a format of their own; their zone, if it is known, is not needed by local ones."""
    try:
        return parse(texts, date_format=date_format)
    except UsageError:
        return parse(texts, date_format=date_format, timezone=None)


def _take_for_local(
    times: TimesText, texts: "pd.Series[str]", is_later: NDArray[np.bool_], *, timezone: str, name: str
) -> TimesText:
    """The `times` with those of the future `name` that have no UTC offset, [text], as local ones in `timezone`."""
    is_local = is_later & ~times.unreadable & np.isnat(times.instant)
    if not is_local.any():
        return times
    instant = times.instant.copy()
    instant[is_local] = to_instants(times.wall[is_local], timezone=timezone)
    example = texts.iloc[int(np.argmax(is_local))]
    note = f"{name}: times without a UTC offset, such as {example!r}, are read as local ones in {timezone}"
    return replace(times, instant=instant, notes=(*times.notes, note))


def _read_later(
    texts: "pd.Series[str]", past: TimesText, parse: "Callable[[pd.Series[str], str | None], TimesText]"
) -> TimesText:
    """The times of the future by their own format; of several, by the one by which they go on where the data end."""
    try:
        return parse(texts, None)
    except SeveralFormatsError as error:
        seen = np.unique(past.wall[~past.unreadable])
        found = [later for later in (parse(texts, one) for one in error.formats) if _goes_on(later, seen)]
        if len(found) != 1:
            raise
        return found[0]


def _goes_on(later: TimesText, seen: NDArray[np.datetime64]) -> bool:
    """Whether the first time after all that were `seen` comes as soon as these follow one another."""
    ahead = later.wall[~later.unreadable]
    if len(seen) < 2 or later.wall.dtype != seen.dtype or not (ahead > seen[-1]).any():
        return False
    return bool(ahead[ahead > seen[-1]].min() - seen[-1] <= np.diff(seen).max())
