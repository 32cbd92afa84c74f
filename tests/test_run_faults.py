"""`forecast run` under faults: killed, told to stop, on a full disk, with a folder that cannot be written."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecaster.errors import BusyError
from forecaster.nightly.events import EventLog
from tests.conftest import Command
from tests.nightly import list_runs, write_days

WORDS = [sys.executable, "-m", "forecaster", "run", "shops.csv", "--horizon", "7"]


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*WORDS, *words], stderr=subprocess.PIPE, text=True)


def read_until(process: subprocess.Popen[str], beginning: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(beginning):
            return
    raise AssertionError(f"it never said {beginning}")


def read_latest() -> str:
    return str(json.loads(Path("runs/latest.json").read_text())["run"])


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["run started", "input read", "model chosen", "forecast made"])
def test_a_run_that_is_killed_leaves_the_last_good_one_and_nothing_in_the_way(forecast: Command, moment: str) -> None:
    words = ("run", "shops.csv", "--horizon", "7", "--train", "never")
    write_days(60)
    assert forecast(*words).code == 0
    good = read_latest()
    write_days(61)
    with start("--train", "never") as process:
        read_until(process, moment)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    # killed a moment after its last message, it may have ended
    assert read_latest() == good or moment == "forecast made"
    outcome = forecast(*words)
    assert outcome.code == 0, outcome.stderr
    assert [path.name for path in Path("runs").iterdir() if path.name.startswith(".")] == []
    after = Path(f"runs/{read_latest()}/forecasts.csv").read_bytes()
    shutil.rmtree("runs")
    assert forecast(*words).code == 0
    assert Path(f"runs/{read_latest()}/forecasts.csv").read_bytes() == after, "as if nothing had happened"


@pytest.mark.slow
def test_a_run_that_is_told_to_stop_while_it_trains_goes_on_the_next_time() -> None:
    write_days(200)
    with start("--budget", "120s") as process:
        read_until(process, "training started")
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == 143, said
    record = json.loads(Path(f"runs/{list_runs()[-1]}/run.json").read_text())
    assert (record["status"], record["exit_code"]) == ("interrupted", 143)
    assert record["message"] in said
    if "the work is saved" in said:
        assert said.endswith(
            "The next run continues it if the data are still the same, and else trains from the start.\n"
        )
    assert not Path("runs/latest.json").exists()
    assert not Path("model/model.json").exists()


def test_a_folder_that_cannot_be_written_is_named(forecast: Command) -> None:
    write_days(60)
    Path("runs").write_text("not a folder")
    outcome = forecast("run", "shops.csv", "--train", "never")
    assert outcome.code == 78
    assert "runs: it is a file, and no folder. Name another path with --runs.\n" in outcome.stderr
    assert Path("runs").read_text() == "not a folder"
    outcome = forecast("run", "shops.csv", "--train", "never", "--runs", "none/runs")
    assert outcome.code == 78
    assert outcome.stderr.endswith("Create it, or name another path with --runs.\n")
    # and where only the last file cannot be written
    Path("other/latest.json").mkdir(parents=True)
    outcome = forecast("run", "shops.csv", "--train", "never", "--runs", "other")
    assert outcome.code == 78
    Path("other/latest.json").rmdir()
    assert forecast("run", "shops.csv", "--train", "never", "--runs", "other").code == 0
    outcome = forecast("monitor", "shops.csv", "--runs", "other", "--prometheus", "none/x.prom")
    assert outcome.stderr.endswith("Create it, or name another path with --prometheus.\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--runs", ""), "--runs '': the name of the folder is empty. Name one, or leave --runs out."),
        (("--model", ""), "--model '': the name of the folder is empty. Name one, or leave --model out."),
        (("--runs", "one", "--model", "./one/"), "--runs one and --model one are the same folder. Name one for each"),
    ],
)
def test_folders_that_cannot_be_meant_are_refused(forecast: Command, words: tuple[str, ...], message: str) -> None:
    write_days(60)
    outcome = forecast("run", "shops.csv", "--train", "never", *words)
    assert outcome.code == 2
    assert message in outcome.stderr
    assert [path.name for path in Path().iterdir()] == ["shops.csv"]


def test_monitor_and_other_commands_refuse_an_empty_name_of_a_folder_too(forecast: Command) -> None:
    write_days(60)
    for words in (("monitor", "shops.csv", "--runs"), ("predict", "shops.csv", "--model"), ("train", "a", "--model")):
        outcome = forecast(*words, "")
        assert outcome.code == 2
        assert "the name of the folder is empty" in outcome.stderr


def test_a_full_disk_loses_nothing(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    write_days(60)
    words = ("run", "shops.csv", "--horizon", "7", "--train", "never")
    assert forecast(*words).code == 0
    good = read_latest()
    write_days(61)

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fail)
        outcome = forecast(*words)
    assert outcome.code == 75, outcome.stderr
    assert "the disk is full" in outcome.stderr
    assert read_latest() == good
    assert forecast(*words).code == 0
    assert read_latest() != good


@pytest.mark.parametrize("stays_full", [True, False], ids=["stays full", "once"])
def test_a_disk_that_is_full_at_any_moment_leaves_no_run_that_looks_good(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, stays_full: bool
) -> None:
    words = ("run", "shops.csv", "--horizon", "7", "--train", "never", "--force")
    write_days(60)
    assert forecast(*words).code == 0
    good = read_latest()
    before = set(list_runs())
    sync, failures = os.fsync, 0
    for moment in range(20):
        calls = 0

        def fail(descriptor: int, moment: int = moment) -> None:
            nonlocal calls
            calls += 1
            if calls == moment + 1 or (stays_full and calls > moment):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            sync(descriptor)

        with monkeypatch.context() as full:
            full.setattr(os, "fsync", fail)
            outcome = forecast(*words)
        if outcome.code == 0:
            break
        failures += 1
        assert outcome.code == 75, outcome.stderr
        assert read_latest() == good
        for run in set(list_runs()) - before:
            assert sorted(path.name for path in Path("runs", run).iterdir()) == ["log.jsonl", "run.json"]
            record = json.loads(Path("runs", run, "run.json").read_text())
            assert (record["status"], record["exit_code"]) == ("failed", 75)
            assert record["outputs"] == {}
        assert not stays_full or set(list_runs()) == before, "nothing can be written"
        before = set(list_runs())
    assert failures > 3
    assert not [name for name in os.listdir("runs") if name.startswith(".")]  # noqa: PTH208


def test_a_log_that_cannot_be_written_leaves_nothing(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    write_days(60)

    def fail(*_: object) -> None:
        raise BusyError("log.jsonl: the disk is full")

    monkeypatch.setattr(EventLog, "_write", fail)
    assert forecast("run", "shops.csv", "--train", "never").code == 75
    assert not Path("runs").exists()


def test_a_log_that_cannot_be_written_is_no_bug() -> None:
    log = EventLog(lambda _: None, clock=lambda: datetime.now(UTC))
    log.add("run_started", "run")
    with pytest.raises(BusyError, match="the disk is full"):
        log.open(Path("/dev/full"))
