"""Parts of a time in a cell of their own, such as a month, a quarter or an hour: find them, and read their numbers."""

import re

import numpy as np
import pandas as pd

from forecaster.data.names.date_names import names_month
from forecaster.data.names.part_words import CLOCK, MONTH_IN_WORDS, NAMED, WORDS, number_halves, number_months_in_words
from forecaster.data.names.seasons import hold_seasons
from forecaster.data.names.summary_rows import names_mean
from forecaster.data.names.time_names import strip_week_system
from forecaster.data.parts.half_hours import HALF_HOUR, are_half_hours, names_half_hour
from forecaster.data.parts.prefixed_parts import find_prefixed_parts

__all__ = [
    "DATES",
    "LEVELS",
    "are_years",
    "find_levels",
    "hold_times",
    "is_name_alone",
    "level_of_name",
    "level_of_words",
    "number_parts",
]

LEVELS = ("year", "half", "quarter", "month", "week", "day", HALF_HOUR, "hour", "minute", "second")
"""From coarse to fine."""
NAMES = {level: level for level in LEVELS if level not in ("half", HALF_HOUR)}
NAMES |= {"yr": "year", "qtr": "quarter", "mo": "month", "mon": "month", "wk": "week", "hr": "hour", "time": "hour"}
WORDS_OF_LEVELS = {
    "year": "jahr año année annee anno ano jaar rok år",
    "half": "half halbjahr semestre halfjaar halvår półrocze",
    "quarter": "quartal trimestre trimestr kwartaal kwartał kvartal",
    "month": "monat mes mês mois mese maand period periode miesiąc miesiac månad måned",
    "week": "woche kalenderwoche kw semaine semana settimana tydzień tydzien vecka",
    "day": "tag doy",
    "hour": "uhrzeit zeit stunde he hora heure ora uur tijd godzina timme",
}
OTHER_NAMES = {word: level for level, words in WORDS_OF_LEVELS.items() for word in words.split()}
OTHER_NAMES |= {"dy": "day", "day of month": "day", "day_of_month": "day", "hour ending": "hour"}
OTHER_NAMES |= {"年": "year", "년": "year", "연도": "year", "月": "month", "월": "month"}
"""Names that count beside a column of years or dates only."""
ALL_NAMES = OTHER_NAMES | NAMES
QUALIFIERS = re.compile(r"[\s_-]*\b(?:calendar|name|number|no\.?|nr\.?)(?=[\s_-]|$)[\s_-]*")
"""What a name may say beside the part, as in `Calendar Year` or `Month Name`."""
RANGES = {"year": (1000, 2999), "half": (1, 2), "quarter": (1, 4), "month": (1, 12), "week": (0, 53), "day": (1, 366)}
RANGES |= {"hour": (0, 25), "minute": (0, 59), "second": (0, 59)}
"""The day on which the clocks are set back has an hour 25, and weeks that are counted from 1 January a number 0."""
HALF_PERIOD, QUARTER_PERIOD = re.compile(r"[HhSs]0?[12]"), re.compile(r"[Qq]0?[1-4]")
"""Half-years and quarters, where the column is one of periods."""
DOTTED = r"(?:[01]?\d|2[0-4])\.([0-5]\d)"
FEWEST_COMPACT, LAST_COMPACT = 5, 2400
"""Distinct cells such as 840 and 2100 that are times of day, and the last of them."""
RANGE = re.compile(r"\s?(?:-|–|to|bis)\s?")
HOUR = re.compile(r"(\d{1,2})(?:\s?[:.h]\s?(\d\d))?[^ap]*(?:([ap])\.?\s?m)?")
BEGINS = re.compile(
    r"(?i)\b(?:begin|beginn|start|from|von|ab|anfang|début|debut|inicio|desde|início|inizio|dalle|van|od|från)\b"
)
ENDS = re.compile(r"(?i)\b(?:end|to|until|bis|ende|fin|hasta|fim|até|fine|alle|tot|do|till)\b")
"""Names of columns of the times at which rows begin and end."""
DURATIONS = re.compile(
    r"(?i)durat|duraci|duraç|durata|\bdur\b|durée|duree|dauer|czas trwania|längd|\bduur\b|elapsed"
    r"|\b(?:talk|handl(?:e|ing)|hold|wait(?:ing)?|wrap|idle) ?times?\b|\b(?:aht|asa|att|acw)\b"
    r"|wartezeit|gesprächszeit|bearbeitungszeit|laufzeit"
)
"""Names of columns of how long something took, which is written as a time of day is."""
YEARS = r"(?:19|20)\d\d(?:\.0+)?"
FISCAL = re.compile(r"(?i)fiscal|\bfy|exercice|ejercicio|esercizio|gesch(?:ä|ae)ftsjahr|gjahr|boekjaar")
"""Years that may begin in any month."""
FEWEST_MONTHS = 3
"""Names of months that show by themselves what a column holds."""
DATES = {
    "quarter": r"\d{4}-?Q[1-4]",
    "month": r"(?:19|20)\d\d(?:0[1-9]|1[0-2])|\d{4}[-/]\d{1,2}|\d{1,2}[-/.](?:19|20)\d\d|[A-Za-z]{3,9}[ -]\d{4}",
    "day": (
        r"(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
        r"|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{2,4})(?:[ T]00?:00(?::00)?)?"
    ),
}
"""Patterns of complete dates, by their finest level."""

