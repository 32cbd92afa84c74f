"""Years and numbers such as 1955.1: quarters or half-years, although months look alike; and 1990.1 for October."""

import re

import numpy as np
import pandas as pd

from forecaster.data.frequency import is_regular
from forecaster.data.parts.part_cells import level_of_name
from forecaster.data.times.compact_months import COMPACT_FORMATS, guess_compact_months
from forecaster.data.times.date_formats import check_short_years, parse_texts, quote_formats
from forecaster.data.times.days_of_month import may_be_days
from forecaster.errors import DataError, SeveralFormatsError

__all__ = ["describe_periods", "guess_numbered_periods", "restore_zeros"]

PATTERNS = {rf"\d{{4}}{re.escape(mark)}[1-4]": f"%Y{mark}%q" for mark in ".-/:"}
PATTERNS |= {rf"[1-4]{re.escape(mark)}\d{{4}}": f"%q{mark}%Y" for mark in ".-/"}
FEWEST_YEARS = 2
MOSTLY = 0.5
"""Share of the quarters, from the first to the last, that are there where numbers up to 4 may be those of quarters."""
SHORT = r"\d{1,2}([/-])\d{2}"
LONG = len("04/05")
LATEST_DAY = 31
SHORTENED, FULL = r"\d{4}\.1", r"\d{4}\.(?:0[1-9]|1[0-2])"
"""October as a number, and months with two digits."""
UNPADDED = r"\d{4}\.(?:[1-9]|1[12])"
WORDS = {"%q": "quarters", "%h": "half-years"}


def guess_numbered_periods(filled: "pd.Series[str]", *, name: str, column: str) -> str | None:
    """The format of `filled` as quarters or half-years, where months would all be of spring, or of months as 01/86.

    None for anything else. Raises DataError where steps are missing, so that both may be.
    """
    first = str(filled.iloc[0])
    if (compact := guess_compact_months(filled, name=name)) is not None:
        return compact
    if (short := re.fullmatch(SHORT, first)) is not None:
        return _guess_short_years(filled, f"%m{short[1]}%y", name=name)
    quarters = next((found for pattern, found in PATTERNS.items() if re.fullmatch(pattern, first)), None)
    if quarters is None or level_of_name(column) == "month":
        return None
    times = parse_texts(filled, quarters)
    if np.isnat(times).any() or len(np.unique(times.astype("datetime64[Y]"))) < FEWEST_YEARS:
        return None
    halves = quarters.replace("%q", "%h")
    found = next((each for each in (quarters, halves) if is_regular(parse_texts(filled, each))), None)
    months = times.astype("datetime64[M]").astype(np.int64)
    if found is None and len(np.unique(months % 12)) == 4:
        share = 3 * len(np.unique(months)) / (months.max() - months.min() + 3)
        if share >= MOSTLY:
            both = [quarters, quarters.replace("%q", "%m")]
            raise SeveralFormatsError(
                f"{name}: dates such as {first} can be read as quarters or months, as some are missing. Choose with "
                f"{quote_formats(both)}.",
                tuple(both),
            )
    return found


def _guess_short_years(filled: "pd.Series[str]", text_format: str, *, name: str) -> str | None:
    """`text_format` for months such as 01/86; None where some are none, and where the number may be a day."""
    if not bool(filled.str.fullmatch(SHORT).all()):
        return None
    first, second = (filled.str.split("[/-]", regex=True).str[place].astype(int) for place in (0, 1))
    if len(filled) > 1 and bool(((first + 1) % 100 == second).all()) and bool((filled.str.len() == LONG).all()):
        raise DataError(
            f"{name}: {filled.iloc[0]!r} and the others are years that end in the next one. Write the first year "
            "alone, in four digits, as in 2001."
        )
    times = parse_texts(filled, text_format)
    if np.isnat(times).any() or may_be_days(times):
        return None
    months = np.unique(times.astype("datetime64[M]").astype(np.int64))
    if not is_regular(times):
        is_year = bool((filled.str[-2:].astype(int) > LATEST_DAY).any())
        if not is_year or len(months) < MOSTLY * (months[-1] - months[0] + 1):
            return None
    return check_short_years(filled, text_format, name=name) if months[-1] // 12 > months[0] // 12 else None


def describe_periods(filled: "pd.Series[str]", text_format: str) -> str:
    """What is said about quarters that are written as months are, and how to read them as such."""
    if "%y" in text_format or text_format in COMPACT_FORMATS.values():
        shown = str(parse_texts(filled.iloc[:1], text_format)[0])[:7]
        other = "; for years use --date-format %Y" if re.fullmatch(r"\d{4}", filled.iloc[0]) else ""
        return f"timestamps are read as months and years ({filled.iloc[0]} is {shown}){other}"
    word = next(word for directive, word in WORDS.items() if directive in text_format)
    months = re.sub("%[qh]", "%m", text_format)
    shown = str(parse_texts(filled.iloc[:1], text_format)[0])[:7]
    return (
        f"timestamps are read as {word} ({filled.iloc[0]} begins in {shown}), as no number is above "
        f"{4 if word == 'quarters' else 2}; for months use {quote_formats([months])}"
    )


def restore_zeros(texts: "pd.Series[str]", filled: "pd.Series[str]", *, name: str) -> "pd.Series[str] | None":
    """`texts` such as 1990.1 as 1990.10, where the months beside are 1990.01 to 1990.12; None where none is so.

    Raises DataError where January is 1990.1, too.
    """
    if not re.match(r"\d{4}\.", filled.iloc[0]):
        return None  # there may be millions of texts
    is_short = filled.str.fullmatch(SHORTENED)
    if not is_short.any():
        return None
    months = filled.str[5:]
    if bool((is_short | filled.str.fullmatch(FULL)).all()):
        is_october = bool(months.str.startswith("0").any()) and not (months == "10").any()
        return texts.str.replace(f"^({SHORTENED})$", r"\g<1>0", regex=True) if is_october else None
    if bool(filled.str.fullmatch(UNPADDED).all()) and {"9", "11"} <= {*months}:
        short = filled[is_short].iloc[0]
        raise DataError(
            f"{name}: {short} is January or October, as the zero at its end was lost. Write months as "
            f"{short[:4]}-01 and {short[:4]}-10."
        )
    return None
