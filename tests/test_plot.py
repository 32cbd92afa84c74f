"""`forecast plot`: the picture has the numbers of the forecast file, the right series, and a backtest without leaks."""

import json
import re
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from forecaster.data.read_options import ReadOptions
from forecaster.library.opening import open_model
from forecaster.library.picture_plan import PicturePlan
from forecaster.library.pictures import Pictures, take_pictures
from forecaster.report.descriptions import Wording, describe_pictures, write_number
from forecaster.report.drawing import RASTER_SCALE, draw
from forecaster.report.looks import LOOKS
from forecaster.report.wording import name_levels
from tests.conftest import SAMPLES, Command, make_monthly

AIRLINE = SAMPLES / "air_passengers.csv"


def take(table: pd.DataFrame, **options: Any) -> Pictures:
    model = open_model(None)
    reading = ReadOptions(ids=("shop",)) if "shop" in table else None
    return take_pictures(model, model.read(table, reading=reading), plan=PicturePlan(**options))


def make_one(values: Any) -> pd.DataFrame:
    dates = pd.date_range("2015-01-01", periods=len(values), freq="MS").strftime("%Y-%m-%d")
    return pd.DataFrame({"date": dates, "sales": values})


def read_points(svg: str, colour: str) -> list[list[tuple[float, float]]]:
    """The points of each line or area of `colour`, in pixels."""
    shown = f"rgb({','.join(map(str, bytes.fromhex(colour[1:])))})"
    found = []
    for element in ElementTree.fromstring(svg).iter():
        if element.tag.endswith("path") and shown in (element.get("stroke"), element.get("fill")):
            pairs = re.findall(r"(-?[\d.]+) (-?[\d.]+)", element.get("d", "").replace(",", " "))
            # a line begins with its first point twice
            found.append([(float(x), float(y)) for x, y in pairs[1:]])
    return found


def test_the_picture_has_the_numbers_of_the_forecast_file(forecast: Command) -> None:
    assert forecast("predict", AIRLINE, "--horizon", "12").code == 0
    outcome = forecast("plot", AIRLINE, "--horizon", "12", "-o", "a.svg", "--history", "50")
    assert outcome.code == 0, outcome.stderr
    table, look, svg = pd.read_csv("forecasts.csv"), LOOKS["light"], Path("a.svg").read_text()
    (median,) = (line for line in read_points(svg, look.forecast) if len(line) == 12)
    (history,) = (line for line in read_points(svg, look.history) if len(line) == 50)
    (area,) = (line for line in read_points(svg, look.fade(look.forecast, 0.42)) if len(line) >= 24)
    values = pd.read_csv(AIRLINE).iloc[:, 1].to_numpy()[-50:]
    # all of them are on one scale
    scale = np.polyfit(values, [y for _, y in history], 1)
    for points, expected in (
        (history, values),
        (median, table["forecast"]),
        (area[:24], [*table["forecast-hi-80"], *table["forecast-lo-80"][::-1]]),
    ):
        np.testing.assert_allclose([y for _, y in points], np.polyval(scale, expected), atol=0.05)
    assert median[0][0] > history[-1][0]
    assert "1961-01 to 1961-12" in svg
    assert "up to 1959-12" in svg


@pytest.mark.parametrize(("theme", "scale"), [("light", RASTER_SCALE), ("dark", 1.0)])
def test_all_parts_are_drawn_as_pixels_too(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, theme: str, scale: float
) -> None:
    from PIL import Image

    monkeypatch.setattr("forecaster.report.drawing.RASTER_SCALE", scale)
    words = ["--horizon", "12", "--theme", theme]
    assert forecast("plot", AIRLINE, "-o", "a.png", *words).code == 0
    with Image.open(BytesIO(Path("a.png").read_bytes())) as image:
        assert image.size == ((1920, 1080) if scale == RASTER_SCALE else (960, 540))
        colours = {colour: count for count, colour in image.convert("RGB").getcolors(1_000_000) or ()}
    look = LOOKS[theme]
    parts = [look.background, look.history, look.forecast, look.backtest, look.grid, look.fade(look.forecast, 0.42)]
    for part in parts:
        assert colours.get(tuple(bytes.fromhex(part[1:])), 0) > 100, part


