"""How parts of a time are written in words: `1. Quartal`, `I Trim`, `Primer trimestre`, `MONAT01`, `1 PM`."""

import re

import pandas as pd

from forecaster.data.names.date_names import number_months

__all__ = ["CLOCK", "MONTH_IN_WORDS", "NAMED", "WORDS", "number_halves", "number_months_in_words"]

CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:[AaPp]\.? ?[Mm]\.?)?"
QUARTERS = "quartal|quarter|qtr|trimestre|trimester|trim|vierteljahr|kwartaal|kwartał|kvartal"
HALVES = "halbjahr|semestre"
MONTHS = "month|monat|mois|mes|mês|mese|maand|miesiąc|miesiac|måned|månad"
PERIODS = "period|periode|periodo|período|période|per"
NUMBERED_MONTH = r"0?(?:[1-9]|1[0-2])"
ORDINALS = (
    "first erstes erste eerste primer primero primeiro primo premier pierwszy første första",
    "second zweites zweite tweede segundo secondo deuxième deuxieme drugi anden andra",
    "third drittes dritte derde tercer tercero terceiro terzo troisième troisieme trzeci tredje",
    "fourth viertes vierte vierde cuarto quarto quatrième quatrieme czwarty fjerde fjärde",
)
NUMBERS = {word: str(number) for number, words in enumerate(ORDINALS, 1) for word in words.split()}
NUMBERS |= {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
ORDINAL = rf"[1-4](?:[.ºª°]|er|e|o|st|nd|rd|th)?|(?:{'|'.join(sorted(NUMBERS, key=len, reverse=True))})\.?"
"""The number of a quarter: `1.`, `1er`, `1st`, `I`, `Primer`."""
MONTH_IN_WORDS = rf"(?i:{MONTHS})[ _.-]{{0,2}}{NUMBERED_MONTH}|{NUMBERED_MONTH} ?[월月]"
"""A month that a word says: `MONAT01`, `Mes 1`, `1月`."""
WORDS = {
    "half": rf"(?i:[12][.ºª]? ?(?:{HALVES}|half)|(?:half|{HALVES}) ?[12]|(?:{ORDINAL}) ?(?:{HALVES}))",
    "quarter": rf"[Qq][1-4]|(?i:(?:{ORDINAL}) ?(?:{QUARTERS})\.?|(?:{QUARTERS})\.? ?(?:[1-4]|iv|i{{1,3}}))",
    "month": (
        r"M\d\d|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?|"
        rf"{MONTH_IN_WORDS}"
    ),
    "week": r"[Ww]\d\d?",
    "hour": (
        rf"{CLOCK}|(?i:\d{{1,2}}\s?[ap]\.?\s?m\.?|HE ?\d{{1,2}}|\d{{1,2}}\s?h(?:\s?\d\d)?|\d{{1,2}}(?:[:.]\d\d)?\s?Uhr"
        r"|\d{1,2}:\d\d\s?(?:-|–|to|bis)\s?\d{1,2}:\d\d)"
    ),
}
"""Patterns of parts that are not written as numbers."""
NAMED = {
    "half": r"[^\W\d_]{0,10}[. ]{0,2}[12][.ºª]?[ .]?[^\W\d_]{0,10}\.?",
    "quarter": r"[^\W\d_]{0,10}[. ]{0,2}[1-4][.ºª]?[ .]?[^\W\d_]{0,10}\.?|IV|I{1,3}",
    "month": rf"[MP](?:0[1-9]|1[0-2])|(?i:{PERIODS})[ _.-]{{0,2}}{NUMBERED_MONTH}",
    "week": r"[^\W\d_]{1,10}[. ]{0,2}\d{1,2}|\d{1,2}\.? ?[^\W\d_]{1,10}\.?",
    "hour": r"\d{1,2}\s?(?:-|–)\s?\d{1,2}|\d{1,2}\. ?[^\W\d_]+|[23][ABab]",
}
"""How they are written where the name of the column says what they are: `T1`, `Kv 1`, `1. Stunde`, `3B`."""
NUMBER_OF_MONTH = re.compile(
    rf"(?:[MP](?=\d\d$)|(?i:{MONTHS}|{PERIODS})[ _.-]{{0,2}})(?P<behind>{NUMBERED_MONTH})"
    rf"|(?P<before>{NUMBERED_MONTH}) ?[월月]"
)


def number_months_in_words(texts: "pd.Series[str]") -> "pd.Series[str]":
    """The numbers of months, as texts: 3 for `March`, `M03` and `Monat 3`; other texts as they are."""
    months = number_months(texts).astype("Int64").astype(object)
    return months.where(months.notna(), texts.map(_read_month)).astype(object)


def number_halves(texts: "pd.Series[str]") -> "pd.Series[str]":
    """The numbers of quarters or half-years, as texts: 2 for `Q2`, `II`, `2. Quartal`, `Segundo trimestre`."""
    return texts.map(_read_ordinal)


def _read_month(text: str) -> str:
    found = NUMBER_OF_MONTH.fullmatch(text.strip())
    return text if found is None else found["behind"] or found["before"]


def _read_ordinal(text: str) -> str | None:
    if (digit := re.search("[1-4]", text)) is not None:
        return digit[0]
    return next((NUMBERS[word] for word in re.findall(r"[^\W\d_]+", text.casefold()) if word in NUMBERS), None)
