"""Model folders with killed writers, and with readers at the same time: complete, the old version or the new one."""

import errno
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from forecaster.errors import BusyError, ConfigurationError
from forecaster.model.base import read_base, write_base
from forecaster.model.card import ModelCard
from forecaster.model.folder import read_card, read_model, read_network, read_weights, write_model
from tests.conftest import SAMPLES, Command
from tests.model_versions import ENVIRONMENT, VERSION_1, list_names, make_parts, read_parts, run_code, write_parts

LATE_WEIGHTS = "forecaster.library.opening.read_weights"

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.model_versions import write_parts

def write_until(moment):
    count = 0

    def count_and_stop(call):
        def counted(*words, **named):
            nonlocal count
            count += 1
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*words, **named)
        return counted

    for name in ("open", "replace", "fsync", "chmod", "unlink"):
        setattr(os, name, count_and_stop(getattr(os, name)))
    write_parts(Path("model"), horizon=2)

for line in sys.stdin:  # a process for each moment, from one that has imported everything
    writer = os.fork()
    if not writer:
        try:
            write_until(int(line))
        except BaseException:
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1]), flush=True)
"""

WRITES = """
import sys
from pathlib import Path
from tests.model_versions import write_parts

for number in range(int(sys.argv[1])):
    write_parts(Path("model"), horizon=number % 2 + 1)
"""

READS_AS_ANYONE = """
import os
from pathlib import Path
from forecaster.forecasting.opening import open_forecaster

os.chdir("model")
if os.geteuid() == 0:
    os.setgroups([])
    os.setuid(65534)
try:
    Path("new").touch()
except PermissionError:
    print(open_forecaster(Path())[1].horizon)
