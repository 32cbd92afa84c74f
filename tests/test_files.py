"""Files are there whole, or as they were before."""

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forecaster.errors import BusyError, ConfigurationError
from forecaster.files import check_writable, write_atomically, write_text, write_together


@pytest.fixture(params=[0o022, 0o077, 0o002], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    mask: int = request.param
    before = os.umask(mask)
    yield mask
    os.umask(before)


def list_files() -> dict[str, str]:
    """Every file below this folder with its text; folders have none."""
    return {str(path): path.read_text() if path.is_file() else "" for path in sorted(Path().rglob("*"))}


def fail_with(number: int) -> Any:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def test_files_are_written_with_the_folders_they_need() -> None:
    write_together({Path("model/a.bin"): b"one", Path("model/deep/b.json"): b"two"})
    assert list_files() == {"model": "", "model/a.bin": "one", "model/deep": "", "model/deep/b.json": "two"}


def test_text_is_utf_8() -> None:
    write_text(Path("note.txt"), text="Köln\n")
    assert Path("note.txt").read_bytes() == "Köln\n".encode()


def test_a_new_file_has_the_mode_that_any_other_would_have(umask: int) -> None:
    write_text(Path("note.txt"), text="x")
    assert Path("note.txt").stat().st_mode & 0o777 == 0o666 & ~umask


def test_the_writer_gets_a_place_with_the_same_ending() -> None:
    places: list[Path] = []
    write_atomically(Path("out/table.parquet"), write=lambda path: places.append(path))
    assert places[0].suffix == ".parquet"
    assert places[0].parent == Path("out").resolve()
    assert list_files() == {"out": "", "out/table.parquet": ""}


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()], ids=["error", "ctrl-c"])
def test_what_was_there_stays_when_the_writer_fails(error: BaseException) -> None:
    Path("table.csv").write_text("old")

    def write(path: Path) -> None:
        path.write_text("half")
        raise error

    with pytest.raises(type(error)):
        write_atomically(Path("table.csv"), write=write)
    assert list_files() == {"table.csv": "old"}


def test_none_of_several_files_is_replaced_when_one_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    write_together({Path("model/a"): b"old", Path("model/b"): b"old"})
    write_bytes = Path.write_bytes

    def write_half(path: Path, data: bytes) -> int:
        if path.name.startswith(".b"):
            write_bytes(path, data[:1])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(BusyError, match=r"model/b: the disk is full, nothing was written. Make room"):
        write_together({Path("model/a"): b"new", Path("model/b"): b"new"})
    assert list_files() == {"model": "", "model/a": "old", "model/b": "old"}


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, BusyError), (errno.EDQUOT, BusyError), (errno.EROFS, ConfigurationError)],
    ids=["full", "quota", "read-only"],
)
def test_no_new_folder_is_left_behind(monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]) -> None:
    monkeypatch.setattr(tempfile, "mkstemp", fail_with(number))
    with pytest.raises(kind):
        write_text(Path("new/deep/note.txt"), text="x")
    assert list_files() == {}


def test_the_bytes_are_on_disk_before_they_take_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(Path("note.txt").exists()))
    write_text(Path("note.txt"), text="x")
    assert seen == [False]


@pytest.mark.parametrize("place", ["out.csv", "new/deep/out.csv"])
def test_a_place_that_can_be_written_is_left_as_it_is(place: str) -> None:
    check_writable(Path(place))
    assert list_files() == {}


def test_a_place_that_cannot_be_written_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("data.csv").write_text("x")
    with pytest.raises(ConfigurationError, match=r"data\.csv/new/out\.csv: cannot be written \(not a directory\)"):
        check_writable(Path("data.csv/new/out.csv"))
    Path("folder").mkdir()
    with pytest.raises(ConfigurationError, match="folder is a folder: name a file"):
        check_writable(Path("folder"))
    monkeypatch.setattr(tempfile, "TemporaryFile", fail_with(errno.EACCES))
    with pytest.raises(ConfigurationError, match=r"out\.csv: cannot be written \(permission denied\).*--output"):
        check_writable(Path("out.csv"))
