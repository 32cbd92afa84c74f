"""Recognise dates of the Buddhist, the Persian and the Islamic calendar, which the Gregorian one reads wrongly."""

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecaster.data.times.date_formats import quote_formats
from forecaster.data.times.times_text import TimesText
from forecaster.errors import DataError

__all__ = ["check_calendar"]

END_OF_FEBRUARY = 28
YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


@dataclass(frozen=True)
class _Calendar:
    """A calendar by the years in which data are from the nineteenth to the twenty-first century, and what to do."""

    name: str
    years: range
    remedy: str

    def has_years(self, times: TimesText) -> bool:
        """Whether all times that were read are of its years."""
        years = times.wall[~times.unreadable].astype("datetime64[Y]").astype(np.int64) + 1970
        return len(years) > 0 and bool(self.years.start <= years.min() <= years.max() < self.years.stop)

    def has_year(self, text: str) -> bool:
        """Whether a text holds one of its years."""
        return any(int(year) in self.years for year in YEAR.findall(text))


CALENDARS = (
    _Calendar("Buddhist", range(2400, 2600), "subtract 543 from the years ({first} is {gregorian})"),
    _Calendar("Persian or the Islamic", range(1300, 1460), "convert them to Gregorian dates, as 2024-01-31"),
)
BUDDHIST_ERA = 543
"""Years that it began before the Gregorian one."""


def check_calendar(times: TimesText, texts: "pd.Series[str]", *, where: str, date_format: str | None) -> TimesText:
    """`times` with a note where they may be of another calendar, but are said to be written in `date_format`.

    Raises DataError, which begins with `where` they are, for such dates without a format. Months and longer periods
    follow one another in all calendars alike, but for the ends of February.
    """
    if times.wall.dtype.kind != "M" or "%Y" not in (times.style.format or ""):
        return times
    calendar = next((calendar for calendar in CALENDARS if calendar.has_years(times)), None)
    if calendar is None:
        return times
    unread = [text for text in texts[times.unreadable].dropna() if calendar.has_year(text)]
    if not unread and not _tells_days(times):
        return times
    example = unread[0] if unread else texts[~times.unreadable].iloc[0]
    first = next(year for year in map(int, YEAR.findall(example)) if year in calendar.years)
    remedy = calendar.remedy.format(first=first, gregorian=first - BUDDHIST_ERA)
    if date_format is not None:
        note = (
            f"the years, such as {first}, are read as Gregorian ones, as --date-format is given; if these are dates of "
            f"the {calendar.name} calendar, {remedy}"
        )
        return replace(times, notes=(*times.notes, note))
    gregorian = "" if unread else f"; if the years are Gregorian, use {quote_formats([times.style.format or ''])}"
    raise DataError(
        f"{where}: {example!r} is most probably a date of the {calendar.name} calendar, whose weekdays and leap "
        f"days are other ones. If so, {remedy}{gregorian}."
    )


def _tells_days(times: TimesText) -> bool:
    """Whether some times lie in the same month, or at the end of February, so that it matters which year it is."""
    wall = times.wall[~times.unreadable]
    months = wall.astype("datetime64[M]")
    if len(np.unique(months)) < len(wall):
        return True
    days = (wall.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64) + 1
    is_february = months.astype(np.int64) % 12 == 1
    return bool((is_february & (days >= END_OF_FEBRUARY)).any())
