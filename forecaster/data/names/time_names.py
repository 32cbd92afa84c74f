"""What names of columns say of the time: parts of it, the system in which weeks are counted, years with fractions."""

import re

from forecaster.data.names.column_names import list_words, normalise_name, split_words

__all__ = ["counts_from_sunday", "has_time_word", "names_decimal_year", "names_time_part", "strip_week_system"]

TIME_PARTS = list_words(
    """
    year month quarter week day hour minute second weekday dayofweek day_of_week dow dayofyear day_of_year doy
    yr mnth weekofyear week_of_year day_of_month dayofmonth dom mday wday yday month_of_year hour_of_day hourofday
    jahr quartal monat woche kw tag wochentag stunde année annee mois semaine jour heure
    año ano mes semana día dia hora anno mese settimana giorno ora jaar maand dag uur
    """
)
SUNDAY_SYSTEMS = "mmwr|cdc|epidemiological|epidemic|epi"
"""Weeks of health services, which begin on Sunday; the first one of a year has 4 days or more of it."""
WEEK_SYSTEM = re.compile(
    rf"(?i)(?:{SUNDAY_SYSTEMS}|iso)[\s_.-]*(?P<part>year|yr|week|wk|month|day|weekday|dow)(?:[\s_-]*(?:no|nr|number))?"
)
WEEK_SYSTEM_BEHIND = re.compile(rf"(?i)(?P<part>year|week)[\s_-]*\(?(?:{SUNDAY_SYSTEMS}|iso)\)?")
DECIMAL_YEARS = list_words(
    "decimal decimal_date decimal_year year_decimal decimaldate decimalyear dec_year decyear decdate"
)
DECIMAL_YEARS |= list_words("year_fraction yearfrac year_frac fractional_year dezimaljahr année_décimale")


def names_time_part(name: str) -> bool:
    """Whether a column of this name usually holds a part of the time, such as the number of the month."""
    return normalise_name(strip_week_system(name)) in TIME_PARTS


def has_time_word(name: str) -> bool:
    """Whether one word of the name is a part of the time, as in `fiscal year`."""
    return names_time_part(name) or not TIME_PARTS.isdisjoint(split_words(name))


def strip_week_system(name: str) -> str:
    """The name of a part of a time without that of a system of weeks: `week` of `isoweek`, `Year` of `MMWR Year`."""
    found = WEEK_SYSTEM.fullmatch(name.strip()) or WEEK_SYSTEM_BEHIND.fullmatch(name.strip())
    return name if found is None else found["part"]


def counts_from_sunday(name: str) -> bool:
    """Whether a name says that weeks are those of health services, as `MMWR Week` and `epiweek` do."""
    return strip_week_system(name) != name and re.search(SUNDAY_SYSTEMS, name.casefold()) is not None


def names_decimal_year(name: str) -> bool:
    """Whether a column of this name usually holds years with fractions."""
    return normalise_name(name) in DECIMAL_YEARS
