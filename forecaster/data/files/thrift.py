"""Check bytes in the compact form of Thrift, in which Parquet describes a file, before a decoder reads them."""

from typing import Any

from forecaster.errors import DataError

__all__ = ["check_struct", "read_struct"]

BYTE, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = 3, 7, 8, 9, 10, 11, 12
NUMBERS = (4, 5, 6)
FLAGS = (1, 2)
DEEPEST = 20
LONGEST_NUMBER = 10
"""Bytes of a whole number of 64 bits, with seven bits in each."""


def check_struct(data: bytes) -> None:
    """Raise DataError unless `data` is one structure, all of it.

    Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
    """
    try:
        end = _skip_struct(data, 0, depth=0)
    except IndexError:
        end = -1
    if end != len(data):
        raise DataError("its description is broken")


def read_struct(data: bytes) -> tuple[dict[int, Any], int]:
    """The whole numbers of the structure that `data` begins with, and of those in it, by their fields; and its length.

    Raises IndexError where it does not end.
    """
    return _read_struct(data, 0, depth=0)


def _read_struct(data: bytes, place: int, *, depth: int) -> tuple[dict[int, Any], int]:
    found: dict[int, Any] = {}
    field = 0
    if depth > DEEPEST:
        raise IndexError
    while True:
        head = data[place]
        place += 1
        if head == 0:
            return found, place
        if head >> 4:
            field += head >> 4
        else:
            number, place = _read_number(data, place)
            field = _unfold(number)
        kind = head & 15
        if kind in NUMBERS:
            number, place = _read_number(data, place)
            found[field] = _unfold(number)
        elif kind == STRUCT:
            found[field], place = _read_struct(data, place, depth=depth + 1)
        elif kind not in FLAGS:
            place = _skip(data, place, kind=kind, depth=depth)


def _unfold(number: int) -> int:
    """The number with a sign that is written as one without."""
    return (number >> 1) ^ -(number & 1)


def _skip_struct(data: bytes, place: int, *, depth: int) -> int:
    """The place after the structure that begins at `place`. Raises IndexError where it does not end."""
    if depth > DEEPEST:
        raise IndexError
    while True:
        head = data[place]
        place += 1
        if head == 0:
            return place
        if head >> 4 == 0:
            place = _read_number(data, place)[1]  # the number of the field
        kind = head & 15
        place = place if kind in FLAGS else _skip(data, place, kind=kind, depth=depth)


def _skip(data: bytes, place: int, *, kind: int, depth: int) -> int:
    """The place after the value of a `kind` at `place`."""
    if kind in NUMBERS:
        return _read_number(data, place)[1]
    if kind in (BYTE, *FLAGS, DOUBLE):
        return place + (8 if kind == DOUBLE else 1)
    if kind == BINARY:
        size, place = _read_number(data, place)
        return place + size
    if kind == STRUCT:
        return _skip_struct(data, place, depth=depth + 1)
    if kind in (LIST, SET):
        size, element = data[place] >> 4, data[place] & 15
        place += 1
        if size == 15:
            size, place = _read_number(data, place)
        kinds = [element]
    elif kind == MAP:
        size, place = _read_number(data, place)
        if size:
            kinds = [data[place] >> 4, data[place] & 15]
            place += 1
        else:
            kinds = []
    else:
        raise IndexError
    for _ in range(size):  # each takes a byte or more, so that it ends with the data
        for each in kinds:
            if place >= len(data):
                raise IndexError
            place = _skip(data, place, kind=each, depth=depth + 1)
    return place


def _read_number(data: bytes, place: int) -> tuple[int, int]:
    """A whole number without a sign, and the place after it."""
    number = 0
    for shift in range(LONGEST_NUMBER):
        byte = data[place + shift]
        number |= (byte & 127) << (7 * shift)
        if byte < 128:
            return number, place + shift + 1
    raise IndexError
