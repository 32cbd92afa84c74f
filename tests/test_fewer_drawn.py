"""Where fewer series are drawn than were asked for, a line says why."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command

ENDED = "1 series ended more than 7 steps before the others and is left out (or --ended forecast): old."
EMPTY = "1 series without a value to forecast from: empty."


def write_series(path: Path, *names: str) -> None:
    dates = pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d")
    values = np.random.default_rng(0).normal(100, 9, 60).round(1)
    parts = {
        "empty": (dates, np.full(60, np.nan)),
        "old": (dates[:20], values[:20]),
        "two": (dates[-2:], values[-2:]),
    }
    tables: list[pd.DataFrame] = []
    for name in names:
        when, what = parts.get(name, (dates, values + len(tables)))
        tables.append(pd.DataFrame({"id": name, "date": when, "y": what}))
    pd.concat(tables).to_csv(path, index=False)


def list_said(stderr: str) -> list[str]:
    words = "instead of", "ended more", "without a value to", "without a backtest"
    return [line for line in stderr.splitlines() if any(word in line for word in words)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], []),
        (["--show", "9"], ["3 series drawn instead of 9: no more have a forecast.", ENDED, EMPTY]),
        (
            ["--show", "9", "--pick", "worst"],
            [
                "2 series drawn instead of 9: no more have a forecast and a backtest.",
                ENDED,
                EMPTY,
                "1 series no longer than the horizon, so without a backtest: two.",
            ],
        ),
        (["--series", "old", "--series", "two"], [ENDED]),
        (["--series", "a"], []),
    ],
)
def test_a_picture_of_fewer_series_says_why(forecast: Command, words: list[str], said: list[str]) -> None:
    write_series(Path("data.csv"), "a", "b", "empty", "old", "two")
    outcome = forecast("plot", "data.csv", "-o", "a.svg", *words)
    assert outcome.code == 0, outcome.stderr
    assert list_said(outcome.stderr) == said


@pytest.mark.parametrize(("command", "output"), [("plot", "a.svg"), ("predict", "a.csv")])
def test_the_data_may_have_no_more_series(forecast: Command, command: str, output: str) -> None:
    write_series(Path("data.csv"), "a", "b")
    for count, said in (("2", []), ("3", ["2 series drawn instead of 3: the data have no more."])):
        outcome = forecast(command, "data.csv", "-o", output, "--show", count)
        assert outcome.code == 0, outcome.stderr
        assert list_said(outcome.stderr) == said


def test_charts_in_the_terminal_say_so_too(forecast: Command) -> None:
    write_series(Path("data.csv"), "a", "b", "c", "empty", "old")
    outcome = forecast("predict", "data.csv", "--show", "5")
    assert list_said(outcome.stderr) == ["3 series drawn instead of 5: no more have a forecast.", ENDED, EMPTY]
    assert list_said(forecast("predict", "data.csv").stderr) == [ENDED, EMPTY]
