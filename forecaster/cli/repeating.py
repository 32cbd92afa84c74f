"""The command line that repeats a command with the same settings, wherever those came from."""

import shlex

import typer

__all__ = ["list_given", "write_command"]


TALK = ("quiet", "as_json")
"""Options of what the terminal shows, which change nothing that is written."""


def list_given(context: typer.Context) -> list[tuple[str, str | None]]:
    """The options that are not their defaults, from the command line, a variable or forecast.toml, without TALK.

    Name and value; None for a switch, whose name says all.
    """
    found = []
    for parameter in context.command.params:
        if parameter.name in TALK:
            continue
        source = context.get_parameter_source(str(parameter.name))
        value = context.params.get(str(parameter.name))
        if source is None or source.name == "DEFAULT" or value is None or parameter.param_type_name == "argument":
            continue
        for each in value if isinstance(value, list | tuple) else [value]:
            is_switch = isinstance(each, bool)
            name = parameter.secondary_opts[0] if each is False and parameter.secondary_opts else parameter.opts[0]
            if each is not False or parameter.secondary_opts:
                found.append((name, None if is_switch else str(each)))
    return found


def write_command(context: typer.Context, *, data: tuple[str, ...]) -> str:
    """The command line, with the names of the `data` that were read."""
    words = ["forecast", str(context.info_name), *data]
    for name, value in list_given(context):
        if value is None:
            words.append(name)
        else:  # a value that begins with a dash would be taken for an option
            words += [f"{name}={value}"] if value.startswith("-") and value != "-" else [name, value]
    return shlex.join(words)
