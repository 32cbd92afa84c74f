"""Names of months and of the halves of a day: read them as the usual English ones, and write them as the file does."""

import re
from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd

__all__ = ["names_month", "number_months", "translate_half_days", "translate_months"]

FORMS = tuple(
    tuple(names.split())
    for names in (
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "January February March April May June July August September October November December",
        "Jan Feb Mar Apr May June July Aug Sept Oct Nov Dec",
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "Jan Feb März Apr Mai Juni Juli Aug Sept Okt Nov Dez",
        "Jänner Feber März April Mai Juni Juli August September Oktober November Dezember",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "janv févr mars avr mai juin juil août sept oct nov déc",
        "jan fév mar avr mai jun jul aoû sep oct nov déc",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "janv fevr mars avr mai juin juil aout sept oct nov dec",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ene feb mar abr may jun jul ago sep oct nov dic",
        "ene feb mar abr may jun jul ago sept oct nov dic",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "gen feb mar apr mag giu lug ago set ott nov dic",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "jan feb mrt apr mei jun jul aug sep okt nov dec",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "jan fev mar abr mai jun jul ago set out nov dez",
        "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
        "sty lut mar kwi maj cze lip sie wrz paź lis gru",
        "januari februari mars april maj juni juli augusti september oktober november december",
        "jan feb mar apr maj jun jul aug sep okt nov dec",
        "januar februar marts april maj juni juli august september oktober november december",
        "januar februar mars april mai juni juli august september oktober november desember",
        "jan feb mar apr mai jun jul aug sep okt nov des",
        "leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
        "ledna února března dubna května června července srpna září října listopadu prosince",
        "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu",
        "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    )
)
"""No two of these languages give the same word to different months."""
ENGLISH = FORMS[0]
WRITTEN_IN_FULL = {name for form in FORMS if sum(map(len, form)) >= 60 for name in form}
"""They take no full stop."""
MONTHS = {name.casefold(): month for form in FORMS for month, name in enumerate(form)}
WORD = re.compile(r"[^\W\d_]{3,}\.?")
NUMBERED = re.compile(
    r"(?P<before>\d\d?)[\W_]{0,3}(?P<name>[^\W\d_]{3,})\.?|(?P<word>[^\W\d_]{3,})\.?[\W_]{0,3}(?P<behind>\d\d?)\)?"
)
"""A month with a number, as 01-Jan, `1. January` or `Jan (01)`."""
HALF_OF_DAY = re.compile(r"(?<=[\d\s])([AaPp]\.? ?[Mm]\.?)(?=$|[\s,])")
CASES: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper, str.capitalize)


def names_month(text: str) -> bool:
    """Whether a text is the name of a month, with its number before or behind it or without, and nothing else."""
    return _find_month(text) is not None


def number_months(texts: "pd.Series[str]") -> "pd.Series[float]":
    """The numbers of months from 1 on, of texts that are the names of months; NaN for others.

    Numbers beside the names must be those of the months in all texts: beside 02-Jan, 02-Feb is a day, or of a year.
    """
    distinct = {text: _find_month(text) for text in texts.dropna().unique()}
    numbered = [text for text in distinct if _split_number(text) is not None]
    if any(distinct[text] is None for text in numbered):
        distinct |= dict.fromkeys(numbered)
    numbers = [np.nan if (month := distinct.get(text)) is None else month + 1.0 for text in texts]
    return pd.Series(numbers, texts.index, float, texts.name)


def translate_months(texts: "pd.Series[str]") -> "tuple[pd.Series[str], tuple[str, ...]]":
    """`texts` with English abbreviations of months, and the twelve names that the texts use.

    Names that strftime writes, and texts without any, stay as they are; then the names are ().
    """
    sample = texts.dropna()
    if not any(map(WORD.search, sample)):
        return texts, ()
    words = set(sample.str.findall(WORD.pattern).explode().dropna())
    seen = {word: MONTHS[word.removesuffix(".").casefold()] for word in words if _is_month(word)}
    if not seen or any(all(form[month] == word for word, month in seen.items()) for form in FORMS[:2]):
        return texts, ()
    translated = texts.str.replace(
        WORD, lambda found: ENGLISH[seen[found[0]]] if found[0] in seen else found[0], regex=True
    )
    names = max(_list_styles(), key=lambda style: sum(style[month] == word for word, month in seen.items()))
    by_month = {month: word for word, month in sorted(seen.items())}
    return translated, tuple(by_month.get(month, names[month]) for month in range(12))


def translate_half_days(texts: "pd.Series[str]") -> "tuple[pd.Series[str], tuple[str, ...]]":
    """`texts` with AM and PM, and how they write these two, as am or p.m.; () where they write them so, or neither."""
    filled = texts.dropna()
    if not any(map(HALF_OF_DAY.search, filled)):
        return texts, ()
    found = filled.str.extract(HALF_OF_DAY)[0].dropna()
    if found.isin(["AM", "PM"]).all():
        return texts, ()
    translated = texts.str.replace(HALF_OF_DAY, lambda half: f"{half[0][0].upper()}M", regex=True)
    usual = str(found.mode().iloc[0])
    am, pm = ("a", "p") if usual[0].islower() else ("A", "P")
    return translated, (am + usual[1:], pm + usual[1:])


def _find_month(text: str) -> int | None:
    found = MONTHS.get(text.strip().rstrip(".").casefold())
    numbered = None if found is not None else _split_number(text)
    if numbered is None:
        return found
    month, number = numbered
    return month if month + 1 == number else None


def _split_number(text: str) -> tuple[int, int] | None:
    """The month, from 0 on, and the number beside its name, which may be that of a day or a year; None without one."""
    parts = NUMBERED.fullmatch(text.strip())
    month = None if parts is None else MONTHS.get((parts["name"] or parts["word"]).casefold())
    return None if parts is None or month is None else (month, int(parts["before"] or parts["behind"]))


def _is_month(word: str) -> bool:
    return word.removesuffix(".").casefold() in MONTHS


def _list_styles() -> list[tuple[str, ...]]:
    """All forms in every case, with and without a full stop."""
    return [
        tuple(case(name) + ("" if name in WRITTEN_IN_FULL else end) for name in form)
        for form, case, end in product(FORMS, CASES, ("", "."))
    ]
