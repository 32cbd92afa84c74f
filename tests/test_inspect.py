"""A look inside: what is in a model, and why a forecast is what it is."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from forecaster.arrays import Array
from forecaster.cutoffs import end_of_history
from forecaster.encoding.encode import encode
from forecaster.encoding.names import CANDIDATES
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.forecasting.blending import average_with_second
from forecaster.forecasting.opening import open_base
from forecaster.inspection.explanation import Explanation, explain_forecast, measure_memory
from forecaster.model.base import read_base
from forecaster.model.weights import parse_weights
from forecaster.network.trace import LayerTrace, trace_network
from forecaster.report.drawing import draw
from forecaster.report.inspection import plot_sparkline
from forecaster.report.lines_and_bars import describe_bars, describe_lines
from forecaster.windows import cut_windows
from tests.browser import Browser
from tests.conftest import SAMPLES, Command, make_monthly
from tests.pages import Texts, read_data
from tests.test_blending import make_days_that_depend_on_the_day_before
from tests.test_windows import make_panel

AIRLINE = SAMPLES / "air_passengers.csv"
HORIZON = 8


def explain(*series: Array, number: int = 0) -> Explanation:
    panel = make_panel(*series)
    card, network, path = read_base()
    return explain_forecast(
        panel,
        open_base(panel),
        series=number,
        horizon=HORIZON,
        weights=parse_weights(path.read_bytes(), card=card, network=network),
        shape=card.network,
    )


def make_series(*, length: int = 60, seed: int = 0) -> Array:
    generator = np.random.default_rng(seed)
    steps = np.arange(length)
    return np.asarray(50 + steps / 3 + 4 * generator.normal(size=length))


def test_a_look_shows_the_forecast_that_is_made() -> None:
    moved = make_series()
    # beyond the network's reach one stood still, and of one nothing is known
    series = [moved, np.append(moved, np.full(900, 7.0)), np.append(moved, np.full(900, np.nan))]
    panel = make_panel(*series)
    expected = open_base(panel).forecast(panel, horizon=HORIZON).median
    for number in range(3):
        explanation = explain(*series, number=number)
        np.testing.assert_allclose(explanation.median, expected[number], rtol=1e-5)
        np.testing.assert_array_equal(explanation.history, series[number][-len(explanation.history) :])
        np.testing.assert_allclose(explanation.mix.sum(axis=1), 1.0)
        assert explanation.candidates == CANDIDATES
        assert len(explanation.layers) == read_base()[0].network.layers


def test_the_mix_has_the_average_with_the_regressions() -> None:
    panel = make_days_that_depend_on_the_day_before(count=1, days=60)
    forecaster, (card, network, path) = open_base(panel), read_base()
    weights = parse_weights(path.read_bytes(), card=card, network=network)
    explanation = explain_forecast(panel, forecaster, series=0, horizon=24, weights=weights, shape=card.network)
    windows = cut_windows(panel, index=end_of_history(panel), past_length=forecaster.encoding.past_length)
    encoded = encode(windows, encoding=forecaster.encoding, horizon=24)
    alone = replace(encoded, second=SecondForecast.none(1, 24))
    assert explanation.candidates == (*forecaster.encoding.candidates, "own_cycles")
    inputs, candidates = encoded.inputs.astype(np.float64), encoded.candidates.astype(np.float64)
    trace = trace_network(inputs, candidates, weights=weights, shape=card.network)
    quantiles = trace.quantiles.astype(np.float64)
    median = quantiles[:, :, forecaster.levels.index(0.5)]
    blended = [average_with_second(quantiles, of, levels=forecaster.levels) for of in (encoded, alone)]
    moved = (blended[0] - blended[1])[0, :, 0] / (encoded.second.forecast - median)[0]
    (weight,) = encoded.second.weight
    assert weight > 0.1
    assert (moved <= weight + 1e-9).all()
    np.testing.assert_allclose(explanation.mix.sum(axis=1), 1.0)
    np.testing.assert_allclose(explanation.mix[:, -1], moved, rtol=1e-6)
    np.testing.assert_allclose(explanation.mix[:, :-1], (1 - moved)[:, None] * trace.mix[0], rtol=1e-6)
    assert (explanation.mix[:, -1] > 0.05).all()
    # the mix is that of the forecast: with the network's correction it gives the median
    correction = median[0] - (trace.mix[0] * candidates[0].T).sum(axis=1)
    every = np.concatenate([candidates[0].T, encoded.second.forecast.T], axis=1)
    mixed = (explanation.mix * every).sum(axis=1) + (1 - moved) * correction
    restored = encoded.restore(mixed[None, :, None], level=encoded.scales.level, noise_scale=encoded.scales.noise_scale)
    np.testing.assert_allclose(restored[0, :, 0], explanation.median, rtol=1e-5)


def test_stretches_are_the_whole_history_and_what_was_not_seen_adds_nothing() -> None:
    values = 50 + np.random.default_rng(0).normal(size=60).cumsum()
    values[20:32] = np.nan
    explanation = explain(values)
    ends = [0, *(segment.end for segment in explanation.segments)]
    assert [segment.begin for segment in explanation.segments] == [end + 1 for end in ends[:-1]]
    assert ends[-1] == len(explanation.history)
    blank = [
        segment
        for segment in explanation.segments
        if np.isnan(
            explanation.history[len(explanation.history) - segment.end : len(explanation.history) - segment.begin + 1]
        ).all()
    ]
    assert blank
    for segment in blank:
        np.testing.assert_array_equal(segment.contribution, 0.0)
    sizes = [np.abs(segment.contribution).mean() for segment in explanation.segments]
    assert np.argmax(sizes) == 0, "the newest steps tell most"


def test_memory_is_the_time_in_which_a_unit_forgets() -> None:
    gate = np.full((30, 2, 3), 0.5)
    gate[:, :, 1] = 1.0
    layer = LayerTrace({"forget": gate}, gate, gate)
    memory = measure_memory(layer)
    assert memory is not None
    assert memory[0] == memory[2] == pytest.approx(1 / np.log(2))
    assert memory[1] == 1e6
    assert measure_memory(LayerTrace({}, gate, gate)) is None


def test_sparklines_rise_where_values_do() -> None:
    assert plot_sparkline(np.arange(8.0)) == "▁▂▃▄▅▆▇█"
    assert plot_sparkline(np.array([0.0, np.nan, 1.0]), low=0, high=1) == "▁ █"
    assert plot_sparkline(np.full(3, 7.0)) == "▅▅▅"
    assert len(plot_sparkline(np.arange(1000.0), width=10)) == 10
    assert plot_sparkline(np.full(2, np.nan)) == "  "


def test_charts_show_what_they_are_given() -> None:
    lines = describe_lines(
        {"a & b": np.array([1.0, 2.0, np.nan, 4.0]), "c": np.full(4, 3.0)}, labels=list("wxyz"), size=(400, 300)
    )
    table = lines["light"]["layers"][0]["data"]
    points = [*zip(table["what"], table["time"], table["y"], strict=True)]
    assert points[:3] == [("a & b", "w", 1.0), ("a & b", "x", 2.0), ("a & b", "z", 4.0)]
    assert len(set(table["run"])) == 3, "broken where nothing is known"
    drawn = draw(lines["dark"], ending=".svg")
    assert drawn == draw(lines["dark"], ending=".svg"), "the same description gives the same file"
    texts = {element.text.strip() for element in ElementTree.fromstring(drawn).iter() if element.text}
    assert {"a & b", "c", "w", "z"} <= texts
    bars = describe_bars(
        {"one": np.array([0.25, 0.5]), "two": np.array([0.75, np.nan])}, labels=["p", "q"], is_stacked=True
    )
    shapes = ElementTree.fromstring(draw(bars["light"], ending=".svg")).iter()
    blue, orange = ("rgb(0,114,178)", "rgb(213,94,0)")
    heights = [
        (element.get("fill"), float(element.get("height", 0))) for element in shapes if element.tag.endswith("rect")
    ]
    sizes = [height for fill, height in heights if fill in (blue, orange) and height > 20]
    assert sorted(sizes) == pytest.approx([min(sizes), 2 * min(sizes), 3 * min(sizes)], abs=0.15)
    with pytest.raises(RuntimeError, match="Lets-Plot: "):
        draw({**bars["light"], "layers": [{"geom": "none"}]}, ending=".svg")
    logarithmic = describe_lines({"a": np.array([0.0, 1e-3, 1e3])}, labels=list("xyz"), is_logarithmic=True)
    assert logarithmic["light"]["layers"][0]["data"]["y"] == [1e-3, 1e3]


def test_the_base_model_and_one_series_are_shown(forecast: Command) -> None:
    outcome = forecast("inspect", "base", AIRLINE, "--output", "page.html")
    assert outcome.code == 0, outcome.stderr
    for words in ("lstm", "synthetic series", "1960-12", "forget", "Memory", "seasonal_naive"):
        assert words in outcome.stderr
    page = Path("page.html").read_text()
    found = Texts(page)
    assert page.count('role="img"') == len(read_data(page)["charts"]) == 6
    assert not {"link", "img", "iframe"} & set(found.tags)
    assert not found.addresses, "nothing is fetched"
    assert "seasonal_naive" in json.dumps(read_data(page)["charts"][2])


def test_the_page_shows_the_intervals_that_predict_writes(forecast: Command, monthly_csv: Path) -> None:
    assert forecast("predict", monthly_csv, "--id", "shop", "--horizon", "8").code == 0
    words = ["--id", "shop", "--horizon", "8", "--series", "s2", "--output", "page.html"]
    outcome = forecast("inspect", "base", monthly_csv, *words)
    assert outcome.code == 0, outcome.stderr
    table = pd.read_csv("forecasts.csv").query("shop == 's2'")
    layers = read_data(Path("page.html").read_text())["charts"][0]["light"]["layers"]
    intervals = {layer["data"]["what"][0]: layer["data"] for layer in layers if layer["geom"] == "ribbon"}
    for level in (80, 95):
        assert intervals[f"{level}% interval"]["low"] == table[f"forecast-lo-{level}"].tolist()
        assert intervals[f"{level}% interval"]["high"] == table[f"forecast-hi-{level}"].tolist()
    lines = [layer["data"] for layer in layers if layer["geom"] == "line"]
    assert [line["what"][0] for line in lines] == ["observed", "forecast"]
    assert lines[1]["y"] == table["forecast"].tolist()


def test_a_page_needs_the_extra_and_the_terminal_does_not(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lets_plot_kotlin_bridge", None)
    assert forecast("inspect", "base", AIRLINE).code == 0
    outcome = forecast("inspect", "base", AIRLINE, "--output", "page.html")
    assert outcome.code == 78
    assert "pip install 'forecast-lstm[plot]'" in outcome.stderr
    assert not Path("page.html").exists()


@pytest.mark.slow
def test_the_page_is_drawn_in_a_browser(forecast: Command, browser: Browser) -> None:
    assert forecast("inspect", "base", AIRLINE, "--output", "page.html").code == 0
    for width in (1280, 390):
        browser.open(Path("page.html"), width=width, is_dark=width == 390)
        assert browser.run("return document.documentElement.scrollWidth") <= width
        drawn = "return [...document.querySelectorAll('.chart')].filter((chart) => chart.querySelector('svg')).length"
        assert browser.run(drawn) == 6
    assert browser.read_errors() == []


def test_what_comes_after_until_is_not_looked_at(forecast: Command) -> None:
    outcome = forecast("inspect", "base", AIRLINE, "--until", "1955-12")
    assert outcome.code == 0, outcome.stderr
    assert "1955-12" in outcome.stderr
    assert "1956" not in outcome.stderr


def test_a_series_without_a_value_is_named(forecast: Command) -> None:
    table = make_monthly(length=40)
    table.loc[table["shop"] == "s1", "sales"] = None
    table.to_csv("shops.csv", index=False)
    outcome = forecast("inspect", "base", "shops.csv", "--id", "shop", "--series", "s1")
    assert outcome.code == 65
    assert "Series s1 has no value" in outcome.stderr


def test_weights_of_another_model_are_refused(forecast: Command, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained / "model", tmp_path / "torn")
    shutil.copy(read_base()[2], next((tmp_path / "torn").glob("weights-*.safetensors")))
    outcome = forecast("inspect", tmp_path / "torn")
    assert outcome.code == 78
    assert "does not belong to the model.json next to it" in outcome.stderr


def test_an_unknown_series_lists_the_nearest(forecast: Command) -> None:
    make_monthly(length=40).to_csv("shops.csv", index=False)
    outcome = forecast("inspect", "base", "shops.csv", "--id", "shop", "--series", "s11")
    assert outcome.code == 2
    assert "'s1'" in outcome.stderr
    assert forecast("inspect", "nowhere").code == 66


def test_a_page_goes_into_a_file_of_its_own_kind(forecast: Command) -> None:
    outcome = forecast("inspect", "base", AIRLINE, "--output", "forecasts.csv")
    assert outcome.code == 2
    assert "ends in .html" in outcome.stderr
    assert not Path("forecasts.csv").exists()


def test_the_base_model_asked_for_by_name_is_not_a_substitute(forecast: Command) -> None:
    assert "no trained model in model/" not in forecast("inspect", "base", AIRLINE).stderr
    assert "no trained model in model/" in forecast("predict", AIRLINE).stderr


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_the_base_model_forecasts_beside_a_trained_one(forecast: Command, trained: Path, command: str) -> None:
    shutil.copytree(trained / "model", "model")
    asked = forecast(command, AIRLINE, "--model", "base")
    assert asked.code == 0, asked.stderr
    assert "this is the base model" in asked.stderr
    assert "no trained model in model/" not in asked.stderr
