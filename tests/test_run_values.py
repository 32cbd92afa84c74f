"""Values of options that cannot be taken: what is asked for instead, and the exit code by where the value is from."""

from pathlib import Path

import pytest

from tests.conftest import Command
from tests.nightly import run_after, write_days

NIGHT = ("run", "shops.csv", "--train", "never", "--horizon", "7")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("keep", "many", "keep"),
        ("keep", "0", "keep"),
        ("max-age", "36", "a number without a unit"),
        ("max-change", "50", "a number without a unit"),
        ("require-skill", "much", "not a share"),
        ("max-memory", "250", "a number without a unit. Write 250MB or 250GB."),
        ("level", "800", "--level 800"),
        ("retrain-after", "x", "not a time"),
    ],
)
def test_a_bad_value_is_usage_where_it_was_typed_and_configuration_elsewhere(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, key: str, value: str, words: str
) -> None:
    write_days(60)
    outcome = forecast(*NIGHT, f"--{key}", value)
    assert (outcome.code, words in outcome.stderr) == (2, True), outcome.stderr
    variable = f"FORECAST_{key.replace('-', '_').upper()}"
    with monkeypatch.context() as setting:
        setting.setenv(variable, value)
        outcome = forecast(*NIGHT)
        assert (outcome.code, words in outcome.stderr) == (78, True), outcome.stderr
        assert variable in outcome.stderr
    for written in (f"'{value}'", value) if value.isdigit() else (f"'{value}'",):
        Path("forecast.toml").write_text(f"[run]\n{key} = {written}\n")
        outcome = forecast(*NIGHT)
        assert (outcome.code, words in outcome.stderr) == (78, True), outcome.stderr
        assert "forecast.toml" in outcome.stderr
    assert not Path("runs").exists()


@pytest.mark.parametrize("command", ["run", "evaluate"])
def test_the_required_skill_is_a_share_with_or_without_a_sign(forecast: Command, command: str) -> None:
    write_days(120)
    words: tuple[str, ...] = (command, "shops.csv", "--horizon", "7")
    words += ("--train", "never", "--force") if command == "run" else ("--model", "base")
    for value, code in (("99%", 4), ("0.99", 4), ("-900%", 0), ("-9", 0), ("5", 2), ("110%", 2)):
        assert forecast(*words, "--require-skill", value).code == code, value


@pytest.mark.parametrize("command", ["run", "predict", "train"])
def test_a_size_needs_a_unit(forecast: Command, command: str) -> None:
    write_days(60)
    outcome = forecast(command, "shops.csv", "--max-memory", "2000000000")
    assert outcome.code == 2
    assert "Write 2000000000MB or 2000000000GB" in outcome.stderr


def test_metrics_for_prometheus_go_to_stdout(forecast: Command) -> None:
    write_days(60)
    run_after(60)
    write_days(67)
    outcome = forecast("monitor", "shops.csv", "--prometheus", "-", "--json")
    assert outcome.code == 0, outcome.stderr
    assert outcome.stdout.startswith("# HELP forecast_runs_scored")
    assert "{" not in outcome.stdout.splitlines()[2]
    assert '"command": "monitor"' in outcome.stderr
    assert not Path("-").exists()
