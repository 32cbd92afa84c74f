"""The options that commands share: one name, one help text and one environment variable each."""

import inspect
from collections.abc import Callable
from dataclasses import Field, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from forecaster.settings import CELLS, PEEPHOLES

__all__ = [
    "MAX_STEPS",
    "AllowNegative",
    "Cell",
    "Data",
    "DataOrTrained",
    "Device",
    "Highest",
    "Horizon",
    "Json",
    "Level",
    "Lowest",
    "MemorySteps",
    "Model",
    "ModelIfAny",
    "Peepholes",
    "Quantiles",
    "Quiet",
    "Season",
    "Until",
    "expand_groups",
    "parse_numbers",
    "parse_seasons",
]

MAX_STEPS = 100_000
"""Of a horizon, and cutoffs, and steps between them; what is more is a typing error."""

DATA_HELP = "CSV file (also .csv.gz), '-' for stdin, a folder, or a quoted glob"


Data = Annotated[str, typer.Argument(help=f"{DATA_HELP}.", envvar="FORECAST_DATA", show_envvar=False)]
DataOrTrained = Annotated[
    str | None,
    typer.Argument(
        help=f"{DATA_HELP}; left out: what the model was trained on, read again.",
        envvar="FORECAST_DATA",
        show_envvar=False,
    ),
]
Model = Annotated[Path, typer.Option("--model", help="Model folder.", envvar="FORECAST_MODEL")]
ModelIfAny = Annotated[
    Path | None,
    typer.Option(
        "--model",
        help="Model folder, or 'base' for the base model (default: model, and that where there is none).",
        envvar="FORECAST_MODEL",
    ),
]
Horizon = Annotated[
    int | None,
    typer.Option("--horizon", min=1, max=MAX_STEPS, help="Steps to forecast.", envvar="FORECAST_HORIZON"),
]
Season = Annotated[
    str | None,
    typer.Option(
        "--season",
        help="Steps of the main season; 1 for none. Two, such as 24,168, name a longer one as well.",
        envvar="FORECAST_SEASON",
    ),
]
Until = Annotated[
    str | None,
    typer.Option("--until", help="Leave out what comes after this timestamp.", envvar="FORECAST_UNTIL"),
]
Level = Annotated[
    str, typer.Option("--level", help="Intervals, in per cent, comma-separated.", envvar="FORECAST_LEVEL")
]
Quantiles = Annotated[
    str, typer.Option("--quantiles", help="Further quantiles, such as 0.1,0.9.", envvar="FORECAST_QUANTILES")
]
Lowest = Annotated[float | None, typer.Option("--min", help="No forecast goes below this.", envvar="FORECAST_MIN")]
Highest = Annotated[float | None, typer.Option("--max", help="No forecast goes above this.", envvar="FORECAST_MAX")]
AllowNegative = Annotated[
    bool,
    typer.Option(
        "--allow-negative",
        help="Let forecasts go below 0 where the history never does.",
        envvar="FORECAST_ALLOW_NEGATIVE",
    ),
]
Cell = Annotated[
    str | None,
    typer.Option("--cell", help=f"{', '.join(CELLS)} (default: lstm, as the base model is).", envvar="FORECAST_CELL"),
]
Peepholes = Annotated[
    str | None,
    typer.Option(
        "--peepholes",
        help=f"Gates of --cell peephole that look at the cell state (default: {','.join(PEEPHOLES)}).",
        envvar="FORECAST_PEEPHOLES",
    ),
]
MemorySteps = Annotated[
    int | None,
    typer.Option(
        "--memory-steps",
        min=3,
        help="Let the memory of new weights reach this far (chrono initialisation).",
        envvar="FORECAST_MEMORY_STEPS",
    ),
]
Device = Annotated[
    str,
    typer.Option(
        "--device", help="Where to learn: auto, cpu, cuda or mps; auto takes CUDA if any.", envvar="FORECAST_DEVICE"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="End with a summary as one line of JSON.", envvar="FORECAST_JSON")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.", envvar="FORECAST_QUIET")]


def expand_groups(command: Callable[..., None]) -> Callable[..., None]:
    """`command` with an option for each field of its parameters that are dataclasses, which it takes as one value.

    Typer reads from the signature what options there are; a field is annotated with its `Flag`.
    """
    signature = inspect.signature(command)
    groups: dict[str, Any] = {
        name: taken.annotation for name, taken in signature.parameters.items() if is_dataclass(taken.annotation)
    }
    parameters: list[inspect.Parameter] = []
    for name, parameter in signature.parameters.items():
        parameters += map(_declare_option, fields(groups[name])) if name in groups else [parameter]

    @wraps(command)
    def call_with_groups(**values: Any) -> None:
        for name, group in groups.items():
            values[name] = group(**{field.name: _take_value(values.pop(field.name), field) for field in fields(group)})
        command(**values)

    call_with_groups.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return call_with_groups


def _declare_option(field: "Field[Any]") -> inspect.Parameter:
    """The parameter of a command that sets `field`; where that is a tuple, Typer has a list, None for an empty one."""
    kind, flag = get_args(field.type)
    is_list = field.default == ()
    option = typer.Option(
        None if is_list else field.default, flag.name, help=flag.help, envvar=_name_variable(flag.name)
    )
    annotation = list[str] | None if is_list else kind
    return inspect.Parameter(field.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=option, annotation=annotation)


def _take_value(value: Any, field: "Field[Any]") -> Any:
    return tuple(value or ()) if field.default == () else value


def _name_variable(flag: str) -> str:
    """The environment variable of an option, such as FORECAST_DATE_FORMAT."""
    return "FORECAST_" + flag.split("/")[0].removeprefix("--").replace("-", "_").upper()


def parse_seasons(text: str | None) -> tuple[int, ...]:
    """Periods in steps, the main one first; none where the calendar is to tell. Raises UsageError for anything else."""
    from forecaster.errors import UsageError

    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 10 and int(part) for part in parts):
        raise UsageError(f"--season {text}: not a number of steps, such as 12 or 24,168.")
    seasons = tuple(map(int, parts))
    if len(seasons) > 2 or list(seasons) != sorted(set(seasons)):
        raise UsageError(f"--season {text}: a main season and a longer one are all there can be, such as 24,168.")
    return seasons


def parse_numbers(text: str, *, flag: str) -> list[float]:
    """Comma-separated numbers. Raises UsageError, naming `flag`, for anything else."""
    from forecaster.errors import UsageError

    try:
        return list(dict.fromkeys(float(part.strip().removesuffix("%")) for part in text.split(",") if part.strip()))
    except ValueError as error:
        raise UsageError(f"{flag} {text}: not comma-separated numbers, such as 80,95.") from error
