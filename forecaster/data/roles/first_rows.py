"""The first rows of a table while the roles of its columns are looked for, with the roles that options give."""

from dataclasses import dataclass, replace

import pandas as pd

from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.column_roles import TARGET_COLUMN
from forecaster.data.roles.given_columns import check_given, split_names
from forecaster.data.roles.sample_rows import keep_plain_rows
from forecaster.data.roles.time_column import find_counter
from forecaster.errors import DataError, UsageError

__all__ = ["FirstRows", "leave_out_counter", "take_given"]


@dataclass(frozen=True)
class FirstRows:
    """The first rows of the table called `name` as text: all of them where that `is_whole`.

    `ids` and `targets` are the columns that `options` give these roles. `counters` number the rows, and are left out.
    """

    sample: pd.DataFrame
    name: str
    options: ReadOptions
    is_whole: bool
    ids: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return [str(column) for column in self.sample.columns]

    @property
    def free(self) -> pd.DataFrame:
        """The columns to which no option gives the role of an id or a target."""
        return self.sample[[column for column in self.header if column not in (*self.ids, *self.targets)]]


def take_given(sample: pd.DataFrame, *, name: str, options: ReadOptions, is_whole: bool) -> FirstRows:
    """The rows of `sample` that are neither empty nor totals, with the ids and the targets that `options` give.

    Raises UsageError for options that name a column that does not exist or contradict each other, and DataError where
    the names of several targets would have the place of a column.
    """
    sample = keep_plain_rows(sample)
    header = [str(column) for column in sample.columns]
    ids = split_names(options.ids, header)
    targets = split_names((options.target,) if options.target is not None else (), header)
    given = [("--id", column) for column in ids] + [("--time", options.time)]
    given += [("--target", column) for column in targets]
    check_given([(flag, column) for flag, column in given if column is not None], header=header, name=name)
    if len(targets) > 1 and TARGET_COLUMN in header:
        raise DataError(
            f"{name}: forecasts of several targets have a column {TARGET_COLUMN!r}. Rename the one there is."
        )
    if options.wide and (ids or targets):
        flag = f"--id {ids[0]}" if ids else f"--target {targets[0]}"
        raise UsageError(f"--wide and {flag} do not go together: in a wide table each column is a series.")
    return FirstRows(sample, name, options, is_whole, ids, targets)


def leave_out_counter(rows: FirstRows) -> FirstRows:
    """`rows` without the column that numbers them, where there is one."""
    counter = find_counter(rows.free) if rows.options.date_format is None else None
    return rows if counter is None else replace(rows, sample=rows.sample.drop(columns=counter), counters=(counter,))
