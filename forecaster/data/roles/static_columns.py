"""Find columns that describe series as a whole: they have one value in each of them."""

import numpy as np
import pandas as pd

from forecaster.errors import UsageError

__all__ = ["check_static", "find_coordinates", "find_unchanging", "suggest_static"]

MAX_STATIC = 20
"""Columns that describe series, at the most."""
MOST_NAMED = 3
"""Columns that are suggested at the most."""

LEAST_ROWS = 3
"""Rows of a series, on average, in which coordinates are the same."""
MIN_SERIES = 3
"""Series from which an attribute is suggested."""


def check_static(static: tuple[str, ...], *, is_wide: bool) -> None:
    """Raise UsageError for columns that describe series where that cannot be, or where they are very many."""
    if static and is_wide:
        raise UsageError(
            f"--static {static[0]}: in a wide table each column is a series, so none describes them. Write the table "
            "with a row for each series and time."
        )
    if len(static) > MAX_STATIC:
        raise UsageError(f"--static: {len(static)} columns, more than {MAX_STATIC}. Name those that matter most.")


def suggest_static(names: tuple[str, ...]) -> list[str]:
    """Words that suggest to use the columns `names`, if there are any."""
    if not names:
        return []
    more = f" and {len(names) - MOST_NAMED} more" * (len(names) > MOST_NAMED)
    return [f"--static {','.join(names[:MOST_NAMED])}{more}, for 'train': the same in all rows of a series"]


def find_unchanging(sample: pd.DataFrame, *, ids: tuple[str, ...], ignored: tuple[str, ...]) -> tuple[str, ...]:
    """The columns not used that have one value in each series of `sample`, and another one in some other series."""
    if not ids:
        return ()
    series = sample.groupby([*ids], sort=False).ngroup().to_numpy()
    count, found = len(np.unique(series)), []
    for column in ignored if MIN_SERIES <= count <= len(sample) // 2 else ():
        codes = pd.factorize(sample[column])[0].astype(np.int64)
        is_filled, values = codes >= 0, int(codes.max(initial=0)) + 1
        described = len(np.unique(series[is_filled]))
        # a name of the series says nothing that it shares with others
        is_same = len(np.unique((series * values + codes)[is_filled])) == described
        if is_same and 1 < values < described and not _renames(sample, column, ids=ids):
            found.append(column)
    return tuple(found)


def find_coordinates(sample: pd.DataFrame, *, numeric: list[str], time: str) -> list[str]:
    """Columns `x` and `y` that are the same in all rows of a series, beside another column of numbers that changes.

    Columns of text, and of ids by name, show which rows are of a series.
    """
    lowered = {column.strip().casefold(): column for column in numeric}
    places = [lowered[name] for name in ("x", "y") if name in lowered]
    others = [column for column in numeric if column not in places]
    if len(places) < 2 or not any(sample[column].nunique() > 1 for column in others):
        return []
    keys = [str(column) for column in sample if column not in (*numeric, time)]
    series = sample.groupby(keys, dropna=False).ngroup().to_numpy() if keys else np.zeros(len(sample), np.int64)
    is_same = bool((sample[places].groupby(series).nunique() <= 1).all(axis=None))
    return places if is_same and LEAST_ROWS * len(np.unique(series)) <= len(sample) else []


def _renames(sample: pd.DataFrame, column: str, *, ids: tuple[str, ...]) -> bool:
    """Whether a column is another name of an id, such as the code of a country."""
    values = sample[column].nunique()
    return any(len(sample[[name, column]].drop_duplicates()) == values == sample[name].nunique() for name in ids)
