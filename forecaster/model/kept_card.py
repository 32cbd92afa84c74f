"""The part of a model card on how much of what was learned is kept."""

from dataclasses import dataclass

__all__ = ["KeptCard"]


@dataclass(frozen=True)
class KeptCard:
    """How much of what was learned is kept, and why.

    `share` is from 0 to 1. The held-out error of what was kept, or that came closest to it, is lower than that
    without it by the fraction `gain`, with the standard `error`, over so many `cutoffs` and `series`.
    """

    share: float
    gain: float
    error: float
    cutoffs: int
    series: int
