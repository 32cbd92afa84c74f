"""The memory that the program takes, as measured: what keeps within a limit counts with it."""

__all__ = ["BASE", "MOST_LEARNED", "TRAINING", "TRAINING_PER_VALUE", "count_for_training"]

BASE, TRAINING = 250_000_000, 600_000_000
"""Bytes without data, and those more that a training takes."""
TRAINING_PER_VALUE, MOST_LEARNED = 15_000, 30_000
"""What it takes for each value, up to so many: more do not make the windows more that are encoded at once."""


def count_for_training(values: int) -> int:
    """What a training takes that may learn from so many values, on top of what the program and its data take."""
    return TRAINING + TRAINING_PER_VALUE * min(values, MOST_LEARNED)
