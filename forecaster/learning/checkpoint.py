"""The checkpoint of a learning run, which resumes to the same result. One safetensors file, never a pickle."""

import json
from pathlib import Path
from typing import Any

import safetensors
from safetensors.torch import save
from torch import Tensor

from forecaster.errors import ConfigurationError, NotFoundError
from forecaster.files import write_together
from forecaster.settings import NetworkShape

__all__ = ["read_checkpoint", "write_checkpoint"]


def write_checkpoint(
    path: Path, *, groups: dict[str, dict[str, Tensor]], state: dict[str, Any], shape: NetworkShape
) -> None:
    """Write named groups of tensors, and `state` of plain JSON values, of a network of `shape` to `path`."""
    tensors = {f"{group}/{name}": value for group, values in groups.items() for name, value in values.items()}
    described = json.dumps({**state, "network": shape.as_plain()})
    write_together({path: save(tensors, metadata={"state": described})})


def read_checkpoint(path: Path, *, shape: NetworkShape) -> tuple[dict[str, dict[str, Tensor]], dict[str, Any]]:
    """The groups and the state that `write_checkpoint` wrote.

    Raises NotFoundError where there is none, ConfigurationError where it is broken or of a network that is not
    of `shape`.
    """
    if not path.is_file():
        raise NotFoundError(f"{path}: no interrupted training to go on with. Leave out --resume to begin one.")
    groups: dict[str, dict[str, Tensor]] = {}
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            state = json.loads(file.metadata()["state"])
            for key in file.keys():  # noqa: SIM118 - not a mapping
                group, name = key.split("/", 1)
                groups.setdefault(group, {})[name] = file.get_tensor(key)
        begun = _name_network(state["network"])
    except (safetensors.SafetensorError, KeyError, ValueError, TypeError, OSError) as error:
        raise ConfigurationError(f"{path}: the checkpoint is broken. Delete it and train without --resume.") from error
    if begun != (asked := _name_network(shape.as_plain())):
        raise ConfigurationError(
            f"{path}: the run that was stopped is of {begun}, not of {asked}. "
            "Give the same flags as before, or begin anew without --resume."
        )
    return groups, state


def _name_network(network: dict[str, Any]) -> str:
    name = f"{network['layers']} {network['cell']} layers of {network['hidden']} units"
    if network["cell"] == "peephole":
        name += f", peepholes at {', '.join(network['peepholes']) or 'no gate'}"
    if network["memory_steps"]:
        name += f", memory of {network['memory_steps']} steps"
    return name
