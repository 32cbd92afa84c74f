"""The folder of the runs: one folder for each, which is renamed when complete; `latest.json` names the last good one.

A run is written into a hidden folder, and gets its name in one rename, so a folder with a name is complete. A killed
run leaves the hidden folder, which the next run removes. `latest.json` names the last run that met its gates, and is
replaced atomically after that run has its name; so what it names is always there and complete.
"""

import json
import re
import secrets
import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from forecaster.errors import ConfigurationError
from forecaster.files import explain_write_error, sync_folder, write_text
from forecaster.model.typed_json import read_as
from forecaster.nightly.promises import Promise
from forecaster.nightly.record import SCHEMA_VERSION, UNREADABLE, PastRun, RunRecord

__all__ = [
    "FLAG",
    "FORECASTS",
    "LATEST",
    "LOG",
    "METRICS",
    "QUANTILES",
    "RECORD",
    "REJECTED",
    "Latest",
    "RunsFolder",
]

LATEST, RECORD, LOG, METRICS = "latest.json", "run.json", "log.jsonl", "metrics.json"
FORECASTS, REJECTED, QUANTILES = "forecasts.csv", "rejected-forecasts.csv", "quantiles.parquet"
FLAG = "--runs"
"""The option that names the folder, for messages."""
UNFINISHED = ".unfinished-"
NAME = re.compile(r"(\d{8}T\d{6}Z)-[0-9a-f]{8}")
TIME = "%Y%m%dT%H%M%SZ"
LAST_YEAR = 9000


@dataclass(frozen=True)
class Latest:
    """The content of `latest.json`: the name of the last good run, and its files, relative to the folder of runs.

    `sizes` are the bytes of the first two of these files, by their names here; earlier versions did not write them.
    """

    run: str
    forecasts: str
    metrics: str
    record: str
    key: str
    ended: str
    cutoff: str | None
    sizes: dict[str, int] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True)
class _Held:
    """The scores of the model on held-out windows, as `metrics.json` has them."""

    MASE: float | None = None
    WQL: float | None = None
    coverage: dict[str, float | None] = field(default_factory=dict)


def _is_sound(content: dict[str, Any]) -> bool:
    """Whether `latest.json` names a run of this version, and files in its folder alone."""
    run = str(content["run"])
    files = [str(content[name]) for name in ("forecasts", "metrics", "record")]
    is_named = NAME.fullmatch(run) is not None and content["schema_version"] == SCHEMA_VERSION
    are_own = all(Path(name).parts == (run, Path(name).name) for name in files)
    return is_named and are_own and isinstance(content["key"], str) and isinstance(content.get("sizes", {}), dict)


