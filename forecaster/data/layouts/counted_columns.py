"""Find columns that count the steps of rows, as `d_1` to `d_1913` or `Week 1` to `Week 52`, by their names."""

import re
from collections.abc import Sequence

from forecaster.data.names.column_names import list_words

__all__ = ["COUNTED_TIME", "find_counted"]

COUNTED_TIME = "step"
"""The column of such steps, once each has a row."""
FEWEST = 8
"""Columns that count the steps at the least: a few may be answers, or sensors."""
STEPS = list_words(
    """
    d day days w wk week weeks month months quarter year hour step period
    tag woche monat jour semaine mois día dia semana mes giorno settimana mese dag maand dzień tydzień miesiąc
    """
)
NAME = re.compile(r"(?P<word>[^\W\d_]+)(?P<between>[ _.-]?)(?P<number>\d{1,5})")


def find_counted(names: Sequence[str]) -> dict[int, str] | None:
    """The numbers in the `names` of columns that are steps one after the other, by their place; None for others."""
    groups: dict[tuple[str, str], dict[int, str]] = {}
    for place, name in enumerate(names):
        found = NAME.fullmatch(name.strip())
        if found is not None and found["word"].casefold() in STEPS:
            groups.setdefault((found["word"], found["between"]), {})[place] = str(int(found["number"]))
    for counted in groups.values():
        numbers = [*map(int, counted.values())]
        if len(numbers) >= FEWEST and numbers == [*range(numbers[0], numbers[0] + len(numbers))]:
            return counted
    return None
