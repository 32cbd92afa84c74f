"""What the commands do alike before their own work: read the data, and say what was found."""

import re
from pathlib import Path
from typing import Any

from forecaster.data.panel import Panel
from forecaster.data.reading import ReadOptions, read_panel
from forecaster.errors import ConfigurationError, UsageError
from forecaster.forecasting.predict import Forecaster, open_forecaster
from forecaster.model.folder import ModelCard
from forecaster.report.console import Reporter
from forecaster.report.inputs import describe_input
from forecaster.settings import MODEL_FOLDER
from forecaster.windows import keep_until

__all__ = ["BASE_REMARK", "find_data", "open_if_any", "parse_duration", "read_input"]

BASE_REMARK = (
    "  no model/ here: this is the base model, which has learned from invented series alone; "
    "'forecast train' makes one of your own"
)

SECONDS = {"s": 1, "m": 60, "h": 3600, "": 1}


def read_input(data: str, *, read_options: dict[str, Any], until: str | None, reporter: Reporter) -> tuple[Panel, str]:
    """The panel in `data`, and where it is to be found again; says in a line what was decided."""
    try:
        options = ReadOptions(**{**read_options, "ids": tuple(read_options.get("ids", ()))})
    except TypeError as error:
        raise ConfigurationError(f"model.json is broken ({error}). Train again, or copy the folder anew.") from error
    panel, summary = read_panel(data, options=options)
    for line in describe_input(panel, summary, name="stdin" if data == "-" else data):
        reporter.say(line)
    if until is not None:
        panel = keep_until(panel, until=until)
    return panel, data if data == "-" else str(Path(data).absolute())


def open_if_any(folder: Path | None) -> tuple[Forecaster, ModelCard] | tuple[None, None]:
    """The model in `folder`, or in the usual place; none where nothing was named and nothing is there."""
    if folder is None and not Path(MODEL_FOLDER).exists():
        return None, None
    return open_forecaster(folder or Path(MODEL_FOLDER))


def find_data(data: str | None, *, card: ModelCard | None) -> str:
    """`data`, or what the model was trained on. Raises UsageError where that is nothing, or came from stdin."""
    if card is None:
        if data is None:
            raise UsageError("Name the DATA to forecast: there is no trained model that would know it.")
        return data
    if data is None and card.data == "-":
        raise UsageError("The model was trained on stdin, which cannot be read again. Name the DATA to forecast.")
    return data or card.data


def parse_duration(text: str) -> float:
    """Seconds in '60s', '5m', '1h' or a plain number. Raises UsageError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if match is None or float(match[1]) <= 0:
        raise UsageError(f"--budget {text}: not a time. Write it as 60s, 5m or 1h.")
    return float(match[1]) * SECONDS[match[2]]
