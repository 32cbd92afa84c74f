"""Which values options and parameters can have: numbers, and types, the same for all classes of options."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from forecaster.errors import UsageError
from forecaster.settings import MAX_PERIOD, MAX_STEPS, NetworkShape

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["check_fields", "check_kind", "check_seasons", "check_steps", "take_numbers"]

DESCRIBED = {
    str: "text in quotes",
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    Path: "a path",
}
NUMBERS: dict[type, type] = {int: Integral, float: Real}
MOST_SHOWN = 80
"""Characters of a value that is refused."""


def check_steps(name: str, value: object, *, least: int = 1) -> None:
    """Raise UsageError unless `value`, called `name`, is None or a whole number from `least` to 100,000."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, Integral) or not least <= int(value) <= MAX_STEPS:
        raise UsageError(f"{name} {_show(value)}: not a whole number from {least} to {MAX_STEPS:,}.")


def check_kind(name: str, value: object, kind: Any) -> None:
    """Raise UsageError unless `value`, called `name`, is None or of the type `kind`."""
    if value is not None:
        _take(name, value, kind)


def check_fields(options: "DataclassInstance") -> None:
    """Raise UsageError unless the fields of the dataclass `options` are of their types, and take what is meant by them.

    One text or path is taken as a tuple of one, a text as a path, a path as its text, and what NumPy makes as the same
    of Python.
    """
    types = _find_types(options.__class__)
    for field in fields(options):
        taken = _take(field.name, getattr(options, field.name), types[field.name])
        object.__setattr__(options, field.name, taken)


def take_numbers(name: str, values: Any) -> tuple[Any, ...]:
    """The numbers in `values`, called `name`: a list, a tuple, or anything else that gives them, perhaps only once.

    Raises UsageError for anything but numbers.
    """
    with suppress(TypeError):  # of what cannot be iterated, as an array of no dimension
        taken = () if isinstance(values, str) else tuple(values)
        if not isinstance(values, str) and all(map(_is_number, taken)):
            return taken
    raise UsageError(f"{name} {values!r}: not a list or a tuple of numbers, such as (0.5,) or (80, 95).")


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


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


@cache
def _find_types(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _take(name: str, value: Any, kind: Any) -> Any:
    """`value`, called `name`, as one of the type `kind`. Raises UsageError where it is none."""
    kind, *flags = get_args(kind) if get_origin(kind) is Annotated else (kind,)
    try:
        return _convert(value, kind)
    except TypeError as error:
        meaning = "".join(f" {flag.name}: {flag.help}" for flag in flags)
        raise UsageError(f"{name} {_show(value)}: not {error}.{meaning}") from None


def _show(value: object) -> str:
    """A value on one line, a text in quotes."""
    return str(value) if isinstance(value, Real) else " ".join(repr(value).split())[:MOST_SHOWN]


def _convert(value: Any, kind: Any) -> Any:
    """`value` as one of the type `kind`. Raises a TypeError that says what this is."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _convert_to_any(value, arguments)
    value = value.tolist() if hasattr(value, "tolist") else value  # of NumPy
    if origin is tuple:
        if arguments[0] is str and isinstance(value, str | Path):
            value = (value,)
        if isinstance(value, list | tuple):
            with suppress(TypeError):
                return tuple(_convert(item, arguments[0]) for item in value)
    elif kind is str and isinstance(value, Path):
        return str(value)
    elif kind is Path and isinstance(value, str) and value:  # an empty one would be the current folder
        return Path(value)
    elif _is_one(value, kind):
        return value
    raise TypeError(_describe(kind))


def _is_one(value: Any, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return isinstance(value, str) and value in get_args(kind)
    if get_origin(kind) is Callable:
        return callable(value)
    return isinstance(value, NUMBERS.get(kind, kind)) and (kind is bool or not isinstance(value, bool))


def _convert_to_any(value: Any, kinds: tuple[Any, ...]) -> Any:
    for kind in kinds:
        with suppress(TypeError):
            return _convert(value, kind)
    raise TypeError(" or ".join(_describe(kind) for kind in kinds if kind is not NoneType))


def _describe(kind: Any) -> str:
    """What a value of the type `kind` is, after 'not'."""
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    if get_origin(kind) is tuple:
        return f"a tuple or a list, of which each is {_describe(get_args(kind)[0])}"
    if isinstance(kind, type) and is_dataclass(kind):
        package = kind.__module__ if kind.__module__ == NetworkShape.__module__ else "forecaster"
        return f"{package}.{kind.__name__}, such as {kind.__name__}({fields(kind)[0].name}=…)"
    return DESCRIBED.get(kind, "a function")
