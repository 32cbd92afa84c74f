"""Environment variables that are misspelt are named, and those of other programs are let be."""

import pytest

from tests.conftest import Command


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


def test_variables_of_other_commands_and_programs_are_let_be(
    forecast: Command, monthly_csv: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORECAST_WINDOWS", "FORECAST_DEBUG", "FORECAST_SERVICE_HOST", "FORECAST_PORT_80_TCP"):
        monkeypatch.setenv(name, "3")
    assert forecast("predict", str(monthly_csv)).code == 0
