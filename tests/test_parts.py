"""A forecast in parts is that of one go, whatever the series are like."""

from collections.abc import Callable, Mapping
from pathlib import Path
from unittest.mock import Mock, call

import numpy as np
import pandas as pd
import pytest

from forecaster.cli.app import run
from forecaster.data.numbers.number_cells import MISSING_WORDS
from forecaster.data.read_options import ReadOptions
from forecaster.forecasting.earlier_pasts import EarlierPasts
from forecaster.library.opening import open_base_model
from forecaster.scale import dividing, predicting
from forecaster.scale.guides import Guides
from forecaster.scale.planning import PartSurveyor, plan_parts
from forecaster.scale.shown_columns import ShownColumn
from tests.parts import make_table, sort_forecasts, write_table

Forecasts = Callable[..., tuple[pd.DataFrame, pd.DataFrame]]

pytestmark = pytest.mark.usefixtures("all_cores")


@pytest.fixture
def forecasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forecasts:
    """Forecasts of a table in one go and in parts, sorted by series and time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dividing, "_count_parts", lambda *_, **__: 5)

    def forecast(
        table: pd.DataFrame, *options: str, ending: str = ".parquet", keeps_index: bool = False
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        write_table(table, Path(f"data{ending}"), keeps_index=keeps_index)
        assert run(["predict", f"data{ending}", "-q", "-o", "whole.parquet", "--digits=full", *options]) == 0
        assert (
            run(["predict", f"data{ending}", "-q", "-o", "parts", "--max-memory=1GB", "--digits=full", *options]) == 0
        )
        files = sorted(Path("parts").iterdir())
        assert len(files) > 1
        both = pd.read_parquet("whole.parquet"), pd.concat([pd.read_parquet(file) for file in files])
        whole, parts = map(sort_forecasts, both)
        return whole, parts

    return forecast


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@pytest.mark.parametrize("options", [(), ("--horizon", "3", "--mean", "--origin", "own"), ("--until", "2022-06-01")])
def test_a_forecast_in_parts_is_that_of_one_go(forecasts: Forecasts, ending: str, options: tuple[str, ...]) -> None:
    table = make_table().sample(frac=1, random_state=0)
    whole, parts = forecasts(table, *options, ending=ending)
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_series_may_have_the_names_of_missing_numbers(forecasts: Forecasts, ending: str) -> None:
    table = make_table().assign(
        item=lambda rows: rows["item"].map(lambda item: [*MISSING_WORDS[1:], "none "][int(item) % 14])
    )
    table = table.drop_duplicates(["item", "month"])[["item", "month", "sales"]]
    whole, parts = forecasts(table, ending=ending)
    assert {*whole["item"]} >= {*MISSING_WORDS[1:]}
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_a_model_learns_from_series_with_the_names_of_missing_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    table = make_table(series=2).assign(item=lambda rows: rows["item"].map({"000": "NA", "001": "EU"}))
    write_table(table[["item", "month", "sales"]], Path("data.csv"))
    assert run(["train", "data.csv", "--max-memory=2GB", "--steps=1", "--no-correction"]) == 0
    assert "2 series" in capsys.readouterr().err


def test_whole_numbers_below_a_thousand_have_no_decimal_mark_to_doubt(forecasts: Forecasts) -> None:
    table = make_table()
    table["sales"] = table["sales"].rank().mod(900).add(1).round()
    table["sales"] = table["sales"].astype("Int64")
    whole, parts = forecasts(table, ending=".csv")
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_series_that_end_apart_are_forecast_from_their_own_ends_in_parts_too(forecasts: Forecasts) -> None:
    table = make_table()
    ends = table.groupby("item")["month"].transform("max")
    number = table["item"].astype(int)
    months = table["month"].dt.to_period("M").astype("int64")
    table = table[months <= ends.dt.to_period("M").astype("int64") - number]
    whole, parts = forecasts(table)
    assert whole["month"].nunique() > 24
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_one_long_series_among_short_ones_decides_the_season_of_all(forecasts: Forecasts) -> None:
    days = pd.date_range("2022-01-01", periods=500)
    random = np.random.default_rng(0)
    tables = [
        pd.DataFrame({"id": f"{number:02d}", "day": days[-length:], "y": random.poisson(9, length)})
        for number, length in enumerate([500, *[60] * 20])
    ]
    whole, parts = forecasts(pd.concat(tables))
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_a_missing_row_has_its_meaning_up_to_the_last_time_of_all_parts(forecasts: Forecasts) -> None:
    random = np.random.default_rng(0)
    days = pd.date_range("2023-01-01", periods=200)
    tables = []
    for number in range(20):
        sold = np.flatnonzero(random.random(200 - 3 * number) < 0.15)
        tables.append(pd.DataFrame({"id": f"{number:02d}", "day": days[sold], "y": random.poisson(3, len(sold)) + 1.0}))
    whole, parts = forecasts(pd.concat(tables), "--fill", "0", "--mean")
    assert whole["id"].nunique() == 20
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_ids_and_times_keep_their_types_in_parts(forecasts: Forecasts) -> None:
    table = make_table().assign(item=lambda table: table["item"].astype("int32"))
    table["month"] = table["month"].dt.tz_localize("Europe/Berlin")
    whole, parts = forecasts(table)
    assert str(whole["item"].dtype) == str(parts["item"].dtype) == "int32"
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("index", [None, ["item"], ["shop", "month"]])
def test_an_index_is_read_in_parts_as_in_one_go(forecasts: Forecasts, index: list[str] | None) -> None:
    table = make_table()
    # the rows that are left have an index without a name, which is no column
    table = table[table["item"] != "001"] if index is None else table.set_index(index)
    whole, parts = forecasts(table, keeps_index=True)
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_several_files_are_divided_as_one(forecasts: Forecasts, tmp_path: Path) -> None:
    table = make_table()
    whole, _ = forecasts(table)
    for number, part in enumerate(np.array_split(np.random.default_rng(0).permutation(len(table)), 3)):
        write_table(table.iloc[part], tmp_path / f"part_{number}.parquet")
    names = [f"part_{number}.parquet" for number in range(3)]
    assert run(["predict", *names, "-q", "-o", "o", "--max-memory=1GB", "--digits=full"]) == 0
    parts = pd.concat([pd.read_parquet(file) for file in sorted(Path("o").iterdir())])
    pd.testing.assert_frame_equal(
        parts.sort_values(["item", "month"]).reset_index(drop=True), whole, rtol=1e-5, atol=1e-5
    )


def test_dask_maps_the_same_functions_over_its_partitions() -> None:
    dask = pytest.importorskip("dask", reason="Dask is not installed")
    frames = pytest.importorskip("dask.dataframe", reason="Dask is not installed")
    table = make_table(series=40)
    sales = frames.from_pandas(table, npartitions=3).shuffle("item", npartitions=3)
    surveyor = PartSurveyor.of(ReadOptions(ids=("item",), time="month", target="sales"), horizon=5)
    plan = plan_parts(lambda one: dask.compute(*map(dask.delayed(one), sales.to_delayed())), surveyor)
    meta = plan.forecaster(sales.get_partition(0).compute()).head(0)
    found = sales.map_partitions(plan.forecaster, meta=meta).compute()
    whole = open_base_model().predict(table, horizon=5, reading=surveyor.reader.reading)
    # numbers that are written are rounded
    pd.testing.assert_frame_equal(sort_forecasts(found), sort_forecasts(whole), atol=0.01, check_dtype=False)


def test_guides_that_do_not_matter_are_left_out_on_the_way(
    forecasts: Forecasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = []
    choose_again = Guides._choose_again

    def count(guides: Guides) -> None:
        before = sum(map(len, guides.parts))
        choose_again(guides)
        kept.append((before, sum(map(len, guides.parts))))

    monkeypatch.setattr("forecaster.scale.guides.MOST_VALUES", 1000)
    monkeypatch.setattr(Guides, "_choose_again", count)
    table = make_table(series=300)
    whole, parts = forecasts(table)
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)
    assert any(after < before for before, after in kept)


def test_guides_have_only_the_newest_steps_of_long_series(
    forecasts: Forecasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = []
    join = Guides.join

    def measure(guides: Guides, columns: Mapping[str, ShownColumn]) -> EarlierPasts:
        joined = join(guides, columns)
        lengths.extend(joined.panel.lengths.tolist())
        return joined

    monkeypatch.setattr(Guides, "join", measure)
    random, days = np.random.default_rng(0), pd.date_range("2015-01-01", periods=2900)
    tables = [
        pd.DataFrame(
            {"id": f"{number}", "day": days, "y": np.append([-9.0] * (number % 2), random.poisson(9, 2900))[:2900]}
        )
        for number in range(9)
    ]
    whole, parts = forecasts(pd.concat(tables), "--mean")
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)
    assert len(lengths) == 9
    assert max(lengths) < 2700


def test_memory_is_given_back_after_each_part(forecasts: Forecasts, monkeypatch: pytest.MonkeyPatch) -> None:
    freed = Mock()
    monkeypatch.setattr(predicting, "free_memory", freed)
    forecasts(make_table())
    # after the division, and after each of five parts was surveyed, and forecast
    assert freed.call_count == 1 + 5 + 5
    assert freed.call_args == call(above=750_000_000)
