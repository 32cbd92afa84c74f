"""The table of forecasts, and its files: names of columns, style of the times, formats."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel
from forecaster.errors import DataError, UsageError
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.writing import Layout, columns_for, make_table, resolve_output, write_table
from tests.conftest import read_parquet
from tests.test_windows import make_panel

NAN = float("nan")
LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
UNEVEN = [3.0, 5.0, 4.0, 1.0, 2.0, 6.0, 5.0, 3.0]


def make_forecast(*, panel: Panel, quantiles: NDArray[np.float64]) -> Forecast:
    """A forecast after the last step of each series."""
    count = len(panel)
    flags = np.zeros(count, bool)
    index = WindowIndex(np.arange(count), panel.lengths)
    mean = quantiles.mean(axis=2)
    return Forecast(
        index,
        quantiles,
        LEVELS,
        mean=mean,
        zero_probability=np.zeros(mean.shape),
        is_count=flags,
        is_constant=flags,
        is_short=flags,
        failed=np.zeros(0, np.int64),
        clipped=0,
    )


def test_columns_are_named_by_interval_and_by_quantile() -> None:
    assert columns_for([80, 95, 99.5], quantiles=[0.1, 0.29, 0.5]) == {
        "forecast": 0.5,
        "forecast-lo-80": 0.1,
        "forecast-hi-80": 0.9,
        "forecast-lo-95": 0.025,
        "forecast-hi-95": 0.975,
        "forecast-lo-99.5": 0.0025,
        "forecast-hi-99.5": 0.9975,
        "forecast-q-10": 0.1,
        "forecast-q-29": 0.29,
        "forecast-q-50": 0.5,
    }


@pytest.mark.parametrize("level", [0.0, 100.0, -5.0, NAN])
def test_numbers_that_are_no_level_are_refused(level: float) -> None:
    with pytest.raises(UsageError, match="--level"):
        columns_for([level], quantiles=[])
    with pytest.raises(UsageError, match="--quantiles"):
        columns_for([], quantiles=[level / 100])


def read_exactly(file: Path | io.StringIO) -> pd.DataFrame:
    """A CSV whose numbers are read to the last digit, whatever the version of pandas does."""
    table = pd.read_csv(file, dtype=str)
    numbers = [column for column in table if str(column).startswith("forecast")]
    return table.astype(dict.fromkeys(numbers, float))


def make_precise() -> pd.DataFrame:
    """The table of two series whose values need every digit, one of them without intervals."""
    panel = make_panel(UNEVEN, UNEVEN[:3])
    quantiles = np.random.default_rng(0).normal(size=(2, 3, 5)).cumsum(axis=2) * [[[1e-12]], [[1e12]]] / 3
    quantiles[1, :, [0, 1, 3, 4]] = NAN
    layout = Layout(columns_for([80], quantiles=[0.3]), has_cutoff=True)
    return make_table(panel, make_forecast(panel=panel, quantiles=quantiles), layout=layout)


def test_a_table_has_a_row_per_series_and_step_in_the_style_of_the_input() -> None:
    table = make_precise()
    names = ["series", "cutoff", "timestamp", "forecast", "forecast-lo-80", "forecast-hi-80", "forecast-q-30"]
    assert list(table.columns) == names
    assert table["series"].tolist() == ["s0"] * 3 + ["s1"] * 3
    assert table["cutoff"].tolist() == ["2015-01-12"] * 3 + ["2015-01-07"] * 3
    assert table["timestamp"].tolist()[:3] == ["2015-01-13", "2015-01-14", "2015-01-15"]
    assert table["timestamp"].tolist()[3:] == ["2015-01-08", "2015-01-09", "2015-01-10"]
    assert table["forecast-lo-80"].notna().tolist() == [True] * 3 + [False] * 3


@pytest.mark.parametrize("name", ["forecast", "cutoff", "timestamp"])
def test_columns_of_the_data_that_bear_our_names_are_refused(name: str) -> None:
    panel = replace(make_panel(UNEVEN), id_columns=(name,))
    forecast = make_forecast(panel=panel, quantiles=np.zeros((1, 2, 5)))
    with pytest.raises(DataError, match=f"a column '{name}'"):
        make_table(panel, forecast, layout=Layout(columns_for([80], quantiles=[]), has_cutoff=True))


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("out.csv", read_exactly),
        ("out.csv.gz", read_exactly),
        ("out.parquet", read_parquet),
        ("out.json", lambda path: pd.DataFrame(json.loads(path.read_text()))),
    ],
)
def test_files_hold_every_digit(name: str, read: Callable[[Path], pd.DataFrame]) -> None:
    table = make_precise()
    write_table(table, output=name)
    found = read(Path(name))
    pd.testing.assert_frame_equal(found, table, check_exact=True, check_dtype=False)
    assert [path.name for path in Path().iterdir()] == [name]


def test_a_dash_writes_csv_to_stdout() -> None:
    stream = io.StringIO()
    write_table(make_precise(), output="-", stdout=stream)
    stream.seek(0)
    found = read_exactly(stream)
    pd.testing.assert_frame_equal(found, make_precise(), check_exact=True)


def test_an_ending_that_names_no_format_is_refused() -> None:
    for name in ("out.xlsx", "out", "csv"):
        with pytest.raises(UsageError, match="its ending names no format"):
            resolve_output(name)
