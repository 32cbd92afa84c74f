"""Join a time that is spread over several columns, such as `Year` and `Month`, into one column of text."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.names.seasons import number_seasons
from forecaster.data.names.summary_rows import names_summary
from forecaster.data.names.time_names import counts_from_sunday, strip_week_system
from forecaster.data.parts.half_hours import HALF_HOUR, MINUTES, write_half_hours
from forecaster.data.parts.health_weeks import find_health_year, number_health_weeks, write_health_weeks
from forecaster.data.parts.part_cells import DATES, find_levels, number_parts
from forecaster.data.parts.time_parts import TimeParts
from forecaster.data.times.counted_hours import CountedHours, count_hours

__all__ = ["JOINED_NAME", "JoinedTime", "join_parts"]

JOINED_NAME = "timestamp"
LAST_HOUR = 24
NUMBER = r"(\d+)(?:\.0+)?"
ENDING = re.compile(r"(?i)he|hour[ _]ending")
ISO_NAME = re.compile(r"(?i)kw|woche|semaine|settiman|vecka|tydz|tyg")
"""Words for weeks in languages of countries where these are ISO weeks."""
CLOCK_END = re.compile(r" \d{1,2}:\d\d(:\d\d(\.\d+)?)?( ?[AaPp]\.? ?[Mm]\.?)?$")


@dataclass(frozen=True)
class JoinedTime:
    """Columns whose cells are joined into one time: a year or a date first, then finer `levels`, one a column.

    `ends_hours` where hours are numbered from 1 to 24, by their ends. With `has_clock` the time of day is one text, as
    13:00 is. `begins_ranges` where hours are ranges such as 00:00-01:00, of which the begin counts. `seasons` are the
    names of those that stand for the quarters of a year, in their order. With `has_health_weeks` weeks begin on Sunday,
    which the weeks of the year `health_year` show where the name of their column does not.
    """

    columns: tuple[str, ...]
    levels: tuple[str, ...]
    ends_hours: bool
    has_clock: bool = False
    begins_ranges: bool = False
    seasons: tuple[str, ...] = ()
    has_health_weeks: bool = False
    health_year: int | None = None

    def describe(self) -> str:
        """One line on what was done."""
        hours = "; hour 1 is from 00:00 to 01:00, and its start is written" if self.ends_hours else ""
        hours += "; half-hour 1 is from 00:00 to 00:30, and its start is written" if HALF_HOUR in self.levels else ""
        hours += "; of hours from one time to another the begin counts" if self.begins_ranges else ""
        kind = "MMWR weeks, which begin on Sunday" if self.has_health_weeks else "ISO weeks"
        weeks = f"; weeks are {kind}" if "week" in self.levels else ""
        if self.health_year is not None:
            weeks += f", as the last week of {self.health_year} shows (for ISO weeks call their column 'ISO Week')"
        weeks += f"; {self.seasons[0]} is Q1, and {self.seasons[-1]} Q4" if self.seasons else ""
        weeks += "; half-years are written as their first months" if "half" in self.levels else ""
        return f"time is joined from the columns {' and '.join(map(repr, self.columns))}{weeks}{hours}"

    def join(self, frame: pd.DataFrame) -> "pd.Series[str]":
        """The times of all rows as text, NaN where a part is missing; impossible ones as text that is no time.

        Where a part is the name of a total, such as `Total` for the months of a year, that is the text of the row.
        """
        times = self._join_parts(frame)
        for level, column in zip(self.levels, self.columns, strict=True):
            if level == "week":
                continue  # S03 is one, and no mean of a year
            totals = [cell for cell in frame[column].dropna().unique() if names_summary(str(cell))]
            if totals:
                times = times.mask(frame[column].isin(totals), frame[column].astype(object))
        return times

    def explain_hours(self, frame: pd.DataFrame) -> tuple[str, ...]:
        """A line on the days of 25 or 23 hours, where hours are numbered through them."""
        level = next((level for level in self.levels if level in ("hour", HALF_HOUR)), None)
        if level is None:
            return ()
        texts = self._list_texts(frame)
        counted = self._count_hours(self._join_date(texts), number_parts(texts[level], level))
        return () if counted is None else (counted.describe(),)

    def split(self, times: NDArray[Any], texts: NDArray[Any]) -> dict[str, list[Any]]:
        """The cells of each column for `times`, which `texts` are once they are joined."""
        stamps = pd.DatetimeIndex(times)
        iso = stamps.isocalendar()
        years, weeks = number_health_weeks(stamps) if self.has_health_weeks else (iso["year"], iso["week"])
        parts: dict[str, Any] = {
            "year": years if "week" in self.levels else stamps.year,
            "half": (stamps.month + 5) // 6,
            "quarter": [self.seasons[quarter - 1] for quarter in stamps.quarter] if self.seasons else stamps.quarter,
            "month": stamps.month,
            "week": weeks,
            "day": stamps.day if "month" in self.levels else stamps.day_of_year,
            HALF_HOUR: (60 * stamps.hour + stamps.minute) // MINUTES + 1,
            "hour": stamps.hour + int(self.ends_hours),
            "minute": stamps.minute,
            "second": stamps.second,
        }
        if "date" in self.levels:
            # a time of day that is joined from numbers is one word, HH:MM
            words = [str(text).split() for text in texts]
            last = len(CLOCK_END.sub("", str(texts[0])).split()) if len(texts) else 0
            parts["date"] = [" ".join(found[:last]) for found in words]
            if self.has_clock:
                parts["hour"] = [" ".join(found[last:]) for found in words]
        return {name: [*parts[level]] for level, name in zip(self.levels, self.columns, strict=True)}

    def _join_parts(self, frame: pd.DataFrame) -> "pd.Series[str]":
        texts = self._list_texts(frame)
        date = self._join_date(texts)
        if HALF_HOUR in self.levels:
            counted = self._count_hours(date, texts[HALF_HOUR])
            return (
                date + " " + write_half_hours(texts[HALF_HOUR] if counted is None else counted.write(texts[HALF_HOUR]))
            )
        times = [level for level in self.levels[1:] if level in ("hour", "minute", "second")]
        if not times:
            return date
        hours = number_parts(texts["hour"], "hour")
        if times == ["hour"] and bool(hours.str.contains(":", na=False).any()):
            return date + " " + hours
        counted = self._count_hours(date, hours)
        hours = hours if counted is None else counted.write(hours)
        time = _number(hours, minus=int(self.ends_hours))
        # no midnight: a 25th hour on a day on which no clock is set back
        time = time.mask(pd.to_numeric(hours, errors="coerce") > LAST_HOUR, hours)
        minute = _number(texts["minute"]) if "minute" in times else "00"
        time = date + " " + time + ":" + minute
        return time + ":" + _number(texts["second"]) if "second" in times else time

    def _list_texts(self, frame: pd.DataFrame) -> "dict[str, pd.Series[str]]":
        cells = {level: frame[column] for level, column in zip(self.levels, self.columns, strict=True)}
        return {level: part.astype(object).where(part.notna()).str.strip() for level, part in cells.items()}

    def _join_date(self, texts: "dict[str, pd.Series[str]]") -> "pd.Series[str]":
        if self.levels[0] != "year":
            return texts[self.levels[0]].str.replace(r"[ T]00?:00(?::00)?$", "", regex=True)
        if self.seasons:
            texts = texts | {"quarter": _number_quarters(texts["quarter"], self.seasons)}
        return _join_date(texts, has_health_weeks=self.has_health_weeks)

    def _count_hours(self, dates: "pd.Series[str]", hours: "pd.Series[str]") -> CountedHours | None:
        if self.has_clock:
            return None
        in_halves = HALF_HOUR in self.levels
        first = 1 if in_halves else int(self.ends_hours)
        return count_hours(dates, pd.to_numeric(hours, errors="coerce"), first=first, in_halves=in_halves)


def join_parts(parts: TimeParts, sample: pd.DataFrame) -> JoinedTime | None:
    """How to join `parts`; None where they hold no year."""
    found_levels = find_levels(sample)
    levels = [found_levels.get(column) for column in parts.columns]
    is_date = _is_date(sample[parts.columns[0]])
    if is_date:
        levels[0] = "date"
    if levels[0] not in ("year", "date") or len(set(levels)) < len(levels) or None in levels:
        return None
    found = [level for level in levels if level is not None]
    is_known = set(found) - {HALF_HOUR, "hour", "minute", "second"} in (
        {"date"},
        {"year", "half"},
        {"year", "quarter"},
        {"year", "month"},
        {"year", "week"},
        {"year", "month", "day"},
        {"year", "day"},
    )
    if not is_known or ({"hour", HALF_HOUR} & {*found} and {"quarter", "week"} & {*found}):
        return None
    if "hour" not in found:
        is_told, year = _judge_weeks(parts.columns, found, sample)
        return JoinedTime(
            *(parts.columns, tuple(found)),
            ends_hours=False,
            has_health_weeks=is_told or year is not None,
            health_year=year,
        )
    column = parts.columns[found.index("hour")]
    hours = number_parts(sample[column], "hour")
    has_clock = bool(hours.str.contains(":", na=False).any())
    is_told = ENDING.fullmatch(column.strip()) is not None or bool(sample[column].str.match("(?i)HE").any())
    return JoinedTime(
        *(parts.columns, tuple(found)),
        ends_hours=_ends_hours(hours, is_told=is_told),
        has_clock=has_clock,
        begins_ranges=has_clock and bool(sample[column].str.contains(r"\d\s?(?:-|–|to|bis)").any()),
    )


def _judge_weeks(columns: tuple[str, ...], levels: list[str], sample: pd.DataFrame) -> tuple[bool, int | None]:
    """Whether the name of a column says that weeks begin on Sunday; else the year whose last week shows it, if any."""
    if "week" not in levels:
        return False, None
    year, week = (columns[levels.index(level)] for level in ("year", "week"))
    is_told = counts_from_sunday(week)
    if is_told or ISO_NAME.search(week) or any(strip_week_system(column) != column for column in (year, week)):
        return is_told, None
    return False, find_health_year(sample[year], number_parts(sample[week], "week"))


def _is_date(cells: "pd.Series[str]") -> bool:
    filled = cells.dropna().str.strip()
    return len(filled) > 0 and bool(filled.str.fullmatch(DATES["day"]).all())


def _ends_hours(cells: "pd.Series[str]", *, is_told: bool) -> bool:
    """Whether hours are numbered from 1 to 24; where it `is_told` that they end then, the last may be missing."""
    numbers = pd.to_numeric(cells, errors="coerce")
    return bool((is_told or numbers.max() >= 24) and numbers.min() >= 1)


def _join_date(texts: "dict[str, pd.Series[str]]", *, has_health_weeks: bool) -> "pd.Series[str]":
    year = texts["year"].str.replace(NUMBER, r"\1", regex=True)
    if "half" in texts:
        return year + "-" + _number(number_parts(texts["half"], "half")).map({"01": "01", "02": "07"})
    if "quarter" in texts:
        return year + "Q" + number_parts(texts["quarter"], "quarter")
    if has_health_weeks:
        return write_health_weeks(year, number_parts(texts["week"], "week"))
    if "week" in texts:
        return year + "-W" + _number(number_parts(texts["week"], "week"))
    if "month" in texts:
        month = _number(number_parts(texts["month"], "month"))
        return year + "-" + month + ("-" + _number(texts["day"]) if "day" in texts else "")
    days = pd.to_numeric(texts["day"], errors="coerce")
    dates = pd.to_datetime(year, format="%Y", errors="coerce") + pd.to_timedelta(days - 1, unit="D")
    shown = dates.dt.strftime("%Y-%m-%d").where(
        dates.dt.strftime("%Y") == year, year + "-" + texts["day"] + " (no day)"
    )
    return shown.where(texts["day"].notna() & year.notna())


def _number_quarters(texts: "pd.Series[str]", seasons: tuple[str, ...]) -> "pd.Series[str]":
    """The quarters that seasons stand for, as texts; 0, which is none, for other texts."""
    first = number_seasons(pd.Series(seasons[:1], dtype=str)).iloc[0]
    quarters = (number_seasons(texts) - first) % len(seasons) + 1
    return quarters.fillna(0).astype(int).astype(str).where(texts.notna())


def _number(texts: "pd.Series[str]", *, minus: int = 0) -> "pd.Series[str]":
    """Whole numbers with two digits, other texts as they are."""
    numbers = pd.to_numeric(texts, errors="coerce")
    is_whole: NDArray[np.bool_] = (numbers % 1 == 0).to_numpy(bool)
    written = (numbers.where(is_whole, 0) - minus).astype(int).map("{:02d}".format)
    return written.where(is_whole, texts)
