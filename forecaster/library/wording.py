"""Numbers of things and names of series in sentences for the user."""

from typing import Any

from forecaster.data.panel import Panel
from forecaster.data.problems import shorten_name

__all__ = ["count_things", "name_series"]

MOST_NAMED = 3


def count_things(number: int, noun: str) -> str:
    """`number` and `noun`, in the plural unless the number is 1."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def name_series(panel: Panel, numbers: Any) -> str:
    """The names of the first series `numbers`."""
    names = [shorten_name(panel.label(int(number))) for number in numbers[:MOST_NAMED]]
    return "; ".join(names) + (" …" if len(numbers) > MOST_NAMED else "")
