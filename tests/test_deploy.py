"""The files in deploy/: they are valid, short, and use options, exit codes and a user that exist."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
import yaml

from forecaster import errors
from forecaster.cli.app import app
from forecaster.failures import BUG
from tests.conftest import Command
from tests.nightly import make_days

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


@pytest.mark.parametrize(("name", "schema"), [("compose", "compose-spec"), ("github-workflow", "github-workflows")])
def test_the_published_schema_accepts_it(name: str, schema: str, tmp_path: Path) -> None:
    def check(path: Path) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    path = ROOT / "deploy" / f"{name}.yaml"
    found = check(path)
    assert found.returncode == 0, found.stdout
    broken = tmp_path / path.name
    broken.write_text(re.sub(r"^( +)(image|runs-on):.*$", r"\1\2: [[]]", path.read_text(), flags=re.MULTILINE))
    found = check(broken)
    assert found.returncode == 1
    assert "Schema validation errors were encountered" in found.stdout


def test_there_are_three() -> None:
    assert [path.name for path in FILES] == ["compose.yaml", "cronjob.yaml", "github-workflow.yaml"]


def test_the_cron_job_tries_again_only_what_may_get_better() -> None:
    job = yaml.safe_load((ROOT / "deploy" / "cronjob.yaml").read_text())["spec"]["jobTemplate"]["spec"]
    of_codes, of_conditions = job["podFailurePolicy"]["rules"]
    codes = set(of_codes["onExitCodes"]["values"])
    hopeless = {getattr(errors, name).exit_code for name in errors.__all__ if name != "InterruptedRunError"}
    # 1 is that of a bug, 3 that of a good run in which some series have no values
    assert codes == (hopeless | {BUG, 3}) - {errors.BusyError.exit_code}
    # Kubernetes takes them in their order only, and before version 1.36 its schema asks for the status
    assert of_codes["onExitCodes"]["values"] == sorted(codes)
    assert of_conditions["onPodConditions"] == [{"type": "DisruptionTarget", "status": "True"}]


def test_the_workflow_keeps_its_folders_whatever_the_exit_code() -> None:
    steps = yaml.safe_load((ROOT / "deploy" / "github-workflow.yaml").read_text())["jobs"]["forecast"]["steps"]
    actions = {step.get("uses", step.get("run", "")).split("@")[0]: step for step in steps}
    saved, restored = actions["actions/cache/save"], actions["actions/cache/restore"]
    assert saved["if"] == actions["actions/upload-artifact"]["if"] == "always()"
    assert saved["with"]["path"] == restored["with"]["path"] == "model\nruns\n"
    # each night under a key of its own, and the newest of all is restored
    assert saved["with"]["key"].startswith(restored["with"]["restore-keys"])
    assert "run_id" in saved["with"]["key"]
    order = list(actions)
    assert order.index("actions/cache/restore") < order.index("forecast run") < order.index("actions/cache/save")


def test_the_image_runs_the_night_by_default() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert 'CMD ["run", "/data/input.csv"]' in lines
    assert "ENV FORECAST_TRAIN=never" in lines[lines.index("FROM runtime AS predict") :]
    assert "USER 10001:10001" in lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_command_of_each_runs_a_night(path: Path, forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    words, variables = read_command(path)
    for name, value in {**variables, "FORECAST_TRAIN": "never"}.items():
        monkeypatch.setenv(name, value)
    (data,) = [word for word in [*words, variables.get("FORECAST_DATA", "")] if word.endswith(".csv")]
    Path(data).parent.mkdir(exist_ok=True)
    table = make_days(60)
    newest = pd.Timestamp.now("UTC").normalize().tz_localize(None)
    table["date"] = (pd.to_datetime(table["date"]) + (newest - pd.Timestamp("2024-02-29"))).dt.strftime("%Y-%m-%d")
    table.to_csv(data, index=False)
    outcome = forecast(*words)
    assert outcome.code == 0, outcome.stderr
    assert Path("runs/latest.json").exists()


def read_command(path: Path) -> tuple[list[str], dict[str, str]]:
    """The words after `forecast` and the variables that a file sets; the default command is that of the image."""
    content = yaml.safe_load(path.read_text())
    if "services" in content:
        service = content["services"]["forecast"]
        return read_default(), {name: str(value) for name, value in service["environment"].items()}
    if content.get("kind") == "CronJob":
        pod = content["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        return read_default(), {one["name"]: str(one["value"]) for one in pod["containers"][0]["env"]}
    job = content["jobs"]["forecast"]
    (command,) = [step["run"] for step in job["steps"] if step.get("run", "").startswith("forecast ")]
    return shlex.split(command)[1:], {name: str(value) for name, value in job["env"].items()}


def read_default() -> list[str]:
    """The command of the image, on data in the working folder."""
    (line,) = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("CMD ")]
    return [word.removeprefix("/") for word in json.loads(line.removeprefix("CMD "))]


def test_a_second_try_after_exit_code_3_ends_with_it_too(forecast: Command) -> None:
    table = make_days(60).astype({"sales": str})
    table.loc[table["shop"] == "s1", "sales"] = ""
    table.to_csv("input.csv", index=False)
    for _ in range(2):
        assert forecast("run", "input.csv", "--train", "never").code == 3
        assert Path("runs/latest.json").exists()
