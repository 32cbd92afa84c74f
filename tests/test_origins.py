"""A value that no option takes is usage where it was typed, and configuration where a variable has it: all of them."""

import json
from copy import copy
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest

from forecaster.cli.commands import SUMMARIES, LazyCommands
from forecaster.cli.failing import Failing
from forecaster.cli.signals import RaiseOnSignal
from forecaster.errors import UsageError
from tests.conftest import Command
from tests.nightly import write_days

NIGHT = ("run", "shops.csv", "--train", "never", "--horizon", "7")


def choose_value(annotation: Any) -> str:
    """A value that the command line takes for an option of this type, whatever the command says to it."""
    if annotation is bool:
        return "1"
    if annotation is float:
        return "0.5"
    if get_origin(annotation) is Literal:
        return str(get_args(annotation)[0])
    inner = [choose_value(one) for one in get_args(annotation)[: 1 if get_origin(annotation) is Annotated else None]]
    return next((value for value in inner if value != "5"), "5")


def fail(command: Any, words: list[str], refused: str) -> tuple[str, int]:
    """What is said, and the exit code, where the command refuses a value with a message that begins with `refused`."""

    def refuse(**_: Any) -> None:
        raise UsageError(f"{refused}: not one. Leave it out, or use --horizon.")

    failing, command = Failing(RaiseOnSignal()), copy(command)
    command.callback = refuse
    with pytest.raises(UsageError) as raised:
        command.main(words, obj=failing, standalone_mode=False)
    return failing.explain(raised.value)


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_value_of_any_option_of_any_command_is_configuration_in_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    command = LazyCommands()[name]
    types = signature(getattr(import_module(f"forecaster.cli.{name}"), name)).parameters
    own = [one for one in command.params if one.name in types]
    # no message is on the folder that inspect shows, and its DATA has no variable
    parameters = [one for one in own if one.opts[0].startswith("--") or (one.metavar == "DATA" and one.envvar)]
    assert len(parameters) > 4
    for parameter in parameters:
        words = ["x"] * sum(one.required and one is not parameter for one in parameters)
        is_argument = parameter.param_type_name == "argument"
        shown = parameter.metavar if is_argument else parameter.opts[0]
        value = choose_value(types[parameter.name].annotation)
        assert isinstance(parameter.envvar, str), f"{shown} has no variable"
        for refused in (shown, f"{shown} {value}", f"{shown} {value}.0 is above"):
            with monkeypatch.context() as setting:
                setting.setenv(parameter.envvar, value)
                message, code = fail(command, words, refused)
            assert (code, f"{shown} is from the variable {parameter.envvar}." in message) == (78, True), message
            if not is_argument:
                typed = [shown] if getattr(parameter, "is_flag", False) else [shown, value]
                message, code = fail(command, words + typed, refused)
                assert (code, "is from" in message) == (2, False), message


def test_what_was_typed_is_usage_whatever_the_remedy_is_from(monkeypatch: pytest.MonkeyPatch) -> None:
    command = LazyCommands()["predict"]
    monkeypatch.setenv("FORECAST_HORIZON", "5")
    assert fail(command, ["x", "--id", "y"], "--id y")[1] == 2
    assert fail(command, ["x"], "--horizon 5")[1] == 78
    assert fail(command, ["x"], "--horizontal")[1] == 2
    assert fail(command, ["x"], "Nothing to do with it")[1] == 2
    assert fail(command, ["x"], "--time and --horizon do not go together")[1] == 78, "the time is known to the model"


def test_a_quantile_that_was_typed_is_not_blamed_on_the_levels(
    forecast: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_days(60)
    monkeypatch.setenv("FORECAST_LEVEL", "80")
    outcome = forecast("predict", "shops.csv", "--horizon", "7", "--quantiles", "0.9999")
    assert (outcome.code, outcome.stderr.count("FORECAST_LEVEL")) == (2, 0), outcome.stderr
    assert "error: --quantiles 0.9999: the model knows those from 0.005 to 0.995 only." in outcome.stderr


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("FORECAST_ID", "x,y", "--id x: shops.csv has no such column"),
        ("FORECAST_CALENDAR", "moon", "--calendar moon: not one of"),
        ("FORECAST_LEVEL", "99.99", "--level is from the variable FORECAST_LEVEL"),
        ("FORECAST_MAX_LATE", "1%", "--max-late counts the series"),
        ("FORECAST_DATA", "-", "DATA: a nightly run reads files"),
        ("FORECAST_DATA", "/dev/null", "DATA: /dev/null is a pipe or a device"),
        ("FORECAST_FUTURE", "/dev/null", "--future: /dev/null is a pipe or a device"),
    ],
)
def test_the_record_has_the_exit_code_of_the_command(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    write_days(60)
    monkeypatch.setenv(variable, value)
    outcome = forecast(*(word for word in NIGHT if variable != "FORECAST_DATA" or word != "shops.csv"), "--json")
    assert (outcome.code, words in outcome.stderr) == (78, True), outcome.stderr
    assert json.loads(outcome.stdout)["exit_code"] == 78
    assert variable in outcome.stderr
    for path in Path().glob("runs/*/run.json"):
        assert json.loads(path.read_text())["exit_code"] == 78


def test_the_option_that_would_overwrite_the_data_is_named(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    write_days(60)
    outcome = forecast("monitor", "shops.csv", "--prometheus", "shops.csv")
    assert (outcome.code, "--prometheus: shops.csv would overwrite" in outcome.stderr) == (2, True), outcome.stderr
    monkeypatch.setenv("FORECAST_PROMETHEUS", "shops.csv")
    assert forecast("monitor", "shops.csv").code == 78
