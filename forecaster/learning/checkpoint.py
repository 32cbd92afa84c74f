"""The checkpoint of a learning run, which resumes to the same result. One safetensors file, never a pickle."""

import json
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

__all__ = ["Checkpoint", "read_checkpoint", "write_checkpoint"]


@dataclass(frozen=True)
class Checkpoint:
    """What every checkpoint holds; what else there is in one, each kind of run says in a dataclass of its own.

    Its fields are dataclasses, dictionaries, tuples and optional values of tensors and of what JSON keeps as it is.
    """

    shape: NetworkShape


Kind = TypeVar("Kind", bound=Checkpoint)


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write `checkpoint` to `path`: its tensors, and all the rest as JSON beside them."""
    tensors: dict[str, Tensor] = {}
    content = json.dumps(_take_apart(checkpoint, "", tensors=tensors))
    write_together({path: save(tensors, metadata={"checkpoint": content})})


def read_checkpoint(path: Path, kind: type[Kind], *, shape: NetworkShape) -> Kind:
    """The checkpoint of this `kind` that `write_checkpoint` wrote.

    Raises NotFoundError where there is none, ConfigurationError where it is broken or of another kind, or of a network
    that is not of `shape`.
    """
    if not path.is_file():
        raise NotFoundError(f"{path}: no interrupted training to go on with. Leave out --resume to begin one.")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            content = json.loads(file.metadata()["checkpoint"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        checkpoint: Kind = _put_together(kind, content, "", tensors=tensors)
    except (safetensors.SafetensorError, KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        raise ConfigurationError(
            f"{path}: the checkpoint is broken, or of another command or version of forecast. "
            "Begin anew without --resume."
        ) from error
    if (begun := _name_network(checkpoint.shape)) != (asked := _name_network(shape)):
        raise ConfigurationError(
            f"{path}: the run that was stopped is of {begun}, not of {asked}. "
            "Give the same flags as before, or begin anew without --resume."
        )
    return checkpoint


def _take_apart(value: Any, name: str, *, tensors: dict[str, Tensor]) -> Any:
    """What JSON keeps of `value`; its tensors go into `tensors`, named by the way to them."""
    if isinstance(value, Tensor):
        # the same weights may stand in two places, which the format refuses
        tensors[name] = value.clone()
        return None
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _take_apart(item, f"{name}/{key}", tensors=tensors) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_take_apart(item, f"{name}/{number}", tensors=tensors) for number, item in enumerate(value)]
    return value


def _put_together(kind: Any, plain: Any, name: str, *, tensors: dict[str, Tensor]) -> Any:
    """The value of type `kind` that `_take_apart` made `plain` and `tensors` of."""
    if kind is Tensor:
        return tensors[name]
    if isinstance(kind, type) and is_dataclass(kind):
        types = get_type_hints(kind)
        return kind(**{key: _put_together(types[key], plain[key], f"{name}/{key}", tensors=tensors) for key in types})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is dict:
        return {key: _put_together(arguments[1], item, f"{name}/{key}", tensors=tensors) for key, item in plain.items()}
    if origin is tuple:
        return tuple(
            _put_together(arguments[0], item, f"{name}/{number}", tensors=tensors) for number, item in enumerate(plain)
        )
    if origin is UnionType and plain is not None:
        return _put_together(arguments[0], plain, name, tensors=tensors)
    return plain


def _name_network(shape: NetworkShape) -> str:
    name = f"{shape.layers} {shape.cell} layers of {shape.hidden} units"
    if shape.cell == "peephole":
        name += f", peepholes at {', '.join(shape.peepholes) or 'no gate'}"
    if shape.memory_steps:
        name += f", memory of {shape.memory_steps} steps"
    return name
