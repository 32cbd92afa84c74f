"""Parse timestamps from text, and write timestamps in the same style."""

import re
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.names.date_names import translate_half_days, translate_months
from forecaster.data.panel import DECIMAL_YEAR, TimeStyle
from forecaster.data.times.date_formats import check_format, guess_formats, parse_texts
from forecaster.data.times.decimal_years import format_decimal_years
from forecaster.data.times.digits import parse_digits, parse_named_numbers
from forecaster.data.times.epochs import format_numbers
from forecaster.data.times.named_weeks import describe_weeks, guess_named_weeks
from forecaster.data.times.numbered_periods import describe_periods, guess_numbered_periods, restore_zeros
from forecaster.data.times.numbered_years import describe_numbered_years, pad_numbered_years
from forecaster.data.times.offsets import (
    OFFSET,
    OFFSET_FORMAT,
    find_offsets,
    find_timezone,
    parse_offsets,
    refuse_zone_names,
    to_local,
)
from forecaster.data.times.ordinal_dates import describe_ordinals, guess_ordinals
from forecaster.data.times.periods import STATA_WEEK
from forecaster.data.times.times_text import TimesText
from forecaster.data.times.wrapped_times import unwrap_times
from forecaster.data.times.zone_words import find_zone_words
from forecaster.errors import DataError, NoOffsetError, UsageError

__all__ = ["TimesText", "format_times", "is_skipped_in", "parse_times", "to_local"]

END_OF_TIME = np.datetime64("10000-01-01", "us")
NOTE_ON_STATA = (
    "weeks are read as ISO weeks; those of Stata, 52 from each 1 January, begin up to a week apart from these"
)
ROMAN = ("I", "II", "III", "IV")
STYLE_SAMPLE = 1000
"""Number of texts that a style is checked on: it must write them exactly as they were read."""


