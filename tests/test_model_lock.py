"""One writer at a time in a model folder, and readers that need no lock."""

import errno
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from forecaster.errors import BusyError, ConfigurationError
from forecaster.model.lock import LOCK_FILE, hold_folder
from tests.conftest import SAMPLES, Command
from tests.model_versions import ENVIRONMENT, VERSION_1, list_names, make_parts, read_parts, write_parts

AIRLINE = SAMPLES / "air_passengers.csv"
TINY = ["--steps", "2", "--from-scratch", "--hidden", "4", "--layers", "1", "--context", "16", "--horizon", "4"]

HOLDER = """
import os, sys, time
from pathlib import Path
from forecaster.model.lock import hold_folder

with hold_folder(Path("model")):
    if os.fork() == 0:
        print(os.getpid(), flush=True)
    time.sleep(600)
"""


@pytest.fixture
def model() -> Path:
    write_parts(Path("model"), horizon=1)
    return Path("model")


@pytest.mark.parametrize(
    "words", [["train", str(AIRLINE), *TINY], ["pretrain", "--output", "model", "--steps", "2", "--batch", "4"]]
)
def test_the_second_writer_fails_at_once(forecast: Command, model: Path, words: list[str]) -> None:
    with hold_folder(model):
        outcome = forecast(*words)
        assert outcome.code == 75
        assert (
            "model: another 'forecast train', 'forecast run' or 'forecast pretrain' is working in this folder."
            in outcome.stderr
        )
        assert read_parts(model) == make_parts(1)


def test_forecasts_need_no_lock(forecast: Command) -> None:
    shutil.copytree(VERSION_1, "model")
    with hold_folder(Path("model")):
        assert forecast("predict", AIRLINE).code == 0
        assert forecast("inspect", "model").code == 0


def test_the_base_model_forecasts_until_the_first_training_has_ended(forecast: Command) -> None:
    with hold_folder(Path("model")):
        outcome = forecast("predict", AIRLINE)
    assert outcome.code == 0, outcome.stderr
    assert "no trained model in model/: this is the base model" in outcome.stderr


def test_the_lock_of_a_killed_holder_is_free_although_its_workers_live(forecast: Command) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as holder:
        assert holder.stdout is not None
        worker = int(holder.stdout.readline())
        try:
            assert forecast("train", AIRLINE, *TINY).code == 75
            holder.kill()
            holder.wait()
            assert list_names(Path("model")) == {LOCK_FILE}
            outcome = forecast("train", AIRLINE, *TINY)
            assert outcome.code == 0, outcome.stderr
        finally:
            holder.kill()
            os.kill(worker, signal.SIGKILL)
    assert len(list_names(Path("model"))) == 3


def test_a_new_folder_that_stays_empty_is_removed() -> None:
    with hold_folder(Path("model")):
        assert list_names(Path("model")) == {LOCK_FILE}
    assert not Path("model").exists()


def test_a_link_to_nothing_and_a_file_in_place_of_the_folder_are_named() -> None:
    Path("link").symlink_to("nowhere")
    Path("file").write_text("")
    words = "link: it is a link to nowhere, which is not there. Create that, or name another path with --runs."
    with pytest.raises(ConfigurationError, match=f"^{re.escape(words)}$"), hold_folder(Path("link"), flag="--runs"):
        pass
    with pytest.raises(ConfigurationError, match=r"^file: it is a file, and no folder\."), hold_folder(Path("file")):
        pass


def test_a_lock_on_a_file_that_its_last_holder_removes_is_taken_again(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = fcntl.flock
    calls = []

    def lock_late(descriptor: int, operation: int) -> None:
        calls.append(descriptor)
        if len(calls) == 1:
            (model / LOCK_FILE).unlink()
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", lock_late)
    with hold_folder(model), pytest.raises(BusyError), hold_folder(model):
        pass
    assert len(calls) == 3
    assert LOCK_FILE not in list_names(Path("model"))


def test_locking_fails_where_inode_numbers_are_unstable(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter(range(10_000))
    monkeypatch.setattr("forecaster.model.lock.identify_file", lambda _: (0, next(numbers)))
    with pytest.raises(ConfigurationError, match="cannot lock files"), hold_folder(model):
        pass


def test_a_link_in_place_of_the_lock_is_not_followed(model: Path) -> None:
    Path("elsewhere").touch()
    (model / LOCK_FILE).symlink_to(Path("elsewhere").resolve())
    with pytest.raises(ConfigurationError, match="cannot be written"), hold_folder(model):
        pass


def test_a_file_system_without_locks_is_named(model: Path, forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", fail)
    outcome = forecast("train", AIRLINE, *TINY)
    assert outcome.code == 78
    assert "this file system cannot lock files (no locks available)" in outcome.stderr
    assert read_parts(model) == make_parts(1)
