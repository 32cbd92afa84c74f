"""How a model was trained to read its data holds for other data, too; where that fails, the error says so."""

import re
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any, get_args

from forecaster.data.covariates import CALENDAR, HOLIDAYS
from forecaster.data.files.contents import can_be_read_again
from forecaster.data.read_options import ReadOptions, RememberedOptions, split_names
from forecaster.data.roles.columns import Columns
from forecaster.encoding.pooled_effects import PooledEffects
from forecaster.errors import ConfigurationError, DataError, UsageError
from forecaster.library.inputs import Data, Future, Given, Remark, ignore, read_data
from forecaster.model.card import BaseCard, ModelCard

__all__ = ["Memory", "find_remembered", "leave_out", "list_holiday_files", "merge_remembered", "read_as_trained"]


@dataclass(frozen=True)
class Memory:
    """What a trained model remembers of its data: how they were read, effects of covariates, and learned attributes."""

    reading: ReadOptions
    pooled: PooledEffects | None
    attributes: tuple[str, ...]


def read_as_trained(
    data: Data,
    *,
    reading: ReadOptions,
    memory: Memory,
    until: str | None = None,
    future: Future = None,
    on_remark: Remark | None = ignore,
) -> Given:
    """Read `data` by the options in `reading`; those that are not given there are the ones in the `memory` of a model.

    Raises what `read_data` raises; a message that names an option that was not given says where it comes from.
    ConfigurationError where an option that only the model remembers can be none of these data.
    """
    used = merge_remembered(reading, memory)
    try:
        return read_data(
            data,
            reading=used,
            until=until,
            future=future,
            pooled=memory.pooled,
            on_remark=on_remark,
        )
    except (DataError, UsageError) as error:
        named = _list_named(str(error), given=reading, remembered=memory.reading)
        if not named:
            raise
        if isinstance(error, UsageError) and not _names_any(str(error), given=reading):
            # nobody typed it: the folder is broken, or the data are of another kind
            raise ConfigurationError(
                f"{error} The model remembers {' and '.join(named)} from its training. Train again, or for data of "
                "another kind use the base model (--model base, or inspect base)."
            ) from error
        raise type(error)(
            f"{error} The model remembers {' and '.join(named)} from its training. "
            "For data of another kind use the base model (--model base, or inspect base)."
        ) from error


def merge_remembered(reading: ReadOptions, memory: Memory) -> ReadOptions:
    """The options in `reading`, and where they are not given there those in the `memory` of a model."""
    used = reading.over(memory.reading)
    if reading.static:
        return used
    unused = tuple(name for name in split_names(used.static) if name not in memory.attributes)
    return RememberedOptions(**vars(used), dispensable=unused)


def find_remembered(card: ModelCard) -> tuple[str, ...]:
    """The names of the data that a model was trained on.

    Raises UsageError where they cannot be read again, ConfigurationError where they are no files.
    """
    names = card.source.names
    if names in ((), ("-",)):
        where = "stdin or a pipe" if names else "a frame in Python"
        raise UsageError(f"The model was trained on {where}, which cannot be read again. Name the DATA.")
    if not all(map(can_be_read_again, names)):  # such as a device without end; no training remembers one
        raise ConfigurationError("model.json: 'source' names what is no file. Name the DATA to forecast.")
    return names


def list_holiday_files(reading: ReadOptions, *, card: ModelCard | BaseCard) -> list[tuple[str]]:
    """The files of holidays that are read, those that a model remembers too, each a set of data of its own."""
    return (reading if isinstance(card, BaseCard) else reading.over(card.source.read_options)).holiday_files


def leave_out(names: Collection[str], *, reading: ReadOptions, columns: Columns) -> ReadOptions:
    """`reading` without the covariates `names`, in a long table that was read with the roles in `columns`.

    A column without a role could be taken for the target, the time or an id: these are named.
    """
    if not names:
        return reading
    return replace(
        reading,
        known=tuple(name for name in columns.known if name not in names),
        past=tuple(name for name in columns.past if name not in names),
        static=tuple(name for name in columns.static if name not in names),
        categories=tuple(name for name in columns.categories if name not in names),
        holidays=() if HOLIDAYS in names else reading.holidays,
        calendar=tuple(kind for kind in split_names(reading.calendar) if f"{CALENDAR} {kind}" not in names),
        ids=columns.ids or ("",),
        time=columns.time if columns.joined is None else reading.time,
        target=reading.target or columns.targets[0],
    )


def write_flags(options: ReadOptions) -> list[list[str]]:
    """Each of the `options` that has a value as words of a command line, lists with commas."""
    written = []
    for name, flag in _list_flags(options):
        value = getattr(options, name)
        words = ",".join(value) if isinstance(value, tuple) else str(value)
        written.append([_write_flag(flag, value)] if isinstance(value, bool) else [flag, words])
    return written


def _list_named(message: str, *, given: ReadOptions, remembered: ReadOptions) -> list[str]:
    """The options that `message` names and that were only remembered, as they would be typed."""
    used = given.over(remembered)
    return [
        _write_flag(flag, getattr(used, name))
        for name, flag in _list_flags(used)
        if getattr(given, name) in (None, ()) and _is_named(flag, message)
    ]


def _names_any(message: str, *, given: ReadOptions) -> bool:
    """Whether `message` names an option that was given."""
    return any(_is_named(flag, message) for _, flag in _list_flags(given))


def _list_flags(options: ReadOptions) -> list[tuple[str, str]]:
    """The fields of `options` that have a value, each with its flag."""
    return [
        (field.name, get_args(field.type)[1].name)
        for field in fields(ReadOptions)
        if getattr(options, field.name) not in (None, ())
    ]


def _is_named(flag: str, message: str) -> bool:
    return any(re.search(rf"(?<![\w-]){name}(?![\w-])", message) for name in flag.split("/"))


def _write_flag(flag: str, value: Any) -> str:
    """An option and its value as on the command line."""
    if isinstance(value, bool):
        return str(flag.split("/")[0 if value else -1])
    return " ".join(
        f"{flag} {one}" if one != "" else f"{flag} ''" for one in (value if isinstance(value, tuple) else (value,))
    )
