"""Series that repeat after other steps than the calendar says: found, forecast so, and said."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.encoding.encode import encode, settle_season
from forecaster.encoding.encoded import Encoded
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.own_season import find_last_seasons, find_own_seasons
from forecaster.forecasting.opening import open_base
from forecaster.inspection.explanation import explain_forecast
from forecaster.model.base import read_base
from forecaster.model.weights import parse_weights
from forecaster.windows import WindowCovariates, Windows
from tests.conftest import SAMPLES, Command
from tests.test_windows import make_panel

STEPS = np.arange(240.0)
MONTHLY, HOURLY = (12,), (24, 168)


def add_noise(values: Any, *, seed: int = 0, size: float = 0.5) -> Array:
    return np.asarray(values + size * np.random.default_rng(seed).normal(size=len(values)))


def find(*pasts: Array, periods: tuple[int, ...] = MONTHLY) -> list[int]:
    time = max(map(len, pasts))
    batch = np.stack([np.concatenate([np.full(time - len(past), np.nan), past]) for past in pasts])
    found = find_own_seasons(batch, np.array([len(past) for past in pasts]), periods=periods)
    return [int(season) for season in found]


SAW, WAVE, SQUARE, SPIKES = STEPS % 10, 5 * np.sin(STEPS / 3), 6.0 * (STEPS % 30 < 15), 6.0 * (STEPS % 15 < 3)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("season", "values"), [(10, SAW), (19, WAVE), (30, SQUARE), (15, SPIKES)])
def test_it_is_found_in_any_unit_with_gaps_a_trend_and_wrong_values(season: int, values: Array, seed: int) -> None:
    values = add_noise(values, seed=seed)
    gaps, wrong = values.copy(), values.copy()
    gaps[5::17], wrong[100] = np.nan, 1e4
    for one in (values, 1e6 + 1e-3 * values, -values, gaps, wrong, values + 0.6 * STEPS, values[120:]):
        assert find(one) == [season]
        assert find(one, periods=(1,)) == [season]


def test_what_does_not_repeat_has_none() -> None:
    generator = np.random.default_rng(0)
    found = []
    for length in (24, 36, 60, 120, 240, 500):
        noise = generator.normal(size=(40, length))
        kinds = (noise, noise.cumsum(axis=1), noise.cumsum(axis=1).cumsum(axis=1), np.exp(noise), 1.0 * (noise > 1))
        found += [find(*kind, periods=periods) for kind in kinds for periods in ((1,), (4,), MONTHLY, HOURLY)]
    assert np.mean(np.concatenate(found) > 0) < 0.003
    few = generator.normal(size=(1000, 24))
    assert np.mean(np.array(find(*few, *np.exp(few), periods=(1,))) > 0) < 0.005
    for rate, length in ((0.05, 60), (0.1, 48), (0.4, 36)):
        rare = generator.poisson(rate, (1000, length)) * 1.0
        assert np.mean(np.array(find(*rare, *(20 - rare), periods=(1,))) > 0) < 0.002
    # cycles that fade and begin anew
    fading = np.zeros((200, 250))
    for step in range(2, 250):
        fading[:, step] = 1.45 * fading[:, step - 1] - 0.81 * fading[:, step - 2] + generator.normal(size=200)
    assert np.mean(np.array(find(*fading, periods=(1,))) > 0) < 0.05
    straight, still, empty = 3 + 0.1 * STEPS, np.full(100, 7.0), np.full(100, np.nan)
    assert find(straight, STEPS**2, 1.02**STEPS, np.log1p(STEPS), still, empty, STEPS[:10] % 3) == [0] * 7


def test_the_seasons_of_the_calendar_and_their_parts_are_none_of_its_own() -> None:
    year = add_noise(5 * np.sin(STEPS * np.pi / 6))
    quarter, two_months = add_noise(4.0 * (STEPS % 3 == 0)), add_noise(3.0 * (STEPS % 2))
    assert find(year, quarter, two_months) == [0, 0, 0]
    assert find(year, quarter, periods=(1,)) == [12, 3]
    # a part of the year, which is too long to be compared with
    assert find(add_noise(4 * np.sin(STEPS[:55] * 2 * np.pi / 13)), periods=(52,)) == [0]
    # months of weeks
    assert find(add_noise(4 * np.sin(STEPS * 2 * np.pi * 6 / 52)), periods=(52,)) == [0]
    hours = np.arange(500.0)
    day = add_noise(5 * np.sin(hours * np.pi / 12) + 2.0 * (hours // 24 % 7 > 4))
    assert find(day, periods=HOURLY) == [0]
    # a day of which only 17 hours are in the file, or an hour is missing each day
    assert find(add_noise(5 * np.sin(hours * 2 * np.pi / 17)), periods=HOURLY) == [17]
    assert find(add_noise(5 * np.sin(hours * 2 * np.pi / 23), size=0.2), periods=HOURLY) == [23]
    # every second week is another one
    assert find(add_noise(5.0 * (STEPS % 14 < 4)), periods=(7, 365)) == [14]


def make_windows(*pasts: Array, covariates: WindowCovariates | None = None) -> Windows:
    time = max(map(len, pasts))
    batch = np.stack([np.concatenate([np.full(time - len(past), np.nan), past]) for past in pasts])
    return Windows(batch, np.array([len(past) for past in pasts]), covariates)


def assert_same(found: Encoded, expected: Encoded, *, row: int) -> None:
    np.testing.assert_array_equal(found.inputs[row], expected.inputs[0])
    np.testing.assert_array_equal(found.candidates[row], expected.candidates[0])
    np.testing.assert_array_equal(found.second.forecast[row], expected.second.forecast[0])
    assert found.own_season[row] == expected.own_season[0]


def test_a_window_is_encoded_as_if_its_season_were_the_calendars_whatever_is_beside_it() -> None:
    pasts = [add_noise(SAW), add_noise(WAVE), add_noise(5 * np.sin(STEPS * np.pi / 6)), add_noise(SAW[:40])]
    encoding = Encoding(48, MONTHLY)
    both = encode(make_windows(*pasts), encoding=encoding, horizon=8)
    np.testing.assert_array_equal(both.own_season, [10, 19, 0, 10])
    for row, (past, season) in enumerate(zip(pasts, (10, 19, 12, 10), strict=True)):
        assert_same(both, encode(make_windows(past), encoding=encoding, horizon=8), row=row)
        named = Encoding(48, (season,), has_own_seasons=False)
        padded = make_windows(past).take(np.zeros(1, np.int64), reach=300)
        np.testing.assert_array_equal(both.inputs[row], encode(padded, encoding=named, horizon=8).inputs[0])
    without = encode(make_windows(*pasts), encoding=replace(encoding, has_own_seasons=False), horizon=8)
    assert not without.own_season.any()
    assert np.abs(without.candidates - both.candidates)[[0, 1, 3]].max(axis=(1, 2)).min() > 0.5
    np.testing.assert_array_equal(without.candidates[2], both.candidates[2])


def test_weeks_have_seven_of_the_days_that_are_found() -> None:
    assert Encoding(24, HOURLY).repeat_after(17).periods == (17, 119)
    assert Encoding(24, (7, 365)).repeat_after(10).periods == (10,)
    assert Encoding(24, (1,)).repeat_after(11).periods == (11,)


def test_what_a_covariate_repeats_is_no_season() -> None:
    past = add_noise(SAW[:60], size=0.1)
    deal = np.zeros((1, 68, 1))
    deal[0, [7, 18, 31]] = 1
    given = make_windows(past, covariates=WindowCovariates(deal, np.ones(1, bool), ("deal",)))
    encoding = Encoding(24, (7,))
    assert encode(make_windows(past), encoding=encoding, horizon=8).own_season.tolist() == [10]
    assert encode(given, encoding=encoding, horizon=8).own_season.tolist() == [0]
    assert settle_season(make_windows(past), encoding=encoding)[1].periods == (10,)
    assert settle_season(given, encoding=encoding)[1].periods == (7,)
    # longer arrays keep covariates at the same steps
    wider = given.take(np.zeros(1, np.int64), reach=80)
    assert wider.covariates is not None
    assert wider.past.shape[1] == 80
    np.testing.assert_array_equal(wider.covariates.values[:, 20:], deal)
    assert np.isnan(wider.covariates.values[:, :20]).all()


def test_promotions_that_are_known_ahead_are_no_season() -> None:
    time = np.arange(220)
    promo = np.where(time < 200, time % 10 < 2, 0)
    week = np.array([0.0, 3, 6, 9, 4, -8, -14])[time % 7]
    sales = add_noise(100 + week + 40 * promo, size=2)
    days = pd.date_range("2022-01-01", periods=220)
    table = pd.DataFrame({"day": days, "sales": np.where(time < 200, sales, np.nan), "promo": promo})
    reading = ReadOptions(target="sales", known=("promo",))
    found = forecaster.predict(table, horizon=20, reading=reading)["forecast"].to_numpy(np.float64)
    assert np.abs(found - sales[200:]).mean() < 4


def test_a_season_that_has_ended_is_none() -> None:
    generator = np.random.default_rng(0)
    shape = generator.normal(0, 10, 20)
    found = []
    for ago in (0, 40, 60, 100, 200):
        pasts = []
        for _ in range(30):
            values = 100 + shape[np.arange(400) % 20] + generator.normal(0, 2, 400)
            values[400 - ago :] = 100 + generator.normal(0, 2, ago)
            pasts.append(values)
        found.append(float(np.mean(np.array(find(*pasts, periods=(1,))) > 0)))
    assert found[0] == 1
    assert max(found[1:]) < 0.1
    # it may have become that of the calendar
    months = np.arange(240)
    values = np.where(months < 204, 5.0 * (months % 7 < 3), 5.0 * (months % 12 < 4))
    assert find(add_noise(values)) == [0]


def test_minutes_may_repeat_though_a_day_has_a_whole_number_of_it() -> None:
    minutes = np.arange(500.0)
    for season in (17, 20, 37, 60):
        assert find(add_noise(5 * np.sin(minutes * 2 * np.pi / season)), periods=(1440, 10080)) == [season]


def make_months(*, steps: int = 120, ahead: int = 12) -> tuple[pd.DataFrame, dict[str, Array]]:
    months = pd.date_range("2010-01-01", periods=steps, freq="MS")
    time = np.arange(float(steps + ahead))
    series = {
        "year": add_noise(50 + 9 * np.sin(time * np.pi / 6), seed=3),
        "ten": add_noise(50 + 3 * (time % 10), seed=1),
        "twenty": add_noise(50 + 1.5 * (time % 20), seed=2),
        "walk": 50 + np.random.default_rng(4).normal(size=steps + ahead).cumsum(),
    }
    parts = [pd.DataFrame({"id": name, "month": months, "y": values[:steps]}) for name, values in series.items()]
    return pd.concat(parts), {name: values[steps:] for name, values in series.items()}


def test_forecasts_follow_it_unless_a_season_is_named(forecast: Command) -> None:
    table, y_true = make_months()
    table.to_csv("months.csv", index=False)
    line = "2 series with a season of their own, not the calendar's, that forecasts follow (or --season): "
    errors = []
    for flags in ((), ("--season", "12")):
        outcome = forecast("predict", "months.csv", "--horizon", "12", "-o", "out.csv", *flags)
        assert (f"{line}ten (10 steps); twenty (20 steps)." in outcome.stderr) == (not flags)
        found = pd.read_csv("out.csv").set_index("id")["forecast"]
        errors.append({name: np.abs(found.loc[name] - truth).mean() for name, truth in y_true.items()})
    for name in ("ten", "twenty"):
        assert errors[0][name] < 1
        assert errors[1][name] > 3 * errors[0][name]
    for name in ("year", "walk"):
        assert errors[0][name] == pytest.approx(errors[1][name], rel=1e-3)


def test_shift_scale_and_the_rest_of_the_file_change_nothing_of_it() -> None:
    table, _ = make_months()
    reading = ReadOptions(ids=("id",))
    ten = table[table["id"] == "ten"]

    def predict(frame: pd.DataFrame) -> Array:
        found = forecaster.predict(frame, horizon=12, reading=reading)
        return found.loc[found["id"] == "ten", "forecast"].to_numpy(np.float64)

    alone = predict(ten)
    np.testing.assert_allclose(predict(table.sample(frac=1, random_state=0)), alone, rtol=1e-4)
    np.testing.assert_allclose(predict(ten.assign(y=1000 * ten["y"])), 1000 * alone, rtol=1e-4)
    np.testing.assert_allclose(predict(ten.assign(y=ten["y"] + 1e4)), 1e4 + alone, atol=0.1)


def test_a_forecast_in_parts_is_the_same_and_says_the_same(forecast: Command) -> None:
    table, _ = make_months()
    table.to_csv("months.csv", index=False)
    whole = forecast("predict", "months.csv", "-o", "out.csv")
    parts = forecast("predict", "months.csv", "--max-memory", "400MB", "-o", "parts")
    line = next(line for line in whole.stderr.splitlines() if "of their own" in line)
    assert line in parts.stderr.splitlines()
    found = pd.read_parquet("parts").sort_values(["id", "month"])
    expected = pd.read_csv("out.csv").sort_values(["id", "month"])
    np.testing.assert_allclose(found["forecast"], expected["forecast"], rtol=1e-5)
    said = json.loads(forecast("predict", "months.csv", "--max-memory", "400MB", "-o", "again", "--json").stdout)
    assert "own_season" not in said


def test_check_names_it(forecast: Command) -> None:
    table, _ = make_months()
    facts = dict(forecaster.check(table, reading=ReadOptions(ids=("id",))).facts)
    assert facts["seasons"] == "12 steps; of their own: 2 series, ten (10 steps); twenty (20 steps)"
    assert dict(forecaster.check(SAMPLES / "air_passengers.csv").facts)["seasons"] == "12 steps"
    assert "of its own" not in forecast("predict", SAMPLES / "air_passengers.csv", "-o", "out.csv").stderr


def test_check_names_what_predict_follows() -> None:
    days = pd.date_range("2022-01-01", periods=260)
    late = np.concatenate([np.zeros(60), 20 + add_noise(np.arange(200.0) % 10)])
    table = pd.DataFrame({"day": days, "y": late, "promo": np.arange(260) % 10 < 2})
    for frame, known in ((table[["day", "y"]], ()), (table, ("promo",))):
        reading, named = ReadOptions(target="y", known=known), not known
        remarks: list[str] = []
        forecaster.predict(
            frame, horizon=3, reading=reading, future_fill="last" if known else None, on_remark=remarks.append
        )
        facts = dict(forecaster.check(frame, reading=reading).facts)
        assert any("(10 steps)" in line for line in remarks) == named
        assert ("(10 steps)" in facts["seasons"]) == named


def make_sines(count: int = 6, *, season: int = 20, steps: int = 150) -> Panel:
    time = np.arange(float(steps))
    waves = [40 + 9 * np.sin((time + 3 * number) * 2 * np.pi / season) for number in range(count)]
    return make_panel(*(add_noise(wave, seed=number) for number, wave in enumerate(waves)))


def test_an_explanation_keeps_the_season_while_it_hides_parts_of_the_past() -> None:
    panel = make_sines(1, steps=62)
    base, (card, network, path) = open_base(panel), read_base()
    weights = parse_weights(path.read_bytes(), card=card, network=network)
    explanation = explain_forecast(panel, base, series=0, horizon=20, weights=weights, shape=card.network)
    np.testing.assert_allclose(explanation.median, base.forecast(panel, horizon=20).median[0], rtol=1e-5)
    assert {(segment.end - segment.begin + 1) % 20 for segment in explanation.segments[:-1]} == {0}
    newest, *older = [np.abs(segment.contribution).mean() for segment in explanation.segments]
    assert newest > max(older)


def test_the_ends_of_all_series_are_looked_at() -> None:
    panel = make_panel(add_noise(SAW), np.full(3, 1.0), add_noise(STEPS), add_noise(WAVE))
    np.testing.assert_array_equal(find_last_seasons(panel, encoding=Encoding(48, MONTHLY)), [10, 0, 0, 19])
