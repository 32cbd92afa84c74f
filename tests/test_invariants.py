"""What must not change a forecast does not: through the whole of `predict`, for the base model and a trained one."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster import machine
from forecaster.arrays import Array
from forecaster.cli.app import run
from forecaster.forecasting import forecaster as forecasting
from forecaster.learning import assess
from forecaster.model.card import KeptCard
from forecaster.model.folder import read_card
from tests.conftest import Command
from tests.monthly_kinds import make_panel

Predict = Callable[..., pd.DataFrame]
PredictPlain = Callable[[int], pd.DataFrame]

HORIZON = 12
FOUND: dict[tuple[str, int], pd.DataFrame] = {}
"""What has been forecast of a panel as it is, by the model and the seed."""
ROUNDING = 2e-4
"""What single precision makes of a forecast, in units of the noise of its series."""


@pytest.fixture(scope="session")
def fine_tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that went on from the base model on another panel; not to be changed."""
    folder = tmp_path_factory.mktemp("fine_tuned")
    before = Path.cwd()
    os.chdir(folder)
    try:
        make_panel(99).to_csv("other.csv", index=False)
        words = ["--horizon", str(HORIZON), "--context", "48", "--steps", "8", "--learning-rate", "0.0003", "--quiet"]
        assert run(["train", "other.csv", *words]) == 0
    finally:
        os.chdir(before)
    return folder / "model"


@pytest.fixture(params=["base", "trained"])
def model(request: pytest.FixtureRequest) -> str | Path:
    """What to forecast with, as `--model` takes it."""
    found: str | Path = "base" if request.param == "base" else request.getfixturevalue("fine_tuned")
    return found


@pytest.fixture
def predict(forecast: Command, model: str | Path) -> Predict:
    """Write a table, run `forecast predict` on it, read what it wrote; negative forecasts are allowed."""

    def call(table: pd.DataFrame, *words: str, name: str = "data.csv") -> pd.DataFrame:
        table.to_csv(name, index=False)
        horizon = [] if "--horizon" in words else ["--horizon", str(HORIZON)]
        outcome = forecast(
            "predict", name, "--model", model, "--allow-negative", "--quiet", "--digits", "full", *horizon, *words
        )
        assert outcome.code == 0, outcome.stderr
        return pd.read_csv("forecasts.csv")

    return call


@pytest.fixture
def predict_plain(predict: Predict, model: str | Path) -> PredictPlain:
    """What is forecast of `make_panel` with a seed as it is; once for all tests that compare with it."""

    def call(seed: int) -> pd.DataFrame:
        key = (str(model), seed)
        if key not in FOUND:
            FOUND[key] = predict(make_panel(seed))
        return FOUND[key].copy()

    return call


def by_series(table: pd.DataFrame) -> tuple[list[str], Array]:
    """Names in their order, and the numbers of each: [series, horizon, column]."""
    names = table["id"].drop_duplicates().tolist()
    numbers = table.filter(like="forecast").to_numpy(float)
    return names, numbers.reshape(len(names), -1, numbers.shape[1])


def noise_of(table: pd.DataFrame) -> Array:
    """Mean absolute change from step to step, by series in their order: [series, 1, 1]."""
    changes = table.groupby("id", sort=False)["value"].apply(lambda values: values.diff().abs().mean())
    return changes.to_numpy(float)[:, None, None]


def assert_same(found: pd.DataFrame, expected: pd.DataFrame, *, noise: Array, within: float = ROUNDING) -> None:
    """Each number of `found` lies within so many units of the noise of its series of the one `expected`."""
    names, numbers = by_series(found)
    expected_names, expected_numbers = by_series(expected)
    assert names == expected_names
    distance = np.abs(numbers - expected_numbers).max(axis=(1, 2)) / noise[:, 0, 0]
    assert (distance < within).all(), dict(zip(names, distance.round(5), strict=True))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("factor", [1e-3, 7.3, 1e6])
def test_a_factor_multiplies_the_forecast(
    predict: Predict, predict_plain: PredictPlain, seed: int, factor: float
) -> None:
    table = make_panel(seed)
    plain, scaled = predict_plain(seed), predict(table.assign(value=table["value"] * factor))
    numbers = scaled.filter(like="forecast").columns
    scaled[numbers] /= factor
    assert_same(scaled, plain, noise=noise_of(table))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_far_from_zero_it_does_not_matter_how_far(predict: Predict, seed: int) -> None:
    table = make_panel(seed)
    shifted = []
    for offset in (1e5, -1e5, 1e7):
        found = predict(table.assign(value=table["value"] + offset))
        found[found.filter(like="forecast").columns] -= offset
        shifted.append(found)
    assert_same(shifted[2], shifted[0], noise=noise_of(table), within=1e-3)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("offset", [-1000.0, 300.0, 1e6])
