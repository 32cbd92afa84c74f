"""The regression of each past on its own last year: what it learns from, when it counts, and what it changes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.cutoffs import roll_cutoffs
from forecaster.data.calendar import Calendar
from forecaster.encoding import autoregression
from forecaster.encoding.autoregression import forecast_by_own_year
from forecaster.encoding.regression import MARGIN
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.encoding.zero_share import trust_few_zeros
from forecaster.forecasting.opening import open_base
from forecaster.windows import cut_truth
from tests.conftest import Command
from tests.test_windows import make_panel

HORIZON = 6


def look_back(*series: Array, period: int = 12, horizon: int = HORIZON) -> SecondForecast:
    """The second forecasts of series that end together."""
    longest = max(len(values) for values in series)
    past = np.stack([np.pad(values, (longest - len(values), 0), constant_values=np.nan) for values in series])
    return forecast_by_own_year(past, np.array([len(v) for v in series]), periods=(period,), horizon=horizon)


def make_months(seed: int = 0, years: int = 25) -> Array:
    """Months of which each goes back a bit towards the year before, above zero."""
    generator = np.random.default_rng(seed)
    values = np.zeros(12 * years + 24)
    for step in range(13, len(values)):
        values[step] = 0.5 * values[step - 12] + 0.4 * values[step - 1] + 0.05 * generator.normal()
    return np.asarray(100 * np.exp(values[24:]))


def test_forecasts_are_those_of_the_penalty_that_forecasts_left_out_cutoffs_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Against plain loops that learn anew without each cutoff."""
    lags, together = 5, 4
    penalties = (0.003, 0.1, 3.0)
    monkeypatch.setattr(autoregression, "PENALTIES", np.array(penalties))
    values = np.random.default_rng(0).normal(size=80).cumsum()
    found = look_back(values, period=4, horizon=together)
    rows = np.stack([values[begin : begin + lags + together] for begin in range(len(values) - lags - together + 1)])
    features, wanted = rows[:, : lags - 1] - rows[:, [lags - 1]], rows[:, lags:] - rows[:, [lags - 1]]
    middle, size = features.mean(axis=0), features.std(axis=0)
    features = (features - middle) / size

    def learn(kept: NDArray[np.bool_], penalty: float) -> Array:
        centre = features[kept].mean(axis=0)
        design = features[kept] - centre
        squares = design.T @ design + penalty * len(rows) * np.eye(lags - 1)
        slopes = np.linalg.solve(squares, design.T @ (wanted[kept] - wanted[kept].mean(axis=0)))
        return np.vstack([slopes, wanted[kept].mean(axis=0) - centre @ slopes])

    everything = np.arange(len(rows))
    errors = []
    for penalty in penalties:
        left_out = [learn(everything != row, penalty) for row in everything]
        misses = [wanted[row] - features[row] @ left[:-1] - left[-1] for row, left in enumerate(left_out)]
        errors.append(np.abs(misses).mean())
    assert len(set(np.round(errors, 6))) == len(penalties)
    weights = learn(everything >= 0, penalties[int(np.argmin(errors))])
    ahead = (values[-lags:-1] - values[-1] - middle) / size @ weights[:-1] + weights[-1]
    np.testing.assert_allclose(found.forecast[0], values[-1] + ahead)


def test_logarithms_of_positive_values_make_it_the_same_in_every_unit() -> None:
    values = make_months()
    one, other = look_back(values), look_back(1000 * values)
    np.testing.assert_allclose(other.forecast, 1000 * one.forecast)
    np.testing.assert_allclose(other.weight, one.weight)
    # of values on both sides of zero it is the same after a shift and in a mirror
    centred = values - 100
    both = [look_back(centred), look_back(3 - 2 * centred)]
    np.testing.assert_allclose(both[1].forecast, 3 - 2 * both[0].forecast)
    np.testing.assert_allclose(both[1].weight, both[0].weight)


def test_other_series_and_what_is_outside_change_nothing() -> None:
    long, short = make_months(1, years=40), make_months(2, years=20)
    together, alone = look_back(long, short, 0 * short), look_back(short)
    np.testing.assert_allclose(together.forecast[1], alone.forecast[0])
    np.testing.assert_allclose(together.weight[1], alone.weight[0])
    past = np.stack([long, np.concatenate([np.full(len(long) - len(short), 1e6), short])])
    outside = forecast_by_own_year(past, np.array([len(long), len(short)]), periods=(12,), horizon=HORIZON)
    np.testing.assert_allclose(outside.forecast[1], alone.forecast[0])


