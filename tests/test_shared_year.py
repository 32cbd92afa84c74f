"""What all series do at the same time of each year: kept where it repeats, and nothing after a cutoff decides it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.cutoffs import WindowIndex
from forecaster.encoding.shared_year import WEEKS, SharedYear
from forecaster.errors import ConfigurationError, InterruptedRunError
from forecaster.inspection.explanation import explain_forecast
from forecaster.learning.dataset import LearningData, divide
from forecaster.learning.plan import TrainingPlan
from forecaster.learning.shared_year import LONGEST_WEEKS, find_shared_year
from forecaster.learning.year_before import find_year_before
from forecaster.library.inputs import read_data
from forecaster.settings import FINE_TUNING
from forecaster.windows import cut_windows
from tests.conftest import Command

HORIZON, DAYS, FUTURE = 14, 560, 60
PLAN = TrainingPlan(horizon=HORIZON)
QUICK = replace(PLAN, settings=replace(FINE_TUNING, steps=1), corrects_errors=False)


def make_table(*, repeats: bool = True, series: int = 8, common: float = 20.0, seed: int = 0) -> pd.DataFrame:
    """Shops with a week, noise of 8, and a level that all of them change in each week of the year alike."""
    generator = np.random.default_rng(seed)
    days = np.arange(DAYS + FUTURE)
    of_year = generator.normal(0, common, WEEKS)
    of_week = of_year[days // 7 % WEEKS] if repeats else generator.normal(0, common, len(days) // 7 + 1)[days // 7]
    dates = pd.date_range("2023-01-02", periods=len(days))
    shops = []
    for number in range(series):
        size = 1 + number / 4
        values = size * (200 + 15 * (days % 7) + of_week + generator.normal(0, 8, len(days)))
        shops.append(pd.DataFrame({"shop": f"s{number}", "date": dates, "sales": values.round(2)}))
    return pd.concat(shops)


def keep_past(table: pd.DataFrame) -> pd.DataFrame:
    past: pd.DataFrame = table[table["date"] < table["date"].min() + pd.Timedelta(days=DAYS)]
    return past


def divide_table(table: pd.DataFrame, *, plan: TrainingPlan = PLAN) -> LearningData:
    return divide(read_data(table).panel, plan=plan)


def test_what_repeats_is_kept() -> None:
    found = find_shared_year(divide_table(keep_past(make_table())), plan=PLAN)
    assert found is not None
    assert found.share >= 0.75
    assert found.gain > 0.1 + found.error
    assert found.series == 8


@pytest.mark.parametrize(
    "table", [make_table(repeats=False), make_table(common=0.0), make_table(series=4)], ids=["anew", "noise", "few"]
)
def test_what_does_not_repeat_or_is_noise_or_of_few_series_is_not_kept(table: pd.DataFrame) -> None:
    assert find_shared_year(divide_table(keep_past(table)), plan=PLAN) is None


def test_too_little_history_and_other_steps_have_none() -> None:
    table = make_table()
    short = table[table["date"] < table["date"].min() + pd.Timedelta(days=WEEKS * 7 + 60)]
    assert find_shared_year(divide_table(short), plan=PLAN) is None
    long = replace(PLAN, horizon=(LONGEST_WEEKS + 1) * 7)
    assert find_shared_year(divide_table(table, plan=long), plan=long) is None
    hourly = table.assign(
        date=table["date"].min() + pd.to_timedelta((table["date"] - table["date"].min()).dt.days, "h")
    )
    assert find_shared_year(divide_table(hourly), plan=PLAN) is None


def test_it_can_be_left_out() -> None:
    plan = replace(PLAN, finds_shared_year=False)
    assert find_shared_year(divide_table(keep_past(make_table())), plan=plan) is None


def test_nothing_after_a_cutoff_changes_what_is_expected_from_there() -> None:
    table = make_table()
    changed = table.copy()
    is_late = changed["date"] >= changed["date"].min() + pd.Timedelta(days=DAYS)
    changed.loc[is_late, "sales"] *= 7
    expected = []
    for every in (table, changed):
        data = divide_table(every)
        found = find_shared_year(data, plan=PLAN)
        assert found is not None
        year = SharedYear.from_card(replace(found, share=1.0), calendar=data.panel.calendar)
        longest = LONGEST_WEEKS * 7
        index = WindowIndex(np.arange(8), np.full(8, DAYS))
        past = cut_windows(data.panel, index=index, past_length=400).past
        expected.append(year.expect(past, places=year.find_places(data.panel, index), horizon=longest))
    assert np.abs(expected[0][:, 400:]).max() > 10
    np.testing.assert_array_equal(expected[0], expected[1])


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2025-07-16", "2024-07-17"),  # Wednesdays
        ("2025-12-25", "2024-12-25"),
        ("2025-01-01", "2024-01-01"),
        ("2024-12-31", "2023-12-31"),
        ("2025-04-20", "2024-03-31"),  # Easter Sundays
        ("2025-04-22", "2024-04-02"),
        ("2025-04-13", "2024-03-24"),
        ("2025-04-01", "NaT"),  # Easter Tuesday of 2024 was 364 days before
        ("2025-04-23", "2024-04-24"),
    ],
)
def test_the_same_day_a_year_before(day: str, before: str) -> None:
    found = find_year_before(np.array([day], "datetime64[D]"), years=1)
    np.testing.assert_array_equal(found, np.array([before], "datetime64[D]"))


def test_two_years_before_and_any_year() -> None:
    days = np.array(["2025-12-24", "2025-04-20", "0003-05-06", "9000-05-05"], "datetime64[D]")
    found = find_year_before(days, years=2)
    assert found.astype(str).tolist()[:2] == ["2023-12-24", "2023-04-09"]


@pytest.fixture(scope="module")
def models() -> dict[bool, forecaster.Model]:
    """Models of the same past, with and without the shared year."""
    past = keep_past(make_table())
    return {finds: forecaster.train(past, plan=replace(QUICK, finds_shared_year=finds)) for finds in (True, False)}


def test_forecasts_are_better_and_do_not_depend_on_the_other_series(models: dict[bool, forecaster.Model]) -> None:
    table = make_table()
    past, future = keep_past(table), table.drop(keep_past(table).index)
    truth = future.set_index(["shop", "date"])["sales"]
    errors = {}
    for finds, model in models.items():
        found = model.predict(past, horizon=FUTURE).set_index(["shop", "date"])
        errors[finds] = float((found["forecast"] - truth).abs().mean())
    assert errors[True] < 0.85 * errors[False]  # noise alone is 0.7 of it
    whole = models[True].predict(past)
    alone = models[True].predict(past[past["shop"] == "s3"])
    pd.testing.assert_frame_equal(whole[whole["shop"] == "s3"].reset_index(drop=True), alone.reset_index(drop=True))


@pytest.mark.parametrize("days", [21, 35, 56, 70])
def test_what_has_died_stays_dead(models: dict[bool, forecaster.Model], days: int) -> None:
    past = keep_past(make_table())
    is_dead = (past["shop"] == "s2") & (past["date"] > past["date"].max() - pd.Timedelta(days=days))
    past = past.assign(sales=past["sales"].where(~is_dead, 0.0))
    found, without = (models[finds].predict(past).query("shop == 's2'")["forecast"] for finds in (True, False))
    np.testing.assert_allclose(found, without, atol=5)  # other calibration alone; what all do is more


@pytest.mark.parametrize("days", [10, 50, 200])
def test_a_wrong_value_in_a_series_changes_little(models: dict[bool, forecaster.Model], days: int) -> None:
    past = keep_past(make_table())
    is_wrong = (past["shop"] == "s2") & (past["date"] == past["date"].max() - pd.Timedelta(days=days))
    wrong = past.assign(sales=past["sales"].where(~is_wrong, 1e6))
    given, found = (models[True].predict(every).query("shop == 's2'")["forecast"] for every in (past, wrong))
    np.testing.assert_allclose(found, given, rtol=0.1)


def test_where_columns_explain_the_values_nothing_is_looked_for() -> None:
    table = keep_past(make_table())
    table["promo"] = (table["date"].dt.day < 4).astype(int)
    panel = read_data(table, reading=forecaster.ReadOptions(target="sales", known=("promo",))).panel
    assert find_shared_year(divide(panel, plan=PLAN), plan=PLAN) is None
    panel = read_data(table.drop(columns="promo"), reading=forecaster.ReadOptions(holidays=("US",))).panel
    assert find_shared_year(divide(panel, plan=PLAN), plan=PLAN) is not None


def test_the_row_of_the_base_model_is_that_without_it(models: dict[bool, forecaster.Model]) -> None:
    scores = {finds: model.trained_card.scores for finds, model in models.items()}
    assert scores[True]["base model"] == scores[False]["base model"]
    ours, base = (scores[True][name].overall["MASE"] for name in ("forecast", "base model"))
    assert ours is not None
    assert base is not None
    assert ours < 0.9 * base


def test_a_stopped_training_is_not_resumed_with_another_setting(tmp_path: Path) -> None:
    past, checkpoint = keep_past(make_table()), tmp_path / "stopped"
    signals = iter([None, 15])
    control: forecaster.RunControl[Any] = forecaster.RunControl(checkpoint, stop_signal=lambda: next(signals))
    plan = replace(QUICK, settings=replace(FINE_TUNING, steps=3))
    with pytest.raises(InterruptedRunError):
        forecaster.train(past, plan=plan, control=control)
    again: forecaster.RunControl[Any] = forecaster.RunControl(checkpoint, resume=True)
    with pytest.raises(ConfigurationError, match="settings changed"):
        forecaster.train(past, plan=replace(plan, finds_shared_year=False), control=again)


def test_shifted_and_scaled_values_have_shifted_and_scaled_forecasts(models: dict[bool, forecaster.Model]) -> None:
    past = keep_past(make_table())
    values = ["forecast", "forecast-lo-80", "forecast-hi-80"]
    given = models[True].predict(past)[values]
    moved = models[True].predict(past.assign(sales=1e3 + 100 * past["sales"]))[values]
    np.testing.assert_allclose(moved, 1e3 + 100 * given, rtol=2e-3)


def test_inspect_explains_the_forecast_of_predict(models: dict[bool, forecaster.Model]) -> None:
    model, panel = models[True], read_data(keep_past(make_table())).panel
    assert model.forecaster is not None
    shape = model.trained_card.network
    explained = explain_forecast(panel, model.forecaster, series=2, horizon=HORIZON, weights=model.weights, shape=shape)
    found = model.forecaster.forecast(panel).median[2]
    np.testing.assert_allclose(explained.median, found)
    assert explained.history[-1] == panel.values[panel.offsets[3] - 1]


def test_it_ends_a_year_after_the_training(models: dict[bool, forecaster.Model]) -> None:
    late = keep_past(make_table())
    late = late.assign(date=late["date"] + pd.Timedelta(days=7 * 150))
    found, without = (models[finds].predict(late)["forecast"] for finds in (True, False))
    np.testing.assert_allclose(found, without, rtol=1e-3)


@pytest.mark.parametrize(("horizon", "is_beyond"), [(7 * WEEKS, False), (7 * WEEKS + 1, True)])
def test_what_is_beyond_it_is_said(models: dict[bool, forecaster.Model], horizon: int, is_beyond: bool) -> None:
    said: list[str] = []
    models[True].predict(keep_past(make_table()), horizon=horizon, on_remark=said.append)
    assert any("8 series forecast more than a year after the training" in line for line in said) == is_beyond


def test_run_does_without_it_and_inspect_shows_it(forecast: Command, tmp_path: Path) -> None:
    data = tmp_path / "shops.csv"
    keep_past(make_table()).to_csv(data, index=False)
    given = ("run", data, "--horizon", HORIZON, "--budget", "0.1s", "--no-correction")
    for flags, name, is_shown in ([], "with", True), (["--no-shared-year"], "without", False):
        found = forecast(*given, *flags, "--model", tmp_path / name, "--runs", tmp_path / "runs")
        assert found.code == 0, found.stderr
        shown = forecast("inspect", tmp_path / name).stderr
        assert ("of what all 8 series did a year before" in shown) == is_shown


def test_train_says_it(forecast: Command, tmp_path: Path) -> None:
    data, model = tmp_path / "shops.csv", tmp_path / "model"
    keep_past(make_table()).to_csv(data, index=False)
    given = ("train", data, "--horizon", HORIZON, "--steps", 1, "--model", model, "--no-correction", "--json")
    trained = forecast(*given)
    assert trained.code == 0, trained.stderr
    assert "Of what all series did a year before, " in trained.stderr
    shared = json.loads(trained.stdout)["shared_year"]
    assert shared["share"] >= 0.75
    assert shared["series"] == 8
    assert json.loads((model / "model.json").read_text())["format_version"] == 5
    plain = forecast(*given, "--no-shared-year")
    assert json.loads(plain.stdout)["shared_year"] is None
    assert json.loads((model / "model.json").read_text())["format_version"] == 3
