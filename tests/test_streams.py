"""Stdin, stdout and stderr in a real shell: closed, full, without a reader, or with a limited encoding."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import make_monthly

pytestmark = pytest.mark.slow

RUN_EACH = """
import sys
from forecaster.cli.streams import open_streams
open_streams()  # as the program does
from forecaster.cli.app import run
for line in sys.argv[1:]:
    code = run(line.split())
    sys.stdout.flush()
    print("ended with", code, file=sys.stderr, flush=True)
"""
FULL, CLOSED = "stdout: the disk is full", "stdout: cannot be written (bad file descriptor)"
NAMES = {"s0": "Köln", "s1": "東京", "s2": "plain", "s3": "São"}


@pytest.fixture(autouse=True)
def shops_csv(tmp_path: Path) -> Path:
    path = tmp_path / "shops.csv"
    table = make_monthly()
    table["shop"] = table["shop"].map(NAMES)
    table.to_csv(path, index=False)
    return path


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The result of a line of bash in which `forecast` is this program."""
    define = f'forecast() {{ "{sys.executable}" -m forecaster "$@"; }}; export FORECAST_ID=shop; '
    command = ["bash", "-c", define + line]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=False)


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("forecast predict shops.csv --quiet --output - >/dev/full", 75, FULL),
        ("forecast predict shops.csv --quiet --output - >&-", 78, CLOSED),
        ("forecast predict shops.csv --quiet --json >/dev/full", 75, FULL),
        ("forecast predict shops.csv --quiet --json >&-", 78, CLOSED),
        ("forecast --help >/dev/full", 75, FULL),
        ("forecast predict - <&-", 65, "stdin: the file is empty"),
    ],
)
def test_a_stream_that_cannot_be_used_is_named(line: str, code: int, says: str) -> None:
    done = shell(line)
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, len(lines)) == (code, 1), lines
    assert lines[0].startswith(f"error: {says}")


# whatever the command is, its messages go the same way
@pytest.mark.parametrize(
    ("command", "stderr"),
    [("predict", "2>&-"), ("predict", "2>/dev/full"), ("predict", "2> >(true)"), ("evaluate", "2>/dev/full")],
    ids=["closed", "full", "left", "full, evaluate"],
)
def test_work_is_done_although_messages_cannot_be_written(command: str, stderr: str) -> None:
    done = shell(f"forecast {command} shops.csv --json {stderr}")
    assert done.returncode == 0
    assert done.stdout.startswith(f'{{"command": "{command}"'.encode())
    assert len(pd.read_csv("forecasts.csv" if command == "predict" else "metrics.csv")) >= 16


def test_no_file_gets_the_descriptor_of_a_closed_stream() -> None:
    code = "from forecaster.cli.streams import open_streams; open_streams(); print(open('shops.csv').fileno() > 2)"
    done = shell(f'"{sys.executable}" -c "{code}" <&- 2>&-')
    assert done.stdout == b"True\n"


@pytest.mark.parametrize(("reader", "horizon", "code"), [("head -1", 1, 3), ("head -1", 5000, 0), ("true", 1, 0)])
def test_a_reader_that_closes_the_pipe_changes_nothing(shops_csv: Path, reader: str, horizon: int, code: int) -> None:
    """Whether or not the pipe took everything before the reader left."""
    if code == 3:
        with shops_csv.open("a") as file:
            file.write("empty,2020-12-01,\n")
    line = f"forecast predict shops.csv --quiet --output - --horizon {horizon} | {reader}; exit ${{PIPESTATUS[0]}}"
    done = shell(line)
    assert (done.returncode, done.stderr) == (code, b"")
    assert done.stdout.startswith(b"shop,date,forecast") == (reader != "true")


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"PYTHONIOENCODING": "ascii"}, b"'K?ln', '??', 'plain'"),
        ({"PYTHONIOENCODING": "latin-1"}, b"'K\xf6ln', '??', 'plain'"),
        ({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, b"'K?ln', '??', 'plain'"),
    ],
    ids=["ascii", "latin-1", "plain locale"],
)
def test_data_are_utf_8_and_messages_use_the_terminal_encoding(environment: dict[str, str], named: bytes) -> None:
    lines = [
        "predict shops.csv --output -",
        "inspect base shops.csv --series plane",
        "inspect base shops.csv --series plain",
    ]
    # one after the other in a process of this encoding
    words = [sys.executable, "-c", RUN_EACH, *lines]
    settings = {**os.environ, "FORECAST_ID": "shop", **environment}
    done = subprocess.run(words, env=settings, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {row.split(",")[0] for row in done.stdout.decode().splitlines()[1:]} == set(NAMES.values())
    predicted, refused, inspected = done.stderr.split(b"ended with ")[:3]
    assert predicted
    assert b"no such series" in refused
    nearest = refused.split(b"The nearest are ")[1].strip(b".\n").split(b", ")
    assert sorted(nearest) == sorted(named.split(b", "))
    assert b" | ?????" in inspected  # the chart
    assert re.findall(rb"ended with (\d+)", done.stderr) == [b"0", b"2", b"0"]