DATED = (
    r"\s*\d{4}[-/.]?(?:\d{1,2}|[QqWw]\d{1,2})\b.*",
    r"\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b.*",
    r"\s*\d{1,2}:\d\d.*",
    r"\s*[A-Za-z]{0,3}[ -]?(?:19|20)\d\d\s*",
    r"(?=.*\b(?:19|20)\d\d)(?=.*\b[QqWw]\d).*",
    r"(?i)(?=.*\d)(?=.*(?:\b|\d)(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)).*",
)
"""Cells that are dates or times of day: what a row is about or when it was written, and no series."""


def level_of_name(column: str) -> str | None:
    """The part of a time that a column of this name usually holds, beside a column of years or dates."""
    plain = " ".join(strip_week_system(column).split()).casefold()
    named = HALF_HOUR if names_half_hour(plain) else None
    return named or ALL_NAMES.get(plain) or ALL_NAMES.get(QUALIFIERS.sub("", plain))


def level_of_words(cell: str) -> str | None:
    """The part of a time that a cell names in words: a month, `Q1` or `1. Quartal`, `1. Halbjahr`; None for others."""
    if names_month(cell) or re.fullmatch(MONTH_IN_WORDS, cell.strip()):
        return "month"
    return next((level for level in ("quarter", "half") if re.fullmatch(WORDS[level], cell.strip())), None)


def is_name_alone(column: str) -> bool:
    """Whether a name says which part of a time a column holds, also where no column of years or dates is there."""
    return strip_week_system(column).strip().casefold() in NAMES


def find_part(cells: "pd.Series[str]", column: str) -> str | None:
    """The level of a column whose name and `cells` all show that it is a part of a time, else None."""
    level = level_of_name(column)
    if level is None or (level == "hour" and are_years(cells, name=column)):  # 2016 to 2023 look like minutes
        return None
    texts = [text for text in dict.fromkeys(cell.strip() for cell in cells.dropna().unique()) if not names_mean(text)]
    if level == "month" and texts and all(map(HALF_PERIOD.fullmatch, texts)):
        return "half"
    if level == "month" and texts and all(map(QUARTER_PERIOD.fullmatch, texts)):
        return "quarter"
    if level == HALF_HOUR:
        return level if texts and are_half_hours(texts) else None
    numbers = pd.to_numeric(np.array(texts, object), errors="coerce").tolist()
    low, high = RANGES[level]
    others = [
        text for text, number in zip(texts, numbers, strict=True) if not (low <= number <= high and number % 1 == 0)
    ]
    patterns = [written[level] for written in (WORDS, NAMED) if level in written]
    others = [text for text in others if not any(re.fullmatch(pattern, text) for pattern in patterns)]
    if level == "month" and all(map(names_month, others)):
        others = []
    if level == "hour" and others:
        distinct = pd.Series(texts, dtype=str)
        others = [] if _are_compact(distinct) or _are_dotted(distinct) else others
    return level if texts and not others else None


