"""The options that commands share: one name, one help text and one environment variable each."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from forecaster.cli.declaring import folder_for, option
from forecaster.data.read_options import FutureFill as FutureFillRule
from forecaster.data.read_options import ReadOptions
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.end_options import EndOptions
from forecaster.settings import CELLS, FORECAST_FILE, MAX_STEPS, PEEPHOLES

__all__ = [
    "FILE",
    "FORECAST",
    "GATES",
    "HEADINGS",
    "HELP",
    "LEARNING",
    "MAX_STEPS",
    "MODEL",
    "OUTPUT",
    "SCORES",
    "Budget",
    "Cell",
    "Data",
    "DataOrTrained",
    "Device",
    "Digits",
    "Ends",
    "Future",
    "FutureFill",
    "Horizon",
    "Json",
    "Level",
    "Limits",
    "LogFormat",
    "Mean",
    "MemorySteps",
    "Model",
    "ModelIfAny",
    "Peepholes",
    "Quantiles",
    "Quiet",
    "Reading",
    "Resume",
    "Runs",
    "Season",
    "Seed",
    "Until",
    "Windows",
    "parse_numbers",
    "parse_seasons",
]

FILE, MODEL, FORECAST, SCORES = "Reading the file", "Model", "Forecast", "Scores"
LEARNING, GATES, OUTPUT, HELP = "Learning", "Gates", "Output", "Help"
HEADINGS = ("Arguments", FILE, MODEL, FORECAST, SCORES, LEARNING, GATES, OUTPUT, HELP)
"""The groups of options in the help of a command, in their order."""


Reading = Annotated[ReadOptions, FILE]
Ends = Annotated[EndOptions, FORECAST]
Limits = Annotated[Bounds, FORECAST]


def _take_whole_variable(context: typer.Context, value: list[str]) -> list[str]:
    """The words of DATA; the environment variable is one path, at whose spaces Typer splits it."""
    # there is no context while forecast.toml is checked
    source = context.get_parameter_source("data") if context is not None else None
    return [os.environ[DATA_VARIABLE]] if source is not None and source.name == "ENVIRONMENT" else value


def _declare_data(help: str) -> Any:  # noqa: A002 - as Typer calls it
    return typer.Argument(help=help, envvar=DATA_VARIABLE, metavar="DATA", callback=_take_whole_variable)


DATA_VARIABLE = "FORECAST_DATA"
DATA_HELP = "CSV (also .csv.gz), Parquet or Excel files, a folder, a glob, or '-' for stdin"
Data = Annotated[list[str], _declare_data(f"{DATA_HELP}.")]
DataOrTrained = Annotated[list[str] | None, _declare_data(f"{DATA_HELP} (default: what the model was trained on).")]
Model = Annotated[
    Path, option("--model", help="Model folder to write.", heading=MODEL, unit="FOLDER", parser=folder_for("--model"))
]
ModelIfAny = Annotated[
    Path | None,
    option(
        "--model",
        help="Model folder, or 'base' for the base model (default: model, or the base model where there is none).",
        heading=MODEL,
        unit="FOLDER",
        parser=folder_for("--model"),
    ),
]
Horizon = Annotated[
    int | None,
    option(
        "--horizon",
        help="Time steps to forecast (default: as the model was trained; when training, one main season).",
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
        help="Steps of the main season; 1 for none. A second value, as in 24,168, is a longer season "
        "(default: from the calendar, or from a series that repeats otherwise).",
        heading=FORECAST,
        unit="STEPS",
    ),
]
MaxMemory = Annotated[
    str | None,
    option(
        "--max-memory",
        help="Fit this memory, such as 2GB: predict in parts, with a folder as --output, and train on a sample of the "
        "series (default: all at once).",
        heading=FILE,
        unit="SIZE",
    ),
]
Engine = Annotated[
    Literal["ray"] | None,
    option(
        "--engine",
        help="Forecast Parquet folders on the machines of a Ray cluster; --output is a folder then (default: here).",
        heading=FILE,
    ),
]
Until = Annotated[
    str | None,
    option(
        "--until",
        help="Leave out all rows after this timestamp; of a year, month or day all of it is kept.",
        heading=FILE,
        unit="TIME",
    ),
]
Future = Annotated[
    str | None,
    option(
        "--future",
        help="File with the --known columns on the steps to forecast (default: rows of DATA below the last value).",
        heading=FILE,
        unit="FILE",
    ),
]
FutureFill = Annotated[
    FutureFillRule | None,
    option(
        "--future-fill",
        help="What to take for values of --known that are missing on steps to forecast (default: none may be).",
        heading=FILE,
    ),
]
Level = Annotated[
    str, option("--level", help="Intervals, in per cent, comma-separated.", heading=FORECAST, unit="PER_CENT")
]
Quantiles = Annotated[
    str,
    option("--quantiles", help="Further quantiles, as shares, such as 0.1,0.9.", heading=FORECAST, unit="SHARES"),
]
Cell = Annotated[
    str | None,
    option("--cell", help=f"{', '.join(CELLS)} (default: lstm, as in the base model).", heading=MODEL, unit="NAME"),
]
Peepholes = Annotated[
    str | None,
    option(
        "--peepholes",
        help=f"Gates of --cell peephole that see the cell state (default: {','.join(PEEPHOLES)}).",
        heading=MODEL,
        unit="NAMES",
    ),
]
MemorySteps = Annotated[
    int | None,
    option(
        "--memory-steps",
        help="Steps that the memory of new weights spans at first (chrono initialisation).",
        heading=MODEL,
        unit="STEPS",
        min=3,
    ),
]
Device = Annotated[
    str,
    option(
        "--device",
        help="Where to learn: auto, cpu, cuda or mps; auto uses CUDA if available.",
        heading=LEARNING,
        unit="NAME",
    ),
]
Digits = Annotated[
    Literal["justified", "full"],
    option("--digits", help="Digits of the forecasts: two decimals more than the data have, or all.", heading=OUTPUT),
]
Budget = Annotated[
    str | None,
    option(
        "--budget",
        help="Time limit for learning alone, in seconds, or as 60s, 5m, 1h; reading and scores come on top.",
        heading=LEARNING,
        unit="TIME",
    ),
]
Seed = Annotated[
    int,
    option(
        "--seed",
        help="Any whole number; the same seed gives the same model.",
        heading=LEARNING,
        unit="NUMBER",
        min=0,
        max=2**63 - 1,
    ),
]
Resume = Annotated[bool, option("--resume", help="Continue a stopped run.", heading=LEARNING)]
Json = Annotated[bool, option("--json", help="End with a summary as one line of JSON.", heading=OUTPUT)]
Runs = Annotated[
    Path,
    option(
        "--runs",
        help="Folder of the runs; its latest.json names the last good one.",
        heading=OUTPUT,
        unit="FOLDER",
        parser=folder_for("--runs"),
    ),
]
Mean = Annotated[
    bool,
    option(
        "--mean",
        help="Also a column forecast-mean: unlike medians, means of several series or steps add up.",
        heading=FORECAST,
    ),
]
LogFormat = Annotated[
    Literal["text", "json"],
    option("--log-format", help="Messages on stderr as sentences, or one line of JSON for each.", heading=OUTPUT),
]
Windows = Annotated[
    int,
    option(
        "--windows",
        help="Number of cutoffs to forecast from.",
        heading=SCORES,
        unit="NUMBER",
        min=1,
        max=MAX_STEPS,
    ),
]
Quiet = Annotated[bool, option("--quiet", "-q", help="Print nothing but errors.", heading=OUTPUT)]


def parse_seasons(text: str | None) -> tuple[int, ...]:
    """Periods in steps, the main one first; none to take those of the calendar. Raises UsageError for anything else."""
    from forecaster.errors import UsageError
    from forecaster.limits import check_seasons

    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 10 and int(part) for part in parts):
        raise UsageError(f"--season {text}: not a number of steps, such as 12 or 24,168.")
    seasons = tuple(map(int, parts))
    check_seasons(seasons)
    return seasons


def name_folder(output: str) -> str:
    """The folder that a forecast in parts is written to: `forecasts` by default. Raises UsageError for a file."""
    from forecaster.errors import UsageError

    folder = Path(output).stem if output == FORECAST_FILE else output.rstrip("/")
    if folder == "-" or Path(folder).suffix in (".csv", ".gz", ".parquet", ".json"):
        raise UsageError(
            f"--output {output}: with --max-memory or --engine it is a folder of Parquet files, such as -o forecasts."
        )
    return folder


def parse_numbers(text: str, *, flag: str) -> list[float]:
    """Comma-separated numbers. Raises UsageError, naming `flag`, for anything else."""
    from forecaster.errors import UsageError

    try:
        return list(dict.fromkeys(float(part.strip().removesuffix("%")) for part in text.split(",") if part.strip()))
    except ValueError as error:
        raise UsageError(f"{flag} {text}: not comma-separated numbers, such as 80,95.") from error
