"""Holidays as covariates: those of countries and subdivisions, or of a file with names and dates."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.cells.text_columns import read_all
from forecaster.data.covariate_sources.step_days import ONE_DAY, StepDays, find_days, require_days
from forecaster.data.covariates import HOLIDAYS, Covariates
from forecaster.data.files.contents import find_contents
from forecaster.data.layouts.sniffing import find_sources
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions, is_holiday_file, split_names
from forecaster.data.times.dates import parse_times
from forecaster.errors import ConfigurationError, DataError, ForecastError, UsageError

__all__ = ["Holidays", "add_holidays", "list_idle_files", "list_occurring", "locate_holidays", "read_holidays"]

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
    return tuple(str(Path(name).absolute()) if is_holiday_file(name) else name for name in split_names(given))


def read_holidays(given: tuple[str, ...], *, panel: Panel, ahead: int) -> Holidays:
    """The holidays from the first step of `panel` to `ahead` steps after its last.

    Each of `given` is a country, such as US, a subdivision, such as DE-BY, or a CSV file with names and dates. Raises
    UsageError for a country that is not known, and where the local days are not known, ConfigurationError where the
    package `holidays` is not installed, NotFoundError where there is no such file, DataError where it is not such a
    table.
    """
    require_days(panel, flag="--holidays")
    filled = panel.lengths > 0
    ends = panel.calendar.advance(panel.starts[filled], panel.lengths[filled] + ahead)
    # the day after a holiday, and the day before one, may lie in other years than the holiday
    years = range(_year(panel.starts[filled].min()) - 1, _year(ends.max()) + 2)
    found = [_read_file(name) if is_holiday_file(name) else _list_country(name, years) for name in split_names(given)]
    return Holidays(
        np.concatenate([holidays.dates for holidays in found]), np.concatenate([holidays.names for holidays in found])
    )


def list_idle_files(given: tuple[str, ...], *, panel: Panel) -> tuple[str, ...]:
    """The files among `given` that have no date in the time of `panel`, so that they explain nothing.

    What cannot be read is left to `read_holidays`.
    """
    filled = panel.lengths > 0
    if not filled.any():
        return ()
    first = panel.starts[filled].min()
    last = panel.calendar.advance(panel.starts[filled], panel.lengths[filled]).max()
    idle = []
    for name in filter(is_holiday_file, split_names(given)):
        with suppress(ForecastError):
            dates = read_holidays((name,), panel=panel, ahead=0).dates
            if not ((dates >= first) & (dates < last)).any():
                idle.append(name)
    return tuple(idle)


def add_holidays(
    panel: Panel,
    holidays: Holidays,
    *,
    ahead: int,
    names_last_day: bool = False,
    occurring: tuple[str, ...] | None = None,
) -> Covariates:
    """Covariates of the holidays in each step of each series, and in `ahead` steps after its end.

    Steps of a day or shorter: whether it is a holiday, the day before or after one, and which; only those that occur
    twice in the history have an effect of their own, or those named in `occurring`, where the panel is only a part of
    the data. Longer steps: how many there are, and the working days. What days a step has is as in `find_days`.
    """
    days = find_days(panel, ahead=ahead, names_last_day=names_last_day)
    counted = _count_holidays(holidays, days, occurring=occurring)
    return days.as_covariates(counted, columns=(HOLIDAYS,) * len(counted))


def list_occurring(panel: Panel, holidays: Holidays, *, names_last_day: bool = False) -> tuple[str, ...]:
    """The names of the holidays that occur twice in the history of `panel`."""
    days = find_days(panel, ahead=0, names_last_day=names_last_day)
    return tuple(name for name, _ in _iterate_occurring(holidays, days, occurring=None))


def _count_holidays(
    holidays: Holidays, days: StepDays, *, occurring: tuple[str, ...] | None
) -> dict[str, NDArray[np.float64]]:
    """Numbers of holidays in the steps of `days`, by name of the covariate."""
    dates, first, last = np.unique(holidays.dates), days.first, days.last
    counted = {ANY: _count_between(dates, first, last)}
    if days.are_long:
        counted[BUSINESS_DAYS] = np.busday_count(first, last + ONE_DAY, holidays=dates).astype(np.float64)
    else:
        counted[EVE] = _count_between(dates, first + ONE_DAY, last + ONE_DAY)
        counted[AFTER] = _count_between(dates, first - ONE_DAY, last - ONE_DAY)
    return counted | dict(_iterate_occurring(holidays, days, occurring=occurring))


def _iterate_occurring(
    holidays: Holidays, days: StepDays, *, occurring: tuple[str, ...] | None
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """The numbers of each holiday in the steps of `days`, of those that occur twice in the past, or are named."""
    for name in map(str, np.unique(holidays.names) if occurring is None else occurring):
        own = _count_between(np.unique(holidays.dates[holidays.names == name]), days.first, days.last)
        if occurring is not None or len(np.unique(days.first[days.is_past & (own > 0)])) >= MIN_TIMES:
            yield name, own


def _count_between(dates: NDArray[Any], first: NDArray[Any], last: NDArray[Any]) -> NDArray[np.float64]:
    """How many of the sorted `dates` lie from `first` to `last` [step]."""
    return (np.searchsorted(dates, last, side="right") - np.searchsorted(dates, first)).astype(np.float64)


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
