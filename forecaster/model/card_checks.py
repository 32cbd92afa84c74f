"""Checks of the numbers in a model card: a folder may come from a stranger."""

from forecaster.data.calendar import DAY, LARGEST_INTEGER, Calendar
from forecaster.settings import CELLS, MAX_STEPS, PEEPHOLES, NetworkShape

__all__ = ["check_horizon", "check_levels", "check_shape", "require", "require_range"]

MAX_LAYERS, MAX_HIDDEN = 64, 8192
MAX_YEARS = 5000
"""Of a horizon: training needs a history that is longer, and both lie between the years 1 and 9999."""


def check_horizon(horizon: int, *, calendar: Calendar) -> None:
    """Raise ValueError for a horizon that no training allows, or that reaches beyond what dates and numbers can be."""
    require_range("horizon", horizon, 1, MAX_STEPS)
    units = horizon * calendar.multiple
    if calendar.unit == "integer":
        is_sound = units <= LARGEST_INTEGER // 2
    else:
        units_a_year = {"month": 12.0, "business_day": 261.0, "microsecond": 365.25 * DAY}[calendar.unit]
        is_sound = units <= MAX_YEARS * units_a_year
    require(is_sound, f"'horizon' of {horizon:,} steps ({calendar.name}) is longer than any that is learned")


def check_levels(levels: tuple[float, ...]) -> None:
    """Raise ValueError unless the quantile levels ascend, are symmetric, and have the median in the middle."""
    has_median = len(levels) % 2 == 1 and levels[len(levels) // 2] == 0.5
    require(
        has_median and list(levels) == sorted(set(levels)) and levels[0] > 0 and levels[-1] < 1,
        "'quantile_levels' are not ascending from above 0 to below 1 with 0.5 in the middle",
    )
    is_symmetric = all(round(low + high, 9) == 1 for low, high in zip(levels, reversed(levels), strict=True))
    require(is_symmetric, "'quantile_levels' are not symmetric: each level p needs one of 1 − p")


def check_shape(shape: NetworkShape) -> None:
    """Raise ValueError for a cell, a size or a gate that no network has."""
    require(shape.cell in CELLS, f"'network.cell' is not one of {', '.join(CELLS)}")
    require_range("network.layers", shape.layers, 1, MAX_LAYERS)
    require_range("network.hidden", shape.hidden, 1, MAX_HIDDEN)
    require_range("network.dropout", shape.dropout, 0, 1)
    require(
        len(shape.peepholes) == len({*shape.peepholes}) and {*shape.peepholes} <= {*PEEPHOLES},
        f"'network.peepholes' are not some of {', '.join(PEEPHOLES)}",
    )
    if shape.memory_steps is not None:
        require(shape.memory_steps >= 1, "'network.memory_steps' is below 1")


def require_range(name: str, value: float, lowest: float, highest: float) -> None:
    """Raise ValueError unless the field `name` lies between both ends."""
    require(lowest <= value <= highest, f"{name!r} is not from {lowest} to {highest}")


def require(is_sound: bool, mistake: str) -> None:
    """Raise ValueError with the `mistake` unless all is sound."""
    if not is_sound:
        raise ValueError(mistake)
