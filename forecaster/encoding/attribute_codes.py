"""What describes a series (its region, its size) as numbers that coefficients or weights can be multiplied by."""

from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Array
from forecaster.data.attributes import Attributes

__all__ = ["AttributeCode", "find_codes"]

MAX_CATEGORIES = 200
"""Of more categories only the most frequent ones are told apart."""
MAX_DEVIATIONS = 2.0
"""Standard deviations from the mean beyond which a number that describes a series counts as no further away."""
SMALLEST_DEVIATION = 1e-9
"""Relative to the largest number; less is rounding."""


@dataclass(frozen=True, eq=False)
class AttributeCode:
    """How an attribute is expressed.

    categories       the texts that are told apart, each by a number that is 0 or 1; none where it is a number
    mean, deviation  of a number
    """

    name: str
    categories: tuple[str, ...]
    mean: float
    deviation: float

    @property
    def size(self) -> int:
        """How many numbers express it."""
        return len(self.categories) or 1

    def weigh(self, attributes: Attributes) -> Array:
        """The numbers of each series, [series, category], or [series, 1] of a number; 0 where nothing is known."""
        if self.categories:
            found = attributes.categories.get(self.name)
            if found is None:
                return np.zeros((_count_series(attributes), len(self.categories)))
            return np.asarray(found[:, None] == np.array(self.categories, str), np.float64)
        numbers = attributes.numbers.get(self.name)
        if numbers is None:
            return np.zeros((_count_series(attributes), 1))
        away = np.nan_to_num((numbers - self.mean) / self.deviation)
        return np.asarray(np.clip(away, -MAX_DEVIATIONS, MAX_DEVIATIONS)[:, None])

    def list_unknown(self, attributes: Attributes) -> tuple[str, ...]:
        """The categories of some series that have no number here, as training did not see them."""
        found = attributes.categories.get(self.name)
        if found is None or not self.categories:
            return ()
        return tuple(sorted({str(text) for text in np.unique(found)} - {"", *self.categories}))


def find_codes(attributes: Attributes) -> list[AttributeCode]:
    """Codes of all attributes in which series differ."""
    found = []
    for name, texts in attributes.categories.items():
        categories, counts = np.unique(texts[texts != ""], return_counts=True)
        kept = np.sort(np.argsort(-counts, kind="stable")[:MAX_CATEGORIES])
        if len(categories) > 1:
            found.append(AttributeCode(name, tuple(map(str, categories[kept])), 0.0, 1.0))
    for name, numbers in attributes.numbers.items():
        known = numbers[~np.isnan(numbers)]
        if len(known) and known.std() > SMALLEST_DEVIATION * np.abs(known).max():
            found.append(AttributeCode(name, (), float(known.mean()), float(known.std())))
    return found


def _count_series(attributes: Attributes) -> int:
    return max(map(len, (*attributes.numbers.values(), *attributes.categories.values())), default=0)
