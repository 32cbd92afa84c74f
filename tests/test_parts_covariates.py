"""A forecast in parts uses covariates as one in one go does, or says that it cannot."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.cli.app import run
from forecaster.data.cells.text_columns import SAMPLE_ROWS
from forecaster.data.panel import Panel
from forecaster.scale import dividing, guides, shown_columns
from forecaster.scale.shown_columns import ShownColumn
from tests.parts import make_promotions, make_table, sort_forecasts, write_table

Compare = Callable[..., tuple[pd.DataFrame, pd.DataFrame]]
COVARIATES = ("--known", "price,promo,flag,mark", "--past", "temperature")

pytestmark = pytest.mark.usefixtures("all_cores")


def cut_future(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows up to the last value of each series, and what is known ahead in the others."""
    last = table["item"].map(table[table["sales"].notna()].groupby("item")["month"].max())
    is_later = table["month"] > last
    return table[~is_later], table.loc[is_later, ["shop", "item", "month", "price", "promo", "flag", "mark"]]


@pytest.fixture
def compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compare:
    """Forecasts in one go and in five parts of `data`, which is there, sorted by series and time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dividing, "_count_parts", lambda *_, **__: 5)

    def forecast(data: str, *options: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        exact = ["-q", "--digits=full", *options]
        assert run(["predict", data, "-o", "whole.parquet", *exact]) == 0
        assert run(["predict", data, "-o", "parts", "--max-memory=1GB", *exact]) == 0
        files = sorted(Path("parts").iterdir())
        assert len(files) > 2
        whole, parts = pd.read_parquet("whole.parquet"), pd.concat([pd.read_parquet(file) for file in files])
        return sort_forecasts(whole), sort_forecasts(parts)

    return forecast


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@pytest.mark.parametrize(
    "options",
    [COVARIATES, (*COVARIATES, "--holidays", "US", "--calendar", "all"), (*COVARIATES, "--horizon", "30", "--mean")],
)
def test_covariates_do_in_parts_what_they_do_in_one_go(compare: Compare, ending: str, options: tuple[str, ...]) -> None:
    write_table(make_promotions().sample(frac=1, random_state=0), Path(f"data{ending}"))
    fill = ("--future-fill", "seasonal") if "30" in options else ()
    whole, parts = compare(f"data{ending}", *options, *fill)
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)
    assert run(["predict", f"data{ending}", "-o", "without.parquet", "-q", "--horizon", "30" if fill else "12"]) == 0
    without = sort_forecasts(pd.read_parquet("without.parquet"))
    assert not np.allclose(parts["forecast"], without["forecast"], rtol=0.05), "they have an effect"


def test_series_that_calibrate_need_the_categories_of_all(compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    def keep(panel: Panel, _: dict[str, ShownColumn]) -> Panel:
        return panel

    monkeypatch.setattr(guides, "express_like_all", keep)
    write_table(make_promotions(), Path("data.parquet"))
    with pytest.raises(AssertionError, match="1 == 0"):
        compare("data.parquet", *COVARIATES)


def test_holidays_that_one_part_has_once_have_their_effect(compare: Compare) -> None:
    # one series spans two years, and the others have each holiday once or never
    random, days = np.random.default_rng(0), pd.date_range("2022-01-01", periods=760)
    tables = [
        pd.DataFrame({"id": f"{number:02d}", "day": days[-length:], "y": np.round(random.gamma(9, 1, length), 2)})
        for number, length in enumerate([760, *[100, 200] * 4])
    ]
    write_table(pd.concat(tables), Path("data.parquet"))
    whole, parts = compare("data.parquet", "--holidays", "US")
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_a_file_of_the_future_is_divided_like_the_data(compare: Compare, ending: str) -> None:
    data, later = cut_future(make_promotions())
    write_table(data, Path(f"data{ending}"))
    write_table(later.sample(frac=1, random_state=0), Path(f"later{ending}"))
    whole, parts = compare(f"data{ending}", "--known", "price,promo,flag,mark", "--future", f"later{ending}")
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_a_future_without_series_is_that_of_all_parts(compare: Compare, ending: str) -> None:
    months = pd.DataFrame({"month": pd.date_range("2019-01-01", periods=90, freq="MS")})
    months["index"] = np.round(np.random.default_rng(0).normal(size=90), 3)
    write_table(make_table().merge(months, on="month"), Path(f"data{ending}"))
    write_table(months, Path(f"later{ending}"))
    whole, parts = compare(f"data{ending}", "--known", "index", "--future", f"later{ending}")
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_a_trained_model_uses_what_it_has_learned_in_parts(compare: Compare) -> None:
    table = make_promotions()
    write_table(table, Path("data.parquet"))
    options = ["--known", "price,promo", "--past", "temperature", "--static", "region", "--no-correction"]
    assert run(["train", "data.parquet", *options, "--steps", "1", "-q", "--keep-covariates"]) == 0
    whole, parts = compare("data.parquet", "--mean")
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


@pytest.mark.usefixtures("in_parts")
def test_a_sample_of_the_series_teaches_what_covariates_do(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(make_promotions(), Path("data.parquet"))
    options = ["--known", "promo", "--calendar", "all", "--max-memory", "3GB", "--no-correction", "--keep-covariates"]
    assert run(["train", "data.parquet", *options, "--steps", "1"]) == 0
    said = capsys.readouterr().err
    assert "a sample of the series, about one of 5" in said
    assert "explained by the calendar: " in said
    # the series of the other parts may have a category that the sample has not
    assert run(["predict", "data.parquet", "--max-memory", "1GB"]) == 0
    assert "explained by promo" in capsys.readouterr().err


def test_words_may_begin_late_in_a_file(compare: Compare) -> None:
    table = make_promotions(series=60).sort_values("month")
    table.loc[table["month"] < "2021-01-01", "promo"] = None
    assert table["promo"].iloc[:SAMPLE_ROWS].isna().all(), "the rows that otherwise show the roles"
    write_table(table, Path("data.csv"))
    whole, parts = compare("data.csv", "--known", "promo")
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def refuse(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 65) -> str:
    before = sorted(path.name for path in Path().iterdir())
    assert run(["predict", *arguments, "--max-memory", "1GB", "-q"]) == code
    assert sorted(path.name for path in Path().iterdir()) == before
    return capsys.readouterr().err


@pytest.fixture
def in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dividing, "_count_parts", lambda *_, **__: 5)


@pytest.mark.usefixtures("in_parts")
def test_a_future_that_does_not_fit_is_refused_as_in_one_go(capsys: pytest.CaptureFixture[str]) -> None:
    data, later = cut_future(make_promotions())
    write_table(data, Path("data.csv"))
    known = ["--known", "price,promo,flag"]
    changed = {
        "the data have no such series": later.replace({"item": {"010": "999"}}),
        "'cinema' is only in the future": later.replace({"promo": {"tv": "cinema"}}),
        "in one part of the data, and maybe in others, ": later.drop(columns="flag"),
        "no column 'price'": later.rename(columns={"price": "prices"}),
    }
    for said, table in changed.items():
        write_table(table, Path("later.csv"))
        assert said in refuse(capsys, "data.csv", *known, "--future", "later.csv")
    write_table(later, Path("later.parquet"))
    message = refuse(capsys, "data.csv", *known, "--future", "later.parquet", code=2)
    assert "save it as CSV" in message


@pytest.mark.usefixtures("in_parts")
def test_series_that_only_the_future_has_are_refused_in_a_part_without_data(capsys: pytest.CaptureFixture[str]) -> None:
    data, later = cut_future(make_promotions(series=2))
    write_table(data, Path("data.parquet"))
    for number in range(8):
        write_table(pd.concat([later, later[:5].assign(item=f"other {number}")]), Path("later.parquet"))
        message = refuse(capsys, "data.parquet", "--id", "item", "--known", "price", "--future", "later.parquet")
        assert f"other {number}" in message


@pytest.mark.usefixtures("in_parts")
@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["yes", "no"], "one part of the data has yes and no, another words"),
        ([f"kind {number}" for number in range(13)], "26 categories, more than 20"),
    ],
)
def test_parts_that_read_a_column_otherwise_are_refused(
    cells: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = make_table()
    random, items = np.random.default_rng(0), table["item"].unique()
    others = [f"{cell} as well" for cell in cells]
    # of one series only, which is alone in its part with such words
    is_other = table["item"].isin(items[12:13] if "yes" in cells else items[12:])
    table["promo"] = np.where(is_other, random.choice(others, len(table)), random.choice(cells, len(table)))
    write_table(table, Path("data.parquet"))
    assert said in refuse(capsys, "data.parquet", "--past", "promo")


@pytest.mark.usefixtures("in_parts")
def test_numbers_that_are_text_in_parquet_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    table = make_promotions()
    table["price"] = table["price"].astype(str).str.replace(".", ",")
    write_table(table, Path("data.parquet"))
    assert "Save them as numbers" in refuse(capsys, "data.parquet", "--known", "price")
    write_table(table, Path("data.csv"))
    assert "a plain number" in refuse(capsys, "data.csv", "--known", "price")


@pytest.mark.usefixtures("in_parts")
def test_many_features_need_more_memory(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(make_promotions(), Path("data.parquet"))
    needed = ["--known", "price,promo,flag,mark", "--calendar", "all"]
    assert run(["predict", "data.parquet", *needed, "--max-memory", "450MB"]) == 2
    assert "at least 736 MB are needed" in capsys.readouterr().err


def test_blank_parts_of_a_column_of_marks_are_not_guessed() -> None:
    marks, blank = ShownColumn(shown_columns.MARKS, is_known=True), ShownColumn(shown_columns.NOTHING, is_known=True)
    numbers = ShownColumn(shown_columns.NUMBERS, is_known=True)
    flags = ShownColumn(shown_columns.FLAGS, is_known=True)
    for others in ([blank], [flags, blank]):
        parts = [{"x": column} for column in (numbers, *others)]
        assert shown_columns.join_columns(parts, name="data")["x"] == numbers
    with pytest.raises(Exception, match="marks between blank cells, which are read as no, another nothing but blank"):
        shown_columns.join_columns([{"x": marks}, {"x": blank}], name="data")
