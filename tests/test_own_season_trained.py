"""Models whose series have seasons of their own: what they learn with, keep, and do where a season is named."""

from dataclasses import replace

import numpy as np

import forecaster
from forecaster.data.calendar import HOUR, Calendar
from forecaster.data.read_options import ReadOptions
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan
from forecaster.settings import FINE_TUNING
from tests.test_own_season import make_months, make_sines
from tests.test_windows import make_panel


def test_the_season_of_a_trained_model_can_be_named_to_have_no_other() -> None:
    table, _ = make_months()
    plan = TrainingPlan(horizon=12, settings=replace(FINE_TUNING, steps=1), corrects_errors=False)
    model = forecaster.train(table, plan=plan, reading=ReadOptions(ids=("id",)))
    lines: dict[bool, list[str]] = {True: [], False: []}
    found = {
        has: model.predict(table, seasons=() if has else (12,), on_remark=lines[has].append) for has in (True, False)
    }
    assert [any("season of their own" in line for line in lines[has]) for has in (True, False)] == [True, False]
    for name, is_same in (("ten", False), ("year", True)):
        own, named = (frame.loc[frame["id"] == name, "forecast"].to_numpy(np.float64) for frame in found.values())
        assert np.allclose(own, named, rtol=1e-3) == is_same


def test_a_model_has_what_only_series_with_own_seasons_need() -> None:
    saws = [50 + np.arange(400.0) % 17 + 0.01 * np.arange(400.0) for _ in range(2)]
    hours = Calendar("microsecond", HOUR)
    encoding = divide(make_panel(*saws, calendar=hours), plan=TrainingPlan(horizon=12)).encoding
    assert encoding.has_own_seasons
    assert encoding.has_steady_cycles


def test_a_model_learns_with_it_where_a_series_has_it_and_keeps_that() -> None:
    assert divide(make_sines(), plan=TrainingPlan(horizon=12)).encoding.has_own_seasons
    assert not divide(make_sines(), plan=TrainingPlan(horizon=12, seasons=(12,))).encoding.has_own_seasons
    assert not divide(make_sines(season=7), plan=TrainingPlan(horizon=12)).encoding.has_own_seasons
    table, _ = make_months()
    plan = TrainingPlan(horizon=12, settings=replace(FINE_TUNING, steps=1), corrects_errors=False)
    for frame, has in ((table, True), (table[table["id"].isin(["year", "walk"])], None)):
        model = forecaster.train(frame, plan=plan, reading=ReadOptions(ids=("id",)))
        assert model.trained_card.own_seasons is has
        model.save("model")
        opened = forecaster.load("model").forecaster
        assert opened is not None
        assert opened.encoding.has_own_seasons == bool(has)