"""


@pytest.fixture
def model() -> Path:
    write_parts(Path("model"), horizon=1)
    return Path("model")


@pytest.fixture
def write_until() -> Iterator[Callable[[int], int]]:
    """Another process writes horizon 2 and is killed at its call of that number; returns how it ended."""
    words = [sys.executable, "-c", KILLED]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:

        def call(moment: int) -> int:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{moment}\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield call


def test_a_writer_killed_at_any_moment_leaves_the_old_model_or_the_new(
    model: Path, write_until: Callable[[int], int]
) -> None:
    found = []
    for moment in range(1, 100):
        shutil.rmtree(model)
        write_parts(model, horizon=1)
        code = write_until(moment)
        assert code in (0, -signal.SIGKILL)
        found.append(read_parts(model)[0])
        assert read_parts(model) == make_parts(found[-1])
        write_parts(model, horizon=3)
        assert read_parts(model) == make_parts(3)
        assert len(list_names(model)) == 3, "what the killed writer left is removed by the next"
        if code == 0:
            break
    assert code == 0
    assert found == sorted(found)
    assert found.count(1) > 5
    assert found.count(2) > 2


def test_a_folder_of_version_1_is_replaced_atomically_too(model: Path, write_until: Callable[[int], int]) -> None:
    old, found = read_parts(VERSION_1), []
    for moment in range(1, 100):
        shutil.rmtree(model)
        shutil.copytree(VERSION_1, model)
        code = write_until(moment)
        found.append(read_parts(model))
        if code == 0:
            break
    assert set(found) == {old, make_parts(2)}
    assert len(list_names(model)) == 3


def test_a_reader_never_sees_a_broken_folder_while_a_writer_works(model: Path) -> None:
    found = set()
    with subprocess.Popen([sys.executable, "-c", WRITES, "150"], env=ENVIRONMENT) as writer:
        while writer.poll() is None:
            found.add(read_model(model, partial(read_parts, model)))
    assert writer.returncode == 0
    assert found == {make_parts(1), make_parts(2)}


@pytest.mark.parametrize("comes_back", [False, True])
def test_a_model_replaced_while_it_is_read_is_read_again(model: Path, comes_back: bool) -> None:
    cards = []

    def read_slowly() -> bytes:
        card = read_card(model)
        cards.append(card.horizon)
        if len(cards) == 1:
            write_parts(model, horizon=2)
        try:
            return read_network(model, card=card)
        except ConfigurationError:
            if comes_back:
                write_parts(model, horizon=1)
            raise

    assert read_model(model, read_slowly) == (b"network 1" if comes_back else b"network 2")
    assert cards == ([1, 1] if comes_back else [1, 2])


def test_a_broken_model_is_not_read_again(model: Path) -> None:
    next(model.glob("*.onnx")).unlink()
    calls = []

    def read_once() -> None:
        calls.append(1)
        read_parts(model)

    with pytest.raises(ConfigurationError, match="it is missing"):
        read_model(model, read_once)
    assert calls == [1]


@pytest.mark.parametrize(
    ("command", "place"), [("predict", "forecaster.library.opening.read_network"), ("inspect", LATE_WEIGHTS)]
)
def test_a_command_uses_one_version(
    forecast: Command, trained: Path, monkeypatch: pytest.MonkeyPatch, command: str, place: str
) -> None:
    shutil.copytree(trained / "model", "model")
    older = read_card(VERSION_1)
    newer = replace(older, source=replace(older.source, data=str(SAMPLES / "air_passengers.csv")))
    network, weights = read_network(VERSION_1, card=newer), read_weights(VERSION_1, card=newer)
    read_part = read_weights if command == "inspect" else read_network

    def read_late(folder: Path, *, card: ModelCard) -> bytes:
        write_model(folder, card=newer, network=network, weights=weights)
        return read_part(folder, card=card)

    monkeypatch.setattr(place, read_late)
    outcome = forecast(command, *(["--model"] if command == "predict" else []), "model")
    assert outcome.code == 0, outcome.stderr
    assert ("144 rows" if command == "predict" else "1 × 4") in outcome.stderr


def test_new_names_are_on_disk_before_the_card_that_holds_them(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = []
    rename, sync = os.replace, os.fsync

    def note_rename(source: Any, target: Any) -> None:
        rename(source, target)
        events.append("card" if Path(target).name == "model.json" else "part")

    def note_sync(descriptor: int) -> None:
        sync(descriptor)
        events.extend(["folder"] * stat.S_ISDIR(os.fstat(descriptor).st_mode))

    monkeypatch.setattr(os, "replace", note_rename)
    monkeypatch.setattr(os, "fsync", note_sync)
    write_parts(model, horizon=2)
    assert re.fullmatch("part (folder )?part (folder )+card( folder)+", " ".join(events))


def test_a_write_that_fails_leaves_the_old_model_and_nothing_else(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list_names(model)
    rename = os.replace

    def fail(source: Any, target: Any, **_: Any) -> None:
        if Path(target).name == "model.json":
            raise OSError(errno.ENOSPC, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(BusyError, match="disk is full"):
        write_parts(model, horizon=2)
    assert read_parts(model) == make_parts(1)
    assert list_names(model) == before


def test_only_files_of_this_program_are_removed(model: Path) -> None:
    left = {"network-000000000000.onnx", "weights-0123456789ab.safetensors"}
    of_the_user = {
        "network.onnx",
        "weights.safetensors",
        "network-old.onnx",
        "network-000000000000.onnx.bak",
        "weights-0123456789.safetensors",
        "card.json",
        "notes.json",
        ".notes-abcd_123.json",
        "checkpoint.safetensors",
        "sales.csv",
    }
    for name in left | of_the_user:
        (model / name).write_text("x")
    (model / "weights-000000000000.safetensors").mkdir()
    write_parts(model, horizon=2)
    assert of_the_user < list_names(model)
    assert not left & list_names(model)
    assert (model / "weights-000000000000.safetensors").is_dir()
    assert read_parts(model) == make_parts(2)


def test_a_base_model_in_the_same_folder_keeps_its_files(model: Path) -> None:
    card, _, _ = read_base()
    write_base(model, card=card, network=b"base", weights=b"base")
    write_parts(model, horizon=2)
    _, network, weights = read_base(model.resolve())
    assert network == weights.read_bytes() == b"base"
    write_base(model, card=card, network=b"newer", weights=b"newer")
    assert read_parts(model) == make_parts(2)
    assert len(list_names(model)) == 6


def test_a_read_only_folder_can_be_read(model: Path) -> None:
    shutil.rmtree(model)
    shutil.copytree(VERSION_1, model)
    model.chmod(0o555)
    done = run_code(READS_AS_ANYONE)
    model.chmod(0o755)
    assert done.stdout == f"{read_card(VERSION_1).horizon}\n", done.stderr
