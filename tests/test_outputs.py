"""Where commands write to, and that they never overwrite files that they read."""

import errno
import io
import json
import os
import pty
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.conftest import Command
from tests.redirection import append_stdout, read_pipe, take_stdin
from tests.test_bad_input import refuse

REFUSED = "which is read. Name another file"


def run_in_shell(words: str) -> subprocess.CompletedProcess[str]:
    """Run `forecast` with the given words and redirections."""
    line = f"{sys.executable} -m forecaster {words}"
    settings = {**os.environ, "FORECAST_ID": "shop"}
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, env=settings)


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
def test_forecasts_are_not_overwritten_the_history(
    forecast: Command, monthly_csv: Path, tmp_path: Path, data: str, output: str
) -> None:
    Path("symbolic.csv").symlink_to("shops.csv")
    Path("hard.csv").hardlink_to("shops.csv")
    Path("parts").mkdir()
    shutil.copy(monthly_csv, "parts/s1.csv")
    Path("beside.csv").symlink_to("parts/s1.csv")
    says = [f"--output: {output.format(here=tmp_path)} would overwrite", REFUSED]
    refuse(forecast, "predict", data, "--id", "shop", "-o", output.format(here=tmp_path), code=2, says=says)


def test_forecasts_are_not_overwritten_the_data_that_the_model_remembers(
    forecast: Command, monthly_csv: Path, trained: Path
) -> None:
    copy_trained(trained, data=monthly_csv)
    refuse(forecast, "predict", "-o", "shops.csv", code=2, says=[f"overwrite {monthly_csv}, {REFUSED}"])
    assert forecast("predict").code == 0


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_the_model_that_forecasts_is_not_overwritten(
    forecast: Command, monthly_csv: Path, trained: Path, command: str
) -> None:
    copy_trained(trained, data=monthly_csv)
    says = [f"--output: model/model.json would overwrite model/model.json, {REFUSED}"]
    refuse(forecast, command, "-o", "model/model.json", code=2, says=says)
    Path("model").rename("other")
    network = next(Path("other").glob("network-*.onnx"))
    says = [f"overwrite {network}"]
    Path("link.json").symlink_to(network)
    refuse(forecast, command, "--model", "other", "-o", "link.json", code=2, says=says)


def test_a_trained_model_is_kept_where_the_base_model_forecasts(
    forecast: Command, monthly_csv: Path, trained: Path
) -> None:
    copy_trained(trained, data=monthly_csv)
    words = ["predict", "shops.csv", "--id", "shop", "--model", "base", "-o", "model/model.json"]
    refuse(forecast, *words, code=2, says=["overwrite model/model.json"])


@pytest.mark.parametrize("name", ["metrics.json", "metrics.csv", "backtest.csv"])
def test_scores_are_not_overwritten_the_history(forecast: Command, monthly_csv: Path, name: str) -> None:
    monthly_csv.rename(name)
    refuse(forecast, "evaluate", name, "--id", "shop", code=2, says=[f"{name} would overwrite {name}, {REFUSED}"])


def test_a_page_is_not_overwritten_the_history(forecast: Command, monthly_csv: Path) -> None:
    Path("page.html").hardlink_to(monthly_csv)
    words = ["inspect", "base", "shops.csv", "--id", "shop", "-o", "page.html"]
    refuse(forecast, *words, code=2, says=[f"page.html would overwrite shops.csv, {REFUSED}"])


@pytest.mark.parametrize("name", ["model.json", "network.onnx", "weights.safetensors", "checkpoint.safetensors"])
def test_a_model_is_not_overwritten_the_history(forecast: Command, monthly_csv: Path, name: str) -> None:
    Path("model").mkdir()
    monthly_csv.rename(f"model/{name}")
    says = [f"--model: model/{name} would overwrite model/{name}, {REFUSED}"]
    refuse(forecast, "train", f"model/{name}", "--id", "shop", code=2, says=says)


@pytest.mark.parametrize("name", ["card.json", "network.onnx", "weights.safetensors", "checkpoint.safetensors"])
def test_a_base_model_is_not_overwritten_what_it_is_scored_on(forecast: Command, monthly_csv: Path, name: str) -> None:
    Path("base_model").mkdir()
    Path(f"base_model/{name}").symlink_to(monthly_csv)
    refuse(
        forecast, "pretrain", "--score-on", "shops.csv", "--steps", "1", code=2, says=["overwrite shops.csv", REFUSED]
    )


def test_the_settings_are_not_overwritten(forecast: Command, monthly_csv: Path) -> None:
    Path("forecast.toml").write_text('id = ["shop"]\n')
    Path("forecasts.csv").symlink_to("forecast.toml")
    refuse(forecast, "predict", monthly_csv, code=2, says=[f"overwrite forecast.toml, {REFUSED}"])


@pytest.mark.parametrize(
    ("redirect", "words", "says"),
    [
        (take_stdin, "predict - -o shops.csv", "shops.csv would overwrite the file on stdin"),
        (take_stdin, "predict /dev/stdin -o shops.csv", "shops.csv would overwrite /dev/stdin"),
        (append_stdout, "predict shops.csv -o -", "stdout would overwrite shops.csv"),
        (append_stdout, "predict shops.csv --json", "stdout would overwrite shops.csv"),
        (append_stdout, "evaluate shops.csv --json", "stdout would overwrite shops.csv"),
    ],
)
def test_redirected_streams_are_files_too(
    forecast: Command,
    monthly_csv: Path,
    redirect: Callable[[str], AbstractContextManager[None]],
    words: str,
    says: str,
) -> None:
    before = monthly_csv.read_bytes()
    with redirect("shops.csv"):
        outcome = forecast(*words.split(), "--id", "shop")
    assert (outcome.code, monthly_csv.read_bytes() == before) == (2, True), outcome.stderr
    assert says in outcome.stderr


