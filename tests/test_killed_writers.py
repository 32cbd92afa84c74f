"""What a killed writer leaves behind is known as such, and what a living one writes is not."""

import errno
import fcntl
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from forecaster.data.files.finding import find_files
from forecaster.files import write_text
from tests.test_files import fail_with, list_files

WRITER = """
import sys
from pathlib import Path
from forecaster.files import write_files

def write(file):
    file.write(b"half, ")
    file.flush()
    print("writing", flush=True)
    sys.stdin.readline()
    file.write(b"whole")

write_files({Path(sys.argv[1]): write})
"""


@contextmanager
def writing(path: str) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of writing to `path`; it goes on after a line, and is killed in the end."""
    words = [sys.executable, "-c", WRITER, path]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        try:
            yield process
        finally:
            process.kill()


def test_what_a_killed_writer_left_is_no_data_and_removed_by_the_next() -> None:
    Path("table.csv").write_text("old")
    with writing("table.csv") as first, writing("other.csv") as second:
        first.send_signal(signal.SIGKILL)
        second.send_signal(signal.SIGKILL)
    left = {path.name for path in Path().iterdir()} - {"table.csv"}
    assert len(left) == 2
    assert all(name.startswith(".") and not name.endswith(("csv", "gz", "json", "parquet")) for name in left)
    assert (find_files(".").files, find_files("*").files) == ([Path("table.csv")], [Path("table.csv")])
    write_text(Path("table.csv"), text="new")
    assert list_files() == {"table.csv": "new"}


def test_what_a_killed_writer_left_in_another_folder_stays() -> None:
    Path("other").mkdir()
    with writing("other/table.csv") as process:
        process.send_signal(signal.SIGKILL)
    write_text(Path("table.csv"), text="new")
    assert len(list(Path("other").iterdir())) == 1
    Path("link.csv").symlink_to("other/table.csv")
    write_text(Path("link.csv"), text="new")
    assert [path.name for path in Path("other").iterdir()] == ["table.csv"]


def test_writers_that_are_alive_do_not_remove_the_files_of_one_another() -> None:
    with writing("table.csv") as first, writing("table.csv") as second:
        write_text(Path("table.csv"), text="third")
        assert len(list(Path().iterdir())) == 3
        second.communicate("\n")
        assert Path("table.csv").read_text() == "half, whole"
        write_text(Path("table.csv"), text="third")
        first.communicate("\n")
    assert (first.returncode, second.returncode) == (0, 0)
    assert list_files() == {"table.csv": "half, whole"}


def test_a_file_that_is_swept_before_it_is_locked_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    make, made = tempfile.mkstemp, []

    def make_and_sweep(**words: Any) -> tuple[int, str]:
        made.append(make(**words))
        if len(made) == 1:
            Path(made[0][1]).unlink()
        return made[-1]

    monkeypatch.setattr(tempfile, "mkstemp", make_and_sweep)
    write_text(Path("note.txt"), text="x")
    assert (len(made), list_files()) == (2, {"note.txt": "x"})


def test_where_nothing_can_be_locked_nothing_is_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    with writing("table.csv") as process:
        process.send_signal(signal.SIGKILL)
    monkeypatch.setattr(fcntl, "flock", fail_with(errno.ENOLCK))
    write_text(Path("table.csv"), text="new")
    assert sorted(path.suffix for path in Path().iterdir()) == [".csv", ".partial"]
