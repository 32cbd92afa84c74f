"""Numbers of things and names of series in sentences for the user."""

from typing import Any

from forecaster.data.panel import Panel
from forecaster.data.problems import shorten_name

__all__ = ["count_things", "name_series", "name_with_season"]

MOST_NAMED = 3


def count_things(number: int, noun: str) -> str:
    """`number` and `noun`, in the plural unless the number is 1."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def name_series(panel: Panel, numbers: Any, *, seasons: Any = None) -> str:
    """The names of the first series `numbers`, with the `seasons` of their own, if they have any."""
    names = [shorten_name(panel.label(int(number))) for number in numbers[:MOST_NAMED]]
    if seasons is not None:
        names = [name_with_season(name, int(season)) for name, season in zip(names, seasons, strict=False)]
    return "; ".join(names) + (" …" if len(numbers) > MOST_NAMED else "")


def name_with_season(label: str, season: int) -> str:
    """The `label` of a series that repeats after so many steps."""
    return f"{label} ({season} steps)"