def test_the_backtest_knows_nothing_of_what_it_is_compared_with() -> None:
    table = make_monthly(series=3)
    later = table.copy()
    is_late = later.groupby("shop").cumcount() >= 60
    later.loc[is_late, "sales"] = (5 * later["sales"][is_late]).round(3)
    one, other = (take(each, horizon=12) for each in (table, later))
    for number in range(3):
        first, second = one.take(number), other.take(number)
        assert first.cutoff == second.cutoff == "2019-12-01"
        assert first.backtest is not None
        assert second.backtest is not None
        assert first.backtest.texts[0] == "2020-01-01"
        for name, values in first.backtest.values.items():
            np.testing.assert_array_equal(second.backtest.values[name], values)
        assert first.forecast is not None
        assert second.forecast is not None
        assert not np.allclose(first.forecast.values["forecast"], second.forecast.values["forecast"])


def test_the_worst_and_the_best_are_those_of_evaluate(forecast: Command) -> None:
    table = make_monthly(series=5)
    generator = np.random.default_rng(1)
    table["sales"] += generator.normal(0, 1, len(table)) * table["shop"].map({"s1": 60, "s3": 20}).fillna(0)
    table.to_csv("shops.csv", index=False)
    assert forecast("evaluate", "shops.csv", "--id", "shop").code == 0
    scores = pd.read_csv("metrics.csv").query("model == 'forecast'").set_index("shop")["MASE"]
    order = scores.sort_values(kind="stable").index.tolist()
    words = ["plot", "shops.csv", "--id", "shop", "-o", "a.svg", "--json", "--show", "2"]
    for picks, expected in (
        ("worst", order[::-1][:2]),
        ("best", order[:2]),
        ("first,best", list(dict.fromkeys(["s0", "s1", *[name for name in order if name not in ("s0", "s1")][:2]]))),
    ):
        outcome = forecast(*words, "--pick", picks)
        assert json.loads(outcome.stdout)["series"] == expected
    outcome = forecast(*words, "--series", "s4", "--series", "s2")
    assert json.loads(outcome.stdout)["series"] == ["s4", "s2"]
    texts = [element.text for element in ElementTree.fromstring(Path("a.svg").read_text()).iter() if element.text]
    assert [text for text in map(str.strip, texts) if text in ("s2", "s4")] == ["s4", "s2"]


HOSTILE = ["</script><script>alert(1)</script>", '<a href="javascript:alert(1)">x</a>', "\\(a^2\\)", "x" * 500]


@pytest.mark.parametrize("name", [*HOSTILE, "مبيعات الشمال", "a\u202eb\x1b[31m", "日本 & <b>"])
def test_no_name_is_more_than_text(name: str) -> None:
    table = make_monthly(series=2)
    pictures = take(table.assign(shop=table["shop"].replace("s0", name)))
    for numbers in ([0], [0, 1]):
        chosen = [pictures.take(number) for number in numbers]
        wording = Wording(title=name, subtitle=name, caption=name, unit=name)
        description = describe_pictures(chosen, levels=["80"], look=LOOKS["light"], has_dates=True, wording=wording)
        svg = draw(description, ending=".svg").decode()
        elements = [element.tag.rsplit("}", 1)[-1] for element in ElementTree.fromstring(svg).iter()]
        assert not {"a", "script", "image", "foreignObject"} & set(elements)
        shown = "".join("".join(ElementTree.fromstring(svg).itertext()).replace("\u200b", "").split())
        wanted = "".join(name.replace("\u202e", "\\u202e").replace("\x1b", "\\x1b").split())[:30]
        assert wanted in shown, "nothing of the name is lost"


