"""The format of dates that are written as text: given by the user, or guessed from the whole column."""

import re
import shlex
import warnings
from datetime import datetime
from functools import cache, lru_cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.frequency import is_regular
from forecaster.data.names.summary_rows import names_summary
from forecaster.data.times.days_of_month import may_be_days
from forecaster.data.times.distant_years import fill_distant_years
from forecaster.data.times.equal_readings import go_on_equally
from forecaster.data.times.periods import guess_period_format, parse_period
from forecaster.errors import DataError, SeveralFormatsError, UsageError

__all__ = ["check_format", "check_short_years", "choose_by_calendar", "guess_formats", "parse_texts", "quote_formats"]

ISO_DATE = re.compile(r"\s*\d{4}-\d{2}-\d{2}")
YEAR_FIRST = re.compile(r"\d{4}[-/. ]?\d|.*\s\d{4}[-/.]?\d")
SHORT_DATE = re.compile(r"(?:.*\s)?(\d{1,2})([/. -])\d{1,2}\2\s?(\d{2})(?:[ ,T].*)?")
"""Three numbers of at most two digits."""
MONTH_AND_NUMBER = re.compile(r"[A-Za-z]{3,}([-/ .']*)\d{2}|\d{2}([-/ .']*)[A-Za-z]{3,}")
DATES: tuple[str, ...] = (
    "%Y-%m",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y/%m",
    "%Y.%m",
    "%m/%Y",
    "%m.%Y",
    "%m-%Y",
    "%b %Y",
    "%b-%Y",
    "%b. %Y",
)
DATES += ("%B %Y", "%B-%Y", "%Y %b", "%Y-%b", "%Y %B", "%b/%Y", "%B/%Y", "%b, %Y", "%B, %Y", "%b de %Y", "%B de %Y")
DATES += ("%d-%b-%y", "%d %b %y", "%d.%b.%y", "%d. %b %Y", "%d. %B %Y", "%d.%b.%Y", "%d de %b de %Y", "%d de %B de %Y")
DATES += ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %m %Y", "%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y", "%m %d %Y")
DATES += ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y")
DATES += ("%Y年%m月%d日", "%Y年%m月", "%Y년 %m월 %d일", "%Y년 %m월", "%b%Y", "%B%Y", "%d/%b/%y")
DATES += ("FY%Y", "FY %Y", "FY%y", "FY %y", "%Y%m%d", "%G-W%V-%u", "%GW%V%u", "%d/%b/%Y", "%d%b%Y", "%d%B%Y", "%d%b%y")
TIMES: tuple[str, ...] = (
    "",
    " %H:%M",
    " %H:%M:%S",
    " %I:%M %p",
    " %I:%M:%S %p",
    "T%H%M",
    "T%H%M%S",
    "T%H:%M",
    "T%H:%M:%S",
    ":%H:%M:%S",
)
TIMES += (" %H:%M:%S.%f", " %I:%M%p", " %H.%M", ", %H:%M", ", %H:%M:%S", " %Hh", " %H")
KNOWN = tuple(date + time for date, time in product(DATES, TIMES))
KNOWN += tuple(f"{time.strip()} {date}" for time, date in product(TIMES[1:5], DATES))
HALF_OF_DAY = re.compile(r"\b\d{1,2}(:\d\d(?::\d\d)?\s?)[AaPp][Mm]\b")
ZONE = r":\d\d[\d:.]*\s*[-+Zz]\S*$"
"""What is left of an offset that cannot be read as one, such as +25:00."""
LATEST_SHORT_YEAR = 2050
WORDS = ("mixed", "iso8601")
"""Words that pandas takes for a format."""
TOKENS = {"yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "m": "%m", "dd": "%d", "d": "%d"}
TOKENS |= {"hh": "%H", "h": "%H", "ss": "%S", "s": "%S", "fff": "%f", "ffffff": "%f", "a": "%p", "tt": "%p"}


def check_format(date_format: str) -> str:
    """The strftime pattern for a `--date-format`, which may also be written as in `dd.mm.yyyy hh:mm`.

    Raises UsageError where it is not a format of complete dates.
    """
    # %-d and others write no leading zero, which none needs to be read
    text_format = re.sub("%-(?=[a-zA-Z])", "%", date_format) if "%" in date_format else _translate_tokens(date_format)
    directives = re.findall(r"%(?:[-:]*)([A-Za-z])", text_format)
    reason = None
    if date_format.casefold() in WORDS or not directives:
        reason = "not a date format. Write one such as %d.%m.%Y or dd.mm.yyyy"
    elif len(set(directives)) < len(directives):
        reason = "a part is there twice. Write each once, such as %d.%m.%Y"
    elif not {"Y", "y", "G", "c", "x", "D", "F"} & set(directives):
        reason = "a date needs its year. Add %Y, or replace the column with one that holds the year too"
    if reason is not None:
        raise UsageError(f"--date-format {date_format}: {reason}.")
    return text_format


def guess_formats(texts: "pd.Series[str]", *, name: str) -> tuple[str | None, str]:
    """The pattern to read with, None for ISO 8601 of mixed precision, and the one to write with.

    Raises DataError where the texts can be read in several ways and no single one gives a regular calendar.
    """
    period = guess_period_format(texts)
    if period is not None:
        check_short_years(texts, period, name=name)
        return period, period
    first = str(texts.iloc[0])
    short = _choose_month_and_year(texts, name=name)
    if short is not None:
        return short, short
    candidates = next((found for text in texts.iloc[:3] if (found := _list_candidates(str(text)))), [])
    is_iso = ISO_DATE.match(first) is not None
    guess = choose_by_calendar(texts, candidates, name=name) if candidates else None
    if guess is not None and not (is_iso and bool(np.isnat(parse_texts(texts, guess)).any())):
        return guess, guess
    most_precise = str(texts.iloc[int(np.argmax(texts.str.len().to_numpy()))])
    return None, next(iter(_list_candidates(most_precise)), "%Y-%m-%dT%H:%M:%S")


def choose_by_calendar(texts: "pd.Series[str]", candidates: list[str], *, name: str) -> str:
    """The one of `candidates` that reads the most texts; among several, the one that gives a regular calendar.

    Raises DataError, with the formats to choose from, where several are as good.
    """
    if len(candidates) == 1:
        return check_short_years(texts, candidates[0], name=name)
    times = {text_format: parse_texts(texts, text_format) for text_format in candidates}
    failures = {text_format: int(np.isnat(wall).sum()) for text_format, wall in times.items()}
    fewest = min(failures.values())
    best = [text_format for text_format in candidates if failures[text_format] == fewest]
    best = [best[0], *(other for other in best[1:] if not go_on_equally(best[0], other, times))]
    if len(best) > 1 and not fewest:
        best = [found for found in best if is_regular(times[found])] or best
    if len(best) > 1:
        first = str(texts.iloc[0])
        unread = texts[np.isnat(times[best[0]])]
        # names of totals are left out
        unread = unread[unread.str.contains(r"\d") & ~unread.map(names_summary).astype(bool)]
        remedy = (
            f"Choose with {quote_formats(best)}."
            if unread.empty
            else f"Others, such as {unread.iloc[0]!r}, do not fit: write all of them in one way, as in 2024-01-31."
        )
        kinds = (
            "day/month or month/day" if len({found.replace("%Y", "%y")[-2:] for found in best}) == 1 else "several ways"
        )
        kinds = kinds if all("%y" not in found for found in best) else "day, month and year in several orders"
        raise SeveralFormatsError(
            f"{name}: dates such as {first} can be read as {kinds}. {remedy}",
            tuple(best),
        )
    return check_short_years(texts, best[0], name=name)


def quote_formats(formats: list[str]) -> str:
    """The flags that choose each of `formats`, for a message."""
    return " or ".join(f"--date-format {shlex.quote(text_format)}" for text_format in formats)


def parse_texts(texts: "pd.Series[str]", text_format: str | None) -> NDArray[Any]:
    """`texts` as datetime64[us], NaT where one does not fit the format; None is ISO 8601 of any precision.

    Raises UsageError for a format that is none.
    """
    period = None if text_format is None else parse_period(texts, text_format)
    if period is not None:
        return period
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of several offsets, which are none that can be read
            parsed = pd.to_datetime(texts, format=text_format or "ISO8601", errors="coerce")
    except (ValueError, re.error) as error:
        raise UsageError(f"--date-format {text_format}: {str(error).rstrip('.')}.") from error
    if parsed.dtype.kind != "M" or getattr(parsed.dtype, "tz", None) is not None:
        if bool((has_zone := texts.str.contains(ZONE, regex=True, na=False)).any()) and not has_zone.all():
            return parse_texts(texts.mask(has_zone), text_format)
        return np.full(len(texts), "NaT", "datetime64[us]")
    if text_format and "%j" in text_format:  # pandas takes the day 366 of any year for one of the next
        parsed = parsed.mask((parsed.dt.dayofyear == 1) & texts.str.contains("366", na=False))
    wall = parsed.to_numpy().astype("datetime64[us]")
    fill_distant_years(wall, texts, text_format)
    return wall


def _list_candidates(text: str) -> list[str]:
    """The formats in which one text can be a date."""
    short = SHORT_DATE.fullmatch(text)
    if short:
        return [date for order in ("dmy", "mdy", "ymd") if (date := _fill_short_date(text, short, order=order))]
    orders = (False,) if YEAR_FIRST.match(text) else (True, False)
    guesses = [guess for is_day_first in orders if (guess := _guess(text, is_day_first=is_day_first))]
    swapped = [_swap(guess) for guess in guesses if len(orders) > 1 and re.search("%d.%m|%m.%d", guess)]
    # May is written in full and as an abbreviation alike
    others = [re.sub("%[bB]", name, guess) for guess in guesses for name in ("%b", "%B")]
    return list(dict.fromkeys([*guesses, *swapped, *others]))


def _swap(text_format: str) -> str:
    return re.sub("%[dm]", lambda found: "%m" if found[0] == "%d" else "%d", text_format)


def _guess(text: str, *, is_day_first: bool) -> str | None:
    # pandas knows AM and PM only where the hour is the same on a clock of 24 hours
    plain = HALF_OF_DAY.sub(r"11\1AM", text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of time zones that are abbreviated
        guess = pd.tseries.api.guess_datetime_format(plain, dayfirst=is_day_first)
    if guess is not None and _is_sound(guess):
        return guess if re.search("%[YyG]", guess) else None
    return next((text_format for text_format in KNOWN if _fits(text, text_format)), None)


def _is_sound(text_format: str) -> bool:
    """Whether the hour, minutes and seconds stand together: pandas takes 05:05 05/05/2005 for %d:%m %H/%M/%Y."""
    date = re.sub("%[HI](?:[:.h]?%M(?:[:.]?%S(?:[.,]?%f)?)?)?", "", text_format)
    return not re.search("%[HIMSf]|(?<!%Y:)%[dm]:%[dm]|T%Y", date)


def _fill_short_date(text: str, short: "re.Match[str]", *, order: str) -> str | None:
    """The format of a date of three short numbers in one `order`, with the time of day before or after it."""
    date = short[2].join(f"%{letter}" for letter in order)
    times = [*TIMES, *(f"{time.strip()} " for time in TIMES[1:5])]
    formats = (f"{time}{date}" if time.endswith(" ") else f"{date}{time}" for time in times)
    return next((text_format for text_format in formats if _fits(text, text_format)), None)


def _fits(text: str, text_format: str) -> bool:
    if _outline(text) != _outline_format(text_format):
        return False  # strptime would compile a pattern to find that out
    try:
        datetime.strptime(text, text_format)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=16)  # one text is compared with all formats, one after the other
def _outline(text: str) -> str:
    """`text` with 0 for each group of digits and a for each word."""
    return re.sub(r"\s+", " ", re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", text)))


@cache
def _outline_format(text_format: str) -> str:
    return _outline(re.sub("%[A-Za-z]", "0", re.sub("%[aAbBp]", "a", text_format)))


def _choose_month_and_year(texts: "pd.Series[str]", *, name: str) -> str | None:
    """The format of texts such as Jan-16, None for others; raises DataError where 16 may be a day."""
    first = str(texts.iloc[0])
    parts = MONTH_AND_NUMBER.fullmatch(first)
    if parts is None:
        return None
    separator, starts_with_month = parts[1] or parts[2] or "", first[0].isalpha()
    orders = [("%b", "%y"), ("%B", "%y")] if starts_with_month else [("%y", "%b"), ("%y", "%B")]
    formats = [order for pair in orders if _fits(first, order := separator.join(pair))]
    if not formats:
        return None
    found = min(formats, key=lambda text_format: int(np.isnat(parse_texts(texts, text_format)).sum()))
    times = parse_texts(texts, found)
    years = np.unique(times[~np.isnat(times)].astype("datetime64[Y]"))
    is_year = len(years) > 1 or (starts_with_month and separator in ("", "-", "/", "'"))
    if is_regular(times) and is_year and (separator == "'" or not may_be_days(times)):
        return check_short_years(texts, found, name=name)
    raise DataError(
        f"{name}: the number in {first!r} can be a year or a day. If it is a year, use {quote_formats([found])}; if "
        "it is a day, write the year as well, as in 2024-01-31."
    )


def check_short_years(texts: "pd.Series[str]", text_format: str, *, name: str) -> str:
    """`text_format`; raises DataError where years of two digits may be of either century."""
    if "%y" in text_format:
        times = parse_texts(texts, text_format)
        years = times.astype("datetime64[Y]").astype(np.int64) + 1970
        is_late = ~np.isnat(times) & (years > LATEST_SHORT_YEAR)
        if is_late.any():
            row = int(np.argmax(is_late))
            raise DataError(
                f"{name}: the year of {texts.iloc[row]} can be {years[row]} or {years[row] - 100}. "
                "Write years with four digits."
            )
    return text_format


def _translate_tokens(date_format: str) -> str:
    """A format of letters, such as `dd.mm.yyyy hh:mm`, as a strftime pattern."""
    found, seen = [], ""
    for part in re.finditer(r"([A-Za-z])\1*|[^A-Za-z]+", date_format, re.IGNORECASE):
        text = part[0].casefold()
        if not text[0].isalpha() or part[0] == "T":
            found.append(part[0])
            continue
        token = "%M" if text in ("mm", "m") and seen in ("%H", "%M") else TOKENS.get(text)
        if token is None:
            return date_format
        found.append(token)
        seen = token
    pattern = "".join(found)
    return pattern.replace("%H", "%I") if "%p" in pattern else pattern
