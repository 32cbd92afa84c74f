"""A future without a column of the series, such as a weather forecast by date alone: its rows hold for all series."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.cells.table import Table
from forecaster.data.problems import list_names
from forecaster.data.roles.columns import Columns
from forecaster.errors import DataError

__all__ = ["spread_over_series"]

Positions = NDArray[np.int64]


def spread_over_series(part: Table, table: Table, *, columns: Columns) -> Table:
    """The rows of `part`, a future that may lack columns of ids, once for each series of the data in `table`.

    Series that differ in the ids that it has, such as a region, have the rows of theirs. Raises DataError where what is
    known ahead differs between series at the same time of the data, as then one future cannot be that of all, where a
    series has no such time, and for ids that no series has.
    """
    absent = [name for name in columns.ids if name not in part.frame]
    if not absent:
        return part
    shared = [name for name in columns.ids if name not in absent]
    lacked = f"no {'columns' if len(absent) > 1 else 'column'} {list_names([*map(repr, absent)])}"
    _refuse_differences(part, table, shared=shared, lacked=lacked, columns=columns)
    series = table.frame[[*columns.ids]].drop_duplicates()
    rows, keys = _match(part.frame[shared], series[shared])
    if (keys < 0).any():
        row = int(rows[np.argmax(keys < 0)])
        found = " and ".join(f"{str(part.frame[name].iloc[row])!r} as {name!r}" for name in shared)
        raise DataError(
            f"{part.locate(part.lines[row])}: no series of the data has {found}. Correct it, or leave it out."
        )
    frame = part.frame.iloc[rows].reset_index(drop=True)
    own = {name: series[name].array.take(keys, allow_fill=True) for name in absent}
    each = f" with its {' and '.join(map(repr, shared))}" if shared else ""
    note = f"{part.name}: {lacked}, so its rows hold for every series{each}"
    return replace(part, frame=frame.assign(**own), lines=part.lines[rows], notes=(*part.notes, note))


def _match(left: pd.DataFrame, right: pd.DataFrame) -> tuple[Positions, Positions]:
    """The positions of all pairs of rows whose cells are the same text; -1 for a row of `left` without any."""
    one, other = (cells.astype(str).assign(place=np.arange(len(cells))) for cells in (left, right))
    shared = [*left.columns]
    pairs = one.merge(other, on=shared, how="left") if shared else one.merge(other, how="cross")
    return pairs["place_x"].to_numpy(np.int64), pairs["place_y"].fillna(-1).to_numpy(np.int64)


def _refuse_differences(part: Table, table: Table, *, shared: list[str], lacked: str, columns: Columns) -> None:
    own_rows = "Each series needs rows of its own: 'forecast template' writes them."
    by = [columns.time, *shared]
    rows = table.frame.dropna(subset=by)
    moments = rows[[*columns.ids, columns.time]].drop_duplicates()
    compared = moments.assign(is_compared=moments.duplicated(by, keep=False))
    series = compared.groupby([*columns.ids], observed=True, sort=False)["is_compared"].any().reset_index()
    has_others = series.duplicated(shared, keep=False) if shared else len(series) > 1
    alone = series[has_others & ~series["is_compared"]]
    if len(alone):
        label = ", ".join(alone[[*columns.ids]].iloc[0].astype(str))
        raise DataError(
            f"{part.name}: {lacked}, which the data have, and series {label} has no time in common with the others, so "
            f"that nothing shows whether the rows hold for it. {own_rows}"
        )
    for name in columns.known:
        cells = rows[[*by, name]].drop_duplicates()  # a blank may mean no
        is_other = cells.duplicated(by)
        if is_other.any():
            time = cells.loc[is_other, columns.time].iloc[0]
            raise DataError(
                f"{part.name}: {lacked}, which the data have, and there {name!r} differs between series at the same "
                f"time (first at {time}). {own_rows}"
            )
