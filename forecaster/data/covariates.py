"""Covariates of a panel: promotions, prices, weather, holidays, on the steps of each series and beyond its end."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import count_within, find_offsets
from forecaster.errors import DataError

__all__ = ["CALENDAR", "HOLIDAYS", "Covariates", "Overlap", "Wording", "concatenate_covariates", "join_covariates"]

HOLIDAYS = "holidays"
"""The column of all covariates that are holidays."""
CALENDAR = "calendar"
"""The begin of the columns that come from the calendar, such as `calendar trading-days`."""


@dataclass(frozen=True)
class Wording:
    """How a column of text is written: each of its `texts` [text], and the features that it stands for."""

    texts: tuple[str, ...]
    features: NDArray[np.float64]  # [text, feature]

    def write(self, values: NDArray[np.float64]) -> NDArray[Any]:
        """The text of each row of `values` [row, feature]; None where they stand for none."""
        cells = np.full(len(values), None, object)
        for text, features in zip(self.texts, self.features, strict=True):
            cells[((values == features) | (np.isnan(values) & np.isnan(features))).all(axis=1)] = text
        return cells


@dataclass(frozen=True)
class Overlap:
    """Steps of series that a file of the future has, and the data, too: [step], with the `values` of the data."""

    series: NDArray[np.int64]
    steps: NDArray[np.int64]
    values: NDArray[np.float64]  # [step, feature]


@dataclass(frozen=True)
class Covariates:
    """Numbers beside the series of a Panel, on the same steps and on those after their ends.

    names    [feature]        a column, or `column=value` for one of its categories
    columns  [feature]        the column that each comes from
    is_known [feature]        whether it is known ahead; else what comes after a cutoff must not be used
    values   [step, feature]  float64, NaN where missing; all series one after the other, each from its first step on
    offsets  [series + 1]     int64; series i has the steps `values[offsets[i]:offsets[i + 1]]`
    wordings                  of the columns that are text
    given_from [series]       the first step that a file of the future has, beyond all steps where it has none
    overlap                   what the data say of steps that it has, as long as these are in the past
    unshown                   by column and category, for those that only the future has, the error that this is,
                              unless a model knows them
    unfinished                steps that only some days are given of, which are missing: their series and their times
    marked                    the columns of one value and blanks, in which a blank was read as 0
    per_cent                  those of numbers that are written with %
    """

    names: tuple[str, ...]
    columns: tuple[str, ...]
    is_known: NDArray[np.bool_]
    values: NDArray[np.float64]
    offsets: NDArray[np.int64]
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    given_from: NDArray[np.int64] | None = None
    unshown: Mapping[tuple[str, str], DataError] = field(default_factory=dict)
    overlap: Overlap | None = None
    unfinished: frozenset[tuple[int, int]] = frozenset()
    marked: tuple[str, ...] = ()
    per_cent: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.names)

    def take(self, series: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """The values at `steps` of `series`, [step, feature], NaN where there is no such step."""
        places = self.offsets[series] + steps
        inside = (steps >= 0) & (places < self.offsets[series + 1])
        return np.where(inside[:, None], self.values[np.where(inside, places, 0)], np.nan)

    def take_series(self, series: NDArray[np.int64]) -> "Covariates":
        """Those of these series only, in their order."""
        lengths = np.diff(self.offsets)[series]
        places = np.repeat(self.offsets[series], lengths) + count_within(lengths)
        given_from = None if self.given_from is None else self.given_from[series]
        return replace(
            self, values=self.values[places], offsets=find_offsets(lengths), given_from=given_from, overlap=None
        )

    def list_columns(self) -> tuple[str, ...]:
        """The columns that the features come from, each once."""
        return tuple(dict.fromkeys(self.columns))

    def find_gaps(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Where in `values` [step, feature] the column that a feature comes from has no value at all."""
        gaps = np.isnan(values)
        for column in self.wordings:
            own = [number for number, name in enumerate(self.columns) if name == column]
            gaps[:, own] = gaps[:, own].all(axis=1, keepdims=True)
        return gaps

    def is_category(self, column: str) -> bool:
        """Whether a column holds categories, not numbers or yes and no."""
        return column in self.wordings and column not in self.names

    def without(self, columns: Collection[str]) -> "Covariates | None":
        """Those of all other columns; None where there are none."""
        kept = [number for number, column in enumerate(self.columns) if column not in columns]
        if not kept:
            return None
        return Covariates(
            tuple(self.names[number] for number in kept),
            tuple(self.columns[number] for number in kept),
            self.is_known[kept],
            self.values[:, kept],
            self.offsets,
            {column: wording for column, wording in self.wordings.items() if column not in columns},
            self.given_from,
            unfinished=self.unfinished,
        )


def join_covariates(parts: Sequence[Covariates]) -> Covariates:
    """Those of all `parts` side by side, of the same series, each as far as it goes."""
    if len(parts) == 1:
        return parts[0]
    first, lengths = parts[0], np.max([np.diff(part.offsets) for part in parts], axis=0)
    offsets, end = find_offsets(lengths), 0
    values = np.full((int(offsets[-1]), sum(map(len, parts))), np.nan)
    for part in parts:
        begin, end = end, end + len(part)
        own = np.diff(part.offsets)
        values[np.repeat(offsets[:-1], own) + count_within(own), begin:end] = part.values
    return Covariates(
        tuple(name for part in parts for name in part.names),
        tuple(column for part in parts for column in part.columns),
        np.concatenate([part.is_known for part in parts]),
        values,
        offsets,
        {column: wording for part in parts for column, wording in part.wordings.items()},
        first.given_from,
        unfinished=frozenset[tuple[int, int]]().union(*(part.unfinished for part in parts)),
    )


def concatenate_covariates(parts: Sequence[Covariates]) -> Covariates:
    """The same covariates of the series of several panels, one after the other."""
    lengths = np.concatenate([np.diff(part.offsets) for part in parts])
    values = np.concatenate([part.values for part in parts])
    return replace(parts[0], values=values, offsets=find_offsets(lengths), given_from=None, overlap=None)
