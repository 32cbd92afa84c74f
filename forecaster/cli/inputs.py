"""What the commands do alike before their own work: read the data, and say what was found."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from forecaster.cli.settings_file import SETTINGS_FILE
from forecaster.data.finding import find_files
from forecaster.data.moments import parse_moment
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import ConfigurationError, UsageError
from forecaster.files import STDIN, STDOUT, identify_file
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.opening import check_calendar, open_base, open_forecaster
from forecaster.model.base import BASE_FOLDER
from forecaster.model.card import ModelCard
from forecaster.model.folder import CARD_FILE
from forecaster.model.versions import list_files
from forecaster.report.console import Reporter
from forecaster.report.inputs import describe_input
from forecaster.settings import CELLS, MODEL_FOLDER, PEEPHOLES, NetworkShape
from forecaster.windows import keep_until

__all__ = [
    "check_outputs",
    "choose_forecaster",
    "choose_shape",
    "describe_base",
    "explain_missing_torch",
    "find_data",
    "open_if_any",
    "parse_duration",
    "read_input",
]

BASE_NAMED = "base"
BASE_REMARK = (
    "this is the base model, which has learned from synthetic series alone; 'forecast train' makes one of your own"
)

SECONDS = {"s": 1, "m": 60, "h": 3600, "": 1}


def read_input(
    data: str,
    *,
    reading: ReadOptions | None = None,
    card: ModelCard | None = None,
    until: str | None = None,
    reporter: Reporter,
) -> tuple[Panel, str]:
    """The panel in `data`, and where it is to be found again; says in a line what was decided.

    What `reading` leaves out is as the model of `card` was trained with.
    """
    options = (reading or ReadOptions()).over(card.source.read_options if card else ReadOptions())
    panel, summary = read_panel(data, options=options)
    for line in describe_input(panel, summary, name="stdin" if data == "-" else data):
        reporter.say(line)
    if until is not None:
        panel = keep_until(panel, until=parse_moment(until, panel=panel))
        if not len(panel.values):
            raise UsageError(f"--until {until}: no series begins before it.")
    return panel, data if data == "-" else str(Path(data).absolute())


def open_if_any(folder: Path | None) -> tuple[Forecaster, ModelCard] | tuple[None, None]:
    """The model in `folder`, or in the usual place; none where nothing was named and nothing is there.

    Nor where the base model was named, if no folder is called that.
    """
    # the folder of a training that has not ended yet holds no card
    if (folder is None and not (Path(MODEL_FOLDER) / CARD_FILE).exists()) or _names_base(folder):
        return None, None
    return open_forecaster(folder or Path(MODEL_FOLDER))


def _names_base(folder: Path | None) -> bool:
    """Whether the base model is meant, by its name."""
    return folder is not None and str(folder) == BASE_NAMED and not folder.exists()


def describe_base(folder: Path | None) -> str:
    """What to say where the base model forecasts, as it was asked for in `folder`, or for want of another."""
    return f"  {BASE_REMARK}" if _names_base(folder) else f"  no trained model in {MODEL_FOLDER}/: {BASE_REMARK}"


def choose_forecaster(
    forecaster: Forecaster | None,
    card: ModelCard | None,
    *,
    panel: Panel,
    name: str,
    seasons: tuple[int, ...],
) -> Forecaster:
    """The model that `open_if_any` found, for the data called `name`; else the base model.

    Raises UsageError where `seasons` are not those that the model learned, DataError where the data's steps are not.
    """
    if forecaster is None or card is None:
        return open_base(panel, seasons=seasons)
    learned = forecaster.encoding.periods
    # the same ones may be named again, in forecast.toml for all commands
    if seasons and seasons != learned[: len(seasons)]:
        raise UsageError(
            f"--season {','.join(map(str, seasons))}: the model learned a season of {' and '.join(map(str, learned))}. "
            "Leave it out, or train with it."
        )
    check_calendar(panel, card=card, name=name)
    return forecaster


def find_data(data: str | None, *, card: ModelCard | None) -> str:
    """`data`, or what the model was trained on. Raises UsageError where that is nothing, or came from stdin."""
    if card is None:
        if data is None:
            raise UsageError("Name the DATA to forecast: there is no trained model that would know it.")
        return data
    if data is None and card.source.data == "-":
        raise UsageError("The model was trained on stdin, which cannot be read again. Name the DATA to forecast.")
    return data or card.source.data


def check_outputs(
    outputs: Sequence[Path | str],
    *,
    data: Sequence[str],
    model: Path | None = None,
    flag: str = "--output",
    as_json: bool = False,
) -> None:
    """Raise UsageError where one of `outputs` is a file that the command reads, by whatever name or link.

    It reads the files of `data`, those of the folder `model`, if any, and the settings file; `-` is stdin among the
    data, and stdout among the outputs, which `as_json` writes to as well.
    """
    # a model that forecasts leaves all others as they are; one that is trained replaces its own files
    folders = (model, Path(MODEL_FOLDER), BASE_FOLDER) if model else ()
    places = [SETTINGS_FILE, *(path for folder in folders for path in list_files(folder))]
    places += [place for name in data for place in find_files(name).files]
    read = {identify_file(place): str(place) for place in places}
    if "-" in data:
        read[identify_file(STDIN)] = "the file on stdin"
    for output in [*outputs, *(["-"] if as_json else [])]:
        found = identify_file(STDOUT if output == "-" else Path(output))
        if found is not None and found in read:
            written = "stdout" if output == "-" else output
            raise UsageError(
                f"{flag}: {written} would be written over {read[found]}, which is read. Name another place."
            )


def choose_shape(
    usual: NetworkShape,
    *,
    cell: str | None = None,
    peepholes: str | None = None,
    memory_steps: int | None = None,
    layers: int | None = None,
    hidden: int | None = None,
    dropout: float | None = None,
) -> NetworkShape:
    """`usual` with what was asked for. Raises UsageError for a cell or a gate that there is not, or no use for."""
    chosen = cell or usual.cell
    if chosen not in CELLS:
        raise UsageError(f"--cell {chosen}: no such cell. There are {', '.join(CELLS)}.")
    if chosen == "rnn" and memory_steps is not None:
        raise UsageError("--memory-steps sets gates, and --cell rnn has none: leave it out, or name another cell.")
    gates = usual.peepholes
    if peepholes is not None:
        if chosen != "peephole":
            raise UsageError("--peepholes are those of --cell peephole: name that too, or leave them out.")
        gates = tuple(dict.fromkeys(gate.strip() for gate in peepholes.split(",") if gate.strip()))
        for gate in gates:
            if gate not in PEEPHOLES:
                raise UsageError(f"--peepholes {gate}: no such gate. There are {', '.join(PEEPHOLES)}.")
    return NetworkShape(
        layers or usual.layers,
        hidden or usual.hidden,
        usual.dropout if dropout is None else dropout,
        chosen,
        gates,
        memory_steps,
    )


@contextmanager
def explain_missing_torch() -> Iterator[None]:
    """Raise ConfigurationError where what is imported here needs a package that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Learning needs {error.name}, which is not installed here. "
            "Install forecast with all that it depends on, or use the image 'train'."
        ) from error


def parse_duration(text: str) -> float:
    """Seconds in '60s', '5m', '1h' or a plain number. Raises UsageError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if match is None or float(match[1]) <= 0:
        raise UsageError(f"--budget {text}: not a time. Write it as 60s, 5m or 1h.")
    return float(match[1]) * SECONDS[match[2]]
