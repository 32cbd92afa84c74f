"""Choose how errors are learned, by the newest of the examples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Array
from forecaster.encoding.error_models import ErrorModel
from forecaster.learning.error_examples import Examples

__all__ = ["MIN_WINDOWS", "Fit", "Validation", "validate"]

MIN_WINDOWS = 200
NEWEST = 1 / 3
"""The part of the windows by which the way to learn is chosen."""

Fit = Callable[[Examples], ErrorModel]


@dataclass(frozen=True)
class Validation:
    """The way to learn that is best on the `newest` examples, and what it expects of these, learned from older ones."""

    fit: Fit
    newest: Examples
    expected: Array


def validate(examples: Examples, *, horizon: int, ways: Sequence[Fit]) -> Validation | None:
    """Choose one of the `ways` on the newest examples; None where none beats no correction."""
    border = np.quantile(examples.ages, NEWEST)
    newest, older = examples.take(examples.ages <= border), examples.take(examples.ages >= border + horizon)
    if len(older.ages) < MIN_WINDOWS or not len(newest.ages):
        return None
    expected = [fit(older).expect(newest.features) for fit in ways]
    errors = [float(np.abs(newest.errors - every).mean()) for every in expected]
    best = int(np.argmin(errors))
    return Validation(ways[best], newest, expected[best]) if errors[best] < np.abs(newest.errors).mean() else None
