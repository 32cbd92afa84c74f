"""Forecasts that workers of Ray have written are counted: one too few or one twice is no complete forecast."""

from types import SimpleNamespace
from typing import Any

import pytest

from forecaster.errors import DataError
from forecaster.scale.on_ray import _check_written
from forecaster.scale.written import PartsWritten


def hold(rows: int) -> Any:
    """Ray, with a folder of so many forecasts in two files."""
    files = SimpleNamespace(input_files=lambda: ["a", "b"], count=lambda: rows)
    return SimpleNamespace(data=SimpleNamespace(read_parquet=lambda _: files))


@pytest.mark.parametrize(("rows", "series"), [(11, 4), (13, 4), (24, 4), (0, 0)])
def test_other_numbers_of_forecasts_than_wanted_are_refused(rows: int, series: int) -> None:
    with pytest.raises(DataError, match=f"{rows} forecasts were written, of {3 * series} "):
        _check_written(hold(rows), "out", PartsWritten(series=series, horizon=3), name="sales")


def test_as_many_as_wanted_are_complete() -> None:
    written = PartsWritten(series=4, horizon=3)
    _check_written(hold(12), "out", written, name="sales")
    assert written.parts == 2
