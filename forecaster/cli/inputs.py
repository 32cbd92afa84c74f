"""Checks of output paths and parsing of option values, shared by the commands."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from forecaster.cli.settings_file import SETTINGS_FILE
from forecaster.data.files.finding import find_files
from forecaster.errors import UsageError
from forecaster.files import STDIN, STDOUT, identify_file
from forecaster.model.base import BASE_FOLDER, names_base
from forecaster.model.versions import list_files
from forecaster.settings import CELLS, MODEL_FOLDER, PEEPHOLES, NetworkShape

__all__ = ["check_outputs", "choose_cell", "choose_size", "describe_base"]

BASE_REMARK = (
    "this is the base model, which was trained on synthetic series only; 'forecast train' makes one for your data"
)


def describe_base(folder: Path | None) -> str:
    """The remark that the base model is used, because `folder` names it or there is no trained model."""
    return f"  {BASE_REMARK}" if names_base(folder) else f"  no trained model in {MODEL_FOLDER}/: {BASE_REMARK}"


def check_outputs(
    outputs: Sequence[Path | str],
    *,
    data: Sequence[Sequence[str]],
    model: Path | None = None,
    flag: str = "--output",
    as_json: bool = False,
) -> None:
    """Raise UsageError where one of `outputs` is a file that the command reads, also under another name or a link.

    It reads the files of `data`, which holds the names of each set, those of the folder `model`, if any, and the
    settings file; `-` means stdin in `data` and stdout in `outputs`. `as_json` writes to stdout, too.
    """
    # forecasting must not overwrite any model; training replaces only the files of its own
    folders = (model, Path(MODEL_FOLDER), BASE_FOLDER) if model else ()
    places = [SETTINGS_FILE, *(path for folder in folders for path in list_files(folder))]
    places += [place for names in data for place in find_files(*names).files]
    read = {identify_file(place): str(place) for place in places}
    if any("-" in names for names in data):
        read[identify_file(STDIN)] = "the file on stdin"
    for output in [*outputs, *(["-"] if as_json else [])]:
        found = identify_file(STDOUT if output == "-" else Path(output))
        if found is not None and found in read:
            written = "stdout" if output == "-" else output
            raise UsageError(f"{flag}: {written} would overwrite {read[found]}, which is read. Name another file.")


def choose_cell(
    usual: NetworkShape, *, cell: str | None, peepholes: str | None, memory_steps: int | None
) -> NetworkShape:
    """`usual` with the given cell. Raises UsageError for an unknown cell or gate, or an option that does not fit."""
    chosen = cell or usual.cell
    if chosen not in CELLS:
        raise UsageError(f"--cell {chosen}: no such cell. Choose from {', '.join(CELLS)}.")
    if chosen == "rnn" and memory_steps is not None:
        raise UsageError("--memory-steps sets gates, and --cell rnn has none: leave it out, or choose another cell.")
    gates = usual.peepholes
    if peepholes is not None:
        if chosen != "peephole":
            raise UsageError("--peepholes needs --cell peephole: give both, or leave --peepholes out.")
        gates = tuple(dict.fromkeys(gate.strip() for gate in peepholes.split(",") if gate.strip()))
        for gate in gates:
            if gate not in PEEPHOLES:
                raise UsageError(f"--peepholes {gate}: no such gate. Choose from {', '.join(PEEPHOLES)}.")
    return replace(usual, cell=chosen, peepholes=gates, memory_steps=memory_steps)


def choose_size(
    usual: NetworkShape, *, layers: int | None, hidden: int | None, dropout: float | None = None
) -> NetworkShape:
    """`usual` with the given size."""
    dropout = usual.dropout if dropout is None else dropout
    return replace(usual, layers=layers or usual.layers, hidden=hidden or usual.hidden, dropout=dropout)
