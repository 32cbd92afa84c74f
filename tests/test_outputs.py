"""No command writes over what it reads."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Command
from tests.test_bad_input import refuse

REFUSED = "which is read. Name another place"


def copy_trained(trained: Path, *, data: Path) -> None:
    """The trained model as `model/` in this folder, as if it had learned from `data`."""
    shutil.copytree(trained / "model", "model")
    card = Path("model/model.json")
    card.write_text(card.read_text().replace(str(trained / "shops.csv"), str(data.absolute())))


@pytest.mark.parametrize(
    ("data", "output"),
    [
        ("shops.csv", "shops.csv"),
        ("shops.csv", "{here}/shops.csv"),
        ("shops.csv", "symbolic.csv"),
        ("symbolic.csv", "shops.csv"),
        ("shops.csv", "hard.csv"),
        ("parts/../shops.csv", "shops.csv"),
        ("sho*.csv", "shops.csv"),
        ("parts", "parts/s1.csv"),
        ("parts", "beside.csv"),
        ("*", "shops.csv"),
    ],
)
def test_forecasts_are_not_written_over_the_history(
    forecast: Command, monthly_csv: Path, tmp_path: Path, data: str, output: str
) -> None:
    Path("symbolic.csv").symlink_to("shops.csv")
    Path("hard.csv").hardlink_to("shops.csv")
    Path("parts").mkdir()
    shutil.copy(monthly_csv, "parts/s1.csv")
    Path("beside.csv").symlink_to("parts/s1.csv")
    says = [f"--output: {output.format(here=tmp_path)} would be written over", REFUSED]
    refuse(forecast, "predict", data, "--id", "shop", "-o", output.format(here=tmp_path), code=2, says=says)


def test_forecasts_are_not_written_over_the_data_that_the_model_remembers(
    forecast: Command, monthly_csv: Path, trained: Path
) -> None:
    copy_trained(trained, data=monthly_csv)
    refuse(forecast, "predict", "-o", "shops.csv", code=2, says=[f"over {monthly_csv}, {REFUSED}"])
    assert forecast("predict").code == 0


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_the_model_that_forecasts_is_not_written_over(
    forecast: Command, monthly_csv: Path, trained: Path, command: str
) -> None:
    copy_trained(trained, data=monthly_csv)
    says = [f"--output: model/model.json would be written over model/model.json, {REFUSED}"]
    refuse(forecast, command, "-o", "model/model.json", code=2, says=says)
    Path("model").rename("other")
    says = ["over other/network.onnx"]
    Path("link.json").symlink_to("other/network.onnx")
    refuse(forecast, command, "--model", "other", "-o", "link.json", code=2, says=says)


@pytest.mark.parametrize("name", ["metrics.json", "metrics.csv", "backtest.csv"])
def test_scores_are_not_written_over_the_history(forecast: Command, monthly_csv: Path, name: str) -> None:
    monthly_csv.rename(name)
    refuse(forecast, "evaluate", name, "--id", "shop", code=2, says=[f"{name} would be written over {name}, {REFUSED}"])


def test_a_page_is_not_written_over_the_history(forecast: Command, monthly_csv: Path) -> None:
    Path("page.html").hardlink_to(monthly_csv)
    words = ["inspect", "base", "shops.csv", "--id", "shop", "-o", "page.html"]
    refuse(forecast, *words, code=2, says=[f"page.html would be written over shops.csv, {REFUSED}"])


@pytest.mark.parametrize("name", ["model.json", "network.onnx", "weights.safetensors", "checkpoint.safetensors"])
def test_a_model_is_not_written_over_the_history(forecast: Command, monthly_csv: Path, name: str) -> None:
    Path("model").mkdir()
    monthly_csv.rename(f"model/{name}")
    says = [f"--model: model/{name} would be written over model/{name}, {REFUSED}"]
    refuse(forecast, "train", f"model/{name}", "--id", "shop", code=2, says=says)


@pytest.mark.parametrize("name", ["card.json", "network.onnx", "weights.safetensors", "checkpoint.safetensors"])
def test_a_base_model_is_not_written_over_what_it_is_scored_on(forecast: Command, monthly_csv: Path, name: str) -> None:
    Path("base_model").mkdir()
    Path(f"base_model/{name}").symlink_to(monthly_csv)
    refuse(forecast, "pretrain", "--score-on", "shops.csv", "--steps", "1", code=2, says=["over shops.csv", REFUSED])


def test_the_settings_are_not_written_over(forecast: Command, monthly_csv: Path) -> None:
    Path("forecast.toml").write_text('id = ["shop"]\n')
    Path("forecasts.csv").symlink_to("forecast.toml")
    refuse(forecast, "predict", monthly_csv, code=2, says=[f"over forecast.toml, {REFUSED}"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("predict - -o shops.csv < shops.csv", "shops.csv would be written over the file on stdin"),
        ("predict /dev/stdin -o shops.csv < shops.csv", "shops.csv would be written over /dev/stdin"),
        ("predict shops.csv -o - >> shops.csv", "stdout would be written over shops.csv"),
    ],
)
def test_redirected_streams_are_files_too(monthly_csv: Path, words: str, says: str) -> None:
    before = monthly_csv.read_bytes()
    line = f"{sys.executable} -m forecaster {words}"
    outcome = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=False, env={**os.environ, "FORECAST_ID": "shop"}
    )
    assert (outcome.returncode, monthly_csv.read_bytes() == before) == (2, True), outcome.stderr
    assert says in outcome.stderr