def parse_times(
    texts: "pd.Series[str]", *, name: str, column: str = "", date_format: str | None = None, timezone: str | None = None
) -> TimesText:
    """Parse distinct timestamps, which are all written in one style, of a column called `column`.

    Raises DataError for dates that can be read in two ways, UsageError for an option that does not fit the texts.
    """
    filled = texts.dropna()
    filled = filled[filled != ""]
    if not len(filled):
        raise DataError(f"{name}: the time column is empty. Name another with --time.")
    wrapped = unwrap_times(texts, filled)
    if wrapped is not None:
        inner_format = wrapped.unwrap_format(date_format)
        return wrapped.wrap(
            parse_times(wrapped.inner, name=name, column=column, date_format=inner_format, timezone=timezone)
        )
    zone_words = find_zone_words(texts, filled)
    if zone_words is not None:
        inner = partial(parse_times, name=name, column=column, date_format=date_format)
        return zone_words.parse(lambda part, zone: inner(part, timezone=zone), timezone=timezone, name=name)
    restored = restore_zeros(texts, filled, name=name) if date_format is None else None
    if restored is not None:
        times = parse_times(restored, name=name, column=column, date_format="%Y.%m")
        short = filled[filled != restored[filled.index]].iloc[0]
        return replace(times, notes=(f"{short} is read as {short}0, October: the zero at its end was lost",))
    padded = pad_numbered_years(texts, filled) if date_format is None else None
    if padded is not None:
        times = parse_times(padded[0], name=name, column=column, date_format=padded[1])
        style = replace(times.style, format=str(times.style.format).replace("%y", "%-y"))
        return replace(times, style=style, notes=(describe_numbered_years(filled),))
    weeks = guess_named_weeks(filled, name=name, column=column) if date_format is None else None
    quarters = guess_numbered_periods(filled, name=name, column=column) if date_format is None and not weeks else None
    period = weeks or quarters
    ordinals = guess_ordinals(filled, name=name, column=column) if date_format is None and period is None else None
    period = period or ordinals
    if period is not None:
        counted = None
    elif date_format is None:
        counted = parse_digits(texts, filled, name=name, column=column, timezone=timezone)
    else:
        counted = parse_named_numbers(texts, filled, unit=date_format, name=name, timezone=timezone)
    has_offset = find_offsets(texts)
    if timezone is not None and not (has_offset.any() or (counted is not None and counted.style.has_offset)):
        raise NoOffsetError("--timezone is for timestamps that carry a UTC offset, such as 2024-01-01T00:00+01:00.")
    if counted is not None:
        return counted
    refuse_zone_names(texts, name=name)
    wall_texts = texts
    if has_offset.any():
        wall_texts = texts.where(~has_offset, texts.str.replace(r"\s*" + OFFSET + "$", "", regex=True))
    wall_texts, month_names = translate_months(wall_texts)
    wall_texts, half_days = translate_half_days(wall_texts)
    filled = wall_texts[filled.index]
    if date_format is None:
        read_format, text_format = guess_formats(filled, name=name) if period is None else (period, period)
    else:
        text_format = re.sub(OFFSET_FORMAT, "", check_format(date_format))
        # the names of months are translated to their abbreviations
        read_format = text_format = text_format.replace("%B", "%b") if month_names else text_format
    wall = parse_texts(wall_texts, read_format)
    text_format = _match_style(wall_texts, wall, text_format)
    if not has_offset.any():
        notes: tuple[str, ...] = () if weeks is None else (describe_weeks(filled, weeks),)
        notes += () if quarters is None else (describe_periods(filled, quarters),)
        notes += () if ordinals is None else (describe_ordinals(filled, ordinals),)
        notes += (NOTE_ON_STATA,) if read_format == STATA_WEEK else ()
        return TimesText(wall, wall, TimeStyle(text_format, month_names=month_names, half_days=half_days), notes)
    offsets, suffix = parse_offsets(texts, has_offset)
    zone = find_timezone(offsets[has_offset], timezone)
    # without an offset the moment in UTC is unknown
    instant = np.where(has_offset, wall - offsets, np.datetime64("NaT"))
    if timezone is not None:
        # other offsets are of local times already; another time zone database might convert them differently
        is_utc = has_offset & (instant == wall)
        wall = np.where(is_utc, to_local(instant, timezone=timezone), wall)
        suffix = re.sub("[Zz]$|UTC$|GMT$", "%:z", suffix) if "%" not in suffix else suffix
    return TimesText(wall, instant, TimeStyle(text_format + suffix, zone, month_names, half_days=half_days))


def is_skipped_in(timezone: str, times: NDArray[Any]) -> NDArray[np.bool_]:
    """Which local `times` do not exist in `timezone`, because the clock is set forward over them."""
    is_summer = np.ones(len(times), bool)
    return np.asarray(pd.DatetimeIndex(times).tz_localize(timezone, ambiguous=is_summer, nonexistent="NaT").isna())


def format_times(times: NDArray[Any], *, style: TimeStyle, uses_wall_clock: bool) -> NDArray[Any]:
    """Format timestamps in the style of the file they continue; same shape as `times`.

    A local time that the clock skips gets the offset from before the change, so that it is parsed as the same moment.
    Raises UsageError beyond the year 9999, which cannot be written.
    """
    if style.format is None:
        return times
    if style.format == "%Y":
        return np.asarray(times.astype("datetime64[Y]").astype(np.int64) + 1970)
    distinct, inverse = np.unique(times, return_inverse=True)
    if distinct.size and distinct[-1] >= END_OF_TIME:
        raise UsageError("--horizon reaches beyond the year 9999, where dates cannot be written. Give a shorter one.")
    stamps = pd.DatetimeIndex(distinct)
    if style.format == DECIMAL_YEAR:
        return np.asarray(format_decimal_years(stamps, style=style)[inverse].reshape(times.shape))
    if style.is_number:
        if style.timezone is not None and uses_wall_clock:
            is_summer = np.ones(len(stamps), bool)
            stamps = stamps.tz_localize(style.timezone, ambiguous=is_summer, nonexistent="shift_forward")
            stamps = stamps.tz_convert("UTC").tz_localize(None)
        return np.asarray(format_numbers(stamps, style=style)[inverse].reshape(times.shape))
    if not style.has_offset:
        texts = _render(stamps, style)
    elif not uses_wall_clock:
        texts = _render(stamps.tz_localize("UTC").tz_convert(style.timezone or "UTC"), style)
    elif style.timezone is None:
        texts = _render(stamps, replace(style, format=re.sub(OFFSET_FORMAT, "", style.format)))
    else:
        is_summer = np.ones(len(stamps), bool)
        local = stamps.tz_localize(style.timezone, ambiguous=is_summer, nonexistent="shift_backward")
        offset_format = next(re.finditer(OFFSET_FORMAT, style.format))[0]
        naive = replace(style, format=style.format.removesuffix(offset_format))
        texts = _render(stamps, naive) + _render(local, replace(style, format=offset_format))
    return np.asarray(texts[inverse].reshape(times.shape))


