"""Defaults from `forecast.toml`, under the environment and the flags."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command
from tests.nightly import list_runs, write_days


def test_flag_over_environment_over_file_over_default(
    forecast: Command, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def steps_ahead(*words: str) -> int:
        assert forecast("predict", "--model", trained / "model", "--quiet", *words).code == 0
        return len(pd.read_csv("forecasts.csv")) // 4

    assert steps_ahead() == 6
    Path("forecast.toml").write_text('horizon = 3\n[predict]\nlevel = [50, 90]\nid = ["shop"]\n')
    assert steps_ahead() == 3
    assert "forecast-lo-50" in pd.read_csv("forecasts.csv").columns
    monkeypatch.setenv("FORECAST_HORIZON", "4")
    assert steps_ahead() == 4
    assert steps_ahead("--horizon", "5") == 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("horizn = 3", "Did you mean 'horizon'"),
        ("horizon = ", "not readable"),
        ("[train]\nwindows = 2", "'windows'"),
        ('horizon = "four"', "horizon = 'four': 'four' is not a whole number."),
        ("horizon = [5]", "horizon = [5]: it takes one value, not a list."),
        ("horizon = 5.9", "horizon = 5.9: '5.9' is not a whole number."),
        ('future-fill = "avg"', "future-fill = 'avg': 'avg' is not one of 'last', "),
        ("horizon = true", "horizon = true: it takes a value, which is text or a number."),
        ("level = [50, true]", "level = [50, True]: it takes a value"),
        ("fill = true", "fill = true: it takes a value"),
        ("json = 1", "json = 1: it is a switch: write true or false."),
        ('quiet = "no"', "quiet = 'no': it is a switch"),
        ('duplicates = ["sum"]', "it takes one value, not a list."),
        ("[[predict]]", "predict is a command; write its options under [predict]."),
        ("[runs]", "[runs] is not a command. Did you mean [run]?"),
        ("[xyz]", "[xyz] is not a command. Commands are: check,"),
        ("report = 5", "report is a command; write its options under [report]."),
    ],
)
def test_an_error_in_the_settings_file_names_the_file(forecast: Command, text: str, reason: str) -> None:
    Path("forecast.toml").write_text(text)
    outcome = forecast("predict")
    assert outcome.code == 78
    assert reason in outcome.stderr
    assert "forecast.toml" in outcome.stderr


@pytest.mark.parametrize("command", ["run", "monitor"])
def test_a_nightly_command_without_any_word_takes_all_from_the_settings_file(forecast: Command, command: str) -> None:
    write_days(60)
    Path("forecast.toml").write_text('data = "shops.csv"\n[run]\ntrain = "never"\n')
    assert forecast("run").code == 0
    outcome = forecast(command)
    assert outcome.code == 0, outcome.stderr


def test_a_wrong_type_deletes_no_run(forecast: Command) -> None:
    write_days(60)
    for _ in range(3):
        assert forecast("run", "shops.csv", "--train", "never", "--force").code == 0
    Path("forecast.toml").write_text("keep = true\n")
    outcome = forecast("run", "shops.csv", "--train", "never", "--force")
    assert outcome.code == 78
    assert "keep = true: it takes a value" in outcome.stderr
    assert len(list_runs()) == 3


@pytest.mark.parametrize(
    "text",
    [
        'train = "never"\nkeep = 1\n[predict]\nhorizon = 7',
        '[run]\ntrain = "never"\nkeep = 1\n[train]\nhorizon = 7',
        'id = "shop"\nlevel = 90\nruns = "runs"\nfill = 0\nkeep = "1"\nquiet = false\n[run]\ntrain = "never"',
        'missing = [-999, "n/a"]\nuntil = 2024-02-20\nkeep = 1\nseason = [7]\ntrain = "never"',
    ],
)
def test_an_option_that_has_the_name_of_a_command_and_values_of_each_type(forecast: Command, text: str) -> None:
    write_days(60)
    Path("forecast.toml").write_text(text)
    for _ in range(2):
        outcome = forecast("run", "shops.csv", "--force")
        assert outcome.code == 0, outcome.stderr
    (run,) = list_runs()
    options = json.loads(Path("runs", run, "run.json").read_text())["options"]
    assert options["retraining"]["train"] == "never"
    assert options["level"] == ([90.0] if "level" in text else [80.0, 95.0])


def test_only_whole_names_of_options_are_keys(forecast: Command) -> None:
    for key in ("q", "zzzz"):
        Path("forecast.toml").write_text(f"[run]\n{key} = true\n")
        outcome = forecast("run", "none.csv")
        assert outcome.code == 78
        assert f"no option {key!r} under [run]. Known are: " in outcome.stderr
        assert "-q" not in outcome.stderr
        assert "quiet" in outcome.stderr


def test_monitor_without_a_model_asks_for_the_data(forecast: Command) -> None:
    outcome = forecast("monitor")
    assert outcome.code == 2
    assert "Name the DATA: there is no trained model that would know it." in outcome.stderr
