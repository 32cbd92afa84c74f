"""Files are written completely or not at all; links, pipes, devices, modes and owners are kept."""

import errno
import os
import pty
import socket
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from forecaster.errors import BusyError, ConfigurationError
from forecaster.files import check_folder_writable, check_writable, write_files, write_text, write_together


@pytest.fixture(params=[0o022, 0o077, 0o002], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    mask: int = request.param
    before = os.umask(mask)
    yield mask
    os.umask(before)


def list_files() -> dict[str, str]:
    """Every path below the current folder with its text, None for folders."""
    return {str(path): path.read_text() if path.is_file() else "" for path in sorted(Path().rglob("*"))}


def fail_with(number: int) -> Any:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_model_folder_is_created() -> None:
    write_together({Path("model/a.bin"): b"one", Path("model/b.json"): b"two"})
    assert list_files() == {"model": "", "model/a.bin": "one", "model/b.json": "two"}


def test_only_the_last_part_of_the_path_is_created() -> None:
    for place in ("new/model", "new/deep/model"):
        with pytest.raises(ConfigurationError, match=r"new/.*: there is no folder /.*/new.*\. Create it, or name"):
            write_together({Path(place) / "a.bin": b"one"})
        with pytest.raises(ConfigurationError, match=f"^{place}: there is no folder /.*/new.*Create it.*--model"):
            check_folder_writable(Path(place))
    assert list_files() == {}
    check_folder_writable(Path("model"))
    Path("new").mkdir()
    check_folder_writable(Path("new/model"))
    check_folder_writable(Path("new"))
    assert list_files() == {"new": ""}


def test_no_folder_is_created_for_an_output() -> None:
    here = Path.cwd()
    with pytest.raises(ConfigurationError, match=f"^new/out.csv: there is no folder {here}/new. Create it.*--output"):
        write_text(Path("new/out.csv"), text="x")
    with pytest.raises(ConfigurationError, match=f"^new/out.csv: there is no folder {here}/new. Create it.*--output"):
        check_writable(Path("new/out.csv"))
    assert list_files() == {}


def test_text_is_utf_8() -> None:
    write_text(Path("note.txt"), text="Köln\n")
    assert Path("note.txt").read_bytes() == "Köln\n".encode()


def test_a_new_file_has_the_default_mode(umask: int) -> None:
    write_text(Path("note.txt"), text="x")
    assert Path("note.txt").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o755], ids=oct)
def test_a_file_keeps_its_mode(mode: int, umask: int) -> None:
    Path("note.txt").write_text("old")
    Path("note.txt").chmod(mode)
    write_text(Path("note.txt"), text="new")
    assert (Path("note.txt").read_text(), stat.S_IMODE(Path("note.txt").stat().st_mode)) == ("new", mode)
    del umask


def test_a_file_keeps_its_owner_where_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("note.txt").write_text("old")
    before = Path("note.txt").stat()
    given: list[tuple[int, int]] = []

    def give(_: int, user: int, group: int) -> None:
        given.append((user, group))
        if group == -1:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "fchown", give)
    write_text(Path("note.txt"), text="new")
    assert given == [(before.st_uid, -1), (-1, before.st_gid)]
    assert Path("note.txt").read_text() == "new"


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()], ids=["error", "ctrl-c"])
def test_the_old_file_stays_when_the_writer_fails(error: BaseException) -> None:
    Path("table.csv").write_text("old")

    def write(file: BinaryIO) -> None:
        file.write(b"half")
        raise error

    with pytest.raises(type(error)):
        write_files({Path("table.csv"): write})
    assert list_files() == {"table.csv": "old"}


def test_none_of_several_files_is_replaced_when_one_cannot_be_written() -> None:
    write_together({Path("model/a"): b"old", Path("model/b"): b"old"})

    def write_half(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(BusyError, match=r"model/b: the disk is full, nothing was written. Free some space"):
        write_files({Path("model/a"): lambda file: file.write(b"new"), Path("model/b"): write_half})
    assert list_files() == {"model": "", "model/a": "old", "model/b": "old"}


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, BusyError), (errno.EDQUOT, BusyError), (errno.EROFS, ConfigurationError)],
    ids=["full", "quota", "read-only"],
)
def test_no_new_folder_is_left_behind(monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]) -> None:
    monkeypatch.setattr(tempfile, "mkstemp", fail_with(number))
    with pytest.raises(kind):
        write_together({Path("new/note.txt"): b"x"})
    assert list_files() == {}


