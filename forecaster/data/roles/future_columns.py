"""Find which columns a file of the future lacks."""

from collections.abc import Collection
from difflib import get_close_matches

from forecaster.data.problems import explain_absent, list_names
from forecaster.data.roles.columns import Columns
from forecaster.errors import DataError

__all__ = ["describe_absent", "list_absent"]


def list_absent(name: str, present: Collection[str], *, columns: Columns) -> tuple[str, ...]:
    """The columns known ahead that are not among those `present` in the file `name`: their values are missing.

    Raises DataError where it lacks the time or all of them, or has a column of a similar name instead of one of them or
    of an id. Without an id its rows may hold for all series, see `spread_over_series`.
    """
    lacked = [column for column in (*columns.ids, *columns.time_columns, *columns.known) if column not in present]
    absent = [column for column in columns.known if column in lacked]
    without_ids = [column for column in lacked if column not in columns.ids]
    unused = [column for column in present if column not in (*columns.ids, *columns.time_columns, *columns.known)]
    similar = [
        column
        for column in lacked
        if get_close_matches(column.casefold(), [other.strip().casefold() for other in unused], n=1)
    ]
    if len(absent) < len(without_ids) or len(absent) == len(columns.known):
        similar = without_ids
    if similar:
        raise DataError(explain_absent(name, similar[0], present=present, others="the data"))
    return tuple(absent)


def describe_absent(name: str, absent: tuple[str, ...]) -> tuple[str, ...]:
    """A note on the columns that a file lacks, if any."""
    if not absent:
        return ()
    several = len(absent) > 1
    names, values = list_names([*map(repr, absent)]), "their values" if several else "its values"
    return (f"{name}: no {'columns' if several else 'column'} {names}, so {values} are missing there",)