def test_an_offset_moves_the_forecast(predict: Predict, seed: int, offset: float) -> None:
    # what grows by shares of its level does so no longer, and a level above zero tells of its own
    table = make_panel(seed)
    table = table[table["id"] != "growing season"]
    plain, moved = predict(table), predict(table.assign(value=table["value"] + offset))
    moved[moved.filter(like="forecast").columns] -= offset
    noise = noise_of(table)
    distance = np.abs(by_series(moved)[1] - by_series(plain)[1])[:, :, 0] / noise[:, :, 0]
    assert distance.mean() < 0.25
    assert distance.mean(axis=1).max() < 1.2
    widths = [by_series(of)[1][:, :, 2] - by_series(of)[1][:, :, 1] for of in (moved, plain)]
    ratio = widths[0].mean(axis=1) / widths[1].mean(axis=1)
    assert ((ratio > 0.6) & (ratio < 1.7)).all(), ratio


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_mirror_image_is_forecast_as_one(predict: Predict, predict_plain: PredictPlain, seed: int) -> None:
    table = make_panel(seed)
    plain, mirrored = by_series(predict_plain(seed))[1], -by_series(predict(table.assign(value=-table["value"])))[1]
    mirrored = mirrored[:, :, [0, 2, 1, 4, 3]]  # what was low is high
    noise = noise_of(table)
    # the prior taught that more series grow than shrink, and that counts are not below zero
    assert (np.abs(plain - mirrored)[:, :, 0] / noise[:, :, 0]).mean() < 0.35
    widths = [of[:, :, 2] - of[:, :, 1] for of in (plain, mirrored)]
    np.testing.assert_allclose(widths[0].mean(axis=1) / widths[1].mean(axis=1), 1, atol=0.35)


@pytest.mark.parametrize("years", [1, -40, 200])
def test_whole_cycles_on_the_calendar_change_nothing(predict: Predict, predict_plain: PredictPlain, years: int) -> None:
    table = make_panel(0)
    plain = predict_plain(0)
    moved_dates = (pd.to_datetime(table["date"]) + pd.DateOffset(years=years)).dt.strftime("%Y-%m-%d")
    moved = predict(table.assign(date=moved_dates))
    assert int(moved["date"].iloc[0][:4]) == int(plain["date"].iloc[0][:4]) + years
    pd.testing.assert_frame_equal(moved.drop(columns="date"), plain.drop(columns="date"))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_order_of_rows_and_series_changes_nothing(predict: Predict, predict_plain: PredictPlain, seed: int) -> None:
    table = make_panel(seed)
    plain = predict_plain(seed).set_index(["id", "date"]).sort_index()
    mixed = predict(table.sample(frac=1, random_state=seed)).set_index(["id", "date"]).sort_index()
    pd.testing.assert_frame_equal(mixed, plain, rtol=1e-5)


def test_the_order_of_many_series_changes_nothing(predict: Predict) -> None:
    tables = [make_panel(seed) for seed in range(30)]
    for seed, table in enumerate(tables):
        table["id"] += f" {seed}"
    plain = predict(pd.concat(tables)).set_index(["id", "date"]).sort_index()
    mixed = predict(pd.concat(tables[::-1])).set_index(["id", "date"]).sort_index()
    pd.testing.assert_frame_equal(mixed, plain, rtol=1e-5)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_else_is_in_the_file_changes_no_forecast(
    predict: Predict, predict_plain: PredictPlain, model: str | Path, seed: int
) -> None:
    table = make_panel(seed)
    together = predict_plain(seed)
    for name, rows in table.groupby("id", sort=False):
        alone = predict(rows).drop(columns=["id"] if "id" in rows else [])
        beside = together[together["id"] == name]
        # the base model's intervals are calibrated by all series of a file, its forecasts by none
        columns = ["forecast"] if model == "base" else [*beside.filter(like="forecast").columns]
        noise = rows["value"].diff().abs().mean()
        distance = np.abs(alone[columns].to_numpy() - beside[columns].to_numpy()).max()
        assert distance < ROUNDING * noise, name


def test_duplicated_series_change_nothing(predict: Predict, predict_plain: PredictPlain) -> None:
    table = make_panel(0)
    twice = pd.concat([table, table.assign(id=table["id"] + " again")])
    plain, found = by_series(predict_plain(0))[1], by_series(predict(twice))[1]
    noise = noise_of(table)
    for half in (found[:9], found[9:]):
        assert (np.abs(half - plain)[:, :, 0] < ROUNDING * noise[:, :, 0]).all()
        np.testing.assert_allclose((half[:, :, 2] - half[:, :, 1]) / (plain[:, :, 2] - plain[:, :, 1]), 1, atol=0.25)


