"""Forecast inputs that are larger than memory on one machine: in parts, with the same result as in one go."""

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from forecaster.data.contents import Content, find_contents, find_kind
from forecaster.data.frames import Origin
from forecaster.data.parquet import read_parquet
from forecaster.data.sniffing import find_sources
from forecaster.errors import DataError, ForecastError, UsageError
from forecaster.files import write_files
from forecaster.forecasting.writing import make_writer
from forecaster.library.footprint import BASE
from forecaster.library.inputs import Given, Remark, ignore
from forecaster.library.model import Model
from forecaster.machine import count_usable_cpus, free_memory, map_on_cores
from forecaster.scale.chunks import check_sources, read_chunks, read_head
from forecaster.scale.engine import ROW, Engine
from forecaster.scale.folder import check_new_folder, open_work_folder, publish
from forecaster.scale.large_input import LargeInput
from forecaster.scale.part_forecaster import PartForecaster, PartResult, Request
from forecaster.scale.planning import PartSurveyor, plan_parts
from forecaster.scale.roles import HEAD_ROWS, merge_options, name_roles
from forecaster.scale.survey import PartReader, Survey
from forecaster.scale.written import PartsWritten

__all__ = [
    "BYTES_PER_ROW",
    "check_memory",
    "divide_files",
    "find_inputs",
    "predict_in_parts",
    "read_part",
]

LEAST_MEMORY = 400_000_000
"""Bytes with which a part has a sensible size."""
BYTES_PER_ROW = 350
"""What each row of a part takes while it is read and forecast."""
DIVIDED = 70_000_000
"""What is not given back once the input is divided."""
FREED_ABOVE = 0.75
"""From which share of the limit on memory that was freed is given back: to do so takes time."""


def predict_in_parts(
    large: LargeInput, output: str, *, max_memory: int, model: Model, request: Request, on_remark: Remark = ignore
) -> PartsWritten:
    """Forecast all series of files in parts that fit `max_memory` bytes, and write the folder `output`.

    The folder holds Parquet files, which together are the forecast of the whole, and appears when all are complete;
    until then parts are in a hidden folder beside it. Raises what `read_data` and `Model.forecast` raise; UsageError
    for options that cannot be followed in parts and an output that exists; BusyError where the disk is full.
    """
    check_memory(max_memory)
    check_new_folder(Path(output))
    reading, name = merge_options(large.reading, model=model), large.name
    contents = find_inputs(large.data, name=name, on_remark=on_remark)
    with open_work_folder(Path(output)) as place:
        # those that are read at once, one on each core, fit the memory
        rows = (max_memory - BASE - DIVIDED) // BYTES_PER_ROW // count_usable_cpus()
        reader = PartReader(name, reading, large.until, find_kind(contents) == "Parquet")
        divided = divide_files(contents, place, reader=reader, memory=max_memory, rows=rows)
        give_back = partial(free_memory, above=int(FREED_ABOVE * max_memory))
        give_back()
        survey = partial(_survey, divided=divided, place=place, give_back=give_back)
        forecaster = plan_parts(survey, PartSurveyor(divided.reader, model, request), on_remark=on_remark).forecaster
        written = PartsWritten.by(forecaster)
        finished = place / "finished"
        finished.mkdir()
        for number in range(len(divided.parts)):
            give_back()
            written.add(_forecast_part(forecaster, place, number, finished))
        if not written.series:
            raise DataError(f"{name}: no series has a value to forecast from.")
        publish(finished, Path(output))
    return written


def check_memory(size: int, *, least: int = LEAST_MEMORY) -> None:
    """Raise UsageError where so many bytes are fewer than needed."""
    if size < least:
        raise UsageError(f"--max-memory: at least {least // 1_000_000:,} MB are needed. Give more.")


def find_inputs(data: Sequence[str], *, name: str, on_remark: Remark) -> list[Content]:
    """The files to divide, without those that forecast wrote. Raises UsageError for a stream or Excel files."""
    if "-" in data:
        raise UsageError("DATA is stdin, which is read once: --max-memory needs files.")
    contents, found = find_contents(data)
    if any(isinstance(content.place, bytes) for content in contents):
        raise UsageError("DATA is a pipe, which is read once: --max-memory needs files.")
    if find_kind(contents) == "Excel":
        raise UsageError(
            f"--max-memory: {name} is a spreadsheet, which is read whole. Leave it out, or save the data as CSV."
        )
    if found.own:
        on_remark(f"  left out: {found.describe_own()}, which forecast wrote")
    return contents


