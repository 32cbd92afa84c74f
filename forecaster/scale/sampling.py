"""Read a sample of the series of an input that is larger than memory, to learn from."""

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError
from forecaster.library.covariate_remarks import describe_spellings
from forecaster.library.footprint import BASE, MOST_LEARNED, TRAINING, TRAINING_PER_VALUE, count_for_training
from forecaster.library.inputs import Given, Remark, describe_dates, ignore, list_locations
from forecaster.library.learned_columns import fit_covariates
from forecaster.library.remarks import describe_findings, describe_input
from forecaster.scale.dividing import divide_files, find_files
from forecaster.scale.large_input import LargeInput
from forecaster.scale.predicting import BYTES_PER_CELL, BYTES_PER_ROW, check_memory
from forecaster.scale.roles import refuse_options
from forecaster.scale.survey import PartReader

__all__ = ["count_rows", "read_sample"]

LEAST_MEMORY, DIVIDING = 1_100_000_000, 100_000_000
"""Bytes with which a sample has a sensible size, and those that are not given back once the input is divided."""
TRAINING_PER_FEATURE = 40_000_000
"""What a training takes for each feature of a covariate."""
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
    files = find_files(large.data, None, name=name, on_remark=on_remark)
    with tempfile.TemporaryDirectory(prefix="forecast-") as place:
        reader = PartReader(name, large.reading, large.until, files.are_typed)
        divided = divide_files(
            files,
            Path(place),
            reader=reader,
            memory=max_memory,
            count_rows=partial(count_rows, max_memory),
            is_sample=True,
        )
        if not divided.parts:
            raise DataError(f"{name}: no series is in the sample. Give more --max-memory.")
        given = divided.read(divided.parts[0])
    panel, _ = fit_covariates(given.panel, None)
    given = replace(given, panel=panel)
    for line in [*describe_input(panel, given.summary, name=name), *describe_spellings(panel), *describe_dates(given)]:
        on_remark(line)
    if divided.count > 1:
        on_remark(
            f"  a sample of the series, about one of {divided.count:,}, chosen by a hash of their names (--max-memory)"
        )
    for line in describe_findings(given.findings, names=large.data):
        on_remark(line)
    options = replace(large.reading, ids=divided.reader.reading.ids)
    return replace(given, locations=list_locations(large.data)), options


def count_rows(max_memory: int, features: int = 0) -> int:
    """How many rows a training within `max_memory` bytes can learn from, with so many features of covariates.

    MOST_ROWS at the most. Raises UsageError where the memory is too little for the features.
    """
    check_memory(max_memory, least=LEAST_MEMORY + features * TRAINING_PER_FEATURE)
    left = max_memory - BASE - DIVIDING - features * TRAINING_PER_FEATURE
    per_row = BYTES_PER_ROW + features * BYTES_PER_CELL
    many = (left - count_for_training(MOST_LEARNED)) // per_row
    few = (left - TRAINING) // (TRAINING_PER_VALUE + per_row)
    return min(MOST_ROWS, many if many > MOST_LEARNED else few)
