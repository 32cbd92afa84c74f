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

__all__ = ["CorrectionCard", "decode_numbers", "encode_numbers"]

LARGEST_NUMBER = 1e6
MOST_LAGS = 1000


@dataclass(frozen=True)
class CorrectionCard:
    """See `Correction` and `Regressors`; `windows` is how many it was learned from, `kept` how much of it counts.

    `weights` and `precision` are their numbers, see `encode_numbers`. `without` is the calibration of what is not
    corrected, None where the history was too short for it.
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

    def as_plain(self) -> dict[str, Any]:
        """All but the numbers of the regression, for `--json`."""
        return {"lags": self.lags, "columns": self.names, "windows": self.windows, **asdict(self.kept)}


def encode_numbers(numbers: NDArray[Any]) -> str:
    """Numbers of 32 bits as text (base 64, the lowest byte first)."""
    return b64encode(np.ascontiguousarray(numbers, "<f4").tobytes()).decode("ascii")


def decode_numbers(text: str) -> NDArray[np.float64]:
    """The numbers in a text from `encode_numbers`, without their shape. Raises ValueError where it is another text."""
    return np.frombuffer(b64decode(text, validate=True), "<f4").astype(np.float64)
