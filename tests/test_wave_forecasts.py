"""Sums of waves: what goes on of them is a second forecast, and only of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.data.calendar import HOUR, Calendar
from forecaster.data.read_options import ReadOptions
from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.own_season import find_last_seasons
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.encoding.wave_forecasts import WIDER, forecast_waves
from forecaster.forecasting.opening import open_base, open_forecaster
from forecaster.inspection.explanation import explain_forecast
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan
from forecaster.model.base import read_base
from forecaster.model.weights import parse_weights
from forecaster.settings import FINE_TUNING
from forecaster.windows import Windows
from tests.test_windows import make_panel

AHEAD = 24


def find(*pasts: Array, horizon: int = AHEAD, period: int = 7, others: float = np.inf, **how: bool) -> SecondForecast:
    time = max(map(len, pasts))
    batch = np.stack([np.concatenate([np.full(time - len(past), np.nan), past]) for past in pasts])
    lengths, errors = np.array([len(past) for past in pasts]), np.full(len(pasts), others)
    return forecast_waves(batch, lengths, periods=(period,), horizon=horizon, others=errors, **how)


def wave(length: float, *, steps: int = 200, size: float = 1.0, phase: float = 0.0) -> Array:
    return np.asarray(size * np.sin(2 * np.pi * np.arange(steps) / length + phase))


def make_noise(*shape: int, seed: int = 0) -> Array:
    return np.asarray(np.random.default_rng(seed).normal(size=shape))


def make_sums(*, steps: int) -> dict[str, Array]:
    """Sums that no season of whole steps repeats."""
    time = np.arange(steps)
    return {
        "one": wave(31.42, steps=steps),
        "two": wave(31.42, steps=steps) + wave(12.7, steps=steps, size=0.5),
        "swelling": wave(25.13, steps=steps) * (1 + wave(251.3, steps=steps, size=0.5)),
        "tide": wave(12.42, steps=steps) + wave(23.93, steps=steps, size=0.4) + wave(25.82, steps=steps, size=0.3),
        "on a line": 0.05 * time + wave(62.83, steps=steps),
    }


@pytest.mark.parametrize("name", make_sums(steps=1))
def test_sums_of_waves_go_on(name: str) -> None:
    values = make_sums(steps=500)[name]
    past, y_true = values[:-AHEAD], values[-AHEAD:]
    noisy = past + 0.05 * past.std() * make_noise(len(past))
    units = ((1, 0), (-1, 0), (1e-3, 1e6), (1e-6, 0), (1e6, 0))
    found = find(*(factor * past + shift for factor, shift in units), noisy)
    np.testing.assert_allclose(found.weight, 1.0)
    for row, (factor, shift) in enumerate(units):
        np.testing.assert_allclose(
            found.forecast[row], factor * y_true + shift, atol=0.01 * abs(factor) * past.std(), rtol=0
        )
    assert np.abs(found.forecast[-1] - y_true).mean() < 0.06 * past.std()


def test_others_have_none() -> None:
    noise = make_noise(300, 160)
    walks = noise.cumsum(axis=1)
    remembered = np.zeros((300, 160))
    for step in range(2, 160):  # cycles that fade and begin anew, as those of trade
        remembered[:, step] = 1.7 * remembered[:, step - 1] - 0.9 * remembered[:, step - 2] + noise[:, step]
    season = 5 * wave(7, steps=160) + 0.3 * noise
    found = find(*noise, *walks, *walks.cumsum(axis=1), *np.exp(noise), *remembered, *season)
    assert (found.weight > 0).mean() < 0.005
    rare = np.where(noise > 1, noise, 0.0)
    assert not find(*rare, np.full(160, 7.0), np.zeros(160), np.full(160, np.nan), wave(20)[:47]).weight.any()


def test_waves_that_have_changed_are_none() -> None:
    time = np.arange(200)
    for ago in (30, 50, 75):
        is_past = time < 200 - ago
        for after in (np.zeros(200), 0.3 * wave(21.3), wave(21.3, phase=2.0), wave(31.3)):
            noisy = [np.where(is_past, wave(21.3), after) + 0.1 * make_noise(200, seed=seed) for seed in range(10)]
            assert find(*noisy).weight.mean() < 0.1
    # the newest steps alone tell it, too
    time = np.arange(800)
    ended = [np.where(time < 790, wave(21.3, steps=800), 0) + 0.1 * make_noise(800, seed=seed) for seed in range(10)]
    assert not find(*ended).weight.any()


def test_it_counts_where_it_has_been_much_better() -> None:
    found = [find(*(wave(21.3) + noise * make_noise(30, 200))).weight.mean() for noise in (0.1, 0.3, 0.6)]
    assert found[0] > 0.95
    assert 0.5 < found[1] < found[0]
    assert found[2] < 0.1


def test_what_is_left_of_the_last_value_lasts_as_long_as_it_did() -> None:
    lasting, shocks = np.zeros(400), 0.1 * make_noise(400)
    for step in range(1, 400):
        lasting[step] = 0.95 * lasting[step - 1] + shocks[step]
    for extra, lasts in ((lasting, 0.95), (shocks, 0.0)):
        extra[-1] += 0.5
        apart = find(wave(21.3, steps=400) + extra).forecast[0, :3] - wave(21.3, steps=403)[400:]
        np.testing.assert_allclose(apart, extra[-1] * lasts ** np.arange(1, 4), atol=0.12)


def test_it_counts_less_where_others_are_as_good() -> None:
    past = wave(21.3) + 0.1 * make_noise(200)
    error = find(past).error[0, 0] / WIDER
    weights = [find(past, others=error / times).weight[0] for times in (0.5, 0.85, 1.1, 1.5, 2.25, 3.0)]
    np.testing.assert_allclose(weights, [1, 0.95, 0.7, 0.5, 0.25, 0], atol=1e-9)
    # a season of the calendar, or one that the past has itself, tells as much
    season = wave(20) + 0.1 * make_noise(200)
    assert [find(season, period=20, is_own=is_own).weight[0] for is_own in (False, True)] == [0, 0]
    nearly = wave(20.4) + 0.1 * make_noise(200)
    assert [find(nearly, period=20, is_own=is_own).weight[0] > 0 for is_own in (False, True)] == [False, True]
    # and so does a week of hours
    hours = np.arange(24 * 40)
    week = 20 * np.sin(2 * np.pi * hours / 24) + 15 * (hours // 24 % 7 < 2) + 2 * make_noise(len(hours))
    lengths, others = np.array([len(hours)]), np.array([np.inf])
    weights = [
        forecast_waves(week[None], lengths, periods=periods, horizon=24, others=others).weight[0]
        for periods in ((24,), (24, 168))
    ]
    assert weights[0] > 0
    assert weights[1] == 0


def test_neither_other_rows_nor_the_horizon_nor_older_steps_change_it() -> None:
    sums = make_sums(steps=3000)
    pasts = [sums["one"][:100], sums["two"][:300], sums["tide"][:3000], make_noise(300), sums["swelling"][:300]]
    pasts[1] = pasts[1] + 0.3 * make_noise(300)
    found = find(*pasts, horizon=40)
    for row, past in enumerate(pasts):
        alone = find(past[-2048:], horizon=3)
        np.testing.assert_allclose(found.forecast[row, :3], alone.forecast[0])
        np.testing.assert_allclose(found.error[row, :3], alone.error[0])
        assert found.weight[row] == pytest.approx(alone.weight[0])


def test_gaps_are_left_out_and_outlier_forecasts_are_bounded() -> None:
    values = make_sums(steps=324)["two"]
    past = values[:300].copy()
    past[make_noise(300) > 1.3] = np.nan
    past[100:108] = np.nan
    found = find(past)
    assert found.weight[0] == 1
    np.testing.assert_allclose(found.forecast[0], values[300:], atol=0.02)
    past[make_noise(300, seed=1) > 0.9] = np.nan
    assert np.isnan(past).mean() > 0.2
    assert find(past).weight[0] == 0
    far = find(0.2 * np.arange(200) + wave(21.3), horizon=3000)
    assert np.isfinite(far.forecast).all()
    assert far.forecast.max() <= 82
    assert (np.diff(far.error[0, 100:]) > 0).all()


def make_table(*, count: int, steps: int, noise: float, freq: str = "D") -> tuple[pd.DataFrame, Array]:
    times = pd.date_range("2020-01-01", periods=steps, freq=freq)
    generator = np.random.default_rng(5)
    values = [
        20
        + wave(generator.uniform(15, 40), steps=steps + AHEAD)
        + wave(generator.uniform(9, 15), steps=steps + AHEAD, size=0.5)
        + noise * generator.normal(size=steps + AHEAD)
        for _ in range(count)
    ]
    parts = [pd.DataFrame({"id": f"c{n:03d}", "time": times, "y": one[:steps]}) for n, one in enumerate(values)]
    return pd.concat(parts), np.stack(values)[:, steps:]


@pytest.mark.parametrize("noise", [0.05, 0.2])
def test_forecasts_follow_waves_with_intervals_that_hold(noise: float) -> None:
    table, y_true = make_table(count=40, steps=250, noise=noise)
    found = forecaster.predict(table, horizon=AHEAD, reading=ReadOptions(ids=("id",)), level=(80, 95))
    error = np.abs(found["forecast"].to_numpy(np.float64).reshape(40, AHEAD) - y_true).mean()
    assert error < 1.4 * noise  # 0.8 is that of the noise alone
    for level, lowest in ((80, 0.7), (95, 0.88)):
        is_inside = (found[f"forecast-lo-{level}"] <= y_true.ravel()) & (
            found[f"forecast-hi-{level}"] >= y_true.ravel()
        )
        assert is_inside.mean() > lowest
        assert (found[f"forecast-hi-{level}"] - found[f"forecast-lo-{level}"]).mean() < 10 * noise


def test_shift_scale_and_the_rest_of_the_file_change_nothing_of_it() -> None:
    table, _ = make_table(count=4, steps=250, noise=0.1)
    reading = ReadOptions(ids=("id",))

    def predict(frame: pd.DataFrame) -> Any:
        found = forecaster.predict(frame, horizon=AHEAD, reading=reading)
        return found.loc[found["id"] == "c002", "forecast"].to_numpy(np.float64)

    plain = predict(table[table["id"] == "c002"])
    np.testing.assert_allclose(predict(table.sample(frac=1, random_state=0)), plain, rtol=1e-4)
    for factor in (1e-6, 1e6):
        np.testing.assert_allclose(predict(table.assign(y=factor * table["y"])), factor * plain, rtol=1e-4)
    np.testing.assert_allclose(predict(table.assign(y=table["y"] + 1e5)), 1e5 + plain, atol=1e-2)


def test_with_covariates_there_is_none() -> None:
    # what repeats may be what they do, and do no longer
    table, _ = make_table(count=1, steps=250, noise=0.05)
    table["x"] = np.random.default_rng(0).normal(size=250)
    panel = forecaster.library.inputs.read_data(table, reading=ReadOptions(ids=("id",), past=("x",))).panel
    base = open_base(panel)
    without = replace(base, encoding=replace(base.encoding, has_waves=False))
    np.testing.assert_array_equal(base.forecast(panel, horizon=9).median, without.forecast(panel, horizon=9).median)


def test_days_of_a_climate_stay_with_their_cycles() -> None:
    hours = np.arange(24 * 40)
    day = np.sin(2 * np.pi * hours / 24) + 0.3 * np.sin(4 * np.pi * hours / 24)
    values = 20 + (5 + hours / 400) * day + 0.05 * make_noise(len(hours)).cumsum()
    encoded = encode(Windows(values[None], np.array([len(hours)])), encoding=Encoding(192, (24, 168)), horizon=24)
    assert encoded.second.kind[0] != "waves"


def test_the_card_says_whether_a_model_learned_with_it() -> None:
    plan = TrainingPlan(horizon=AHEAD, settings=replace(FINE_TUNING, steps=1), corrects_errors=False)
    table, _ = make_table(count=1, steps=250, noise=0.1, freq="h")
    walk = table.assign(y=make_noise(250).cumsum())
    for frame, has in ((table, True), (walk, None)):
        model = forecaster.train(frame.drop(columns="id"), plan=plan)
        assert model.trained_card.waves is has
        model.save("model")
        assert open_forecaster(Path("model"))[0].encoding.has_waves == bool(has)
        assert ('"format_version": 12' in Path("model/model.json").read_text()) == bool(has)
    hours = Calendar("microsecond", HOUR)
    assert divide(make_panel(table["y"].to_numpy(), calendar=hours), plan=plan).encoding.has_waves


def test_inspect_names_it() -> None:
    table, _ = make_table(count=1, steps=250, noise=0.1)
    panel = make_panel(table["y"].to_numpy())
    base, (card, network, path) = open_base(panel, seasons=(1,)), read_base()
    weights = parse_weights(path.read_bytes(), card=card, network=network)
    explanation = explain_forecast(panel, base, series=0, horizon=AHEAD, weights=weights, shape=card.network)
    assert explanation.candidates[-1] == "waves"
    np.testing.assert_allclose(explanation.mix.sum(axis=1), 1.0)
    np.testing.assert_allclose(explanation.median, base.forecast(panel, horizon=AHEAD).median[0], rtol=1e-5)


def test_no_season_is_named_where_waves_count_for_more() -> None:
    two = wave(31.4, steps=300) + wave(81.7, steps=300, size=0.5) + 0.05 * make_noise(300)
    saw = 0.2 * (np.arange(300) % 20) + 0.05 * make_noise(300)
    panel = make_panel(two, saw)
    base = open_base(panel)
    assert find_last_seasons(panel, encoding=base.encoding).tolist()[1] == 20
    found = base.forecast(panel, horizon=AHEAD).own_season
    assert found is not None
    assert found.tolist() == [0, 20]
    without = replace(base, encoding=replace(base.encoding, has_waves=False)).forecast(panel, horizon=AHEAD).own_season
    assert without is not None
    assert (without > 0).all()
