"""Refuse names of series that are empty in many rows, and say what to write there."""

import shlex
from typing import Any

import numpy as np
import pandas as pd

from forecaster.data.layouts.period_rows import is_blank
from forecaster.data.layouts.row_codes import Codes, combine, count_rows, has_repeats
from forecaster.errors import DataError

__all__ = ["refuse_blank_names"]

LEAST_EMPTY = 0.5
"""Share of the cells that are empty where a name stands only in the first row of its group."""
LEAST_REPEATED = 0.5
"""Share of the rows that repeat a time without the names."""


def refuse_blank_names(base: Codes, columns: "dict[str, pd.Series[Any]]", *, name: str) -> None:
    """Raise DataError where names tell rows apart that are empty in some: for a group that has none, or below a name.

    That is so where the other columns do not, and most rows repeat a time. Below its name, as in a pivot table, an
    empty cell is no name of its own.
    """
    full: dict[str, Codes] = {}
    own: dict[str, Codes] = {}
    above: dict[str, Codes] = {}
    for column, cells in columns.items():
        is_name = ~is_blank(cells)
        kept = cells.where(is_name)
        if is_name.all():
            full[column] = np.asarray(cells.cat.codes, np.int64)
        elif is_name[0] and float((~is_name).mean()) >= LEAST_EMPTY and cells[is_name].nunique() > 1:
            own[column] = np.asarray(kept.cat.codes, np.int64) + 1
            above[column] = np.asarray(kept.ffill().cat.codes, np.int64)
    sizes = count_rows(combine([base, *full.values()]))
    is_seldom = sizes[sizes > 1].sum() < LEAST_REPEATED * len(base)
    if not above or is_seldom or has_repeats([base, *full.values(), *above.values()]):
        return
    for column, codes in own.items():
        if not has_repeats([base, *full.values(), codes]):
            raise _explain_none(base, column, codes, full=full, name=name)
    raise DataError(
        f"{name}: timestamps repeat, and the names in {' and '.join(map(repr, above))} stand only in the first row of "
        "each group. Repeat them in every row of the group."
    )


def _explain_none(base: Codes, column: str, codes: Codes, *, full: dict[str, Codes], name: str) -> DataError:
    """The error for a column that has no name where the others, or the time alone, tell the rows apart."""
    single = [other for other, own in full.items() if not has_repeats([base, codes, own])]
    others = () if not has_repeats([base, codes]) else tuple(single[:1]) or tuple(full)
    example = f"that of {others[0]!r}" if others else "'other'"
    return DataError(
        f"{name}: timestamps repeat, and {column!r} would tell the series apart, but is empty where there is no such "
        f"name. Write one into its empty cells, such as {example}, and use --id "
        f"{shlex.quote(','.join((*others, column)))}."
    )
