"""Helpers for tests of model folders: fake models with contents that name their horizon, so that a mixture shows."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from forecaster.model.folder import read_card, read_network, read_weights, write_model

__all__ = [
    "ENVIRONMENT",
    "KEPT_FOLDERS",
    "VERSION_1",
    "list_names",
    "make_parts",
    "read_parts",
    "run_code",
    "write_parts",
]

KEPT_FOLDERS = sorted(path for path in (Path(__file__).parent / "model_folders").iterdir() if path.is_dir())
"""A model of each format version, as old code trained it, with the forecasts that it gave then."""
VERSION_1 = KEPT_FOLDERS[0]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
"""The environment in which another process can import the tests."""
Parts = tuple[int, bytes, bytes]


def make_parts(horizon: int) -> Parts:
    """The horizon, and fake contents for the network and the weights."""
    return horizon, b"network %d" % horizon, b"weights %d" % horizon


def write_parts(folder: Path, *, horizon: int) -> None:
    """Write a model folder of `make_parts`."""
    _, network, weights = make_parts(horizon)
    write_model(folder, card=replace(read_card(VERSION_1), horizon=horizon), network=network, weights=weights)


def read_parts(folder: Path) -> Parts:
    """The parts of a model folder, as `make_parts` returns them; raises if it is broken."""
    card = read_card(folder)
    return card.horizon, read_network(folder, card=card), read_weights(folder, card=card)


def list_names(folder: Path) -> set[str]:
    """The names of all files in a folder, including hidden ones."""
    return {path.name for path in folder.iterdir()}


def run_code(code: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run Python code in another process."""
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, env=ENVIRONMENT
    )