def _are_compact(texts: "pd.Series[str]") -> bool:
    """Whether distinct cells, several of them, are hours and minutes in digits, such as 840 and 2100."""
    if not bool(texts.str.fullmatch(r"\d{1,4}(?:\.0)?").all()):
        return False
    numbers = texts.astype(float)
    are_clock = bool((numbers % 100 < 60).all()) and numbers.max() <= LAST_COMPACT
    # 0005 is a minute, 5 an hour
    has_hours = numbers.max() >= 100 or bool(texts.str.fullmatch(r"\d{4}").all())
    return are_clock and has_hours and len(numbers) >= FEWEST_COMPACT


def _are_dotted(texts: "pd.Series[str]") -> bool:
    """Whether distinct cells are times of day with points, such as 18.00.00 or 18.30; 18.5, 18.50, 18.25 are hours."""
    if bool(texts.str.fullmatch(DOTTED + r"\.[0-5]\d").all()):
        return True
    minutes = set(texts.str.extract(rf"^{DOTTED}$")[0])
    return bool(minutes - {"00", "25", "50"}) and not any(map(pd.isna, minutes))


def hold_times(cells: "pd.Series[str]") -> bool:
    """Whether text cells are all dates, times of day, or names of months or quarters: they name no series."""
    distinct = [*map(str, cells.dropna().unique())]
    if not distinct:
        return False
    written = any(
        re.fullmatch(pattern, distinct[0]) and all(map(re.compile(pattern).fullmatch, distinct))
        for pattern in (*DATED, *WORDS.values())
    )
    return written or all(map(names_month, distinct))


def find_levels(sample: pd.DataFrame) -> dict[str, str]:
    """The columns that are parts of a time, with their levels: by their names and cells, or by the cells alone.

    The cells alone show it where they are names of months or quarters, or count the months of the years beside them
    through, or seasons beside years; where they are years beside months, quarters or half-years; and where they are
    times of day.
    """
    header = [str(column) for column in sample]
    found = {column: level for column in header if (level := find_part(sample[column], column)) is not None}
    if "year" not in found.values():
        prefixed = find_prefixed_parts([column for column in header if not FISCAL.search(column)], level_of_name)
        found |= {
            column: level for column, name in prefixed.items() if (level := find_part(sample[column], name)) is not None
        }
    others = [column for column in header if column not in found]
    if not {"half", "quarter", "month", "week"} & {*found.values()}:
        found |= next(({column: level} for column in others if (level := _find_written(sample[column]))), {})
    if not {"half", "quarter", "month", "week"} & {*found.values()}:
        seasons = next((column for column in others if hold_seasons(sample[column])), None)
        is_beside = "year" in found.values() or any(are_years(sample[column], name=column) for column in others)
        found |= {seasons: "quarter"} if seasons is not None and is_beside else {}
    if "year" not in found.values() and {"half", "quarter", "month"} & {*found.values()}:
        found |= next(({column: "year"} for column in others if are_years(sample[column], name=column)), {})
    if "hour" not in found.values() and (clock := _find_clock(sample, others)) is not None:
        found[clock] = "hour"
    if [*found.values()] == ["year"]:
        years = pd.to_numeric(sample[next(iter(found))], errors="coerce")
        found |= next(({column: "month"} for column in others if _count_months(sample[column], years=years)), {})
    return {column: found[column] for column in header if column in found}


def number_parts(cells: "pd.Series[str]", level: str) -> "pd.Series[str]":
    """The numbers of parts, as texts: 3 for `March`, `M03` and `3.0`, 2 for `Q2`; other texts as they are.

    Hours that are told in words are those of a clock, as in 13:00 for `1 PM`, or numbers, as in 1 for `HE01`.
    """
    distinct = pd.Series(cells.dropna().unique(), dtype=object)
    return cells.map(dict(zip(distinct, _number_distinct(distinct, level), strict=True))).astype(object)


