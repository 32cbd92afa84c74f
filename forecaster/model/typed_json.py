"""Read JSON values into dataclasses, with the type of every nested value checked."""

import sys
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

__all__ = ["is_too_deep", "read_as"]

T = TypeVar("T")

LARGEST_INTEGER = 2**63 - 1
MAX_DEPTH = 16
"""Lists and objects within one another, in JSON of which a card could be read; one needs no more than six."""

DESCRIBED = {bool: "true or false", int: "a whole number", float: "a finite number", str: "text"}


def read_as(kind: type[T], value: object) -> T:
    """Convert `value`, as returned by `json.loads`, to the dataclass `kind`.

    A field is a dataclass, `bool`, `int`, `float`, `str`, a `Literal`, one of these or None, or a list, a tuple or a
    dictionary of them. One that has a default may be missing; unknown ones are ignored. Raises a ValueError that names
    the field, such as 'training.until'.
    """
    return cast(T, _convert(value, kind, name=""))


def is_too_deep(value: object) -> bool:
    """Whether more than MAX_DEPTH lists and objects lie within one another; no recursion could go through them."""
    layer = [value]
    for _ in range(MAX_DEPTH):
        layer = [
            item
            for part in layer
            if isinstance(part, dict | list)
            for item in (part.values() if isinstance(part, dict) else part)
        ]
        if not layer:
            return False
    return any(isinstance(part, dict | list) for part in layer)


def _convert(value: object, kind: Any, *, name: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):  # one type or None
        present = next(argument for argument in arguments if argument is not NoneType)
        return None if value is None else _convert(value, present, name=name)
    if origin is Literal:
        if value not in arguments:
            raise ValueError(f"{name!r} is not one of {', '.join(arguments)}")
        return value
    if is_dataclass(kind) or origin is dict:
        if not isinstance(value, dict):
            raise ValueError(f"{name!r} is not an object" if name else "it is not an object")
        prefix = f"{name}." if name else ""
        if origin is dict:
            if not all(map(_can_be_written, value)):
                raise ValueError(f"a name in {name!r} is not text that can be written")
            return {key: _convert(item, arguments[1], name=f"{prefix}{key}") for key, item in value.items()}
        return _construct(value, kind, prefix=prefix)
    if origin in (list, tuple):
        if not isinstance(value, list):
            raise ValueError(f"{name!r} is not a list")
        return origin(_convert(item, arguments[0], name=name) for item in value)
    if kind is float and type(value) in (int, float) and abs(cast(float, value)) <= sys.float_info.max:
        return float(cast(float, value))
    if kind is float or type(value) is not kind:  # in Python a bool is an int
        raise ValueError(f"{name!r} is not {DESCRIBED[kind]}")
    if kind is int and abs(cast(int, value)) > LARGEST_INTEGER:
        raise ValueError(f"{name!r} is not a whole number of 64 bits")
    if kind is str and not _can_be_written(cast(str, value)):
        raise ValueError(f"{name!r} is not text that can be written")
    return value


def _can_be_written(text: str) -> bool:
    """Whether it has neither a null character nor half of a pair; bytes that are no text may be in names of files."""
    try:
        return b"\0" not in text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return False


def _construct(content: dict[str, object], kind: Any, *, prefix: str) -> Any:
    types = get_type_hints(kind)
    known = {}
    for item in fields(kind):
        if item.name in content:
            known[item.name] = _convert(content[item.name], types[item.name], name=prefix + item.name)
        elif item.default is MISSING and item.default_factory is MISSING:
            raise ValueError(f"{prefix + item.name!r} is missing")
    return kind(**known)
