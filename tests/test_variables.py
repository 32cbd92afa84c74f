"""Environment variables that are misspelt are named, and those of other programs are let be."""

import json

import pytest

from tests.conftest import Command
from tests.nightly import write_days


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("FORECAST_HORIZN", "FORECAST_HORIZON"),
        ("FORECAST_MAX_AGES", "FORECAST_MAX_AGE"),
        ("FORECAST_LEVELS", "FORECAST_LEVEL"),
    ],
)
def test_a_misspelt_variable_is_named(
    forecast: Command, monthly_csv: object, monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(name, "7")
    outcome = forecast("predict", str(monthly_csv))
    assert outcome.code == 78
    assert f"{name}: no option has this variable. Did you mean {meant}?" in outcome.stderr
    monkeypatch.delenv(name)
    assert forecast("predict", str(monthly_csv)).code == 0


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("FORECAST_MAX_AGE_HOURS", "FORECAST_MAX_AGE"),
        ("FORECAST_MAXIMUM_AGE", "FORECAST_MAX_AGE"),
        ("FORECAST_CHANGE_MAX", "FORECAST_MAX_CHANGE"),
        ("FORECAST_SKILL", "FORECAST_REQUIRE_SKILL"),
        ("FORECAST_XYZ", None),
    ],
)
def test_a_variable_of_no_option_is_named_in_a_warning(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, name: str, meant: str | None
) -> None:
    write_days(60)
    words = ("run", "shops.csv", "--train", "never", "--force")
    monkeypatch.setenv(name, "1")
    outcome = forecast(*words)
    assert outcome.code == 0
    sentence = f"{name}: no option has this variable." + (f" Did you mean {meant}?" if meant else "")
    assert f"warning: {sentence}" in outcome.stderr
    events = [json.loads(line) for line in forecast(*words, "--log-format", "json").stderr.splitlines()]
    assert (events[0]["event"], events[0]["level"]) == ("unknown_variable", "warning")
    assert sentence in events[0]["message"]
    assert forecast(*words, "--quiet").stderr == f"warning: {sentence}\n", "it prints nothing but what is wrong"


def test_a_variable_of_a_training_that_a_run_does_not_have_is_named(
    forecast: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_days(60)
    monkeypatch.setenv("FORECAST_STEPS", "50")
    outcome = forecast("run", "shops.csv", "--train", "never", "--quiet")
    assert outcome.code == 0
    assert outcome.stderr == "warning: FORECAST_STEPS: it is a variable of forecast train, and changes nothing here.\n"
    assert forecast("predict", "shops.csv", "--quiet").stderr == "", "one environment may serve several commands"


def test_what_was_meant_is_looked_for_in_the_command_first(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORECAST_AGE", "1h")
    outcome = forecast("run", "shops.csv")
    assert outcome.code == 78
    assert "Did you mean FORECAST_MAX_AGE?" in outcome.stderr


def test_variables_of_other_commands_and_of_kubernetes_are_let_be(
    forecast: Command, monthly_csv: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "FORECAST_WINDOWS",
        "FORECAST_DEBUG",
        "FORECAST_SERVICE_HOST",
        "FORECAST_SERVICE_PORT_HTTP",
        "FORECAST_PORT",
        "FORECAST_PORT_80_TCP",
        "FORECAST_PORT_80_TCP_ADDR",
    ):
        monkeypatch.setenv(name, "3")
    outcome = forecast("predict", str(monthly_csv))
    assert outcome.code == 0
    assert "no option has this variable" not in outcome.stderr
