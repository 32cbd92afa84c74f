"""Side effects of commands: they write their outputs and nothing else, and open no network connection."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SAMPLES

ROOT = Path(__file__).resolve().parents[1]
AIRLINE = str(SAMPLES / "air_passengers.csv")
QUICK = ["--steps", "2", "--hidden", "8", "--layers", "1"]
CONNECT = "import socket; socket.create_connection(('192.0.2.1', 443), timeout=1)"
ASK_A_NAME_SERVER = "import ctypes; ctypes.CDLL(None).socket(10, 2, 0)"
STAY_INSIDE = "import socket; socket.socketpair()"
IMPORT_TWICE = """
import onnxruntime
calls = []
onnxruntime.disable_telemetry_events = lambda: calls.append("off")
import forecaster.model.session
print(*calls)
"""

RUN_EACH = """
import json, os, sys
from forecaster.cli.app import run
for line in sys.argv[1:]:
    folder, words = json.loads(line)
    os.chdir(folder)
    assert run(words) == 0, words
"""

COMMANDS = {
    "predict": (["predict", AIRLINE], {"forecasts.csv"}),
    "evaluate": (["evaluate", AIRLINE], {"metrics.json", "metrics.csv", "backtest.csv"}),
    "inspect": (["inspect", "base", AIRLINE, "--output", "page.html"], {"page.html"}),
    "plot": (["plot", AIRLINE, "--output", "plot.png"], {"plot.png"}),
    "report": (["report", AIRLINE], {"report.html"}),
    "train": (["train", AIRLINE, "--from-scratch", "--context", "24", *QUICK], {"model"}),
    "pretrain": (["pretrain", "--batch", "4", *QUICK], {"base_model"}),
}


def run_without_internet(words: list[str], *, home: str, temporary: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a clean environment: ONNX Runtime sends no telemetry where it detects a build server."""
    environment = {"PYTHONPATH": str(ROOT), "HOME": home, "TMPDIR": str(temporary), "PATH": "/usr/bin:/bin"}
    environment |= {f"XDG_{kind}_HOME": f"{home}/{kind.lower()}" for kind in ("CACHE", "CONFIG", "DATA", "STATE")}
    command = [sys.executable, str(ROOT / "tests" / "without_internet.py"), sys.executable, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_commands_leave_their_outputs_and_nothing_else(tmp_path: Path) -> None:
    home, temporary, places = tmp_path / "home", tmp_path / "temporary", tmp_path / "places"
    for folder in (home, temporary, *(places / name for name in COMMANDS)):
        folder.mkdir(parents=True)
    # all commands in one process, as its start takes ten times as long as they do
    lines = [json.dumps([str(places / name), words]) for name, (words, _) in COMMANDS.items()]
    done = run_without_internet(["-c", RUN_EACH, *lines], home=str(home), temporary=temporary)
    assert done.returncode == 0, done.stderr
    assert [*home.rglob("*"), *temporary.rglob("*")] == []
    left = {name: {path.name for path in (places / name).iterdir()} for name in COMMANDS}
    assert left == {name: outputs for name, (_, outputs) in COMMANDS.items()}
    assert {path.name for path in tmp_path.iterdir()} == {"home", "temporary", "places"}


@pytest.mark.parametrize("words", [["--help"], ["predict", AIRLINE]], ids=["help", "predict"])
def test_the_program_leaves_its_outputs_and_nothing_else(tmp_path: Path, words: list[str]) -> None:
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    done = run_without_internet(["-m", "forecaster", *words], home=str(home), temporary=temporary)
    assert done.returncode == 0, done.stderr
    assert [*home.rglob("*"), *temporary.rglob("*")] == []
    outputs = {"forecasts.csv"} if "predict" in words else set()
    assert {path.name for path in tmp_path.iterdir()} == {"home", "temporary", *outputs}


def test_an_unwritable_home_causes_no_warning(tmp_path: Path) -> None:
    words = ["-m", "forecaster", "predict", AIRLINE, "--quiet"]
    done = run_without_internet(words, home="/dev/null/home", temporary=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_telemetry_is_disabled_where_onnx_runtime_is_imported_already(tmp_path: Path) -> None:
    done = run_without_internet(["-c", IMPORT_TWICE], home=str(tmp_path), temporary=tmp_path)
    assert done.stdout == "off\n", done.stderr


@pytest.mark.parametrize(
    ("code", "status"), [(CONNECT, -signal.SIGSYS), (ASK_A_NAME_SERVER, -signal.SIGSYS), (STAY_INSIDE, 0)]
)
def test_any_connection_would_be_detected(tmp_path: Path, code: str, status: int) -> None:
    assert run_without_internet(["-c", code], home=str(tmp_path), temporary=tmp_path).returncode == status
