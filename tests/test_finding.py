"""Which files in a folder or a glob are data, and which ones forecast wrote itself."""

import gzip
import shutil
from pathlib import Path

import pandas as pd
import pytest

from forecaster.data.files.finding import find_files, is_own_header
from forecaster.errors import NotFoundError
from forecaster.forecasting.writing import columns_for
from tests.conftest import Command, make_monthly
from tests.test_bad_input import refuse

OWN = ["shop", "date", "forecast", "forecast-lo-80", "forecast-hi-80"]


def write_own(path: str, *, rows: int = 1) -> None:
    """Forecasts, as the program writes them."""
    pd.DataFrame([["a", "2024-01-01", 2.0, 1.0, 3.0]] * rows, columns=OWN).to_csv(path, index=False)


@pytest.mark.parametrize("data", [".", "*.csv*"])
@pytest.mark.parametrize("output", ["forecasts.csv", "tomorrow.csv.gz"])
@pytest.mark.parametrize("series", [1, 3])
def test_the_second_run_reads_the_same_files_as_the_first(
    forecast: Command, monthly_csv: Path, data: str, output: str, series: int
) -> None:
    make_monthly(series=series).to_csv(monthly_csv, index=False)
    words = ["--id", "shop", "-o", output]
    first = forecast("predict", data, *words)
    assert (first.code, "left out" in first.stderr) == (0, False), first.stderr
    assert forecast("evaluate", data, "--id", "shop").code == 0
    before = pd.read_csv(output)
    second = forecast("predict", data, *words)
    assert second.code == 0, second.stderr
    pd.testing.assert_frame_equal(pd.read_csv(output), before)
    names = ", ".join(sorted(["backtest.csv", "metrics.csv", output]))
    assert f"  left out: {names}, which forecast wrote" in second.stderr.splitlines()


def test_forecasts_of_a_single_series_without_an_id_are_recognised(forecast: Command) -> None:
    make_monthly(series=1)[["date", "sales"]].to_csv("sales.csv", index=False)
    for command in ("predict", "evaluate", "predict"):
        outcome = forecast(command, ".")
        assert outcome.code == 0, outcome.stderr
    assert "left out: backtest.csv, forecasts.csv, metrics.csv, which forecast wrote" in outcome.stderr


@pytest.mark.parametrize(
    ("levels", "quantiles"), [([80, 95], []), ([99.9, 1, 50.25], [0.5]), ([], [0.1, 1e-7]), ([90], [0.025, 0.975])]
)
@pytest.mark.parametrize("own", [["date"], ["shop", "date"], ["region, part", "shop", "forecast of", "date"]])
def test_forecasts_are_recognised_by_their_columns(levels: list[float], quantiles: list[float], own: list[str]) -> None:
    columns = list(columns_for(levels, quantiles=quantiles))
    assert is_own_header([*own, *columns])
    assert is_own_header([*own[:-1], "cutoff", own[-1], *columns, "actual", "SeasonalNaive", "Naive", "AutoETS"])
    pd.DataFrame([[1] * len([*own, *columns])], columns=[*own, *columns]).to_csv("forecasts.csv", index=False)
    write_own("later.csv", rows=0)
    Path("data.csv").write_text("date,y\n")
    assert [path.name for path in find_files(".").own] == ["forecasts.csv", "later.csv"]


@pytest.mark.parametrize(
    "header",
    [
        ["date", "forecast"],
        ["shop", "date", "sales", "forecast"],
        OWN[2:],
        [*OWN, "sales"],
        [*OWN, "actual"],
        [*OWN[:3], "forecast-lo-80"],
        [*OWN[:4], "forecast-hi-95"],
        [*OWN[:3], "forecast-error"],
        [*OWN[:2], "Forecast", *OWN[3:]],
        ["cutoff", "date", "forecast", "actual"],
        ["model", "MASE", "RMSSE"],
    ],
    ids=",".join,
)
def test_other_tables_are_data(header: list[str]) -> None:
    pd.DataFrame([[1] * len(header)], columns=header).to_csv("data.csv", index=False)
    write_own("forecasts.csv")
    found = find_files("*.csv")
    assert ([path.name for path in found.files], [path.name for path in found.own]) == (["data.csv"], ["forecasts.csv"])


def test_forecasts_that_are_named_are_read(forecast: Command, monthly_csv: Path) -> None:
    words = ["--id", "shop", "--horizon", "24"]
    assert forecast("predict", monthly_csv, *words).code == 0
    outcome = forecast("predict", "forecasts.csv", *words, "--target", "forecast", "-o", "further.csv")
    assert outcome.code == 0, outcome.stderr
    assert "forecasts.csv: 96 rows, 4 series" in outcome.stderr
    refuse(forecast, "predict", "forecasts.csv", *words, code=2, says=["would overwrite forecasts.csv"])


@pytest.mark.parametrize("data", ["nights", "nights/*"])
def test_a_folder_of_forecasts_only_has_no_data(forecast: Command, data: str) -> None:
    Path("nights").mkdir()
    for number in range(5):
        write_own(f"nights/{number}.csv")
    listed = "nights/0.csv, nights/1.csv, nights/2.csv and 2 more"
    refuse(forecast, "predict", data, code=66, says=[f"{data}: forecast itself wrote all files there ({listed})"])
    with pytest.raises(NotFoundError, match="name one of these files to read it"):
        find_files(data)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(b"date,y\n")[:-12], "broken gzip file"),
        (gzip.compress(b"date,y\n")[:10] + b"\xff" * 20, "broken gzip file"),
        (b"shop,date,sales\rs9,soon,1", "'soon' cannot be read"),
        (b"\xff\xfe\x00", "is not utf-16"),
        (b"", "is empty"),
    ],
    ids=["torn gzip", "scrambled gzip", "carriage returns", "no text", "empty"],
)
def test_a_file_whose_columns_cannot_be_read_is_not_left_out(
    forecast: Command, monthly_csv: Path, content: bytes, says: str
) -> None:
    Path("parts").mkdir()
    shutil.copy(monthly_csv, "parts")
    Path("parts/bad.csv").write_bytes(content)
    refuse(forecast, "predict", "parts", "--id", "shop", code=65, says=["parts/bad.csv", says])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (".", ["data.csv"]),
        ("*.csv", ["data.csv"]),
        ("*/*.csv", ["sub/data.csv"]),
        ("**/*.csv", ["data.csv", "sub/data.csv"]),
        ("../{here}/*.csv", ["../{here}/data.csv"]),
        (".d*.csv", [".data.csv"]),
        (".hidden/*.csv", [".hidden/data.csv"]),
        (".h*/.d*", [".hidden/.data.csv"]),
        (".hidden", [".hidden/data.csv"]),
        (".data.csv", [".data.csv"]),
    ],
)
def test_hidden_files_are_data_only_when_the_pattern_names_them(tmp_path: Path, data: str, expected: list[str]) -> None:
    for folder in ("", "sub", ".hidden"):
        Path(folder).mkdir(exist_ok=True)
        for name in ("data.csv", ".data.csv", ".forecasts-k3j2x9.csv.gz"):
            Path(folder, name).write_text("date,y\n")
    found = find_files(data.format(here=tmp_path.name)).files
    assert [str(path) for path in found] == [name.format(here=tmp_path.name) for name in expected]
    found = find_files(str(tmp_path / data.format(here=tmp_path.name))).files
    assert [path.name for path in found] == [Path(name).name for name in expected]