@dataclass(frozen=True)
class RunsFolder:
    """The folder that holds all runs; only the holder of its lock may write into it."""

    path: Path

    def read_latest(self) -> Latest | None:
        """What `latest.json` says, None where there is none. Raises ConfigurationError where it cannot be read."""
        path = self.path / LATEST
        try:
            content: Any = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ConfigurationError(f"{LATEST} cannot be read ({reason})") from error
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"{LATEST} is broken") from error
        names = set(Latest.__dataclass_fields__)
        if not isinstance(content, dict) or not names - {"sizes"} <= set(content) or not _is_sound(content):
            raise ConfigurationError(f"{LATEST} is not one that this version writes")
        return Latest(**{name: content[name] for name in names & set(content)})

    def list_runs(self) -> list[str]:
        """The names of the runs that are complete, the oldest first."""
        if not self.path.is_dir():
            return []
        return sorted(path.name for path in self.path.iterdir() if _read_time(path.name) and path.is_dir())

    def holds(self, latest: Latest) -> bool:
        """Whether the files that `latest` names are there, as large as they were, and none of them is empty."""
        files = {name: self.path / getattr(latest, name) for name in ("forecasts", "metrics", "record")}
        sizes = {name: path.stat().st_size if path.is_file() else 0 for name, path in files.items()}
        return all(sizes.values()) and all(sizes.get(name) == size for name, size in latest.sizes.items())

    def read_records(self) -> tuple[PastRun, ...]:
        """What the records of the complete runs say, the oldest first; those that cannot be read are UNREADABLE."""
        return tuple(map(self._read_record, self.list_runs()))

    def _read_record(self, run: str) -> PastRun:
        try:
            found = read_as(PastRun, json.loads((self.path / run / RECORD).read_text()))
        except (OSError, ValueError, RecursionError):
            return PastRun(run, UNREADABLE)
        return replace(found, run=run)  # a copied folder has the record of another run

    def begin(self) -> Path:
        """A new hidden folder to write a run into; those of killed runs are removed."""
        for path in self.path.glob(f"{UNFINISHED}*"):
            shutil.rmtree(path, ignore_errors=True)
        folder = self.path / f"{UNFINISHED}{secrets.token_hex(4)}"
        try:
            folder.mkdir()
        except OSError as error:
            raise explain_write_error(error, path=self.path / RECORD, flag=FLAG) from error
        return folder

    def read_promise(self, run: str) -> Promise:
        """What the held-out windows of a run promised; nothing where that cannot be read."""
        try:
            content: Any = json.loads((self.path / run / METRICS).read_text())
            scores = read_as(_Held, content["held_out"]["overall"]["forecast"])
        except (OSError, ValueError, RecursionError, KeyError, TypeError):
            return Promise()
        return Promise({"MASE": scores.MASE, "WQL": scores.WQL}, scores.coverage)

    def discard(self, folder: Path) -> None:
        """Remove a run that is to leave nothing."""
        # renamed first, so that no reader meets a folder that is half gone
        hidden = folder if folder.name.startswith(UNFINISHED) else folder.with_name(f"{UNFINISHED}{folder.name}")
        with suppress(OSError):
            folder.rename(hidden)
        shutil.rmtree(hidden, ignore_errors=True)

    def strip(self, folder: Path, *, kept: Collection[str]) -> None:
        """Remove all files of a run but its record and those `kept`."""
        for path in folder.iterdir():
            if path.name not in {RECORD, *kept}:
                path.unlink()

    def choose_time(self, now: datetime) -> datetime:
        """`now`, or a second after the newest run where that is later: names sort by time even if a clock goes back."""
        runs = self.list_runs()
        newest = _read_time(runs[-1]) if runs else None
        return now if newest is None else max(now, newest + timedelta(seconds=1))

    def finish(self, folder: Path, *, record: RunRecord) -> Path:
        """Give the unfinished `folder` the name of its run, with its record in it; where it has it, only the record."""
        try:
            write_text(folder / RECORD, text=record.as_json(), flag=FLAG)
            target = self.path / record.run
            if folder != target:
                folder.rename(target)
        except OSError as error:
            raise explain_write_error(error, path=folder / RECORD, flag=FLAG) from error
        sync_folder(self.path)
        return target

    def point_to(self, record: RunRecord) -> None:
        """Make the run of `record` the last good one."""
        run = record.run
        forecasts, metrics = f"{run}/{record.outputs['forecasts']}", f"{run}/{METRICS}"
        latest = Latest(
            run,
            forecasts,
            metrics,
            f"{run}/{RECORD}",
            record.key or "",
            record.ended or "",
            record.input.cutoff if record.input else None,
            {
                "forecasts": (self.path / forecasts).stat().st_size,
                "metrics": (self.path / metrics).stat().st_size,
            },
        )
        write_text(self.path / LATEST, text=json.dumps(asdict(latest), indent=2) + "\n", flag=FLAG)

    def prune(self, *, keep: int, good: Collection[str]) -> list[str]:
        """Remove all but the newest `keep` of the `good` runs and `keep` others; what `latest.json` names stays.

        Returns the names of what was removed. Failed ones count apart, or many of them would drive out the good ones.
        """
        latest = None
        with suppress(ConfigurationError):
            latest = self.read_latest()
        is_good: dict[bool, list[str]] = {True: [], False: []}
        for run in self.list_runs():
            is_good[run in good].append(run)
        old = [run for runs in is_good.values() for run in runs[:-keep] if latest is None or run != latest.run]
        for run in old:
            self.discard(self.path / run)
        return old


def _read_time(name: str) -> datetime | None:
    """The time in the name of a run; None for another name."""
    found = NAME.fullmatch(name)
    try:
        time = None if found is None else datetime.strptime(found[1], TIME).replace(tzinfo=UTC)
    except ValueError:  # no such day
        return None
    return None if time is None or time.year > LAST_YEAR else time
