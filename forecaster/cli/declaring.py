"""Declare options for Typer: one by one, or all fields of a dataclass at once."""

import inspect
from collections.abc import Callable
from dataclasses import Field, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import typer

from forecaster.errors import UsageError
from forecaster.settings import Flag

__all__ = ["expand_groups", "folder_for", "option"]


def option(  # noqa: PLR0913 - as Typer has them
    *names: str,
    help: str,  # noqa: A002 - as Typer calls it
    heading: str,
    unit: str | None = None,
    variable: str | None = None,
    min: float | None = None,  # noqa: A002
    max: float | None = None,  # noqa: A002
    parser: Callable[[str], Any] | None = None,
) -> Any:
    """An option for Typer, shown in the help under `heading`, with a value in `unit`, such as STEPS.

    Its environment variable is `variable`, or is derived from the first of its `names`. `parser` makes its value of the
    text that was given.
    """
    variable = variable or "FORECAST_" + names[0].split("/")[0].removeprefix("--").replace("-", "_").upper()
    return typer.Option(
        *names, help=help, envvar=variable, metavar=unit, rich_help_panel=heading, min=min, max=max, parser=parser
    )


def folder_for(flag: str) -> Callable[[str], Path]:
    """A parser of the name of a folder. An empty one, as of a variable that is not set, would be the current folder."""

    def parse(text: str) -> Path:
        if not text:
            raise UsageError(f"{flag} '': the name of the folder is empty. Name one, or leave {flag} out.")
        return Path(text)

    return parse


def expand_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Replace each parameter of `command` that is a dataclass with one option per field, for Typer.

    Typer reads the options from the signature. Such a parameter is annotated with the heading of its
    options in the help, and each field with its `Flag`, or with an option for Typer, which has a heading of its own.
    """
    signature = inspect.signature(command)
    # parameter: (dataclass, heading)
    groups = {
        name: get_args(taken.annotation)
        for name, taken in signature.parameters.items()
        if get_origin(taken.annotation) is Annotated and is_dataclass(get_args(taken.annotation)[0])
    }
    parameters: list[inspect.Parameter] = []
    for name, parameter in signature.parameters.items():
        if name in groups:
            kind, heading = groups[name]
            parameters += [_declare_option(field, heading=heading) for field in fields(kind)]
        else:
            parameters.append(parameter)

    @wraps(command)
    def call_with_groups(**values: Any) -> None:
        for name, (kind, _) in groups.items():
            values[name] = kind(**{field.name: _take_value(values.pop(field.name), field) for field in fields(kind)})
        command(**values)

    call_with_groups.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return call_with_groups


def _declare_option(field: "Field[Any]", *, heading: str) -> inspect.Parameter:
    """The command parameter that sets `field`; a tuple is a list for Typer, and None where it is empty."""
    kind, flag = get_args(field.type)
    if not isinstance(flag, Flag):
        return _declare_parameter(field.name, default=field.default, annotation=field.type)
    is_list = field.default == ()
    taken: Any = list[str] | None if is_list else kind
    annotation = Annotated[taken, option(flag.name, help=flag.help, heading=heading, unit=flag.unit)]
    return _declare_parameter(field.name, default=None if is_list else field.default, annotation=annotation)


def _declare_parameter(name: str, *, default: Any, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation)


def _take_value(value: Any, field: "Field[Any]") -> Any:
    return tuple(value or ()) if field.default == () else value
