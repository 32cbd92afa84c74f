"""Columns that are called by the parts of one time, as `arrival_date_year` and `arrival_date_month`."""

import re
from collections.abc import Callable, Sequence

__all__ = ["find_prefixed_parts"]

YEAR = re.compile(r"(?P<prefix>.*[^\W\d_][\s_.-]+)(?:year|yr|jahr|année|annee|año|anno)", re.IGNORECASE)


def find_prefixed_parts(header: Sequence[str], level_of: Callable[[str], str | None]) -> dict[str, str]:
    """The columns that say the same before the name of a year and that of another part of it, without that prefix.

    `level_of` tells the part of a time from its name, as month from `month`.
    """
    for column in header:
        year = YEAR.fullmatch(column)
        if year is None:
            continue
        parts = {name: name[len(year["prefix"]) :] for name in header if name.startswith(year["prefix"])}
        parts = {name: part.replace("_", " ") for name, part in parts.items() if level_of(part.replace("_", " "))}
        if {level_of(part) for part in parts.values()} & {"quarter", "month", "week", "day"}:
            return parts
    return {}
