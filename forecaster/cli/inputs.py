"""What the commands check and parse before their own work."""

import re
from collections.abc import Sequence
from pathlib import Path

from forecaster.cli.settings_file import SETTINGS_FILE
from forecaster.data.finding import find_files
from forecaster.errors import UsageError
from forecaster.files import STDIN, STDOUT, identify_file
from forecaster.library.model import names_base
from forecaster.model.base import BASE_FOLDER
from forecaster.model.versions import list_files
from forecaster.settings import CELLS, MODEL_FOLDER, PEEPHOLES, NetworkShape

__all__ = ["check_outputs", "choose_shape", "describe_base", "parse_duration"]

BASE_REMARK = (
    "this is the base model, which has learned from synthetic series alone; 'forecast train' makes one of your own"
)

SECONDS = {"s": 1, "m": 60, "h": 3600, "": 1}


def describe_base(folder: Path | None) -> str:
    """What to say where the base model forecasts, as it was asked for in `folder`, or for want of another."""
    return f"  {BASE_REMARK}" if names_base(folder) else f"  no trained model in {MODEL_FOLDER}/: {BASE_REMARK}"


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


def parse_duration(text: str) -> float:
    """Seconds in '60s', '5m', '1h' or a plain number. Raises UsageError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if match is None or float(match[1]) <= 0:
        raise UsageError(f"--budget {text}: not a time. Write it as 60s, 5m or 1h.")
    return float(match[1]) * SECONDS[match[2]]
