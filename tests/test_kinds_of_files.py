"""What is found in text is found in Parquet, Excel, pipes and several files, too: ids, headers, problems, relations."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from tests.conftest import Command
from tests.test_bad_input import refuse
from tests.test_several_inputs import fill, read_output

KINDS = ["csv", "parquet", "xlsx"]


def make_stores() -> pd.DataFrame:
    """Two stores of a column that has to be found, whose `price` is the target in other units."""
    days = pd.date_range("2024-01-01", periods=60)
    noise = np.random.default_rng(0).normal(0, 1, (2, 60))
    sales = np.round(50 + 5 * np.sin(np.arange(60) * 2 * np.pi / 7) + noise + [[0], [30]], 1)
    parts = [pd.DataFrame({"day": days, "store": name, "sales": row}) for name, row in zip("ab", sales, strict=True)]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(price=table.sales * 2)


def write(table: pd.DataFrame, path: str, *, header: bool = True) -> None:
    if path.endswith(".csv"):
        table.to_csv(path, index=False, header=header)
    elif path.endswith(".parquet"):
        table.to_parquet(path, index=False)
    else:
        table.to_excel(path, index=False, header=header)


def write_parts(kind: str) -> list[str]:
    """A file for each store, and their names."""
    for name, part in make_stores().groupby("store"):
        write(part, f"{name}.{kind}")
    return [f"a.{kind}", f"b.{kind}"]


@pytest.mark.parametrize("kind", KINDS)
def test_id_columns_are_found(forecast: Command, kind: str) -> None:
    write(make_stores(), "all.csv")
    assert forecast("predict", "all.csv", "--id", "store", "-o", "out.csv").code == 0
    expected = read_output()
    write(make_stores(), f"all.{kind}")
    for names in ([f"all.{kind}"], write_parts(kind)):
        outcome = forecast("predict", *names, "-o", "out.csv")
        assert outcome.code == 0, outcome.stderr
        assert "series by 'store' (found" in outcome.stderr
        assert read_output() == expected
    other = make_stores().assign(clerk=[*"xy"] * 30 + [*"yx"] * 30)
    write(other, f"other.{kind}")
    says = [f"other.{kind}: timestamps repeat, and the columns 'store' as well as 'clerk'"]
    refuse(forecast, "predict", f"other.{kind}", code=65, says=says)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_one_of_several_files_lacks_the_header(forecast: Command, kind: str) -> None:
    names = write_parts(kind)
    write(make_stores().query("store == 'b'"), f"b.{kind}", header=False)
    says = ["b.csv: no header line, which a.csv has"] if kind == "csv" else ["b.xlsx, sheet 'Sheet1': no row of names"]
    refuse(forecast, "predict", *names, code=65, says=says)
    refuse(forecast, "predict", *names[::-1], "--target", "column 3", code=65, says=says)


def test_csv_files_without_headers_are_read_as_one(forecast: Command) -> None:
    names = write_parts("csv")
    for name in names:
        Path(name).write_text(Path(name).read_text().split("\n", 1)[1])
    outcome = forecast("predict", *names, "--target", "column 3", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    assert "120 rows, 2 series, daily; time 'timestamp', target 'column 3', series by 'column 2'" in outcome.stderr


@pytest.mark.parametrize("first", ["Jan 2020", "01.01.2020", "2020-01", "2020-01-01"])
def test_a_first_row_of_values_in_a_sheet_is_not_lost(forecast: Command, first: str) -> None:
    form = {"Jan 2020": "%b %Y", "01.01.2020": "%d.%m.%Y", "2020-01": "%Y-%m", "2020-01-01": "%Y-%m-%d"}[first]
    months = pd.date_range("2020-01-01", periods=40, freq="MS").strftime(form)
    table = pd.DataFrame({"month": months, "value": np.arange(40) % 12 + 1.5})
    assert table.month[0] == first
    write(table, "data.xlsx", header=False)
    refuse(forecast, "predict", "data.xlsx", code=65, says=["no row of names of columns above rows of values"])
    outcome = forecast("predict", "data.xlsx", "--header", "-o", "out.csv")
    assert (outcome.code, "39 rows" in outcome.stderr) == (0, True), outcome.stderr
    write(table, "data.xlsx")
    outcome = forecast("predict", "data.xlsx", "-o", "out.csv")
    assert (outcome.code, "40 rows" in outcome.stderr) == (0, True), outcome.stderr
    refuse(forecast, "predict", "data.xlsx", "--no-header", code=2, says=["data.xlsx is not text", "use --header"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_problems_of_several_files_are_said_together(forecast: Command, kind: str) -> None:
    table = make_stores().astype({"sales": object, "day": str, "price": str})
    table.loc[7, "sales"] = "soon"
    table.loc[90, "day"] = "never"
    for name, part in table.astype({"sales": str}).groupby("store"):
        write(part, f"{name}.{kind}")
    says = ["2 problems: (1)", "a." + kind, "'soon' is not a number", "(2)", "b." + kind, "'never' cannot be read"]
    refuse(forecast, "predict", f"a.{kind}", f"b.{kind}", "--target", "sales", code=65, says=says)


@pytest.mark.parametrize("kind", KINDS)
def test_check_reads_the_columns_that_are_not_used(kind: str) -> None:
    write(make_stores(), "all.csv")
    expected = [finding.code for finding in forecaster.check("all.csv").findings]
    assert expected
    names = write_parts(kind)
    assert [finding.code for finding in forecaster.check(names).findings] == expected
    for name in names:
        Path(name).rename(f"kept.{name}")
        fill(name, Path(f"kept.{name}").read_bytes())
    # text of a pipe is gone, and nothing waits for more
    found = [finding.code for finding in forecaster.check(names).findings]
    assert found == ([] if kind == "csv" else expected)
