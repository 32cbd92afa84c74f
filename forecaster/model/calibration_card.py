"""The part of a model card on the calibration of intervals."""

from dataclasses import dataclass
from itertools import pairwise

from forecaster.model.card_checks import require
from forecaster.settings import MAX_STEPS

__all__ = ["Calibration"]

MAX_FACTOR = 1e100
"""Of an interval; a larger one, times a value of the data, would not be finite."""


@dataclass(frozen=True)
class Calibration:
    """Factors on the half-widths, [block, interval], intervals from the widest to the narrowest.

    `edges` are the first horizon steps of each block, beginning with 0. `residuals` is the number of
    errors behind each block's factors, and `uncalibrated` the nominal levels that had too few. The blocks begin anew
    after each `cycle` of steps; 0 where the last one goes on.
    """

    edges: list[int]
    factors: list[list[float]]
    residuals: list[int]
    uncalibrated: list[float]
    cycle: int = 0

    def __post_init__(self) -> None:
        ascend = all(before < after for before, after in pairwise(self.edges))
        is_sound = self.edges[:1] == [0] and ascend and self.edges[-1] < MAX_STEPS
        require(is_sound, f"'calibration.edges' do not ascend from 0 to below {MAX_STEPS}")
        require(
            all(0 <= factor <= MAX_FACTOR for row in self.factors for factor in row),
            f"'calibration.factors' are not from 0 to {MAX_FACTOR:g}",
        )
        require(
            len(self.residuals) == len(self.edges) and all(count >= 0 for count in self.residuals),
            "'calibration.residuals' is not a count for each edge",
        )
        is_longer = not self.cycle or self.edges[-1] < self.cycle <= MAX_STEPS
        require(is_longer, "'calibration.cycle' is neither 0 nor longer than the edges")
        require(all(0 < level < 1 for level in self.uncalibrated), "'calibration.uncalibrated' are not between 0 and 1")

    def check_size(self, levels: tuple[float, ...], *, name: str) -> None:
        """Raise ValueError unless there is a row for each edge, with a factor for each interval of the `levels`."""
        half = len(levels) // 2
        require(
            len(self.factors) == len(self.edges) and all(len(row) == half for row in self.factors),
            f"'{name}.factors' does not match the number of edges and of quantile levels",
        )