def test_the_bytes_are_on_disk_before_the_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bool, int]] = []
    monkeypatch.setattr(os, "fsync", lambda handle: seen.append((Path("note.txt").exists(), os.fstat(handle).st_size)))
    write_text(Path("note.txt"), text="x")
    assert seen == [(False, 1)]


@pytest.mark.parametrize("target", ["target.txt", "/{folder}/target.txt", "middle.txt"])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_and_its_target_is_written(tmp_path: Path, target: str, is_there: bool) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "middle.txt").symlink_to("target.txt")
    if is_there:
        (folder / "target.txt").write_text("old")
        (folder / "target.txt").chmod(0o600)
    Path("link.txt").symlink_to(folder / target.format(folder=folder))
    check_writable(Path("link.txt"))
    write_text(Path("link.txt"), text="new")
    assert Path("link.txt").is_symlink()
    assert (folder / "middle.txt").is_symlink()
    assert sorted(path.name for path in folder.iterdir()) == ["middle.txt", "target.txt"]
    assert (folder / "target.txt").read_text() == "new"
    assert stat.S_IMODE((folder / "target.txt").stat().st_mode) == (0o600 if is_there else 0o666 & ~0o022)


def test_a_link_into_a_missing_folder_or_to_itself_is_refused() -> None:
    Path("lost.txt").symlink_to("gone/target.txt")
    Path("loop.txt").symlink_to("loop.txt")
    for name, reason in (("lost.txt", "there is no folder /.*/gone. Create it"), ("loop.txt", "too many levels")):
        with pytest.raises(ConfigurationError, match=f"^{name}: .*{reason}"):
            check_writable(Path(name))
        with pytest.raises(ConfigurationError, match=f"^{name}: .*{reason}"):
            write_text(Path(name), text="x")
        assert Path(name).is_symlink()


def test_a_pipe_is_written_into() -> None:
    os.mkfifo("pipe.csv")
    Path("link.csv").symlink_to("pipe.csv")
    check_writable(Path("link.csv"))
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe.csv").read_bytes()), daemon=True)
    reader.start()
    write_files({Path("link.csv"): lambda file: [file.write(b"a"), file.write(b"b")]})
    reader.join(timeout=60)
    assert read == [b"ab"]
    assert Path("pipe.csv").is_fifo()
    assert Path("link.csv").is_symlink()


def test_nothing_is_sent_into_a_pipe_before_all_files_are_complete() -> None:
    os.mkfifo("pipe")

    def fail(_: BinaryIO) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    # the pipe has no reader: opening it would block forever
    with pytest.raises(BusyError, match=r"^table: the disk is full"):
        write_files({Path("pipe"): lambda file: file.write(b"x"), Path("table"): fail})


def test_a_device_is_written_into() -> None:
    # a terminal: if a bug replaced it, no real device would be lost
    screen, terminal = pty.openpty()
    Path("link.csv").symlink_to(os.ttyname(terminal))
    check_writable(Path("link.csv"))
    write_text(Path("link.csv"), text="x")
    assert os.read(screen, 10) == b"x"
    assert Path(os.ttyname(terminal)).is_char_device()
    assert Path("link.csv").is_symlink()
    for handle in (screen, terminal):
        os.close(handle)


def test_checking_a_writable_path_changes_nothing() -> None:
    check_writable(Path("out.csv"))
    assert list_files() == {}


def test_a_path_that_cannot_be_written_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("data.csv").write_text("x")
    with pytest.raises(ConfigurationError, match=r"data\.csv/out\.csv: cannot be written \(not a directory\)"):
        check_writable(Path("data.csv/out.csv"))
    with pytest.raises(ConfigurationError, match=r"data\.csv: cannot be written \(not a directory\)"):
        check_folder_writable(Path("data.csv"))
    with pytest.raises(ConfigurationError, match=r"x+: cannot be written \(file name too long\)"):
        check_writable(Path("x" * 300))
    Path("folder").mkdir()
    with pytest.raises(ConfigurationError, match="folder is a folder: name a file"):
        check_writable(Path("folder"))
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("door")
        with pytest.raises(ConfigurationError, match="door is neither a file nor a pipe: name a file"):
            check_writable(Path("door"))
    os.mkfifo("pipe")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ConfigurationError, match=r"pipe: cannot be written \(permission denied\)"):
        check_writable(Path("pipe"))
    monkeypatch.setattr(tempfile, "TemporaryFile", fail_with(errno.EACCES))
    with pytest.raises(ConfigurationError, match=r"out\.csv: cannot be written \(permission denied\).*--output"):
        check_writable(Path("out.csv"))
