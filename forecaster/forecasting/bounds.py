"""Bounds of forecasts: the lowest and highest values that are allowed, each with its command-line flag."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from forecaster.errors import UsageError
from forecaster.limits import check_fields
from forecaster.settings import Flag

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Bounds"]


@dataclass(frozen=True)
class Bounds:
    """The lowest and highest values that are allowed in a forecast; None for no bound.

    Without a `lowest`, forecasts of a series that was never negative are not negative either, unless `allow_negative`,
    and those of small counts are whole numbers, unless `allow_fractions`.
    """

    lowest: Annotated[
        float | None, Flag("--min", "No forecast goes below this, in units of the data.", unit="VALUE")
    ] = None
    highest: Annotated[
        float | None, Flag("--max", "No forecast goes above this, in units of the data.", unit="VALUE")
    ] = None
    allow_negative: Annotated[bool, Flag("--allow-negative", "Allow forecasts below 0 where the history has none.")] = (
        False
    )
    allow_fractions: Annotated[
        bool, Flag("--allow-fractions", "Allow fractions in forecasts of small whole numbers.")
    ] = False

    def __post_init__(self) -> None:
        check_fields(self)
        for flag, bound in (("--min", self.lowest), ("--max", self.highest)):
            if bound is not None and not math.isfinite(bound):
                raise UsageError(f"{flag} {bound:g}: not a bound. Leave it out where there is none.")
        if self.lowest is not None and self.highest is not None and self.lowest > self.highest:
            raise UsageError(f"--min {self.lowest:g} is above --max {self.highest:g}.")

    @property
    def end_at_zero(self) -> bool:
        """Whether forecasts of what was never negative go down to zero, and no further: not where zero is too high."""
        is_end = self.lowest == 0 or (self.lowest is None and not self.allow_negative)
        return is_end and (self.highest is None or self.highest >= 0)

    @property
    def is_given(self) -> bool:
        """Whether there is a bound that was asked for."""
        return self.lowest is not None or self.highest is not None

    def apply(self, quantiles: "NDArray[np.float64]", *, lowest_seen: "NDArray[np.float64]") -> "NDArray[np.bool_]":
        """Clip `quantiles` [window, horizon, level] to the bounds, in place, and flag those that were moved.

        `lowest_seen` [window] is the lowest value in the past of each window.
        """
        import numpy as np  # noqa: PLC0415 - the options of a command are declared without it

        lowest = np.full(len(lowest_seen), -np.inf if self.lowest is None else self.lowest)
        highest = np.inf if self.highest is None else self.highest
        if self.lowest is None and not self.allow_negative:
            lowest[(lowest_seen >= 0) & np.isfinite(lowest_seen)] = min(0.0, highest)
        outside = (quantiles < lowest[:, None, None]) | (quantiles > highest)
        np.clip(quantiles, lowest[:, None, None], highest, out=quantiles)
        return outside

    def drop_usual(
        self, moved: "NDArray[np.bool_]", quantiles: "NDArray[np.float64]", *, lowest_seen: "NDArray[np.float64]"
    ) -> "NDArray[np.bool_]":
        """The flags of `moved` without those of `quantiles` that would have been moved to zero without any bound."""
        if self.allow_negative or self.highest == 0:
            return moved
        is_usual: NDArray[np.bool_] = (lowest_seen >= 0)[:, None, None] & (quantiles == 0)
        return moved & ~is_usual
