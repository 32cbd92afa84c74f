"""The part of a model card on what all series do at the same time of each year."""

from dataclasses import dataclass
from datetime import datetime

from forecaster.model.card_checks import require, require_range
from forecaster.settings import MAX_STEPS

__all__ = ["LARGEST_CHANGE", "SharedYearCard"]

LARGEST_CHANGE = 5.0
"""Mean changes from week to week that a series counts for at most, and so the largest value."""
DAYS_OF_WEEK = 7


@dataclass(frozen=True)
class SharedYearCard:
    """See `SharedYear`; `begin` is in ISO 8601.

    `share` is the part of what all series did a year before that is expected again. With it the error of the base model
    at so many earlier `cutoffs` of `series` is lower by the fraction `gain`, with the standard `error`.
    """

    begin: str
    values: list[float]
    week: int
    share: float
    gain: float
    error: float
    cutoffs: int
    series: int

    def __post_init__(self) -> None:
        require_range("shared_year.week", self.week, 1, DAYS_OF_WEEK)
        require_range("shared_year.share", self.share, 0, 1)
        require(min(self.cutoffs, self.series) >= 0, "'shared_year.cutoffs' and 'series' are not counts")
        require(0 < len(self.values) <= MAX_STEPS, f"'shared_year.values' are not 1 to {MAX_STEPS}")
        require(
            all(-LARGEST_CHANGE <= value <= LARGEST_CHANGE for value in self.values),
            f"'shared_year.values' are not from {-LARGEST_CHANGE:g} to {LARGEST_CHANGE:g}",
        )
        try:
            is_plain = datetime.fromisoformat(self.begin).tzinfo is None
        except ValueError:
            is_plain = False
        require(is_plain, "'shared_year.begin' is not a time without offset")

    def as_plain(self) -> dict[str, float | int]:
        """All but the values, for `--json`."""
        names = ("share", "gain", "error", "cutoffs", "series")
        return {name: getattr(self, name) for name in names}