def _render(stamps: pd.DatetimeIndex, style: TimeStyle) -> NDArray[Any]:
    """`strftime` that also supports %-d (without a leading zero), %3f (milliseconds), %:z (+01:00), %:::z (+01).

    So it does %q, %i, the quarter in Roman numerals, and %h, the half of the year. The names of months, weekdays and
    halves of a day are those of `style`.
    """
    known = re.sub(r"%-(\w)", "\1%\\1", str(style.format)).replace("%3f", "%f\2")
    known = known.replace("%:::z", "%z\4").replace("%:z", "%z\3")
    if style.month_names:
        known = re.sub("%[bB]", "\5%m\5", known)
    known = known.replace("%h", "\10%m\10").replace("%i", "\11%m\11")
    if style.weekday_names:
        known = known.replace("%a", "\7%u\7")
    if style.half_days:
        known = known.replace("%p", "\6%p\6")
    index = pd.PeriodIndex(stamps, freq="Q") if "%q" in known else stamps
    texts = pd.Series(np.asarray(index.strftime(known), object), dtype=object)
    for mark, pattern, shown in (
        ("\1", "\1" + r"0?(\d)", r"\1"),
        ("\2", r"(\d{3})\d{3}" + "\2", r"\1"),
        ("\3", r"(\d{2})" + "\3", r":\1"),
        ("\4", "(?:00)?\4", ""),
    ):
        if mark in known:
            texts = texts.str.replace(pattern, shown, regex=True)
    if style.month_names:
        for month, month_name in enumerate(style.month_names, 1):
            texts = texts.str.replace(f"\5{month:02d}\5", month_name, regex=False)
    if "\10" in known:
        texts = texts.str.replace("\10(\\d\\d)\10", lambda month: str((int(month[1]) + 5) // 6), regex=True)
    if "\11" in known:
        texts = texts.str.replace("\11(\\d\\d)\11", lambda month: ROMAN[(int(month[1]) - 1) // 3], regex=True)
    for day, day_name in enumerate(style.weekday_names, 1):
        texts = texts.str.replace(f"\7{day}\7", day_name, regex=False)
    for half, written in zip(("AM", "PM"), style.half_days, strict=False):
        texts = texts.str.replace(f"\6{half}\6", written, regex=False)
    return texts.to_numpy(object)


def _match_style(texts: "pd.Series[str]", wall: NDArray[Any], text_format: str) -> str:
    """`text_format`, without leading zeros and in milliseconds where the file is written so."""
    readable = np.flatnonzero(~np.isnat(wall))[:STYLE_SAMPLE]
    written, stamps = texts.iloc[readable].to_numpy(object), pd.DatetimeIndex(wall[readable])
    for letters, fraction in product(("", "HI", "dm", "dmHI", "V"), ("%f", "%3f")):
        style = re.sub(f"%([{letters}])", r"%-\1", text_format) if letters else text_format
        style = style.replace("%f", fraction)
        if (_render(stamps, TimeStyle(style)) == written).all():
            return style
    return text_format
