"""Defaults from `forecast.toml`, under the environment and the flags."""

from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command
from tests.nightly import write_days


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
        ('horizon = "four"', "horizon"),
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
