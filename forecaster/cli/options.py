"""The options that commands share: one name, one help text and one environment variable each."""

import inspect
from collections.abc import Callable
from dataclasses import Field, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import typer

from forecaster.data.read_options import ReadOptions
from forecaster.settings import CELLS, MAX_STEPS, PEEPHOLES

__all__ = [
    "FILE",
    "FORECAST",
    "HEADINGS",
    "HELP",
    "LEARNING",
    "MAX_STEPS",
    "MODEL",
    "OUTPUT",
    "SCORES",
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
    "Reading",
    "Resume",
    "Season",
    "Until",
    "expand_groups",
    "option",
    "parse_numbers",
    "parse_seasons",
]

FILE, MODEL, FORECAST, SCORES = "Reading the file", "Model", "Forecast", "Scores"
LEARNING, OUTPUT, HELP = "Learning", "Output", "Help"
HEADINGS = ("Arguments", FILE, MODEL, FORECAST, SCORES, LEARNING, OUTPUT, HELP)
"""The groups of options in the help of a command, in their order."""


def option(
    *names: str,
    help: str,  # noqa: A002 - as Typer calls it
    heading: str,
    unit: str | None = None,
    variable: str | None = None,
    min: float | None = None,  # noqa: A002
    max: float | None = None,  # noqa: A002
) -> Any:
    """An option for Typer, which stands in the help under `heading` and takes a value in `unit`, such as STEPS.

    Its environment variable is `variable`, or follows from the first of its `names`.
    """
    variable = variable or "FORECAST_" + names[0].split("/")[0].removeprefix("--").replace("-", "_").upper()
    return typer.Option(*names, help=help, envvar=variable, metavar=unit, rich_help_panel=heading, min=min, max=max)


Reading = Annotated[ReadOptions, FILE]

DATA_HELP = "CSV file (also .csv.gz), '-' for stdin, a folder, or a quoted glob"
Data = Annotated[str, typer.Argument(help=f"{DATA_HELP}.", envvar="FORECAST_DATA")]
DataOrTrained = Annotated[
    str | None,
    typer.Argument(help=f"{DATA_HELP} (default: what the model was trained on).", envvar="FORECAST_DATA"),
]
Model = Annotated[Path, option("--model", help="Model folder to write.", heading=MODEL, unit="FOLDER")]
ModelIfAny = Annotated[
    Path | None,
    option(
        "--model",
        help="Model folder, or 'base' for the base model (default: model, or the base model where there is none).",
        heading=MODEL,
        unit="FOLDER",
    ),
]
Horizon = Annotated[
    int | None,
    option(
        "--horizon",
        help="Steps of the series' calendar to forecast (default: as the model was trained, there one main season).",
        heading=FORECAST,
        unit="STEPS",
        min=1,
        max=MAX_STEPS,
    ),
]
Season = Annotated[
    str | None,
    option(
        "--season",
        help="Steps of the main season; 1 for none. Two, such as 24,168, name a longer one as well "
        "(default: what the calendar tells).",
        heading=FORECAST,
        unit="STEPS",
    ),
]
Until = Annotated[
    str | None,
    option("--until", help="Leave out what comes after this timestamp.", heading=FILE, unit="TIME"),
]
Level = Annotated[
    str, option("--level", help="Intervals, in per cent, comma-separated.", heading=FORECAST, unit="PER_CENT")
]
Quantiles = Annotated[
    str,
    option("--quantiles", help="Further quantiles, as shares, such as 0.1,0.9.", heading=FORECAST, unit="SHARES"),
]
Lowest = Annotated[
    float | None,
    option("--min", help="No forecast goes below this, in units of the data.", heading=FORECAST, unit="VALUE"),
]
Highest = Annotated[
    float | None,
    option("--max", help="No forecast goes above this, in units of the data.", heading=FORECAST, unit="VALUE"),
]
AllowNegative = Annotated[
    bool,
    option("--allow-negative", help="Let forecasts go below 0 where the history never does.", heading=FORECAST),
]
Cell = Annotated[
    str | None,
    option("--cell", help=f"{', '.join(CELLS)} (default: lstm, as the base model is).", heading=MODEL, unit="NAME"),
]
Peepholes = Annotated[
    str | None,
    option(
        "--peepholes",
        help=f"Gates of --cell peephole that look at the cell state (default: {','.join(PEEPHOLES)}).",
        heading=MODEL,
        unit="NAMES",
    ),
]
MemorySteps = Annotated[
    int | None,
    option(
        "--memory-steps",
        help="Let the memory of new weights reach this many steps (chrono initialisation).",
        heading=MODEL,
        unit="STEPS",
        min=3,
    ),
]
Device = Annotated[
    str,
    option(
        "--device",
        help="Where to learn: auto, cpu, cuda or mps; auto takes CUDA if any.",
        heading=LEARNING,
        unit="NAME",
    ),
]
Resume = Annotated[bool, option("--resume", help="Go on where a stopped run was.", heading=LEARNING)]
Json = Annotated[bool, option("--json", help="End with a summary as one line of JSON.", heading=OUTPUT)]
Quiet = Annotated[bool, option("--quiet", "-q", help="Say nothing but errors.", heading=OUTPUT)]


def expand_groups(command: Callable[..., None]) -> Callable[..., None]:
    """`command` with an option for each field of its parameters that are dataclasses, which it takes as one value.

    Typer reads from the signature what options there are. Such a parameter is annotated with the heading of its
    options in the help, and each field with its `Flag`.
    """
    signature = inspect.signature(command)
    # the class and the heading of each
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
    """The parameter of a command that sets `field`; where that is a tuple, Typer has a list, None for an empty one."""
    kind, flag = get_args(field.type)
    is_list = field.default == ()
    taken: Any = list[str] | None if is_list else kind
    return inspect.Parameter(
        field.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=None if is_list else field.default,
        annotation=Annotated[taken, option(flag.name, help=flag.help, heading=heading, unit=flag.unit)],
    )


def _take_value(value: Any, field: "Field[Any]") -> Any:
    return tuple(value or ()) if field.default == () else value


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
