"""Read and write checkpoints, from which a run resumes to the same result. One safetensors file, never a pickle.

A checksum shows where a fault of the disk has changed the file, so that no run goes on to another result. A checkpoint
may come from a stranger, too, as a model folder may: types, sizes and numbers are checked before they are used.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import safetensors
from safetensors.torch import save
from torch import Tensor

from forecaster.errors import ConfigurationError, NotFoundError
from forecaster.files import write_together
from forecaster.settings import NetworkShape

__all__ = ["Checkpoint", "check_weights", "explain_broken", "hash_content", "read_checkpoint", "write_checkpoint"]

LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class Checkpoint:
    """What every checkpoint holds; each kind of run adds fields in a subclass.

    The fields are dataclasses, dictionaries, tuples and optional values of tensors and of plain JSON values.
    """

    shape: NetworkShape


Kind = TypeVar("Kind", bound=Checkpoint)


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write `checkpoint` to `path`: its tensors, and all other values as JSON in the metadata."""
    tensors: dict[str, Tensor] = {}
    content = json.dumps(_flatten(checkpoint, "", tensors=tensors))
    metadata = {"checkpoint": content, "checksum": hash_content(content, tensors)}
    write_together({path: save(tensors, metadata=metadata)})


def hash_content(content: str, tensors: Mapping[str, Tensor]) -> str:
    """The checksum of a checkpoint: of its JSON text, and of the names, types, sizes and values of its tensors."""
    digest = hashlib.sha256(content.encode())
    for name in sorted(tensors):
        values = tensors[name].contiguous().numpy()
        digest.update(f"\n{name} {values.dtype} {values.shape}\n".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def read_checkpoint(path: Path, kind: type[Kind], *, shape: NetworkShape) -> Kind:
    """The checkpoint of this `kind` that `write_checkpoint` wrote.

    Raises NotFoundError where there is none, ConfigurationError where it is broken, of another kind, or of a network of
    another `shape`.
    """
    if not path.is_file():
        raise NotFoundError(f"{path}: no interrupted training to resume. Leave out --resume to start one.")
    with explain_broken(path):
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        if metadata["checksum"] != hash_content(metadata["checkpoint"], tensors):
            raise ValueError("it was changed")
        content = json.loads(metadata["checkpoint"])
        for name, tensor in tensors.items():
            if not tensor.isfinite().all():
                raise ValueError(f"{name} is not finite")
        checkpoint: Kind = _rebuild(kind, content, "", tensors=tensors)
    if (saved := _name_network(checkpoint.shape)) != (asked := _name_network(shape)):
        raise ConfigurationError(
            f"{path}: the run that was stopped is of {saved}, not of {asked}. "
            "Give the same flags as before, or start again without --resume."
        )
    return checkpoint


@contextmanager
def explain_broken(path: Path) -> Iterator[None]:
    """Raise ConfigurationError where the content of the checkpoint `path`, which is used within, is not as written."""
    try:
        yield
    except (safetensors.SafetensorError, ArithmeticError, AttributeError, LookupError, OSError) as error:
        raise _broken(path) from error
    except (RecursionError, RuntimeError, TypeError, ValueError) as error:  # of JSON, of torch and of NumPy
        raise _broken(path) from error


def _broken(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path}: the checkpoint is broken, or of another command or version of forecast. Start again without --resume."
    )


def check_weights(weights: Mapping[str, Tensor], *, expected: Mapping[str, Tensor]) -> None:
    """Raise ValueError unless `weights` have the names, sizes and types of those that are `expected`."""
    for name in weights.keys() | expected.keys():
        if name not in weights or name not in expected:
            raise ValueError(f"{name} is missing, or not expected")
        if weights[name].shape != expected[name].shape or weights[name].dtype != expected[name].dtype:
            raise ValueError(f"{name} is not of the right size and type")


def _flatten(value: Any, name: str, *, tensors: dict[str, Tensor]) -> Any:
    """`value` as plain JSON values; its tensors go into `tensors`, named by their path."""
    if isinstance(value, Tensor):
        # the same weights may occur twice, which the format refuses, and those of a GPU have no bytes to write
        tensors[name] = value.cpu().clone()
        return None
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _flatten(item, f"{name}/{key}", tensors=tensors) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_flatten(item, f"{name}/{number}", tensors=tensors) for number, item in enumerate(value)]
    return value


def _rebuild(kind: Any, plain: Any, name: str, *, tensors: dict[str, Tensor]) -> Any:
    """The value of type `kind` that `_flatten` turned into `plain` and `tensors`.

    Raises ValueError for a value of another type, a negative or huge whole number, and an infinite one.
    """
    if kind is Tensor:
        return tensors[name]
    if isinstance(kind, type) and is_dataclass(kind):
        types = get_type_hints(kind)
        return kind(**{key: _rebuild(types[key], plain[key], f"{name}/{key}", tensors=tensors) for key in types})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is dict:
        return {key: _rebuild(arguments[1], item, f"{name}/{key}", tensors=tensors) for key, item in plain.items()}
    if origin is tuple:
        return tuple(
            _rebuild(arguments[0], item, f"{name}/{number}", tensors=tensors) for number, item in enumerate(plain)
        )
    if origin is UnionType and plain is not None:
        return _rebuild(arguments[0], plain, name, tensors=tensors)
    is_whole = type(plain) is int and 0 <= plain <= LARGEST_NUMBER
    is_plain = {
        bool: type(plain) is bool,
        int: is_whole,
        float: is_whole or (type(plain) is float and not math.isinf(plain)),  # losses are NaN at first
        str: isinstance(plain, str),
    }
    if not is_plain.get(kind, True):
        raise ValueError(f"{name} is not of the right type")
    return plain


def _name_network(shape: NetworkShape) -> str:
    name = f"{shape.layers} {shape.cell} layers of {shape.hidden} units"
    if shape.cell == "peephole":
        name += f", peepholes at {', '.join(shape.peepholes) or 'no gate'}"
    if shape.memory_steps:
        name += f", memory of {shape.memory_steps} steps"
    return name