def test_the_size_of_batches_and_the_number_of_threads_change_nothing(
    predict: Predict, predict_plain: PredictPlain, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_panel(0)
    plain = predict_plain(0)
    monkeypatch.setattr(forecasting, "count_windows", lambda _: 1)
    for threads in (1, 3):
        monkeypatch.setattr(machine, "count_usable_cpus", lambda threads=threads: threads)
        assert_same(predict(table), plain, noise=noise_of(table))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_longer_past_of_the_same_kind_changes_little(predict: Predict, seed: int) -> None:
    near, far = make_panel(seed, steps=120), make_panel(seed, steps=240)
    distance = np.abs(by_series(predict(far))[1] - by_series(predict(near))[1])[:, :, 0] / noise_of(near)[:, :, 0]
    assert distance.mean() < 0.25
    assert distance.mean(axis=1).max() < 0.8


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_values_missing_at_random_change_little(predict: Predict, predict_plain: PredictPlain, seed: int) -> None:
    table = make_panel(seed)
    holes = table.copy()
    is_missing = np.random.default_rng(seed).random(len(table)) < 0.05
    holes.loc[is_missing & (table.groupby("id").cumcount(ascending=False) > 0), "value"] = np.nan
    distance = (
        np.abs(by_series(predict(holes))[1] - by_series(predict_plain(seed))[1])[:, :, 0] / noise_of(table)[:, :, 0]
    )
    assert distance.mean() < 0.3
    assert distance.mean(axis=1).max() < 1.0


@pytest.mark.parametrize("horizon", [1, 5, 30, 100])
def test_a_longer_horizon_begins_with_the_same_steps(
    predict: Predict, predict_plain: PredictPlain, horizon: int
) -> None:
    table = make_panel(0)
    plain, other = by_series(predict_plain(0))[1], by_series(predict(table, "--horizon", str(horizon)))[1]
    steps = min(horizon, HORIZON)
    assert other.shape[1] == horizon
    assert (np.abs(other[:, :steps] - plain[:, :steps]) < ROUNDING * noise_of(table)).all()


@pytest.mark.parametrize("model", ["base", "trained"])
def test_the_interval_of_a_step_does_not_depend_on_the_horizon_asked_for(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    # hours, with the regression on own cycles, and calibrated by cutoffs of the past
    steps = np.arange(24 * 60)
    noise = np.random.default_rng(7).normal(size=(3, len(steps))) * (1 + np.sin(steps / 24) ** 2)
    dates = pd.date_range("2024-01-01", periods=len(steps), freq="h")
    frames = [
        pd.DataFrame({"id": f"s{number}", "date": dates, "value": 50 + 9 * np.sin(steps * np.pi / 12) + 2 * row})
        for number, row in enumerate(noise)
    ]
    pd.concat(frames).to_csv("hours.csv", index=False)
    if model == "trained":
        # all of what was learned is kept, so that it is not the base model again
        monkeypatch.setattr(assess, "choose_share", lambda *_, **__: KeptCard(1.0, 0.1, 0.0, 4, 3))
        monkeypatch.setattr(assess, "_is_worse", lambda *_: False)
        words = ["--horizon", "24", "--steps", "4", "--learning-rate", "0.0003", "--model", model, "--quiet"]
        assert forecast("train", "hours.csv", *words).code == 0
        assert read_card(Path(model)).calibration is not None
        assert read_card(Path(model)).training.best_step > 0
    tables = []
    for horizon in (24, 48):
        outcome = forecast("predict", "hours.csv", "--model", model, "--horizon", str(horizon), "--digits", "full")
        assert outcome.code == 0, outcome.stderr
        tables.append(by_series(pd.read_csv("forecasts.csv"))[1])
    assert tables[1].shape[1] == 48
    noise_sizes = np.abs(np.diff(noise, axis=1)).mean(axis=1)[:, None, None]
    assert (np.abs(tables[0] - tables[1][:, :24]) < ROUNDING * noise_sizes).all()


def test_wide_and_long_tables_are_forecast_alike(predict: Predict, predict_plain: PredictPlain) -> None:
    table = make_panel(0)
    plain = predict_plain(0).set_index(["id", "date"]).sort_index()
    wide = table.pivot(index="date", columns="id", values="value").reset_index()
    found = predict(wide, name="wide.csv").rename(columns={"series": "id"}).set_index(["id", "date"]).sort_index()
    pd.testing.assert_frame_equal(found, plain, rtol=1e-6)


def test_a_packed_file_is_forecast_as_it_is(predict: Predict, predict_plain: PredictPlain) -> None:
    table = make_panel(0)
    pd.testing.assert_frame_equal(predict(table, name="data.csv.gz"), predict_plain(0))
