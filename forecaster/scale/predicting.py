"""Forecast inputs that are larger than memory on one machine: in parts, with the same result as in one go."""

import pickle
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from forecaster.errors import DataError, ForecastError, UsageError
from forecaster.files import write_files
from forecaster.forecasting.writing import make_writer
from forecaster.library.footprint import BASE
from forecaster.library.inputs import Given, Remark, ignore
from forecaster.library.model import Model
from forecaster.machine import count_usable_cpus, free_memory, map_on_cores
from forecaster.scale.dividing import Divided, divide_files, find_files
from forecaster.scale.folder import check_new_folder, open_work_folder, publish
from forecaster.scale.large_input import LargeInput
from forecaster.scale.part_forecaster import PartForecaster, PartResult, Request
from forecaster.scale.planning import PartSurveyor, plan_parts
from forecaster.scale.roles import merge_options
from forecaster.scale.survey import PartReader, Survey
from forecaster.scale.written import PartsWritten

__all__ = ["BYTES_PER_CELL", "BYTES_PER_ROW", "check_memory", "count_part_rows", "predict_in_parts"]

LEAST_MEMORY = 400_000_000
"""Bytes with which a part has a sensible size."""
BYTES_PER_ROW = 350
"""What each row of a part takes while it is read and forecast."""
BYTES_PER_CELL, BYTES_PER_FEATURE = 60, 12_000_000
"""What each feature of a covariate takes in each row, and in the series that calibrate the intervals."""
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
    files = find_files(large.data, large.future, name=name, on_remark=on_remark)
    with open_work_folder(Path(output)) as place:
        remembers = not large.reading.holidays
        reader = PartReader(name, reading, large.until, files.are_typed, remembers)
        # those that are read at once, one on each core, fit the memory
        count_rows = partial(count_part_rows, max_memory, cores=count_usable_cpus())
        divided = divide_files(files, place, reader=reader, memory=max_memory, count_rows=count_rows)
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


def count_part_rows(max_memory: int, features: int, *, cores: int) -> int:
    """How many rows a part may have where the covariates have so many features, and each core has one.

    Raises UsageError where the memory is too little for these.
    """
    check_memory(max_memory, least=LEAST_MEMORY + features * BYTES_PER_FEATURE)
    left = max_memory - BASE - DIVIDED - features * BYTES_PER_FEATURE
    return left // (BYTES_PER_ROW + features * BYTES_PER_CELL) // cores


def _survey(
    surveyor: PartSurveyor, *, divided: Divided, place: Path, give_back: Callable[[], None]
) -> Iterator[Survey]:
    """Survey all parts; they are read once, and kept on disk as arrays."""

    def read(number: int) -> Given:
        if surveyor.longest is not None:
            return _load_part(place, number)
        given = divided.read(divided.parts[number])
        with (place / f"part-{number}.pickle").open("wb") as kept:
            pickle.dump(given, kept, protocol=5)
        divided.parts[number].remove()
        return given

    def read_and_survey(number: int) -> Survey:
        found = surveyor.survey(read(number))
        give_back()
        return found

    return map_on_cores(read_and_survey, range(len(divided.parts)))


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