def test_streams_that_a_shell_redirects_are_files_too(monthly_csv: Path) -> None:
    before = monthly_csv.read_bytes()
    outcome = run_in_shell("predict - -o /dev/stdout < shops.csv >> shops.csv")
    assert (outcome.returncode, monthly_csv.read_bytes() == before) == (2, True), outcome.stderr
    assert "would overwrite the file on stdin" in outcome.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["predict", "shops.csv", "-o", "typo/o.csv"],
        ["evaluate", "shops.csv", "-o", "typo/o.json"],
        ["inspect", "base", "shops.csv", "-o", "typo/o.html"],
        ["train", "shops.csv", "--id", "shop", "--steps", "1", "--model", "typo/model"],
        ["pretrain", "--steps", "1", "-o", "typo/base"],
    ],
    ids=lambda words: str(words[0]),
)
def test_a_missing_folder_is_not_created(
    forecast: Command, monthly_csv: Path, tmp_path: Path, words: list[str]
) -> None:
    outcome = refuse(forecast, *words, code=78, says=[f"there is no folder {tmp_path}/typo. Create it, or name"])
    assert words[-1] in outcome.stderr
    del monthly_csv


def test_an_output_keeps_its_link_and_its_mode(forecast: Command, monthly_csv: Path) -> None:
    Path("kept").mkdir()
    for name in ("forecasts.csv", "metrics.json", "metrics.csv", "backtest.csv", "page.html"):
        Path("kept", name).write_text("old")
        Path("kept", name).chmod(0o600)
        Path(name).symlink_to(Path("kept", name))
    assert forecast("predict", monthly_csv, "--id", "shop").code == 0
    assert forecast("evaluate", monthly_csv, "--id", "shop").code == 0
    assert forecast("inspect", "base", monthly_csv, "--id", "shop", "-o", "page.html").code == 0
    for path in Path("kept").iterdir():
        assert Path(path.name).is_symlink()
        assert (path.read_text() != "old", stat.S_IMODE(path.stat().st_mode)) == (True, 0o600)


def test_forecasts_go_into_a_pipe_or_stdout(forecast: Command, monthly_csv: Path) -> None:
    assert forecast("predict", monthly_csv, "--id", "shop").code == 0
    expected = Path("forecasts.csv").read_bytes()
    with append_stdout("log.csv"):
        assert forecast("predict", monthly_csv, "--id", "shop", "-o", "/dev/stdout").code == 0
    assert Path("log.csv").read_bytes() == expected
    found: list[bytes] = []
    with read_pipe(found) as name:
        assert forecast("predict", monthly_csv, "--id", "shop", "-o", name).code == 0
    assert found == [expected]


@pytest.mark.parametrize("words", ["-o /dev/stdout --json", "-o >(cat > pipe.csv; mv pipe.csv done.csv)"])
def test_forecasts_go_into_those_of_a_shell(forecast: Command, monthly_csv: Path, words: str) -> None:
    outcome = run_in_shell(f"predict shops.csv {words}")
    assert outcome.returncode == 0, outcome.stderr
    if "json" not in words:
        read_back = "until [ -e done.csv ]; do sleep 0.02; done; cat done.csv"
        found = subprocess.run(["bash", "-c", read_back], capture_output=True, text=True, check=True, timeout=60).stdout
    else:
        found = outcome.stdout
        assert json.loads(outcome.stderr.splitlines()[-1])["output"] == "-"
    assert forecast("predict", monthly_csv, "--id", "shop").code == 0
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(found)), pd.read_csv("forecasts.csv"))


def test_forecasts_go_to_a_device(forecast: Command, monthly_csv: Path) -> None:
    screen, terminal = pty.openpty()
    words = ["--id", "shop", "--horizon", "1", "--level", "80"]
    outcome = forecast("predict", monthly_csv, *words, "-o", os.ttyname(terminal))
    assert outcome.code == 0, outcome.stderr
    assert os.read(screen, 100).startswith(b"shop,date,forecast,forecast-lo-80,forecast-hi-80")
    for handle in (screen, terminal):
        os.close(handle)


def test_scores_are_replaced_all_or_none(forecast: Command, monthly_csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("metrics.json", "metrics.csv", "backtest.csv"):
        Path(name).write_text("old")
    calls: list[Any] = []

    def fail_at_last(handle: Any) -> None:
        calls.append(handle)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail_at_last)
    says = ["metrics.json: the disk is full, nothing was written"]
    refuse(forecast, "evaluate", monthly_csv, "--id", "shop", code=75, says=says, decides=True)


def test_a_killed_forecast_does_not_affect_the_next(forecast: Command, monthly_csv: Path) -> None:
    code = (
        "import sys, time, pandas; from forecaster.cli.app import run\n"
        "def block(table, file, **_):\n"
        "    file.write(b'date,y'); file.flush(); print('writing', flush=True); time.sleep(600)\n"
        "pandas.DataFrame.to_csv = block\n"
        "run(sys.argv[1:])"
    )
    words = ["predict", ".", "--id", "shop", "-o", "forecasts.csv"]
    with subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        assert len(list(Path().iterdir())) == 2
        process.kill()
    outcome = forecast(*words)
    assert outcome.code == 0, outcome.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["forecasts.csv", monthly_csv.name]


def test_a_reader_that_closes_a_pipe_early_is_not_an_error(monthly_csv: Path) -> None:
    outcome = run_in_shell(f"predict {monthly_csv} --horizon 5000 -o >(head -1 > first.csv)")
    assert outcome.returncode == 0, outcome.stderr
