"""Holidays as covariates: those of countries and subdivisions, or of a file with names and dates."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.contents import find_contents
from forecaster.data.covariates import HOLIDAYS, Covariates
from forecaster.data.dates import parse_times, to_local
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions, is_holiday_file, split_holidays
from forecaster.data.sniffing import find_sources
from forecaster.data.text_columns import read_all
from forecaster.errors import ConfigurationError, DataError, UsageError

__all__ = ["Holidays", "add_holidays", "locate_holidays", "read_holidays"]

DAY = np.timedelta64(1, "D")
ANY, EVE, AFTER, BUSINESS_DAYS = "holiday", "day before holiday", "day after holiday", "business days"
MIN_TIMES = 2
"""Times that a holiday must lie in the history, before it has an effect of its own beside that of all holidays."""


@dataclass(frozen=True)
class Holidays:
    """Dates of holidays [holiday] and their names; a date can have several."""

    dates: NDArray[Any]
    names: NDArray[Any]


def locate_holidays(given: tuple[str, ...]) -> tuple[str, ...]:
    """`given`, with the whole paths of files, for a model that is used from another folder."""
    return tuple(str(Path(name).absolute()) if is_holiday_file(name) else name for name in split_holidays(given))


def read_holidays(given: tuple[str, ...], *, panel: Panel, ahead: int) -> Holidays:
    """The holidays from the first step of `panel` to `ahead` steps after its last.

    Each of `given` is a country, such as US, a subdivision, such as DE-BY, or a CSV file with names and dates. Raises
    UsageError for a country that is not known, and where the local days are not known, ConfigurationError where the
    package `holidays` is not installed, NotFoundError where there is no such file, DataError where it is not such a
    table.
    """
    style = panel.time_style
    if style.format is None:
        raise UsageError("--holidays: the timestamps are whole numbers, which have no dates. Leave --holidays out.")
    if style.has_offset and style.timezone is None and not panel.calendar.uses_wall_clock:
        raise UsageError(
            "--holidays: the timestamps do not tell the local days, which begin at other times than those of UTC. Name "
            "the time zone, such as --timezone America/New_York, or --timezone UTC."
        )
    filled = panel.lengths > 0
    ends = panel.calendar.advance(panel.starts[filled], panel.lengths[filled] + ahead)
    # the day after a holiday, and the day before one, may lie in other years than the holiday
    years = range(_year(panel.starts[filled].min()) - 1, _year(ends.max()) + 2)
    found = [
        _read_file(name) if is_holiday_file(name) else _list_country(name, years) for name in split_holidays(given)
    ]
    return Holidays(
        np.concatenate([holidays.dates for holidays in found]), np.concatenate([holidays.names for holidays in found])
    )


def add_holidays(panel: Panel, holidays: Holidays, *, ahead: int, names_last_day: bool = False) -> Covariates:
    """Covariates of the holidays in each step of each series, and in `ahead` steps after its end.

    Steps of a day or shorter: whether it is a holiday, the day before or after one, and which; only those that occur
    twice in the history have an effect of their own. Longer steps: how many there are, and the working days. A step
    lasts from its timestamp to the next one; with `names_last_day`, and at month ends, it ends with the day of it.
    """
    lengths = np.where(panel.lengths > 0, panel.lengths + ahead, 0)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    series = np.repeat(np.arange(len(panel)), lengths)
    steps = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    # the steps of series that begin together lie at the same times
    starts, group = np.unique(panel.starts, return_inverse=True)
    longest = np.zeros(len(starts), np.int64)
    np.maximum.at(longest, group, lengths)
    before = np.cumsum(longest) - longest
    number = np.repeat(np.arange(len(starts)), longest)
    step = np.arange(len(number)) - before[number]
    is_last = names_last_day or panel.calendar.month_end
    begins, ends = (
        panel.calendar.advance(starts[number], step + further - is_last) + is_last * DAY for further in (0, 1)
    )
    if panel.time_style.timezone is not None and not panel.calendar.uses_wall_clock:
        begins, ends = (to_local(times, timezone=panel.time_style.timezone) for times in (begins, ends))
    first, last = begins.astype("datetime64[D]"), (ends - np.timedelta64(1, "us")).astype("datetime64[D]")
    if panel.calendar.has_closed_steps:
        last = first  # not the closed days and hours that follow
    is_past = step < longest[number] - ahead
    columns = _count_holidays(holidays, first, last, is_past=is_past)
    values = np.stack(list(columns.values()), axis=1)[before[group][series] + steps]
    names = tuple(columns)
    return Covariates(names, (HOLIDAYS,) * len(names), np.ones(len(names), bool), values, offsets)


def _count_holidays(
    holidays: Holidays, first: NDArray[Any], last: NDArray[Any], *, is_past: NDArray[np.bool_]
) -> dict[str, NDArray[np.float64]]:
    """For steps from the day `first` to the day `last` [step]: numbers of holidays, by name of the covariate."""
    days = np.unique(holidays.dates)
    counted = {ANY: _count_between(days, first, last)}
    is_long = bool((last > first).any())
    if is_long:
        counted[BUSINESS_DAYS] = np.busday_count(first, last + DAY, holidays=days).astype(np.float64)
    else:
        counted[EVE] = _count_between(days, first + DAY, last + DAY)
        counted[AFTER] = _count_between(days, first - DAY, last - DAY)
    for name in np.unique(holidays.names):
        own = _count_between(np.unique(holidays.dates[holidays.names == name]), first, last)
        if len(np.unique(first[is_past & (own > 0)])) >= MIN_TIMES:
            counted[str(name)] = own
    return counted


def _count_between(days: NDArray[Any], first: NDArray[Any], last: NDArray[Any]) -> NDArray[np.float64]:
    """How many of the sorted `days` lie from `first` to `last` [step]."""
    return (np.searchsorted(days, last, side="right") - np.searchsorted(days, first)).astype(np.float64)


def _list_country(given: str, years: range) -> Holidays:
    try:
        import holidays as package  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "--holidays needs the package 'holidays', which is not installed: pip install 'forecast-lstm[holidays]'."
        ) from error
    country, _, subdivision = given.upper().partition("-")
    try:
        found = package.country_holidays(country, subdiv=subdivision or None, years=years, language="en_US")
    except (NotImplementedError, ValueError) as error:
        known = package.list_supported_countries()
        hint = f" It has {', '.join(known[country])}." if subdivision and known.get(country) else ""
        raise UsageError(
            f"--holidays {given}: no such country or subdivision.{hint} Give an ISO code, such as US, DE or DE-BY, "
            "or a CSV file with names and dates."
        ) from error
    pairs = [(date, name.strip()) for date, names in found.items() for name in names.split(";")]
    return Holidays(np.array([date for date, _ in pairs], "datetime64[D]"), np.array([name for _, name in pairs]))


def _read_file(path: str) -> Holidays:
    """Dates and names of a CSV file: the column that holds dates, and the first other one, if any.

    The first line may name the columns. Raises DataError where not one column holds dates, or a row has none.
    """
    source = find_sources(find_contents((path,))[0], options=ReadOptions(header=False))[0]
    cells = read_all(source).fillna("").apply(lambda column: column.str.strip())
    cells = cells[(cells != "").any(axis=1)].reset_index(drop=True)
    if len(cells) > 1 and not cells.iloc[0].str.contains(r"\d").any():
        cells = cells.iloc[1:].reset_index(drop=True)
    found = {}
    for column in cells:
        try:
            times = parse_times(cells[column], name=path)
        except DataError:
            continue
        if times.style.format is not None and "d" in times.style.format and times.unreadable.mean() < 0.5:
            found[column] = times
    if len(found) != 1:
        held = "several columns hold" if found else "no column holds"
        raise DataError(
            f"{path}: {held} dates that have one reading only. Write names and dates, such as fair,2024-12-25, and a "
            "row for each day."
        )
    column, times = next(iter(found.items()))
    if times.unreadable.any():
        row = cells.iloc[int(np.argmax(times.unreadable))]
        raise DataError(
            f"{path}: {','.join(row)!r} has no date like those of the other rows. Fix it or delete the row."
        )
    other = next((name for name in cells if name != column), None)
    names = np.full(len(cells), ANY) if other is None else cells[other].replace("", ANY).to_numpy(str)
    return Holidays(times.wall.astype("datetime64[D]"), names)


def _year(moment: Any) -> int:
    return int(moment.astype("datetime64[Y]").astype(int)) + 1970
