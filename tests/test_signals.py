"""SIGINT and SIGTERM at difficult moments: one message, exit code 130 or 143, no other error, no partial file."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import onnxruntime
import pandas as pd
import pytest

from forecaster.cli import signals
from forecaster.cli.signals import RaiseOnSignal, SignalFlag
from forecaster.errors import InterruptedRunError
from forecaster.learning.stopping import watch_steps
from forecaster.model.session import open_session
from tests.conftest import SAMPLES, Command, Outcome

ROOT = Path(__file__).resolve().parents[1]
AIRLINE = SAMPLES / "air_passengers.csv"
TRAIN = ["train", AIRLINE, "--steps", "2", "--from-scratch", "--hidden", "8", "--layers", "1", "--context", "24"]


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def number(request: pytest.FixtureRequest) -> int:
    chosen: int = request.param
    return chosen


def send(number: int) -> None:
    """Send a signal to this process; its handler is called before this returns."""
    os.kill(os.getpid(), number)
    time.sleep(0.001)


def sentence(number: int) -> str:
    name = signal.Signals(number).name
    return f"error: stopped by {name}; every output file is complete or unchanged (stdout may be cut off).\n"


def assert_stopped(outcome: Outcome, *, number: int) -> None:
    assert outcome.code == 128 + number, outcome.stderr
    assert outcome.stderr == sentence(number)
    assert list(Path().iterdir()) == []


def test_a_signal_while_a_model_is_opened_is_not_reported_as_a_broken_model(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    open_session.cache_clear()
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *_, **__: send(number))
    assert_stopped(forecast("predict", AIRLINE, "--quiet"), number=number)


def test_a_signal_while_data_are_read_is_not_reported_as_broken_data(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def read_as_native_code(*_: Any, **__: Any) -> None:
        try:
            send(number)
        except BaseException as error:
            raise pd.errors.ParserError("Calling read(nbytes) on source failed.") from error

    monkeypatch.setattr(pd, "read_csv", read_as_native_code)
    assert_stopped(forecast("predict", AIRLINE, "--quiet"), number=number)


SENDER = "import os, signal, time\ndef send(): os.kill(os.getpid(), signal.SIGINT); time.sleep(0.001)\n"
LATER = "time.sleep(20)\nos._exit(7)"
IMPORTS = {
    "another error": "try: send()\nexcept BaseException: raise ImportError('numpy failed to import')",
    "dropped": f"try: send()\nexcept BaseException: pass\n{LATER}",
    "dropped by a destructor": f"class Last:\n  def __del__(self): send()\nLast()\n{LATER}",
}


@pytest.mark.parametrize("text", IMPORTS.values(), ids=IMPORTS)
@pytest.mark.parametrize("module", ["typer", "pandas"])
def test_a_signal_during_an_import_is_not_reported_as_a_missing_module(module: str, text: str) -> None:
    """Both for modules imported at the start and for those that a command imports."""
    modules = Path("modules")
    modules.mkdir()
    (modules / f"{module}.py").write_text(SENDER + text)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(modules.absolute()), str(ROOT)])}
    command = [sys.executable, "-m", "forecaster", "predict", str(AIRLINE), "--quiet"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, sentence(signal.SIGINT))


def test_a_signal_after_the_work_changes_nothing(number: int) -> None:
    code = (
        "import atexit, os, sys; from forecaster.__main__ import main;"
        f"atexit.register(os.kill, os.getpid(), {number}); sys.argv[1:] = ['--version']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def interrupt_first(function: Callable[..., Any], *, number: int) -> Callable[..., Any]:
    """`function`, with a signal before it is called."""

    def interrupted(*words: Any, **named: Any) -> Any:
        send(number)
        return function(*words, **named)

    return interrupted


def test_a_signal_that_comes_twice_leaves_no_temporary_file(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "fsync", interrupt_first(os.fsync, number=number))
    monkeypatch.setattr(os, "unlink", interrupt_first(os.unlink, number=number))
    assert_stopped(forecast("predict", AIRLINE, "--quiet"), number=number)


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (TRAIN, {"model", "model/model.json", "model/network.onnx", "model/weights.safetensors"}),
        (["evaluate", AIRLINE], {"backtest.csv", "metrics.csv", "metrics.json"}),
    ],
    ids=["train", "evaluate"],
)
def test_files_that_belong_together_are_all_written(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, words: list[str | Path], files: set[str], number: int
) -> None:
    monkeypatch.setattr(os, "fsync", interrupt_first(os.fsync, number=number))
    outcome = forecast(*words)
    assert outcome.code == 0, outcome.stderr
    # file names of a model contain the first digits of a checksum
    assert {re.sub(r"-[0-9a-f]{12}\.", ".", str(path)) for path in Path().rglob("*")} == files


def test_a_signal_that_was_ignored_stays_ignored(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    open_session.cache_clear()
    session = interrupt_first(onnxruntime.InferenceSession, number=signal.SIGINT)
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    assert forecast("predict", AIRLINE).code == 0
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_signal_whose_exception_got_lost_is_noted_by_a_signal_flag(number: int) -> None:
    with RaiseOnSignal() as signals_before:
        with suppress(InterruptedRunError):  # as a destructor does
            send(number)
        with SignalFlag() as flag:
            assert flag.read() == number
            assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert signals_before.number == number
    with SignalFlag() as flag:
        assert flag.read() is None


def test_the_hook_for_unraisable_errors_is_restored_after_the_command() -> None:
    before = sys.unraisablehook
    with RaiseOnSignal():
        assert sys.unraisablehook is not before
    assert sys.unraisablehook is before


def test_a_second_signal_after_a_second_stops_at_once(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    clock = [0.0]
    monkeypatch.setattr(signals, "monotonic", lambda: clock[0])
    with RaiseOnSignal(), SignalFlag() as flag:
        send(number)
        send(number)  # from the terminal, and from a wrapper that passes it on
        assert flag.read() == number
        clock[0] = 2.0
        with pytest.raises(InterruptedRunError):
            send(number)


@pytest.mark.parametrize("command", ["train", "run"])
def test_a_signal_before_the_first_step_of_a_training_stops_it_at_once(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, number: int, command: str
) -> None:
    def prepare(*_: Any, **__: Any) -> None:
        send(number)
        raise AssertionError("the training goes on")

    monkeypatch.setattr("forecaster.learning.fit.find_shared_year", prepare)
    outcome = forecast(command, AIRLINE, "--quiet")
    assert outcome.code == 128 + number, outcome.stderr
    assert outcome.stderr == sentence(number)
    assert not [path for path in Path().glob("model/*") if not path.name.startswith(".")]


def test_signals_are_noted_from_the_first_step_on(number: int) -> None:
    with RaiseOnSignal(), watch_steps(SignalFlag) as read:
        assert read() is None
        send(number)
        assert read() == number
    with RaiseOnSignal(), watch_steps(SignalFlag), pytest.raises(InterruptedRunError):
        send(number)
