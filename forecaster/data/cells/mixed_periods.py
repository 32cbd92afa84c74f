"""Periods of several lengths in one column, such as years above their quarters and months: those of one are read."""

import numpy as np
import pandas as pd

from forecaster.data.cells.table import Table
from forecaster.data.frequency import MONTH_ALIASES, parse_frequency
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns
from forecaster.data.times.period_lengths import PeriodLength, list_lengths

__all__ = ["leave_out_other_lengths"]


def leave_out_other_lengths(table: Table, *, columns: Columns, options: ReadOptions) -> tuple[Table, tuple[str, ...]]:
    """The table with the rows of periods of one length, and a note on the others.

    It is the length that --freq names, else the shortest.
    """
    cells = table.frame[columns.time]
    if options.date_format is not None or not isinstance(cells.dtype, pd.CategoricalDtype):
        return table, ()
    found = list_lengths(pd.Series(cells.cat.categories.to_list(), dtype=str).str.strip())
    if not found:
        return table, ()
    read = _choose_length(found, frequency=options.frequency)
    codes = cells.cat.codes.to_numpy()
    is_kept = np.append(read.is_such, True)[codes]  # a row without a time is said later
    others = [each for each in found if each is not read]
    flags = " and ".join(f"--freq {MONTH_ALIASES[each.months]} reads {each.name}" for each in others)
    names = " and ".join(each.name for each in others)
    count = table.count_lines(~is_kept)
    note = f"column {columns.time!r} has periods of several lengths: {read.name} are read, "
    note += f"without {count:,} {table.line_name}s of {names} ({flags})"
    kept = {*_list_series(table.frame[is_kept], columns)}
    lost = [name for name in _list_series(table.frame, columns) if name not in kept]
    if lost:
        series = repr(lost[0]) if len(lost) == 1 else f"{len(lost):,} series, such as {lost[0]!r},"
        note += f"; {series} {'has' if len(lost) == 1 else 'have'} no {read.name}"
    return table.take(is_kept), (note,)


def _choose_length(found: list[PeriodLength], *, frequency: str | None) -> PeriodLength:
    """The longest length that goes into the step `frequency`; the shortest where none does, or where none is given."""
    if frequency is not None:
        step = parse_frequency(frequency)
        fitting = [each for each in found if step.unit == "month" and step.multiple % each.months == 0]
        if fitting:
            return fitting[0]
    return found[-1]


def _list_series(frame: pd.DataFrame, columns: Columns) -> list[str]:
    """The names of the series with a value in any of the columns of numbers; each of a wide table is one."""
    has_value = frame[[*columns.targets]].notna()
    if not columns.ids:
        return [*has_value.columns[has_value.any()]] if columns.wide else []
    found = frame.loc[has_value.any(axis=1), [*columns.ids]].astype(str).drop_duplicates()
    return [", ".join(names) for names in found.itertuples(index=False)]
