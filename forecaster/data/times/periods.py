"""Quarters, half-years, ISO weeks and numbered months written as text: 2024Q1, 2024H1, 2024-W05 and 2024M01."""

import re
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["STATA_WEEK", "from_counts", "guess_period_format", "guess_week_format", "parse_period"]

STATA_WEEK = "%Gw%V"
"""As Stata writes weeks, of which it counts 52 in each year, from 1 January."""
FORMATS: tuple[str, ...] = (
    *("%YQ%q", "%Y-Q%q", "%Y Q%q", "%Y/Q%q", "Q%q %Y", "Q%q-%Y", "Q%q/%Y", "Q%q%Y", "%qQ%Y", "%qQ %Y", "%Y:Q%q"),
    *("%G-W%V", "%GW%V", "%G W%V", "%G/W%V", "W%V %G", "W%V-%G", "W%V/%G", "KW%V %G", "KW %V %G", "KW%V/%G"),
    *("%Yq%q", "%Ym%m", "KW %V/%G", "%G-KW%V", "%G KW%V", "%G/KW%V", "%YM%m", "%Y-M%m", "%Y M%m", "M%m %Y", "%Y:%m"),
    *("T%q %Y", "T%q-%Y", "T%q/%Y", "%YT%q", "%Y T%q", "%Y-T%q", "%q. Quartal %Y", "%q. Quartal/%Y", "%Y %q. Quartal"),
    *("Q%q'%y", "Q%q %y", "Q%q-%y", "Q%q/%y", "%qQ%y", "%qQ'%y", "%qQ %y", "Qtr %q %Y", "Quarter %q %Y", "%q. kv. %Y"),
    *("%qº tri/%Y", "%qº trim %Y", "%qT%Y", "%qT %Y", "%Y H%h", "%YH%h", "%Y-H%h", "H%h %Y", "H%h-%Y", "H%h/%Y"),
    *("%hH%Y", "%hH %Y", "H%h'%y", "%Y S%h", "%Y-S%h", "%YS%h", "S%h %Y", "S%h-%Y", "%h. Halbjahr %Y", "%hº sem %Y"),
    *("Wk %V %G", "Wk%V %G", "CW%V/%G", "CW%V %G", "CW %V %G", "%G-CW%V", "%G CW%V", "CW %V/%G", "CW%V-%G"),
    *("FY%Y Q%q", "FY%Y-Q%q", "FY%YQ%q", "FY%y Q%q", "FY%y-Q%q", "FY%yQ%q", "Q%q FY%Y", "Q%q FY%y", "Q%q-FY%y"),
    *("%i/%Y", "%i-%Y", "%i %Y", "%i.%Y", "%Y/%i", "%Y-%i", "%Y %i", "%i. Quartal %Y", "%i kw. %Y", "%i kw %Y"),
    *("CW%V/%g", "CW %V/%g", "CW%V-%g", "KW%V/%g", "KW %V/%g", "KW%V-%g", "W%V/%g", "W%V-%g", "W%V'%g"),
    *("0%m.%Y", "0%m/%Y", "0%m-%Y", "%Y.0%m", "%Y/0%m", "%Y-0%m"),
    *("P%m %Y", "P%m-%Y", "P%m/%Y", "%Y P%m", "%Y-P%m", "%YP%m", "S%V %G", "S%V-%G", "S%V/%G", "%G-S%V", "%GS%V"),
    *("%V. KW %G", "%V. KW/%G", "KW %V-%G", "KW%V-%G", "KW %V, %G", "%Yh%h", STATA_WEEK),
)
NAMES_OF_WEEKS = ("Week", "week", "Woche", "Semaine", "semaine", "Semana", "semana", "Settimana", "settimana")
FORMATS += tuple(f"{name} %V{mark}%G" for name in NAMES_OF_WEEKS for mark in (" ", "/", "-", ", "))
FORMATS += tuple(f"%G{mark}{name} %V" for name in NAMES_OF_WEEKS for mark in (" ", "/", "-", ", "))
WEEK_FORMATS = tuple(f"%G{mark}%V" for mark in "-/. ") + tuple(f"%V{mark}%G" for mark in "-/. ")
"""What looks like a year and a month as well."""
DIRECTIVES = {"%Y": r"(?P<Y>\d{4})", "%G": r"(?P<G>\d{4})", "%q": r"(?P<q>[1-4])", "%V": r"(?P<V>\d\d?)"}
DIRECTIVES |= {"%m": r"(?P<m>\d\d?)", "%y": r"(?P<y>\d\d)", "%h": r"(?P<h>[12])"}
DIRECTIVES |= {"%i": r"(?P<i>IV|I{1,3})", "%g": r"(?P<g>\d\d)"}
"""`%h` is a half of the year, and `%i` a quarter in Roman numerals."""
LAST_MONTH = 12
ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}
TERM = re.compile(r"T%q|%qT")
"""A quarter in French, Spanish or Italian, and one of three terms elsewhere."""


