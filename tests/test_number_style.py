"""Forecasts are written as the data are: delimiter, decimal mark, and as many digits as the data justify."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.data.files.finding import find_files
from forecaster.data.number_style import NumberStyle, count_decimals
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.forecasting.rounding import most_decimals, round_forecasts, write_csv
from tests.conftest import Command

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize("output", ["-", "out.csv"])
def test_forecasts_have_the_delimiter_and_the_decimal_mark_of_the_data(forecast: Command, output: str) -> None:
    outcome = forecast("predict", FILES / "german_accountant.csv", "--horizon", "2", "--output", output)
    text = outcome.stdout if output == "-" else Path(output).read_text()
    first, second = text.splitlines()[:2]
    assert first.startswith("Buchungsdatum;forecast;forecast-lo-80")
    # all five numbers, whatever the network forecasts
    assert re.fullmatch(r"29\.01\.2023(;1\d{3},\d{2,3}){5}", second), second


def test_a_forecast_that_is_read_back_has_the_same_values(forecast: Command) -> None:
    for digits in ("justified", "full"):
        words = ["--level", "", "--horizon", "2", "--digits", digits]
        assert forecast("predict", FILES / "german_accountant.csv", *words, "-o", "out.csv").code == 0
        assert forecast("predict", FILES / "german_accountant.csv", *words, "-o", "out.json").code == 0
        panel, _ = read_panel("out.csv", options=ReadOptions(target="forecast"))
        # the last bit of 16 digits may differ: pandas reads numbers fast
        np.testing.assert_allclose(panel.values, pd.read_json("out.json", precise_float=True)["forecast"], rtol=1e-15)


def test_numbers_of_three_decimals_are_written_so_that_they_have_one_reading() -> None:
    table = pd.DataFrame({"ds": ["2024-01-01", "2024-01-02"], "forecast": [1.235, 2.617]})
    for style in (NumberStyle(";", ","), NumberStyle(";", "."), NumberStyle(",", ",")):
        with Path("out.csv").open("w") as file:
            write_csv(table, file, style=style)
        assert read_panel("out.csv")[0].values.tolist() == [1.235, 2.617]


def test_numbers_of_any_size_have_the_fewest_digits_that_say_them() -> None:
    random = np.random.default_rng(0)
    sizes = random.normal(size=2000) * 10.0 ** random.integers(-320, 300, 2000)
    values = np.concatenate([sizes, np.round(sizes[:500], 2), [0.0, 1e15, 1e16, 1e22, 1e-4, 1e-5, 5e-324, np.nan]])
    table = pd.DataFrame({"id": "a", "forecast": values})
    with Path("out.csv").open("wb") as file:
        write_csv(table, file, style=NumberStyle())
    texts = ["" if np.isnan(value) else repr(value) for value in values.tolist()]
    assert Path("out.csv").read_text() == "\n".join(["id,forecast", *(f"a,{text}" for text in texts), ""])


def test_forecasts_in_a_style_of_their_own_are_left_out_of_folders(forecast: Command) -> None:
    Path("data").mkdir()
    Path("data/sales.csv").write_bytes((FILES / "german_accountant.csv").read_bytes())
    assert forecast("predict", "data", "--output", "data/forecasts.csv").code == 0
    assert [path.name for path in find_files("data").own] == ["forecasts.csv"]


def test_forecasts_have_two_decimals_more_than_the_data_and_small_ones_keep_three_digits() -> None:
    table = pd.DataFrame({"forecast": [1234.56789, 0.123456, 0.00123456, -0.0000001, np.nan]})
    rounded = round_forecasts(table, columns=["forecast"], decimals=0)["forecast"]
    np.testing.assert_array_equal(rounded, [1234.57, 0.123, 0.00123, 0.0, np.nan])
    assert round_forecasts(table, columns=["forecast"], decimals=None) is table


def test_all_digits_are_written_when_asked(forecast: Command) -> None:
    for digits in ("full", "justified"):
        assert forecast("predict", FILES / "german_accountant.csv", "--digits", digits, "-o", "out.json").code == 0
        values = pd.read_json("out.json")["forecast"].to_numpy()
        assert bool((np.round(values, 3) == values).all()) == (digits == "justified")


def test_decimals_are_counted() -> None:
    assert count_decimals(np.array([1.0, np.nan, 200.0])) == 0
    assert count_decimals(np.array([0.1, 12.25, 3.0])) == 2
    assert count_decimals(np.array([1 / 3])) is None
    assert most_decimals(0, [None, 0.125]) == 3
    assert most_decimals(None, [0.125]) is None
