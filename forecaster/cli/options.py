"""The options that commands share: one name, one help text and one environment variable each."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from forecaster.settings import CELLS, PEEPHOLES

__all__ = [
    "MAX_STEPS",
    "AllowNegative",
    "Cell",
    "Data",
    "DataOrTrained",
    "DateFormat",
    "Device",
    "DuplicateRule",
    "Duplicates",
    "Encoding",
    "Frequency",
    "Highest",
    "Horizon",
    "Ids",
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
    "Target",
    "Time",
    "Timezone",
    "Until",
    "Wide",
    "collect_read_options",
    "parse_numbers",
    "parse_seasons",
]

MAX_STEPS = 100_000
"""Of a horizon, and cutoffs, and steps between them; what is more is a typing error."""

DATA_HELP = "CSV file (also .csv.gz), '-' for stdin, a folder, or a quoted glob"


class DuplicateRule(StrEnum):
    """What becomes of rows of one series with one timestamp."""

    REFUSE = "refuse"
    SUM = "sum"
    MEAN = "mean"
    LAST = "last"
    FIRST = "first"


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
Ids = Annotated[
    list[str] | None,
    typer.Option("--id", help="Column that tells series apart; several make one key.", envvar="FORECAST_ID"),
]
Time = Annotated[str | None, typer.Option("--time", help="Column of timestamps.", envvar="FORECAST_TIME")]
Target = Annotated[str | None, typer.Option("--target", help="Column to forecast.", envvar="FORECAST_TARGET")]
Wide = Annotated[
    bool | None, typer.Option("--wide/--long", help="One column per series, or not.", envvar="FORECAST_WIDE")
]
Frequency = Annotated[
    str | None,
    typer.Option("--freq", help="Step, as a pandas alias: YS, QS, MS, W, D, B, h, 15min.", envvar="FORECAST_FREQ"),
]
DateFormat = Annotated[
    str | None,
    typer.Option("--date-format", help="How dates are written, such as %d/%m/%Y.", envvar="FORECAST_DATE_FORMAT"),
]
Timezone = Annotated[
    str | None,
    typer.Option(
        "--timezone", help="Zone to read and write timestamps in that carry UTC offsets.", envvar="FORECAST_TIMEZONE"
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", help="Text encoding, where it is not UTF-8.", envvar="FORECAST_ENCODING"),
]
Duplicates = Annotated[
    DuplicateRule | None,
    typer.Option(
        "--duplicates", help="Rows of one series with one timestamp (default: refuse).", envvar="FORECAST_DUPLICATES"
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


def collect_read_options(
    *,
    ids: list[str] | None,
    time: str | None,
    target: str | None,
    wide: bool | None,
    frequency: str | None,
    date_format: str | None,
    timezone: str | None,
    encoding: str | None,
    duplicates: DuplicateRule | None,
    remembered: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The reading options that were given, over those that the model `remembered`; keys are fields of `ReadOptions`."""
    given: dict[str, Any] = {
        "ids": ids,
        "time": time,
        "target": target,
        "wide": wide,
        "frequency": frequency,
        "date_format": date_format,
        "timezone": timezone,
        "encoding": encoding,
        "duplicates": duplicates.value if duplicates else None,
    }
    return {**(remembered or {}), **{name: value for name, value in given.items() if value is not None}}


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
