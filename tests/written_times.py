"""The forms in which times are written to the files of tests/written_tables.py."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

__all__ = ["CALENDARS", "Steps", "TimeForm", "list_forms"]

Cells = list[tuple[str, ...]]
ZERO_OF_EXCEL = pd.Timestamp("1899-12-30")
MONTHS = {
    "German": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "short German": "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "Dutch": "jan feb mrt apr mei jun jul aug sep okt nov dec",
}


@dataclass(frozen=True)
class Steps:
    """A calendar: the rule that makes its times, the group of forms that can write it, and the first times."""

    group: str
    firsts: tuple[str, ...]
    freq: str = ""

    def list_times(self, first: str, count: int) -> pd.DatetimeIndex:
        """`count` times from `first` on."""
        if self.freq == "middle of the month":
            return pd.date_range(pd.Timestamp(first).replace(day=1), periods=count, freq="MS") + pd.Timedelta(days=14)
        if self.freq:
            return pd.date_range(first, periods=count, freq=self.freq)
        days = pd.date_range(first, periods=2 * count + 14)  # Sundays are closed
        return days[days.day_of_week < 6][:count]


@dataclass(frozen=True)
class TimeForm:
    """One way of writing times, in the cells of one or several columns.

    `others` are patterns by which the same text may be a different date; `offset` are the minutes that the written
    clock is ahead of UTC, None where the text does not say. A form that `is_doubtful` may be no time at all.
    """

    write: Callable[[pd.DatetimeIndex], Cells]
    others: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    offset: int | None = None
    is_doubtful: bool = False

    def is_ambiguous(self, cells: Cells) -> bool:
        """Whether all `cells` can be read in another way."""
        return self.is_doubtful or any(all(_fits(" ".join(cell), other) for cell in cells) for other in self.others)


CALENDARS = {
    "daily": Steps("day", ("2023-01-15", "2024-02-20", "2019-12-28", "2024-03-01", "1999-11-20"), "D"),
    "monthly": Steps("month", ("2018-01-01", "2021-05-01", "2005-12-01"), "MS"),
    "hourly": Steps("minute", ("2024-01-10 00:00", "2023-12-30 17:00", "2024-03-03 05:00"), "h"),
    "every 15min": Steps("minute", ("2024-01-10 00:00", "2023-12-31 20:15", "2024-05-05 05:45"), "15min"),
    "every 1min": Steps("minute", ("2024-01-10 00:00", "2023-12-31 23:45"), "min"),
    "every 2h": Steps("minute", ("2024-01-10 00:00", "2022-06-06 06:00"), "2h"),
    "weekly": Steps("week", ("2023-01-02", "2019-11-25"), "7D"),
    "weekly, Sundays": Steps("day", ("2023-01-01", "2020-06-07"), "7D"),
    "quarterly": Steps("quarter", ("2006-01-01", "2010-10-01"), "QS"),
    "yearly": Steps("year", ("1960-01-01", "1981-01-01"), "YS"),
    "yearly, last days": Steps("month by days", ("1975-12-31",), "YE"),
    "monthly, last days": Steps("day", ("2019-01-31", "2020-11-30"), "ME"),
    "monthly, middle": Steps("month by days", ("2019-01-15", "2020-12-15"), "middle of the month"),
    "business-daily": Steps("day", ("2023-01-16", "2024-03-01"), "B"),
    "closed on Sundays": Steps("day", ("2023-01-16", "2024-03-01")),
}


def _fits(text: str, pattern: str) -> bool:
    try:
        return datetime.strptime(re.sub(r"([ap])\. ?m\.", r"\1m", text), pattern).year < 2051
    except ValueError:
        return False


def _pattern(pattern: str, *others: str, offset: int | None = None, is_doubtful: bool = False) -> TimeForm:
    def write(times: pd.DatetimeIndex) -> Cells:
        return [(text,) for text in times.strftime(pattern)]

    return TimeForm(write, others, offset=offset, is_doubtful=is_doubtful)


def _half_days(pattern: str, am: str, pm: str, *others: str) -> TimeForm:
    def write(times: pd.DatetimeIndex) -> Cells:
        return [(text.replace("AM", am).replace("PM", pm),) for text in times.strftime(pattern)]

    return TimeForm(write, others)


def _columns(names: str, *patterns: str, others: tuple[str, ...] = ()) -> TimeForm:
    def write(times: pd.DatetimeIndex) -> Cells:
        return list(zip(*(times.strftime(pattern).tolist() for pattern in patterns), strict=True))

    return TimeForm(write, others, columns=tuple(names.split()))


def _named(language: str, pattern: str) -> TimeForm:
    names = MONTHS[language].split()

    def write(times: pd.DatetimeIndex) -> Cells:
        texts = zip(times.strftime(pattern), times.month, strict=True)
        return [(text.replace("MONTH", names[month - 1]),) for text, month in texts]

    return TimeForm(write)


def _quarters(pattern: str, *, is_doubtful: bool = False) -> TimeForm:
    def write(times: pd.DatetimeIndex) -> Cells:
        return [(time.strftime(pattern).replace("QUARTER", str(time.quarter)),) for time in times]

    return TimeForm(write, is_doubtful=is_doubtful)


def _fractions(form: str) -> TimeForm:
    def write(times: pd.DatetimeIndex) -> Cells:
        return [(format(time.year + (time.month - 1) / 12, form),) for time in times]

    return TimeForm(write)


def _epochs(pattern: str) -> TimeForm:
    def write(times: pd.DatetimeIndex) -> Cells:
        return [(pattern.format(int(time.timestamp())),) for time in times]

    return TimeForm(write, offset=0)


def _serials(decimals: int) -> TimeForm:
    def write(times: pd.DatetimeIndex) -> Cells:
        days = np.asarray((times - ZERO_OF_EXCEL) / pd.Timedelta(days=1))
        return [(f"{day:.{decimals}f}",) for day in days]

    return TimeForm(write)


# the forms of each group are those of the dates or times that it can be written with; simple ones come first
DATES = {
    "%Y-%m-%d": _pattern("%Y-%m-%d"),
    "%d.%m.%Y": _pattern("%d.%m.%Y", "%m.%d.%Y"),
    "%m/%d/%Y": _pattern("%m/%d/%Y", "%d/%m/%Y"),
    "%d/%m/%Y": _pattern("%d/%m/%Y", "%m/%d/%Y"),
    "%-m/%-d/%Y": _pattern("%-m/%-d/%Y", "%d/%m/%Y"),
    "%-d.%-m.%Y": _pattern("%-d.%-m.%Y", "%m.%d.%Y"),
    "%d-%m-%Y": _pattern("%d-%m-%Y", "%m-%d-%Y"),
    "%d %m %Y": _pattern("%d %m %Y", "%m %d %Y"),
    "%Y/%m/%d": _pattern("%Y/%m/%d"),
    "%Y.%m.%d": _pattern("%Y.%m.%d"),
    "%Y%m%d": _pattern("%Y%m%d"),
    "%d %b %Y": _pattern("%d %b %Y"),
    "%d-%b-%Y": _pattern("%d-%b-%Y"),
    "%b %d, %Y": _pattern("%b %d, %Y"),
    "%B %-d, %Y": _pattern("%B %-d, %Y"),
    "%d%b%Y": _pattern("%d%b%Y"),
    "%Y-%m-%dT%H:%M:%S": _pattern("%Y-%m-%dT%H:%M:%S"),
    "%Y-%m-%d %H:%M:%S": _pattern("%Y-%m-%d %H:%M:%S"),
    "%Y-%m-%dT%H:%M:%S.000Z": _pattern("%Y-%m-%dT%H:%M:%S.000Z", offset=0),
    "%Y-%m-%d %H:%M:%S+02:00": _pattern("%Y-%m-%d %H:%M:%S+02:00", offset=120),
    "%Y-%m-%d 00:00:00.000": _pattern("%Y-%m-%d 00:00:00.000"),
    "%a %b %d %Y": _pattern("%a %b %d %Y"),
    "%a, %d %b %Y": _pattern("%a, %d %b %Y"),
    "%d. %B %Y": _pattern("%d. %B %Y"),
    "%-m/%-d/%Y 12:00:00 AM": _pattern("%-m/%-d/%Y 12:00:00 AM", "%d/%m/%Y %I:%M:%S %p"),
    "%G-W%V-%u": _pattern("%G-W%V-%u"),
    "1. Januar 2024": _named("German", "%-d. MONTH %Y"),
    "1 janvier 2024": _named("French", "%-d MONTH %Y"),
    "1 de enero de 2024": _named("Spanish", "%-d de MONTH de %Y"),
    "Monday": _pattern("%A, %B %d, %Y"),
    "serials": _serials(0),
    "epoch seconds": _epochs("{}"),
    "epoch milliseconds": _epochs("{}000"),
}
SHORT_YEARS = {
    "%d.%m.%y": _pattern("%d.%m.%y", "%m.%d.%y", "%y.%m.%d"),
    "%m/%d/%y": _pattern("%m/%d/%y", "%d/%m/%y", "%y/%m/%d"),
    "%y-%m-%d": _pattern("%y-%m-%d", "%d-%m-%y", "%m-%d-%y"),
    "%d-%b-%y": _pattern("%d-%b-%y", "%y-%b-%d"),
    "%d/%b/%y": _pattern("%d/%b/%y", "%y/%b/%d"),
    "%y%m%d": _pattern("%y%m%d", "%d%m%y", "%m%d%y"),
    "%d%m%Y": _pattern("%d%m%Y", "%m%d%Y", "%Y%m%d"),
    "%Y%j": _pattern("%Y%j", is_doubtful=True),
    "%Y-%j": _pattern("%Y-%j", is_doubtful=True),
}
MONTH_FORMS = {
    "%Y-%m": _pattern("%Y-%m"),
    "%m/%Y": _pattern("%m/%Y"),
    "%m.%Y": _pattern("%m.%Y"),
    "%Y/%m": _pattern("%Y/%m"),
    "%m-%Y": _pattern("%m-%Y"),
    "%b. %Y": _pattern("%b. %Y"),
    "%Y:%m": _pattern("%Y:%m"),
    "%Y%m": _pattern("%Y%m"),
    "%YM%m": _pattern("%YM%m"),
    "%b %Y": _pattern("%b %Y"),
    "%B %Y": _pattern("%B %Y"),
    "%Y-%b": _pattern("%Y-%b"),
    "%b%Y": _pattern("%b%Y"),
    "%b-%y": _pattern("%b-%y", "%b-%d"),
    "%m/%y": _pattern("%m/%y", is_doubtful=True),
    "fractions of years": _fractions(".15g"),
    "%d.%m.%Y": DATES["%d.%m.%Y"],
    "%m/%d/%Y": DATES["%m/%d/%Y"],
    "Januar 2024": _named("German", "MONTH %Y"),
    "janvier 2024": _named("French", "MONTH %Y"),
    "Jan 2024, German": _named("short German", "MONTH %Y"),
    "jan-24, Dutch": _named("Dutch", "MONTH-%y"),
    "Year Month": _columns("Year Month", "%Y", "%-m"),
    "Jahr Monat": _columns("Jahr Monat", "%Y", "%m"),
}
MONTH_FORMS |= DATES
WEEK_FORMS = {
    "%G-W%V": _pattern("%G-W%V"),
    "%GW%V": _pattern("%GW%V"),
    "KW %V/%G": _pattern("KW %V/%G"),
    "W%V %G": _pattern("W%V %G"),
    "%G W%-V": _pattern("%G W%-V"),
    "Year Week": _columns("Year Week", "%G", "%-V"),
    "%G%V": _pattern("%G%V", is_doubtful=True),
    **DATES,
}
QUARTER_FORMS = {
    "%YQ%q": _quarters("%YQQUARTER"),
    "%Y-Q%q": _quarters("%Y-QQUARTER"),
    "Q%q %Y": _quarters("QQUARTER %Y"),
    "%qQ%Y": _quarters("QUARTERQ%Y"),
    "%Y:Q%q": _quarters("%Y:QQUARTER"),
    "%Y%q": _quarters("%YQUARTER", is_doubtful=True),
    "%Y.%q": _quarters("%Y.QUARTER", is_doubtful=True),
    "fractions of years": _fractions(".2f"),
    "%b %Y": MONTH_FORMS["%b %Y"],
    **DATES,
}
YEAR_FORMS = {"%Y": _pattern("%Y"), "%Y.0": _pattern("%Y.0"), **DATES}
MINUTE_FORMS = {
    "%Y-%m-%d %H:%M": _pattern("%Y-%m-%d %H:%M"),
    "%Y-%m-%dT%H:%M:%S": _pattern("%Y-%m-%dT%H:%M:%S"),
    "%Y-%m-%dT%H:%MZ": _pattern("%Y-%m-%dT%H:%MZ", offset=0),
    "%Y-%m-%dT%H:%M:%S+02:00": _pattern("%Y-%m-%dT%H:%M:%S+02:00", offset=120),
    "%Y-%m-%d %H:%M:%S-05": _pattern("%Y-%m-%d %H:%M:%S-05", offset=-300),
    "%Y-%m-%d %H:%M +0530": _pattern("%Y-%m-%d %H:%M +0530", offset=330),
    "%Y-%m-%d %H:%M:%S UTC": _pattern("%Y-%m-%d %H:%M:%S UTC", offset=0),
    "%Y-%m-%dT%H:%M:%S.000Z": DATES["%Y-%m-%dT%H:%M:%S.000Z"],
    "%d.%m.%Y %H:%M": _pattern("%d.%m.%Y %H:%M", "%m.%d.%Y %H:%M"),
    "%d/%m/%Y %H:%M:%S": _pattern("%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"),
    "%m/%d/%Y %I:%M %p": _pattern("%m/%d/%Y %I:%M %p", "%d/%m/%Y %I:%M %p"),
    "%-m/%-d/%Y %-I:%M:%S %p": _pattern("%-m/%-d/%Y %-I:%M:%S %p", "%d/%m/%Y %I:%M:%S %p"),
    "%-m/%-d/%Y %-H:%M": _pattern("%-m/%-d/%Y %-H:%M", "%d/%m/%Y %H:%M"),
    "%d.%m.%y %H:%M": _pattern("%d.%m.%y %H:%M", "%m.%d.%y %H:%M", "%y.%m.%d %H:%M"),
    "%Y-%m-%d %I:%M %p": _pattern("%Y-%m-%d %I:%M %p"),
    "%Y-%m-%d %-I:%M am": _half_days("%Y-%m-%d %-I:%M %p", "am", "pm"),
    "%m/%d/%Y %I:%M a.m.": _half_days("%m/%d/%Y %I:%M %p", "a.m.", "p.m.", "%d/%m/%Y %I:%M %p"),
    "%d/%m/%Y %I:%Ma. m.": _half_days("%d/%m/%Y %I:%M%p", "a. m.", "p. m.", "%m/%d/%Y %I:%M%p"),
    "%d/%m/%Y %I:%M%p": _pattern("%d/%m/%Y %I:%M%p", "%m/%d/%Y %I:%M%p"),
    "%d/%b/%Y:%H:%M:%S": _pattern("%d/%b/%Y:%H:%M:%S"),
    "%a, %d %b %Y %H:%M:%S +0000": _pattern("%a, %d %b %Y %H:%M:%S +0000", offset=0),
    "%Y%m%d %H:%M": _pattern("%Y%m%d %H:%M"),
    "%d.%m.%Y, %H:%M": _pattern("%d.%m.%Y, %H:%M", "%m.%d.%Y, %H:%M"),
    "%H:%M %d/%m/%Y": _pattern("%H:%M %d/%m/%Y", "%H:%M %m/%d/%Y"),
    "%Y%m%d%H%M": _pattern("%Y%m%d%H%M"),
    "%Y%m%dT%H%M": _pattern("%Y%m%dT%H%M"),
    "%Y%m%d%H%M%S": _pattern("%Y%m%d%H%M%S"),
    "%Y/%m/%d %H:%M": _pattern("%Y/%m/%d %H:%M"),
    "%d-%b-%Y %H:%M": _pattern("%d-%b-%Y %H:%M"),
    "%b %d, %Y %I:%M %p": _pattern("%b %d, %Y %I:%M %p"),
    "epoch seconds": _epochs("{}"),
    "epoch seconds as floats": _epochs("{}.0"),
    "epoch milliseconds": _epochs("{}000"),
    "epoch microseconds": _epochs("{}000000"),
    "epoch nanoseconds": _epochs("{}000000000"),
    "serials": _serials(8),
    "Year Month Day Hour Minute": _columns("Year Month Day Hour Minute", "%Y", "%-m", "%-d", "%-H", "%-M"),
    "Date Time": _columns("Date Time", "%Y-%m-%d", "%H:%M"),
    "Date and %H%M": _columns("Date Time", "%Y-%m-%d", "%H%M"),
    "Datum Uhrzeit": _columns("Datum Uhrzeit", "%d.%m.%Y", "%H:%M", others=("%m.%d.%Y %H:%M",)),
}
FORMS = {
    "year": YEAR_FORMS,
    "quarter": QUARTER_FORMS,
    "month": MONTH_FORMS,
    "week": WEEK_FORMS,
    "day": DATES | SHORT_YEARS | {"Year Month Day": _columns("Year Month Day", "%Y", "%-m", "%-d")},
    "month by days": DATES | SHORT_YEARS,
    "minute": MINUTE_FORMS,
}


def list_forms(group: str) -> dict[str, TimeForm]:
    """The forms that can write the times of a group of calendars."""
    return FORMS[group]
