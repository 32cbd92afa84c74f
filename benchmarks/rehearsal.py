"""Rehearse the nights of `forecast run`, good and bad ones, on real series whose rows are fed night by night.

    python -m benchmarks.rehearsal
    python -m benchmarks.rehearsal --folder FOLDER --kill "docker kill night" --command "docker run --rm --name night
        --network none --read-only --tmpfs /tmp -v FOLDER:/data -e FORECAST_HORIZON ... forecast:train"

The rows are those of sample_data/seattle_weather.csv, with their dates moved by whole weeks so that they end now. Each
night runs the container's default command; the last good forecast must be there, whole, after every one of them.
"""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data" / "seattle_weather.csv"
NIGHTS = 8
OPTIONS = {
    "FORECAST_HORIZON": "14",
    "FORECAST_MAX_AGE": f"{NIGHTS + 8}d",
    "FORECAST_MAX_CHANGE": "100%",
    "FORECAST_BUDGET": "60s",
    "FORECAST_KEEP": "10",
}


def read_sample() -> pd.DataFrame:
    """The series, moved by whole weeks so that it ends within a week of today."""
    table = pd.read_csv(SAMPLE, parse_dates=["date"])
    weeks = (datetime.now(UTC).replace(tzinfo=None) - table["date"].iloc[-1]).days // 7
    table["date"] += timedelta(weeks=weeks)
    return table


class Rehearsal:
    """A folder with the input and the runs, and the command that is rehearsed.

    `kill` is the command that ends it as a failure of the machine does, such as `docker kill`; without one its
    processes get SIGKILL, of which a container notices nothing: only its client ends.
    """

    def __init__(self, folder: Path, *, command: list[str], kill: list[str] | None = None) -> None:
        self.folder, self.command, self.kill = folder, command, kill
        self.table = read_sample()

    def feed(self, night: int, *, bad_cell: bool = False, lost_days: int = 0) -> None:
        """The input of one night; written under another name and renamed, as a careful exporter does."""
        known = self.table.iloc[: len(self.table) - NIGHTS + night - lost_days].copy()
        known["date"] = known["date"].dt.strftime("%Y-%m-%d")
        if bad_cell:
            known = known.astype(str)
            known.iloc[-3, 1] = "n/k"
        part = self.folder / "part.tmp"
        known.to_csv(part, index=False)
        part.rename(self.folder / "input.csv")

    def run(self, *words: str, killed_at: str | None = None) -> tuple[int, str]:
        """Run the command; returns its exit code and what it said. It is killed once it has said `killed_at`."""
        started = time.monotonic()
        said = ""
        with subprocess.Popen(
            [*self.command, *words],
            cwd=self.folder,
            env={**os.environ, **OPTIONS},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stderr is not None
            for line in process.stderr:
                said += line
                if killed_at is not None and line.startswith(killed_at):
                    self._kill(process)
        print(f"  exit code {process.returncode} after {time.monotonic() - started:.1f} s")
        return process.returncode, said

    def _kill(self, process: subprocess.Popen[str]) -> None:
        if self.kill is None:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            subprocess.run(self.kill, check=True, stdout=subprocess.DEVNULL)

    def read_latest(self) -> dict[str, Any] | None:
        """What latest.json says, once its files were found to be whole."""
        path = self.folder / "runs" / "latest.json"
        if not path.exists():
            return None
        latest: dict[str, Any] = json.loads(path.read_text())
        forecasts = pd.read_csv(self.folder / "runs" / latest["forecasts"])
        assert len(forecasts) == int(OPTIONS["FORECAST_HORIZON"]), "the last good forecast is not whole"
        assert not forecasts.isna().any().any(), "the last good forecast has gaps"
        return latest


def rehearse(rehearsal: Rehearsal) -> None:
    """All nights, with what is expected of each. Raises AssertionError where one is not as it should be."""
    run = ("run", "input.csv")

    def night(title: str, words: tuple[str, ...], *, code: int, kept: bool, **options: Any) -> None:
        print(f"\n{title}\n$ forecast {shlex.join(words)}")
        before = rehearsal.read_latest()
        found, said = rehearsal.run(*words, **options)
        print("\n".join(f"  {line}" for line in said.splitlines()))
        assert found == code, f"exit code {found}, not {code}"
        after = rehearsal.read_latest()
        assert after is not None
        is_same = before is not None and before["run"] == after["run"]
        assert is_same == kept, "the last good forecast should have " + ("stayed" if kept else "been replaced")

    rehearsal.feed(1)
    night("Night 1: train and forecast", run, code=0, kept=False)
    rehearsal.feed(2)
    night("Night 2: forecast with the model of the night before", run, code=0, kept=False)
    night("Night 2 again: nothing is new", run, code=0, kept=True)
    rehearsal.feed(3, lost_days=20)
    night("Night 3: an old file is there", run, code=4, kept=True)
    rehearsal.feed(4)
    killed = -signal.SIGKILL if rehearsal.kill is None else 128 + signal.SIGKILL  # as a container says it
    trains = (*run, "--retrain-after", "1s")
    night("Night 4: the machine dies while it trains", trains, code=killed, kept=True, killed_at="training started")
    night("Night 4 again: nothing is in the way", run, code=0, kept=False)
    rehearsal.feed(5, bad_cell=True)
    night("Night 5: a cell that is no number", run, code=65, kept=True)
    rehearsal.feed(NIGHTS)
    night("Night 6: good again", run, code=0, kept=False)
    night("How good were they?", ("monitor", "input.csv"), code=0, kept=True)
    left = [path.name for path in (rehearsal.folder / "runs").iterdir() if path.name.startswith(".")]
    assert not left, f"left behind: {left}"
    print("\nAll nights ended as they should, and the last good forecast was there after each of them.")


def main() -> None:
    """Rehearse with the command that is given, or with this Python."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--command", help="what runs forecast; FOLDER in it is the folder of the data")
    parser.add_argument("--kill", help="what kills it where it is a container, such as 'docker kill night'")
    parser.add_argument("--folder", help="an empty folder to work in (default: a temporary one)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments.folder or temporary).resolve()
        words = shlex.split(arguments.command) if arguments.command else [sys.executable, "-m", "forecaster"]
        kill = shlex.split(arguments.kill) if arguments.kill else None
        rehearse(Rehearsal(folder, command=[word.replace("FOLDER", str(folder)) for word in words], kill=kill))


if __name__ == "__main__":
    main()