def test_each_part_of_a_grid_has_the_beginning_of_a_long_name_and_its_own_data() -> None:
    table = make_monthly(series=3)
    pictures = take(table.assign(shop=table["shop"].map(lambda name: "x" * 60 + name)))
    chosen = [pictures.take(number) for number in range(3)]
    description = describe_pictures(chosen, levels=[], look=LOOKS["light"], has_dates=True, wording=Wording())
    names = [figure["ggtitle"]["text"] for figure in description["figures"] if figure]
    assert names == 3 * ["x" * 39 + "…"]
    alone = describe_pictures(
        chosen[:1], levels=[], look=LOOKS["light"], has_dates=True, wording=Wording(title="x" * 90, subtitle="y" * 150)
    )
    # as many as fit the width of a picture
    assert alone["ggtitle"] == {"text": "x" * 71 + "…", "subtitle": "y" * 100 + "\n" + "y" * 50}
    drawn = [[layer["data"] for layer in figure["layers"]] for figure in description["figures"] if figure]
    assert drawn[0] != drawn[1] != drawn[2] != drawn[0]


def test_a_value_between_missing_ones_is_a_point() -> None:
    values = 100 + np.arange(40.0)
    values[[20, 22]] = np.nan
    pictures = take(make_one(values), horizon=1)
    picture = pictures.take(0)
    look = LOOKS["light"]
    description = describe_pictures([picture], levels=["80"], look=look, has_dates=True, wording=Wording())
    points = [layer for layer in description["layers"] if layer["geom"] == "point"]
    assert points[0]["data"]["y"] == [121.0]
    assert any(layer["geom"] == "linerange" for layer in description["layers"]), "the interval of a single step"
    line = next(layer for layer in description["layers"] if layer["geom"] == "line")
    assert np.bincount(line["data"]["run"]).tolist() == [0, 20, 0, 17]
    assert [len(part) for part in read_points(draw(description, ending=".svg").decode(), look.history)][:1] != [40]


def test_a_long_history_is_thinned_and_keeps_its_peaks(forecast: Command) -> None:
    values = np.sin(np.arange(30_000) / 40)
    values[12_345], values[23_456] = 99, -99
    dates = pd.date_range("2000-01-01", periods=len(values), freq="h")
    pd.DataFrame({"time": dates, "value": values.round(3)}).to_csv("long.csv", index=False)
    outcome = forecast("plot", "long.csv", "--history", "30000", "-o", "a.svg", "--horizon", "24")
    assert outcome.code == 0, outcome.stderr
    assert "drawn with 1 of 15 steps" in outcome.stderr
    assert "history thinned" in Path("a.svg").read_text()
    longest = max(read_points(Path("a.svg").read_text(), LOOKS["light"].history), key=len)
    assert len(longest) <= 2002
    heights = sorted(y for _, y in longest)
    assert heights[1] - heights[0] > 100
    assert heights[-1] - heights[-2] > 100


def test_a_short_series_is_drawn_without_a_backtest(forecast: Command) -> None:
    make_one([5.0]).to_csv("one.csv", index=False)
    outcome = forecast("plot", "one.csv", "-o", "a.svg", "--horizon", "3", "--freq", "MS")
    assert outcome.code == 0, outcome.stderr
    assert "No backtest" in outcome.stderr
    outcome = forecast("plot", "one.csv", "-o", "b.svg", "--horizon", "3", "--freq", "MS", "--pick", "worst")
    assert outcome.code == 2
    assert "--pick first" in outcome.stderr


