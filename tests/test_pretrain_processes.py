"""`forecast pretrain` as a process with its workers: a signal to all of them, and their folder for temporary files."""

import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_a_signal_to_the_whole_group_saves_the_work_however_long_the_path_of_temporary_files_is(
    tmp_path: Path,
) -> None:
    temporary, output = tmp_path / ("long" * 25), tmp_path / "base"  # longer than the name of a socket may be
    temporary.mkdir()
    output.mkdir()
    words = ["--steps", "100000", "--batch", "4", "--hidden", "4", "--layers", "1", "--output", str(output)]
    command = [sys.executable, "-m", "forecaster", "pretrain", *words]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    watched, terminal = pty.openpty()
    shown = b""
    with (
        subprocess.Popen(command, env=environment, stderr=terminal, start_new_session=True) as process,
        os.fdopen(watched, "rb", buffering=0) as screen,
    ):
        os.close(terminal)
        while b"loss" not in shown:
            shown += screen.read(4096)
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(OSError):  # raised where the terminal closes
            while more := screen.read(4096):
                shown += more
    assert process.returncode == 143, shown.decode()
    assert b"--resume" in shown
    assert [path.name for path in output.iterdir()] == ["checkpoint.safetensors"]
