"""Where a value that an option cannot take is from: a variable or forecast.toml is configuration, not usage."""

from collections.abc import Iterable
from typing import Any

__all__ = ["find_origin", "name_origin"]


def find_origin(parameters: Iterable[Any], context: Any, *, message: str) -> str | None:
    """Where the value is from that a `message` refuses, which begins with the option and the value; None if typed."""
    for parameter in parameters:
        value = context.params.get(parameter.name)
        if any(message.startswith(f"{name} {value}:") for name in parameter.opts):
            return name_origin(parameter, context)
    return None


def name_origin(parameter: Any, context: Any) -> str | None:
    """The variable or the file that the value of a `parameter` is from; None where it was typed or is the usual one."""
    source = context.get_parameter_source(parameter.name)
    if source is None or source.name not in ("ENVIRONMENT", "DEFAULT_MAP"):
        return None
    return f"the variable {parameter.envvar}" if source.name == "ENVIRONMENT" else "forecast.toml"
