"""Memory that is not needed any more is given back where a limit is near, and only there."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from forecaster import machine


class Circle:
    """Refers to itself, as a text column of pandas does whose parts were looked at."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def test_what_refers_to_itself_is_given_back_above_the_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Mock()
    monkeypatch.setattr("forecaster.machine.ctypes.CDLL", Mock(return_value=library))
    monkeypatch.setattr("forecaster.machine.sys.platform", "linux")
    left = weakref.ref(Circle())
    machine.free_memory(above=10**15)
    assert left() is not None
    assert not library.malloc_trim.called
    machine.free_memory(above=1_000_000)
    assert left() is None
    library.malloc_trim.assert_called_once_with(0)


def test_it_is_given_back_as_far_as_the_system_and_its_library_can(monkeypatch: pytest.MonkeyPatch) -> None:
    # as on systems without /proc, and with another C library than that of GNU
    monkeypatch.setattr(Path, "read_text", Mock(side_effect=FileNotFoundError))
    monkeypatch.setattr("forecaster.machine.ctypes.CDLL", Mock(return_value=object()))
    left = weakref.ref(Circle())
    machine.free_memory(above=10**15)
    assert left() is None
