"""What `--help` shows: groups of options, their units, defaults and environment variables, and whole sentences."""

import re
from importlib import import_module
from typing import Any

import pytest
import typer

from forecaster.cli.app import app
from forecaster.cli.commands import SUMMARIES
from forecaster.cli.options import HEADINGS
from tests.conftest import Command

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
UNIT = r"\b([Ss]teps|in per cent|[Ss]hares?|in seconds|in units of the data|[Nn]umber of|[Aa]ny whole number|factor)\b"
WRITTEN_NUMBERS = ("season", "level", "quantiles", "budget")
"""Options whose numbers are text, as they may be several or carry a unit."""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_a_group_help_a_unit_and_an_environment_variable(command: str) -> None:
    for parameter in COMMANDS[command].params:
        assert parameter.help, parameter.name
        assert parameter.help.endswith("."), parameter.name
        if parameter.param_type_name == "argument":
            continue
        assert parameter.rich_help_panel in HEADINGS, parameter.name
        assert str(parameter.envvar).startswith("FORECAST_"), parameter.name
        takes = parameter.type_descriptor.annotation
        if takes in (int, float) or parameter.name in WRITTEN_NUMBERS:
            assert re.search(UNIT, parameter.help), parameter.name
        if not parameter.is_flag and not parameter.type_descriptor.is_choice:
            assert parameter.metavar, parameter.name


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_is_in_groups(forecast: Command, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    outcome = forecast(command, "--help")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert "Example: forecast" in outcome.stdout
    assert max(map(len, outcome.stdout.splitlines())) <= 80
    headings = re.findall(r"^(\S.*):$", outcome.stdout, re.MULTILINE)
    assert headings == [heading for heading in HEADINGS if heading in headings]
    assert {"Output", "Help"} < set(headings)
    shown = dict.fromkeys(re.findall(r"(?<=\s)--[a-z-]+(?=[ ,\n])", re.sub(r" {20,}.*", "", outcome.stdout)))
    flags = [flag for parameter in COMMANDS[command].params for flag in parameter.opts + parameter.secondary_opts]
    assert {flag for flag in flags if flag.startswith("--")} | {"--help"} == set(shown)
    words = " ".join(outcome.stdout.split())
    for parameter in COMMANDS[command].params:
        assert (f"env var: {parameter.envvar}" in words) == (parameter.envvar is not None), parameter.name
        has_default = parameter.default not in (None, "", False)
        assert not has_default or f"; default: {parameter.default}" in words, parameter.name


def test_the_list_of_commands_is_not_cut_off(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = " ".join(forecast("--help").stdout.split("Commands:")[1].split())
    assert "..." not in shown
    for name, command in COMMANDS.items():
        assert f"{name} {' '.join(command.help.split('Example:')[0].split())}" in shown


def test_the_list_says_what_the_help_of_each_command_begins_with() -> None:
    for name, summary in SUMMARIES.items():
        text = " ".join((getattr(import_module(f"forecaster.cli.{name}"), name).__doc__ or "").split())
        assert text.startswith(summary), name
