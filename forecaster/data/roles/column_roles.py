"""The roles of the columns of a table: the time, the targets, what identifies, explains and describes the series."""

import re
import shlex
from dataclasses import dataclass

from forecaster.data.parts.time_parts import TimeParts
from forecaster.data.roles.joined_time import JoinedTime
from forecaster.data.roles.static_columns import suggest_static

__all__ = ["TARGET_COLUMN", "Columns"]

TARGET_COLUMN = "target"
"""The column of forecasts that says which of several targets they are of."""
MOST_LISTED = 20
"""Columns of a role that are named in a line."""
UNIVERSAL = re.compile(r"(?i)(?<![a-z])(?:utc|gmt)(?![a-z])")


@dataclass(frozen=True)
class Columns:
    """The roles of the columns. In wide form each target column is a series and there are no id columns.

    In long form several targets are several series for each key of ids.

    `time_parts` are columns that may be needed in addition to `time` to determine the time of a row. `undecided` are
    ignored columns that may turn out to be targets once all rows are read; `targets` may be empty until then.
    `has_found_ids` where the cells of all rows have shown which columns are ids. Covariates that are `known` ahead have
    values after a cutoff; those of the `past` have none. `static` columns are attributes of the series. The numbers of
    those that are `categories` are codes. Columns that `may_be_static` are ignored and do not change within the series
    of the first rows; `constant` ones change nowhere, and `no_keys` hold dates, months, times of day or numbers with
    decimals, which identify no series; `whole_times` are those with a date in each of the first rows. A `row_id` has
    the usual name of an id, but another value in each row. Numbers that `may_be_parts` of the years beside them, such
    as months, may be keys as well.
    """

    ids: tuple[str, ...]
    time: str
    targets: tuple[str, ...]
    wide: bool
    ignored: tuple[str, ...]
    time_parts: TimeParts | None = None
    undecided: tuple[str, ...] = ()
    joined: JoinedTime | None = None
    has_found_ids: bool = False
    known: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    may_be_parts: tuple[str, ...] = ()
    may_be_static: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    no_keys: tuple[str, ...] = ()
    whole_times: tuple[str, ...] = ()
    row_id: str | None = None
    categories: tuple[str, ...] = ()

    @property
    def covariates(self) -> tuple[str, ...]:
        """The columns that may explain the targets."""
        return (*self.known, *self.past)

    @property
    def explanatory(self) -> tuple[str, ...]:
        """The covariates, and the attributes of the series."""
        return (*self.covariates, *self.static)

    @property
    def time_columns(self) -> tuple[str, ...]:
        """The columns of the input that hold the time."""
        return (self.time,) if self.joined is None else self.joined.columns

    @property
    def names_targets(self) -> bool:
        """Whether a series is identified by the name of its target column, too."""
        return self.wide or len(self.targets) > 1

    @property
    def id_columns(self) -> tuple[str, ...]:
        """The columns that identify the series in a table of forecasts."""
        own = ("series",) if self.wide else (TARGET_COLUMN,) if self.names_targets else ()
        return (*self.ids, *own)

    @property
    def universal_time(self) -> str | None:
        """The name of another column of times that are those of UTC, where no hour is there twice."""
        return next((column for column in self.whole_times if UNIVERSAL.search(column)), None)

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines on how the time was joined, and on what is no id."""
        joined = () if self.joined is None else (self.joined.describe(),)
        if self.row_id is None:
            return joined
        flag = f"--id {shlex.quote(self.row_id)}"
        return (*joined, f"{self.row_id!r} differs in each row, so it numbers the rows of one series ({flag} if not)")

    def describe(self) -> str:
        """One line that says what was decided."""
        if self.wide:
            kind = f"wide: {len(self.targets)} series, one per column"
        else:
            several = "targets" if self.names_targets else "target"
            kind = f"{several} {', '.join(map(repr, self.targets))}, " + (
                "series by " + " and ".join(map(repr, self.ids)) + " (found; --id names others)" * self.has_found_ids
                if self.ids
                else "one series" + " each" * self.names_targets
            )
        known = f", explained by {self._list(self.known)}" if self.known else ""
        past = f", and by the past of {self._list(self.past)}" if self.past else ""
        static = f", series described by {self._list(self.static)}" if self.static else ""
        # what could be used, and how
        flag = f" ({'; '.join(['--known or --past uses them', *suggest_static(self.may_be_static)])})"
        ignored = f"; not used: {self._list(self.ignored)}{flag}" if self.ignored else ""
        return f"time {self.time!r}, {kind}{known}{past}{static}{ignored}"

    def _list(self, names: tuple[str, ...]) -> str:
        shown = [f"{name} (categories)" if name in self.categories else name for name in names[:MOST_LISTED]]
        return ", ".join(shown) + f" and {len(names) - MOST_LISTED:,} more" * (len(names) > MOST_LISTED)
