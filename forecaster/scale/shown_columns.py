"""What parts show of the columns of covariates: all have to read them alike, and each may lack some categories."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.data.attributes import Attributes
from forecaster.data.covariate_sources.categories import LearnedCategories, express_categories
from forecaster.data.covariate_sources.covariate_columns import MAX_CATEGORIES
from forecaster.data.covariates import Covariates, Wording
from forecaster.data.panel import Panel
from forecaster.errors import DataError

__all__ = ["ShownColumn", "express_like_all", "join_columns", "list_attributes", "list_columns"]

NUMBERS, FLAGS, PER_CENT, CATEGORIES = "numbers", "yes and no", "numbers with %", "words"
MARKS = "marks between blank cells, which are read as no"
NOTHING = "nothing but blank cells"


@dataclass(frozen=True)
class ShownColumn:
    """How a part, or several, read a column of covariates.

    reading  what it holds, in words
    texts    the categories, also those of the future
    later    those that only the future has, and what is wrong with them
    """

    reading: str
    is_known: bool
    texts: frozenset[str] = frozenset()
    later: Mapping[str, DataError] = field(default_factory=dict)

    @property
    def categories(self) -> LearnedCategories:
        """The categories in order, and those that have a feature: of two one says all."""
        texts = tuple(sorted(self.texts))
        return LearnedCategories(texts, texts[1:] if len(texts) == 2 else texts)

    @property
    def wording(self) -> Wording:
        """How the categories are written."""
        texts, features = self.categories.texts, self.categories.features
        return Wording(texts, np.array([[float(text == feature) for feature in features] for text in texts]))

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What follows the name of the column in those of its features."""
        return tuple(f"={text}" for text in self.categories.features) if self.reading == CATEGORIES else ("",)


def list_columns(
    covariates: Covariates | None, *, known: tuple[str, ...], past: tuple[str, ...]
) -> dict[str, ShownColumn]:
    """What a part shows of the columns `known` ahead and for the `past` only."""
    shown = {}
    for name in (*known, *past):
        own = [] if covariates is None else [place for place, column in enumerate(covariates.columns) if column == name]
        if covariates is None or np.isnan(covariates.values[:, own]).all():
            shown[name] = ShownColumn(NOTHING, name in known)
        elif covariates.is_category(name):
            later = {text: error for (column, text), error in covariates.unshown.items() if column == name}
            shown[name] = ShownColumn(CATEGORIES, name in known, frozenset(covariates.wordings[name].texts), later)
        else:
            shown[name] = ShownColumn(_find_reading(covariates, name), name in known)
    return shown


def _find_reading(covariates: Covariates, name: str) -> str:
    """What a column without categories holds."""
    if name in covariates.marked:
        return MARKS
    if name in covariates.per_cent:
        return PER_CENT
    return FLAGS if name in covariates.wordings else NUMBERS


def list_attributes(attributes: Attributes | None) -> dict[str, ShownColumn]:
    """What a part shows of the columns that describe its series."""
    if attributes is None:
        return {}
    empty = attributes.list_empty()
    kinds = dict.fromkeys(attributes.numbers, NUMBERS) | dict.fromkeys(attributes.categories, CATEGORIES)
    return {name: ShownColumn(NOTHING if name in empty else kind, is_known=False) for name, kind in kinds.items()}


def join_columns(parts: Iterable[Mapping[str, ShownColumn]], *, name: str) -> dict[str, ShownColumn]:
    """What all parts together show. Raises DataError where they do not read a column alike."""
    listed = list(parts)
    return {column: _join([part[column] for part in listed], column=column, name=name) for column in listed[0]}


def _join(parts: list[ShownColumn], *, column: str, name: str) -> ShownColumn:
    readings = dict.fromkeys(part.reading for part in parts)
    if MARKS not in readings:
        readings.pop(NOTHING, None)
    if NUMBERS in readings:
        readings.pop(FLAGS, None)  # True and False, which are text only in a part that has blanks as well
    if len(readings) > 1:
        raise DataError(
            f"{name}, column {column!r}: one part of the data has {', another '.join(readings)}, so how to read it is "
            "not known in parts. Write the same kind of cells everywhere, such as 0 and 1 or the same words and none, "
            "or leave --max-memory out."
        )
    texts = frozenset[str]().union(*(part.texts for part in parts))
    if len(texts) > MAX_CATEGORIES:
        raise DataError(
            f"{name}, column {column!r}: {len(texts)} categories, more than {MAX_CATEGORIES}. Group them, or leave the "
            "column out."
        )
    seen = frozenset[str]().union(*(part.texts - {*part.later} for part in parts))
    later = {text: error for part in parts for text, error in part.later.items() if text not in seen}
    return ShownColumn(next(iter(readings), NOTHING), parts[0].is_known, texts, later)


def express_like_all(panel: Panel, columns: Mapping[str, ShownColumn]) -> Panel:
    """The panel of a part with the features that the `columns` of the whole have."""
    if not columns:
        return panel
    covariates = panel.covariates
    assert covariates is not None
    expressed = express_categories(covariates, {name: one.categories for name, one in columns.items() if one.texts})
    places = {name: place for place, name in enumerate(expressed.names)}
    named = [(f"{column}{suffix}", column, one) for column, one in columns.items() for suffix in one.suffixes]
    values, overlap = _choose(expressed.values, places, [name for name, _, _ in named]), expressed.overlap
    if overlap is not None:
        overlap = replace(overlap, values=_choose(overlap.values, places, [name for name, _, _ in named]))
    unshown = {
        (column, text): error for (column, text), error in expressed.unshown.items() if text in columns[column].later
    }
    return replace(
        panel,
        covariates=replace(
            expressed,
            names=tuple(name for name, _, _ in named),
            columns=tuple(column for _, column, _ in named),
            is_known=np.array([one.is_known for _, _, one in named], bool),
            values=values,
            unshown=unshown,
            overlap=overlap,
            wordings=dict(expressed.wordings) | {name: one.wording for name, one in columns.items() if one.texts},
        ),
    )


def _choose(values: NDArray[np.float64], places: Mapping[str, int], names: list[str]) -> NDArray[np.float64]:
    """The `values` [step, feature] of features by name; NaN for those that are not there."""
    beside = np.concatenate([values, np.full((len(values), 1), np.nan)], axis=1)
    return beside[:, [places.get(name, -1) for name in names]]