def test_windows_that_a_model_was_trained_on_are_said(forecast: Command, trained: Path) -> None:
    outcome = forecast("plot", trained / "shops.csv", "--model", trained / "model", "-o", "a.svg")
    assert outcome.code == 0, outcome.stderr
    assert "the model was trained on" in outcome.stderr


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["-o", "a.gif"], 2, "Use one of .png, .svg, .pdf"),
        (["-o", "shops.svg"], 2, "would overwrite"),
        (["-o", "a.svg", "--series", "s11"], 2, "'s1'"),
        (["-o", "a.svg", "--pick", "wurst"], 2, "--pick wurst: not one of first, worst, best"),
        (["-o", "a.svg", "--pick", "first,median"], 2, "--pick median: not one of first, worst, best"),
        (["-o", "no/a.svg"], 78, "there is no folder"),
        (["-o", "a.svg", "--series", "s3"], 65, "has no value"),
    ],
)
def test_what_cannot_be_drawn_leaves_no_file(forecast: Command, words: list[str], code: int, reason: str) -> None:
    table = make_monthly()
    table.loc[table["shop"] == "s3", "sales"] = None
    table.to_csv("shops.svg", index=False)
    before = sorted(Path().iterdir()), Path("shops.svg").read_bytes()
    outcome = forecast("plot", "shops.svg", "--id", "shop", *words)
    assert (outcome.code, reason in outcome.stderr) == (code, True), outcome.stderr
    assert (sorted(Path().iterdir()), Path("shops.svg").read_bytes()) == before


def test_the_extra_is_named_where_it_is_not_installed(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lets_plot_kotlin_bridge", None)
    outcome = forecast("plot", AIRLINE, "-o", "a.svg")
    assert outcome.code == 78
    assert "pip install 'forecast-lstm[plot]'" in outcome.stderr
    assert not Path("a.svg").exists()


@pytest.mark.parametrize(("value", "top"), [(0.0, "1"), (0.3, "0.3"), (-5.0, "0")])
def test_the_axis_of_one_value_begins_or_ends_at_zero(value: float, top: str) -> None:
    """Where demand was zero, as much is shown below zero as above it otherwise."""
    picture = take(make_one([value] * 40)).take(0)
    chart = describe_pictures([picture], levels=["80"], look=LOOKS["light"], has_dates=True, wording=Wording())
    svg = draw(chart, ending=".svg").decode()
    marks = [text for text in re.findall(r">(-?[\d.]+)</", svg) if not re.fullmatch(r"(19|20)\d\d", text)]
    assert marks
    assert max(map(float, marks)) == float(top)
    assert min(map(float, marks)) == min(value, 0)


def test_numbers_are_written_for_people() -> None:
    numbers = [1234.5, 12.0, 0.1 + 0.2, np.nan, -1e12, 1e16, 0.00012, 5.115e-12, -3e-6, 0.0]
    expected = ["1,234.5", "12", "0.3", "–", "-1,000,000,000,000", "1e+16", "0.00012", "5.115e-12", "-3e-06", "0"]
    assert [*map(write_number, numbers)] == expected


@pytest.mark.parametrize(
    ("freq", "pattern"),
    [("YS", r"\d{4}"), ("MS", r"\d{4}"), ("W", r"[A-Z][a-z]{2} 20\d\d"), ("D", r"\d\d [A-Z][a-z]{2} 20\d\d")],
)
def test_dates_on_the_axis_have_their_year(freq: str, pattern: str) -> None:
    dates = pd.date_range("2015-01-04", periods=60, freq=freq).strftime("%Y-%m-%d")
    values = 10000 + np.arange(60.0)
    model = open_model(None)
    pictures = take_pictures(model, model.read(pd.DataFrame({"date": dates, "sales": values})), plan=PicturePlan(2))
    chart = describe_pictures([pictures.take(0)], levels=[], look=LOOKS["light"], has_dates=True, wording=Wording())
    texts = [text.strip() for text in ElementTree.fromstring(draw(chart, ending=".svg")).itertext()]
    shown = [text for text in texts if re.fullmatch(r".*\b20\d\d\b.*", text) or text in ("Feb", "May", "Aug", "Nov")]
    assert len(shown) > 2
    assert all(re.fullmatch(pattern, text) for text in shown), shown


@pytest.mark.parametrize(
    ("levels", "words"),
    [(["99", "95", "80", "50"], "50%, 80%, 95% and 99%"), (["95", "80"], "80% and 95%"), (["80"], "80%"), ([], "")],
)
def test_levels_are_listed_as_people_do(levels: list[str], words: str) -> None:
    assert name_levels(Mock(levels=levels)) == words