def test_memory_is_limited_without_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    series = [make_months(seed) for seed in range(5)]
    whole = look_back(*series)
    monkeypatch.setattr(autoregression, "MOST_NUMBERS", 12_000)
    np.testing.assert_allclose(look_back(*series).forecast, whole.forecast)


def test_values_that_were_not_observed_teach_nothing() -> None:
    values = make_months(3)
    gaps = values.copy()
    gaps[100:130] = np.nan
    wild = gaps.copy()
    wild[99], wild[131] = values[99], values[131]
    found = look_back(gaps)
    np.testing.assert_allclose(found.forecast, look_back(values).forecast, rtol=0.1)
    assert found.weight[0] > 0
    few = values[-150:].copy()
    assert look_back(few).weight[0] > 0
    few[::8] = np.nan
    assert look_back(few).weight[0] == 0


def test_the_weight_grows_with_the_cutoffs_for_each_lag() -> None:
    # 13 lags, and 12 steps that are learned together
    lengths = (13 * 7 + 23, 13 * 7 + 24, 13 * 10, 13 * 14 + 24)
    weights = [look_back(make_months(4)[-steps:]).weight[0] for steps in lengths]
    assert weights[0] == 0
    assert 0 == weights[1] < weights[2] < weights[3] == autoregression.WEIGHT
    for periods in ((7,), (24, 168), (1,), (12, 84), (4, 28)):
        found = forecast_by_own_year(np.ones((1, 900)), np.array([900]), periods=periods, horizon=3)
        assert found.weight[0] == 0
        assert np.isnan(found.forecast).all()


@pytest.mark.parametrize("period", [4, 12, 52])
def test_no_step_depends_on_how_many_are_asked_for(period: int) -> None:
    values = np.random.default_rng(5).normal(size=16 * (period + 1) + 30).cumsum()
    whole = look_back(values, period=period, horizon=30)
    for horizon in (1, min(period, 20), 29):
        some = look_back(values, period=period, horizon=horizon)
        np.testing.assert_allclose(some.forecast, whole.forecast[:, :horizon])
        np.testing.assert_allclose(some.weight, whole.weight)


def test_later_steps_that_too_few_cutoffs_show_are_left_to_the_network() -> None:
    values = make_months(8)[-124:]
    found, near = look_back(values, horizon=24), look_back(values, horizon=12)
    assert found.weight[0] == near.weight[0] > 0
    np.testing.assert_allclose(found.forecast[0, :12], near.forecast[0])
    assert np.isnan(found.forecast[0, 12:]).all()
    panel = make_panel(values, calendar=Calendar("month", 1))
    forecaster = open_base(panel)
    medians = [forecaster.forecast(panel, horizon=horizon).median[0, :12] for horizon in (12, 24)]
    np.testing.assert_allclose(medians[0], medians[1], rtol=1e-4)


def disturb(kind: str) -> Array:
    values = make_months(6).copy()
    if kind == "an odd last value":
        values[-1] *= 0.3
    elif kind == "a dip":
        values[-6:-3] *= 0.3
    elif kind == "a new level":
        values[-8:] *= 2.5
    elif kind == "the end of sales":
        values[-6:] = 0
    return values


@pytest.mark.parametrize("kind", ["an odd last value", "a dip", "a new level", "the end of sales"])
def test_a_last_year_unlike_all_before_it_has_no_weight(kind: str) -> None:
    assert look_back(disturb("nothing")).weight[0] == autoregression.WEIGHT
    assert look_back(disturb(kind)).weight[0] < 0.1 * autoregression.WEIGHT


def test_large_newest_errors_leave_no_weight() -> None:
    """Half a year of zeros looks much like the low half of a season, but nothing was forecast rightly in it."""
    generator, weeks = np.random.default_rng(0), 850
    slow = np.zeros(weeks)
    for week in range(1, weeks):
        slow[week] = 0.6 * slow[week - 1] + generator.normal()
    values = 100 + 20 * np.sin(2 * np.pi * np.arange(weeks) / 52) + 4 * slow
    assert look_back(values, period=52).weight[0] == autoregression.WEIGHT
    values[-26:] = 0
    assert look_back(values, period=52).weight[0] < 0.1 * autoregression.WEIGHT


