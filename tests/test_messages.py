"""Messages that say what was meant, and advice that works when it is followed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.cli.commands import LazyCommands
from forecaster.cli.help import COMMA_SEPARATED
from tests.conftest import Command


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["sales.csv"], "'sales.csv' is not a command. To forecast the data in it: forecast predict sales.csv"),
        (["my sales.CSV"], "forecast predict 'my sales.CSV'"),
        (["sales"], "forecast predict sales"),
        (["-"], "forecast predict -"),
        (["help"], "For help: forecast --help."),
        (["help", "train"], "For help: forecast train --help."),
        (["pridict", "sales.csv"], "Did you mean forecast predict?"),
        (["Evaluate"], "Did you mean forecast evaluate?"),
        (["frobnicate"], "There are train, "),
    ],
)
def test_a_word_that_is_no_command_says_what_was_meant(forecast: Command, words: list[str], meant: str) -> None:
    Path("sales").write_text("date,y\n")
    outcome = forecast(*words)
    assert outcome.code == 2
    assert outcome.stderr.startswith(f"error: {words[0]!r} is not a command. ")
    assert meant in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


def test_an_id_column_that_the_model_remembers_is_said_to_be_remembered(forecast: Command, trained: Path) -> None:
    Path("model").symlink_to(trained / "model")
    dates = pd.date_range("2020-01-01", periods=40, freq="MS").strftime("%Y-%m-%d")
    pd.DataFrame({"date": dates, "sales": np.arange(40.0)}).to_csv("other.csv", index=False)
    outcome = forecast("predict", "other.csv")
    assert outcome.code == 78
    assert "--id shop: other.csv has no such column" in outcome.stderr
    assert "The model remembers --id shop from its training." in outcome.stderr
    assert "--model base" in outcome.stderr
    assert forecast("predict", "other.csv", "--model", "base").code == 0
    assert forecast("inspect", "base", "other.csv").code == 0
    typed = forecast("predict", "other.csv", "--id", "shop")
    assert typed.code == 2
    assert "remembers" not in typed.stderr


def test_wide_data_is_forecast_by_a_model_that_remembers_an_id_column(forecast: Command, trained: Path) -> None:
    dates = pd.date_range("2020-01-01", periods=40, freq="MS").strftime("%Y-%m-%d")
    table = pd.DataFrame({"date": dates, "a": np.arange(40.0), "b": 5.0 + np.arange(40) % 12})
    table.to_csv("wide.csv", index=False)
    outcome = forecast("predict", "wide.csv", "--model", trained / "model", "--wide")
    assert outcome.code == 0, outcome.stderr
    assert pd.read_csv("forecasts.csv")["series"].unique().tolist() == ["a", "b"]


@pytest.mark.parametrize(("freq", "advises_freq"), [("D", False), ("2MS", True)])
def test_steps_of_another_length_are_answered_with_advice_that_works(
    forecast: Command, trained: Path, freq: str, advises_freq: bool
) -> None:
    dates = pd.date_range("2020-01-01", periods=40, freq=freq).strftime("%Y-%m-%d")
    pd.DataFrame({"shop": "s1", "date": dates, "sales": np.arange(40.0)}).to_csv("other.csv", index=False)
    outcome = forecast("predict", "other.csv", "--model", trained / "model")
    assert outcome.code == 65
    assert ("--freq" in outcome.stderr) == advises_freq
    assert forecast("predict", "other.csv", "--model", "base", "--id", "shop").code == 0
    if advises_freq:
        assert forecast("predict", "other.csv", "--model", trained / "model", "--freq", "MS").code == 0


@pytest.mark.parametrize(
    "words", [("--level", "80", "--level=50"), ("--quantiles", "0.1", "--quantiles", "0.9"), ("--season", "7") * 2]
)
def test_a_list_that_is_given_in_pieces_is_refused(
    forecast: Command, monthly_csv: Path, words: tuple[str, ...]
) -> None:
    outcome = forecast("predict", str(monthly_csv), *words, "--output", "out.csv")
    assert outcome.code == 2
    assert f"{words[0]} is given 2 times, of which only the last would count" in outcome.stderr
    assert not Path("out.csv").exists()
    # the last one of any other option counts, as everywhere
    again = ("--quiet", "--quiet", "--horizon", "6", "--horizon", "2", "--output", "-")
    assert len(forecast("predict", str(monthly_csv), *again).stdout.splitlines()) == 1 + 4 * 2


def test_the_options_that_are_lists_are_options() -> None:
    named = {parameter.name for command in LazyCommands().values() for parameter in command.params}
    assert {*COMMA_SEPARATED} <= named


@pytest.mark.parametrize(
    ("words", "moved"),
    [
        ((), ""),
        (("--min", "0"), "5 forecasts of 1 series, or their intervals."),
        (("--min", "0", "--level", "10"), "2 forecasts of 1 series, or their intervals."),
        (("--min", "0", "--level", "80", "--horizon", "1"), "1 forecast of 1 series, or its interval."),
        (("--max", "0"), "15 forecasts of 3 series, or their intervals."),
        (("--max", "1000"), ""),
    ],
)
def test_a_bound_says_what_it_has_changed_of_what_is_written(
    forecast: Command, words: tuple[str, ...], moved: str
) -> None:
    # that what was never negative is forecast as zero at the least is no news
    flow = np.random.default_rng(0).normal(0, 3, 60)
    dates = pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d")
    sparse = np.tile([0.0, 9, 0, 0, 4], 12)
    pd.DataFrame({"date": dates, "flow": flow, "level": flow + 50, "sparse": sparse}).to_csv("wide.csv", index=False)
    outcome = forecast("predict", "wide.csv", "--horizon", "5", "--json", *words)
    assert outcome.code == 0, outcome.stderr
    assert '"clipped": 0' not in outcome.stdout
    said = [line for line in outcome.stderr.splitlines() if "moved" in line]
    assert said == ([f"--min or --max moved {moved}"] if moved else [])


@pytest.mark.parametrize(
    "words", [("predict", "data.csv", "--model"), ("evaluate", "data.csv", "--model"), ("inspect",)], ids=lambda w: w[0]
)
def test_a_model_folder_whose_name_is_too_long_is_not_there(forecast: Command, words: tuple[str, ...]) -> None:
    Path("data.csv").write_text("date,y\n")
    outcome = forecast(*words, 300 * "x")
    assert outcome.code == 66
    assert "no trained model there" in outcome.stderr


@pytest.mark.parametrize("option", [{"frequency": "%"}, {"time": "\x1b[2J"}])
def test_an_option_that_only_the_model_remembers_and_that_is_broken_is_a_broken_folder(
    trained: Path, tmp_path: Path, forecast: Command, option: dict[str, str]
) -> None:
    folder = shutil.copytree(trained / "model", tmp_path / "changed")
    card = json.loads((folder / "model.json").read_text())
    card["source"]["read_options"] |= option
    (folder / "model.json").write_text(json.dumps(card))
    words = ("predict", trained / "shops.csv", "--model", folder)
    outcome = forecast(*words)
    assert outcome.code == 78
    assert "The model remembers --" in outcome.stderr
    assert "from its training. Train again, or for data of another kind use the base model" in outcome.stderr
    # the same option is misused where it is typed
    flag, (value,) = {"frequency": "--freq", "time": "--time"}[next(iter(option))], option.values()
    assert forecast(*words, flag, value).code == 2
