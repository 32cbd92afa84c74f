"""Series that do not end together: forecast for the same future, unless they ended or their ends are scattered."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from tests.conftest import Command, Outcome

PRODUCTS = Path(__file__).parent / "files" / "products_of_which_one_ended.csv"
LATEST = ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05", "2024-06"]


def predict(forecast: Command, path: str | Path, *words: str) -> tuple[Outcome, pd.DataFrame]:
    outcome = forecast("predict", path, "--id", "product", "--horizon", "6", "--output", "-", *words)
    assert outcome.code == 0, outcome.stderr
    return outcome, pd.read_csv(StringIO(outcome.stdout))


def months_of(table: pd.DataFrame, name: str) -> list[str]:
    return table.loc[table["product"] == name, "month"].tolist()


def write(lengths: dict[str, int]) -> str:
    """Monthly series that begin together."""
    months = pd.date_range("2020-01-01", periods=max(lengths.values()), freq="MS").strftime("%Y-%m")
    rows = [f"{name},{months[step]},{step % 12 + 10}" for name, length in lengths.items() for step in range(length)]
    Path("series.csv").write_text("product,month,sold\n" + "\n".join(rows) + "\n")
    return "series.csv"


def test_a_series_that_ended_long_ago_is_named_and_left_out(forecast: Command) -> None:
    outcome, table = predict(forecast, PRODUCTS)
    assert "1 series ended more than 6 steps before the others and is left out (or --ended forecast): stool." in (
        outcome.stderr
    )
    assert (
        "1 series ends before the others and is forecast for the same steps as the others (or --origin own): desk."
        in (outcome.stderr)
    )
    assert sorted(table["product"].unique()) == ["chair", "desk", "lamp", "shelf", "sofa"]
    assert all(months_of(table, name) == LATEST for name in table["product"].unique())
    assert "5 series, 6 steps ahead" in outcome.stderr


def test_the_flags_that_the_remarks_name_do_what_they_say(forecast: Command) -> None:
    _, table = predict(forecast, PRODUCTS, "--ended", "forecast")
    assert (months_of(table, "stool")[0], months_of(table, "desk")) == ("2022-01", LATEST)
    _, table = predict(forecast, PRODUCTS, "--origin", "own")
    assert (months_of(table, "stool")[0], months_of(table, "desk")[0]) == ("2022-01", "2023-12")
    assert months_of(table, "lamp") == LATEST


def test_a_gap_is_forecast_over(forecast: Command) -> None:
    _, own = predict(forecast, PRODUCTS, "--origin", "own")
    _, latest = predict(forecast, PRODUCTS)
    numbers = ["forecast", "forecast-lo-95", "forecast-hi-95"]
    over = latest[latest["product"] == "desk"][numbers].to_numpy()
    np.testing.assert_allclose(over[:-1], own[own["product"] == "desk"][numbers].to_numpy()[1:], rtol=1e-5)
    one, other = (table[table["product"] == "lamp"][numbers].to_numpy() for table in (own, latest))
    np.testing.assert_allclose(one, other, rtol=1e-5)


def test_counts_and_names_are_in_the_summary(forecast: Command) -> None:
    outcome = forecast("predict", PRODUCTS, "--horizon", "6", "--id", "product", "--json", "--quiet")
    summary = json.loads(outcome.stdout)
    assert summary["ended"] == {"count": 1, "series": ["stool"]}
    assert summary["behind"] == {"count": 1, "series": ["desk"]}
    assert (summary["series"], summary["failed"]["count"]) == (5, 0)


def test_a_frame_is_forecast_as_a_file() -> None:
    frame = pd.read_csv(PRODUCTS).sample(frac=1, random_state=1)
    remarks: list[str] = []
    reading = forecaster.ReadOptions(ids=("product",))
    table = forecaster.predict(frame, horizon=6, reading=reading, on_remark=remarks.append)
    assert all(months_of(table, name) == LATEST for name in table["product"].unique())
    assert any("left out (or --ended forecast): stool" in remark for remark in remarks)
    ends = forecaster.EndOptions(origin="own")
    table = forecaster.predict(frame, horizon=6, reading=reading, ends=ends)
    assert months_of(table, "stool")[0] == "2022-01"


def test_scattered_ends_are_each_forecast_from_their_own(forecast: Command) -> None:
    path = write({"a": 40, "b": 30, "c": 36, "d": 40})
    outcome, table = predict(forecast, path)
    assert [months_of(table, name)[0] for name in "abcd"] == ["2023-05", "2022-07", "2023-01", "2023-05"]
    assert "each is forecast from its own end (or --origin latest)" in outcome.stderr
    outcome, table = predict(forecast, path, "--origin", "latest")
    assert {months_of(table, name)[0] for name in "acd"} == {"2023-05"}
    assert "left out (or --ended forecast): b." in outcome.stderr


def test_a_horizon_behind_is_not_ended(forecast: Command) -> None:
    _, table = predict(forecast, write({"a": 40, "b": 40, "c": 40, "d": 34, "e": 33}))
    assert [months_of(table, name) == months_of(table, "a") for name in "bcd"] == [True] * 3
    assert months_of(table, "e") == []


def test_rows_that_came_early_carry_the_others_along(forecast: Command) -> None:
    _, table = predict(forecast, write({"a": 40, "b": 40, "c": 40, "d": 42}))
    assert {months_of(table, name)[0] for name in "abcd"} == {"2023-07"}


def test_a_series_that_goes_on_for_long_does_not_end_the_others(forecast: Command) -> None:
    outcome, table = predict(forecast, write({"a": 30, "b": 30, "c": 30, "d": 48}))
    assert [months_of(table, name)[0] for name in "abcd"] == ["2022-07"] * 3 + ["2024-01"]
    assert "1 series goes on long after most others end, and is forecast from its own end" in outcome.stderr


def test_series_without_a_value_still_fail(forecast: Command) -> None:
    Path("series.csv").write_text(PRODUCTS.read_text() + "bench,2020-01,\n")
    outcome = forecast("predict", "series.csv", "--id", "product", "--horizon", "6", "--output", "-")
    assert outcome.code == 3
    assert "1 series without a value to forecast from: bench" in outcome.stderr


@pytest.mark.parametrize("horizon", [1, 12])
def test_series_that_end_together_need_no_remark(forecast: Command, horizon: int) -> None:
    path = write({"a": 40, "b": 40})
    outcome = forecast("predict", path, "--id", "product", "--horizon", str(horizon), "--output", "-")
    assert "--origin" not in outcome.stderr
    assert "--ended" not in outcome.stderr


def test_two_groups_of_series_that_end_apart_are_both_forecast(forecast: Command) -> None:
    months = pd.date_range("2020-01-01", periods=48, freq="MS").strftime("%Y-%m")
    rows = [(f"s{number}", month, 10 + number) for number in range(10) for month in months[: 48 if number < 6 else 24]]
    pd.DataFrame(rows, columns=["id", "month", "y"]).to_csv("groups.csv", index=False)
    outcome = forecast("predict", "groups.csv", "--horizon", "3")
    assert outcome.code == 0, outcome.stderr
    assert "each is forecast from its own end" in outcome.stderr
    written = pd.read_csv("forecasts.csv").groupby("id")["month"].min()
    assert written["s0"] == "2024-01"
    assert written["s9"] == "2022-01"
