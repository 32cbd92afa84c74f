"""Where a value that an option cannot take is from: a variable or forecast.toml is configuration, not usage."""

import re
from typing import Any

from forecaster.errors import ConfigurationError, UsageError

__all__ = ["blame_origin", "name_origin"]

NAMED = re.compile(r"(DATA\b|--[a-z-]+)(?: and (--[a-z-]+))?")
"""What a message begins with: the option at fault, or two that do not go together."""


def blame_origin(error: BaseException, context: Any) -> BaseException:
    """The `error`, or a ConfigurationError where it refuses a value that nobody has typed.

    What it refuses is the first option at the beginning of its message that was given at all: others are remedies.
    `context` is that of the command, None where none was begun.
    """
    if not isinstance(error, UsageError) or context is None:
        return error
    names = {
        name: parameter
        for parameter in context.command.params
        for name in (*parameter.opts, *parameter.secondary_opts, parameter.metavar)
    }
    found = NAMED.match(str(error))
    for name in found.groups("") if found else ():
        source = context.get_parameter_source(names[name].name) if name in names else None
        if source is not None and source.name != "DEFAULT":
            origin = name_origin(names[name], context)
            return error if origin is None else ConfigurationError(f"{error} {name} is from {origin}.")
    return error


def name_origin(parameter: Any, context: Any) -> str | None:
    """The variable or the file that the value of a `parameter` is from; None where it was typed or is the usual one."""
    source = context.get_parameter_source(parameter.name)
    if source is None or source.name not in ("ENVIRONMENT", "DEFAULT_MAP"):
        return None
    return f"the variable {parameter.envvar}" if source.name == "ENVIRONMENT" else "forecast.toml"
