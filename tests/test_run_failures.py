"""How `forecast run` fails: the record, the log, and the screen say the same, in JSON where that was asked for."""

import errno
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from forecaster.errors import BusyError, InterruptedRunError
from forecaster.library.model import Model
from forecaster.nightly import night
from forecaster.nightly.runs import RunsFolder
from tests.conftest import Command
from tests.nightly import NIGHTLY, list_runs, write_days
from tests.test_run import read_latest, read_record

WORDS = ("run", "shops.csv", "--horizon", "7", "--train", "never")


def refuse_access() -> None:
    raise PermissionError(errno.EACCES, "permission denied", "holidays.csv")


def leave_folder() -> None:
    raise FileNotFoundError(errno.ENOENT, "no such file")


def fail_with(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


FAILURES: dict[str, tuple[Callable[[], None], int]] = {
    "disk": (fail_with(BusyError("disk full")), 75),
    "memory": (fail_with(MemoryError()), 75),
    "access": (refuse_access, 78),
    "bug": (fail_with(ZeroDivisionError("division by zero")), 1),
    "lost": (leave_folder, 1),
    "signal": (stop, 143),
    "turned into another error": (lambda: turn_into_another(), 143),
}


def turn_into_another() -> None:
    """As native code does, which lets no exception of a signal pass."""
    try:
        stop()
    except InterruptedRunError as error:
        raise RuntimeError("inference failed") from error


@pytest.mark.parametrize("kind", FAILURES)
def test_the_record_says_what_was_printed(forecast: Command, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    fail, code = FAILURES[kind]
    write_days(60)
    assert forecast(*WORDS).code == 0
    good = read_latest()
    write_days(61)
    monkeypatch.setattr(night, "monitor_runs", lambda *_, **__: fail())
    outcome = forecast(*WORDS)
    assert outcome.code == code
    record = read_record(list_runs()[-1])
    assert (record["exit_code"], record["status"]) == (code, "interrupted" if code > 128 else "failed")
    assert outcome.stderr.splitlines()[-1] == f"error: {record['message']}"
    assert read_latest() == good


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--max-age", "36h"), 4),
        (("--data", "none.csv"), 2),
        (("--keep", "none"), 2),
        (("--runs", ""), 2),
        (("--max-late", "700%"), 2),
        (("--target", "none"), 2),
        (("--ping-url", "ftp://x"), 2),
    ],
)
def test_a_failure_is_a_line_of_json_where_all_others_are(forecast: Command, words: tuple[str, ...], code: int) -> None:
    write_days(60)
    outcome = forecast(*WORDS, *words, "--log-format", "json", "--json")
    assert outcome.code == code
    events = [json.loads(line) for line in outcome.stderr.splitlines()]
    final = json.loads(outcome.stdout)
    assert outcome.stdout.count("\n") == 1
    assert (events[-1]["level"], events[-1]["exit_code"]) == ("error", code)
    assert (final["command"], final["status"], final["exit_code"]) == ("run", "failed", code)
    assert final["message"] == events[-1]["message"]
    assert sum("exit_code" in event for event in events) == 1, "once"
    plain = forecast(*WORDS, *words).stderr
    assert final["message"] in plain
    if events[-1]["event"] == "run_ended":
        assert final["run"] in list_runs()
        assert Path(f"runs/{final['run']}/log.jsonl").read_text() == outcome.stderr


