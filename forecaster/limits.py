"""Which numbers options and parameters can be, the same on the command line and in Python."""

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

from forecaster.errors import UsageError
from forecaster.settings import MAX_PERIOD, MAX_STEPS

__all__ = ["check_kind", "check_numbers", "check_seasons", "check_steps"]


def check_steps(name: str, value: object, *, least: int = 1) -> None:
    """Raise UsageError unless `value`, called `name`, is None or a whole number from `least` to 100,000."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, Integral) or not least <= int(value) <= MAX_STEPS:
        raise UsageError(f"{name} {value}: not a whole number from {least} to {MAX_STEPS:,}.")


def check_kind(name: str, value: object, kind: type) -> None:
    """Raise UsageError unless `value`, called `name`, is None or of `kind`, a class that users make."""
    if value is not None and not isinstance(value, kind):
        raise UsageError(f"{name} {value!r}: not forecaster.{kind.__name__}. Give one, such as {kind.__name__}().")


def check_numbers(name: str, values: Any) -> None:
    """Raise UsageError unless `values`, called `name`, are a list, a tuple or the like of numbers."""
    is_several = isinstance(values, Iterable) and not isinstance(values, str)
    if not is_several or not all(isinstance(value, Real) and not isinstance(value, bool) for value in values):
        raise UsageError(f"{name} {values!r}: not a list or a tuple of numbers, such as (0.5,) or (80, 95).")


def check_seasons(seasons: tuple[int, ...]) -> None:
    """Raise UsageError unless `seasons` are at most two whole numbers of steps, the main one first and shorter."""
    if not isinstance(seasons, tuple | list):
        raise UsageError(f"--season {seasons}: not a tuple of steps, such as (12,) or (24, 168).")
    written = ",".join(map(str, seasons))
    for season in seasons:
        if isinstance(season, bool) or not isinstance(season, Integral) or season < 1:
            raise UsageError(f"--season {written}: not a number of steps, such as 12 or 24,168.")
        if season > MAX_PERIOD:
            raise UsageError(f"--season {written}: more than {MAX_PERIOD:,} steps. Give a shorter one, or 1 for none.")
    if len(seasons) > 2 or list(seasons) != sorted(set(seasons)):
        raise UsageError(f"--season {written}: give a main season and at most one longer one, such as 24,168.")