@dataclass(frozen=True)
class Divided:
    """An input that was divided into `count` parts: how to read them, the files of each, and those of the input."""

    reader: PartReader
    parts: list[list[Path]]
    files: tuple[str, ...]
    count: int


def divide_files(
    contents: list[Content],
    place: Path,
    *,
    reader: PartReader,
    memory: int,
    rows: int,
    is_sample: bool = False,
) -> Divided:
    """Divide the rows into parts of about so many `rows`, on disk in `place`; of a sample only one part is written.

    The `reader` is returned with the roles of the columns.
    """
    name, reading = reader.name, reader.reading
    engine = Engine(place, memory=memory, threads=count_usable_cpus(), is_sample=is_sample)
    try:
        if reader.has_types:
            total = engine.count_rows(contents)
            named, columns = name_roles(engine.read_head(contents, rows=HEAD_ROWS), name=name, reading=reading)
            count, targets = _count_parts(total, rows=rows), (named.target or "").split(",")
            engine.divide(contents, columns=columns, ids=named.ids, targets=targets, parts=count)
        else:
            sources = check_sources(find_sources(contents, options=reading), options=reading)
            reading = reading if sources[0].time is None or reading.time else replace(reading, time=sources[0].time)
            head = read_head(sources[0], rows=HEAD_ROWS)
            named, columns = name_roles(head, name=name, reading=reading)
            targets, total = (named.target or "").split(","), 0
            for chunk in read_chunks(sources, columns=columns, targets=targets, head=head, options=reading):
                total += len(chunk)
                engine.add(chunk)
            count = _count_parts(total, rows=rows)
            engine.divide_added(columns=columns, ids=named.ids, parts=count)
        files = tuple(content.name for content in contents)
        return Divided(replace(reader, reading=named), engine.list_parts(), files, count)
    finally:
        engine.close()


def _count_parts(total: int, *, rows: int) -> int:
    return max(1, -(-total // rows))


def _survey(
    surveyor: PartSurveyor, *, divided: Divided, place: Path, give_back: Callable[[], None]
) -> Iterator[Survey]:
    """Survey all parts; they are read once, and kept on disk as arrays."""

    def read(number: int) -> Given:
        if surveyor.longest is not None:
            return _load_part(place, number)
        given = read_part(surveyor.reader, divided.parts[number], divided.files)
        with (place / f"part-{number}.pickle").open("wb") as kept:
            pickle.dump(given, kept, protocol=5)
        for path in divided.parts[number]:
            path.unlink()
        return given

    def read_and_survey(number: int) -> Survey:
        found = surveyor.survey(read(number))
        give_back()
        return found

    return map_on_cores(read_and_survey, range(len(divided.parts)))


def read_part(reader: PartReader, paths: list[Path], files: tuple[str, ...]) -> Given:
    """The part in the files `paths`, whose rows come from `files`."""
    frames = [read_parquet(Content(str(path), path)) for path in paths]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames)  # the index may hold times or ids
    rows = frame.pop(ROW).to_numpy(np.int64)
    order = np.argsort(rows, kind="stable")
    return reader.read(
        frame.take(order), origin=Origin(reader.name, files, rows[order], "row" if reader.has_types else "line")
    )


def _load_part(place: Path, number: int) -> Given:
    with (place / f"part-{number}.pickle").open("rb") as kept:
        given: Given = pickle.load(kept)
    return given


def _forecast_part(forecaster: PartForecaster, place: Path, number: int, finished: Path) -> PartResult:
    result = forecaster.forecast(_load_part(place, number))
    if len(result.table):
        path = finished / f"part-{number + 1:05d}.parquet"
        try:
            write_files({path: make_writer(result.table, output=path.name)})
        except ForecastError as error:
            if isinstance(error.__cause__, OSError):  # to be explained for the output: this path is removed at the end
                raise error.__cause__ from None
            raise
    return result
