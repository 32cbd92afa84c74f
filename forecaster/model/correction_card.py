"""The part of a model card on the correction of a network's errors."""

from dataclasses import asdict, dataclass
from typing import Any

from forecaster.data.open_week import DAY
from forecaster.model.card_checks import require, require_range
from forecaster.model.kept_card import KeptCard
from forecaster.settings import MAX_PERIOD, MAX_STEPS

__all__ = ["CorrectionCard"]

LARGEST_WEIGHT = 1e3


@dataclass(frozen=True)
class CorrectionCard:
    """See `Correction` and `Regressors`; `windows` is how many it was learned from, `kept` how much of it counts."""

    lags: int
    periods: tuple[int, ...]
    names: list[str]
    units: list[float]
    weights: list[list[float]]
    time_of_day: int | None
    windows: int
    kept: KeptCard

    def __post_init__(self) -> None:
        require_range("correction.lags", self.lags, 1, MAX_STEPS)
        require(
            1 <= len(self.periods) <= 2 and all(1 <= period <= MAX_PERIOD for period in self.periods),
            f"'correction.periods' are not one or two periods from 1 to {MAX_PERIOD}",
        )
        require(len(self.names) == len(self.units), "'correction.units' are not one for each name")
        require(all(unit >= 0 for unit in self.units), "'correction.units' are below 0")
        require(0 < len(self.weights) <= MAX_STEPS, f"'correction.weights' are not for 1 to {MAX_STEPS} steps")
        require(
            all(-LARGEST_WEIGHT <= weight <= LARGEST_WEIGHT for row in self.weights for weight in row),
            f"'correction.weights' are not from {-LARGEST_WEIGHT:g} to {LARGEST_WEIGHT:g}",
        )
        require_range("correction.kept.share", self.kept.share, 0, 1)
        if self.time_of_day is not None:
            require_range("correction.time_of_day", self.time_of_day, 0, DAY - 1)

    def as_plain(self) -> dict[str, Any]:
        """All but the numbers of the regression, for `--json`."""
        return {"lags": self.lags, "columns": self.names, "windows": self.windows, **asdict(self.kept)}
