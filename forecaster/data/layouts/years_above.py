"""Years that stand above the names of months or quarters, as spreadsheets write them: `2021` above `Jan`, `Feb`, …"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from forecaster.data.names.column_names import names_row_total
from forecaster.data.parts.part_cells import YEARS, level_of_words

__all__ = ["YEARS_ABOVE", "find_below_years", "join_years"]

YEARS_ABOVE = "years stand above the names of the columns, and are read with them"
"""The note for users."""


def join_years(above: Sequence[str], names: Sequence[str]) -> list[str] | None:
    """The `names` of columns with the year that stands `above` each or to the left of that; None where it has none.

    So it is where names are there several times, all of them from the first year on are parts of a year or its total,
    and nothing but years stands above them. The names before these may be in either line.
    """
    found, names = ([cell.strip() for cell in cells] for cells in (above, names))
    found += [""] * (len(names) - len(found))
    first = next((place for place, cell in enumerate(found) if re.fullmatch(YEARS, cell)), len(found))
    parts, years = names[first:], found[first:]
    last = max((place for place, part in enumerate(parts, 1) if part), default=0)  # a delimiter more at the end
    if first == 0 or len(found) > len(names) or any(years[last:]) or len(set(parts[:last])) == last:
        return None
    if not all(map(_names_part, parts[:last])) or not all(re.fullmatch(YEARS, year) for year in years if year):
        return None
    joined, year = [name or cell for name, cell in zip(names[:first], found[:first], strict=True)], ""
    for part, cell in zip(parts[:last], years, strict=False):
        year = cell.removesuffix(".0") or year
        joined.append(f"{part} {year}")
    is_named = all(bool(name) != bool(cell) for name, cell in zip(names[:first], found[:first], strict=True))
    return [*joined, *parts[last:]] if is_named and len(set(joined)) == len(joined) else None


def find_below_years(rows: Iterable[Sequence[str]]) -> int | None:
    """The index of the first of `rows` that holds names below years; None where none does."""
    return next((place for place, (above, names) in enumerate(pairwise(rows), 1) if join_years(above, names)), None)


def _names_part(name: str) -> bool:
    return level_of_words(name) is not None or names_row_total(name)
