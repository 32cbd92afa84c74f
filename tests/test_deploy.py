"""The files in deploy/: they are valid, short, and use options, exit codes and a user that exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from forecaster import errors
from forecaster.cli.app import app

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "deploy").glob("*.yaml"))
RUN: Any = typer.main.get_command(app).commands["run"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_is_valid_short_and_names_options_that_there_are(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) < 60
    assert text.startswith("#")
    assert isinstance(yaml.safe_load(text), dict)
    known = {parameter.envvar for parameter in RUN.params}
    assert set(re.findall(r"FORECAST_[A-Z_]+[A-Z]", text)) <= known
    for parameter in RUN.params:
        found = re.search(rf"{parameter.envvar}(?:: |, value: )\"?([^\s\"#}}]+)", text)
        if found and parameter.envvar != "FORECAST_DATA":
            assert parameter.process_value(None, found[1]) is not None


def test_there_are_three() -> None:
    assert [path.name for path in FILES] == ["compose.yaml", "cronjob.yaml", "github-workflow.yaml"]


def test_the_cron_job_tries_again_only_what_may_get_better() -> None:
    job = yaml.safe_load((ROOT / "deploy" / "cronjob.yaml").read_text())["spec"]["jobTemplate"]["spec"]
    codes = set(job["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"])
    hopeless = {getattr(errors, name).exit_code for name in errors.__all__ if name != "InterruptedRunError"}
    assert codes == hopeless - {errors.ForecastError.exit_code, errors.BusyError.exit_code}


def test_the_image_runs_the_night_by_default() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert 'CMD ["run", "/data/input.csv"]' in lines
    assert "ENV FORECAST_TRAIN=never" in lines[lines.index("FROM runtime AS predict") :]
    assert "USER 10001:10001" in lines
