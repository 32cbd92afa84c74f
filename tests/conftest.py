"""Shared fixtures and helpers: run the command line in this process, sample data, and a small trained model."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import fastparquet
import numpy as np
import pandas as pd
import pytest

from forecaster.cli.app import run
from forecaster.machine import share_busy_cores
from tests.browser import CHROMIUM, DRIVER, REASON, Browser, open_browser

share_busy_cores()
# each of several workers has a core of its own: threads that wait for those of another worker took half of the time;
# the workers begin with this variable, as NumPy reads it once
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ALL_CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
OWN_CORES = ALL_CORES
if ALL_CORES and "PYTEST_XDIST_WORKER" in os.environ:
    number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    OWN_CORES = {sorted(ALL_CORES)[number % len(ALL_CORES)]}
    os.sched_setaffinity(0, OWN_CORES)
# what the tests are made of stays until the end: looking through it for garbage took a tenth of the start
gc.disable()
# a shell's background job ignores SIGINT, and so would the commands that the tests start
signal.signal(signal.SIGINT, signal.default_int_handler)


def _skip_sync(descriptor: int) -> None:
    os.fstat(descriptor)  # fails for one that is closed, as a sync does


# no test pulls the plug: waiting for the disk after each of thousands of files helps none of them
os.fsync = _skip_sync  # type: ignore[assignment]

SLOW_TESTS = Path(__file__).with_name("slow_tests.txt")
SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"


@dataclass(frozen=True)
class Outcome:
    """The result of one command line."""

    code: int
    stdout: str
    stderr: str


Command = Callable[..., Outcome]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that were measured to be slow, see `benchmarks/slow_tests.py`."""
    slow = {*SLOW_TESTS.read_text().split()}
    for item in items:
        if item.nodeid.split("[")[0] in slow:
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Collect garbage from here on, and not among the tests and modules that there are."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run every test in an empty folder, without FORECAST_ variables, and restore signal handlers after it."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("FORECAST_"):
            monkeypatch.delenv(name)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def all_cores() -> Iterator[None]:
    """Let what runs in several threads do so."""
    if ALL_CORES:
        os.sched_setaffinity(0, ALL_CORES)
    yield
    if OWN_CORES:
        os.sched_setaffinity(0, OWN_CORES)


@pytest.fixture
def forecast(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `forecast` with the given words, in this process."""

    def call(*words: str | Path) -> Outcome:
        capsys.readouterr()
        code = run([str(word) for word in words])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


def make_monthly(*, series: int = 4, length: int = 72, seed: int = 0) -> pd.DataFrame:
    """A long-form table of seasonal monthly series."""
    generator = np.random.default_rng(seed)
    steps = np.arange(length)
    frames = []
    for number in range(series):
        values = 100 + 10 * number + 0.5 * steps + 20 * np.sin(2 * np.pi * steps / 12) + generator.normal(0, 3, length)
        dates = pd.date_range("2015-01-01", periods=length, freq="MS").strftime("%Y-%m-%d")
        frames.append(pd.DataFrame({"shop": f"s{number}", "date": dates, "sales": values.round(3)}))
    return pd.concat(frames, ignore_index=True)


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a table with fastparquet directly, since pandas is dropping support for it."""
    with path.open("rb") as file:
        table: pd.DataFrame = fastparquet.ParquetFile(file).to_pandas()
    return table


@pytest.fixture
def monthly_csv(tmp_path: Path) -> Path:
    """Four monthly series of 72 steps."""
    path = tmp_path / "shops.csv"
    make_monthly().to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `shops.csv` and a small `model/` that was trained on it; do not change them."""
    folder = tmp_path_factory.mktemp("trained")
    make_monthly().to_csv(folder / "shops.csv", index=False)
    words = [
        "train",
        "shops.csv",
        "--id",
        "shop",
        "--horizon",
        "6",
        "--steps",
        "20",
        "--from-scratch",
        "--hidden",
        "8",
        "--quiet",
    ]
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert run([*words, "--context", "24"]) == 0
    finally:
        os.chdir(before)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _few_windows_of_errors() -> Iterator[None]:
    """Learn a correction of errors from a few windows, in few steps: they would take most of a short training."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forecaster.learning.correction.MAX_WINDOWS", 500)
        for name in ("STEPS", "MIN_STEPS"):
            patch.setattr(f"forecaster.learning.adapter.{name}", 400)
        yield


@pytest.fixture(scope="session", autouse=True)
def _keep_freed_memory() -> Iterator[None]:
    """Give no memory back after each part: a worker soon has more than the limits of the tests, where it takes long."""

    def keep(*, above: int) -> None:
        assert above > 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forecaster.scale.predicting.free_memory", keep)
        yield


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A real browser; tests that ask for it are skipped where there is none."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip(REASON)
    with open_browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened
