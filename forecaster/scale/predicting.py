"""Forecast inputs that are larger than memory on one machine: in parts, with the same result as in one go."""

import pickle
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecaster.data.contents import Content, find_contents, find_kind
from forecaster.data.finding import describe_names
from forecaster.data.frames import Origin
from forecaster.data.parquet import read_parquet
from forecaster.data.read_options import ReadOptions
from forecaster.data.sniffing import find_sources
from forecaster.errors import DataError, UsageError
from forecaster.files import write_files
from forecaster.forecasting.writing import make_writer
from forecaster.library.inputs import Given, Remark, ignore
from forecaster.library.model import Model
from forecaster.machine import count_usable_cpus, map_on_cores
from forecaster.scale.chunks import check_sources, read_chunks, read_head
from forecaster.scale.engine import ROW, Engine
from forecaster.scale.folder import check_new_folder, open_work_folder, publish
from forecaster.scale.part_forecaster import PartForecaster, PartResult, Request, decide
from forecaster.scale.roles import HEAD_ROWS, name_roles, refuse_options
from forecaster.scale.survey import PartReader, Survey, find_basis, join_surveys, survey_part

__all__ = ["PartsWritten", "predict_in_parts"]

LEAST_MEMORY = 400_000_000
"""Bytes with which a part has a sensible size."""
BASE_MEMORY, BYTES_PER_ROW = 250_000_000, 350
"""What the program takes without data, and what reading and forecasting take for each row."""


@dataclass
class PartsWritten:
    """What was written: so many `parts`, and what the summary of a forecast says, added up."""

    parts: int = 0
    series: int = 0
    horizon: int = 0
    clipped: int = 0
    clipped_off_zero: int = 0
    mean_factor: float = 1.0
    is_scattered: bool = False
    kinds: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def add(self, result: PartResult, *, most: int = 20) -> None:
        """Add what a part says."""
        self.parts += 1
        self.series += result.series
        self.clipped += result.clipped
        self.clipped_off_zero += result.clipped_off_zero
        for name, (count, labels) in result.kinds.items():
            before = self.kinds.get(name, (0, []))
            self.kinds[name] = (before[0] + count, (before[1] + labels)[:most])

    def as_plain(self) -> dict[str, Any]:
        """The summary for JSON, as of a forecast in one go."""
        kinds = {name: {"count": count, "series": labels} for name, (count, labels) in self.kinds.items()}
        return {
            "parts": self.parts,
            "series": self.series,
            "horizon": self.horizon,
            "clipped": self.clipped,
            **kinds,
            "warnings": self.warnings,
        }


def predict_in_parts(
    data: Sequence[str],
    output: str | Path,
    *,
    max_memory: int,
    model: Model,
    request: Request,
    reading: ReadOptions | None = None,
    until: str | None = None,
    on_remark: Remark = ignore,
) -> PartsWritten:
    """Forecast all series of the files `data` in parts that fit `max_memory` bytes, and write the folder `output`.

    The folder holds Parquet files, which together are the forecast of the whole, and appears when all are complete;
    until then parts are in a hidden folder beside it. Raises what `read_data` and `Model.forecast` raise; UsageError
    for options that cannot be followed in parts and an output that exists; BusyError where the disk is full.
    """
    if max_memory < LEAST_MEMORY:
        raise UsageError(f"--max-memory: at least {LEAST_MEMORY // 1_000_000} MB are needed. Give more.")
    output = Path(output)
    check_new_folder(output)
    reading = (
        (reading or ReadOptions())
        if model.is_base
        else (reading or ReadOptions()).over(model.trained_card.source.read_options)
    )
    refuse_options(reading)
    name = describe_names(data)
    contents = _find(data, name=name)
    with open_work_folder(output) as place:
        reader, parts, files = _divide(contents, place, name=name, reading=reading, until=until, memory=max_memory)
        # read once, kept on disk
        whole, guides = _survey(reader, parts, files, place, model=model, request=request, on_remark=on_remark)
        forecaster = decide(whole, guides=guides, model=model, reader=reader, request=request)
        written = PartsWritten(
            horizon=forecaster.horizon,
            mean_factor=forecaster.forecaster.mean_factor,
            is_scattered=forecaster.common_end.is_scattered,
            warnings=[finding.as_plain() for finding in whole.findings if finding.severity == "warning"],
        )
        finished = place / "finished"
        finished.mkdir()
        for number in range(len(parts)):
            written.add(_forecast_part(forecaster, place, number, finished))
        if not written.series:
            raise DataError(f"{name}: no series has a value to forecast from.")
        publish(finished, output)
    return written


def _find(data: Sequence[str], *, name: str) -> list[Content]:
    if "-" in data:
        raise UsageError("DATA is stdin, which is read once: --max-memory needs files.")
    contents, _ = find_contents(data)
    if any(isinstance(content.place, bytes) for content in contents):
        raise UsageError("DATA is a pipe, which is read once: --max-memory needs files.")
    if find_kind(contents) == "Excel":
        raise UsageError(f"{name}: Excel files are read in one go. Leave --max-memory out.")
    return contents


def _divide(
    contents: list[Content], place: Path, *, name: str, reading: ReadOptions, until: str | None, memory: int
) -> tuple[PartReader, list[list[Path]], tuple[str, ...]]:
    """Divide the rows into parts on disk: how to read them, their files, and the names of the files of the data."""
    engine = Engine(place, memory=memory // 2, threads=count_usable_cpus())
    try:
        if find_kind(contents) == "Parquet":
            rows = engine.count_rows(contents)
            named, columns = name_roles(engine.read_head(contents, rows=HEAD_ROWS), name=name, reading=reading)
            targets = (named.target or "").split(",")
            engine.divide(
                contents, columns=columns, ids=named.ids, targets=targets, parts=_count_parts(rows, memory=memory)
            )
        else:
            sources = check_sources(find_sources(contents, options=reading), options=reading)
            reading = reading if sources[0].time is None or reading.time else replace(reading, time=sources[0].time)
            head = read_head(sources[0], rows=HEAD_ROWS)
            named, columns = name_roles(head, name=name, reading=reading)
            targets, rows = (named.target or "").split(","), 0
            for chunk in read_chunks(sources, columns=columns, targets=targets, head=head, options=reading):
                rows += len(chunk)
                engine.add(chunk)
            engine.divide_added(columns=columns, ids=named.ids, parts=_count_parts(rows, memory=memory))
        is_typed = find_kind(contents) == "Parquet"
        return (
            PartReader(name, named, until, is_typed),
            engine.list_parts(),
            tuple(content.name for content in contents),
        )
    finally:
        engine.close()


def _count_parts(rows: int, *, memory: int) -> int:
    """So many that those that are read at once, one on each core, fit the memory."""
    return -(-rows * BYTES_PER_ROW * count_usable_cpus() // (memory - BASE_MEMORY))


def _survey(
    reader: PartReader,
    parts: list[list[Path]],
    files: tuple[str, ...],
    place: Path,
    *,
    model: Model,
    request: Request,
    on_remark: Remark,
) -> tuple[Survey, list[Any]]:
    """Read all parts, keep them on disk as arrays, and join what they show; and the guides of each."""

    def survey(number: int) -> Survey:
        given = _read_part(reader, parts[number], files)
        with (place / f"part-{number}.pickle").open("wb") as kept:
            pickle.dump(given, kept, protocol=5)
        for path in parts[number]:
            path.unlink()
        return survey_part(given, model=model, seasons=request.seasons)

    surveys = list(map_on_cores(survey, range(len(parts))))
    whole = join_surveys(surveys, name=reader.name)
    whole.check_closed(reader.reading, name=reader.name)
    for line in describe_whole(whole, name=reader.name):
        on_remark(line)
    basis, longest = find_basis(whole.skeleton, model=model, seasons=request.seasons), int(whole.lengths.max())
    for number, survey in enumerate(surveys):
        if survey.basis != basis:
            given = _load_part(place, number)
            surveys[number] = survey_part(given, model=model, seasons=request.seasons, longest=longest)
    return whole, [survey.guides for survey in surveys]


def describe_whole(whole: Survey, *, name: str) -> Iterator[str]:
    """Lines on what was found in all parts together."""
    counts: Counter[str] = whole.counts
    yield (f"{name}: {counts['rows']:,} rows, {len(whole.lengths):,} series, {whole.calendar.name}; {whole.columns}")
    words = {
        "merged_rows": "repeated rows merged",
        "missing_values": "missing values",
        "missing_rows": "missing rows",
        "trailing_rows": "rows without a value at the ends left out",
    }
    repaired = [f"{counts[key]:,} {said}" for key, said in words.items() if counts[key]]
    if repaired:
        yield "  " + ", ".join(repaired) + "; what is missing is masked, not filled in"
    yield from (f"  {note}" for note in whole.notes)
    yield from (f"  {finding.describe()}" for finding in whole.findings if finding.severity == "warning")


def _read_part(reader: PartReader, paths: list[Path], files: tuple[str, ...]) -> Given:
    frames = [read_parquet(Content(str(path), path)) for path in paths]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    rows = frame.pop(ROW).to_numpy(np.int64)
    order = np.argsort(rows, kind="stable")
    frame = frame.take(order).reset_index(drop=True)
    return reader.read(frame, origin=Origin(reader.name, files, rows[order], "row" if reader.has_types else "line"))


def _load_part(place: Path, number: int) -> Given:
    with (place / f"part-{number}.pickle").open("rb") as kept:
        given: Given = pickle.load(kept)
    return given


def _forecast_part(forecaster: PartForecaster, place: Path, number: int, finished: Path) -> PartResult:
    result = forecaster.forecast(_load_part(place, number))
    if len(result.table):
        path = finished / f"part-{number + 1:05d}.parquet"
        write_files({path: make_writer(result.table, output=path.name)})
    return result
