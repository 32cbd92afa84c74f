"""Histories of a few equal values: they support no interval without width."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.forecasting.forecaster import support_of_equal
from tests.conftest import Command

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize(("file", "value"), [("two_rows_of_zeros.csv", 0.0), ("three_fives.csv", 5.0)])
def test_a_few_equal_values_have_no_interval(forecast: Command, file: str, value: float) -> None:
    outcome = forecast("predict", FILES / file, "--horizon", "3", "--output", "out.csv", "--json")
    assert outcome.code == 0, outcome.stderr
    table = pd.read_csv("out.csv")
    assert table["forecast"].tolist() == [value] * 3
    assert table.filter(like="-").isna().all(axis=None)
    assert "1 series that never changes has intervals left empty: 80% needs 9 equal values, 95% needs 39" in (
        outcome.stderr
    )
    assert json.loads(outcome.stdout.splitlines()[-1])["unsupported"] == {"count": 1, "series": ["the only series"]}


@pytest.mark.parametrize(
    ("options", "needs"),
    [
        (["--level", "40"], None),
        (["--level", "80"], "80% needs 9 equal values."),
        (["--level", "50,81"], "50% needs 4 equal values, 81% needs 19."),
        (["--level", "10", "--quantiles", "0.3"], None),
        (["--level", "10", "--quantiles", "0.1"], "10% needs 2 equal values, quantile 0.1 needs 9."),
        (["--level", "10,50,80,99"], "10% needs 2 equal values, …, 99% needs 199."),
    ],
)
def test_only_columns_that_are_written_are_said_to_be_empty(
    forecast: Command, options: list[str], needs: str | None
) -> None:
    outcome = forecast("predict", FILES / "three_fives.csv", "--horizon", "3", "-o", "out.csv", "--json", *options)
    said = [line.partition(" intervals left empty: ")[2] for line in outcome.stderr.splitlines() if "empty" in line]
    assert said == ([] if needs is None else [f"{needs[:-1]}: the only series."])
    assert json.loads(outcome.stdout.splitlines()[-1])["unsupported"]["count"] == len(said)
    assert pd.read_csv("out.csv").isna().any(axis=None) == (needs is not None)


@pytest.mark.parametrize(
    ("count", "known"), [(8, []), (9, ["80"]), (38, ["80"]), (39, ["80", "95"]), (200, ["80", "95"])]
)
def test_many_equal_values_are_believed(count: int, known: list[str]) -> None:
    frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=count), "y": 7.0})
    remarks: list[str] = []
    table = forecaster.predict(frame, horizon=2, on_remark=remarks.append)
    for level in ("80", "95"):
        ends = table[[f"forecast-lo-{level}", f"forecast-hi-{level}"]]
        assert (ends == 7.0).all(axis=None) if level in known else ends.isna().all(axis=None)
    assert any("intervals left empty" in remark for remark in remarks) == (len(known) < 2)


def test_the_support_of_equal_values_is_that_of_an_order_at_random() -> None:
    # in how many orders of n + 1 values the last one is neither the highest nor the lowest
    generator = np.random.default_rng(0)
    values = generator.random((20_000, 10))
    inside = (values[:, -1] < values[:, :-1].max(axis=1)) & (values[:, -1] > values[:, :-1].min(axis=1))
    assert support_of_equal(np.array([9]))[0] == pytest.approx(0.8)
    assert inside.mean() == pytest.approx(0.8, abs=0.01)
