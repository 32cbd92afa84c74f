"""Read a sample of the series of an input that is larger than memory, to learn from."""

import tempfile
from dataclasses import replace
from pathlib import Path

from forecaster.data.contents import find_kind
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError
from forecaster.library.footprint import BASE, MOST_LEARNED, TRAINING, TRAINING_PER_VALUE, count_for_training
from forecaster.library.inputs import Given, Remark, ignore, list_locations
from forecaster.library.remarks import describe_findings, describe_input
from forecaster.scale.large_input import LargeInput
from forecaster.scale.predicting import BYTES_PER_ROW, check_memory, divide_files, find_inputs, read_part
from forecaster.scale.roles import refuse_options
from forecaster.scale.survey import PartReader

__all__ = ["count_rows", "read_sample"]

LEAST_MEMORY, DIVIDING = 1_100_000_000, 100_000_000
"""Bytes with which a sample has a sensible size, and those that are not given back once the input is divided."""
MOST_ROWS = 1_000_000
"""Rows of a sample at most, so that the time of a training does not grow with the number of series."""


def read_sample(large: LargeInput, *, max_memory: int, on_remark: Remark = ignore) -> tuple[Given, ReadOptions]:
    """Series of files, sampled by a hash of their names, whose rows fit `max_memory` bytes; and the options that read
    all of them alike.

    The sample is the same each time. Raises what `predict_in_parts` raises for data that cannot be divided.
    """
    check_memory(max_memory, least=LEAST_MEMORY)
    refuse_options(large.reading)
    name = large.name
    contents = find_inputs(large.data, name=name, on_remark=on_remark)
    rows = count_rows(max_memory)
    with tempfile.TemporaryDirectory(prefix="forecast-") as place:
        reader = PartReader(name, large.reading, large.until, find_kind(contents) == "Parquet")
        divided = divide_files(contents, Path(place), reader=reader, memory=max_memory, rows=rows, is_sample=True)
        if not divided.parts:
            raise DataError(f"{name}: no series is in the sample. Give more --max-memory.")
        given = read_part(divided.reader, divided.parts[0], divided.files)
    summary = given.summary
    for line in describe_input(given.panel, summary, name=name):
        on_remark(line)
    if divided.count > 1:
        on_remark(
            f"  a sample of the series, about one of {divided.count:,}, chosen by a hash of their names (--max-memory)"
        )
    for line in describe_findings(given.findings, names=large.data):
        on_remark(line)
    options = replace(large.reading, ids=divided.reader.reading.ids)
    return replace(given, locations=list_locations(large.data)), options


def count_rows(max_memory: int) -> int:
    """How many rows a training within `max_memory` bytes can learn from; MOST_ROWS at the most."""
    left = max_memory - BASE - DIVIDING
    many = (left - count_for_training(MOST_LEARNED)) // BYTES_PER_ROW
    few = (left - TRAINING) // (TRAINING_PER_VALUE + BYTES_PER_ROW)
    return min(MOST_ROWS, many if many > MOST_LEARNED else few)
