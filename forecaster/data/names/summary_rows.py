"""Names that stand in the column of times instead of a time, where a row is the sum or the mean of others."""

import re

from forecaster.data.names.column_names import is_total_name

__all__ = ["names_mean", "names_summary"]

LETTER = re.compile(r"[^\W\d_]|∑")
TOTAL = re.compile(
    r"\b(?:(?:sub|sous)?-?totale?s?|totales|totais|totali|totaal|totalt|sum|sums|\w*summen?|gesamt|insgesamt|somme|suma"
    r"|soma|somma|summa|razem|ogółem|celkem|összesen|yhteensä|toplam|итого|всего|сумма|σύνολο)\b|\w+totaal\b"
    r"|合[計计]|小[計计]|[总總]计|總計"
)
MEAN = re.compile(
    r"\b(?:average|avg|mean|\w*(?:mittel|mittelwert|durchschnitt)|schnitt|moyenne|media|média|promedio|gemiddelde?"
    r"|średnia|medel|medelvärde|snitt|průměr|átlag|keskiarvo|ortalama|среднее)\b|ø|平均"
)
MEAN_OF_YEAR = re.compile(r"m13|q05|s03|a01|(?:(?:19|20)\d\d[ -]?)?annual(?:[ -]?(?:19|20)\d\d)?", re.IGNORECASE)
"""The mean of a year behind its months, quarters or half-years, as the US Bureau of Labor Statistics writes it."""
MOST_WORDS = 6
"""Words of a name; a sentence is a note."""


def names_summary(cell: str) -> bool:
    """Whether a cell that should hold a time is the name of a total or a mean, as `Total week 1` and `Summe KW 1`.

    Names of series may hold such words, too.
    """
    return LETTER.search(cell) is not None and (is_total_name(cell) or names_mean(cell) or _has(TOTAL, cell))


def names_mean(cell: str) -> bool:
    """Whether a cell that should hold a time is the name of a mean."""
    # most cells are dates in digits
    return LETTER.search(cell) is not None and (_has(MEAN, cell) or MEAN_OF_YEAR.fullmatch(cell.strip()) is not None)


def _has(words: re.Pattern[str], cell: str) -> bool:
    plain = re.sub(r"[_.:]", " ", cell.casefold())
    return len(plain.split()) <= MOST_WORDS and words.search(plain) is not None