def guess_period_format(texts: "pd.Series[str]") -> str | None:
    """The format in which all `texts` are quarters, half-years, weeks or months; None where there is none."""
    return _find_format(texts, FORMATS)


def guess_week_format(texts: "pd.Series[str]") -> str | None:
    """The format in which all `texts` are a year and a number that can be that of a week; None where there is none."""
    return _find_format(texts, WEEK_FORMATS)


def _find_format(texts: "pd.Series[str]", formats: tuple[str, ...]) -> str | None:
    first = str(texts.iloc[0])
    for text_format in formats:
        pattern = _make_pattern(text_format)
        if re.fullmatch(pattern, first) and bool(texts.str.fullmatch(pattern).all()):
            return text_format if _is_clear(texts.str.extract(f"^{pattern}$"), text_format) else None
    return None


def _is_clear(fields: pd.DataFrame, text_format: str) -> bool:
    """Whether `fields` that can be something else in the same form are what their format says."""
    if TERM.search(text_format):
        return bool((fields["q"] == "4").any())
    if "i" in fields:  # the first months are I to IV, too
        return bool((fields["i"] == "IV").any()) and fields["Y"].nunique() > 1
    if "P" in text_format:  # other years have 13 periods, or 4
        return bool(pd.to_numeric(fields["m"]).max() == LAST_MONTH)
    if "S%V" in text_format:  # seasons and half-years have such names, too
        return bool(pd.to_numeric(fields["V"]).max() > LAST_MONTH)
    if "g" in fields:  # of W23/01 the second number is not that of a week
        return fields["g"].nunique() < max(fields["V"].nunique(), 2)
    return True


def parse_period(texts: "pd.Series[str]", text_format: str) -> NDArray[Any] | None:
    """The first day of each period as datetime64[us], NaT for other texts; None where the format is not of periods."""
    directives = set(re.findall("%-?[A-Za-z]", text_format.replace("%-", "%")))
    is_period = (
        bool(directives & {"%q", "%h", "%i"})
        or directives in ({"%G", "%V"}, {"%Y", "%V"}, {"%g", "%V"})
        or re.search("[MPm0]%m", text_format) is not None
    )
    if not is_period or directives - DIRECTIVES.keys() or not directives & {"%Y", "%G", "%y", "%g"}:
        return None
    found = texts.str.extract(f"^(?:{_make_pattern(text_format)})$")
    fields = {
        field: (found[field].map(ROMAN) if field == "i" else found[field]).astype(float).to_numpy() for field in found
    }
    years = fields.get("Y", fields.get("G", np.zeros(0)))
    years = next((fields[field] + 2000 for field in "yg" if field in fields), years)
    fields |= {"q": fields["i"]} if "i" in fields else {}
    if "V" in fields:
        return _from_weeks(years, fields["V"])
    months = 3 * fields["q"] - 2 if "q" in fields else 6 * fields["h"] - 5 if "h" in fields else fields["m"]
    months = np.where((months >= 1) & (months <= 12), months, np.nan)
    return from_counts((years - 1970) * 12 + months - 1, unit="M")


def from_counts(counts: NDArray[Any], *, unit: Literal["M", "Y"]) -> NDArray[Any]:
    """Months or years since 1970 as timestamps; NaN becomes NaT."""
    known = np.nan_to_num(counts).astype(np.int64).astype(f"datetime64[{unit}]").astype("datetime64[us]")
    return np.where(np.isnan(counts), np.datetime64("NaT", "us"), known)


def _from_weeks(years: NDArray[Any], weeks: NDArray[Any]) -> NDArray[Any]:
    """The Mondays of ISO weeks, NaT where the year has no such week."""
    fourth = from_counts(years - 1970, unit="Y").astype("datetime64[D]") + 3  # 4 January is always in week 1
    is_known = ~np.isnan(years + weeks)
    weekday = (fourth.astype(np.int64) + 3) % 7
    days = fourth - weekday.astype("timedelta64[D]") + (7 * np.nan_to_num(weeks - 1)).astype("timedelta64[D]")
    year_of_week = (days + 3).astype("datetime64[Y]").astype(np.int64) + 1970
    return np.where(is_known & (year_of_week == years), days, np.datetime64("NaT", "D")).astype("datetime64[us]")


@cache
def _make_pattern(text_format: str) -> str:
    parts = re.split("(%-?[A-Za-z])", text_format)
    pattern = "".join(
        DIRECTIVES.get(part.replace("-", "") if part[:1] == "%" else part, re.escape(part)) for part in parts
    )
    # 2024-09 is no period of accounts, which has three digits
    return pattern.replace(r"0(?P<m>\d\d?)", r"0(?P<m>\d\d)")