def test_json_is_asked_for_by_variables_and_the_settings_file_too(
    forecast: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_json(*words: str) -> tuple[bool, bool]:
        outcome = forecast("run", "none.csv", "--quiet", *words)
        assert outcome.code == 66
        return outcome.stderr.startswith("{"), outcome.stdout.startswith("{")

    assert is_json() == (False, False)
    assert is_json("--log-format=json") == (True, False)
    monkeypatch.setenv("FORECAST_LOG_FORMAT", "json")
    monkeypatch.setenv("FORECAST_JSON", "1")
    assert is_json() == (True, True)
    assert is_json("--log-format", "text") == (False, True)
    monkeypatch.delenv("FORECAST_LOG_FORMAT")
    monkeypatch.delenv("FORECAST_JSON")
    Path("forecast.toml").write_text('[run]\nlog-format = "json"\njson = true\n')
    assert is_json() == (True, True)
    Path("forecast.toml").write_text('[run]\nlog-format = "json"\njson = true\nmax-aeg = "2h"\n')
    outcome = forecast("run", "none.csv")
    assert (outcome.code, json.loads(outcome.stderr)["exit_code"], json.loads(outcome.stdout)["exit_code"]) == (78,) * 3
    Path("forecast.toml").write_text('[run]\nlog-format = "text"\nping-url = 5\nmax-aeg = "2h"\n')
    assert forecast("run", "none.csv").stderr.startswith("error: forecast.toml: no option 'max-aeg' under [run].")
    Path("forecast.toml").write_text("broken =")
    outcome = forecast("run", "none.csv", "--log-format", "json")
    assert outcome.code == 78
    assert json.loads(outcome.stderr)["exit_code"] == 78


def test_monitor_ends_with_its_failure_as_json_too(forecast: Command) -> None:
    write_days(60)
    outcome = forecast("monitor", "shops.csv", "--json")
    assert outcome.code == 66
    assert json.loads(outcome.stdout)["exit_code"] == 66
    assert outcome.stderr.endswith("name the folder with --runs.\n")
    assert forecast("predict", "none.csv", "--json").stdout == ""


def test_a_health_check_that_cannot_be_called_is_a_line_of_json_too(forecast: Command) -> None:
    write_days(60)
    outcome = forecast(*WORDS, "--log-format", "json", "--ping-url", "http://127.0.0.1:1/x")
    assert outcome.code == 0
    events = [json.loads(line)["event"] for line in outcome.stderr.splitlines()]
    assert events.count("not_called") == 2


def test_a_run_that_cannot_be_made_the_last_good_one_has_failed(
    forecast: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_days(60)
    monkeypatch.setattr(RunsFolder, "point_to", lambda *_: fail_with(BusyError("latest.json: the disk is full"))())
    outcome = forecast(*WORDS)
    assert outcome.code == 75
    record = read_record(list_runs()[0])
    assert (record["status"], record["exit_code"]) == ("failed", 75)
    assert record["message"] == "latest.json: the disk is full"


def test_a_signal_while_the_run_becomes_the_last_good_one_waits(
    forecast: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_days(60)
    point_to = RunsFolder.point_to

    def point_and_stop(self: RunsFolder, record: Any) -> None:
        point_to(self, record)
        stop()

    monkeypatch.setattr(RunsFolder, "point_to", point_and_stop)
    assert forecast(*WORDS).code == 0
    record = read_record(read_latest()["run"])
    assert (record["status"], record["exit_code"]) == ("succeeded", 0)


def test_what_comes_after_a_run_is_the_last_good_one_does_not_undo_it() -> None:
    write_days(60)

    @contextmanager
    def watch() -> Iterator[Any]:
        yield
        raise InterruptedRunError("stopped", signal_number=15)

    with pytest.raises(InterruptedRunError):
        night.run_night(NIGHTLY, watch=watch)
    assert read_record(read_latest()["run"])["status"] == "succeeded"


def test_what_can_be_read_only_once_is_refused_before_it_is_opened(forecast: Command) -> None:
    write_days(60)
    os.mkfifo("pipe.csv")  # nobody writes: a run that opened it would wait for ever
    read, write = os.pipe()
    for words, blamed in {
        ("pipe.csv",): "DATA: pipe.csv",
        (f"/dev/fd/{read}",): "DATA: /dev/fd/",
        ("shops.csv", "pipe.csv"): "DATA: pipe.csv",
        ("shops.csv", "--future", "pipe.csv"): "--future: pipe.csv",
        ("shops.csv", "--future", "-"): "--future: a nightly run",
        ("shops.csv", "--holidays", "pipe.csv"): "--holidays: pipe.csv",
        ("/dev/null",): "DATA: /dev/null",
        ("-",): "DATA: a nightly run",
    }.items():
        outcome = forecast("run", *words, "--train", "never")
        assert outcome.code == 2, words
        assert f"error: {blamed}" in outcome.stderr
        assert "a nightly run reads files, which can be read again" in outcome.stderr
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("flag", ["--future", "--holidays"])
def test_another_file_that_is_missing_is_no_bug(forecast: Command, flag: str) -> None:
    write_days(60)
    outcome = forecast("run", "shops.csv", "--train", "never", flag, "none.csv")
    assert outcome.code == 66
    assert "none.csv: no such file." in outcome.stderr


@pytest.mark.parametrize("part", ["s2,2024-0", "s2,2024-03-01,1x0"])
def test_a_file_that_cannot_be_read_as_it_is_being_written_asks_to_try_again(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    write_days(60)
    read = Model.read

    def grow_and_read(self: Model, *words: Any, **options: Any) -> Any:
        with Path("shops.csv").open("a") as file:
            file.write(part)
        return read(self, *words, **options)

    with monkeypatch.context() as growing:
        growing.setattr(Model, "read", grow_and_read)
        outcome = forecast(*WORDS)
    assert outcome.code == 75, outcome.stderr
    assert "the file changed while it was read" in outcome.stderr
    assert forecast(*WORDS).code == 65, "the same file, once it stays as it is"


@pytest.mark.parametrize(
    ("flag", "value", "remedies"),
    [
        ("--max-age", "36", ["36m", "36h", "36d", "36w"]),
        ("--retrain-after", "7", ["7m", "7h", "7d", "7w"]),
        ("--max-change", "50", ["50%", "5000%"]),
        ("--max-change", "1.5", ["1.5%", "150%"]),
    ],
)
def test_a_number_whose_unit_could_be_meant_otherwise_is_asked_for(
    forecast: Command, flag: str, value: str, remedies: list[str]
) -> None:
    write_days(60)
    words = ("run", "shops.csv", "--train", "never", "--force")
    outcome = forecast(*words, flag, value)
    assert outcome.code == 2
    assert f"{flag} {value}: a number without a unit. Write {remedies[0]}" in outcome.stderr
    for remedy in remedies:
        assert remedy in outcome.stderr
    for fine in (remedies[-1], "0.5" if flag == "--max-change" else "900d"):
        assert forecast(*words, flag, fine).code in (0, 4), "a gate may not be met"
