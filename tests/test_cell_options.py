"""Every cell through all commands, and options of cells that do not fit."""

from pathlib import Path

import pytest

from forecaster.settings import CELLS
from tests.conftest import Command, make_monthly
from tests.pages import read_data
from tests.test_inspect import AIRLINE


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_trains_predicts_and_can_be_looked_into(forecast: Command, cell: str) -> None:
    make_monthly(length=40).to_csv("shops.csv", index=False)
    words = ["--id", "shop", "--horizon", "4", "--context", "12", "--hidden", "6", "--steps", "6", "--from-scratch"]
    assert forecast("train", "shops.csv", "--cell", cell, *words).code == 0
    assert forecast("predict").code == 0
    outcome = forecast("inspect", "model", "--series", "s1", "--output", "page.html")
    assert outcome.code == 0, outcome.stderr
    assert cell in outcome.stderr
    assert ("Gates over" in outcome.stderr) == (cell != "rnn")
    assert read_data(Path("page.html").read_text())["charts"]


@pytest.mark.parametrize("flags", [["--cell", "gru"], ["--memory-steps", "20"]])
def test_another_memory_begins_from_scratch_and_says_so(forecast: Command, flags: list[str]) -> None:
    make_monthly(length=40).to_csv("shops.csv", index=False)
    words = ["--id", "shop", "--horizon", "4", "--context", "12", "--hidden", "6", "--steps", "6"]
    outcome = forecast("train", "shops.csv", *flags, *words)
    assert outcome.code == 0, outcome.stderr
    assert ": learning starts from scratch" in outcome.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["train", AIRLINE, "--cell", "lstn"], "lstm, peephole, coupled, gru, rnn, depth-gated"),
        (["train", AIRLINE, "--cell", "peephole", "--peepholes", "input,exit"], "input, forget, output"),
        (["train", AIRLINE, "--peepholes", "input"], "--cell peephole"),
        (["train", AIRLINE, "--cell", "rnn", "--memory-steps", "50"], "--cell rnn has none"),
        (["train", AIRLINE, "--cell", "gru", "--ensemble", "2"], "leave out --cell gru"),
        (["train", AIRLINE, "--memory-steps", "50", "--ensemble", "2"], "leave out --memory-steps"),
        (["train", AIRLINE, "--from-scratch", "--ensemble", "2"], "leave out --from-scratch"),
        (["pretrain", "--cell", "lstn"], "lstm, peephole, coupled, gru, rnn, depth-gated"),
    ],
)
def test_cells_and_gates_that_are_none_are_named(forecast: Command, words: list[str | Path], reason: str) -> None:
    outcome = forecast(*words)
    assert outcome.code == 2
    assert reason in outcome.stderr