def _number_distinct(texts: "pd.Series[str]", level: str) -> "pd.Series[str]":
    if level == "month":
        return number_months_in_words(texts)
    if level == "week":
        return texts.where(texts.str.fullmatch(r"\d+(?:\.0+)?"), texts.str.extract(r"(\d+)")[0])
    if level in ("half", "quarter"):
        return number_halves(texts)
    if level == "hour" and len(texts) and _are_dotted(texts):
        return texts.str.replace(".", ":", regex=False)
    if level == "hour" and len(texts) and _are_compact(texts):
        numbers = texts.astype(float).astype(int)
        return (numbers // 100).map("{:02d}".format) + ":" + (numbers % 100).map("{:02d}".format)
    return texts.map(_read_hour) if level == "hour" else texts


def _read_hour(cell: str) -> str:
    begin, *end = RANGE.split(cell.strip().casefold())
    found = HOUR.search(begin)
    if found is None or re.fullmatch(rf"{CLOCK}|[\d.]+", cell.strip()):
        return cell
    hour, minute = int(found[1]), found[2]
    if found[3]:
        hour = hour % 12 + 12 * (found[3] == "p")
    if found[3] or end or "uhr" in begin:
        minute = minute or "00"
    return f"{hour:02d}:{minute}" if minute else str(hour)


def _find_written(cells: "pd.Series[str]") -> str | None:
    """The level of cells that are names of months or quarters, whatever the name of their column is."""
    first = next((cell for cell in cells if isinstance(cell, str) and cell.strip()), "").strip()
    level = level_of_words(first)
    if level is None:
        return None  # tables may have thousands of columns
    distinct = pd.Series([cell for cell in cells.dropna().unique() if not names_mean(cell)], dtype=str).str.strip()
    are_enough = len(distinct) >= (FEWEST_MONTHS if level == "month" else 2)
    return level if are_enough and all(level_of_words(cell) == level for cell in distinct) else None


def _find_clock(sample: pd.DataFrame, columns: list[str]) -> str | None:
    """The column of times of day; of several that at which rows begin, None where the names do not say which it is."""
    clocks = []
    for column in columns:
        if DURATIONS.search(column.replace("_", " ")):
            continue
        first = next((cell for cell in sample[column] if isinstance(cell, str) and cell.strip()), "").strip()
        if re.fullmatch(WORDS["hour"], first):  # tables may have thousands of columns
            cells = pd.Series(sample[column].dropna().unique(), dtype=str).str.strip()
            clocks += [column] * bool(len(cells) > 1 and cells.str.fullmatch(WORDS["hour"]).all())
    no_ends = [column for column in clocks if not ENDS.search(column.replace("_", " "))]
    begins = [column for column in clocks if BEGINS.search(column.replace("_", " "))]
    return next((found[0] for found in (clocks, no_ends, begins) if len(found) == 1), None)


def _count_months(cells: "pd.Series[str]", *, years: "pd.Series[float]") -> bool:
    """Whether cells count the months through, row by row, and not the same number of series in each of whole years."""
    if not isinstance(cells.iloc[0], str) or not re.fullmatch(r"\s*(?:0?[1-9]|1[0-2])\s*", cells.iloc[0]):
        return False  # tables may have thousands of columns
    months = pd.to_numeric(cells, errors="coerce")
    goes_on = bool(((12 * years + months).diff().iloc[1:] == 1).all()) and bool(months.between(1, 12).all())
    return goes_on and years.nunique() > 1 and (months.iloc[0] > 1 or months.iloc[-1] < 12)


def are_years(cells: "pd.Series[str]", *, name: str) -> bool:
    """Whether cells are consecutive years, each of several rows, and not those of a company."""
    first = next((cell for cell in cells if isinstance(cell, str)), "")
    if not re.fullmatch(YEARS, first.strip()) or FISCAL.search(name):
        return False  # tables may have thousands of columns
    filled = cells.dropna().str.strip()
    if not bool(filled.str.fullmatch(YEARS).all()):
        return False
    years = pd.to_numeric(filled)
    return bool(1 < years.nunique() == years.max() - years.min() + 1 <= len(years) / 2)