def test_forecasts_stay_near_what_was_seen() -> None:
    grows = 12 * np.linspace(0, 1, 300) ** 20
    found = look_back(np.exp(grows), horizon=36)
    np.testing.assert_allclose(np.log(found.forecast[0, -1]), 12 * (1 + MARGIN))
    assert np.isfinite(look_back(np.zeros(300)).forecast).all()


def test_long_series_are_forecast_better_than_by_the_network_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    months = Calendar("month", 1)
    panel = make_panel(*[make_months(seed) for seed in range(8)], calendar=months)
    forecaster = open_base(panel)
    index = roll_cutoffs(panel, horizon=HORIZON, windows=6, step=3)
    truth = cut_truth(panel, index=index, horizon=HORIZON)
    averaged = forecaster.forecast(panel, index=index, horizon=HORIZON)
    monkeypatch.setattr(autoregression, "WEIGHT", 0.0)
    alone = forecaster.forecast(panel, index=index, horizon=HORIZON)
    error, alone_error = (np.abs(of.median - truth).mean() for of in (averaged, alone))
    assert error < 0.95 * alone_error
    # all quantiles move alike
    moved = averaged.quantiles - alone.quantiles
    np.testing.assert_allclose(moved, moved[:, :, :1] * np.ones(moved.shape[2]), atol=1e-6 * np.abs(truth).max())


def test_predict_is_the_same_in_every_unit_order_and_company(forecast: Command, tmp_path: Path) -> None:
    def write(factor: float, *seeds: int) -> list[str]:
        return [
            f"{seed},{2000 + step // 12}-{step % 12 + 1:02},{factor * value!r}"
            for seed in seeds
            for step, value in enumerate(make_months(seed, years=20).tolist())
        ]

    medians = {}
    for name, lines in {"a": write(1.0, 0, 1), "b": write(1024.0, 2, 1, 0)[::-1]}.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(["id,month,value", *lines]))
        assert (
            forecast("predict", tmp_path / f"{name}.csv", "--horizon", 6, "-o", tmp_path / f"{name}_out.csv").code == 0
        )
        frame = pd.read_csv(tmp_path / f"{name}_out.csv").set_index(["id", "month"])["forecast"]
        medians[name] = frame[frame.index.get_level_values("id") < 2].sort_index()
    assert len(medians["a"]) == 12
    np.testing.assert_allclose(medians["b"], 1024 * medians["a"], rtol=1e-4)


def test_rare_demand_is_not_averaged_with_it(forecast: Command) -> None:
    """Its regression is a mean, and all quantiles would be moved towards it, far above a median of zero."""
    generator = np.random.default_rng(3)
    months = pd.date_range("2000-01-01", periods=252, freq="MS").strftime("%Y-%m")
    sold = np.where(generator.random((12, 252)) < 0.12, generator.integers(10, 60, (12, 252)), 0)
    rows = [pd.DataFrame({"part": f"p{number}", "month": months, "units": row}) for number, row in enumerate(sold)]
    pd.concat(rows).to_csv("parts.csv", index=False)
    outcome = forecast("evaluate", "parts.csv", "--horizon", "12")
    assert outcome.code == 0, outcome.stderr
    table = pd.read_csv("backtest.csv")
    assert (table["forecast"] == 0).mean() > 0.9
    assert forecast("predict", "parts.csv", "--horizon", "12", "--mean", "--output", "out.csv").code == 0
    mean = pd.read_csv("out.csv")["forecast-mean"].sum()
    assert 0.7 < mean / (12 * 12 * sold.mean()) < 1.4


def test_the_weight_falls_with_the_share_of_zeros() -> None:
    values, zeros = make_months(), np.random.default_rng(1).permutation(300)
    weights = []
    for share in (0, 0.1, 0.27, 0.5):
        some = values.copy()
        some[zeros[: round(share * len(some))]] = 0.0
        weights.append(look_back(some).weight[0])
    assert trust_few_zeros(np.array([[0.0, 1, np.nan, 1, 1, 1]])) == 1
    assert weights[0] > 0
    assert weights[1] > weights[2] > weights[3] == 0
