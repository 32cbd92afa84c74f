"""The part of a model card on the correction of a network's errors."""

from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.open_week import DAY
from forecaster.model.calibration_card import Calibration
from forecaster.model.card_checks import require, require_range
from forecaster.model.kept_card import KeptCard
from forecaster.settings import MAX_STEPS

__all__ = ["AdapterCard", "CodeCard", "CorrectionCard", "decode_numbers", "encode_numbers"]

LARGEST_NUMBER = 1e6
MOST_LAGS = 1000
MOST_UNITS = 10_000


@dataclass(frozen=True)
class CodeCard:
    """How an attribute of the series is expressed in numbers, see `AttributeCode`."""

    name: str
    categories: list[str]
    mean: float
    deviation: float

    def __post_init__(self) -> None:
        require(self.deviation > 0, "'correction.adapter.attributes' have a deviation that is not above 0")
        require(len(self.categories) == len({*self.categories}), "'correction.adapter.attributes' repeat a category")


@dataclass(frozen=True)
class AdapterCard:
    """The shape of an adapter, see `Adapter`: so many `steps` of the horizon, and hidden `units`."""

    steps: int
    units: int
    attributes: list[CodeCard]

    def __post_init__(self) -> None:
        require_range("correction.adapter.steps", self.steps, 1, MAX_STEPS)
        require_range("correction.adapter.units", self.units, 1, MOST_UNITS)


@dataclass(frozen=True)
class CorrectionCard:
    """See `Correction` and `Regressors`; `windows` is how many it was learned from, `kept` how much of it counts.

    `weights` and `precision` are their numbers, see `encode_numbers`; those of the `adapter` where there is one, else
    of a regression. `without` is the calibration of what is not corrected, None where the history was too short for it.
    """

    lags: int
    names: list[str]
    units: list[float]
    weights: str
    precision: str
    usual: float
    time_of_day: int | None
    windows: int
    kept: KeptCard
    without: Calibration | None = None
    adapter: AdapterCard | None = None

    def __post_init__(self) -> None:
        require_range("correction.lags", self.lags, 1, MOST_LAGS)
        require(len(self.names) == len(self.units), "'correction.units' are not one for each name")
        require(all(unit >= 0 for unit in self.units), "'correction.units' are below 0")
        for name in ("weights", "precision"):
            numbers = decode_numbers(getattr(self, name))
            require(
                0 < len(numbers) <= MOST_LAGS * MAX_STEPS and bool((np.abs(numbers) <= LARGEST_NUMBER).all()),
                f"'correction.{name}' are not numbers from {-LARGEST_NUMBER:g} to {LARGEST_NUMBER:g}",
            )
        require_range("correction.usual", self.usual, 0, LARGEST_NUMBER)
        require_range("correction.kept.share", self.kept.share, 0, 1)
        if self.time_of_day is not None:
            require_range("correction.time_of_day", self.time_of_day, 0, DAY - 1)

    @property
    def columns(self) -> list[str]:
        """The columns that it reads, besides the newest steps."""
        return [*self.names, *([] if self.adapter is None else [one.name for one in self.adapter.attributes])]

    def as_plain(self) -> dict[str, Any]:
        """All but the numbers, for `--json`."""
        return {
            "kind": "regression" if self.adapter is None else "adapter",
            "lags": self.lags,
            "columns": self.names,
            "static": [one.name for one in self.adapter.attributes] if self.adapter is not None else [],
            "windows": self.windows,
            **asdict(self.kept),
        }


def encode_numbers(numbers: NDArray[Any]) -> str:
    """Numbers of 32 bits as text (base 64, the lowest byte first)."""
    return b64encode(np.ascontiguousarray(numbers, "<f4").tobytes()).decode("ascii")


def decode_numbers(text: str) -> NDArray[np.float64]:
    """The numbers in a text from `encode_numbers`, without their shape. Raises ValueError where it is another text."""
    return np.frombuffer(b64decode(text, validate=True), "<f4").astype(np.float64)
